//! Rooms: what people see of them, make of them, and who is in them. The rights are judged by the store's command.

use std::net::IpAddr;

use shared::{
    id::{MemberId, RoomId},
    limits::{DIRECT_PEOPLE_MAX, LIST_DEFAULT, LIST_MAX, ROOM_PEOPLE_NAMED_MAX},
    problem::ProblemCode,
    request::{self, InvolvementSet, SetInvolvement},
    room::{Directory, RoomAnswer, RoomKind, RoomMembers},
    session::{RoomList, RoomView},
};

use super::{by, secret};
use crate::{
    domain::{member::name_key, room::is_slug},
    error::AppError,
    state::App,
    store::{
        ChangeMembership, ChangeRoom, CreateRoom, DirectoryQuery, DirectoryShow, PeopleQuery, RoomMade, RoomPlan,
        RoomRef,
    },
};

/// The rooms of a member.
///
/// # Errors
/// The store's.
pub async fn rooms(app: &App, member: MemberId) -> Result<RoomList, AppError> {
    Ok(app.store.rooms(member).await?)
}

/// One room.
///
/// # Errors
/// [`ProblemCode::NotFound`] when there is none that the member may see.
pub async fn room(app: &App, member: MemberId, room: &RoomRef) -> Result<RoomView, AppError> {
    Ok(app.store.room(member, room).await?)
}

/// A page of the directory. `limit` is cut to [`LIST_MAX`].
///
/// # Errors
/// The store's.
pub async fn directory(
    app: &App,
    member: MemberId,
    show: DirectoryShow,
    text: &str,
    after: Option<u32>,
    limit: Option<u32>,
) -> Result<Directory, AppError> {
    let limit = list_limit(limit);
    let query = DirectoryQuery { show, text: name_key(text), after: after.unwrap_or(0), limit };
    Ok(app.store.directory(member, query).await?)
}

/// A page of the people in a room.
///
/// # Errors
/// [`ProblemCode::NotFound`], [`ProblemCode::Forbidden`] from outside of an open room.
pub async fn members(
    app: &App,
    member: MemberId,
    room: &RoomRef,
    text: &str,
    after: Option<MemberId>,
    limit: Option<u32>,
) -> Result<RoomMembers, AppError> {
    let query = PeopleQuery { text: name_key(text), after, limit: list_limit(limit) };
    Ok(app.store.room_members(member, room, query).await?)
}

/// How many rows of a list to give.
#[must_use]
pub fn list_limit(wished: Option<u32>) -> u32 {
    wished.unwrap_or(LIST_DEFAULT).clamp(1, LIST_MAX)
}

/// Makes a room, or finds the direct one of the same people.
///
/// # Errors
/// [`ProblemCode::InvalidField`] for a room without a name, an address that cannot be one, or a wrong number of people;
/// [`ProblemCode::Forbidden`], [`ProblemCode::SlugTaken`], [`ProblemCode::LimitReached`].
pub async fn create_room(
    app: &App,
    maker: MemberId,
    address: Option<IpAddr>,
    wish: request::CreateRoom,
) -> Result<RoomMade, AppError> {
    let plan = plan(maker, wish)?;
    let id = RoomId::from_entropy(secret::entropy());
    let made = app.store.create_room(CreateRoom { by: by(app, maker, address), id, plan }).await?;
    if made.created {
        tracing::info!(member = %maker, room = %made.answer.room.id, "room made");
    }
    Ok(made)
}

fn plan(maker: MemberId, wish: request::CreateRoom) -> Result<RoomPlan, AppError> {
    let wrong = |field| AppError::of_field(ProblemCode::InvalidField, field);
    let mut members = wish.members;
    members.sort_unstable();
    members.dedup();
    if wish.kind == RoomKind::Direct {
        members.push(maker);
        members.sort_unstable();
        members.dedup();
        let fits = (2..=DIRECT_PEOPLE_MAX).contains(&members.len());
        return if fits { Ok(RoomPlan::Direct { people: members }) } else { Err(wrong("members")) };
    }
    if members.len() > ROOM_PEOPLE_NAMED_MAX {
        return Err(wrong("members"));
    }
    let name = wish.name.ok_or_else(|| wrong("name"))?;
    check_slug(wish.slug.as_deref())?;
    Ok(RoomPlan::Shared { name, slug: wish.slug, kind: wish.kind, topic: wish.topic, members })
}

fn check_slug(slug: Option<&str>) -> Result<(), AppError> {
    match slug {
        Some(slug) if !is_slug(slug) => Err(AppError::of_field(ProblemCode::InvalidField, "slug")),
        _ => Ok(()),
    }
}

/// Changes a room.
///
/// # Errors
/// [`ProblemCode::InvalidField`] for an address that cannot be one; [`ProblemCode::NotFound`],
/// [`ProblemCode::Forbidden`], [`ProblemCode::RoomArchived`], [`ProblemCode::SlugTaken`].
pub async fn change_room(
    app: &App,
    member: MemberId,
    address: Option<IpAddr>,
    room: RoomRef,
    change: request::ChangeRoom,
) -> Result<RoomAnswer, AppError> {
    check_slug(change.slug.as_deref())?;
    Ok(app.store.change_room(ChangeRoom { by: by(app, member, address), room, change }).await?)
}

/// Brings someone into a room; oneself, that is joining.
///
/// # Errors
/// [`ProblemCode::NotFound`], [`ProblemCode::Forbidden`], [`ProblemCode::RoomArchived`], [`ProblemCode::LimitReached`];
/// [`ProblemCode::InvalidField`] for somebody who cannot be in it.
pub async fn add_member(
    app: &App,
    actor: MemberId,
    address: Option<IpAddr>,
    room: RoomRef,
    member: MemberId,
) -> Result<RoomAnswer, AppError> {
    Ok(app.store.add_member(ChangeMembership { by: by(app, actor, address), room, member }).await?)
}

/// Takes someone out of a room; oneself, that is leaving. Their open streams hear no more of it.
///
/// # Errors
/// [`ProblemCode::NotFound`], [`ProblemCode::Forbidden`], [`ProblemCode::RoomArchived`].
pub async fn remove_member(
    app: &App,
    actor: MemberId,
    address: Option<IpAddr>,
    room: RoomRef,
    member: MemberId,
) -> Result<(), AppError> {
    Ok(app.store.remove_member(ChangeMembership { by: by(app, actor, address), room, member }).await?)
}

/// Sets what a member wants to hear of a room.
///
/// # Errors
/// [`ProblemCode::NotFound`], [`ProblemCode::Forbidden`] from outside of an open room.
pub async fn set_involvement(
    app: &App,
    member: MemberId,
    room: &RoomRef,
    wish: SetInvolvement,
) -> Result<InvolvementSet, AppError> {
    let at = app.clock.timestamp();
    let (involvement, cursor) = app.store.set_involvement(member, room, wish.level, at).await?;
    Ok(InvolvementSet { involvement, cursor })
}
