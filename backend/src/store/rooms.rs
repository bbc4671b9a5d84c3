//! Rooms, who is in them, and what a client begins with.

use async_trait::async_trait;
use shared::{
    cursor::{Cursor, Offset},
    id::{MemberId, RoomId},
    member::{Role, Timestamp},
    request,
    room::{Directory, Involvement, Level, RoomAnswer, RoomKind, RoomMembers},
    session::{RoomList, RoomView, Snapshot},
    text::{RoomName, RoomTopic},
};

use super::{By, StoreError};

/// A room as a caller names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoomRef {
    /// By id.
    Id(RoomId),
    /// By slug.
    Slug(String),
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

/// What someone is in the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Who.
    pub member: MemberId,
    /// What they are.
    pub role: Role,
    /// Whether the account is in use.
    pub active: bool,
}

/// Whether others see when someone is here and when they type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    /// Who.
    pub member: MemberId,
    /// Whether they are here.
    pub presence: bool,
    /// Whether they type.
    pub typing: bool,
}

/// Who may hear what, at one place of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    /// The place.
    pub at: Offset,
    /// Who is in which room.
    pub memberships: Vec<Membership>,
    /// What everyone is.
    pub people: Vec<Standing>,
    /// What those share who do not share everything.
    pub shares: Vec<Shares>,
}

/// A room to be made.
#[derive(Debug, Clone)]
pub struct CreateRoom {
    /// Who makes it.
    pub by: By,
    /// The id it gets if it is new.
    pub id: RoomId,
    /// What it is to be.
    pub plan: RoomPlan,
}

/// What a room is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoomPlan {
    /// An open or closed room.
    Shared {
        /// Its name.
        name: RoomName,
        /// The address that was wished for, checked by [`crate::domain::room::is_slug`]; else it is made from the name.
        slug: Option<String>,
        /// Who may find it: [`RoomKind::Open`] or [`RoomKind::Closed`].
        kind: RoomKind,
        /// What it is about.
        topic: RoomTopic,
        /// Who is in it besides the maker.
        members: Vec<MemberId>,
    },
    /// A conversation of these people and the maker.
    Direct {
        /// Sorted, each once, the maker among them.
        people: Vec<MemberId>,
    },
}

/// What became of the wish for a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomMade {
    /// The room.
    pub answer: RoomAnswer,
    /// Whether it was made, or, of a direct room, was there already.
    pub created: bool,
}

/// A change to a room.
#[derive(Debug, Clone)]
pub struct ChangeRoom {
    /// Who wants it.
    pub by: By,
    /// Which room.
    pub room: RoomRef,
    /// What is to be different; an address in it was checked by [`crate::domain::room::is_slug`].
    pub change: request::ChangeRoom,
}

/// Somebody's coming into a room, or going.
#[derive(Debug, Clone)]
pub struct ChangeMembership {
    /// Who wants it.
    pub by: By,
    /// Which room.
    pub room: RoomRef,
    /// Who comes or goes; may be the same person.
    pub member: MemberId,
}

/// Which rooms of the directory are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DirectoryShow {
    /// Those that are not archived.
    #[default]
    Current,
    /// Those of them the caller is in.
    Joined,
    /// Those of them the caller could join.
    Open,
    /// The archived ones.
    Archived,
}

/// A question to the directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DirectoryQuery {
    /// Which rooms.
    pub show: DirectoryShow,
    /// Folded text that the name or topic must hold; empty for all.
    pub text: String,
    /// How many rooms to pass over.
    pub after: u32,
    /// How many to return at most.
    pub limit: u32,
}

/// A question to a list of people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeopleQuery {
    /// Folded text with which the name shown, a word of it or the sign-in name must begin; empty for all.
    pub text: String,
    /// The person after whom the page begins.
    pub after: Option<MemberId>,
    /// How many to return at most.
    pub limit: u32,
}

