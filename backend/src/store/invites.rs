//! Invites: links behind which accounts are made, and rooms are joined.

use async_trait::async_trait;
use shared::{
    id::{InviteId, MemberId, RoomId},
    member::{Member, Role, Timestamp},
    room::RoomAnswer,
    session::{InviteList, InvitePreview},
};

use super::{By, NewMember, NewSession, SecretHash, StoreError};

/// An invite to be made.
#[derive(Debug, Clone)]
pub struct NewInvite {
    /// Its id.
    pub id: InviteId,
    /// Hash of the code in the link.
    pub secret: SecretHash,
    /// Who makes it.
    pub by: By,
    /// As what people come in.
    pub role: Role,
    /// The room they come into; the first room when it is left out.
    pub room: Option<RoomId>,
    /// How often it works; `None` for no limit.
    pub uses: Option<u32>,
    /// When it stops working, as shown.
    pub expires_at: Timestamp,
    /// The same in milliseconds since 1970.
    pub expires_at_ms: i64,
    /// Now, in milliseconds since 1970.
    pub now_ms: i64,
}

/// Uses an invite: a new account in the invite's room, signed in.
#[derive(Debug, Clone)]
pub struct JoinByInvite {
    /// Hash of the code in the link.
    pub invite: SecretHash,
    /// The new account. A guest has no password: an empty hash.
    pub member: NewMember,
    /// Its first session.
    pub session: NewSession,
    /// Now, in milliseconds since 1970.
    pub now_ms: i64,
}

/// Lets somebody in as a guest of the first room, without an invite.
#[derive(Debug, Clone)]
pub struct LetInGuest {
    /// The new account, without a password: an empty hash.
    pub member: NewMember,
    /// Its first session.
    pub session: NewSession,
}

/// Uses an invite: someone who has an account comes into the invite's room.
#[derive(Debug, Clone)]
pub struct EnterByInvite {
    /// Hash of the code in the link.
    pub invite: SecretHash,
    /// Who.
    pub by: By,
    /// Now, in milliseconds since 1970.
    pub now_ms: i64,
}

/// Invites. See [`super::Store`] for what every method has in common.
///
/// An invite works while it has neither expired nor been used up, and while whoever made it could make it again: who was
/// given less to say, has left its room or is deactivated invites nobody any more.
#[async_trait]
pub trait Invites: Send + Sync + 'static {
    /// Makes an invite. Fact: `audit_logged`.
    ///
    /// # Errors
    /// [`Forbidden`](crate::domain::DomainError::Forbidden) when the person may not invite as that, or into that room;
    /// [`StoreError::NotFound`] for a room they may not know of;
    /// [`RoomArchived`](crate::domain::DomainError::RoomArchived);
    /// [`LimitReached`](crate::domain::DomainError::LimitReached) when they have as many open ones as there may be.
    async fn create_invite(&self, invite: NewInvite) -> Result<(), StoreError>;

    /// The invites that work at `now_ms`: the person's own, for those who manage them everyone's.
    async fn invites(&self, member: MemberId, now_ms: i64) -> Result<InviteList, StoreError>;

    /// Withdraws an invite. Fact: `audit_logged`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also for an invite of somebody else that the person may not manage.
    async fn withdraw_invite(&self, by: By, invite: InviteId) -> Result<(), StoreError>;

    /// What a person with the link may know, at `now_ms`.
    ///
    /// # Errors
    /// [`InviteInvalid`](crate::domain::DomainError::InviteInvalid), the same whatever the reason.
    async fn invite(&self, secret: SecretHash, now_ms: i64) -> Result<InvitePreview, StoreError>;

    /// Makes an account behind an invite. Facts: `member_joined`, `room_joined`, `room_member_joined`.
    ///
    /// # Errors
    /// [`InviteInvalid`](crate::domain::DomainError::InviteInvalid), [`NameTaken`](crate::domain::DomainError::NameTaken),
    /// [`LimitReached`](crate::domain::DomainError::LimitReached) for a room that is full; none of them uses the invite.
    async fn join(&self, command: JoinByInvite) -> Result<Member, StoreError>;

    /// Makes a guest's account in the first room, where the workspace allows guests and that room is open. Facts: as of
    /// [`Invites::join`].
    ///
    /// # Errors
    /// [`Forbidden`](crate::domain::DomainError::Forbidden) where it is not so, and while the room is archived;
    /// [`NameTaken`](crate::domain::DomainError::NameTaken), [`LimitReached`](crate::domain::DomainError::LimitReached).
    async fn let_in_guest(&self, command: LetInGuest) -> Result<Member, StoreError>;

    /// Brings someone who has an account into the invite's room; who is in it already uses nothing. The role stays as it
    /// is. Facts: `room_joined`, `room_member_joined`.
    ///
    /// # Errors
    /// As of [`Invites::join`], without the name.
    async fn enter(&self, command: EnterByInvite) -> Result<RoomAnswer, StoreError>;
}
