//! `/api/people`.

use axum::extract::State;
use shared::{id::MemberId, session::MemberView};

use super::{
    auth::Session,
    extract::{Json, Segment},
};
use crate::{error::AppError, service, state::AppState};

/// `GET /api/people/{member}`: one person, as any member may see them.
pub async fn read_member(
    State(app): State<AppState>,
    _: Session,
    Segment(member): Segment<MemberId>,
) -> Result<Json<MemberView>, AppError> {
    Ok(Json(service::people::member(&app, member).await?))
}
