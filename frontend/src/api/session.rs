//! Set-up, signing in and out, invitations.

use shared::{
    request::{Join, SessionKind, Setup, SignIn},
    route,
    session::{InviteCreated, InvitePreview, SetupState, SignedIn},
    wire_write,
};

use super::{ApiError, call};

/// Whether the workspace still has to be opened, and whether that takes the printed code.
///
/// # Errors
/// [`ApiError`], as for every call.
pub async fn setup_state() -> Result<SetupState, ApiError> {
    call::get(route::SETUP).await
}

/// Opens the workspace and signs its owner in.
///
/// # Errors
/// `setup_done`, `wrong_setup_code`, or what is wrong with a field.
pub async fn set_up(request: &Setup) -> Result<SignedIn, ApiError> {
    call::post(route::SETUP, request).await
}

/// Who is signed in on this browser.
///
/// # Errors
/// `not_signed_in` (401): nobody.
pub async fn session() -> Result<SignedIn, ApiError> {
    call::get(route::SESSION).await
}

/// Signs in.
///
/// # Errors
/// `wrong_credentials`, or `rate_limited` with the time to wait.
pub async fn sign_in(name: &str, password: &str) -> Result<SignedIn, ApiError> {
    let request = SignIn { name: name.to_owned(), password: password.to_owned(), kind: SessionKind::Cookie };
    call::post(route::SESSION, &request).await
}

/// Signs out on this browser.
///
/// # Errors
/// [`ApiError::Network`]: the session may live on.
pub async fn sign_out() -> Result<(), ApiError> {
    call::delete(route::SESSION).await
}

/// Makes an invite link.
///
/// # Errors
/// [`ApiError`], as for every call.
pub async fn make_invite() -> Result<InviteCreated, ApiError> {
    call::post(route::INVITES, &Nothing {}).await
}

/// What is behind an invite link.
///
/// # Errors
/// `invite_invalid`: used up, expired, withdrawn or mistyped; it is not said which.
pub async fn invite(code: &str) -> Result<InvitePreview, ApiError> {
    call::get(&route::invite(&segment(code))).await
}

/// Makes an account behind an invite link and signs it in.
///
/// # Errors
/// `invite_invalid`, `name_taken`, or what is wrong with a field.
pub async fn join(code: &str, request: &Join) -> Result<SignedIn, ApiError> {
    call::post(&route::join(&segment(code)), request).await
}

/// `{}`, for a request that has nothing to say yet.
struct Nothing {}

wire_write! { Nothing {}; }

/// What a person put into the address, as one segment of a path.
fn segment(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}
