//! `/api/invites` and `/api/join`: links, and coming in behind one.
//!
//! `/api/invites/{invite}` is named by a code when it is looked at, since that is all that a person with the link has, and
//! by an id when it is withdrawn, since that is all that the list has. An id begins with `i_`, and no code holds a `_`: the
//! one never stands for the other.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header::SET_COOKIE};
use shared::{
    id::InviteId,
    request::{CreateInvite, Join},
    session::{InviteCreated, InviteList, InvitePreview},
};

use super::{
    auth::{self, Session},
    extract::{Client, From, Json, Segment},
};
use crate::{error::AppError, service, state::AppState};

/// `POST /api/invites`: makes a link.
pub async fn create_invite(
    State(app): State<AppState>,
    session: Session,
    Client(address): Client,
    Json(wish): Json<CreateInvite>,
) -> Result<(StatusCode, Json<InviteCreated>), AppError> {
    app.rate_limits.budgets.invites.check(Some(session.member.id))?;
    let invite = service::invites::create_invite(&app, session.member.id, address, wish).await?;
    Ok((StatusCode::CREATED, Json(invite)))
}

/// `GET /api/invites`: the links that work, without their codes.
pub async fn list_invites(State(app): State<AppState>, session: Session) -> Result<Json<InviteList>, AppError> {
    Ok(Json(service::invites::invites(&app, session.member.id).await?))
}

/// `GET /api/invites/{code}`: what is behind a link. Needs no session and uses nothing up.
pub async fn read_invite(
    State(app): State<AppState>,
    Client(address): Client,
    Segment(code): Segment<String>,
) -> Result<Json<InvitePreview>, AppError> {
    app.rate_limits.budgets.previews.check_address(address)?;
    Ok(Json(service::invites::preview_invite(&app, &code).await?))
}

/// `DELETE /api/invites/{id}`: withdraws a link.
pub async fn withdraw_invite(
    State(app): State<AppState>,
    session: Session,
    Client(address): Client,
    Segment(invite): Segment<InviteId>,
) -> Result<StatusCode, AppError> {
    service::invites::withdraw_invite(&app, session.member.id, address, invite).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/join/{code}`: with a name, makes an account behind a link and signs it in, 201; without one, brings who is
/// signed in into the link's room, 200.
pub async fn join(
    State(app): State<AppState>,
    Segment(code): Segment<String>,
    From(place): From,
    session: Result<Session, AppError>,
    Json(join): Json<Join>,
) -> Result<Response, AppError> {
    let address = place.address;
    app.rate_limits.budgets.joins.check_address(address)?;
    let Some(name) = join.name else {
        // Whether the link works is said first, as to everyone.
        service::invites::preview_invite(&app, &code).await?;
        let answer = service::join::enter(&app, &code, session?.member.id, address).await?;
        return Ok(Json(answer).into_response());
    };
    let (token, signed_in) = service::join::join(&app, &code, name, join.password, place).await?;
    Ok((StatusCode::CREATED, [(SET_COOKIE, auth::set_cookie(app.https, &token))], Json(signed_in)).into_response())
}
