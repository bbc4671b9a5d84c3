//! What is one's own: places where one is signed in, tokens, the password.

use shared::{
    id::SessionId,
    request::{ChangePassword, CreateToken},
    route,
    session::{LinkMade, SessionList, TokenList, TokenMade},
};

use super::{ApiError, call};

/// Where the caller is signed in: here first, then by last use.
///
/// # Errors
/// [`ApiError`], as for every call.
pub async fn sessions() -> Result<SessionList, ApiError> {
    call::get(route::SESSIONS).await
}

/// Signs the caller out in one place.
///
/// # Errors
/// `not_found`: there is none.
pub async fn end_session(session: SessionId) -> Result<(), ApiError> {
    call::delete(&route::own_session(session)).await
}

/// Signs the caller out everywhere but here.
///
/// # Errors
/// [`ApiError`], as for every call.
pub async fn end_other_sessions() -> Result<(), ApiError> {
    call::delete(route::SESSIONS).await
}

/// Makes a link that signs the caller in on another device, once.
///
/// # Errors
/// `rate_limited`.
pub async fn make_device_link() -> Result<LinkMade, ApiError> {
    call::post_bare(route::DEVICE_LINKS).await
}

/// The caller's tokens, the newest first.
///
/// # Errors
/// [`ApiError`], as for every call.
pub async fn tokens() -> Result<TokenList, ApiError> {
    call::get(route::TOKENS).await
}

/// Makes a token; its text is in the answer and nowhere else.
///
/// # Errors
/// `limit_reached`, or what is wrong with the label.
pub async fn make_token(token: &CreateToken) -> Result<TokenMade, ApiError> {
    call::post(route::TOKENS, token).await
}

/// Ends a token.
///
/// # Errors
/// `not_found`: there is none.
pub async fn revoke_token(token: SessionId) -> Result<(), ApiError> {
    call::delete(&route::token(token)).await
}

/// Changes the caller's password. Their other sessions end.
///
/// # Errors
/// `wrong_password`, or what is wrong with the new one.
pub async fn change_password(change: &ChangePassword) -> Result<(), ApiError> {
    call::change("PUT", route::PASSWORD, change).await
}
