//! Signing in and out.

use std::net::IpAddr;

use shared::{
    id::{MemberId, SessionId},
    limits::{NAME_MAX_BYTES, PASSWORD_MAX_BYTES},
    problem::ProblemCode,
    request::SignIn,
    session::SignedIn,
};

use super::{passwords::Attempts, secret};
use crate::{
    domain::{address::network, member::name_key},
    error::AppError,
    state::App,
    store::{NewSession, SessionOwner},
};

/// How long a session lasts, in days, whatever is done with it: an open stream alone must not keep it alive for ever.
pub const SESSION_DAYS: i64 = 30;

/// The same in milliseconds.
pub const SESSION_MS: i64 = SESSION_DAYS * 24 * 60 * 60 * 1000;

/// Draws a session: the secret for the client, and what the store keeps of it.
pub(super) fn new_session(app: &App) -> (String, NewSession) {
    let token = secret::draw(secret::TOKEN_DIGITS);
    let session = NewSession {
        id: SessionId::from_entropy(secret::entropy()),
        secret: secret::hash(&token),
        at: app.clock.timestamp(),
        expires_at_ms: app.clock.now_ms() + SESSION_MS,
    };
    (token, session)
}

/// Whom somebody who signs in means, as attempts are counted: the folded name, and whether that account was used lately
/// from their address. A name that no account can have is that of nobody.
///
/// # Errors
/// The store's.
pub async fn account_meant(app: &App, name: &str, from: Option<IpAddr>) -> Result<(String, bool), AppError> {
    if name.len() > NAME_MAX_BYTES {
        return Ok((String::new(), false));
    }
    let key = name_key(name);
    let is_known = match from {
        Some(address) => app.store.was_used_from(&key, &network(address)).await?,
        None => false,
    };
    Ok((key, is_known))
}

/// Signs a person in. Returns the secret of the new session.
///
/// An unknown name takes as long as a wrong password and gets the same answer.
///
/// # Errors
/// [`ProblemCode::WrongCredentials`]; [`ProblemCode::SetupNeeded`] while nobody can have an account;
/// [`ProblemCode::RateLimited`] when too many sign in at once, or there were too many `attempts`.
pub async fn sign_in(app: &App, request: SignIn, attempts: &dyn Attempts) -> Result<(String, SignedIn), AppError> {
    let Some(workspace) = app.store.workspace().await? else { return Err(ProblemCode::SetupNeeded.into()) };
    // What no account can have is refused before it costs anything: a name or password beyond its limit.
    if request.name.len() > NAME_MAX_BYTES || request.password.len() > PASSWORD_MAX_BYTES {
        return Err(ProblemCode::WrongCredentials.into());
    }
    let account = app.store.credentials(&name_key(&request.name)).await?;
    let (member, hash) = account.map(|account| (account.member, account.password_hash)).unzip();
    let fits = app.passwords.verify(request.password, hash, attempts).await?;
    let Some(me) = member.filter(|_| fits) else {
        tracing::info!("sign-in refused");
        return Err(ProblemCode::WrongCredentials.into());
    };
    let (token, session) = new_session(app);
    tracing::info!(member = %me.id, session = %session.id, "signed in");
    app.store.create_session(me.id, session).await?;
    Ok((token, SignedIn { me, workspace }))
}

/// The session behind a secret that a client sent.
///
/// # Errors
/// [`ProblemCode::NotSignedIn`] for anything that is not the secret of a living session.
pub async fn authenticate(app: &App, token: &str) -> Result<SessionOwner, AppError> {
    if !secret::is_well_formed(token, secret::TOKEN_DIGITS) {
        return Err(ProblemCode::NotSignedIn.into());
    }
    let owner = app.store.session(secret::hash(token), app.clock.now_ms()).await?;
    owner.ok_or_else(|| ProblemCode::NotSignedIn.into())
}

/// Who a member is, in the answer of `GET /api/session`.
///
/// # Errors
/// The store's.
pub async fn signed_in(app: &App, owner: SessionOwner) -> Result<SignedIn, AppError> {
    let workspace = app.store.workspace().await?.ok_or(ProblemCode::SetupNeeded)?;
    Ok(SignedIn { me: owner.member, workspace })
}

/// Ends a session and every stream that it opened.
///
/// # Errors
/// The store's.
pub async fn sign_out(app: &App, member: MemberId, session: SessionId) -> Result<(), AppError> {
    app.store.end_session(session).await?;
    app.hub.end_session(session);
    tracing::info!(%member, %session, "signed out");
    Ok(())
}
