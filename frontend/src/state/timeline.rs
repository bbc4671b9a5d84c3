//! The rows between a room's header and its composer, built from the loaded messages and the outbox (`ux.md` §4).
//!
//! The whole list is derived anew each time; there is no second truth to keep in step. What makes that cheap is that
//! unchanged rows keep their `Arc`, their texts included, so that neither this code nor a component copies a message
//! that did not change. A room holds at most 300 messages.
//!
//! A row's key stays the same from the optimistic row to the server's message. The client id is that key only for own
//! messages: it is unique for its author, so another person's client id could be made to collide with one's own.

mod group;

use std::sync::Arc;

use shared::{
    cursor::Offset,
    id::{ClientId, MemberId, MessageId},
    message::Message,
    sorted::SortedMap,
};

use self::group::Group;
use super::{
    outbox::Item,
    pending::{Act, Pending},
    time::{Moment, day_at, unix_ms},
    view::{Deletable, MessageRow, Person, Row, Status},
};

/// What the rows are built from.
pub struct Source<'a> {
    /// The loaded run of the room's history, oldest first.
    pub messages: &'a [Message],
    /// Whether the room has nothing older.
    pub reaches_start: bool,
    /// Whether the room has nothing newer. If it has, own messages on their way are not shown: they belong below it.
    pub reaches_end: bool,
    /// Messages of this room on their way.
    pub outbox: &'a [&'a Item],
    /// Above the first message by others after this offset stands the new line.
    pub new_after: Option<Offset>,
    /// What was done here and can still be undone.
    pub pending: &'a Pending,
    /// Whether the reader may delete messages of their own, and those of others.
    pub deletes: (bool, bool),
    /// The reader.
    pub me: MemberId,
    /// Whether the stream is open.
    pub live: bool,
    /// The time.
    pub now: Moment,
}

/// What the builder asks about the world beyond the room.
pub trait World {
    /// The person to draw beside a message, the same `Arc` each time.
    fn person(&mut self, member: MemberId) -> Arc<Person>;
    /// Minutes east of UTC at that moment (Unix milliseconds), where the reader is.
    fn zone(&self, at_ms: i64) -> i32;
}

/// What is read out of a message once, as long as it does not change.
#[derive(Debug)]
struct Text {
    id: MessageId,
    offset: Offset,
    rev: Offset,
    key: Arc<str>,
    body: Arc<str>,
    html: Option<Arc<str>>,
    at_ms: i64,
    day: i32,
}

impl Text {
    /// Whether it was read out of this very message. A place in the log does not say so: a server that was rolled back
    /// gives its offsets a second time.
    fn is_of(&self, message: &Message) -> bool {
        self.id == message.id && self.rev == message.rev
    }
}

/// Builds a room's rows and remembers what it built.
#[derive(Debug, Default)]
pub struct Timeline {
    rows: Vec<Arc<Row>>,
    built: SortedMap<Arc<str>, Arc<Row>>,
    /// One for each loaded message, in their order.
    texts: Vec<Text>,
}

impl Timeline {
    /// The rows as built last.
    #[must_use]
    pub fn rows(&self) -> &[Arc<Row>] {
        &self.rows
    }

    /// The key of the loaded message at a place.
    #[must_use]
    pub fn key_at(&self, offset: Offset) -> Option<Arc<str>> {
        self.texts.iter().find(|text| text.offset == offset).map(|text| Arc::clone(&text.key))
    }

    /// Builds the rows. Returns whether any differs from last time.
    pub fn build(&mut self, source: &Source<'_>, world: &mut impl World) -> bool {
        self.read_texts(source, world);
        let mut lines = Lines { timeline: self, rows: Vec::new(), group: Group::default(), day: i32::MIN };
        if source.reaches_start {
            lines.push_row(Row::Start);
        }
        let new_at = source.new_line_at();
        let mut last_ms = None;
        for (index, (message, text)) in source.messages.iter().zip(&lines.timeline.texts).enumerate() {
            let undo = source.pending.undo_s(Act::Delete { room: message.room, message: message.id }, source.now);
            let gone = message.deleted || undo.is_some();
            let row = MessageRow {
                key: Arc::clone(&text.key),
                author: world.person(message.author),
                own: message.author == source.me,
                head: false,
                at_ms: text.at_ms,
                body: if gone { "".into() } else { Arc::clone(&text.body) },
                html: text.html.clone().filter(|_| !gone),
                gone,
                undo_s: undo.flatten().filter(|_| !message.deleted),
                deletable: source.deletable(message, gone),
                edited_ms: None,
                status: Status::Sent,
            };
            let day = text.day;
            if new_at == Some(index) {
                lines.push_new_line(last_ms.unwrap_or(row.at_ms), row.at_ms, day);
            }
            last_ms = Some(row.at_ms);
            lines.push_message(row, day);
        }
        if source.reaches_end {
            for item in source.waiting() {
                let row = lines.timeline.optimistic(item, source, world.person(source.me));
                lines.push_message(row, day_at(item.written_ms, world.zone(item.written_ms)));
            }
        }
        let rows = lines.rows;
        self.keep(rows)
    }

