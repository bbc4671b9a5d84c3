//! One stream, whatever carries it: `hello`, `state`, what was missed, then what happens (PROTOCOL §2).
//!
//! A subscription is in the fan-out before it reads anything. So what it reads of the log ends where its mailbox begins:
//! nothing between the two is lost, nothing is sent twice. If the mailbox overflows, it goes back to the log from where it
//! is. It knows neither sockets nor HTTP; `http::takeover` and [`Subscription::into_events`] carry it.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures_util::Stream;
use shared::{
    cursor::Offset,
    event::Event,
    id::SessionId,
    member::Member,
    presence::PresenceLevel,
    stream::{Bye, Hello, PROTOCOL, State},
};
use tokio::{sync::OwnedSemaphorePermit, time::Instant};

use super::{
    audience,
    batch::Batch,
    encode::{self, Frame},
    ending::{EndReason, Order},
    hold::Hold,
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
    /// What the person does with this device, as far as they say: active, or away.
    pub level: PresenceLevel,
}

/// Where a stream is on its way.
enum Phase {
    /// `hello` comes next.
    Greeting { hello: Box<Hello>, target: Offset },
    /// Something is being read, and after that perhaps the log up to `target`.
    Reading { what: Pin<Box<dyn Future<Output = Read> + Send>>, target: Offset },
    /// On the mailbox.
    Live,
    /// Nothing comes any more.
    Ended,
}

/// What was read on the way to being live.
enum Read {
    /// Last values, for `state`; and the turn, if there is something to catch up with.
    LastValues(State, Option<OwnedSemaphorePermit>),
    /// A piece of the log.
    Piece(Result<Piece, RowsLost>),
}

