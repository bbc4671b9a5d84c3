//! `/api/rooms/{room}/messages` and `/api/messages`: history, posting, deleting.

use axum::extract::State;
use http::StatusCode;
use shared::{
    cursor::Offset,
    id::MessageId,
    message::{MessagePage, MessageRemoved},
    problem::ProblemCode,
    replica::window::PageAt,
    request::{MessagePosted, PostMessage},
};

use super::{
    auth::Session,
    extract::{Client, Json, Query, Room, Segment},
};
use crate::{error::AppError, service, state::AppState};

/// `GET /api/rooms/{room}/messages?before=&after=&around=&limit=`: a page, oldest first.
pub async fn list_messages(
    State(app): State<AppState>,
    session: Session,
    Room(room): Room,
    query: Query,
) -> Result<Json<MessagePage>, AppError> {
    let at = page_at(&query)?;
    let limit = query.one::<u32>("limit")?;
    Ok(Json(service::history::messages(&app, session.member.id, &room, at, limit).await?))
}

/// The one place that the query names.
fn page_at(query: &Query) -> Result<PageAt, AppError> {
    let mut at = PageAt::Latest;
    for name in ["before", "after", "around"] {
        let Some(offset) = query.one::<u64>(name)? else { continue };
        if at != PageAt::Latest || offset > Offset::MAX.0 {
            return Err(AppError::of_field(ProblemCode::InvalidQuery, name));
        }
        at = match name {
            "before" => PageAt::Before(Offset(offset)),
            "after" => PageAt::After(Offset(offset)),
            _ => PageAt::Around(Offset(offset)),
        };
    }
    Ok(at)
}

/// `POST /api/rooms/{room}/messages`: 201 the first time, 200 with the message as it is now ever after.
pub async fn post_message(
    State(app): State<AppState>,
    session: Session,
    Room(room): Room,
    Json(request): Json<PostMessage>,
) -> Result<(StatusCode, Json<MessagePosted>), AppError> {
    if let Some(posts) = &app.rate_limits.posts {
        posts.check(session.member.id)?;
    }
    let posted = service::post_message::post_message(&app, session.member.id, room, request).await?;
    service::presence::posted(&app, session.member.id, session.id, posted.answer.message.room);
    let status = if posted.created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(posted.answer)))
}

/// `DELETE /api/messages/{message}`: turns it into a tombstone; the answer is that, also the second time.
pub async fn delete_message(
    State(app): State<AppState>,
    session: Session,
    Client(address): Client,
    Segment(message): Segment<MessageId>,
) -> Result<Json<MessageRemoved>, AppError> {
    Ok(Json(service::delete_message::delete_message(&app, session.member.id, address, message).await?))
}
