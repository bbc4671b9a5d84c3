//! `/api/presence` and `/api/rooms/{room}/typing`: what is no fact, and costs no transaction.

use axum::extract::State;
use http::StatusCode;
use shared::{
    id::MemberId,
    presence::PresenceList,
    request::{SetPresence, SetTyping},
};

use super::{
    auth::Session,
    extract::{Json, Query, Room},
};
use crate::{error::AppError, service, state::AppState};

/// `GET /api/presence?members=`: the people named, with commas between. What is no id is as the id of nobody.
pub async fn read_presence(
    State(app): State<AppState>,
    session: Session,
    query: Query,
) -> Result<Json<PresenceList>, AppError> {
    let named = query.one::<String>("members")?.unwrap_or_default();
    let members: Vec<_> = named.split(',').filter_map(|id| id.parse::<MemberId>().ok()).collect();
    let Session { member, .. } = session;
    Ok(Json(service::presence::levels(&app, member.id, member.role, &members)?))
}

/// `POST /api/presence`: what the person does with the device whose session this is.
pub async fn set_presence(
    State(app): State<AppState>,
    session: Session,
    Json(wish): Json<SetPresence>,
) -> Result<StatusCode, AppError> {
    app.rate_limits.budgets.signals.check(Some(session.member.id))?;
    service::presence::set_level(&app, session.member.id, session.id, wish.level)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/rooms/{room}/typing`: the caller types there, or does not any more.
pub async fn set_typing(
    State(app): State<AppState>,
    session: Session,
    Room(room): Room,
    Json(wish): Json<SetTyping>,
) -> Result<StatusCode, AppError> {
    app.rate_limits.budgets.signals.check(Some(session.member.id))?;
    service::presence::set_typing(&app, &session.member, session.id, &room, wish.typing).await?;
    Ok(StatusCode::NO_CONTENT)
}
