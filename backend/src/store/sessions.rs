//! Sessions and tokens: who is signed in where, and what opens the same door for a program.

use std::net::IpAddr;

use async_trait::async_trait;
use shared::{
    id::{MemberId, SessionId},
    member::{Member, Timestamp},
    session::{Access, SessionInfo, TokenInfo},
    text::Label,
};

use super::{By, SecretHash, StoreError};

/// Where somebody signs in from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The browser and system, or the program, in words.
    pub device: Option<String>,
    /// The network address of the client, when it is known.
    pub address: Option<IpAddr>,
}

/// A session or token to be made.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// Hash of the secret the client sends.
    pub secret: SecretHash,
    /// When it is made.
    pub at: Timestamp,
    /// The same in milliseconds since 1970.
    pub at_ms: i64,
    /// After this it is no session any more, whatever is done with it; in milliseconds since 1970.
    pub expires_at_ms: i64,
    /// How long it lives without being used, in milliseconds; `None` for no such end.
    pub idle_ms: Option<i64>,
    /// Where it is made from.
    pub place: Place,
    /// What makes it a token; `None` for the session of a browser.
    pub token: Option<NewToken>,
}

/// What a token has that a session has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// What it is for.
    pub label: Label,
    /// What it may do.
    pub access: Access,
}

/// The end of a token that has none, in milliseconds since 1970.
pub const NEVER_MS: i64 = i64::MAX;

/// Who a session belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionOwner {
    /// The session.
    pub session: SessionId,
    /// The person.
    pub member: Member,
    /// What it may do of what the person may.
    pub access: Access,
    /// When it ends unless it is used, in milliseconds since 1970. Uses that are not recorded yet are not counted.
    pub expires_at_ms: i64,
}

/// That a session was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionUse {
    /// The session or token.
    pub session: SessionId,
    /// Whose it is.
    pub member: MemberId,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// From where, if that is known.
    pub address: Option<IpAddr>,
}

/// Sessions and tokens. See [`super::Store`] for what every method has in common.
///
/// Whenever a command ends a session, whatever it is about, the store's [`Watch`](super::Watch) is told, so that its
/// streams end too.
#[async_trait]
pub trait Sessions: Send + Sync + 'static {
    /// Signs a person in, or makes a token by signing in. When the person has [`OWN_MAX`] of the kind, the one that was
    /// used least lately ends.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for nobody, [`Forbidden`](crate::domain::DomainError::Forbidden) for an account that is
    /// not in use, [`LimitReached`](crate::domain::DomainError::LimitReached) when none of [`OWN_MAX`] tokens has an end.
    ///
    /// [`OWN_MAX`]: shared::limits::OWN_MAX
    async fn create_session(&self, member: MemberId, session: NewSession) -> Result<(), StoreError>;

    /// The owner of a session that has not expired at `now_ms`.
    async fn session(&self, secret: SecretHash, now_ms: i64) -> Result<Option<SessionOwner>, StoreError>;

    /// Ends a session; once is enough, twice is no error.
    async fn end_session(&self, session: SessionId) -> Result<(), StoreError>;

    /// The sessions of a member that have not expired at `now_ms`, `current` first, then by last use.
    async fn sessions(&self, member: MemberId, current: SessionId, now_ms: i64)
    -> Result<Vec<SessionInfo>, StoreError>;

    /// Ends a session of the member's own.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for anything else, another's session among it.
    async fn revoke_session(&self, member: MemberId, session: SessionId) -> Result<(), StoreError>;

    /// Ends every session of a member but the one that is kept, and every token that came by signing in.
    async fn end_other_sessions(&self, member: MemberId, kept: SessionId) -> Result<(), StoreError>;

    /// The tokens of a member that have not expired at `now_ms`, the newest first.
    async fn tokens(&self, member: MemberId, now_ms: i64) -> Result<Vec<TokenInfo>, StoreError>;

    /// Makes a token. Fact: `audit_logged`.
    ///
    /// # Errors
    /// [`LimitReached`](crate::domain::DomainError::LimitReached) when the person has [`OWN_MAX`] of them.
    ///
    /// [`OWN_MAX`]: shared::limits::OWN_MAX
    async fn create_token(&self, by: By, token: NewSession) -> Result<TokenInfo, StoreError>;

    /// Revokes a token of the member's own. Fact: `audit_logged`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for anything else.
    async fn revoke_token(&self, by: By, token: SessionId) -> Result<(), StoreError>;

    /// Takes note of uses, at most a few hundred at once: of each session the last, of each person the addresses. Returns
    /// when those sessions end now that have an end which their use puts off. No fact.
    async fn record_uses(&self, uses: Vec<SessionUse>) -> Result<Vec<(SessionId, i64)>, StoreError>;

    /// Forgets sessions, invites and links that expired before `now_ms`, and addresses that were not used since
    /// `addresses_since_ms`; at most `batch` of each. Returns how many.
    async fn prune_expired(&self, now_ms: i64, addresses_since_ms: i64, batch: u32) -> Result<u64, StoreError>;
}
