//! Posting a message: rendered once, stored once, however often the request comes.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use shared::{
    id::{MemberId, RoomId},
    request,
};
use tokio::task;

use super::request_key::RequestKey;
use crate::{
    domain::markdown,
    error::AppError,
    state::App,
    store::{PostMessage, Posted, RoomRef, SecretHash},
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
    let hash = request_hash(&app.request_key, room, &body);
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

/// Tells a retry from another request under the same `client_id`, also after the message was deleted. Keyed, so that it
/// betrays nothing about the deleted text.
fn request_hash(key: &RequestKey, room: RoomId, body: &str) -> SecretHash {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    // A room id has a fixed length, so no other pair gives the same bytes.
    mac.update(room.to_string().as_bytes());
    mac.update(body.as_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_room_text_or_key_is_another_request() {
        let room = |digit| RoomId::from_entropy([digit; 12]);
        let hash = request_hash(&[1; 32], room(1), "hello");
        assert_eq!(request_hash(&[1; 32], room(1), "hello"), hash);
        assert_ne!(request_hash(&[1; 32], room(2), "hello"), hash);
        assert_ne!(request_hash(&[1; 32], room(1), "hello "), hash);
        assert_ne!(request_hash(&[2; 32], room(1), "hello"), hash);
    }
}
