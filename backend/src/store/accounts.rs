//! The workspace and its people: how it is opened, who is in it.

use async_trait::async_trait;
use shared::{
    id::{MemberId, RoomId},
    member::{Member, Timestamp, Workspace},
    request::{self, WorkspaceAnswer},
    text::{SignInName, WorkspaceName},
};

use super::{By, NewSession, StoreError};

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
    /// Whether it allows guests from the start.
    pub guests: bool,
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

/// An account as sign-in needs it.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Who.
    pub member: Member,
    /// The password's hash, PHC string.
    pub password_hash: String,
    /// Whether the account is banned.
    pub banned: bool,
}

/// A change to the workspace.
#[derive(Debug, Clone)]
pub struct ChangeWorkspace {
    /// Who wants it.
    pub by: By,
    /// What is to be different.
    pub change: request::ChangeWorkspace,
}

/// Accounts. See [`super::Store`] for what every method has in common.
#[async_trait]
pub trait Accounts: Send + Sync + 'static {
    /// The workspace, once it is open.
    async fn workspace(&self) -> Result<Option<Workspace>, StoreError>;

    /// Opens the workspace. Facts: `member_joined`, `room_joined`, `room_member_joined`.
    ///
    /// # Errors
    /// [`SetupDone`](crate::domain::DomainError::SetupDone) from the second time on, however many race.
    async fn open_workspace(&self, command: OpenWorkspace) -> Result<Member, StoreError>;

    /// The account of a folded name.
    async fn credentials(&self, name_key: &str) -> Result<Option<Credentials>, StoreError>;

    /// Whether the account of a folded name was used lately from this network, see [`crate::domain::address::network`].
    async fn was_used_from(&self, name_key: &str, network: &str) -> Result<bool, StoreError>;

    /// Changes the workspace's name and rules. Facts, where something changes: `workspace_changed`, and an `audit_logged`
    /// for each field.
    ///
    /// # Errors
    /// [`Forbidden`](crate::domain::DomainError::Forbidden) unless the caller is an admin.
    async fn change_workspace(&self, command: ChangeWorkspace) -> Result<WorkspaceAnswer, StoreError>;

    /// Notes when people were last here, in milliseconds since 1970. Of those who do not share it nothing is noted, and
    /// nothing is noted backwards.
    async fn note_last_seen(&self, seen: Vec<(MemberId, i64)>) -> Result<(), StoreError>;
}
