//! Invitations: a link that lets whoever has it come in.

use shared::{
    id::{InviteId, MemberId},
    limits::INVITE_DAYS,
    problem::ProblemCode,
    route,
    session::{InviteCreated, InvitePreview},
};

use super::secret;
use crate::{clock, error::AppError, state::App, store::NewInvite};

/// Makes a link. Its address begins with the configured public one, never with what the request called this server.
///
/// # Errors
/// [`ProblemCode::Forbidden`] when the member's role may not invite.
pub async fn create_invite(app: &App, by: MemberId) -> Result<InviteCreated, AppError> {
    let code = secret::draw(secret::INVITE_DIGITS);
    let expires_at_ms = app.clock.now_ms() + INVITE_DAYS * 24 * 60 * 60 * 1000;
    let expires_at = clock::timestamp(expires_at_ms);
    let invite = NewInvite {
        id: InviteId::from_entropy(secret::entropy()),
        secret: secret::hash(&code),
        by,
        at: app.clock.timestamp(),
        expires_at: expires_at.clone(),
        expires_at_ms,
    };
    tracing::info!(member = %by, invite = %invite.id, "invite made");
    app.store.create_invite(invite).await?;
    let url = format!("{}{}", app.address, route::join_page(&code));
    Ok(InviteCreated { code, url, expires_at })
}

/// What a person with the link may know before joining. Looking uses nothing up.
///
/// # Errors
/// [`ProblemCode::InviteInvalid`], the same for every way in which a link can be wrong.
pub async fn preview_invite(app: &App, code: &str) -> Result<InvitePreview, AppError> {
    if !secret::is_well_formed(code, secret::INVITE_DIGITS) {
        return Err(ProblemCode::InviteInvalid.into());
    }
    Ok(app.store.invite(secret::hash(code), app.clock.now_ms()).await?)
}