/// Rooms. See [`super::Store`] for what every method has in common.
#[async_trait]
pub trait Rooms: Send + Sync + 'static {
    /// Everything a client shows first, read at one place of the log.
    async fn snapshot(&self, member: MemberId) -> Result<Snapshot, StoreError>;

    /// The rooms of a member.
    async fn rooms(&self, member: MemberId) -> Result<RoomList, StoreError>;

    /// One room.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none that the member may see.
    async fn room(&self, member: MemberId, room: &RoomRef) -> Result<RoomView, StoreError>;

    /// A page of the rooms that the member is in or could join; direct ones are not among them. For a guest, their own.
    async fn directory(&self, member: MemberId, query: DirectoryQuery) -> Result<Directory, StoreError>;

    /// A page of the people in a room.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such room that the member may see, [`DomainError::Forbidden`] when they
    /// are not in it.
    ///
    /// [`DomainError::Forbidden`]: crate::domain::DomainError::Forbidden
    async fn room_members(
        &self,
        member: MemberId,
        room: &RoomRef,
        query: PeopleQuery,
    ) -> Result<RoomMembers, StoreError>;

    /// Makes a room, or finds the direct one of the same people. Facts: `room_joined` to each of its members, nothing to
    /// the room itself: whoever comes into a new room learns its size with it.
    ///
    /// # Errors
    /// [`DomainError::Forbidden`], [`DomainError::SlugTaken`], [`DomainError::LimitReached`];
    /// [`DomainError::UnknownMember`] when one of the people is nobody who could be in it.
    ///
    /// [`DomainError::Forbidden`]: crate::domain::DomainError::Forbidden
    /// [`DomainError::SlugTaken`]: crate::domain::DomainError::SlugTaken
    /// [`DomainError::LimitReached`]: crate::domain::DomainError::LimitReached
    /// [`DomainError::UnknownMember`]: crate::domain::DomainError::UnknownMember
    async fn create_room(&self, command: CreateRoom) -> Result<RoomMade, StoreError>;

    /// Changes a room. Fact: `room_changed`; `audit_logged` when it is converted, archived or restored.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`DomainError::Forbidden`], [`DomainError::RoomArchived`], [`DomainError::SlugTaken`].
    ///
    /// [`DomainError::Forbidden`]: crate::domain::DomainError::Forbidden
    /// [`DomainError::RoomArchived`]: crate::domain::DomainError::RoomArchived
    /// [`DomainError::SlugTaken`]: crate::domain::DomainError::SlugTaken
    async fn change_room(&self, command: ChangeRoom) -> Result<RoomAnswer, StoreError>;

    /// Brings someone into a room: the caller joins, or adds another. Facts: `room_joined`, `room_member_joined`. Who is
    /// in it already is no error.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`DomainError::Forbidden`], [`DomainError::RoomArchived`],
    /// [`DomainError::LimitReached`], [`DomainError::UnknownMember`].
    ///
    /// [`DomainError::Forbidden`]: crate::domain::DomainError::Forbidden
    /// [`DomainError::RoomArchived`]: crate::domain::DomainError::RoomArchived
    /// [`DomainError::LimitReached`]: crate::domain::DomainError::LimitReached
    /// [`DomainError::UnknownMember`]: crate::domain::DomainError::UnknownMember
    async fn add_member(&self, command: ChangeMembership) -> Result<RoomAnswer, StoreError>;

    /// Takes someone out of a room: the caller leaves, or removes another. Facts: `room_gone` to the person, then
    /// `room_member_left` to the room; `room_changed` when it was its moderator, `audit_logged` when it was another. Who
    /// is not in it is no error.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`DomainError::Forbidden`], [`DomainError::RoomArchived`].
    ///
    /// [`DomainError::Forbidden`]: crate::domain::DomainError::Forbidden
    /// [`DomainError::RoomArchived`]: crate::domain::DomainError::RoomArchived
    async fn remove_member(&self, command: ChangeMembership) -> Result<(), StoreError>;

    /// Sets what a member wants to hear of a room. Fact: `involvement_changed`. Returns the place of it too, the head
    /// when nothing had to change.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`DomainError::Forbidden`] when they are not in it.
    ///
    /// [`DomainError::Forbidden`]: crate::domain::DomainError::Forbidden
    async fn set_involvement(
        &self,
        member: MemberId,
        room: &RoomRef,
        level: Level,
        at: Timestamp,
    ) -> Result<(Involvement, Cursor), StoreError>;

    /// Who may hear what.
    async fn rights(&self) -> Result<Rights, StoreError>;
}
