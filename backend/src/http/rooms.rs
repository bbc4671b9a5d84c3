//! `/api/rooms`, messages aside.

use axum::extract::State;
use shared::{
    request::{MoveRead, ReadMoved},
    session::{RoomList, RoomView},
};

use super::{
    auth::Session,
    extract::{Json, Room},
};
use crate::{error::AppError, service, state::AppState};

/// `GET /api/rooms`: the caller's rooms.
pub async fn list_rooms(State(app): State<AppState>, session: Session) -> Result<Json<RoomList>, AppError> {
    Ok(Json(service::rooms::rooms(&app, session.member.id).await?))
}

/// `GET /api/rooms/{room}`: one of them, by id or slug.
pub async fn read_room(
    State(app): State<AppState>,
    session: Session,
    Room(room): Room,
) -> Result<Json<RoomView>, AppError> {
    Ok(Json(service::rooms::room(&app, session.member.id, &room).await?))
}

/// `PUT /api/rooms/{room}/read`: moves the caller's read position; the answer is where it is now.
pub async fn move_read(
    State(app): State<AppState>,
    session: Session,
    Room(room): Room,
    Json(to): Json<MoveRead>,
) -> Result<Json<ReadMoved>, AppError> {
    Ok(Json(service::read_positions::move_read(&app, session.member.id, &room, to).await?))
}
