//! The facts of the log, one variant each, and the envelope in which they travel (PROTOCOL §4).
//!
//! On the wire the variant's [`kind`](Event::kind) is the SSE `event` field, the payload is its `data` (one line of
//! JSON) and the cursor its `id`. A fact is past tense, durable and ordered; what is neither (a tick, a read position)
//! is in [`crate::stream`].

use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    audit::AuditEntry,
    cursor::{Cursor, Offset},
    id::{MemberId, MessageId, RoomId},
    member::{Member, Settings, Workspace},
    message::Message,
    room::{GoneReason, Involvement, Room},
    wire::{Read, Value},
};

/// A fact and its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The fact's place; also where a reader is after it.
    pub cursor: Cursor,
    /// What happened.
    pub event: Event,
}

impl Envelope {
    /// The fact's offset.
    #[must_use]
    pub const fn offset(&self) -> Offset {
        self.cursor.offset
    }
}

/// Someone posted a message. Audience: the room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagePosted {
    /// The room.
    pub room: RoomId,
    /// The message.
    pub message: Message,
}

/// Someone became a member of the workspace. Audience: the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberJoined {
    /// The new member.
    pub member: Member,
    /// Whose invite it was; nobody's for the owner.
    pub invited_by: Option<MemberId>,
}

/// A room became the reader's. Audience: that person. It comes before any other fact of the room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomJoined {
    /// The room as it was then; its history is loaded by the client.
    pub room: Room,
}

/// Someone became a member of a room. Audience: the room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomMemberJoined {
    /// The room.
    pub room: RoomId,
    /// Who came in.
    pub member: MemberId,
    /// How many members the room has since.
    pub member_count: u32,
}

/// A message was deleted. Audience: the room. It names the message and says nothing of what it said; the earlier facts of
/// the message have been rewritten to say nothing either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageDeleted {
    /// The room.
    pub room: RoomId,
    /// The message.
    pub message: MessageId,
    /// Who had written it: whether it counted as unread depends on it.
    pub author: MemberId,
    /// The place of its posting.
    pub offset: Offset,
}

/// A person's profile, role or state changed. Audience: the workspace; a guest hears it of people they share a room with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberChanged {
    /// The person as they are now.
    pub member: Member,
}

/// The reader changed what they have set for themself. Audience: that person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsChanged {
    /// The settings as they are now.
    pub settings: Settings,
}

/// The workspace's name or rules changed. Audience: the workspace, guests too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceChanged {
    /// The workspace as it is now.
    pub workspace: Workspace,
}

/// A room is not the reader's any more. Audience: that person. No fact of the room comes after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomGone {
    /// The room.
    pub room: RoomId,
    /// Why.
    pub reason: GoneReason,
}

/// A room's name, topic, kind or rules changed. Audience: the room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomChanged {
    /// The room as it is now.
    pub room: Room,
}

/// Someone is not a member of a room any more. Audience: the room, without them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomMemberLeft {
    /// The room.
    pub room: RoomId,
    /// Who went.
    pub member: MemberId,
    /// How many members the room has since.
    pub member_count: u32,
}

/// The reader chose what to hear of a room. Audience: that person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvolvementChanged {
    /// The choice.
    pub involvement: Involvement,
}

/// Someone used a right that not everyone has. Audience: owner and admins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLogged {
    /// What they did.
    pub entry: AuditEntry,
}

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident = $kind:literal),+ $(,)?) => {
        /// One fact.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(untagged)]
        pub enum Event {
            $($(#[$doc])* $variant($variant),)+
        }

        impl Event {
            /// The names of all facts this version knows, as the SSE `event` field spells them.
            pub const KINDS: &[&str] = &[$($kind),+];

            /// This fact's name.
            #[must_use]
            pub const fn kind(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $kind,)+
                }
            }

            /// Reads a fact from its name and its payload. `None` for a name this version does not know: the reader
            /// counts it and goes on.
            ///
            /// # Errors
            /// The deserializer's, when the payload is not of the shape its name promises.
            pub fn read<'de, D: Deserializer<'de>>(kind: &str, payload: D) -> Result<Option<Self>, D::Error> {
                match kind {
                    $($kind => $variant::deserialize(payload).map(|fact| Some(Self::$variant(fact))),)+
                    _ => Ok(None),
                }
            }

            /// As [`read`](Self::read), out of a payload that was parsed already, for a reader without serde. `None` for
            /// a name that is not among [`KINDS`](Self::KINDS), and for a payload that is not of the shape its name
            /// promises.
            #[must_use]
            pub fn of(kind: &str, payload: &impl Value) -> Option<Self> {
                match kind {
                    $($kind => $variant::read(payload).map(Self::$variant),)+
                    _ => None,
                }
            }
        }

        $(impl From<$variant> for Event {
            fn from(fact: $variant) -> Self {
                Self::$variant(fact)
            }
        })+
    };
}

events! {
    /// See [`AuditLogged`].
    AuditLogged = "audit_logged",
    /// See [`InvolvementChanged`].
    InvolvementChanged = "involvement_changed",
    /// See [`MemberChanged`].
    MemberChanged = "member_changed",
    /// See [`MemberJoined`].
    MemberJoined = "member_joined",
    /// See [`MessageDeleted`].
    MessageDeleted = "message_deleted",
    /// See [`MessagePosted`].
    MessagePosted = "message_posted",
    /// See [`RoomChanged`].
    RoomChanged = "room_changed",
    /// See [`RoomGone`].
    RoomGone = "room_gone",
    /// See [`RoomJoined`].
    RoomJoined = "room_joined",
    /// See [`RoomMemberJoined`].
    RoomMemberJoined = "room_member_joined",
    /// See [`RoomMemberLeft`].
    RoomMemberLeft = "room_member_left",
    /// See [`SettingsChanged`].
    SettingsChanged = "settings_changed",
    /// See [`WorkspaceChanged`].
    WorkspaceChanged = "workspace_changed",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_is_read_by_its_name() {
        let payload = r#"{"room":"r_8fj2k1000000","member":"u_000000000001","member_count":3,"later":true}"#;
        let read = |kind| Event::read(kind, &mut serde_json::Deserializer::from_str(payload));
        let event = read("room_member_joined").expect("parses").expect("is known");
        assert_eq!(event.kind(), "room_member_joined");
        let written = serde_json::to_string(&event).expect("serializes");
        assert_eq!(written, r#"{"room":"r_8fj2k1000000","member":"u_000000000001","member_count":3}"#);
        assert_eq!(read("of_a_later_version").expect("is ignored"), None);
        assert!(read("message_posted").is_err());
    }
}
