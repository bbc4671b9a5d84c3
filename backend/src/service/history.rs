//! A room's history, page by page.

use shared::{
    id::MemberId,
    limits::{PAGE_DEFAULT, PAGE_MAX},
    message::MessagePage,
    replica::window::PageAt,
};

use crate::{error::AppError, state::App, store::RoomRef};

/// A page of messages, oldest first. A `limit` above [`PAGE_MAX`] is cut to it, one of 0 raised to 1.
///
/// # Errors
/// [`NotFound`](shared::problem::ProblemCode::NotFound) when there is no such room that the member may see.
pub async fn messages(
    app: &App,
    member: MemberId,
    room: &RoomRef,
    at: PageAt,
    limit: Option<u32>,
) -> Result<MessagePage, AppError> {
    let limit = limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
    Ok(app.store.messages(member, room, at, limit).await?)
}
