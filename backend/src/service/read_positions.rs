//! How far a person has read: moved by one of their tabs, told to all of them.

use shared::{
    id::MemberId,
    request::{MoveRead, ReadMoved},
    stream::kind,
};

use crate::{error::AppError, state::App, store::RoomRef};

/// Moves a read position. All streams of the person hear where it is now; nobody else does.
///
/// # Errors
/// [`NotFound`](shared::problem::ProblemCode::NotFound) when there is no such room that the member may see.
pub async fn move_read(app: &App, member: MemberId, room: &RoomRef, to: MoveRead) -> Result<ReadMoved, AppError> {
    let read = app.store.move_read(member, room, to).await?;
    app.hub.send_to_member(member, kind::READ, &read);
    Ok(ReadMoved { read })
}
