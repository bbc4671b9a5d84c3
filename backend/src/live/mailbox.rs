//! What waits for one reader: frames shared with everyone else, bounded in bytes.
//!
//! A slow reader never grows the server. When the bound is passed, everything in the mailbox is dropped at once and
//! flagged: the stream then reads the log again from its own cursor, which costs time and loses nothing. The lock is held
//! for a few instructions; the reader is woken after it is released.

use std::{
    collections::VecDeque,
    sync::Mutex,
    task::{Context, Poll, Waker},
    time::Duration,
};

use shared::{cursor::Offset, id::SessionId};
use tokio::time::Instant;

use super::{encode::Frame, ending::Order, lock, rights::Reader};

/// What an entry costs beside its bytes, which are shared: counted, so that a flood of small events is bounded too.
const ENTRY_BYTES: usize = size_of::<Item>();

/// One thing to be sent.
#[derive(Debug)]
pub(super) enum Item {
    /// A fact.
    Fact {
        /// Its place.
        offset: Offset,
        /// Its bytes.
        frame: Frame,
    },
    /// An event without a place: last values. A dropped one is made good by `state`.
    Note(Frame),
    /// Everything up to here that the reader may see came before this.
    Tick {
        /// The tail of the fan-out.
        upto: Offset,
    },
}

impl Item {
    fn cost(&self) -> usize {
        ENTRY_BYTES
            + match self {
                Self::Fact { frame, .. } | Self::Note(frame) => frame.event_len(),
                Self::Tick { .. } => 0,
            }
    }
}

/// What the reader finds.
#[derive(Debug)]
pub(super) enum Taken {
    /// Everything that waited, in order.
    Items(VecDeque<Item>),
    /// More came than fits; it was dropped. The log has the facts.
    Overflowed,
    /// The stream is to end.
    Ended(Order),
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
    pub(super) expires_at_ms: i64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    items: VecDeque<Item>,
    bytes: usize,
    overflowed: bool,
    /// The reader is on the log and only later comes here: nothing waits for it yet.
    is_buffering: bool,
    waiting_since: Option<Instant>,
    order: Option<Order>,
    waker: Option<Waker>,
}

impl Mailbox {
    /// An empty mailbox whose reader first reads the log.
    pub(super) fn new(stream: u64, reader: Reader, session: SessionId, expires_at_ms: i64) -> Self {
        let state = Mutex::new(State { is_buffering: true, ..State::default() });
        Self { stream, reader, session, expires_at_ms, state }
    }

    /// Puts something in. Returns whether that was too much, the first time.
    pub(super) fn push(&self, item: Item, limit_bytes: usize, now: Instant) -> bool {
        let mut state = lock(&self.state);
        if state.overflowed || state.order.is_some_and(Order::is_immediate) {
            return false;
        }
        let bytes = state.bytes + item.cost();
        if bytes > limit_bytes {
            state.items = VecDeque::new();
            state.bytes = 0;
            state.overflowed = true;
            state.waiting_since = None;
        } else {
            state.items.push_back(item);
            state.bytes = bytes;
            if !state.is_buffering {
                state.waiting_since.get_or_insert(now);
            }
        }
        let overflowed = state.overflowed;
        wake(state);
        overflowed
    }

    /// Tells the stream to end. The first order stands, unless a later one is more urgent.
    pub(super) fn end(&self, order: Order) {
        let mut state = lock(&self.state);
        if state.order.is_none_or(|standing| !standing.is_immediate() && order.is_immediate()) {
            state.order = Some(order);
            if order.is_immediate() {
                state.items = VecDeque::new();
                state.bytes = 0;
            }
            wake(state);
        }
    }

    /// Takes everything that waits, or waits for something. Only the stream itself polls it.
    pub(super) fn poll_take(&self, cx: &mut Context<'_>) -> Poll<Taken> {
        let mut state = lock(&self.state);
        state.waiting_since = None;
        if let Some(order) = state.order
            && (order.is_immediate() || state.items.is_empty())
        {
            return Poll::Ready(Taken::Ended(order));
        }
        if state.overflowed {
            return Poll::Ready(Taken::Overflowed);
        }
        if state.items.is_empty() {
            register(&mut state.waker, cx);
            return Poll::Pending;
        }
        state.bytes = 0;
        Poll::Ready(Taken::Items(std::mem::take(&mut state.items)))
    }

    /// Waits for an order to end, whatever else waits.
    pub(super) fn poll_ordered(&self, cx: &mut Context<'_>) -> Poll<Order> {
        let mut state = lock(&self.state);
        match state.order {
            Some(order) => Poll::Ready(order),
            None => {
                register(&mut state.waker, cx);
                Poll::Pending
            }
        }
    }

    /// Waits for an order to end that does not even let a running write finish.
    pub(super) fn poll_cut(&self, cx: &mut Context<'_>) -> Poll<Order> {
        let mut state = lock(&self.state);
        match state.order {
            Some(order) if order.is_immediate() => Poll::Ready(order),
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

    /// Empties an overflowed mailbox for a reader that goes back to the log. The caller holds the registry, so that the
    /// tail it reads there fits what comes in here from now on.
    pub(super) fn reopen(&self) {
        let mut state = lock(&self.state);
        state.items = VecDeque::new();
        state.bytes = 0;
        state.overflowed = false;
        state.is_buffering = true;
        state.waiting_since = None;
    }

    /// The reader has done with the log: from now on what comes in here waits for it. Returns false, and changes
    /// nothing, if the mailbox overflowed meanwhile.
    pub(super) fn go_live(&self) -> bool {
        let mut state = lock(&self.state);
        state.is_buffering &= state.overflowed;
        !state.overflowed
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

fn wake(mut state: std::sync::MutexGuard<'_, State>) {
    let waker = state.waker.take();
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}
