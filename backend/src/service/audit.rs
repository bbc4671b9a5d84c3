//! The audit log.

use shared::{audit::AuditPage, id::MemberId};

use crate::{error::AppError, state::App, store::AuditQuery};

/// A page of it, newest first.
///
/// # Errors
/// [`Forbidden`](shared::problem::ProblemCode::Forbidden) unless the viewer is an admin.
pub async fn audit(app: &App, viewer: MemberId, query: AuditQuery) -> Result<AuditPage, AppError> {
    Ok(app.store.audit(viewer, query).await?)
}
