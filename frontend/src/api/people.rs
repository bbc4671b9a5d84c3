//! The people of the place, what admins do to them, and the place's own rules.

use shared::{
    cursor::Offset,
    id::{InviteId, MemberId},
    member::PeoplePage,
    request::{Ban, BanPreview, ChangePerson, ChangeWorkspace, CreateInvite},
    route,
    session::{InviteCreated, InviteList, LinkMade},
};

use super::{ApiError, call, session::segment};

/// A page of the people. `show` is one of the words of [`crate::state::people::Show`].
///
/// # Errors
/// `not_found`: a guest has no such list.
pub async fn people(show: &str, query: &str, after: Option<MemberId>) -> Result<PeoplePage, ApiError> {
    let mut address = [route::PEOPLE, "?limit=100"].concat();
    if !show.is_empty() {
        address.push_str("&show=");
        address.push_str(show);
    }
    if !query.is_empty() {
        address.push_str("&query=");
        address.push_str(&segment(query));
    }
    if let Some(after) = after {
        address.push_str("&after=");
        address.push_str(&after.to_string());
    }
    call::get(&address).await
}

/// Changes a person: the caller's own profile and settings, or someone's role and state.
///
/// # Errors
/// `forbidden`, `last_owner`, `name_taken`, or what is wrong with a field.
pub async fn change_person(member: MemberId, change: &ChangePerson) -> Result<(), ApiError> {
    call::change("PATCH", &route::person(member), change).await
}

/// What a ban would touch.
///
/// # Errors
/// `forbidden`: the caller may not ban this person.
pub async fn ban_preview(member: MemberId) -> Result<BanPreview, ApiError> {
    call::get(&route::ban(member)).await
}

/// Bans a person.
///
/// # Errors
/// `forbidden`: the caller may not ban this person.
pub async fn ban(member: MemberId, ban: &Ban) -> Result<(), ApiError> {
    call::change("PUT", &route::ban(member), ban).await
}

/// Lifts a ban.
///
/// # Errors
/// `forbidden`: the caller may not.
pub async fn lift_ban(member: MemberId) -> Result<(), ApiError> {
    call::delete(&route::ban(member)).await
}

/// Makes a link with which a person sets a new password.
///
/// # Errors
/// `forbidden`: only an owner does that, and not for themself.
pub async fn make_reset_link(member: MemberId) -> Result<LinkMade, ApiError> {
    call::post_bare(&route::reset_link(member)).await
}

/// Changes the place's name or rules.
///
/// # Errors
/// `forbidden`, or what is wrong with the name.
pub async fn change_workspace(change: &ChangeWorkspace) -> Result<(), ApiError> {
    call::change("PATCH", route::WORKSPACE, change).await
}

/// Makes an invite link.
///
/// # Errors
/// `forbidden`, `not_found` for the room, `limit_reached`.
pub async fn make_invite(invite: &CreateInvite) -> Result<InviteCreated, ApiError> {
    call::post(route::INVITES, invite).await
}

/// The invites that still work: the caller's own, for an admin everyone's.
///
/// # Errors
/// [`ApiError`], as for every call.
pub async fn invites() -> Result<InviteList, ApiError> {
    call::get(route::INVITES).await
}

/// Ends an invite.
///
/// # Errors
/// `not_found`: there is none, or it is not the caller's.
pub async fn withdraw_invite(invite: InviteId) -> Result<(), ApiError> {
    call::delete(&route::invite_by_id(invite)).await
}

/// A page of the audit log, of entries before one. `filter` is what narrows it, as a query that begins with `&`.
///
/// # Errors
/// `forbidden`: the caller is no admin.
pub async fn audit(filter: &str, before: Option<Offset>) -> Result<shared::audit::AuditPage, ApiError> {
    let mut address = [route::AUDIT, "?limit=100", filter].concat();
    if let Some(Offset(before)) = before {
        address.push_str("&before=");
        address.push_str(&before.to_string());
    }
    call::get(&address).await
}
