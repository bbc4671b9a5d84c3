//! Invitations: a link that lets whoever has it come in.

use std::net::IpAddr;

use shared::{
    id::{InviteId, MemberId},
    limits::{INVITE_DAYS, INVITE_DAYS_MAX, INVITE_USES_MAX},
    member::Role,
    problem::ProblemCode,
    request::CreateInvite,
    route,
    session::{InviteCreated, InviteList, InvitePreview},
};

use super::{by, secret};
use crate::{clock, domain::qr, error::AppError, state::App, store::NewInvite};

/// A day, in seconds.
const DAY_S: i64 = 24 * 60 * 60;

/// Makes a link. Its address begins with the configured public one, never with what the request called this server.
///
/// # Errors
/// [`ProblemCode::InvalidField`] for a time or a number of uses beyond the limits; [`ProblemCode::Forbidden`] when the
/// member may not invite as that or into that room, [`ProblemCode::NotFound`] when they may not know of it,
/// [`ProblemCode::RoomArchived`], [`ProblemCode::LimitReached`].
pub async fn create_invite(
    app: &App,
    maker: MemberId,
    address: Option<IpAddr>,
    wish: CreateInvite,
) -> Result<InviteCreated, AppError> {
    let expires_in_s = wish.expires_in_s.unwrap_or(INVITE_DAYS * DAY_S);
    if !(1..=INVITE_DAYS_MAX * DAY_S).contains(&expires_in_s) {
        return Err(AppError::of_field(ProblemCode::InvalidField, "expires_in_s"));
    }
    if wish.uses.is_some_and(|uses| !(1..=INVITE_USES_MAX).contains(&uses)) {
        return Err(AppError::of_field(ProblemCode::InvalidField, "uses"));
    }
    let code = secret::draw(secret::LINK_DIGITS);
    let now_ms = app.clock.now_ms();
    let expires_at_ms = now_ms + expires_in_s * 1000;
    let expires_at = clock::timestamp(expires_at_ms);
    let id = InviteId::from_entropy(secret::entropy());
    let invite = NewInvite {
        id,
        secret: secret::hash(&code),
        by: by(app, maker, address),
        role: wish.role.unwrap_or(Role::Member),
        room: wish.room,
        uses: wish.uses,
        expires_at: expires_at.clone(),
        expires_at_ms,
        now_ms,
    };
    app.store.create_invite(invite).await?;
    tracing::info!(member = %maker, invite = %id, "invite made");
    let url = format!("{}{}", app.address, route::join_page(&code));
    let qr = qr::svg(&url);
    Ok(InviteCreated { id, code, url, qr, expires_at })
}

/// The invites that work: the member's own, for those who manage them everyone's.
///
/// # Errors
/// The store's.
pub async fn invites(app: &App, member: MemberId) -> Result<InviteList, AppError> {
    Ok(app.store.invites(member, app.clock.now_ms()).await?)
}

/// Withdraws an invite: from now on its code is like any that never was.
///
/// # Errors
/// [`ProblemCode::NotFound`], also for one that the member may not withdraw.
pub async fn withdraw_invite(
    app: &App,
    member: MemberId,
    address: Option<IpAddr>,
    invite: InviteId,
) -> Result<(), AppError> {
    app.store.withdraw_invite(by(app, member, address), invite).await?;
    tracing::info!(%member, %invite, "invite withdrawn");
    Ok(())
}

/// What a person with the link may know before joining. Looking uses nothing up.
///
/// # Errors
/// [`ProblemCode::InviteInvalid`], the same for every way in which a link can be wrong.
pub async fn preview_invite(app: &App, code: &str) -> Result<InvitePreview, AppError> {
    if !secret::is_well_formed(code, secret::LINK_DIGITS) {
        return Err(ProblemCode::InviteInvalid.into());
    }
    Ok(app.store.invite(secret::hash(code), app.clock.now_ms()).await?)
}
