//! Tokens: sessions for programs, which may do no more than their owner, and less if their owner wants it so.

use std::net::IpAddr;

use shared::{
    id::{MemberId, SessionId},
    request::CreateToken,
    session::{Access, TokenList, TokenMade},
    text::Label,
};

use super::{by, sessions};
use crate::{
    error::AppError,
    state::App,
    store::{NEVER_MS, NewSession, NewToken, Place},
};

/// What a token is called that came by signing in, when its program says nothing of itself.
const NAMELESS: &str = "program";

/// Draws the token of a program that signs in with a password. It may do everything, and ends as a session does; being
/// used or not changes nothing in that, since a program may do nothing but listen.
pub(super) fn signed_in(app: &App, place: Place) -> (String, NewSession) {
    let label = place.device.as_deref().and_then(|device| Label::parse(device).ok());
    let label = label.unwrap_or_else(|| Label::parse(NAMELESS).expect("a word is a label"));
    let (secret, session) = sessions::new_session(app, place);
    (secret, NewSession { idle_ms: None, token: Some(NewToken { label, access: Access::All }), ..session })
}

/// The tokens of a person.
///
/// # Errors
/// The store's.
pub async fn tokens(app: &App, member: MemberId) -> Result<TokenList, AppError> {
    Ok(TokenList { tokens: app.store.tokens(member, app.clock.now_ms()).await? })
}

/// Makes a token that lives until it is revoked.
///
/// # Errors
/// [`LimitReached`](shared::problem::ProblemCode::LimitReached).
pub async fn create(app: &App, member: MemberId, place: Place, wish: CreateToken) -> Result<TokenMade, AppError> {
    let by = by(app, member, place.address);
    let (token, session) = sessions::new_session(app, Place::default());
    let wished = NewToken { label: wish.label, access: wish.access };
    let session = NewSession { expires_at_ms: NEVER_MS, idle_ms: None, token: Some(wished), ..session };
    let info = app.store.create_token(by, session).await?;
    tracing::info!(%member, token = %info.id, access = info.access.as_str(), "token made");
    Ok(TokenMade { token, info })
}

/// Revokes a token.
///
/// # Errors
/// [`NotFound`](shared::problem::ProblemCode::NotFound) for what is not a token of theirs.
pub async fn revoke(app: &App, member: MemberId, address: Option<IpAddr>, token: SessionId) -> Result<(), AppError> {
    app.store.revoke_token(by(app, member, address), token).await?;
    tracing::info!(%member, %token, "token revoked");
    Ok(())
}
