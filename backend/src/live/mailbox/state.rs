//! What is behind a mailbox's lock, and the one place that decides between writing at once and waiting.

use std::{
    collections::VecDeque,
    fmt,
    io::{self, IoSlice},
    sync::Arc,
    task::Waker,
};

use bytes::Bytes;
use shared::{cursor::Offset, stream::Tick};
use tokio::time::Instant;

use super::{Bound, Item, Progress, Put, Taken};
use crate::live::{
    audience::Passing,
    batch::Batch,
    encode::{self, Frame},
    ending::Order,
    pass::{Fact, Run},
    sink::Sink,
    ticker::TickAt,
};

/// What an entry costs beside its bytes, which are shared: counted, so that a flood of small events is bounded too.
const ENTRY_BYTES: usize = size_of::<Item>();

/// Events that one system call writes: far below IOV_MAX (1,024 on Linux), and small enough for the stack.
const SLICES_MAX: usize = 64;

/// Room that an emptied queue keeps. More is given back: there are many mailboxes, and most are empty.
const KEPT_ENTRIES: usize = 8;

/// Where the reader gets its events from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// From the log. What comes in here waits without being waited for.
    Log,
    /// From here: its carrier is writing, or about to take what waits.
    Queue,
    /// From nowhere: nothing waits, everything handed out is written, and events go straight to the socket.
    Straight,
}

/// See the module.
pub(super) struct State {
    pub(super) progress: Progress,
    pub(super) stage: Stage,
    pub(super) has_overflowed: bool,
    /// Last values were dropped, or are others for this reader now.
    pub(super) is_outdated: bool,
    pub(super) order: Option<Order>,
    pub(super) waker: Option<Waker>,
    pub(super) sink: Option<Arc<dyn Sink>>,
    pub(super) waiting_since: Option<Instant>,
    pub(super) has_no_ticks: bool,
    is_closed: bool,
    /// The reader's task waits for something to take.
    is_asked: bool,
    /// What is left of an event that a straight write cut: counted as handed out, and owed before anything else.
    rest: Bytes,
    items: VecDeque<Item>,
    /// What `items` cost.
    bytes: usize,
}

impl State {
    pub(super) fn new(cursor: Offset) -> Self {
        Self {
            progress: Progress { cursor, sent: 0, bytes: 0 },
            stage: Stage::Log,
            has_overflowed: false,
            is_outdated: false,
            order: None,
            waker: None,
            sink: None,
            waiting_since: None,
            has_no_ticks: false,
            is_closed: false,
            is_asked: false,
            rest: Bytes::new(),
            items: VecDeque::new(),
            bytes: 0,
        }
    }

    /// Whether nothing more comes in here.
    pub(super) fn refuses(&self) -> bool {
        self.is_closed || self.order.is_some_and(Order::is_immediate)
    }

    /// Whether the reader's task waits, and there is something for it.
    pub(super) fn is_to_be_woken(&self) -> bool {
        self.is_asked && self.stage == Stage::Queue
    }

    /// See [`Mailbox::deliver`](super::Mailbox::deliver).
    pub(super) fn deliver(&mut self, run: &Run, bound: Bound) -> Put {
        // Whatever was held comes first; if it does not go out, the run waits behind it.
        self.flush(bound);
        let facts = run.facts();
        let is_new = facts.first().is_some_and(|fact| fact.offset > self.progress.cursor);
        if self.stage != Stage::Straight || !is_new {
            return self.put_facts(facts, bound);
        }
        let mut written = self.write(run.chunks());
        if written == run.chunks().len() {
            self.progress.cursor = run.upto();
            self.progress.sent += facts.len() as u64;
            self.progress.bytes += run.event_bytes();
            return Put::Taken;
        }
        self.block(bound);
        for (index, fact) in facts.iter().enumerate() {
            if written == 0 {
                return self.put_facts(&facts[index..], bound);
            }
            written = self.account_written(fact.frame.clone(), Some(fact.offset), written);
        }
        Put::Taken
    }

    fn put_facts(&mut self, facts: &[Fact], bound: Bound) -> Put {
        let mut put = Put::Taken;
        for fact in facts {
            match self.put(Item::Fact(fact.clone()), bound) {
                Put::Taken => {}
                other => put = other,
            }
        }
        put
    }

    /// See [`Mailbox::hold`](super::Mailbox::hold).
    pub(super) fn hold(&mut self, fact: &Fact, bound: Bound) -> Put {
        let item = Item::Fact(fact.clone());
        if self.stage == Stage::Straight && self.bytes + cost(&item) > bound.limit_bytes {
            self.flush(bound); // the socket may well take it all
        }
        self.enqueue(item, bound)
    }

