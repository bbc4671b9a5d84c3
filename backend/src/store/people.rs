//! People: who is here, what they are, what they have set for themselves.

use async_trait::async_trait;
use shared::{
    id::{MemberId, SessionId},
    member::PeoplePage,
    request::{self, PersonChanged},
    session::MemberView,
};

use super::{By, PeopleQuery, StoreError};

/// Which people are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PeopleShow {
    /// Everyone the caller may know of.
    #[default]
    All,
    /// Owners and admins.
    Admins,
    /// Guests.
    Guests,
    /// Accounts that are not in use; for admins without those that are banned, to others all are the same.
    Inactive,
    /// Banned accounts. For admins.
    Banned,
}

/// A change to a person.
#[derive(Debug, Clone)]
pub struct ChangePerson {
    /// Who wants it.
    pub by: By,
    /// Whom it is about.
    pub member: MemberId,
    /// What is to be different; language and time zone in it were checked by [`crate::domain::settings`].
    pub change: request::ChangePerson,
}

/// A new password for one's own account.
#[derive(Clone)]
pub struct ChangePassword {
    /// Whose.
    pub member: MemberId,
    /// The hash of the password that was shown to be known.
    pub current_hash: String,
    /// The hash of the new one, PHC string.
    pub new_hash: String,
    /// The session that stays.
    pub kept: SessionId,
}

/// People. See [`super::Store`] for what every method has in common.
#[async_trait]
pub trait People: Send + Sync + 'static {
    /// A page of the people that the viewer may know of, by the name shown.
    ///
    /// # Errors
    /// [`Forbidden`](crate::domain::DomainError::Forbidden) for the banned, unless the viewer is an admin.
    async fn people(&self, viewer: MemberId, show: PeopleShow, query: PeopleQuery) -> Result<PeoplePage, StoreError>;

    /// The card of a person.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for nobody, and for someone that the viewer may not know of.
    async fn person(&self, viewer: MemberId, member: MemberId) -> Result<MemberView, StoreError>;

    /// Changes a person, each part by its own right. Facts, where something changes: `settings_changed`, `audit_logged`
    /// for role and state, `member_changed`. Who is deactivated has no session, token, link or invite any more.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] as [`person`](Self::person); [`DomainError::Forbidden`], [`DomainError::NameTaken`],
    /// [`DomainError::LastOwner`].
    ///
    /// [`DomainError::Forbidden`]: crate::domain::DomainError::Forbidden
    /// [`DomainError::NameTaken`]: crate::domain::DomainError::NameTaken
    /// [`DomainError::LastOwner`]: crate::domain::DomainError::LastOwner
    async fn change_person(&self, command: ChangePerson) -> Result<PersonChanged, StoreError>;

    /// The hash of a member's password, PHC string; empty for someone who has none.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    async fn password_hash(&self, member: MemberId) -> Result<String, StoreError>;

    /// Sets a password. All other sessions of the person end, tokens that were made by signing in too, and links to
    /// other devices and to new passwords.
    ///
    /// # Errors
    /// [`WrongPassword`](crate::domain::DomainError::WrongPassword) when the current one is another by now.
    async fn change_password(&self, command: ChangePassword) -> Result<(), StoreError>;
}
