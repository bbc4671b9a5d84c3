//! The log as the fan-out needs it: rows to read, the epochs, and who is in which room.
//!
//! `state.rs` joins this to the store; `live` never sees a database.

use async_trait::async_trait;
use bytes::Bytes;
use shared::{
    cursor::{Epoch, Offset},
    id::{MemberId, RoomId},
    member::Role,
    room::ReadPosition,
};

use crate::domain::audience::Audience;

/// The log cannot be read right now. The reader waits and tries again; nothing is lost.
#[derive(Debug, thiserror::Error)]
#[error("the log cannot be read: {0}")]
pub struct LogError(pub String);

/// One fact, as it is fanned out.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its place.
    pub offset: Offset,
    /// Who may hear it.
    pub audience: Audience,
    /// Its name: the SSE `event`.
    pub kind: String,
    /// One line of JSON: the SSE `data`. U+2028, U+2029 and U+0085 are escaped already.
    pub payload: Bytes,
    /// How it changes who may hear what follows.
    pub change: Option<RightsChange>,
    /// What it is about, where its audience alone does not say who may hear it.
    pub about: About,
    /// Whether this process wrote it itself, so that kind and payload are surely what they should be.
    pub is_own: bool,
}

/// What a fact is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum About {
    /// Its audience says all.
    #[default]
    Audience,
    /// A fact for the workspace that is about the workspace itself: guests hear it too.
    Workspace,
    /// A fact for the workspace that is about this person: a guest hears it who shares a room with them.
    Member(MemberId),
    /// A fact for one person that is about this room: a replay passes it over when they are not in the room any more.
    Room(RoomId),
}

/// A change of rights, acting at the offset of its fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RightsChange {
    /// The member hears the room from the next offset on.
    Joined {
        /// Who.
        member: MemberId,
        /// Which room.
        room: RoomId,
    },
    /// The member hears nothing of the room from this offset on.
    Left {
        /// Who.
        member: MemberId,
        /// Which room.
        room: RoomId,
    },
    /// The member is something else from the next offset on; their open streams end with this fact.
    Standing(Standing),
    /// The member has chosen what others see of them.
    Shares(Shares),
    /// The member was banned: their open streams end, and are told so.
    Banned {
        /// Who.
        member: MemberId,
    },
}

/// What someone is in the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Who.
    pub member: MemberId,
    /// What they are.
    pub role: Role,
    /// Whether the account is in use.
    pub active: bool,
}

/// Whether others see when someone is here and when they type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    /// Who.
    pub member: MemberId,
    /// Whether they are here.
    pub presence: bool,
    /// Whether they type.
    pub typing: bool,
}

/// A right to hear a room, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Right {
    /// Who.
    pub member: MemberId,
    /// Which room.
    pub room: RoomId,
    /// Facts of the room after this offset may be heard on a stream; what was before it is history, to be loaded.
    pub since: Offset,
}

/// Every right, as of one offset.
#[derive(Debug, Clone, Default)]
pub struct AllRights {
    /// The offset up to which changes are folded in.
    pub at: Offset,
    /// Who hears which room.
    pub rights: Vec<Right>,
    /// What everyone is.
    pub standings: Vec<Standing>,
    /// What those share who do not share everything.
    pub shares: Vec<Shares>,
}

/// What the log spans.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// The oldest row that can still be read, or head + 1.
    pub oldest: Offset,
    /// The newest row.
    pub head: Offset,
    /// Every epoch and its first offset, oldest first; the last is the current one.
    pub epochs: Vec<(Epoch, Offset)>,
}

/// A source of facts in commit order, without holes.
#[async_trait]
pub trait Log: Send + Sync + 'static {
    /// What the log spans now.
    async fn bounds(&self) -> Result<Bounds, LogError>;

    /// The next rows after `after`, at most `limit`.
    async fn read(&self, after: Offset, limit: usize) -> Result<Vec<Record>, LogError>;

    /// Every right.
    async fn rights(&self) -> Result<AllRights, LogError>;

    /// A member's read positions, for the `state` event.
    async fn reads(&self, member: MemberId) -> Result<Vec<ReadPosition>, LogError>;
}
