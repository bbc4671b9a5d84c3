//! `/api/workspace` and `/api/audit`: what owner and admins change, and what they and others did.

use axum::extract::State;
use shared::{
    audit::{AuditAct, AuditPage},
    cursor::Offset,
    problem::ProblemCode,
    request::{ChangeWorkspace, WorkspaceAnswer},
};

use super::{
    auth::Session,
    extract::{Client, Json, Query},
};
use crate::{
    error::AppError,
    service::{self, rooms::list_limit},
    state::AppState,
    store::AuditQuery,
};

/// `PATCH /api/workspace`: changes what the body names.
pub async fn change_workspace(
    State(app): State<AppState>,
    session: Session,
    Client(address): Client,
    Json(change): Json<ChangeWorkspace>,
) -> Result<Json<WorkspaceAnswer>, AppError> {
    Ok(Json(service::workspace::change(&app, session.member.id, address, change).await?))
}

/// `GET /api/audit?before=&act=&member=&by=&room=&limit=`: a page of the audit log, newest first.
pub async fn list_audit(
    State(app): State<AppState>,
    session: Session,
    query: Query,
) -> Result<Json<AuditPage>, AppError> {
    let act = query.one::<String>("act")?.map(|word| AuditAct::from_word(&word));
    if act == Some(AuditAct::Unknown) {
        return Err(AppError::of_field(ProblemCode::InvalidQuery, "act"));
    }
    let query = AuditQuery {
        before: query.one::<u64>("before")?.map(Offset),
        act,
        member: query.one("member")?,
        by: query.one("by")?,
        room: query.one("room")?,
        limit: list_limit(query.one("limit")?),
    };
    Ok(Json(service::audit::audit(&app, session.member.id, query).await?))
}
