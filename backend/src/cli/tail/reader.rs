//! The pure heart of `tail`: where the reader is in the log, what it has printed, and what an event means for it.
//!
//! Nothing is printed twice: a fact at or before the reader's place is known (a replay may overlap), and a message
//! whose id was printed is known too, whatever its offset: after a reset, history and stream overlap, and a database
//! that was rolled back counts the same offsets anew.

use std::collections::{HashSet, VecDeque};

use serde::Deserialize;
use shared::{
    cursor::{Cursor, Offset},
    event::Event,
    id::{MessageId, RoomId},
    message::Message,
    stream::{Bye, Hello, Resume, Tick, kind},
};

/// How many printed messages are remembered. A rolled-back database is older than these in the worst case; then some
/// are printed again, which is said on standard error.
const REMEMBERED: usize = 10_000;

/// What an event of the stream means.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// The connection stands.
    Hello(Box<Hello>),
    /// A new fact; `None` is one of a later version.
    Fact(Option<Box<Event>>),
    /// A fact the reader has already.
    Known,
    /// A tick whose count does not agree with ours: events were lost on the way.
    Lost,
    /// The server ends the connection.
    Bye(Bye),
    /// A last value, an agreeing tick, or something of a later version.
    Other,
}

/// A reader's memory.
#[derive(Debug)]
pub(super) struct Reader {
    cursor: Cursor,
    /// Facts received since `hello`, known or not, to compare with a tick's `sent`.
    received: u64,
    /// Where the server last agreed that nothing was lost: the place of `hello` or of a tick.
    agreed: Offset,
    /// A hole that has not been filled from the history yet: it may reach down to here.
    missed: Option<Offset>,
    /// Rooms in which everything after the reader's start is either remembered or new.
    anchored: HashSet<RoomId>,
    known: HashSet<MessageId>,
    /// The same ids, oldest first.
    order: VecDeque<MessageId>,
}

impl Reader {
    /// A reader that has seen everything up to `cursor`.
    pub(super) fn new(cursor: Cursor) -> Self {
        let (anchored, known, order) = (HashSet::new(), HashSet::new(), VecDeque::new());
        Self { cursor, received: 0, agreed: cursor.offset, missed: None, anchored, known, order }
    }

    /// The place to resume from.
    pub(super) fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Whether a hole waits to be filled.
    pub(super) fn has_missed(&self) -> bool {
        self.missed.is_some()
    }

    /// The hole was filled.
    pub(super) fn filled(&mut self) {
        self.missed = None;
    }

    /// Whether a walk back through a room's history may end at this message: it is known, and so is all before it.
    pub(super) fn ends_hole(&self, message: &Message) -> bool {
        self.knows(message.id) && self.missed.is_none_or(|from| message.offset <= from)
    }

    /// A message known to the reader ends the hole, if it is not after `from`. The deeper of two holes holds.
    fn miss(&mut self, from: Offset) {
        self.missed = Some(self.missed.map_or(from, |deeper| deeper.min(from)));
    }

    /// Remembers a message as printed, or as older than the reader's start.
    pub(super) fn note(&mut self, message: MessageId) {
        if self.known.insert(message) {
            self.order.push_back(message);
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    /// Whether a message was printed, or is older than the reader's start.
    pub(super) fn knows(&self, message: MessageId) -> bool {
        self.known.contains(&message)
    }

    /// Notes that a room's newest message before the start is known, or that there was none.
    pub(super) fn anchor(&mut self, room: RoomId) {
        self.anchored.insert(room);
    }

    /// Whether going back through the room's history must end at a known message or at its beginning.
    pub(super) fn is_anchored(&self, room: RoomId) -> bool {
        self.anchored.contains(&room)
    }

    /// Takes the `id` of a block: the place after it. One that is no cursor is not taken.
    pub(super) fn take_id(&mut self, id: Option<&str>) {
        if let Some(cursor) = id.and_then(|id| id.parse().ok()) {
            self.cursor = cursor;
        }
    }

    /// Takes an event in and says what it means. A payload that is not what its name promises is passed over: the next
    /// tick counts it, and a broken event must not end the client.
    pub(super) fn take(&mut self, name: &str, id: Option<&str>, data: &str) -> Step {
        let place: Option<Cursor> = id.and_then(|id| id.parse().ok());
        match (name, place) {
            (kind::HELLO, _) => self.take_hello(id, data),
            (kind::TICK, _) => self.take_tick(id, data),
            (kind::BYE, _) => read::<Bye>(data).map_or(Step::Other, Step::Bye),
            (_, Some(place)) => self.take_fact(name, place, data),
            // Without a place it is no fact: a last value.
            (_, None) => Step::Other,
        }
    }

    fn take_hello(&mut self, id: Option<&str>, data: &str) -> Step {
        let Some(hello) = read::<Hello>(data) else { return Step::Other };
        self.received = 0;
        if hello.resume == Resume::Reset {
            // Whatever survived of what was printed was printed without a gap before it.
            self.miss(Offset::MAX);
        }
        self.take_id(id);
        self.agreed = self.cursor.offset;
        Step::Hello(Box::new(hello))
    }

    fn take_tick(&mut self, id: Option<&str>, data: &str) -> Step {
        self.take_id(id);
        let lost = read::<Tick>(data).is_some_and(|tick| {
            let agrees = tick.sent == self.received;
            self.received = tick.sent;
            !agrees
        });
        if lost {
            // What came since the last agreement may have come after the hole.
            self.miss(self.agreed);
        }
        self.agreed = self.cursor.offset;
        if lost { Step::Lost } else { Step::Other }
    }

    fn take_fact(&mut self, name: &str, place: Cursor, data: &str) -> Step {
        self.received += 1;
        if place.offset <= self.cursor.offset {
            return Step::Known;
        }
        self.cursor = place;
        let Ok(event) = Event::read(name, &mut serde_json::Deserializer::from_str(data)) else {
            return Step::Fact(None);
        };
        if let Some(Event::MessagePosted(posted)) = &event {
            if self.knows(posted.message.id) {
                return Step::Known;
            }
            self.note(posted.message.id);
        }
        Step::Fact(event.map(Box::new))
    }
}

fn read<'a, T: Deserialize<'a>>(data: &'a str) -> Option<T> {
    serde_json::from_str(data).ok()
}

/// Whether an event is to be shown to someone who follows one room: events of the room and of the connection.
pub(super) fn concerns(name: &str, data: &str, room: RoomId) -> bool {
    /// A room as events carry it: its id, or the whole of it.
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Subject {
        Id(RoomId),
        Whole { id: RoomId },
    }
    #[derive(Deserialize)]
    struct Payload {
        room: Subject,
    }
    if matches!(name, kind::HELLO | kind::TICK | kind::BYE) {
        return true;
    }
    match read::<Payload>(data).map(|payload| payload.room) {
        Some(Subject::Id(id) | Subject::Whole { id }) => id == room,
        None => false,
    }
}
#[cfg(test)]
mod tests;
