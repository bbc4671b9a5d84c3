//! The workspace's name and rules.

use std::net::IpAddr;

use shared::{
    id::MemberId,
    request::{self, WorkspaceAnswer},
};

use super::by;
use crate::{error::AppError, state::App, store::ChangeWorkspace};

/// Changes what is named.
///
/// # Errors
/// [`Forbidden`](shared::problem::ProblemCode::Forbidden) unless the caller is an admin.
pub async fn change(
    app: &App,
    actor: MemberId,
    address: Option<IpAddr>,
    change: request::ChangeWorkspace,
) -> Result<WorkspaceAnswer, AppError> {
    let answer = app.store.change_workspace(ChangeWorkspace { by: by(app, actor, address), change }).await?;
    tracing::info!("workspace changed");
    Ok(answer)
}
