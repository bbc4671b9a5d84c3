//! Other people.

use shared::{id::MemberId, session::MemberView};

use crate::{error::AppError, state::App};

/// One person, as another member may see them.
///
/// # Errors
/// [`NotFound`](shared::problem::ProblemCode::NotFound).
pub async fn member(app: &App, member: MemberId) -> Result<MemberView, AppError> {
    let member = app.store.member(member).await?;
    Ok(MemberView { member, time_zone: None, last_seen_at: None, shared_rooms: Vec::new(), banned: None })
}
