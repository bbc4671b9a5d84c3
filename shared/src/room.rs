//! Rooms, and how far a person has read in each.

use serde::{Deserialize, Serialize};

use crate::{cursor::Offset, id::RoomId, text::RoomName};

/// The slug of the room that set-up makes and that everyone joins first.
pub const FIRST_ROOM_SLUG: &str = "general";

/// Who may find and join a room. A word this version does not know reads as the narrowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// Everyone in the workspace can find and join it.
    Open,
    /// Only its members know of it.
    #[serde(other)]
    Closed,
}

/// A room as its members see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// Never changes; what events and links carry.
    pub id: RoomId,
    /// Its name in addresses: lower-case letters, digits and hyphens of any script.
    pub slug: String,
    /// Its name for people.
    pub name: RoomName,
    /// Who may find and join it.
    pub kind: RoomKind,
    /// How many members it has.
    pub member_count: u32,
    /// Offset of the newest message's posting; 0 while nobody has said anything.
    pub last_offset: Offset,
    /// Offset of the room's last change, messages aside.
    pub rev: Offset,
}

/// How far one person has read in one room. Only that person ever hears of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadPosition {
    /// The room.
    pub room: RoomId,
    /// Everything up to and including the message posted here has been read.
    pub offset: Offset,
    /// Raised by every deliberate move (`set`); a position with an older one is ignored.
    pub rev: u64,
    /// Messages of others after `offset`, up to `as_of`.
    pub unread: u32,
    /// Offset of the room's newest message when `unread` was counted: a message up to here is in the count, or read.
    pub as_of: Offset,
}

impl ReadPosition {
    /// Whether `other` says something newer about the same room than this does.
    #[must_use]
    pub fn is_superseded_by(&self, other: &Self) -> bool {
        (other.rev, other.offset) > (self.rev, self.offset)
    }
}
