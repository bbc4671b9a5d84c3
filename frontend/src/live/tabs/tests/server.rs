//! The server of the tests: one log, streams that lag, restarts and rolled-back databases.

use shared::cursor::{Cursor, Epoch, Offset};

/// An event on a stream of this server.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Event {
    /// Whether it is a reset, and how far behind the reader is.
    Hello(bool, u64),
    Fact(Cursor),
    Tick(Cursor, u64),
    Gone,
}

#[derive(Debug)]
struct Stream {
    id: usize,
    place: Cursor,
    sent: u64,
    greeted: bool,
    caught_up: bool,
    next_tick: u64,
    broken: bool,
}

/// What it knows, and who listens.
pub(super) struct Server {
    log: Vec<Cursor>,
    epochs: Vec<(Epoch, u64)>,
    streams: Vec<Stream>,
    /// It answers nobody.
    pub(super) down: bool,
    /// How many streams were ever opened.
    pub(super) opened: usize,
    begun: u64,
}

const HEARTBEAT: u64 = 15_000;

impl Server {
    pub(super) fn new() -> Self {
        let mut server = Self { log: vec![], epochs: vec![], streams: vec![], down: false, opened: 0, begun: 0 };
        server.begin_epoch();
        server.post(40);
        server
    }

    pub(super) fn head(&self) -> Cursor {
        self.cursor(self.log.len() as u64)
    }

    /// All facts, for a snapshot and for the final comparison.
    pub(super) fn log(&self) -> &[Cursor] {
        &self.log
    }

    pub(super) fn streams(&self) -> usize {
        self.streams.iter().filter(|stream| !stream.broken).count()
    }

    pub(super) fn post(&mut self, count: u8) {
        for _ in 0..count {
            let at = self.cursor(self.log.len() as u64 + 1);
            self.log.push(at);
        }
    }

    pub(super) fn cut(&mut self) {
        self.streams.iter_mut().for_each(|stream| stream.broken = true);
    }

    pub(super) fn restart(&mut self) {
        self.cut();
        self.begin_epoch();
    }

    pub(super) fn roll_back(&mut self, facts: u8) {
        let kept = self.log.len().saturating_sub(usize::from(facts) % 20);
        self.log.truncate(kept);
        self.epochs.retain(|(_, first)| *first <= kept as u64 + 1);
        self.restart();
    }

    pub(super) fn open(&mut self, after: Cursor) -> usize {
        self.opened += 1;
        self.streams.push(Stream {
            id: self.opened,
            place: after,
            sent: 0,
            greeted: false,
            caught_up: false,
            next_tick: u64::MAX,
            broken: self.down,
        });
        self.opened
    }

    pub(super) fn close(&mut self, id: usize) {
        self.streams.retain(|stream| stream.id != id);
    }

    /// What a stream says next, if anything.
    pub(super) fn next(&mut self, id: usize, now: u64) -> Option<Event> {
        let head = self.head();
        let at = self.streams.iter().position(|stream| stream.id == id)?;
        let place = self.streams[at].place;
        let resumes = self.is_valid(place);
        let fact = usize::try_from(place.offset.0).ok().and_then(|next| self.log.get(next)).copied();
        if self.streams[at].broken || self.down {
            self.close(id);
            return Some(Event::Gone);
        }
        let stream = &mut self.streams[at];
        if !stream.greeted {
            stream.greeted = true;
            if !resumes {
                stream.place = head;
            }
            return Some(Event::Hello(!resumes, head.offset.0 - stream.place.offset.0));
        }
        if let Some(fact) = fact {
            stream.place = fact;
            if fact.offset.0 % 3 == 0 {
                return self.next(id, now); // not for this reader
            }
            stream.sent += 1;
            return Some(Event::Fact(fact));
        }
        if !stream.caught_up || now >= stream.next_tick {
            stream.next_tick = now + HEARTBEAT;
            stream.place = head;
            stream.caught_up = true;
            return Some(Event::Tick(head, stream.sent));
        }
        None
    }

    /// When something happens on a stream by the mere passing of time.
    pub(super) fn next_tick(&self) -> Option<u64> {
        self.streams.iter().filter(|stream| stream.caught_up && !stream.broken).map(|stream| stream.next_tick).min()
    }

    /// PROTOCOL §3.
    fn is_valid(&self, place: Cursor) -> bool {
        let Some(at) = self.epochs.iter().position(|(epoch, _)| *epoch == place.epoch) else { return false };
        let before_next = self.epochs.get(at + 1).is_none_or(|(_, first)| place.offset.0 < *first);
        before_next && place.offset.0 <= self.log.len() as u64
    }

    fn cursor(&self, offset: u64) -> Cursor {
        let epoch = self.epochs.iter().rev().find(|(_, first)| *first <= offset).or(self.epochs.first());
        Cursor { epoch: epoch.expect("there is one").0, offset: Offset(offset) }
    }

    fn begin_epoch(&mut self) {
        self.begun += 1;
        let digits = [self.begun / 36 / 36 % 36, self.begun / 36 % 36, self.begun % 36, 0, 0, 0, 0, 0];
        let epoch = Epoch::from_entropy(digits.map(|digit| u8::try_from(digit).expect("below 36")));
        self.epochs.push((epoch, self.log.len() as u64 + 1));
    }
}
