//! Rooms, what a person wants to hear of each, and how far they have read.

use serde::{Deserialize, Serialize};

use crate::{
    cursor::{Cursor, Offset},
    id::{MemberId, RoomId},
    member::{Circle, Member, Timestamp},
    text::{RoomName, RoomTopic},
};

/// The slug of the room that set-up makes and that everyone joins first.
pub const FIRST_ROOM_SLUG: &str = "general";

/// Who may find and join a room. A word this version does not know reads as the narrowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// Everyone in the workspace but guests can find and join it.
    Open,
    /// The conversation of a fixed set of people: one for each set, never widened, narrowed or renamed.
    Direct,
    /// Only its members know of it; they bring others in.
    #[serde(other)]
    Closed,
}

impl RoomKind {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Direct => "direct",
            Self::Closed => "closed",
        }
    }

    /// The kind of a word; the narrowest for a word of a later version.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word {
            "open" => Self::Open,
            "direct" => Self::Direct,
            _ => Self::Closed,
        }
    }
}

/// A room as those see it who may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// Never changes; what events and links carry.
    pub id: RoomId,
    /// Its name in addresses: lower-case letters, digits and hyphens of any script. A direct room has none: its id.
    pub slug: String,
    /// Its name for people. A direct room is called by its people instead.
    pub name: RoomName,
    /// Who may find and join it.
    pub kind: RoomKind,
    /// What it is about; may be empty.
    pub topic: RoomTopic,
    /// Whether it is kept for reading only.
    pub archived: bool,
    /// Who of its members may post.
    pub posting: Circle,
    /// Who moderates it beside owner and admins: who made it, as long as they are in it.
    pub moderator: Option<MemberId>,
    /// How many members it has.
    pub member_count: u32,
    /// Of a direct room: its people, the reader among them, in the order of their ids. Empty for the other kinds.
    pub people: Vec<MemberId>,
    /// Offset of the newest message's posting; 0 while nobody has said anything.
    pub last_offset: Offset,
    /// Offset of the room's last change, messages aside.
    pub rev: Offset,
}

/// What a person wants to hear of a room. Only that person ever hears of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// A count, and a notification for each message.
    Everything,
    /// No count, no notification; grey in the rail.
    Nothing,
    /// Out of the rail until the person is named.
    Hidden,
    /// A count; a notification when the person is named or answered.
    #[serde(other)]
    Mentions,
}

impl Level {
    /// What a person hears of a room of this kind as long as they have not chosen.
    #[must_use]
    pub const fn default_of(kind: RoomKind) -> Self {
        match kind {
            RoomKind::Direct => Self::Everything,
            RoomKind::Open | RoomKind::Closed => Self::Mentions,
        }
    }

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Everything => "everything",
            Self::Mentions => "mentions",
            Self::Nothing => "nothing",
            Self::Hidden => "hidden",
        }
    }

    /// The level of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word {
            "everything" => Self::Everything,
            "nothing" => Self::Nothing,
            "hidden" => Self::Hidden,
            _ => Self::Mentions,
        }
    }
}

/// The level of one room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Involvement {
    /// The room.
    pub room: RoomId,
    /// What the person hears of it.
    pub level: Level,
}

/// Why a room is not the reader's any more. An unknown word reads as the plainest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoneReason {
    /// The person left.
    Left,
    /// Somebody took the person out.
    #[serde(other)]
    Removed,
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
    /// Messages of others after `offset`, up to `as_of`, that have not been deleted. At most
    /// [`UNREAD_MAX`](crate::limits::UNREAD_MAX), which means "so many or more".
    pub unread: u32,
    /// Offset of the room's newest posting or deletion when `unread` was counted, or of the person's coming in: what
    /// happened up to here is in the count, only what comes later changes it.
    pub as_of: Offset,
}

impl ReadPosition {
    /// Whether `other` says something newer about the same room than this does.
    #[must_use]
    pub fn is_superseded_by(&self, other: &Self) -> bool {
        (other.rev, other.offset) > (self.rev, self.offset)
    }
}

/// The answer to what changes a room, or who is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomAnswer {
    /// The room as it is now.
    pub room: Room,
    /// Where the change is in the log; the head when nothing had to change.
    pub cursor: Cursor,
}

/// A room in the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryEntry {
    /// The room.
    pub room: Room,
    /// Whether the caller is in it.
    pub joined: bool,
    /// When the newest message was posted; only of a room the caller is in, or an open one.
    pub last_posted_at: Option<Timestamp>,
}

/// `GET /api/directory`: a page of the rooms that the caller is in or could join; direct ones are not among them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    /// The caller's rooms by their newest message, then the open ones by their members.
    pub rooms: Vec<DirectoryEntry>,
    /// How many rooms the question finds in all.
    pub total: u32,
    /// Where the next page begins: `?after=`. `None` at the end.
    pub next: Option<u32>,
    /// The page holds every change up to here.
    pub as_of: Cursor,
}

/// `GET /api/rooms/{room}/members`: a page of the people in a room, by the name shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomMembers {
    /// The people.
    pub members: Vec<Member>,
    /// Where the next page begins: `?after=`. `None` at the end.
    pub next: Option<MemberId>,
    /// The page holds every change up to here.
    pub as_of: Cursor,
}
