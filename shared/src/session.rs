//! Who is signed in, and what a client needs to begin: the snapshot.

use serde::{Deserialize, Serialize};

use crate::{
    cursor::Cursor,
    member::{Member, Timestamp, Workspace},
    message::Message,
    room::{ReadPosition, Room},
};

/// `GET /api/setup`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupState {
    /// Whether the workspace still has to be opened.
    pub needed: bool,
    /// Whether this caller must send the code that the server printed when it started.
    pub code_needed: bool,
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
    /// The secret in the link. Shown once; the server keeps only its hash.
    pub code: String,
    /// The whole link.
    pub url: String,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// `GET /api/invites/{code}`: what a person with the link may know before joining.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitePreview {
    /// The workspace behind the link.
    pub workspace: Workspace,
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

/// `GET /api/people/{member}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberView {
    /// The person.
    pub member: Member,
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
    /// The people of the workspace.
    pub members: Vec<Member>,
    /// How far the person has read, one for each room.
    pub reads: Vec<ReadPosition>,
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
    /// It holds every change up to here.
    pub as_of: Cursor,
}
