//! One reader's place in the fan-out: where it is, and what waits for it, shared with everyone else and bounded in bytes.
//!
//! A live reader that has lent its socket and for which nothing waits is written to *straight*: whoever has an event
//! writes it on the spot, and no task wakes. Only when the socket takes no more does the event wait here, and the reader's
//! task is woken to write when it can. Half of an event is finished before anything else goes out.
//!
//! A slow reader never grows the server. When the bound is passed, everything in the mailbox is dropped at once and
//! flagged: the stream then reads the log again from its own cursor, which costs time and loses nothing. The lock is held
//! for a few instructions and at most one system call that does not block.

mod state;

use std::{
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use shared::{cursor::Offset, id::SessionId};
use tokio::time::Instant;

use self::state::{Stage, State};
use super::{
    audience::Passing,
    batch::Batch,
    encode::Frame,
    ending::Order,
    lock,
    pass::{Fact, Run},
    rights::Reader,
    sink::Sink,
    ticker::TickAt,
};

/// One thing to be sent.
#[derive(Debug, Clone)]
pub(super) enum Item {
    /// A fact.
    Fact(Fact),
    /// An event without a place: last values. A dropped one is made good by `state`.
    Note(Frame),
    /// What passes by: presence, typing. The first to be dropped, and made good by `state` too.
    Passing(Passing),
    /// Everything up to there that the reader may see came before this.
    Tick(Arc<TickAt>),
}

/// How much may wait, and since when it does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    /// The most, in bytes.
    pub(super) limit_bytes: usize,
    /// The time now.
    pub(super) now: Instant,
}

/// What became of something that was put into a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Put {
    /// It was written, or waits, or is left to the log.
    Taken,
    /// With this it was too much; all of it is left to the log.
    Overflowed,
    /// The stream is over.
    Refused,
}

/// What the reader finds.
#[derive(Debug)]
pub(super) enum Taken {
    /// Everything that waited, in order.
    Batch(Batch),
    /// More came than fits; it was dropped. The log has the facts.
    Overflowed,
    /// Nothing waits, but last values were dropped, or are others for this reader now.
    Outdated,
    /// The stream is to end, after what is left of an event.
    Ended(Order, Bytes),
}

/// How far a reader has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Progress {
    /// Everything up to here that the reader may see has been handed out.
    pub(super) cursor: Offset,
    /// Facts handed out since `hello`.
    pub(super) sent: u64,
    /// Bytes of events handed out.
    pub(super) bytes: u64,
}

/// The mailbox of one stream, and whose stream it is.
#[derive(Debug)]
pub(super) struct Mailbox {
    /// Names the stream in the registry.
    pub(super) stream: u64,
    /// Whose.
    pub(super) reader: Reader,
    /// Signed in with.
    pub(super) session: SessionId,
    /// When that session ends by itself, in milliseconds since 1970.
    expires_at_ms: AtomicI64,
    /// When the stream was opened.
    pub(super) opened_at: Instant,
    is_closed: AtomicBool,
    is_touched: AtomicBool,
    state: Mutex<State>,
}

impl Mailbox {
    /// An empty mailbox whose reader has everything up to `cursor`, and first reads the log.
    pub(super) fn new(stream: u64, reader: Reader, session: SessionId, expires_at_ms: i64, cursor: Offset) -> Self {
        let state = Mutex::new(State::new(cursor));
        let (is_closed, is_touched) = (AtomicBool::new(false), AtomicBool::new(false));
        let (expires_at_ms, opened_at) = (AtomicI64::new(expires_at_ms), Instant::now());
        Self { stream, reader, session, expires_at_ms, opened_at, is_closed, is_touched, state }
    }

    /// When the session ends by itself.
    pub(super) fn expires_at_ms(&self) -> i64 {
        self.expires_at_ms.load(Ordering::Relaxed)
    }

    /// Puts off the session's end.
    pub(super) fn renew(&self, expires_at_ms: i64) {
        self.expires_at_ms.fetch_max(expires_at_ms, Ordering::Relaxed);
    }

    /// Hands over a run of facts: straight to the socket if nothing waits, else they wait too.
    pub(super) fn deliver(&self, run: &Run, bound: Bound) -> Put {
        self.change(|state| state.deliver(run, bound))
    }

    /// Lets a fact wait for [`Mailbox::release`], even if it could be written: more comes at once. The reader is not woken.
    pub(super) fn hold(&self, fact: &Fact, bound: Bound) -> Put {
        let mut state = lock(&self.state);
        if state.refuses() { Put::Refused } else { state.hold(fact, bound) }
    }

    /// Notes that something is held here. Returns whether that was not noted yet.
    pub(super) fn touch(&self) -> bool {
        !self.is_touched.swap(true, Ordering::Relaxed)
    }

    /// Sends what was held, in one write if the socket takes it.
    pub(super) fn release(&self, bound: Bound) {
        self.is_touched.store(false, Ordering::Relaxed);
        self.change(|state| {
            state.flush(bound);
            Put::Taken
        });
    }

    /// Hands over a heartbeat.
    pub(super) fn tick(&self, at: &Arc<TickAt>, bound: Bound) -> Put {
        self.change(|state| state.tick(at, bound))
    }

    /// Hands over an event without a place.
    pub(super) fn note(&self, frame: &Frame, bound: Bound) -> Put {
        self.change(|state| state.put(Item::Note(frame.clone()), bound))
    }

    /// Hands over what passes by: straight to the socket if nothing waits, else it waits too, as long as there is room.
    pub(super) fn pass(&self, passing: &Passing, bound: Bound) -> Put {
        self.change(|state| state.pass(passing, bound))
    }

