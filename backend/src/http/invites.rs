//! `/api/invites` and `/api/join`: links, and coming in behind one.

use axum::{extract::State, response::IntoResponse};
use http::{StatusCode, header::SET_COOKIE};
use shared::{
    request::Join,
    session::{InviteCreated, InvitePreview},
};

use super::{
    auth::{self, Session},
    extract::{From, Json, Segment},
};
use crate::{error::AppError, service, state::AppState};

/// `POST /api/invites`: makes a link. The request needs no body.
pub async fn create_invite(
    State(app): State<AppState>,
    session: Session,
) -> Result<(StatusCode, Json<InviteCreated>), AppError> {
    let invite = service::invites::create_invite(&app, session.member.id).await?;
    Ok((StatusCode::CREATED, Json(invite)))
}

/// `GET /api/invites/{code}`: what is behind a link. Needs no session and uses nothing up.
pub async fn read_invite(
    State(app): State<AppState>,
    Segment(code): Segment<String>,
) -> Result<Json<InvitePreview>, AppError> {
    Ok(Json(service::invites::preview_invite(&app, &code).await?))
}

/// `POST /api/join/{code}`: makes an account behind a link, and signs it in.
pub async fn join(
    State(app): State<AppState>,
    Segment(code): Segment<String>,
    From(place): From,
    Json(join): Json<Join>,
) -> Result<impl IntoResponse, AppError> {
    let (token, signed_in) = service::join::join(&app, &code, join, place).await?;
    Ok((StatusCode::CREATED, [(SET_COOKIE, auth::set_cookie(app.https, &token))], Json(signed_in)))
}
