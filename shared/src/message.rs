//! Messages and pages of them.

use serde::{Deserialize, Serialize};

use crate::{
    cursor::{Cursor, Offset},
    id::{ClientId, MemberId, MessageId, RoomId},
    member::Timestamp,
};

/// A message as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Never changes.
    pub id: MessageId,
    /// The room it was posted to.
    pub room: RoomId,
    /// Who wrote it.
    pub author: MemberId,
    /// The sender's own name for it, which joins it with the optimistic row.
    pub client_id: ClientId,
    /// Offset of its posting: its place in the room's order.
    pub offset: Offset,
    /// Offset of its last change; two copies merge by the higher one.
    pub rev: Offset,
    /// The author's text, Markdown.
    pub body: String,
    /// The text rendered and sanitised by the server. `None` when the event would be too large: show `body` as text.
    pub html: Option<String>,
    /// When the server stored it.
    pub posted_at: Timestamp,
    /// Whether it was deleted: then this is a tombstone, without text.
    pub deleted: bool,
}

impl Message {
    /// Turns the message into the tombstone that its deletion at `rev` leaves.
    pub fn bury(&mut self, rev: Offset) {
        self.body.clear();
        self.html = None;
        self.deleted = true;
        self.rev = rev;
    }
}

/// The answer to `DELETE /api/messages/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRemoved {
    /// The tombstone.
    pub message: Message,
    /// Where the deletion is in the log.
    pub cursor: Cursor,
}

/// A run of a room's history without holes, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagePage {
    /// In the order of their offsets.
    pub messages: Vec<Message>,
    /// The page holds every change up to here.
    pub as_of: Cursor,
    /// Whether the room has messages older than the first of the page.
    pub more_before: bool,
    /// Whether the room has messages newer than the last of the page.
    pub more_after: bool,
}
