//! People: the members of a workspace and what they may be.

use serde::{Deserialize, Serialize};

use crate::{
    id::MemberId,
    text::{DisplayName, SignInName, WorkspaceName},
};

/// What a member is in the workspace. A word this version does not know reads as the least of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Opened the workspace and answers for it.
    Owner,
    /// Reads and writes.
    #[serde(other)]
    Member,
}

/// A person as everyone in the workspace may see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Never changes and is never given to another person.
    pub id: MemberId,
    /// The unique sign-in name.
    pub name: SignInName,
    /// The name shown beside messages.
    pub display_name: DisplayName,
    /// What the person may do.
    pub role: Role,
    /// When the account was made.
    pub joined_at: Timestamp,
}

/// The place itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    /// Its name, as the owner gave it.
    pub name: WorkspaceName,
}

/// A moment as it crosses the wire: RFC 3339, UTC, milliseconds (`2026-11-22T12:00:00.000Z`).
///
/// For people to read. Nothing is ordered, resumed or made idempotent by it: clocks jump.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub String);
