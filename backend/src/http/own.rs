//! What is the caller's own: `/api/sessions`, `/api/tokens`, `/api/password`.

use axum::extract::State;
use http::StatusCode;
use shared::{
    id::SessionId,
    request::{ChangePassword, CreateToken},
    session::{SessionList, TokenList, TokenMade},
};

use super::{
    auth::Session,
    extract::{Client, From, Json, Segment},
};
use crate::{error::AppError, service, state::AppState};

/// `GET /api/sessions`: where the caller is signed in.
pub async fn list_sessions(State(app): State<AppState>, session: Session) -> Result<Json<SessionList>, AppError> {
    Ok(Json(service::sessions::sessions(&app, session.member.id, session.id).await?))
}

/// `DELETE /api/sessions`: signs the caller out everywhere but here.
pub async fn end_other_sessions(State(app): State<AppState>, session: Session) -> Result<StatusCode, AppError> {
    service::sessions::end_others(&app, session.member.id, session.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/sessions/{id}`: signs the caller out there; the streams of that session end.
pub async fn revoke_session(
    State(app): State<AppState>,
    session: Session,
    Segment(revoked): Segment<SessionId>,
) -> Result<StatusCode, AppError> {
    service::sessions::revoke(&app, session.member.id, revoked).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/tokens`: the caller's tokens.
pub async fn list_tokens(State(app): State<AppState>, session: Session) -> Result<Json<TokenList>, AppError> {
    Ok(Json(service::tokens::tokens(&app, session.member.id).await?))
}

/// `POST /api/tokens`: makes one, which is shown in this answer and never again.
pub async fn create_token(
    State(app): State<AppState>,
    session: Session,
    From(place): From,
    Json(wish): Json<CreateToken>,
) -> Result<(StatusCode, Json<TokenMade>), AppError> {
    app.rate_limits.budgets.tokens.check(Some(session.member.id))?;
    Ok((StatusCode::CREATED, Json(service::tokens::create(&app, session.member.id, place, wish).await?)))
}

/// `DELETE /api/tokens/{id}`: revokes one; its streams end.
pub async fn revoke_token(
    State(app): State<AppState>,
    session: Session,
    Client(address): Client,
    Segment(token): Segment<SessionId>,
) -> Result<StatusCode, AppError> {
    service::tokens::revoke(&app, session.member.id, address, token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /api/password`: another password for the caller, who is signed out everywhere else.
pub async fn change_password(
    State(app): State<AppState>,
    session: Session,
    Json(change): Json<ChangePassword>,
) -> Result<StatusCode, AppError> {
    let attempts = app.rate_limits.budgets.password(session.member.id);
    service::people::change_password(&app, session.member.id, session.id, change, &attempts).await?;
    Ok(StatusCode::NO_CONTENT)
}
