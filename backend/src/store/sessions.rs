//! Sessions: who is signed in where.

use async_trait::async_trait;
use shared::{
    id::{MemberId, SessionId},
    member::{Member, Timestamp},
};

use super::{SecretHash, StoreError};

/// A session to be made.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// Hash of the secret the client sends.
    pub secret: SecretHash,
    /// When it is made.
    pub at: Timestamp,
    /// After this it is no session any more, in milliseconds since 1970.
    pub expires_at_ms: i64,
}

/// Who a session belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionOwner {
    /// The session.
    pub session: SessionId,
    /// The person.
    pub member: Member,
    /// When it ends, in milliseconds since 1970.
    pub expires_at_ms: i64,
}

/// Sessions. See [`super::Store`] for what every method has in common.
#[async_trait]
pub trait Sessions: Send + Sync + 'static {
    /// Signs a person in.
    async fn create_session(&self, member: MemberId, session: NewSession) -> Result<(), StoreError>;

    /// The owner of a session that has not expired at `now_ms`.
    async fn session(&self, secret: SecretHash, now_ms: i64) -> Result<Option<SessionOwner>, StoreError>;

    /// Ends a session; once is enough, twice is no error.
    async fn end_session(&self, session: SessionId) -> Result<(), StoreError>;

    /// Forgets sessions and invites that expired before `now_ms`, at most `batch` of each. Returns how many.
    async fn prune_expired(&self, now_ms: i64, batch: u32) -> Result<u64, StoreError>;
}
