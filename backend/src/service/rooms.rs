//! Rooms, as their members see them.

use shared::{
    id::MemberId,
    session::{RoomList, RoomView},
};

use crate::{error::AppError, state::App, store::RoomRef};

/// The rooms of a member.
///
/// # Errors
/// The store's.
pub async fn rooms(app: &App, member: MemberId) -> Result<RoomList, AppError> {
    Ok(app.store.rooms(member).await?)
}

/// One room.
///
/// # Errors
/// [`NotFound`](shared::problem::ProblemCode::NotFound) when there is none that the member may see.
pub async fn room(app: &App, member: MemberId, room: &RoomRef) -> Result<RoomView, AppError> {
    Ok(app.store.room(member, room).await?)
}
