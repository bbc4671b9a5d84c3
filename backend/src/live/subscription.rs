//! One stream, whatever carries it: `hello`, `state`, what was missed, then what happens (PROTOCOL §2).
//!
//! A subscription is in the fan-out before it reads anything. So what it reads of the log ends where its mailbox begins:
//! nothing between the two is lost, nothing is sent twice. If the mailbox overflows, it goes back to the log from where it
//! is. It knows neither sockets nor HTTP; `http::takeover` and [`Subscription::into_events`] carry it.

use std::{
    collections::VecDeque,
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use shared::{
    cursor::Offset,
    event::Event,
    id::SessionId,
    member::{Member, Role},
    stream::{Bye, Hello, PROTOCOL, State, Tick},
};
use tokio::{select, time::Instant};

use super::{
    encode::{self, Frame},
    ending::{EndReason, Order},
    hub::Inner,
    mailbox::{Item, Mailbox, Taken},
    replay::{self, Piece, RowsLost},
    resume::{Decision, RETRY},
    ticker::STALL_LIMIT,
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

impl Subscriber {
    pub(super) fn is_admin(&self) -> bool {
        match self.member.role {
            Role::Owner => true,
            Role::Member => false,
        }
    }
}

/// Events to be sent together.
#[derive(Debug)]
pub struct Batch(Vec<Frame>);

impl Batch {
    /// As HTTP/1.1 chunks, one per event. A single event is the bytes that all its readers share.
    #[must_use]
    pub fn into_chunks(self) -> Bytes {
        self.joined(|frame| frame.chunk().clone())
    }

    /// As they are.
    #[must_use]
    pub fn into_events(self) -> Bytes {
        self.joined(Frame::event)
    }

    fn joined(self, bytes: impl Fn(&Frame) -> Bytes) -> Bytes {
        match &self.0[..] {
            [frame] => bytes(frame),
            frames => {
                let mut joined = BytesMut::with_capacity(frames.iter().map(|frame| frame.chunk().len()).sum());
                frames.iter().for_each(|frame| joined.extend_from_slice(&bytes(frame)));
                joined.freeze()
            }
        }
    }
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
    /// Everything up to here that the reader may see has been handed out.
    cursor: Offset,
    phase: Phase,
    /// Facts handed out.
    sent: u64,
    /// Bytes of events handed out.
    bytes: u64,
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
            cursor: decision.from,
            phase: Phase::Greeting { hello, target: tail },
            sent: 0,
            bytes: 0,
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
            let frames = self.advance().await;
            if !frames.is_empty() {
                self.bytes += frames.iter().map(|frame| frame.event_len() as u64).sum::<u64>();
                return Some(Batch(frames));
            }
        }
        None
    }

    /// Ready when the stream is to end without waiting for a write that is under way.
    pub fn poll_cut(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.mailbox.poll_cut(cx).map(drop)
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

    /// One step. Cancel-safe: the phase changes after the last await.
    async fn advance(&mut self) -> Vec<Frame> {
        if !matches!(self.phase, Phase::Live) {
            // Boxed: a stream is live for almost all of its life, and should not keep room for the rest.
            return Box::pin(self.come_up()).await;
        }
        match poll_fn(|cx| self.mailbox.poll_take(cx)).await {
            Taken::Items(items) => self.unpack(items),
            Taken::Overflowed => self.go_back_to_log(),
            Taken::Ended(order) => self.end(order),
        }
    }

    /// One step on the way to being live.
    async fn come_up(&mut self) -> Vec<Frame> {
        match &mut self.phase {
            Phase::Greeting { hello, target } => {
                let frame = encode::hello(hello, self.inner.registry().cursor(self.cursor), RETRY);
                self.phase = Phase::LastValues { target: *target };
                vec![frame]
            }
            Phase::LastValues { target } => {
                let target = *target;
                let reads = replay::reads(&self.inner, self.mailbox.reader.member);
                match unless_ordered(&self.mailbox, reads).await {
                    Ok(reads) => self.send_last_values(State { reads }, target),
                    Err(order) => self.end(order),
                }
            }
            Phase::CatchingUp { target, rows } => {
                let piece = replay::read_piece(&self.inner, self.mailbox.reader, self.cursor, *target, rows);
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
        if self.cursor < target {
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
        self.cursor = piece.upto;
        self.sent += piece.facts.len() as u64;
        let mut frames = piece.facts;
        if matches!(self.phase, Phase::CatchingUp { target, .. } if self.cursor >= target) {
            if self.mailbox.go_live() {
                self.phase = Phase::Live;
                frames.push(self.tick());
            } else {
                frames.append(&mut self.go_back_to_log());
            }
        }
        frames
    }

    /// Sends what was in the mailbox, without what the log has given already.
    fn unpack(&mut self, items: VecDeque<Item>) -> Vec<Frame> {
        let mut frames = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Item::Fact { offset, frame } if offset > self.cursor => {
                    self.cursor = offset;
                    self.sent += 1;
                    frames.push(frame);
                }
                Item::Fact { .. } => {}
                Item::Note(frame) => frames.push(frame),
                Item::Tick { upto } => {
                    self.cursor = self.cursor.max(upto);
                    frames.push(self.tick());
                }
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

    fn tick(&self) -> Frame {
        let tick = Tick { sent: self.sent, now: self.inner.clock.timestamp() };
        encode::tick(&tick, self.inner.registry().cursor(self.cursor))
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
        self.inner.registry().remove(&self.mailbox);
        let reason = self.reason();
        self.inner.metrics.stream_ended(reason);
        tracing::info!(
            stream = self.mailbox.stream,
            member = %self.mailbox.reader.member,
            session = %self.mailbox.session,
            reason = reason.as_str(),
            duration_ms = millis(self.opened_at.elapsed()),
            facts = self.sent,
            bytes = self.bytes,
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