    /// Hands over one thing: straight if nothing waits, else it waits too.
    pub(super) fn put(&mut self, item: Item, bound: Bound) -> Put {
        let put = self.enqueue(item, bound);
        self.flush(bound);
        put
    }

    /// See [`Mailbox::tick`](super::Mailbox::tick).
    pub(super) fn tick(&mut self, at: &Arc<TickAt>, bound: Bound) -> Put {
        if self.has_no_ticks {
            return Put::Taken;
        }
        self.flush(bound);
        if self.stage != Stage::Straight {
            return self.enqueue(Item::Tick(Arc::clone(at)), bound);
        }
        let frame = self.tick_frame(at);
        if self.write_whole(frame, bound) { Put::Taken } else { self.enqueue(Item::Tick(Arc::clone(at)), bound) }
    }

    /// See [`Mailbox::pass`](super::Mailbox::pass).
    pub(super) fn pass(&mut self, passing: &Passing, bound: Bound) -> Put {
        self.flush(bound);
        if self.is_late(passing) {
            self.outdate();
            return Put::Taken;
        }
        if self.stage == Stage::Straight && self.write_whole(passing.frame.clone(), bound) {
            return Put::Taken;
        }
        self.enqueue(Item::Passing(passing.clone()), bound)
    }

    /// Whether the reader has heard a fact since it was decided that they hear this: perhaps that they do not.
    fn is_late(&self, passing: &Passing) -> bool {
        passing.at < self.progress.cursor
    }

    /// Drops what passes by, and lets the stream say its last values instead.
    pub(super) fn outdate(&mut self) {
        self.items.retain(|item| !matches!(item, Item::Passing(_)));
        self.bytes = self.items.iter().map(cost).sum();
        self.is_outdated = true;
        if self.stage == Stage::Straight {
            self.stage = Stage::Queue;
        }
    }

    /// Writes an event straight; what the socket does not take of it is kept. Returns false if it took nothing at all.
    fn write_whole(&mut self, frame: Frame, bound: Bound) -> bool {
        let written = self.write(frame.chunk());
        if written < frame.chunk().len() {
            self.block(bound);
        }
        if written > 0 {
            self.account_written(frame, None, written);
        }
        written > 0
    }

    /// A heartbeat for where the reader is now.
    pub(super) fn tick_frame(&mut self, at: &TickAt) -> Frame {
        self.progress.cursor = self.progress.cursor.max(at.upto);
        encode::tick(&Tick { sent: self.progress.sent, now: at.now.clone() }, at.place(self.progress.cursor))
    }

    fn enqueue(&mut self, item: Item, bound: Bound) -> Put {
        let is_known = matches!(&item, Item::Fact(fact) if fact.offset <= self.progress.cursor);
        if self.has_overflowed || is_known {
            return Put::Taken;
        }
        let mut bytes = self.bytes + cost(&item);
        if bytes > bound.limit_bytes && (matches!(item, Item::Passing(_)) || self.has_passing()) {
            self.outdate();
            if matches!(item, Item::Passing(_)) {
                return Put::Taken;
            }
            bytes = self.bytes + cost(&item);
        }
        if bytes > bound.limit_bytes {
            self.drop_waiting();
            self.has_overflowed = true;
            if self.stage == Stage::Straight {
                self.stage = Stage::Queue;
            }
            return Put::Overflowed;
        }
        self.items.push_back(item);
        self.bytes = bytes;
        if self.stage == Stage::Queue {
            self.waiting_since.get_or_insert(bound.now);
        }
        Put::Taken
    }

    fn has_passing(&self) -> bool {
        self.items.iter().any(|item| matches!(item, Item::Passing(_)))
    }

    /// Writes what waits straight, as far as the socket takes it.
    pub(super) fn flush(&mut self, bound: Bound) {
        while self.stage == Stage::Straight && !self.items.is_empty() {
            let (mut written, offered) = self.write_items();
            if written < offered {
                self.block(bound);
            }
            while written > 0
                && let Some(item) = self.items.pop_front()
            {
                self.bytes -= cost(&item);
                written = match item {
                    Item::Fact(Fact { offset, frame }) => self.account_written(frame, Some(offset), written),
                    Item::Note(frame) => self.account_written(frame, None, written),
                    Item::Passing(_) | Item::Tick(_) => unreachable!("neither waits for a straight write"),
                };
            }
        }
        if self.items.is_empty() && self.items.capacity() > KEPT_ENTRIES {
            self.items = VecDeque::new();
        }
    }

