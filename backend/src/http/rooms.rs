//! `/api/rooms` and `/api/directory`, messages and members aside.

use axum::extract::State;
use http::StatusCode;
use shared::{
    problem::ProblemCode,
    request::{ChangeRoom, CreateRoom, InvolvementSet, MoveRead, ReadMoved, SetInvolvement},
    room::{Directory, RoomAnswer},
    session::{RoomList, RoomView},
};

use super::{
    auth::Session,
    extract::{Client, Json, Query, Room},
};
use crate::{error::AppError, service, state::AppState, store::DirectoryShow};

/// `GET /api/rooms`: the caller's rooms.
pub async fn list_rooms(State(app): State<AppState>, session: Session) -> Result<Json<RoomList>, AppError> {
    Ok(Json(service::rooms::rooms(&app, session.member.id).await?))
}

/// `GET /api/directory?show=&query=&after=&limit=`: the rooms that the caller is in or could join.
pub async fn list_directory(
    State(app): State<AppState>,
    session: Session,
    query: Query,
) -> Result<Json<Directory>, AppError> {
    let show = match query.one::<String>("show")?.as_deref() {
        None => DirectoryShow::Current,
        Some("joined") => DirectoryShow::Joined,
        Some("open") => DirectoryShow::Open,
        Some("archived") => DirectoryShow::Archived,
        Some(_) => return Err(AppError::of_field(ProblemCode::InvalidQuery, "show")),
    };
    let text = query.text("query")?;
    let (after, limit) = (query.one("after")?, query.one("limit")?);
    Ok(Json(service::rooms::directory(&app, session.member.id, show, &text, after, limit).await?))
}

/// `POST /api/rooms`: makes a room, 201; 200 with the direct one of the same people, if there is one.
pub async fn create_room(
    State(app): State<AppState>,
    session: Session,
    Client(address): Client,
    Json(wish): Json<CreateRoom>,
) -> Result<(StatusCode, Json<RoomAnswer>), AppError> {
    app.rate_limits.budgets.rooms.check(Some(session.member.id))?;
    let made = service::rooms::create_room(&app, session.member.id, address, wish).await?;
    let status = if made.created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(made.answer)))
}

/// `GET /api/rooms/{room}`: one that the caller may see, by id or by any address it has or had.
pub async fn read_room(
    State(app): State<AppState>,
    session: Session,
    Room(room): Room,
) -> Result<Json<RoomView>, AppError> {
    Ok(Json(service::rooms::room(&app, session.member.id, &room).await?))
}

/// `PATCH /api/rooms/{room}`: changes what the body names.
pub async fn change_room(
    State(app): State<AppState>,
    session: Session,
    Client(address): Client,
    Room(room): Room,
    Json(change): Json<ChangeRoom>,
) -> Result<Json<RoomAnswer>, AppError> {
    Ok(Json(service::rooms::change_room(&app, session.member.id, address, room, change).await?))
}

/// `PUT /api/rooms/{room}/involvement`: what the caller wants to hear of it.
pub async fn set_involvement(
    State(app): State<AppState>,
    session: Session,
    Room(room): Room,
    Json(wish): Json<SetInvolvement>,
) -> Result<Json<InvolvementSet>, AppError> {
    Ok(Json(service::rooms::set_involvement(&app, session.member.id, &room, wish).await?))
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
