//! A share of the streams, and the task that writes to them: facts and heartbeats, in one order.
//!
//! There is a shard for each worker thread. A pass goes to all shards at once and the next one begins when all are done:
//! what is committed meanwhile makes the next pass longer, so the more there is to do, the more goes out in one write.
//! Nothing is ever held back to wait for more (decision "the straight write").

use std::{convert::Infallible, sync::Arc};

use shared::id::MemberId;
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::coop::consume_budget,
    time::Instant,
};

use super::{
    audience::Passing,
    hub::Inner,
    listeners::Snapshot,
    mailbox::{Bound, Put},
    pass::Run,
    ticker::TickAt,
};

/// Where work for a shard goes. Never full: the tail waits for each pass, and heartbeats are few.
pub(super) type Queue = UnboundedSender<Work>;

/// A run, and who of this shard hears it.
pub(super) struct Delivery {
    pub(super) run: Arc<Run>,
    pub(super) to: Vec<Snapshot>,
}

/// What a shard does, in the order in which it was asked.
pub(super) enum Work {
    /// Delivers facts. `done` is dropped when that is done.
    Pass { deliveries: Vec<Delivery>, done: mpsc::Sender<Infallible> },
    /// Sends a heartbeat.
    Tick { at: Arc<TickAt>, to: Snapshot },
    /// Sends what is no fact, but not to the streams of `others`.
    Passing { passing: Passing, to: Vec<Snapshot>, others: Arc<[MemberId]> },
}

/// Starts as many shards as the runtime has workers. Each ends when nobody can ask it for anything any more.
pub(super) fn start(inner: &Arc<Inner>, count: usize) -> Vec<Queue> {
    let start_one = |_| {
        let (queue, work) = mpsc::unbounded_channel();
        tokio::spawn(run(Arc::clone(inner), work));
        queue
    };
    (0..count).map(start_one).collect()
}

async fn run(inner: Arc<Inner>, mut work: UnboundedReceiver<Work>) {
    while let Some(work) = work.recv().await {
        let bound = Bound { limit_bytes: inner.tuning.mailbox_max_bytes, now: Instant::now() };
        match work {
            Work::Pass { deliveries, done } => {
                match &deliveries[..] {
                    [only] => deliver(&inner, only, bound).await,
                    several => deliver_together(&inner, several, bound).await,
                }
                drop((deliveries, done));
            }
            Work::Tick { at, to } => {
                for mailbox in to.iter() {
                    inner.count(mailbox.tick(&at, bound));
                    consume_budget().await;
                }
            }
            Work::Passing { passing, to, others } => {
                for mailbox in to.iter().flat_map(|list| list.iter()) {
                    if !others.contains(&mailbox.reader.member) {
                        inner.count(mailbox.pass(&passing, bound));
                        consume_budget().await;
                    }
                }
            }
        }
    }
}

/// One run: its bytes are the same for everyone.
async fn deliver(inner: &Inner, delivery: &Delivery, bound: Bound) {
    let mut streams = 0;
    for mailbox in delivery.to.iter().flat_map(|list| list.iter()) {
        let put = mailbox.deliver(&delivery.run, bound);
        inner.count(put);
        streams += u64::from(put != Put::Refused);
        consume_budget().await; // other tasks of this thread get their turn
    }
    inner.metrics.facts_delivered_to(delivery.run.facts().len(), streams);
}

/// Several runs: what each reader hears of them is gathered, and goes out in one write.
async fn deliver_together(inner: &Inner, deliveries: &[Delivery], bound: Bound) {
    let mut touched = Vec::new();
    for delivery in deliveries {
        let mut streams = 0;
        for mailbox in delivery.to.iter().flat_map(|list| list.iter()) {
            let mut put = Put::Taken;
            for fact in delivery.run.facts() {
                put = mailbox.hold(fact, bound);
                inner.count(put);
            }
            if put != Put::Refused {
                streams += 1;
                if mailbox.touch() {
                    touched.push(Arc::clone(mailbox));
                }
            }
            consume_budget().await;
        }
        inner.metrics.facts_delivered_to(delivery.run.facts().len(), streams);
    }
    for mailbox in touched {
        mailbox.release(bound);
        consume_budget().await;
    }
}
