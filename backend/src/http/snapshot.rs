//! `/api/snapshot`.

use axum::extract::State;
use shared::session::Snapshot;

use super::{auth::Session, extract::Json};
use crate::{error::AppError, service, state::AppState};

/// `GET /api/snapshot`: everything a client shows first, and the cursor at which it is true.
pub async fn read_snapshot(State(app): State<AppState>, session: Session) -> Result<Json<Snapshot>, AppError> {
    Ok(Json(service::snapshot::snapshot(&app, session.member.id).await?))
}
