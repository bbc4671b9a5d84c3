//! The truth: one ordered log and the state it changed, kept in a database (design, "the log").
//!
//! Nothing here names a driver; [`sqlite`] does. Each command is one method: it runs in the writer's transaction and,
//! when it fails, leaves nothing behind; it reads what it needs, asks the pure rule of [`crate::domain`], writes state and
//! facts together, and answers after the commit. `contract` holds one test per behaviour, which every store passes.
//!
//! **Cancel-safety.** A command that was queued runs whether or not its caller still waits; dropping the future only
//! drops the answer. Reads can be dropped at any time.

#[cfg(test)]
mod contract;
mod payload;
pub mod sqlite;

use async_trait::async_trait;
use bytes::Bytes;
use shared::{
    cursor::{Cursor, Epoch, Offset},
    id::{ClientId, InviteId, MemberId, MessageId, RoomId, SessionId},
    member::{Member, Role, Timestamp, Workspace},
    message::MessagePage,
    replica::window::PageAt,
    request::{MessagePosted, MoveRead},
    room::ReadPosition,
    session::{InvitePreview, RoomList, RoomView, Snapshot},
    text::{SignInName, WorkspaceName},
};

use crate::domain::{DomainError, audience::Audience};

/// A SHA-256, as secrets (session tokens, invite codes) are kept.
pub type SecretHash = [u8; 32];

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A rule of the domain refused the command; nothing was written and no offset was taken.
    #[error(transparent)]
    Refused(#[from] DomainError),
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

/// One row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    /// Its place.
    pub offset: Offset,
    /// Who may hear it.
    pub audience: Audience,
    /// The fact's name, the SSE `event`.
    pub kind: String,
    /// The fact as one line of JSON.
    pub payload: Bytes,
}

/// An epoch and the first offset counted in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochStart {
    /// The epoch.
    pub epoch: Epoch,
    /// The first offset that belongs to it.
    pub first_offset: Offset,
}

/// What the log spans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogBounds {
    /// The oldest row still kept, or the next offset when there is none.
    pub oldest: Offset,
    /// The newest row.
    pub head: Offset,
    /// Every epoch, oldest first; the last is the current one.
    pub epochs: Vec<EpochStart>,
}

/// Someone's right to a room, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// Who.
    pub member: MemberId,
    /// Which room.
    pub room: RoomId,
    /// Offset of the `room_joined` that gave it.
    pub since: Offset,
}

/// A room as a caller names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoomRef {
    /// By id.
    Id(RoomId),
    /// By slug.
    Slug(String),
}

/// Opens the workspace: the owner, their first room, their session.
#[derive(Debug, Clone)]
pub struct OpenWorkspace {
    /// What the place is called.
    pub workspace: WorkspaceName,
    /// The owner.
    pub owner: NewMember,
    /// The owner's first session.
    pub session: NewSession,
    /// The id of the first room.
    pub room: RoomId,
}

/// An account to be made. Ids, hashes and times come from the caller: the store draws nothing and reads no clock.
#[derive(Debug, Clone)]
pub struct NewMember {
    /// Its id.
    pub id: MemberId,
    /// The sign-in name as typed.
    pub name: SignInName,
    /// The name folded for comparison, see [`crate::domain::member::name_key`].
    pub name_key: String,
    /// The password's hash, PHC string.
    pub password_hash: String,
    /// When it is made.
    pub at: Timestamp,
}

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
}

/// An account as sign-in needs it.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Who.
    pub member: Member,
    /// The password's hash, PHC string.
    pub password_hash: String,
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

