//! People: the list, the card of one, what is changed of them, and one's own password.

use std::net::IpAddr;

use shared::{
    id::{MemberId, SessionId},
    limits::PASSWORD_MAX_BYTES,
    member::PeoplePage,
    problem::ProblemCode,
    request::{self, PersonChanged},
    session::MemberView,
};

use super::{
    by,
    passwords::{self, Attempts},
    rooms::list_limit,
};
use crate::{
    domain::{
        member::name_key,
        settings::{is_language, is_time_zone},
    },
    error::AppError,
    state::App,
    store::{ChangePassword, ChangePerson, PeopleQuery, PeopleShow},
};

/// A page of the people that the viewer may know of.
///
/// # Errors
/// [`ProblemCode::Forbidden`] for the banned, unless the viewer is an admin.
pub async fn people(
    app: &App,
    viewer: MemberId,
    show: PeopleShow,
    text: &str,
    after: Option<MemberId>,
    limit: Option<u32>,
) -> Result<PeoplePage, AppError> {
    let query = PeopleQuery { text: name_key(text), after, limit: list_limit(limit) };
    Ok(app.store.people(viewer, show, query).await?)
}

/// One person, as another member may see them.
///
/// # Errors
/// [`ProblemCode::NotFound`].
pub async fn member(app: &App, viewer: MemberId, member: MemberId) -> Result<MemberView, AppError> {
    Ok(app.store.person(viewer, member).await?)
}

/// Changes a person. Who is deactivated is out at once, on every device.
///
/// # Errors
/// [`ProblemCode::InvalidField`] for what cannot be a language or a time zone; [`ProblemCode::NotFound`],
/// [`ProblemCode::Forbidden`], [`ProblemCode::NameTaken`], [`ProblemCode::LastOwner`].
pub async fn change(
    app: &App,
    actor: MemberId,
    address: Option<IpAddr>,
    member: MemberId,
    change: request::ChangePerson,
) -> Result<PersonChanged, AppError> {
    let wrong = |text: &Option<String>, fits: fn(&str) -> bool| {
        text.as_deref().is_some_and(|text| !text.is_empty() && !fits(text))
    };
    if wrong(&change.language, is_language) {
        return Err(AppError::of_field(ProblemCode::InvalidField, "language"));
    }
    if wrong(&change.time_zone, is_time_zone) {
        return Err(AppError::of_field(ProblemCode::InvalidField, "time_zone"));
    }
    let (role, active) = (change.role, change.active);
    let changed = app.store.change_person(ChangePerson { by: by(app, actor, address), member, change }).await;
    let changed = changed.map_err(|error| match AppError::from(error) {
        taken if taken.code == ProblemCode::NameTaken => AppError::of_field(taken.code, "name"),
        other => other,
    })?;
    if let Some(role) = role {
        tracing::info!(person = %member, role = role.as_str(), "role set");
    }
    if let Some(active) = active {
        tracing::info!(person = %member, active, "account set");
    }
    Ok(changed)
}

/// Changes one's own password, or gives one to who has none. Everywhere else one is signed out.
///
/// # Errors
/// [`ProblemCode::WrongPassword`] for the field `current`; [`ProblemCode::PasswordTooCommon`] for the field `new`;
/// [`ProblemCode::RateLimited`] after too many `attempts`.
pub async fn change_password(
    app: &App,
    member: MemberId,
    kept: SessionId,
    change: request::ChangePassword,
    attempts: &dyn Attempts,
) -> Result<(), AppError> {
    let wrong = || AppError::of_field(ProblemCode::WrongPassword, "current");
    if change.current.len() > PASSWORD_MAX_BYTES {
        return Err(wrong());
    }
    let current_hash = app.store.password_hash(member).await?;
    // A guest has no password yet.
    let first = current_hash.is_empty() && change.current.is_empty();
    if !first && !app.passwords.verify(change.current, Some(current_hash.clone()), attempts).await? {
        tracing::info!("password not changed: the current one was wrong");
        return Err(wrong());
    }
    let workspace = app.store.workspace().await?.ok_or(ProblemCode::SetupNeeded)?;
    let me = app.store.person(member, member).await?.member;
    passwords::refuse_common(&change.new, &[workspace.name.as_str(), me.name.as_str()])
        .map_err(|refused| AppError { field: Some("new".to_owned()), ..refused })?;
    let new_hash = app.passwords.hash(change.new).await?;
    app.store.change_password(ChangePassword { member, current_hash, new_hash, kept }).await?;
    tracing::info!("password changed");
    Ok(())
}
