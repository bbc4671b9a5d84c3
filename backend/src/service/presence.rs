//! Who is here and who types: what people say of it, what others may know, and what is kept of it. The leases themselves
//! are in [`crate::live`].

use shared::{
    id::{MemberId, RoomId, SessionId},
    limits::LIST_MAX,
    member::{Member, Role},
    policy::{Actor, RoomAction},
    presence::{PresenceLevel, PresenceList},
    problem::ProblemCode,
};

use crate::{
    domain::policy::require_in_room,
    error::AppError,
    state::App,
    store::{RoomRef, StoreError},
};

/// Whether these people are here, as far as the caller may know of them; the others are left out.
///
/// # Errors
/// [`ProblemCode::InvalidQuery`] for more than [`LIST_MAX`] people.
pub fn levels(app: &App, member: MemberId, role: Role, of: &[MemberId]) -> Result<PresenceList, AppError> {
    if of.len() > LIST_MAX as usize {
        return Err(AppError::of_field(ProblemCode::InvalidQuery, "members"));
    }
    Ok(PresenceList { presence: app.hub.levels(member, role, of) })
}

/// A person says that they do something with a device, or do not.
///
/// # Errors
/// [`ProblemCode::InvalidField`] for `offline`: who is not here says nothing.
pub fn set_level(app: &App, member: MemberId, session: SessionId, level: PresenceLevel) -> Result<(), AppError> {
    if level == PresenceLevel::Offline {
        return Err(AppError::of_field(ProblemCode::InvalidField, "level"));
    }
    app.hub.set_level(member, session, level);
    Ok(())
}

/// A person types in a room, or does not any more. Whoever types does something with that device.
///
/// # Errors
/// [`ProblemCode::NotFound`], [`ProblemCode::Forbidden`], [`ProblemCode::RoomArchived`]: as for posting there.
pub async fn set_typing(
    app: &App,
    member: &Member,
    session: SessionId,
    room: &RoomRef,
    is_typing: bool,
) -> Result<(), AppError> {
    let view = app.store.room(member.id, room).await?;
    let actor = Actor { id: member.id, role: member.role };
    require_in_room(actor, &view.room, view.joined, RoomAction::Post).map_err(StoreError::from)?;
    app.hub.set_typing(member.id, view.room.id, is_typing);
    if is_typing {
        app.hub.set_level(member.id, session, PresenceLevel::Active);
    }
    Ok(())
}

/// A person has posted: they type no more, and have done something with that device.
pub fn posted(app: &App, member: MemberId, session: SessionId, room: RoomId) {
    app.hub.set_typing(member, room, false);
    app.hub.set_level(member, session, PresenceLevel::Active);
}

/// Writes down when those who have gone were last here.
///
/// # Errors
/// The store's; then they are written down the next time.
pub async fn record_last_seen(app: &App) -> Result<(), StoreError> {
    let seen = app.hub.last_seen();
    if !seen.is_empty() {
        app.store.note_last_seen(seen.clone()).await?;
        app.hub.forget_last_seen(&seen);
    }
    Ok(())
}
