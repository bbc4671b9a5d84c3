//! Coming in behind an invite link: with a new account, signed in, or with the account that one has.

use std::net::IpAddr;

use shared::{
    id::MemberId,
    member::Role,
    problem::ProblemCode,
    room::RoomAnswer,
    session::{InvitePreview, SignedIn},
    text::{Password, SignInName},
};

use super::{by, invites, passwords, secret, sessions};
use crate::{
    domain::member::name_key,
    error::AppError,
    state::App,
    store::{EnterByInvite, JoinByInvite, NewMember, Place},
};

/// Makes the account and signs it in. Returns the secret of the new session. A guest's account has no password; one that
/// was sent is ignored.
///
/// # Errors
/// [`ProblemCode::InviteInvalid`], [`ProblemCode::NameTaken`] for the field `name`, [`ProblemCode::LimitReached`],
/// [`ProblemCode::PasswordTooCommon`], [`ProblemCode::AddressBlocked`]; none of them uses the invite up.
pub async fn join(
    app: &App,
    code: &str,
    name: SignInName,
    password: Option<Password>,
    place: Place,
) -> Result<(String, SignedIn), AppError> {
    // First whether the link works at all: who has none need not learn anything else, nor cost a password hash.
    let preview = invites::preview_invite(app, code).await?;
    let password_hash = hash(app, &preview, &name, password).await?;
    let (token, session) = sessions::new_session(app, place);
    let command = JoinByInvite {
        invite: secret::hash(code),
        member: NewMember {
            id: MemberId::from_entropy(secret::entropy()),
            name_key: name_key(name.as_str()),
            name,
            password_hash,
            at: app.clock.timestamp(),
        },
        session,
        now_ms: app.clock.now_ms(),
    };
    let me = app.store.join(command).await.map_err(|error| match AppError::from(error) {
        taken if taken.code == ProblemCode::NameTaken => AppError::of_field(taken.code, "name"),
        other => other,
    })?;
    tracing::info!(member = %me.id, "joined by invite");
    Ok((token, SignedIn { me, workspace: preview.workspace }))
}

/// The hash of a newcomer's password; that of a guest is empty, and no password has it.
async fn hash(
    app: &App,
    preview: &InvitePreview,
    name: &SignInName,
    password: Option<Password>,
) -> Result<String, AppError> {
    if preview.role == Role::Guest {
        return Ok(String::new());
    }
    let password = password.ok_or_else(|| AppError::of_field(ProblemCode::InvalidField, "password"))?;
    passwords::refuse_common(&password, &[preview.workspace.name.as_str(), name.as_str()])?;
    app.passwords.hash(password).await
}

/// Brings someone who has an account into the invite's room. They asked for it: no other request does it.
///
/// # Errors
/// [`ProblemCode::InviteInvalid`], [`ProblemCode::LimitReached`]; neither uses the invite up.
pub async fn enter(app: &App, code: &str, member: MemberId, address: Option<IpAddr>) -> Result<RoomAnswer, AppError> {
    if !secret::is_well_formed(code, secret::LINK_DIGITS) {
        return Err(ProblemCode::InviteInvalid.into());
    }
    let (invite, by) = (secret::hash(code), by(app, member, address));
    let answer = app.store.enter(EnterByInvite { invite, by, now_ms: app.clock.now_ms() }).await?;
    tracing::info!(%member, room = %answer.room.id, "came in by invite");
    Ok(answer)
}
