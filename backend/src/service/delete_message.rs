//! Deleting a message: what it said is gone for good, a tombstone stays.

use std::net::IpAddr;

use shared::{
    id::{MemberId, MessageId},
    message::MessageRemoved,
};

use super::by;
use crate::{error::AppError, state::App, store::DeleteMessage};

/// Turns a message into a tombstone; one that is one already is no error.
///
/// # Errors
/// [`NotFound`](shared::problem::ProblemCode::NotFound) for a message that the member may not read,
/// [`Forbidden`](shared::problem::ProblemCode::Forbidden),
/// [`RoomArchived`](shared::problem::ProblemCode::RoomArchived).
pub async fn delete_message(
    app: &App,
    member: MemberId,
    address: Option<IpAddr>,
    message: MessageId,
) -> Result<MessageRemoved, AppError> {
    let removed = app.store.delete_message(DeleteMessage { by: by(app, member, address), message }).await?;
    // The fact of its posting says something else now: what is kept of it for readers who catch up goes too.
    app.hub.forget(&[removed.message.offset]);
    Ok(removed)
}
