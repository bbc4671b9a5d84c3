//! Set-up, signing in and out, and the links one comes in by: an invite, another device's, one for a new password.

use shared::{
    request::{EnterAsGuest, Join, ResetPassword, SessionKind, Setup, SignIn},
    room::{Room, RoomAnswer},
    route,
    session::{InvitePreview, LinkPreview, SetupState, SignedIn},
    text::{Password, SignInName},
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

/// Joins the room behind an invite link with the account that is signed in here.
///
/// # Errors
/// `invite_invalid`, `limit_reached`.
pub async fn enter(code: &str) -> Result<Room, ApiError> {
    call::post::<RoomAnswer>(&route::join(&segment(code)), &Join::default()).await.map(|answer| answer.room)
}

/// Comes in as a guest without an invite, where the place allows it.
///
/// # Errors
/// `forbidden`: it does not. `name_taken`, or what is wrong with the name.
pub async fn enter_as_guest(name: SignInName) -> Result<SignedIn, ApiError> {
    call::post(route::GUESTS, &EnterAsGuest { name }).await
}

/// Who signs in with a link from another device.
///
/// # Errors
/// `link_invalid`: used, expired or mistyped.
pub async fn device_link(code: &str) -> Result<LinkPreview, ApiError> {
    call::get(&route::device_link(&segment(code))).await
}

/// Signs in with a link from another device.
///
/// # Errors
/// `link_invalid`: used, expired or mistyped.
pub async fn sign_in_by_link(code: &str) -> Result<SignedIn, ApiError> {
    call::post_bare(&route::device_link(&segment(code))).await
}

/// Whose password a link sets.
///
/// # Errors
/// `link_invalid`: used, expired or mistyped.
pub async fn reset_link(code: &str) -> Result<LinkPreview, ApiError> {
    call::get(&route::reset(&segment(code))).await
}

/// Sets a new password by link, and signs in with it.
///
/// # Errors
/// `link_invalid`, or what is wrong with the password.
pub async fn reset_password(code: &str, password: Password) -> Result<SignedIn, ApiError> {
    call::post(&route::reset(&segment(code)), &ResetPassword { password }).await
}

/// What a person put into the address, as one segment of a path.
pub(super) fn segment(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}
