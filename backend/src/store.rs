//! The truth: one ordered log and the state it changed, kept in a database (design, "the log").
//!
//! Nothing here names a driver; [`sqlite`] does. Each command is one method of an area's trait: it runs in the writer's
//! transaction and, when it fails, leaves nothing behind; it reads what it needs, asks the pure rule of
//! [`crate::domain`], writes state and facts together, and answers after the commit. So a right is judged as it is when
//! the command runs, not as it was when the request came. `contract` holds one test per behaviour, which every store
//! passes.
//!
//! **Cancel-safety.** A command that was queued runs whether or not its caller still waits; dropping the future only
//! drops the answer. Reads can be dropped at any time.

mod accounts;
mod audit;
mod bans;
#[cfg(test)]
mod contract;
mod invites;
mod links;
mod log;
mod messages;
mod payload;
mod people;
mod rooms;
mod sessions;
pub mod sqlite;

pub use self::{
    accounts::{Accounts, ChangeWorkspace, Credentials, NewMember, OpenWorkspace},
    audit::{Audit, AuditQuery},
    bans::{BanMember, Bans, PurgeSince, Purged},
    invites::{EnterByInvite, Invites, JoinByInvite, LetInGuest, NewInvite},
    links::{LinkKind, Links, NewLink, ResetByLink, SignInByLink},
    log::{EpochStart, LogBounds, LogRow, LogStore, cursor_at},
    messages::{DeleteMessage, Messages, PostMessage, Posted},
    people::{ChangePassword, ChangePerson, People, PeopleShow},
    rooms::{
        ChangeMembership, ChangeRoom, CreateRoom, DirectoryQuery, DirectoryShow, Membership, PeopleQuery, Rights,
        RoomMade, RoomPlan, RoomRef, Rooms, Shares, Standing,
    },
    sessions::{NEVER_MS, NewSession, NewToken, Place, SessionOwner, SessionUse, Sessions},
};

use std::net::IpAddr;

use shared::{
    cursor::Offset,
    id::{MemberId, SessionId},
    member::Timestamp,
};

use crate::domain::DomainError;

/// A SHA-256, as secrets (session tokens, invite codes) are kept.
pub type SecretHash = [u8; 32];

/// Who gives a command, when, and from where: what the audit log says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// Who. What they may do is looked up when the command runs.
    pub member: MemberId,
    /// When.
    pub at: Timestamp,
    /// The network address of the client, when it is known.
    pub address: Option<IpAddr>,
}

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A rule of the domain refused the command; nothing was written and no offset was taken.
    #[error(transparent)]
    Refused(DomainError),
    /// Nothing by that id or name that the caller may see.
    #[error("not found")]
    NotFound,
    /// The database does not answer, or the commit failed. Whether a command took effect is unknown only to a caller
    /// whose answer was lost; this answer means it did not.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// No space is left; reading goes on.
    #[error("the disk is full")]
    Full,
    /// What is stored cannot be read.
    #[error("the store is corrupt: {0}")]
    Corrupt(String),
}

impl From<DomainError> for StoreError {
    /// What may not be known of is not found, like what is not there.
    fn from(refusal: DomainError) -> Self {
        if refusal == DomainError::NotFound { Self::NotFound } else { Self::Refused(refusal) }
    }
}

/// The database behind the service: all the areas. See the module for cancel-safety; every method can fail with
/// [`StoreError::Unavailable`], [`StoreError::Full`] (commands) and [`StoreError::Corrupt`].
pub trait Store: Accounts + People + Bans + Audit + Sessions + Invites + Links + Rooms + Messages + LogStore {}

impl<T: Accounts + People + Bans + Audit + Sessions + Invites + Links + Rooms + Messages + LogStore> Store for T {}

/// Whom a store tells what it has committed, on the thread that writes: none of the methods may block.
pub trait Watch: Send + Sync {
    /// The log has grown to here.
    fn head_moved(&self, head: Offset);

    /// These sessions are over. Told before whoever gave the command is answered, and whether or not they still wait.
    fn sessions_ended(&self, sessions: &[SessionId]);
}

/// Nobody watches.
impl Watch for () {
    fn head_moved(&self, _: Offset) {}

    fn sessions_ended(&self, _: &[SessionId]) {}
}

/// Messages that the preview of an invite shows. Kept here so that both stores agree.
pub const PREVIEW_MESSAGES: u32 = 4;

/// People that the preview of an invite shows beside the inviter.
pub const PREVIEW_PEOPLE: u32 = 6;