    /// Lets the stream say its last values again.
    pub(super) fn renew_last_values(&self) {
        self.change(|state| {
            state.outdate();
            Put::Taken
        });
    }

    /// Runs `change` unless the stream is over, and wakes the reader if something waits for it then.
    fn change(&self, change: impl FnOnce(&mut State) -> Put) -> Put {
        let mut state = lock(&self.state);
        if state.refuses() {
            return Put::Refused;
        }
        let put = change(&mut state);
        if state.is_to_be_woken() {
            wake(state);
        }
        put
    }

    /// Lends the socket that carries the stream. From now on it is written to straight whenever the reader is live and
    /// has asked for more: the carrier asks only when everything handed out before is written.
    pub(super) fn lend(&self, sink: Arc<dyn Sink>) {
        lock(&self.state).sink = Some(sink);
    }

    /// Tells the stream to end. The first order stands, unless a later one is more urgent.
    pub(super) fn end(&self, order: Order) {
        let mut state = lock(&self.state);
        if state.order.is_none_or(|standing| !standing.is_immediate() && order.is_immediate()) {
            state.order = Some(order);
            if order.is_immediate() {
                state.drop_waiting();
            }
            wake(state);
        }
    }

    /// The stream is over: nothing is written any more, nothing waits, and the socket is given back.
    pub(super) fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
        let mut state = lock(&self.state);
        state.close();
    }

    /// Whether the stream is over.
    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Relaxed)
    }

    /// Takes everything that waits, or waits for something. Only the stream itself polls it.
    pub(super) fn poll_take(&self, cx: &mut Context<'_>) -> Poll<Taken> {
        let mut state = lock(&self.state);
        match state.take() {
            Some(taken) => Poll::Ready(taken),
            None => {
                register(&mut state.waker, cx);
                Poll::Pending
            }
        }
    }

    /// Waits for an order to end, whatever else waits.
    pub(super) fn poll_ordered(&self, cx: &mut Context<'_>) -> Poll<Order> {
        self.poll_order_that(cx, |_| true)
    }

    /// Waits for an order to end that does not even let a running write finish.
    pub(super) fn poll_cut(&self, cx: &mut Context<'_>) -> Poll<Order> {
        self.poll_order_that(cx, Order::is_immediate)
    }

    fn poll_order_that(&self, cx: &mut Context<'_>, counts: impl FnOnce(Order) -> bool) -> Poll<Order> {
        let mut state = lock(&self.state);
        match state.order {
            Some(order) if counts(order) => Poll::Ready(order),
            _ => {
                register(&mut state.waker, cx);
                Poll::Pending
            }
        }
    }

    /// The order to end, if there is one.
    pub(super) fn order(&self) -> Option<Order> {
        lock(&self.state).order
    }

    /// How far the reader has come.
    pub(super) fn progress(&self) -> Progress {
        lock(&self.state).progress
    }

    /// Counts what the reader took from the log by itself.
    pub(super) fn advance(&self, upto: Offset, facts: u64) {
        let mut state = lock(&self.state);
        state.progress.cursor = upto;
        state.progress.sent += facts;
    }

    /// Counts what is not for this reader as seen.
    pub(super) fn pass_over(&self, upto: Offset) {
        let mut state = lock(&self.state);
        state.progress.cursor = state.progress.cursor.max(upto);
    }

    /// From now on no heartbeat is sent.
    pub(super) fn refuse_ticks(&self) {
        lock(&self.state).has_no_ticks = true;
    }

    /// Counts bytes that were handed to the carrier.
    pub(super) fn count_bytes(&self, bytes: u64) {
        lock(&self.state).progress.bytes += bytes;
    }

    /// Encodes a heartbeat for where the reader is now.
    pub(super) fn tick_frame(&self, at: &TickAt) -> Frame {
        lock(&self.state).tick_frame(at)
    }

    /// Empties an overflowed mailbox for a reader that goes back to the log. The caller holds the registry, so that the
    /// tail it reads there fits what comes in here from now on.
    pub(super) fn reopen(&self) {
        let mut state = lock(&self.state);
        state.drop_waiting();
        state.has_overflowed = false;
        state.is_outdated = false;
        state.stage = Stage::Log;
    }

    /// The reader reads for itself; what comes in here waits for [`Mailbox::go_live`] without being waited for.
    pub(super) fn pause(&self) {
        let mut state = lock(&self.state);
        state.is_outdated = false;
        state.stage = Stage::Log;
    }

    /// The reader has done with the log: from now on what comes in here waits for it. Returns false, and changes
    /// nothing, if the mailbox overflowed meanwhile.
    pub(super) fn go_live(&self) -> bool {
        let mut state = lock(&self.state);
        if !state.has_overflowed {
            state.stage = Stage::Queue;
        }
        !state.has_overflowed
    }

    /// The carrier has been handed bytes and is expected to come back for more.
    pub(super) fn handed_out(&self, now: Instant) {
        lock(&self.state).waiting_since.get_or_insert(now);
    }

    /// The carrier has come back.
    pub(super) fn asked(&self) {
        lock(&self.state).waiting_since = None;
    }

    /// Whether something has waited for longer than `limit` without being asked for.
    pub(super) fn is_stalled(&self, now: Instant, limit: Duration) -> bool {
        lock(&self.state).waiting_since.is_some_and(|since| now.duration_since(since) > limit)
    }
}

fn register(waker: &mut Option<Waker>, cx: &Context<'_>) {
    match waker {
        Some(waker) => waker.clone_from(cx.waker()),
        None => *waker = Some(cx.waker().clone()),
    }
}

fn wake(mut state: MutexGuard<'_, State>) {
    let waker = state.waker.take();
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}
