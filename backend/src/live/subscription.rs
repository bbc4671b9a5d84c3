//! One stream, whatever carries it: `hello`, `state`, what was missed, then what happens (PROTOCOL §2).
//!
//! A subscription is in the fan-out before it reads anything. So what it reads of the log ends where its mailbox begins:
//! nothing between the two is lost, nothing is sent twice. If the mailbox overflows, it goes back to the log from where it
//! is. It knows neither sockets nor HTTP; `http::takeover` and [`Subscription::into_events`] carry it.

use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::Stream;
use shared::{
    cursor::Offset,
    event::Event,
    id::SessionId,
    member::Member,
    stream::{Bye, Hello, PROTOCOL, State},
};
use tokio::{select, time::Instant};

use super::{
    batch::Batch,
    encode::{self, Frame},
    ending::{EndReason, Order},
    hub::Inner,
    mailbox::{Mailbox, Taken},
    replay::{self, Piece, RowsLost},
    resume::{Decision, RETRY},
    sink::Sink,
    ticker::{STALL_LIMIT, TickAt},
};

/// Who opens a stream, as the edge has authorised it.
#[derive(Debug, Clone)]
pub struct Subscriber {
    /// The session, whose end ends the stream.
    pub session: SessionId,
    /// The person.
    pub member: Member,
    /// When the session ends by itself, in milliseconds since 1970.
    pub expires_at_ms: i64,
}

/// Where a stream is on its way.
enum Phase {
    /// `hello` comes next.
    Greeting { hello: Box<Hello>, target: Offset },
    /// `state` comes next, then the log up to `target`, if the reader is not there yet.
    LastValues { target: Offset },
    /// On the log, up to `target`.
    CatchingUp { target: Offset, rows: usize },
    /// On the mailbox.
    Live,
    /// Nothing comes any more.
    Ended,
}

/// An open stream. Dropping it closes it: it leaves the fan-out, is counted, and one line in the log says why.
pub struct Subscription {
    inner: Arc<Inner>,
    mailbox: Arc<Mailbox>,
    phase: Phase,
    opened_at: Instant,
    end_reason: Option<EndReason>,
}

impl Subscription {
    /// A stream that was registered when everything up to `tail` had been fanned out.
    pub(super) fn open(
        inner: Arc<Inner>,
        mailbox: Arc<Mailbox>,
        you: Member,
        decision: Decision,
        tail: Offset,
    ) -> Self {
        inner.metrics.stream_opened(decision.resume);
        // In the request's span: a request that becomes a stream has no other line there.
        tracing::info!(
            stream = mailbox.stream,
            member = %mailbox.reader.member,
            resume = ?decision.resume,
            behind = tail.0.saturating_sub(decision.from.0),
            "stream opened"
        );
        let hello = Box::new(Hello {
            protocol: PROTOCOL,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            you,
            resume: decision.resume,
            behind: tail.0.saturating_sub(decision.from.0),
            heartbeat_ms: millis(inner.tuning.heartbeat),
            events: Event::KINDS.iter().map(|&kind| kind.to_owned()).collect(),
        });
        Self {
            inner,
            mailbox,
            phase: Phase::Greeting { hello, target: tail },
            opened_at: Instant::now(),
            end_reason: None,
        }
    }

    /// What to send next; `None` when the stream is over. The first batch is there at once.
    ///
    /// **Cancel-safety.** Dropping the future loses nothing: the next call begins where this one did.
    pub async fn next(&mut self) -> Option<Batch> {
        self.mailbox.asked();
        while !matches!(self.phase, Phase::Ended) {
            let batch = self.advance().await;
            if !batch.is_empty() {
                self.mailbox.count_bytes(batch.event_bytes());
                return Some(batch);
            }
        }
        None
    }

    /// Lends the stream the socket that carries it: while the reader is live and nothing waits, events are written there
    /// straight, without this task. The carrier must call [`Subscription::next`] only when everything it was given
    /// before is written, and must write nothing while it waits for the answer.
    pub fn lend(&self, sink: Arc<dyn Sink>) {
        self.mailbox.lend(sink);
    }

    /// Ready when the stream is to end without waiting for a write that is under way.
    pub fn poll_cut(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.mailbox.poll_cut(cx).map(drop)
    }

    /// Says why the carrier gives the stream up. What the hub ordered before stands.
    pub fn close(&mut self, reason: EndReason) {
        self.end_reason.get_or_insert(reason);
    }

