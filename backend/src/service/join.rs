//! Coming in behind an invite link: a new account, signed in.

use shared::{id::MemberId, problem::ProblemCode, request::Join, session::SignedIn};

use super::{invites, passwords, secret, sessions};
use crate::{
    domain::member::name_key,
    error::AppError,
    state::App,
    store::{JoinByInvite, NewMember, Place},
};

/// Makes the account and signs it in. Returns the secret of the new session.
///
/// # Errors
/// [`ProblemCode::InviteInvalid`], [`ProblemCode::NameTaken`] for the field `name`,
/// [`ProblemCode::PasswordTooCommon`], [`ProblemCode::AddressBlocked`]; none of them uses the invite up.
pub async fn join(app: &App, code: &str, join: Join, place: Place) -> Result<(String, SignedIn), AppError> {
    // First whether the link works at all: who has none need not learn anything else, nor cost a password hash.
    let preview = invites::preview_invite(app, code).await?;
    let password = join.password.ok_or_else(|| AppError::of_field(ProblemCode::InvalidField, "password"))?;
    passwords::refuse_common(&password, &[preview.workspace.name.as_str(), join.name.as_str()])?;
    let password_hash = app.passwords.hash(password).await?;
    let (token, session) = sessions::new_session(app, place);
    let command = JoinByInvite {
        invite: secret::hash(code),
        member: NewMember {
            id: MemberId::from_entropy(secret::entropy()),
            name_key: name_key(join.name.as_str()),
            name: join.name,
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
