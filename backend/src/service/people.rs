//! Other people.

use shared::{id::MemberId, session::MemberView};

use crate::{error::AppError, state::App};

/// One person, as another member may see them.
///
/// # Errors
/// [`NotFound`](shared::problem::ProblemCode::NotFound).
pub async fn member(app: &App, member: MemberId) -> Result<MemberView, AppError> {
    Ok(MemberView { member: app.store.member(member).await? })
}
