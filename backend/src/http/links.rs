//! Links that work once: `/api/device-links`, `/api/people/{member}/reset-link`, `/api/reset`.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header::SET_COOKIE};
use shared::{
    id::MemberId,
    request::ResetPassword,
    session::{LinkMade, LinkPreview, SignedIn},
};

use super::{
    auth::{self, Session},
    extract::{Client, From, Json, Segment},
};
use crate::{
    error::AppError,
    service,
    state::{App, AppState},
    store::LinkKind,
};

/// `POST /api/device-links`: a link that signs the caller in on another device. The request needs no body.
pub async fn create_device_link(
    State(app): State<AppState>,
    session: Session,
    Client(address): Client,
) -> Result<(StatusCode, Json<LinkMade>), AppError> {
    app.rate_limits.budgets.links.check(Some(session.member.id))?;
    let link = service::links::create_device_link(&app, session.member.id, address).await?;
    Ok((StatusCode::CREATED, Json(link)))
}

/// `DELETE /api/device-links`: withdraws it, used or not.
pub async fn withdraw_device_link(State(app): State<AppState>, session: Session) -> Result<StatusCode, AppError> {
    service::links::withdraw_device_link(&app, session.member.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/device-links/{code}`: as whom one would be signed in. Uses nothing up.
pub async fn read_device_link(
    State(app): State<AppState>,
    Client(address): Client,
    Segment(code): Segment<String>,
) -> Result<Json<LinkPreview>, AppError> {
    app.rate_limits.budgets.previews.check_address(address)?;
    Ok(Json(service::links::preview(&app, LinkKind::Device, &code).await?))
}

/// `POST /api/device-links/{code}`: signs in there, once. The request needs no body.
pub async fn use_device_link(
    State(app): State<AppState>,
    Segment(code): Segment<String>,
    From(place): From,
) -> Result<Response, AppError> {
    app.rate_limits.budgets.link_uses.check_address(place.address)?;
    let (token, signed_in) = service::links::sign_in(&app, &code, place).await?;
    Ok(let_in(&app, &token, signed_in))
}

/// `POST /api/people/{member}/reset-link`: a link with which somebody else sets a new password. The request needs no body.
pub async fn create_reset_link(
    State(app): State<AppState>,
    session: Session,
    Client(address): Client,
    Segment(member): Segment<MemberId>,
) -> Result<(StatusCode, Json<LinkMade>), AppError> {
    app.rate_limits.budgets.links.check(Some(session.member.id))?;
    let link = service::links::create_reset_link(&app, session.member.id, address, member).await?;
    Ok((StatusCode::CREATED, Json(link)))
}

/// `GET /api/reset/{code}`: whose password it sets. Uses nothing up.
pub async fn read_reset_link(
    State(app): State<AppState>,
    Client(address): Client,
    Segment(code): Segment<String>,
) -> Result<Json<LinkPreview>, AppError> {
    app.rate_limits.budgets.previews.check_address(address)?;
    Ok(Json(service::links::preview(&app, LinkKind::Reset, &code).await?))
}

/// `POST /api/reset/{code}`: sets the password, once, and signs in; everywhere else the person is signed out.
pub async fn reset_password(
    State(app): State<AppState>,
    Segment(code): Segment<String>,
    From(place): From,
    Json(reset): Json<ResetPassword>,
) -> Result<Response, AppError> {
    app.rate_limits.budgets.link_uses.check_address(place.address)?;
    let (token, signed_in) = service::links::reset_password(&app, &code, reset.password, place).await?;
    Ok(let_in(&app, &token, signed_in))
}

fn let_in(app: &App, token: &str, signed_in: SignedIn) -> Response {
    ([(SET_COOKIE, auth::set_cookie(app.https, token))], Json(signed_in)).into_response()
}