    /// The stream as the bytes of its events, for a carrier that asks for them: an ordinary response body.
    pub fn into_events(self) -> impl Stream<Item = Bytes> + Send + 'static {
        futures_util::stream::unfold(self, |mut this| async move {
            let events = this.next().await?.into_events();
            this.mailbox.handed_out(Instant::now());
            Some((events, this))
        })
    }

    /// One step. Cancel-safe: the phase changes after the last await.
    async fn advance(&mut self) -> Batch {
        if !matches!(self.phase, Phase::Live) {
            // Boxed: a stream is live for almost all of its life, and should not keep room for the rest.
            return Box::pin(self.come_up()).await.into();
        }
        match poll_fn(|cx| self.mailbox.poll_take(cx)).await {
            Taken::Batch(batch) => batch,
            Taken::Overflowed => self.go_back_to_log().into(),
            Taken::Ended(order, rest) => Batch { rest, frames: self.end(order) },
        }
    }

    /// One step on the way to being live.
    async fn come_up(&mut self) -> Vec<Frame> {
        match &mut self.phase {
            Phase::Greeting { hello, target } => {
                let frame = encode::hello(hello, self.inner.registry().cursor(self.mailbox.progress().cursor), RETRY);
                self.phase = Phase::LastValues { target: *target };
                vec![frame]
            }
            Phase::LastValues { target } => {
                let target = *target;
                let reads = replay::reads(&self.inner, self.mailbox.reader.member);
                match unless_ordered(&self.mailbox, reads).await {
                    Ok(reads) => self.send_last_values(State { reads, presence: None }, target),
                    Err(order) => self.end(order),
                }
            }
            Phase::CatchingUp { target, rows } => {
                let after = self.mailbox.progress().cursor;
                let piece = replay::read_piece(&self.inner, self.mailbox.reader, after, *target, rows);
                match unless_ordered(&self.mailbox, piece).await {
                    Ok(Ok(piece)) => self.send_piece(piece),
                    Ok(Err(RowsLost)) => self.end(Order::LogLost),
                    Err(order) => self.end(order),
                }
            }
            Phase::Live | Phase::Ended => Vec::new(),
        }
    }

    fn send_last_values(&mut self, state: State, target: Offset) -> Vec<Frame> {
        if self.mailbox.progress().cursor < target {
            self.phase = Phase::CatchingUp { target, rows: replay::FIRST_ROWS };
        } else {
            // If the mailbox has overflowed already, it says so when it is asked.
            self.mailbox.go_live();
            self.phase = Phase::Live;
        }
        vec![encode::state(&state)]
    }

    /// Sends a piece of the log, and the tick that ends the catching up after the last one.
    fn send_piece(&mut self, piece: Piece) -> Vec<Frame> {
        self.mailbox.advance(piece.upto, piece.facts.len() as u64);
        let mut frames = piece.facts;
        if matches!(self.phase, Phase::CatchingUp { target, .. } if piece.upto >= target) {
            if self.mailbox.go_live() {
                self.phase = Phase::Live;
                frames.push(self.tick());
            } else {
                frames.append(&mut self.go_back_to_log());
            }
        }
        frames
    }

    /// The mailbox was dropped: what it had is read from the log, and last values are said again.
    fn go_back_to_log(&mut self) -> Vec<Frame> {
        let registry = self.inner.registry();
        self.mailbox.reopen();
        self.phase = Phase::LastValues { target: registry.tail() };
        Vec::new()
    }

    /// The tick that ends catching up: it speaks of where the reader is, not of the tail, which may be further.
    fn tick(&self) -> Frame {
        let upto = self.mailbox.progress().cursor;
        let at = TickAt::new(&self.inner.registry(), upto, self.inner.clock.timestamp());
        self.mailbox.tick_frame(&at)
    }

    fn end(&mut self, order: Order) -> Vec<Frame> {
        self.phase = Phase::Ended;
        self.end_reason.get_or_insert(order.reason());
        let bye = order.farewell().map(|(reason, retry)| encode::bye(Bye { reason, retry_ms: millis(retry) }));
        bye.into_iter().collect()
    }

    /// Why it ended, when nobody said: it was ordered to, its carrier stopped asking, or the connection went away.
    fn reason(&self) -> EndReason {
        let ordered = || self.mailbox.order().map(Order::reason);
        let stalled = || self.mailbox.is_stalled(Instant::now(), STALL_LIMIT).then_some(EndReason::WriteStalled);
        let panicked = || std::thread::panicking().then_some(EndReason::Panicked);
        panicked().or(self.end_reason).or_else(ordered).or_else(stalled).unwrap_or(EndReason::ClientGone)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let (reason, progress) = (self.reason(), self.mailbox.progress());
        self.mailbox.close();
        self.inner.registry().remove(&self.mailbox);
        self.inner.metrics.stream_ended(reason);
        tracing::info!(
            stream = self.mailbox.stream,
            member = %self.mailbox.reader.member,
            session = %self.mailbox.session,
            reason = reason.as_str(),
            duration_ms = millis(self.opened_at.elapsed()),
            facts = progress.sent,
            bytes = progress.bytes,
            "stream ended"
        );
    }
}

/// The output of `work`, or the order to end that came first.
async fn unless_ordered<T>(mailbox: &Mailbox, work: impl Future<Output = T>) -> Result<T, Order> {
    select! {
        biased;
        order = poll_fn(|cx| mailbox.poll_ordered(cx)) => Err(order),
        output = work => Ok(output),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
