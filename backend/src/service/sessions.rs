//! Signing in and out, and the places where one is signed in. Tokens are in [`super::tokens`].

use std::net::IpAddr;

use shared::{
    id::{MemberId, SessionId},
    limits::{NAME_MAX_BYTES, PASSWORD_MAX_BYTES},
    problem::ProblemCode,
    request::{SessionKind, SignIn},
    session::{SessionList, SignedIn},
};

use super::{passwords::Attempts, secret, tokens};
use crate::{
    domain::{address::network, member::name_key},
    error::AppError,
    state::App,
    store::{NewSession, Place, SessionOwner},
};

/// How long a session lasts, in days, whatever is done with it.
pub const SESSION_DAYS: i64 = 30;

/// The same in milliseconds.
pub const SESSION_MS: i64 = SESSION_DAYS * DAY_MS;

/// How long a session lasts in which nothing is done, in days. An open stream alone is nothing (security.md AU6).
pub const SESSION_IDLE_DAYS: i64 = 14;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Draws a session: the secret for the client, and what the store keeps of it.
pub(super) fn new_session(app: &App, place: Place) -> (String, NewSession) {
    let token = secret::draw(secret::TOKEN_DIGITS);
    let at_ms = app.clock.now_ms();
    let session = NewSession {
        id: SessionId::from_entropy(secret::entropy()),
        secret: secret::hash(&token),
        at: app.clock.timestamp(),
        at_ms,
        expires_at_ms: at_ms + SESSION_MS,
        idle_ms: Some(SESSION_IDLE_DAYS * DAY_MS),
        place,
        token: None,
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
/// An unknown name takes as long as a wrong password and gets the same answer. What has become of an account is told to
/// those who know its password, and to nobody else.
///
/// # Errors
/// [`ProblemCode::WrongCredentials`]; [`ProblemCode::Banned`], [`ProblemCode::Deactivated`];
/// [`ProblemCode::SetupNeeded`] while nobody can have an account; [`ProblemCode::RateLimited`] when too many sign in at
/// once, or there were too many `attempts`.
pub async fn sign_in(
    app: &App,
    request: SignIn,
    attempts: &dyn Attempts,
    place: Place,
) -> Result<(String, SignedIn), AppError> {
    let Some(workspace) = app.store.workspace().await? else { return Err(ProblemCode::SetupNeeded.into()) };
    // What no account can have is refused before it costs anything: a name or password beyond its limit.
    if request.name.len() > NAME_MAX_BYTES || request.password.len() > PASSWORD_MAX_BYTES {
        return Err(ProblemCode::WrongCredentials.into());
    }
    let account = app.store.credentials(&name_key(&request.name)).await?;
    let (state, hash) = account.map(|account| ((account.member, account.banned), account.password_hash)).unzip();
    let fits = app.passwords.verify(request.password, hash, attempts).await?;
    let Some((me, banned)) = state.filter(|_| fits) else {
        tracing::info!("sign-in refused");
        return Err(ProblemCode::WrongCredentials.into());
    };
    if !me.active {
        tracing::info!(member = %me.id, "sign-in refused");
        return Err(if banned { ProblemCode::Banned } else { ProblemCode::Deactivated }.into());
    }
    let (token, session) = match request.kind {
        SessionKind::Cookie => new_session(app, place),
        SessionKind::Token => tokens::signed_in(app, place),
    };
    let id = session.id;
    app.store.create_session(me.id, session).await?;
    tracing::info!(member = %me.id, session = %id, "signed in");
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

/// Ends a session; the store's [`Watch`](crate::store::Watch) ends its streams.
///
/// # Errors
/// The store's.
pub async fn sign_out(app: &App, member: MemberId, session: SessionId) -> Result<(), AppError> {
    app.store.end_session(session).await?;
    tracing::info!(%member, %session, "signed out");
    Ok(())
}

/// The places where a person is signed in.
///
/// # Errors
/// The store's.
pub async fn sessions(app: &App, member: MemberId, current: SessionId) -> Result<SessionList, AppError> {
    Ok(SessionList { sessions: app.store.sessions(member, current, app.clock.now_ms()).await? })
}

/// Signs a person out elsewhere.
///
/// # Errors
/// [`ProblemCode::NotFound`] for what is not a session of theirs.
pub async fn revoke(app: &App, member: MemberId, session: SessionId) -> Result<(), AppError> {
    app.store.revoke_session(member, session).await?;
    tracing::info!(%member, %session, "signed out elsewhere");
    Ok(())
}

/// Signs a person out everywhere but where they ask for it.
///
/// # Errors
/// The store's.
pub async fn end_others(app: &App, member: MemberId, kept: SessionId) -> Result<(), AppError> {
    app.store.end_other_sessions(member, kept).await?;
    tracing::info!(%member, "signed out everywhere else");
    Ok(())
}
