//! Writing, and what the person does about a message that was not sent. The rules are the outbox's.

use std::sync::Arc;

use shared::id::{ClientId, RoomId};

use super::{Model, Moment};
use crate::state::outbox::{Kept, Outcome};

impl Model {
    /// The person sends a text. It is on screen at once, at the foot, which is loaded first if it is not.
    pub fn send(&mut self, room: RoomId, client_id: ClientId, body: &str, now: Moment) {
        self.outbox.write(room, client_id, body, now);
        self.clear_new_line(room);
        self.load_newest(room);
    }

    /// See [`Outbox::restore`](crate::state::outbox::Outbox::restore).
    pub fn restore(&mut self, kept: Vec<Kept>, now: Moment) {
        self.outbox.restore(kept, now);
    }

    /// See [`Outbox::stored`](crate::state::outbox::Outbox::stored).
    pub fn stored(&mut self, client_id: ClientId, now: Moment) {
        self.outbox.stored(client_id, now);
    }

    /// See [`Outbox::answered`](crate::state::outbox::Outbox::answered).
    pub fn post_answered(&mut self, client_id: ClientId, outcome: Outcome, now: Moment) {
        self.outbox.answered(client_id, outcome, now);
        if let Some(cursor) = self.cursor() {
            self.outbox.caught_up(cursor.offset);
        }
    }

    /// Tries a message that was given up once more.
    pub fn retry(&mut self, client_id: ClientId, now: Moment) {
        self.outbox.retry(client_id, now);
    }

    /// Takes a message out of the outbox and returns its text.
    pub fn take_back(&mut self, client_id: ClientId) -> Option<Arc<str>> {
        self.outbox.take_back(client_id)
    }
}
