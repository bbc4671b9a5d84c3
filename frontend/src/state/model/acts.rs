//! What the person does to messages and rooms that can still be undone, and marking as unread.

use shared::{cursor::Offset, id::RoomId, policy::RoomAction, room::ReadPosition};

use super::{Effect, Model, Moment};
use crate::state::{
    pending::{Act, Told},
    view::{Deletable, Rights},
};

impl Model {
    /// The person deletes a message of their own.
    pub fn delete_message(&mut self, room: RoomId, key: &str, now: Moment) {
        if let Some(message) = self.message_of(room, key).map(|message| message.id) {
            self.pending.begin(Act::Delete { room, message }, now);
        }
    }

    /// The deleted message is brought back.
    pub fn undelete_message(&mut self, room: RoomId, key: &str) {
        if let Some(message) = self.message_of(room, key).map(|message| message.id) {
            self.pending.undo(Act::Delete { room, message });
        }
    }

    /// What was done last in a room is undone. Returns whether there was anything.
    pub fn undo_last(&mut self, room: RoomId) -> bool {
        self.pending.undo_last(room).is_some()
    }

    /// The person leaves the room for good, or archives it.
    pub fn part(&mut self, act: Act, now: Moment) {
        self.pending.begin(act, now);
    }

    /// The page goes away: what could be undone is told now.
    pub fn seal(&mut self) {
        self.pending.seal(None);
    }

    /// The server was told what was done.
    pub fn act_answered(&mut self, act: Act, told: Told, now: Moment) {
        self.pending.answered(act, told, now);
    }

    /// A message as the address bar, the clipboard and the server know it.
    #[must_use]
    pub fn message(&self, room: RoomId, key: &str) -> Option<&shared::message::Message> {
        self.message_of(room, key)
    }

    /// Whether the person may delete a message, and the name of who wrote it.
    #[must_use]
    pub fn deletable(&self, room: RoomId, key: &str) -> Option<(Deletable, String)> {
        let replica = self.replica.as_ref()?;
        let (held, message) = (replica.room(room)?, self.message_of(room, key)?);
        let rights = Rights::of(replica.me_as_actor(), &held.room);
        let (action, how) = if message.author == replica.me.id {
            (RoomAction::DeleteOwn, Deletable::Own)
        } else {
            (RoomAction::DeleteOthers, Deletable::Others)
        };
        let name = replica.member(message.author).map(|author| author.display_name.to_string());
        let how = if rights.allow(action) && !message.deleted { how } else { Deletable::No };
        Some((how, name.unwrap_or_default()))
    }

    /// Everything from this message on is unread again, and stays so until the room is left.
    pub fn mark_unread(&mut self, room: RoomId, key: &str) {
        let Some(offset) = self.offset_of(room, key) else { return };
        let (Some(replica), Some(opened)) = (&self.replica, self.opened.get_mut(&room)) else { return };
        let Some(held) = replica.room(room) else { return };
        let before = Offset(offset.0.saturating_sub(1));
        (opened.new_after, opened.suspended) = (Some(before), true);
        self.effects.push(Effect::SetRead(ReadPosition { offset: before, ..held.read }));
    }
}
