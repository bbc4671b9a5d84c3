//! Invites: links behind which accounts are made.

use async_trait::async_trait;
use shared::{
    id::{InviteId, MemberId},
    member::{Member, Timestamp},
    session::InvitePreview,
};

use super::{NewMember, NewSession, SecretHash, StoreError};

/// An invite to be made.
#[derive(Debug, Clone)]
pub struct NewInvite {
    /// Its id.
    pub id: InviteId,
    /// Hash of the code in the link.
    pub secret: SecretHash,
    /// Who makes it.
    pub by: MemberId,
    /// When.
    pub at: Timestamp,
    /// When it stops working, as shown.
    pub expires_at: Timestamp,
    /// The same in milliseconds since 1970.
    pub expires_at_ms: i64,
}

/// Uses an invite up: a new account in the invite's room, signed in.
#[derive(Debug, Clone)]
pub struct JoinByInvite {
    /// Hash of the code in the link.
    pub invite: SecretHash,
    /// The new account.
    pub member: NewMember,
    /// Its first session.
    pub session: NewSession,
    /// Now, in milliseconds since 1970.
    pub now_ms: i64,
}

/// Invites. See [`super::Store`] for what every method has in common.
#[async_trait]
pub trait Invites: Send + Sync + 'static {
    /// Makes an invite into the first room.
    ///
    /// # Errors
    /// [`Forbidden`](crate::domain::DomainError::Forbidden) when the role may not invite.
    async fn create_invite(&self, invite: NewInvite) -> Result<(), StoreError>;

    /// What a person with the link may know, at `now_ms`.
    ///
    /// # Errors
    /// [`InviteInvalid`](crate::domain::DomainError::InviteInvalid), the same for unknown, used up and expired.
    async fn invite(&self, secret: SecretHash, now_ms: i64) -> Result<InvitePreview, StoreError>;

    /// Makes an account behind an invite. Facts: `member_joined`, `room_joined`, `room_member_joined`.
    ///
    /// # Errors
    /// [`InviteInvalid`](crate::domain::DomainError::InviteInvalid), [`NameTaken`](crate::domain::DomainError::NameTaken); neither uses the invite up.
    async fn join(&self, command: JoinByInvite) -> Result<Member, StoreError>;
}
