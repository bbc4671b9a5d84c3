//! One clock for all streams: heartbeats with spread phases, the end of streams that are over without knowing it, and what
//! is told by the second ([`audience`]).
//!
//! A timer for each of 15,000 streams would cost more than the heartbeats themselves. Instead the streams lie in buckets,
//! and each step ticks one bucket: between two steps of the same bucket lies one heartbeat.

use std::{sync::Arc, time::Duration};

use shared::{
    cursor::{Cursor, Offset},
    member::Timestamp,
};
use tokio::time::{Instant, interval};
use tokio_util::sync::CancellationToken;

use super::{
    audience,
    hub::Inner,
    registry::{BUCKETS, Epochs, Registry},
    resume::cursor_at,
    shard::{Queue, Work},
};

/// A stream whose oldest waiting event is older than this is closed.
pub(super) const STALL_LIMIT: Duration = Duration::from_secs(10);

/// So many steps are a second: as often each bucket is searched for streams to end, and presence is told.
const SECOND_STEPS: usize = 4;

/// What all heartbeats of a step have in common.
#[derive(Debug)]
pub(super) struct TickAt {
    /// Everything up to here has been handed to the mailboxes before.
    pub(super) upto: Offset,
    /// The time, as the event says it.
    pub(super) now: Timestamp,
    epochs: Epochs,
}

impl TickAt {
    /// A heartbeat that says it of everything up to `upto`.
    pub(super) fn new(registry: &Registry, upto: Offset, now: Timestamp) -> Self {
        Self { upto, now, epochs: registry.epochs() }
    }

    /// The place of an offset, which may lie ahead of `upto`: a reader may know more than was fanned out.
    pub(super) fn place(&self, offset: Offset) -> Cursor {
        cursor_at(&self.epochs, offset).expect("Hub::start refuses a log without an epoch")
    }
}

/// Runs until `shutdown`, and then tells every stream.
pub(super) async fn run(inner: Arc<Inner>, shards: Vec<Queue>, shutdown: CancellationToken) {
    let mut steps = interval(inner.tuning.heartbeat / u32::try_from(BUCKETS).expect("a small number"));
    let ticking = async {
        for step in (0..BUCKETS).cycle() {
            steps.tick().await;
            take_step(&inner, &shards, step);
            audience::tell_typing(&inner, &shards);
            if step.is_multiple_of(SECOND_STEPS) {
                audience::tell_presence(&inner, &shards);
            }
        }
    };
    shutdown.run_until_cancelled(ticking).await;
    inner.registry().close();
}

fn take_step(inner: &Inner, shards: &[Queue], step: usize) {
    let (now, now_ms) = (Instant::now(), inner.clock.now_ms());
    let timestamp = inner.clock.timestamp();
    let registry = inner.registry();
    for bucket in (step % SECOND_STEPS..BUCKETS).step_by(SECOND_STEPS) {
        registry.reap(bucket, now, now_ms, STALL_LIMIT);
    }
    // Queued under the lock that the tail queues facts under: what is up to the tail comes before.
    let at = Arc::new(TickAt::new(&registry, registry.tail(), timestamp));
    for (shard, to) in shards.iter().zip(registry.bucket(step)) {
        if !to.is_empty() {
            drop(shard.send(Work::Tick { at: Arc::clone(&at), to }));
        }
    }
}
