//! Who is here and who is typing: leases that the server ends by itself, never facts (PROTOCOL §5).

use serde::{Deserialize, Serialize};

use crate::id::{MemberId, RoomId};

/// Whether a person is here, taken together over all their devices. An unknown word reads as not here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PresenceLevel {
    /// Has a stream open on a device that they did something with in the last [`ACTIVE_LEASE_MS`].
    Active,
    /// Has a stream open, and has not been active for a while.
    Away,
    /// Has no stream open, or does not share whether.
    #[default]
    #[serde(other)]
    Offline,
}

/// One person's presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// Who.
    pub member: MemberId,
    /// Whether they are here.
    pub level: PresenceLevel,
}

/// The `presence` event: what has changed since the last one. Also the answer of `GET /api/presence?members=`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresenceList {
    /// The people and where they are now. Nobody is named twice.
    pub presence: Vec<Presence>,
}

/// The `typing` event: who is typing in a room now, the reader excepted, those who began first coming first; at most
/// [`TYPING_SHOWN_MAX`]. The last one holds until the next, or until [`TYPING_LEASE_MS`] have passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typing {
    /// The room.
    pub room: RoomId,
    /// Who is typing.
    pub members: Vec<MemberId>,
}

/// How long someone is typing after they last said so, in milliseconds: the clients say it every three seconds.
pub const TYPING_LEASE_MS: u64 = 6_000;

/// How many people a `typing` event names: more are "several", however many they are.
pub const TYPING_SHOWN_MAX: usize = 5;

/// How long a device is active after its person last did something, in milliseconds. A client says so at most once a
/// minute while there is input, and nothing while there is none.
pub const ACTIVE_LEASE_MS: u64 = 300_000;

/// In a workspace with more than [`SNAPSHOT_PEOPLE_MAX`](crate::limits::SNAPSHOT_PEOPLE_MAX) people: how long the changes
/// of somebody are told after a client last asked for them, in milliseconds. Who shows them for longer asks again.
pub const PRESENCE_WATCH_MS: u64 = 1_800_000;
