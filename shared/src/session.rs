//! Who is signed in, and what a client needs to begin: the snapshot.

use serde::{Deserialize, Serialize};

use crate::{
    cursor::Cursor,
    id::{InviteId, MemberId, RoomId, SessionId},
    member::{Member, Role, Settings, Timestamp, Workspace},
    message::Message,
    room::{Involvement, ReadPosition, Room},
    text::Label,
};

/// `GET /api/setup`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupState {
    /// Whether the workspace still has to be opened.
    pub needed: bool,
    /// Whether this caller must send the code that the server printed when it started.
    pub code_needed: bool,
    /// Whether one may come in as a guest, by a name alone and without an invite.
    pub guests: bool,
}

/// `GET /api/session`, and the answer of everything that signs a browser in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    /// The person this session belongs to.
    pub me: Member,
    /// The workspace it is a session of.
    pub workspace: Workspace,
}

/// `POST /api/session` with `"as": "token"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenIssued {
    /// To be sent as `Authorization: Bearer …`. Shown once; the server keeps only its hash.
    pub token: String,
    /// The person it speaks for.
    pub me: Member,
}

/// `POST /api/invites`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteCreated {
    /// Names it in the list; it opens nothing.
    pub id: InviteId,
    /// The secret in the link. Shown once; the server keeps only its hash.
    pub code: String,
    /// The whole link.
    pub url: String,
    /// The link as a picture for a camera: an SVG document.
    pub qr: String,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// An invite in the list: never its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteInfo {
    /// Names it.
    pub id: InviteId,
    /// As what people come in.
    pub role: Role,
    /// The room they come into.
    pub room: RoomId,
    /// How often it has been used.
    pub used: u32,
    /// How often it may be used in all; `None` for no limit.
    pub uses: Option<u32>,
    /// Who made it.
    pub by: MemberId,
    /// When.
    pub made_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// `GET /api/invites`: the invites that still work; the caller's own, for an admin everyone's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteList {
    /// The newest first, at most [`INVITES_LISTED_MAX`](crate::limits::INVITES_LISTED_MAX).
    pub invites: Vec<InviteInfo>,
}

/// What a token may do of what its owner may. An unknown word reads as the least.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Everything that its owner may.
    #[default]
    All,
    /// Read, and post messages.
    Post,
    /// Read.
    #[serde(other)]
    Read,
}

impl Access {
    /// The word on the wire and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Post => "post",
            Self::Read => "read",
        }
    }

    /// The access of a word; the least for a word of a later version.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word {
            "all" => Self::All,
            "post" => Self::Post,
            _ => Self::Read,
        }
    }
}

/// One of the caller's sessions: a place where they are signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionInfo {
    /// Names it; it opens nothing.
    pub id: SessionId,
    /// Whether it is the one that asks.
    pub current: bool,
    /// The browser and system it was made from, in words; `None` if unknown.
    pub device: Option<String>,
    /// The network address it was last used from; `None` if unknown.
    pub address: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to about a minute.
    pub last_used_at: Timestamp,
    /// When it ends by itself, unless it is used before.
    pub expires_at: Timestamp,
}

/// `GET /api/sessions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionList {
    /// The one that asks first, then by last use.
    pub sessions: Vec<SessionInfo>,
}

/// One of the caller's tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenInfo {
    /// Names it; it opens nothing.
    pub id: SessionId,
    /// What it is for.
    pub label: Label,
    /// What it may do.
    pub access: Access,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to about a minute; `None` for never.
    pub last_used_at: Option<Timestamp>,
    /// When it ends by itself; `None` for one that only ends when it is revoked.
    pub expires_at: Option<Timestamp>,
}

/// `GET /api/tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenList {
    /// The newest first.
    pub tokens: Vec<TokenInfo>,
}

/// `POST /api/tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenMade {
    /// To be sent as `Authorization: Bearer …`. Shown once; the server keeps only its hash.
    pub token: String,
    /// The token as the list has it.
    pub info: TokenInfo,
}

/// A link that works once: to sign in on another device, or to set a new password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkMade {
    /// The secret in the link. Shown once; the server keeps only its hash.
    pub code: String,
    /// The whole link.
    pub url: String,
    /// The link as a picture for a camera: an SVG document.
    pub qr: String,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// What a person with such a link may know before using it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkPreview {
    /// The workspace behind the link.
    pub workspace: Workspace,
    /// Whose link it is.
    pub member: Member,
}

/// `GET /api/invites/{code}`: what a person with the link may know before joining.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitePreview {
    /// The workspace behind the link.
    pub workspace: Workspace,
    /// As what one comes in: a guest gives a name only.
    pub role: Role,
    /// The room one comes into.
    pub room: Room,
    /// Who made the link.
    pub inviter: Member,
    /// Some of the people one will meet, the inviter not among them.
    pub people: Vec<Member>,
    /// How many people the room has.
    pub people_count: u32,
    /// The room's last messages; only an open room shows them.
    pub messages: Vec<Message>,
    /// The authors of `messages` that `people` and `inviter` do not name.
    pub authors: Vec<Member>,
    /// When the link stops working.
    pub expires_at: Timestamp,
}

/// `GET /api/snapshot`: everything a client shows first, valid at one place of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The place: events after it apply on top, and none before it is missing.
    pub cursor: Cursor,
    /// The person it was made for.
    pub me: Member,
    /// The workspace.
    pub workspace: Workspace,
    /// The rooms the person is a member of.
    pub rooms: Vec<Room>,
    /// People by need: the person, those of their direct rooms, and everyone they may know of when that is at most
    /// [`SNAPSHOT_PEOPLE_MAX`](crate::limits::SNAPSHOT_PEOPLE_MAX). Others are asked for when they are shown.
    pub members: Vec<Member>,
    /// How many accounts there are that the person may know of.
    pub people_count: u32,
    /// How far the person has read, one for each room.
    pub reads: Vec<ReadPosition>,
    /// What the person wants to hear of rooms, where that is not the default of the room's kind.
    pub involvements: Vec<Involvement>,
    /// What the person has set for themself.
    pub my: Settings,
}

/// `GET /api/people/{member}`: the card of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberView {
    /// The person.
    pub member: Member,
    /// The time zone, if the person shares one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// When the person was last here, if they share that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Timestamp>,
    /// The rooms that the caller and the person are both in.
    pub shared_rooms: Vec<RoomId>,
    /// Whether the account is banned. For admins; to others it is inactive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub banned: Option<bool>,
}

/// `GET /api/rooms`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomList {
    /// The rooms the caller is a member of.
    pub rooms: Vec<Room>,
    /// The list holds every change up to here.
    pub as_of: Cursor,
}

/// `GET /api/rooms/{room}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomView {
    /// The room.
    pub room: Room,
    /// Whether the caller is in it. An open room can be looked at from outside.
    pub joined: bool,
    /// It holds every change up to here.
    pub as_of: Cursor,
}
