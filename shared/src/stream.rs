//! What `GET /chat` says besides facts (PROTOCOL §5): the greeting, last values, the heartbeat and the farewell.
//!
//! These have no place in the log. `hello` and `tick` carry a cursor as their SSE `id` all the same: the reader's place
//! after them.

use serde::{Deserialize, Serialize};

use crate::{
    member::{Member, Timestamp},
    presence::Presence,
    room::ReadPosition,
};

/// The protocol's version. A client that meets a higher one reloads itself.
pub const PROTOCOL: u32 = 1;

/// The SSE `event` names of this module.
pub mod kind {
    /// [`super::Hello`].
    pub const HELLO: &str = "hello";
    /// [`super::State`].
    pub const STATE: &str = "state";
    /// [`super::Tick`].
    pub const TICK: &str = "tick";
    /// [`crate::room::ReadPosition`].
    pub const READ: &str = "read";
    /// [`crate::presence::PresenceList`].
    pub const PRESENCE: &str = "presence";
    /// [`crate::presence::Typing`].
    pub const TYPING: &str = "typing";
    /// [`super::Bye`].
    pub const BYE: &str = "bye";
    /// All of them.
    pub const ALL: &[&str] = &[HELLO, STATE, TICK, READ, PRESENCE, TYPING, BYE];
}

/// How the stream continues what the reader has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resume {
    /// Nothing was missed: the stream begins at the head of the log.
    Live,
    /// What was missed follows, until the first tick.
    Replay,
    /// The cursor cannot be resumed: load the snapshot again.
    Reset,
}

/// Always the first event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`PROTOCOL`] of the server.
    pub protocol: u32,
    /// Version of the server.
    pub version: String,
    /// Whose stream this is.
    pub you: Member,
    /// How it continues.
    pub resume: Resume,
    /// Head of the log minus the accepted cursor: an upper bound of what follows.
    pub behind: u64,
    /// Time between two ticks.
    pub heartbeat_ms: u64,
    /// Every kind of fact this server can send. A client listens to all of them and counts those it does not know.
    pub events: Vec<String>,
}

/// What a `hello` of any protocol says of itself: everything else may have another shape in another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Introduction {
    /// The protocol of the server.
    pub protocol: u32,
    /// Version of the server, if it says one.
    pub version: Option<String>,
}

/// Last values, right after `hello`, and again after the server dropped some that waited for this reader or when there
/// are more people whom the reader may know of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The reader's own positions.
    pub reads: Vec<ReadPosition>,
    /// Who is here, when the workspace has at most [`SNAPSHOT_PEOPLE_MAX`](crate::limits::SNAPSHOT_PEOPLE_MAX) people;
    /// people who are not here are left out. `None` in a larger one: the client asks for those it shows, now and after
    /// every other `state` like this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence: Option<Vec<Presence>>,
}

/// The heartbeat: every fact up to its `id` that the reader may see has been sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tick {
    /// Facts written on this stream since `hello`. A reader that counted differently reloads.
    pub sent: u64,
    /// The server's clock.
    pub now: Timestamp,
}

/// Why the server ends a stream on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ByeReason {
    /// The server stops or restarts.
    Shutdown,
    /// The session was signed out or has expired.
    SessionEnded,
    /// The person's role changed: what the stream may carry is another set now. Connect again and load the snapshot.
    RoleChanged,
    /// The account was deactivated.
    Deactivated,
    /// The account was banned.
    Banned,
    /// The stream has lived for a day: connect again, so that who may hear it is asked anew.
    Renew,
    /// The server sheds load.
    #[serde(other)]
    Overload,
}

/// The last event of a stream that ends on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bye {
    /// Why.
    pub reason: ByeReason,
    /// How long to wait before connecting again, in milliseconds; also in the block's `retry` field.
    pub retry_ms: u64,
}
