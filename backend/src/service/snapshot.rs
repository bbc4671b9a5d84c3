//! What a client shows first.

use shared::{id::MemberId, session::Snapshot};

use crate::{error::AppError, state::App};

/// Everything a member's client begins with, read at one place of the log.
///
/// # Errors
/// The store's.
pub async fn snapshot(app: &App, member: MemberId) -> Result<Snapshot, AppError> {
    Ok(app.store.snapshot(member).await?)
}
