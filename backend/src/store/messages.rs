//! Messages and how far people have read them.

use async_trait::async_trait;
use bytes::Bytes;
use shared::{
    id::{ClientId, MemberId, MessageId},
    member::Timestamp,
    message::{MessagePage, MessageRemoved},
    replica::window::PageAt,
    request::{MessagePosted, MoveRead},
    room::ReadPosition,
};

use super::{By, RoomRef, SecretHash, StoreError};

/// A message to be posted.
#[derive(Debug, Clone)]
pub struct PostMessage {
    /// The id it gets if it is new.
    pub id: MessageId,
    /// Who posts.
    pub author: MemberId,
    /// Where.
    pub room: RoomRef,
    /// The idempotency key.
    pub client_id: ClientId,
    /// Keyed hash of what was asked, to tell a retry from another request under the same key.
    pub request: SecretHash,
    /// The text.
    pub body: String,
    /// The text rendered and sanitised; `None` when the event would be too large with it.
    pub html: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What became of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The message as it is now, and the place of its posting.
    pub answer: MessagePosted,
    /// Whether this request made it, or an earlier one under the same key.
    pub created: bool,
    /// The message as JSON, if it was just written: as the log has it, so that it need not be written once more.
    pub message_json: Option<Bytes>,
}

/// A message to be deleted.
#[derive(Debug, Clone)]
pub struct DeleteMessage {
    /// Who wants it.
    pub by: By,
    /// Which message.
    pub message: MessageId,
}

/// Messages. See [`super::Store`] for what every method has in common.
#[async_trait]
pub trait Messages: Send + Sync + 'static {
    /// A page of a room's history, at most `limit` messages.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such room that the member may see.
    async fn messages(
        &self,
        member: MemberId,
        room: &RoomRef,
        at: PageAt,
        limit: u32,
    ) -> Result<MessagePage, StoreError>;

    /// Posts a message, or finds the one posted under the same key. Fact of a new one: `message_posted`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a room that the author may not see; [`DomainError::Forbidden`],
    /// [`DomainError::RoomArchived`], [`DomainError::ClientIdReused`].
    ///
    /// [`DomainError::Forbidden`]: crate::domain::DomainError::Forbidden
    /// [`DomainError::RoomArchived`]: crate::domain::DomainError::RoomArchived
    /// [`DomainError::ClientIdReused`]: crate::domain::DomainError::ClientIdReused
    async fn post_message(&self, command: PostMessage) -> Result<Posted, StoreError>;

    /// Turns a message into a tombstone. What it said is overwritten wherever it was written: the message, the facts of
    /// the log. Facts: `message_deleted`; `audit_logged` when it was another's. A second time is no error and no fact.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a message that the caller may not read; [`DomainError::Forbidden`],
    /// [`DomainError::RoomArchived`].
    ///
    /// [`DomainError::Forbidden`]: crate::domain::DomainError::Forbidden
    /// [`DomainError::RoomArchived`]: crate::domain::DomainError::RoomArchived
    async fn delete_message(&self, command: DeleteMessage) -> Result<MessageRemoved, StoreError>;

    /// Moves a read position and returns it as it now is. Not a fact: the caller tells the person's streams.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    async fn move_read(&self, member: MemberId, room: &RoomRef, to: MoveRead) -> Result<ReadPosition, StoreError>;

    /// A member's read positions, one for each of their rooms.
    async fn reads(&self, member: MemberId) -> Result<Vec<ReadPosition>, StoreError>;
}