    /// Reads what is new or changed out of the messages, and forgets what is loaded no more.
    fn read_texts(&mut self, source: &Source<'_>, world: &impl World) {
        let mut before = std::mem::take(&mut self.texts).into_iter().peekable();
        for message in source.messages {
            while before.next_if(|text| text.offset < message.offset).is_some() {}
            if let Some(text) = before.next_if(|text| text.is_of(message)) {
                self.texts.push(text);
                continue;
            }
            let at_ms = unix_ms(&message.posted_at.0).unwrap_or(source.now.wall_ms);
            let text = Text {
                id: message.id,
                offset: message.offset,
                rev: message.rev,
                key: self.key_of(message, source.me),
                body: self.body_of(message),
                html: message.html.as_deref().map(Arc::from),
                at_ms,
                day: day_at(at_ms, world.zone(at_ms)),
            };
            self.texts.push(text);
        }
    }

    fn key_of(&self, message: &Message, me: MemberId) -> Arc<str> {
        let key = if message.author == me { message.client_id.to_string() } else { message.id.to_string() };
        self.same_key(key)
    }

    /// The key of a row that was built before is the same `Arc`.
    fn same_key(&self, key: String) -> Arc<str> {
        match self.built.get(key.as_str()).map(|row| &**row) {
            Some(Row::Message(before)) => Arc::clone(&before.key),
            _ => key.into(),
        }
    }

    /// An own message usually has the text of its optimistic row.
    fn body_of(&self, message: &Message) -> Arc<str> {
        let before = self.built.get(message.client_id.to_string().as_str());
        match before.map(|row| &**row) {
            Some(Row::Message(before)) if *before.body == *message.body => Arc::clone(&before.body),
            _ => message.body.as_str().into(),
        }
    }

    fn optimistic(&self, item: &Item, source: &Source<'_>, author: Arc<Person>) -> MessageRow {
        MessageRow {
            key: self.same_key(item.client_id.to_string()),
            author,
            own: true,
            head: false,
            at_ms: item.written_ms,
            body: Arc::clone(&item.body),
            html: None,
            gone: false,
            undo_s: None,
            deletable: Deletable::No,
            edited_ms: None,
            status: item.status(source.now, source.live),
        }
    }

    /// Takes over the new rows; those that are equal to the old ones were made to be the same.
    fn keep(&mut self, rows: Vec<Arc<Row>>) -> bool {
        let same = rows.len() == self.rows.len() && rows.iter().zip(&self.rows).all(|(new, old)| Arc::ptr_eq(new, old));
        if same {
            return false;
        }
        let messages = rows.iter().filter_map(|row| match &**row {
            Row::Message(message) => Some((Arc::clone(&message.key), Arc::clone(row))),
            _ => None,
        });
        self.built = messages.collect();
        self.rows = rows;
        true
    }
}

impl Source<'_> {
    fn deletable(&self, message: &Message, gone: bool) -> Deletable {
        match (gone, message.author == self.me, self.deletes) {
            (false, true, (true, _)) => Deletable::Own,
            (false, false, (_, true)) => Deletable::Others,
            _ => Deletable::No,
        }
    }

    /// The index of the message above which the new line stands. None when everything loaded is new but there is
    /// something older: the line is further up.
    fn new_line_at(&self) -> Option<usize> {
        let after = self.new_after?;
        let first_is_old = self.messages.first().is_some_and(|message| message.offset <= after);
        (self.reaches_start || first_is_old).then_some(())?;
        self.messages.iter().position(|message| message.offset > after && message.author != self.me)
    }

    /// The messages on their way whose fact has not come yet.
    fn waiting(&self) -> impl Iterator<Item = &Item> {
        let arrived = |client_id: ClientId| {
            self.messages.iter().rev().any(|message| message.author == self.me && message.client_id == client_id)
        };
        self.outbox.iter().copied().filter(move |item| !arrived(item.client_id))
    }
}

/// The rows of one build, growing.
struct Lines<'a> {
    timeline: &'a Timeline,
    rows: Vec<Arc<Row>>,
    group: Group,
    day: i32,
}

impl Lines<'_> {
    fn push_new_line(&mut self, since_ms: i64, at_ms: i64, day: i32) {
        self.begin_day(day, at_ms);
        self.group = Group::default();
        self.push_row(Row::NewLine { since_ms });
    }

    fn push_message(&mut self, mut row: MessageRow, day: i32) {
        self.begin_day(day, row.at_ms);
        row.head = self.group.begins_with(&row);
        let row = Row::Message(row);
        if let Row::Message(message) = &row
            && let Some(before) = self.timeline.built.get(&message.key)
            && **before == row
        {
            self.rows.push(Arc::clone(before));
        } else {
            self.rows.push(Arc::new(row));
        }
    }

    /// The order is the log's, so a clock that was set back must not make a day begin twice.
    fn begin_day(&mut self, day: i32, at_ms: i64) {
        if day > self.day {
            self.day = day;
            self.group = Group::default();
            self.push_row(Row::Day { at_ms, day });
        }
    }

    /// There are few rows that are not messages; the old ones are found by looking.
    fn push_row(&mut self, row: Row) {
        let before = self.timeline.rows.iter().find(|before| !matches!(***before, Row::Message(_)) && ***before == row);
        self.rows.push(before.map_or_else(|| Arc::new(row), Arc::clone));
    }
}

#[cfg(test)]
mod tests;
