//! Posting a message: rendered once, stored once, however often the request comes.

use shared::{id::MemberId, request};
use tokio::task;

use crate::{
    domain::markdown,
    error::AppError,
    state::App,
    store::{PostMessage, Posted, RoomRef},
};

/// Bodies above this many bytes are rendered off the async threads; below it the hop would cost more than the work.
const RENDER_INLINE_MAX_BYTES: usize = 1024;

/// Posts a message, or finds the one that an earlier request of the same `client_id` posted.
///
/// # Errors
/// [`NotFound`](shared::problem::ProblemCode::NotFound) for a room that is not the author's,
/// [`ClientIdReused`](shared::problem::ProblemCode::ClientIdReused) when the earlier request said something else.
pub async fn post_message(
    app: &App,
    author: MemberId,
    room: RoomRef,
    request: request::PostMessage,
) -> Result<Posted, AppError> {
    // The hash names the room by its id, so that a retry under the slug is still the same request.
    let room = match room {
        RoomRef::Id(id) => id,
        slug @ RoomRef::Slug(_) => app.store.room(author, &slug).await?.room.id,
    };
    let body = String::from(request.body);
    let hash = app.request_hasher.hash(room, &body);
    let (body, html) = if body.len() <= RENDER_INLINE_MAX_BYTES {
        let html = Some(markdown::render(&body));
        (body, html)
    } else {
        let render = move || {
            let html = Some(markdown::render(&body));
            (body, html)
        };
        task::spawn_blocking(render).await.map_err(AppError::internal)?
    };
    let command = PostMessage {
        id: app.message_ids.next(),
        author,
        room: RoomRef::Id(room),
        client_id: request.client_id,
        request: hash,
        body,
        html,
        at: app.clock.timestamp(),
    };
    Ok(app.store.post_message(command).await?)
}
