//! The audit log, for reading: what is written into it is part of the commands that it tells of.

use async_trait::async_trait;
use shared::{
    audit::{AuditAct, AuditPage},
    cursor::Offset,
    id::{MemberId, RoomId},
};

use super::StoreError;

/// A question to the audit log; what is `None` does not matter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Only entries before this place.
    pub before: Option<Offset>,
    /// Only this act.
    pub act: Option<AuditAct>,
    /// Only what was done to this person.
    pub member: Option<MemberId>,
    /// Only what this person did.
    pub by: Option<MemberId>,
    /// Only what was done in or to this room.
    pub room: Option<RoomId>,
    /// How many to return at most.
    pub limit: u32,
}

/// The audit log. See [`super::Store`] for what every method has in common.
#[async_trait]
pub trait Audit: Send + Sync + 'static {
    /// A page of it, newest first.
    ///
    /// # Errors
    /// [`Forbidden`](crate::domain::DomainError::Forbidden) unless the viewer is an admin.
    async fn audit(&self, viewer: MemberId, query: AuditQuery) -> Result<AuditPage, StoreError>;
}
