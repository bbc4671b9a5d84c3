//! `/api/rooms/{room}/members`: who is in a room, coming in and going.

use axum::extract::State;
use http::StatusCode;
use shared::room::{RoomAnswer, RoomMembers};

use super::{
    auth::Session,
    extract::{Client, Json, Query, Room, RoomMember},
};
use crate::{error::AppError, service, state::AppState};

/// `GET /api/rooms/{room}/members?query=&after=&limit=`: a page of the people in a room.
pub async fn list_members(
    State(app): State<AppState>,
    session: Session,
    Room(room): Room,
    query: Query,
) -> Result<Json<RoomMembers>, AppError> {
    let text = query.text("query")?;
    let (after, limit) = (query.one("after")?, query.one("limit")?);
    Ok(Json(service::rooms::members(&app, session.member.id, &room, &text, after, limit).await?))
}

/// `PUT /api/rooms/{room}/members/{member}`: adds someone, or joins. The request needs no body.
pub async fn add_member(
    State(app): State<AppState>,
    session: Session,
    Client(address): Client,
    place: RoomMember,
) -> Result<Json<RoomAnswer>, AppError> {
    let member = place.member.unwrap_or(session.member.id);
    Ok(Json(service::rooms::add_member(&app, session.member.id, address, place.room, member).await?))
}

/// `DELETE /api/rooms/{room}/members/{member}`: removes someone, or leaves.
pub async fn remove_member(
    State(app): State<AppState>,
    session: Session,
    Client(address): Client,
    place: RoomMember,
) -> Result<StatusCode, AppError> {
    let member = place.member.unwrap_or(session.member.id);
    service::rooms::remove_member(&app, session.member.id, address, place.room, member).await?;
    Ok(StatusCode::NO_CONTENT)
}
