//! Links that work once: to sign in on another device, or to set a new password.

use async_trait::async_trait;
use shared::{id::MemberId, member::Member, session::LinkPreview};

use super::{By, NewSession, SecretHash, StoreError};

/// What a link does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    /// Signs its maker in on another device.
    Device,
    /// Sets another person's password.
    Reset,
}

impl LinkKind {
    /// The word in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Reset => "reset",
        }
    }
}

/// A link to be made.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// Hash of the code in it.
    pub secret: SecretHash,
    /// What it does.
    pub kind: LinkKind,
    /// For whom: of a link to another device, who makes it.
    pub member: MemberId,
    /// Who makes it.
    pub by: By,
    /// When it stops working, in milliseconds since 1970.
    pub expires_at_ms: i64,
}

/// Uses a link to another device.
#[derive(Debug, Clone)]
pub struct SignInByLink {
    /// Hash of the code in the link.
    pub link: SecretHash,
    /// The session that begins.
    pub session: NewSession,
    /// Now, in milliseconds since 1970.
    pub now_ms: i64,
}

/// Uses a link to a new password.
#[derive(Clone)]
pub struct ResetByLink {
    /// Hash of the code in the link.
    pub link: SecretHash,
    /// The hash of the new password, PHC string.
    pub password_hash: String,
    /// The session that begins.
    pub session: NewSession,
    /// Now, in milliseconds since 1970.
    pub now_ms: i64,
}

/// Links. See [`super::Store`] for what every method has in common.
///
/// A link works once, until it expires, until there is another of its kind for the person, until their password is
/// another, and as long as the account is in use. It ends with the rights of who made it, too.
#[async_trait]
pub trait Links: Send + Sync + 'static {
    /// Makes a link; an older one of its kind for the same person works no more. Fact of a link to a new password:
    /// `audit_logged`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for nobody, [`Forbidden`](crate::domain::DomainError::Forbidden) when its maker may not
    /// make it, or the account is not in use.
    async fn create_link(&self, link: NewLink) -> Result<(), StoreError>;

    /// What a person with the link may know, at `now_ms`.
    ///
    /// # Errors
    /// [`LinkInvalid`](crate::domain::DomainError::LinkInvalid), the same whatever the reason.
    async fn link(&self, kind: LinkKind, secret: SecretHash, now_ms: i64) -> Result<LinkPreview, StoreError>;

    /// Withdraws the person's link to another device, if there is one.
    async fn withdraw_device_link(&self, member: MemberId) -> Result<(), StoreError>;

    /// Signs a person in by their link.
    ///
    /// # Errors
    /// [`LinkInvalid`](crate::domain::DomainError::LinkInvalid), the same whatever the reason.
    async fn sign_in_by_link(&self, command: SignInByLink) -> Result<Member, StoreError>;

    /// Sets a person's password by link and signs them in. All other sessions of theirs end, tokens that were made by
    /// signing in too, and other links.
    ///
    /// # Errors
    /// [`LinkInvalid`](crate::domain::DomainError::LinkInvalid), the same whatever the reason.
    async fn reset_by_link(&self, command: ResetByLink) -> Result<Member, StoreError>;
}
