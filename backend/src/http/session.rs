//! `/api/session`: signing in and out, and who one is.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header::SET_COOKIE};
use shared::{
    request::{SessionKind, SignIn},
    session::{SignedIn, TokenIssued},
};

use super::{
    auth::{self, Session},
    extract::{From, Json},
};
use crate::{error::AppError, service, state::AppState};

/// `POST /api/session`: a cookie for a browser, a token for a program.
pub async fn sign_in(
    State(app): State<AppState>,
    From(place): From,
    Json(request): Json<SignIn>,
) -> Result<Response, AppError> {
    let kind = request.kind;
    let (account, is_known) = service::sessions::account_meant(&app, &request.name, place.address).await?;
    let attempts = app.rate_limits.budgets.sign_in(&account, place.address, is_known);
    let (token, signed_in) = service::sessions::sign_in(&app, request, &attempts, place).await?;
    Ok(match kind {
        SessionKind::Token => Json(TokenIssued { token, me: signed_in.me }).into_response(),
        SessionKind::Cookie => ([(SET_COOKIE, auth::set_cookie(app.https, &token))], Json(signed_in)).into_response(),
    })
}

/// `GET /api/session`: who the caller is.
pub async fn read_session(State(app): State<AppState>, session: Session) -> Result<Json<SignedIn>, AppError> {
    Ok(Json(service::sessions::signed_in(&app, session.into()).await?))
}

/// `DELETE /api/session`: signs out; the session's streams end.
pub async fn sign_out(State(app): State<AppState>, session: Session) -> Result<impl IntoResponse, AppError> {
    service::sessions::sign_out(&app, session.member.id, session.id).await?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, auth::clear_cookie(app.https))]))
}