/// An open stream. Dropping it closes it: it leaves the fan-out, is counted, and one line in the log says why.
pub struct Subscription {
    inner: Arc<Inner>,
    mailbox: Arc<Mailbox>,
    phase: Phase,
    /// It ends after one batch, for which it waits so long.
    hold: Option<Hold>,
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
        Self { inner, mailbox, phase: Phase::Greeting { hello, target: tail }, hold: None, end_reason: None }
    }

    /// What to send next; `None` when the stream is over. The first batch is there at once.
    ///
    /// **Cancel-safety.** Dropping the future loses nothing: the next call begins where this one did.
    pub async fn next(&mut self) -> Option<Batch> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// [`Subscription::next`], for a carrier that is no larger than it has to be.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Batch>> {
        self.mailbox.asked();
        while !matches!(self.phase, Phase::Ended) {
            let batch = ready!(self.poll_advance(cx));
            if !batch.is_empty() {
                self.mailbox.count_bytes(batch.event_bytes());
                return Poll::Ready(Some(batch));
            }
        }
        Poll::Ready(None)
    }

    /// Lends the stream the socket that carries it: while the reader is live and nothing waits, events are written there
    /// straight, without this task. The carrier must call [`Subscription::next`] only when everything it was given
    /// before is written, and must write nothing while it waits for the answer.
    pub fn lend(&self, sink: Arc<dyn Sink>) {
        self.mailbox.lend(sink);
    }

    /// The same stream, but for its end: it ends with a tick as soon as something was sent after `state`, or `wait` has
    /// passed without anything to send. There are no other ticks.
    #[must_use]
    pub fn ending_after_batch(mut self, wait: Duration) -> Self {
        self.mailbox.refuse_ticks();
        self.hold = Some(Hold::new(wait));
        self
    }

    /// Ready when the stream is to end without waiting for a write that is under way.
    pub fn poll_cut(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.mailbox.poll_cut(cx).map(drop)
    }

    /// Tells whoever watches the carrier whether the stream is to end without waiting for a write that is under way.
    pub fn is_cut(&self) -> impl Fn() -> bool + Send + Sync + use<> {
        let mailbox = Arc::clone(&self.mailbox);
        move || mailbox.order().is_some_and(Order::is_immediate)
    }

    /// Says why the carrier gives the stream up. What the hub ordered before stands.
    pub fn close(&mut self, reason: EndReason) {
        self.end_reason.get_or_insert(reason);
    }

    /// The stream as the bytes of its events, for a carrier that asks for them: an ordinary response body. When it is
    /// dropped before its end, `is_given_up` says whether that is because the client takes nothing.
    pub fn into_events(
        self,
        is_given_up: impl Fn() -> bool + Send + 'static,
    ) -> impl Stream<Item = Bytes> + Send + 'static {
        futures_util::stream::unfold(Carried { subscription: self, is_given_up }, |mut carried| async move {
            let this = &mut carried.subscription;
            let events = this.next().await?.into_events();
            this.mailbox.handed_out(Instant::now());
            Some((events, carried))
        })
    }

    /// One step.
    fn poll_advance(&mut self, cx: &mut Context<'_>) -> Poll<Batch> {
        match &mut self.phase {
            Phase::Greeting { hello, target } => {
                let target = *target;
                let frame = encode::hello(hello, self.inner.registry().cursor(self.mailbox.progress().cursor), RETRY);
                self.read_last_values(target);
                Poll::Ready(vec![frame].into())
            }
            Phase::Reading { what, target } => {
                if let Poll::Ready(order) = self.mailbox.poll_ordered(cx) {
                    return Poll::Ready(self.end(order).into());
                }
                let (read, target) = (ready!(what.as_mut().poll(cx)), *target);
                Poll::Ready(match read {
                    Read::LastValues(state, turn) => self.send_last_values(&state, target, turn).into(),
                    Read::Piece(Ok(piece)) => self.send_piece(piece, target).into(),
                    Read::Piece(Err(RowsLost)) => self.end(Order::LogLost).into(),
                })
            }
            Phase::Live => self.poll_live(cx),
            Phase::Ended => Poll::Ready(Batch::default()),
        }
    }

    fn poll_live(&mut self, cx: &mut Context<'_>) -> Poll<Batch> {
        let (sent, fanned_out) = (self.mailbox.progress().sent, self.inner.fanned_out_upto());
        let taken = match (self.mailbox.poll_take(cx), &mut self.hold) {
            (Poll::Pending, None) => return Poll::Pending,
            (Poll::Pending, Some(hold)) => {
                ready!(hold.poll(cx));
                // Everything up to there came before it was asked whether something waits.
                self.mailbox.pass_over(fanned_out);
                return Poll::Ready(vec![self.last_tick()].into());
            }
            (Poll::Ready(taken), _) => taken,
        };
        Poll::Ready(match (taken, &mut self.hold) {
            (Taken::Batch(mut batch), Some(hold)) => {
                if self.mailbox.progress().sent > sent {
                    batch.frames.push(self.last_tick());
                } else {
                    hold.shorten();
                }
                batch
            }
            (Taken::Batch(batch), None) => batch,
            (Taken::Overflowed, _) => self.go_back_to_log().into(),
            (Taken::Outdated, _) => {
                self.mailbox.pause();
                self.read_last_values(self.mailbox.progress().cursor);
                Batch::default()
            }
            (Taken::Ended(order, rest), _) => Batch { rest, frames: self.end(order) },
        })
    }

    // What is read is boxed: a stream is live for almost all of its life, and should not keep room for the rest.

    fn read_last_values(&mut self, target: Offset) {
        let (inner, reader) = (Arc::clone(&self.inner), self.mailbox.reader);
        let is_behind = self.mailbox.progress().cursor < target;
        let what = Box::pin(async move {
            let turn = if is_behind { Some(inner.turn_to_catch_up().await) } else { None };
            let reads = replay::reads(&inner, reader.member).await;
            Read::LastValues(State { reads, presence: audience::all_for(&inner, reader) }, turn)
        });
        self.phase = Phase::Reading { what, target };
    }

    /// A turn ends with the piece, before that is written: a slow reader holds none.
    fn read_piece(&mut self, target: Offset, turn: Option<OwnedSemaphorePermit>) {
        let (inner, reader, after) = (Arc::clone(&self.inner), self.mailbox.reader, self.mailbox.progress().cursor);
        let what = Box::pin(async move {
            let _turn = match turn {
                Some(turn) => turn,
                None => inner.turn_to_catch_up().await,
            };
            Read::Piece(replay::read_piece(&inner, reader, after, target).await)
        });
        self.phase = Phase::Reading { what, target };
    }

    fn send_last_values(&mut self, state: &State, target: Offset, turn: Option<OwnedSemaphorePermit>) -> Vec<Frame> {
        if self.mailbox.progress().cursor < target {
            self.read_piece(target, turn);
        } else {
            // If the mailbox has overflowed already, it says so when it is asked.
            self.mailbox.go_live();
            self.phase = Phase::Live;
        }
        vec![encode::state(state)]
    }

    /// Sends a piece of the log, and the tick that ends the catching up after the last one.
    fn send_piece(&mut self, piece: Piece, target: Offset) -> Vec<Frame> {
        self.mailbox.advance(piece.upto, piece.facts.len() as u64);
        let mut frames = piece.facts;
        if piece.upto < target {
            self.read_piece(target, None);
        } else if self.hold.is_some() {
            frames.push(self.last_tick());
        } else if self.mailbox.go_live() {
            self.phase = Phase::Live;
            frames.push(self.tick());
        } else {
            frames.append(&mut self.go_back_to_log());
        }
        frames
    }

    /// The mailbox was dropped: what it had is read from the log, and last values are said again.
    fn go_back_to_log(&mut self) -> Vec<Frame> {
        let target = {
            let registry = self.inner.registry();
            self.mailbox.reopen();
            registry.tail()
        };
        self.read_last_values(target);
        Vec::new()
    }

    /// The tick that ends catching up: it speaks of where the reader is, not of the tail, which may be further.
    fn tick(&self) -> Frame {
        let upto = self.mailbox.progress().cursor;
        let at = TickAt::new(&self.inner.registry(), upto, self.inner.clock.timestamp());
        self.mailbox.tick_frame(&at)
    }

    /// The tick that ends a batch, and with it the stream.
    fn last_tick(&mut self) -> Frame {
        self.phase = Phase::Ended;
        self.end_reason.get_or_insert(EndReason::BatchSent);
        self.tick()
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

/// A stream on a carrier that asks for events.
struct Carried<F: Fn() -> bool> {
    subscription: Subscription,
    is_given_up: F,
}

impl<F: Fn() -> bool> Drop for Carried<F> {
    fn drop(&mut self) {
        if (self.is_given_up)() {
            self.subscription.close(EndReason::WriteStalled);
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let (reason, progress) = (self.reason(), self.mailbox.progress());
        self.mailbox.close();
        self.inner.registry().remove(&self.mailbox);
        self.inner.leave(&self.mailbox, reason);
        self.inner.metrics.stream_ended(reason);
        tracing::info!(
            stream = self.mailbox.stream,
            member = %self.mailbox.reader.member,
            session = %self.mailbox.session,
            reason = reason.as_str(),
            duration_ms = millis(self.mailbox.opened_at.elapsed()),
            facts = progress.sent,
            bytes = progress.bytes,
            "stream ended"
        );
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
