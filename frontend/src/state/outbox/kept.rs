//! What of a message on its way is kept on the device, and under whose name.

use serde::{Deserialize, Serialize};
use shared::id::{ClientId, MemberId, RoomId};

use crate::state::view::Failure;

/// Whose things are kept on this device. Nothing kept under one account is ever read under another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The workspace's name: one address may serve another workspace one day.
    pub workspace: String,
    /// The person.
    pub member: MemberId,
}

impl Account {
    /// The account as part of a storage key. Two accounts never have the same: a member id has no slash in it.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}/{}", self.member, self.workspace)
    }
}

/// A message on its way, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The idempotency key: the same after every reload.
    pub client_id: ClientId,
    /// Where to.
    pub room: RoomId,
    /// The text.
    pub body: String,
    /// When it was written, in Unix milliseconds.
    pub written_ms: i64,
    /// Its place among the others: greater was written later.
    pub order: u64,
    /// Why it was given up, if it was.
    pub failed: Option<KeptFailure>,
}

/// [`Failure`] as it is kept. A word of a later version reads as the most general.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptFailure {
    /// See [`Failure::Refused`].
    Refused,
    /// See [`Failure::NoRoom`].
    NoRoom,
    /// See [`Failure::Stale`].
    Stale,
    /// See [`Failure::NoAnswer`].
    #[serde(other)]
    NoAnswer,
}

impl From<Failure> for KeptFailure {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NoAnswer => Self::NoAnswer,
            Failure::Refused => Self::Refused,
            Failure::NoRoom => Self::NoRoom,
            Failure::Stale => Self::Stale,
        }
    }
}

impl From<KeptFailure> for Failure {
    fn from(kept: KeptFailure) -> Self {
        match kept {
            KeptFailure::NoAnswer => Self::NoAnswer,
            KeptFailure::Refused => Self::Refused,
            KeptFailure::NoRoom => Self::NoRoom,
            KeptFailure::Stale => Self::Stale,
        }
    }
}
