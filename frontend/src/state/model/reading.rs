//! How far the person has read (`ux.md` §4, "Marking read"): the view says which rows were looked at, this advances the
//! position at once, tells the server at most every 2 s, and places the new line.

use shared::{cursor::Offset, id::RoomId, room::ReadPosition};

use super::{Effect, Model, Moment, PageFailure};

/// The server is told at most this often per room, in milliseconds.
const TELL_EVERY_MS: u64 = 2_000;

/// After an answer that did not come, in milliseconds.
const TELL_AGAIN_MS: u64 = 15_000;

impl Model {
    /// Whether a room's view is held at its foot, and whether someone is looking at it.
    pub fn watching(&mut self, room: RoomId, at_foot: bool, attended: bool) {
        if let Some(opened) = self.opened.get_mut(&room) {
            (opened.at_foot, opened.attended) = (at_foot, attended);
            let arrived = opened.jump.is_none() || opened.jump_shown;
            opened.jumped &= !(at_foot && attended && arrived);
        }
    }

    /// A row was looked at long enough. The position only advances.
    pub fn seen(&mut self, room: RoomId, key: &str) {
        let Some(offset) = self.offset_of(room, key) else { return };
        if self.opened.get(&room).is_some_and(|opened| opened.suspended || opened.jumped) {
            return;
        }
        let Some(replica) = &mut self.replica else { return };
        let me = replica.me.id;
        let Some(held) = replica.room(room) else { return };
        if offset > held.read.offset {
            let read_now = held.window.count_of_others(me, held.read.offset, offset.min(held.read.as_of));
            replica.move_read(ReadPosition { offset, unread: held.read.unread.saturating_sub(read_now), ..held.read });
            self.recount(room);
        }
    }

    /// What is new in a room has been seen: the line goes.
    pub fn clear_new_line(&mut self, room: RoomId) {
        if let Some(opened) = self.opened.get_mut(&room) {
            opened.new_after = None;
        }
    }

    /// The server says how far the person has read: on another device, or as the answer to what was told.
    pub fn move_read(&mut self, read: ReadPosition) {
        let Some(replica) = &mut self.replica else { return };
        if replica.move_read(read)
            && let Some(opened) = self.opened.get_mut(&read.room)
        {
            opened.reading.told = read.offset;
        }
        self.recount(read.room);
    }

    /// Counts what is unread, where everything after the position is loaded. A count of the server's that is ahead of the
    /// stream stands: facts up to its `as_of` do not add to it.
    pub(super) fn recount(&mut self, room: RoomId) {
        let Some(replica) = &mut self.replica else { return };
        let Some(held) = replica.room(room) else { return };
        let (window, read) = (&held.window, held.read);
        let covers = window.reaches_start() || window.first().is_some_and(|first| first <= read.offset);
        if window.reaches_end() && covers && read.as_of <= replica.cursor.offset {
            // A page may be ahead of the stream; what it brought is counted when the stream brings it.
            let unread = window.count_of_others(replica.me.id, read.offset, replica.cursor.offset);
            replica.move_read(ReadPosition { unread, ..read });
        }
    }

    /// The server was told how far the person has read, or could not be.
    pub fn read_answered(&mut self, room: RoomId, answer: Result<ReadPosition, PageFailure>, now: Moment) {
        if let Some(opened) = self.opened.get_mut(&room) {
            opened.reading.under_way = false;
            match answer {
                Ok(read) => opened.reading.told = opened.reading.told.max(read.offset),
                Err(PageFailure::Later) => opened.reading.next_at = now.mono_ms + TELL_AGAIN_MS,
                Err(PageFailure::Never) => opened.reading.next_at = u64::MAX,
            }
        }
        if let Ok(read) = answer {
            self.move_read(read);
        }
    }

    /// A message by someone else arrived. In a room that is open but not looked at, the first one gets the new line.
    pub(super) fn note_arrival(&mut self, room: RoomId, offset: Offset) {
        let Some(opened) = self.opened.get_mut(&room).filter(|_| self.open == Some(room)) else { return };
        if !opened.is_watched() && !opened.opening && opened.new_after.is_none() {
            opened.new_after = Some(Offset(offset.0.saturating_sub(1)));
        }
    }

    pub(super) fn send_reads(&mut self, now: Moment) {
        let Some(replica) = &self.replica else { return };
        for (&room, opened) in self.opened.iter_mut() {
            let Some(read) = replica.room(room).map(|held| held.read) else { continue };
            let reading = &mut opened.reading;
            if read.offset > reading.told && !reading.under_way && reading.next_at <= now.mono_ms && self.live {
                reading.under_way = true;
                reading.next_at = now.mono_ms + TELL_EVERY_MS;
                self.effects.push(Effect::MoveRead(read));
            }
        }
    }

    pub(super) fn retry_reads(&mut self, now: Moment) {
        for opened in self.opened.values_mut() {
            opened.reading.next_at = now.mono_ms;
        }
    }

    pub(super) fn next_read_at(&self) -> Option<u64> {
        let replica = self.replica.as_ref().filter(|_| self.live)?;
        let due = |(room, opened): (&RoomId, &super::Opened)| {
            let read = replica.room(*room)?.read;
            let waits = read.offset > opened.reading.told && !opened.reading.under_way;
            Some(opened.reading.next_at).filter(|&at| waits && at < u64::MAX)
        };
        self.opened.iter().filter_map(due).min()
    }
}
