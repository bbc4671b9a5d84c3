//! Getting in: opening the workspace, invites, joining.

use rusqlite::{Connection, OptionalExtension, params};
use shared::{
    cursor::Offset,
    event::{MemberJoined, RoomJoined, RoomMemberJoined},
    id::{MemberId, RoomId},
    member::{Member, Role, Timestamp, Workspace},
    room::{FIRST_ROOM_SLUG, Room, RoomKind},
    text::{DisplayName, RoomName},
};

use super::{
    rooms,
    rows::{kind_text, parsed, role_text, sql},
    sessions,
    transaction::Tx,
};
use crate::{
    domain::{DomainError, audience::Audience, member},
    store::{JoinByInvite, NEW_MEMBER_ROLE, NewInvite, NewMember, OpenWorkspace, StoreError},
};

/// The workspace, once it is open.
pub(super) fn workspace(connection: &Connection) -> Result<Option<Workspace>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT name FROM workspace")?;
    Ok(statement.query_row([], |row| Ok(Workspace { name: parsed(row, "name")? })).optional()?)
}

fn first_room(connection: &Connection) -> Result<Option<RoomId>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT first_room FROM workspace")?;
    Ok(statement.query_row([], |row| parsed(row, "first_room")).optional()?)
}

/// Opens the workspace, unless it is open.
pub(super) fn open(tx: &mut Tx<'_>, command: &OpenWorkspace) -> Result<Member, StoreError> {
    if first_room(tx.connection())?.is_some() {
        return Err(DomainError::SetupDone.into());
    }
    let owner = insert_member(tx, &command.owner, Role::Owner, None)?;
    let room = Room {
        id: command.room,
        slug: FIRST_ROOM_SLUG.to_owned(),
        name: RoomName::parse(FIRST_ROOM_SLUG).expect("the first room's slug is a name too"),
        kind: RoomKind::Open,
        member_count: 0,
        last_offset: Offset::ZERO,
        rev: tx.head().next(),
    };
    insert_room(tx, &room)?;
    tx.prepare("INSERT INTO workspace (only, name, first_room, opened_at) VALUES (1, ?1, ?2, ?3)")?
        .execute(params![command.workspace.as_str(), room.id.to_string(), command.owner.at.0])?;
    enter_room(tx, owner.id, room.id, &command.owner.at)?;
    sessions::create(tx, owner.id, &command.session)?;
    Ok(owner)
}

/// Makes an invite into the first room.
pub(super) fn create_invite(tx: &Tx<'_>, invite: &NewInvite) -> Result<(), StoreError> {
    member::may_invite(sessions::member(tx.connection(), invite.by)?.role)?;
    let room = first_room(tx.connection())?.ok_or(StoreError::NotFound)?;
    if !rooms::is_member(tx.connection(), invite.by, room)? {
        return Err(DomainError::Forbidden.into());
    }
    tx.prepare(
        "INSERT INTO invites (id, secret, room, made_by, made_at, expires_at, expires_at_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        invite.id.to_string(),
        invite.secret,
        room.to_string(),
        invite.by.to_string(),
        invite.at.0,
        invite.expires_at.0,
        invite.expires_at_ms
    ])?;
    Ok(())
}

/// Makes an account behind an invite.
pub(super) fn join(tx: &mut Tx<'_>, command: &JoinByInvite) -> Result<Member, StoreError> {
    let invite = tx
        .prepare("SELECT room, made_by FROM invites WHERE secret = ?1 AND expires_at_ms > ?2")?
        .query_row(params![command.invite, command.now_ms], |row| {
            Ok((parsed::<RoomId>(row, "room")?, parsed::<MemberId>(row, "made_by")?))
        })
        .optional()?;
    let (room, invited_by) = invite.ok_or(DomainError::InviteInvalid)?;
    let member = insert_member(tx, &command.member, NEW_MEMBER_ROLE, Some(invited_by))?;
    enter_room(tx, member.id, room, &command.member.at)?;
    sessions::create(tx, member.id, &command.session)?;
    Ok(member)
}

fn insert_member(
    tx: &mut Tx<'_>,
    new: &NewMember,
    role: Role,
    invited_by: Option<MemberId>,
) -> Result<Member, StoreError> {
    if sessions::credentials(tx.connection(), &new.name_key)?.is_some() {
        return Err(DomainError::NameTaken.into());
    }
    let member = Member {
        id: new.id,
        name: new.name.clone(),
        display_name: DisplayName::parse(new.name.as_str()).expect("a sign-in name obeys the rules of a display name"),
        role,
        joined_at: new.at.clone(),
    };
    let fact = MemberJoined { member: member.clone(), invited_by };
    let joined = tx.append(Audience::Workspace, &fact.into(), &new.at)?;
    tx.prepare(
        "INSERT INTO members (id, name, name_key, display_name, role, password_hash, joined_at, joined)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        member.id.to_string(),
        member.name.as_str(),
        new.name_key,
        member.display_name.as_str(),
        role_text(role),
        new.password_hash,
        new.at.0,
        sql(joined)
    ])?;
    Ok(member)
}

fn insert_room(tx: &Tx<'_>, room: &Room) -> Result<(), StoreError> {
    tx.prepare(
        "INSERT INTO rooms (id, slug, name, kind, member_count, last_offset, rev)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        room.id.to_string(),
        room.slug,
        room.name.as_str(),
        kind_text(room.kind),
        room.member_count,
        sql(room.last_offset),
        sql(room.rev)
    ])?;
    Ok(())
}

/// Makes a member one of a room: tells the person first (what follows is about a room they know), then the room. All
/// that was said before counts as read.
fn enter_room(tx: &mut Tx<'_>, member: MemberId, room: RoomId, at: &Timestamp) -> Result<(), StoreError> {
    let entered = rooms::by_id(tx.connection(), room)?;
    let member_count = entered.member_count + 1;
    let since = tx.append(Audience::Member(member), &RoomJoined { room: entered }.into(), at)?;
    let fact = RoomMemberJoined { room, member, member_count };
    let rev = tx.append(Audience::Room(room), &fact.into(), at)?;
    let (member, room) = (member.to_string(), room.to_string());
    tx.prepare("INSERT INTO memberships (member, room, since) VALUES (?1, ?2, ?3)")?.execute(params![
        member,
        room,
        sql(since)
    ])?;
    tx.prepare(r#"INSERT INTO reads (member, room, "offset", rev) VALUES (?1, ?2, ?3, 0)"#)?.execute(params![
        member,
        room,
        sql(since)
    ])?;
    tx.prepare("UPDATE rooms SET member_count = ?2, rev = ?3 WHERE id = ?1")?.execute(params![
        room,
        member_count,
        sql(rev)
    ])?;
    Ok(())
}
