//! Links that work once: moving a session to another device, and setting a new password.

use std::net::IpAddr;

use shared::{
    id::MemberId,
    limits::{DEVICE_LINK_S, RESET_LINK_S},
    problem::ProblemCode,
    route,
    session::{LinkMade, LinkPreview, SignedIn},
    text::Password,
};

use super::{by, passwords, secret, sessions};
use crate::{
    clock,
    domain::qr,
    error::AppError,
    state::App,
    store::{LinkKind, NewLink, Place, ResetByLink, SecretHash, SignInByLink},
};

/// Makes a link that signs its maker in on another device. Whoever has it is them: it is short-lived and works once.
///
/// # Errors
/// The store's.
pub async fn create_device_link(app: &App, member: MemberId, address: Option<IpAddr>) -> Result<LinkMade, AppError> {
    make(app, LinkKind::Device, member, member, address).await
}

/// Makes a link with which somebody else sets a new password.
///
/// # Errors
/// [`ProblemCode::NotFound`] for nobody, [`ProblemCode::Forbidden`] unless an owner makes it, for someone else who is in use
/// and has a password.
pub async fn create_reset_link(
    app: &App,
    maker: MemberId,
    address: Option<IpAddr>,
    member: MemberId,
) -> Result<LinkMade, AppError> {
    make(app, LinkKind::Reset, maker, member, address).await
}

/// Its address begins with the configured public one, never with what the request called this server.
async fn make(
    app: &App,
    kind: LinkKind,
    maker: MemberId,
    member: MemberId,
    address: Option<IpAddr>,
) -> Result<LinkMade, AppError> {
    let code = secret::draw(secret::LINK_DIGITS);
    let (lasts_s, page) = match kind {
        LinkKind::Device => (DEVICE_LINK_S, route::device_page(&code)),
        LinkKind::Reset => (RESET_LINK_S, route::reset_page(&code)),
    };
    let expires_at_ms = app.clock.now_ms() + lasts_s * 1000;
    let by = by(app, maker, address);
    app.store.create_link(NewLink { secret: secret::hash(&code), kind, member, by, expires_at_ms }).await?;
    tracing::info!(member = %maker, person = %member, kind = kind.as_str(), "link made");
    let url = format!("{}{page}", app.address);
    let qr = qr::svg(&url);
    Ok(LinkMade { code, url, qr, expires_at: clock::timestamp(expires_at_ms) })
}

/// The hash of a code; what cannot be one is not looked up.
fn hash(code: &str) -> Result<SecretHash, AppError> {
    let is_code = secret::is_well_formed(code, secret::LINK_DIGITS);
    if is_code { Ok(secret::hash(code)) } else { Err(ProblemCode::LinkInvalid.into()) }
}

/// Whose link it is. Looking uses nothing up.
///
/// # Errors
/// [`ProblemCode::LinkInvalid`], the same for every way in which a link can be wrong.
pub async fn preview(app: &App, kind: LinkKind, code: &str) -> Result<LinkPreview, AppError> {
    Ok(app.store.link(kind, hash(code)?, app.clock.now_ms()).await?)
}

/// Withdraws the link to another device, if there is one.
///
/// # Errors
/// The store's.
pub async fn withdraw_device_link(app: &App, member: MemberId) -> Result<(), AppError> {
    Ok(app.store.withdraw_device_link(member).await?)
}

/// Signs in by a link from another device. Returns the secret of the new session.
///
/// # Errors
/// [`ProblemCode::LinkInvalid`].
pub async fn sign_in(app: &App, code: &str, place: Place) -> Result<(String, SignedIn), AppError> {
    let link = hash(code)?;
    let (token, session) = sessions::new_session(app, place);
    let id = session.id;
    let me = app.store.sign_in_by_link(SignInByLink { link, session, now_ms: app.clock.now_ms() }).await?;
    tracing::info!(member = %me.id, session = %id, "signed in by link");
    let workspace = app.store.workspace().await?.ok_or(ProblemCode::SetupNeeded)?;
    Ok((token, SignedIn { me, workspace }))
}

/// Sets a password by link and signs in with it. Returns the secret of the new session; every other one of the person ends.
///
/// # Errors
/// [`ProblemCode::LinkInvalid`]; [`ProblemCode::PasswordTooCommon`], which does not use the link up.
pub async fn reset_password(
    app: &App,
    code: &str,
    password: Password,
    place: Place,
) -> Result<(String, SignedIn), AppError> {
    let link = hash(code)?;
    let preview = preview(app, LinkKind::Reset, code).await?;
    passwords::refuse_common(&password, &[preview.workspace.name.as_str(), preview.member.name.as_str()])?;
    let password_hash = app.passwords.hash(password).await?;
    let (token, session) = sessions::new_session(app, place);
    let id = session.id;
    let command = ResetByLink { link, password_hash, session, now_ms: app.clock.now_ms() };
    let me = app.store.reset_by_link(command).await?;
    tracing::info!(member = %me.id, session = %id, "password set by link");
    Ok((token, SignedIn { me, workspace: preview.workspace }))
}