    /// Writes the first items in one call. Returns how many bytes went out, and of how many.
    fn write_items(&self) -> (usize, usize) {
        let mut slices = [IoSlice::new(&[]); SLICES_MAX];
        let mut count = 0;
        let chunks = self.items.iter().map(|item| match item {
            Item::Fact(Fact { frame, .. }) | Item::Note(frame) => frame.chunk(),
            Item::Passing(_) | Item::Tick(_) => unreachable!("neither waits for a straight write"),
        });
        for (slice, chunk) in slices.iter_mut().zip(chunks) {
            *slice = IoSlice::new(chunk);
            count += 1;
        }
        let offered = slices[..count].iter().map(|slice| slice.len()).sum();
        (self.try_to(|sink| sink.try_write_vectored(&slices[..count])), offered)
    }

    fn write(&self, bytes: &[u8]) -> usize {
        self.try_to(|sink| sink.try_write(bytes))
    }

    /// What the socket took. A socket that fails takes nothing: the reader's task is woken, tries again and sees why.
    fn try_to(&self, write: impl FnOnce(&dyn Sink) -> io::Result<usize>) -> usize {
        self.sink.as_deref().map_or(0, |sink| write(sink).unwrap_or(0))
    }

    /// Counts an event of whose bytes `written` went out, all or the beginning, and keeps what is left of it. Returns
    /// how many of the written bytes belong to the next one.
    fn account_written(&mut self, frame: Frame, offset: Option<Offset>, written: usize) -> usize {
        if let Some(offset) = offset {
            self.progress.cursor = offset;
            self.progress.sent += 1;
        }
        self.progress.bytes += frame.event_len() as u64;
        let chunk = frame.chunk();
        if written < chunk.len() {
            self.rest = chunk.slice(written..);
        }
        written.saturating_sub(chunk.len())
    }

    /// The socket takes no more: from now on everything waits for the reader's task.
    fn block(&mut self, bound: Bound) {
        self.stage = Stage::Queue;
        self.waiting_since.get_or_insert(bound.now);
    }

    /// Everything that waits, and nothing if nothing does: then whoever has an event next may write it straight.
    pub(super) fn take(&mut self) -> Option<Taken> {
        let taken = self.take_waiting();
        self.waiting_since = None;
        self.is_asked = taken.is_none();
        match self.stage {
            Stage::Log => {}
            _ if taken.is_none() && self.sink.is_some() && !self.is_closed => self.stage = Stage::Straight,
            _ => self.stage = Stage::Queue,
        }
        taken
    }

    fn take_waiting(&mut self) -> Option<Taken> {
        if let Some(order) = self.order
            && (order.is_immediate() || (self.items.is_empty() && self.rest.is_empty()))
        {
            return Some(Taken::Ended(order, std::mem::take(&mut self.rest)));
        }
        if self.rest.is_empty() && self.has_overflowed {
            return Some(Taken::Overflowed);
        }
        let batch = Batch { rest: std::mem::take(&mut self.rest), frames: self.unpack() };
        if batch.is_empty() {
            return self.is_outdated.then_some(Taken::Outdated);
        }
        Some(Taken::Batch(batch))
    }

    /// What waits, without what the log has given already.
    fn unpack(&mut self) -> Vec<Frame> {
        let items = std::mem::take(&mut self.items);
        self.bytes = 0;
        let mut frames = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Item::Fact(Fact { offset, frame }) if offset > self.progress.cursor => {
                    self.progress.cursor = offset;
                    self.progress.sent += 1;
                    frames.push(frame);
                }
                Item::Fact(_) => {}
                Item::Note(frame) => frames.push(frame),
                Item::Passing(passing) if self.is_late(&passing) => self.is_outdated = true,
                Item::Passing(passing) => frames.push(passing.frame),
                Item::Tick(at) => frames.push(self.tick_frame(&at)),
            }
        }
        frames
    }

    /// Drops what waits and is not on its way yet. Since when the carrier is waited for stays: it was handed something, or
    /// told to come, and has not come.
    pub(super) fn drop_waiting(&mut self) {
        self.items = VecDeque::new();
        self.bytes = 0;
    }

    /// See [`Mailbox::close`](super::Mailbox::close).
    pub(super) fn close(&mut self) {
        self.is_closed = true;
        self.stage = Stage::Queue;
        self.sink = None;
        self.waker = None;
        self.rest = Bytes::new();
        self.waiting_since = None;
        self.drop_waiting();
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("progress", &self.progress)
            .field("stage", &self.stage)
            .field("waiting", &self.items.len())
            .field("rest", &self.rest.len())
            .field("order", &self.order)
            .finish_non_exhaustive()
    }
}

fn cost(item: &Item) -> usize {
    ENTRY_BYTES
        + match item {
            Item::Fact(Fact { frame, .. }) | Item::Note(frame) | Item::Passing(Passing { frame, .. }) => {
                frame.event_len()
            }
            Item::Tick(_) => 0,
        }
}
