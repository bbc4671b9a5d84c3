//! Bans: a person is out, with the addresses and the messages that go with them.

use async_trait::async_trait;
use shared::{
    cursor::Offset,
    id::MemberId,
    member::Timestamp,
    request::{BanMade, BanPreview, PersonChanged},
    text::Reason,
};

use super::{By, StoreError};

/// Somebody is to be banned.
#[derive(Debug, Clone)]
pub struct BanMember {
    /// Who wants it.
    pub by: By,
    /// Whom.
    pub member: MemberId,
    /// Why.
    pub reason: Reason,
    /// Whether the addresses they used are blocked for new accounts.
    pub addresses: bool,
    /// Which messages are deleted.
    pub purge: PurgeSince,
}

/// Which messages of a person are deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PurgeSince {
    /// None.
    Keep,
    /// Those posted from this moment on.
    Moment(Timestamp),
    /// All.
    Beginning,
}

/// A piece of the deleting that a ban has begun.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Purged {
    /// The places whose payloads in the log were rewritten.
    pub rewritten: Vec<Offset>,
    /// Whether there is more to do.
    pub more: bool,
}

/// Bans. See [`super::Store`] for what every method has in common.
#[async_trait]
pub trait Bans: Send + Sync + 'static {
    /// What a ban would touch; `day` is the moment from which messages count as of the last 24 hours.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`Forbidden`](crate::domain::DomainError::Forbidden).
    async fn ban_preview(&self, by: MemberId, member: MemberId, day: Timestamp) -> Result<BanPreview, StoreError>;

    /// Bans a person: as deactivating, and it stays so until the ban is lifted. A second time adds what the first left
    /// out. Messages are deleted afterwards, by [`purge`](Self::purge); what is to be deleted is settled here. Facts:
    /// `audit_logged`, which ends the person's streams, and `member_changed`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`Forbidden`](crate::domain::DomainError::Forbidden).
    async fn ban(&self, command: BanMember) -> Result<BanMade, StoreError>;

    /// Lifts a ban: the account is in use again, the addresses are free. Facts: `audit_logged`, `member_changed`. Nobody
    /// who is not banned is changed.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`Forbidden`](crate::domain::DomainError::Forbidden).
    async fn lift_ban(&self, by: By, member: MemberId) -> Result<PersonChanged, StoreError>;

    /// Deletes messages of the banned, as [`delete_message`](super::Messages::delete_message) does, at most `batch`. Facts:
    /// `message_deleted`. To be called until there is no more, and after a start.
    async fn purge(&self, at: Timestamp, batch: u32) -> Result<Purged, StoreError>;
}