/// The database behind the service. See the module for cancel-safety; every method can fail with
/// [`StoreError::Unavailable`], [`StoreError::Full`] (commands) and [`StoreError::Corrupt`].
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// The workspace, once it is open.
    async fn workspace(&self) -> Result<Option<Workspace>, StoreError>;

    /// Opens the workspace. Facts: `member_joined`, `room_joined`, `room_member_joined`.
    ///
    /// # Errors
    /// [`DomainError::SetupDone`] from the second time on, however many race.
    async fn open_workspace(&self, command: OpenWorkspace) -> Result<Member, StoreError>;

    /// The account of a folded name.
    async fn credentials(&self, name_key: &str) -> Result<Option<Credentials>, StoreError>;

    /// Signs a person in.
    async fn create_session(&self, member: MemberId, session: NewSession) -> Result<(), StoreError>;

    /// The owner of a session that has not expired at `now_ms`.
    async fn session(&self, secret: SecretHash, now_ms: i64) -> Result<Option<SessionOwner>, StoreError>;

    /// Ends a session; once is enough, twice is no error.
    async fn end_session(&self, session: SessionId) -> Result<(), StoreError>;

    /// Makes an invite into the first room.
    ///
    /// # Errors
    /// [`DomainError::Forbidden`] when the role may not invite.
    async fn create_invite(&self, invite: NewInvite) -> Result<(), StoreError>;

    /// What a person with the link may know, at `now_ms`.
    ///
    /// # Errors
    /// [`DomainError::InviteInvalid`], the same for unknown, used up and expired.
    async fn invite(&self, secret: SecretHash, now_ms: i64) -> Result<InvitePreview, StoreError>;

    /// Makes an account behind an invite. Facts: `member_joined`, `room_joined`, `room_member_joined`.
    ///
    /// # Errors
    /// [`DomainError::InviteInvalid`], [`DomainError::NameTaken`]; neither uses the invite up.
    async fn join(&self, command: JoinByInvite) -> Result<Member, StoreError>;

    /// Everything a client shows first, read at one place of the log.
    async fn snapshot(&self, member: MemberId) -> Result<Snapshot, StoreError>;

    /// The rooms of a member.
    async fn rooms(&self, member: MemberId) -> Result<RoomList, StoreError>;

    /// One room.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none that the member may see.
    async fn room(&self, member: MemberId, room: &RoomRef) -> Result<RoomView, StoreError>;

    /// One person, as another member may see them.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    async fn member(&self, member: MemberId) -> Result<Member, StoreError>;

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
    /// [`StoreError::NotFound`] for a room that is not the author's, [`DomainError::ClientIdReused`].
    async fn post_message(&self, command: PostMessage) -> Result<Posted, StoreError>;

    /// Moves a read position and returns it as it now is. Not a fact: the caller tells the person's streams.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    async fn move_read(&self, member: MemberId, room: &RoomRef, to: MoveRead) -> Result<ReadPosition, StoreError>;

    /// A member's read positions, one for each of their rooms.
    async fn reads(&self, member: MemberId) -> Result<Vec<ReadPosition>, StoreError>;

    /// What the log spans right now.
    async fn log_bounds(&self) -> Result<LogBounds, StoreError>;

    /// The next rows after `after`, at most `limit`, without holes.
    async fn read_log(&self, after: Offset, limit: usize) -> Result<Vec<LogRow>, StoreError>;

    /// Every membership, and the offset at which the list is true.
    async fn memberships(&self) -> Result<(Offset, Vec<Membership>), StoreError>;

    /// Takes the oldest rows out of the log, at most `batch` at a time: those written before `before` and not among the
    /// newest `keep`. Returns how many went; as long as it is `batch`, there may be more. The current state, and what
    /// cursors after the oldest row see, does not change.
    async fn prune_log(&self, before: Timestamp, keep: u64, batch: u32) -> Result<u64, StoreError>;

    /// Forgets sessions and invites that expired before `now_ms`, at most `batch` of each. Returns how many.
    async fn prune_expired(&self, now_ms: i64, batch: u32) -> Result<u64, StoreError>;

    /// Makes what was deleted disappear from the files too. To be called at least once a minute.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when a long read is in the way: call again.
    async fn checkpoint(&self) -> Result<(), StoreError>;

    /// Whether the database answers and its schema is this version's: for `/readyz`.
    async fn ready(&self) -> Result<(), StoreError>;
}

/// The place of a fact: its offset in the epoch that it belongs to.
///
/// An event's epoch is that of its offset, not the one current when it is read; so an ordinary restart changes no id.
#[must_use]
pub fn cursor_at(epochs: &[EpochStart], offset: Offset) -> Option<Cursor> {
    let started = epochs.partition_point(|start| start.first_offset <= offset.max(Offset(1)));
    epochs[..started].last().map(|start| Cursor { epoch: start.epoch, offset })
}

/// What a new member of the workspace is.
pub const NEW_MEMBER_ROLE: Role = Role::Member;

/// The room as everyone in it sees it, for the preview of an invite. Kept here so that both stores agree.
pub const PREVIEW_MESSAGES: u32 = 4;

/// People that the preview of an invite shows beside the inviter.
pub const PREVIEW_PEOPLE: u32 = 6;
