//! Who is in which room: coming in, going, the people of a room, and everyone's rights at one place of the log.

use rusqlite::{Connection, params};
use shared::{
    audit::AuditAct,
    cursor::Offset,
    event::{InvolvementChanged, RoomChanged, RoomGone, RoomJoined, RoomMemberJoined, RoomMemberLeft},
    id::{MemberId, RoomId},
    limits::{MEMBER_ROOMS_MAX, ROOM_MEMBERS_MAX},
    member::{Member, Timestamp},
    policy::{self, RoomAction},
    room::{GoneReason, Involvement, Level, Room, RoomAnswer, RoomMembers},
};

use super::{
    accounts, audit, log, rooms,
    rows::{self, MEMBER, collect, offset, parsed, sql},
    transaction::Tx,
};
use crate::{
    domain::{self, DomainError, audience::Audience},
    store::{ChangeMembership, Membership, PeopleQuery, Rights, RoomRef, Shares, Standing, StoreError},
};

/// Brings someone into a room, unless they are in it.
pub(super) fn add(tx: &mut Tx<'_>, command: &ChangeMembership) -> Result<RoomAnswer, StoreError> {
    let actor = accounts::actor(tx.connection(), command.by.member)?;
    let (room, joined) = rooms::find(tx.connection(), actor.id, &command.room)?;
    if command.member == actor.id {
        if joined {
            return Ok(RoomAnswer { room, cursor: tx.cursor(tx.head()) });
        }
        domain::policy::require_in_room(actor, &room, joined, RoomAction::Join)?;
    } else {
        domain::policy::require_in_room(actor, &room, joined, RoomAction::Add)?;
        addable(tx.connection(), command.member)?;
        if contains(tx.connection(), command.member, room.id)? {
            return Ok(RoomAnswer { room, cursor: tx.cursor(tx.head()) });
        }
    }
    enter(tx, command.member, room.id, &command.by.at)?;
    Ok(RoomAnswer { room: rooms::by_id(tx.connection(), room.id)?, cursor: tx.cursor(tx.head()) })
}

/// Whether a person can be brought into a room. An id of nobody is refused as one of a person who cannot.
pub(super) fn addable(connection: &Connection, member: MemberId) -> Result<(), StoreError> {
    let member = match accounts::by_id(connection, member) {
        Ok(member) => member,
        Err(StoreError::NotFound) => return Err(DomainError::UnknownMember.into()),
        Err(error) => return Err(error),
    };
    if policy::can_be_added(member.role, member.active) { Ok(()) } else { Err(DomainError::UnknownMember.into()) }
}

/// Whether someone is in a room.
pub(super) fn contains(connection: &Connection, member: MemberId, room: RoomId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM memberships WHERE member = ?1 AND room = ?2")?;
    Ok(statement.exists(params![member.to_string(), room.to_string()])?)
}

/// Makes a member one of a room: tells the person first (what follows is about a room they know), then the room. All
/// that was said before counts as read.
pub(super) fn enter(tx: &mut Tx<'_>, member: MemberId, room: RoomId, at: &Timestamp) -> Result<(), StoreError> {
    let entered = rooms::by_id(tx.connection(), room)?;
    if entered.member_count >= ROOM_MEMBERS_MAX {
        return Err(DomainError::LimitReached.into());
    }
    let member_count = entered.member_count + 1;
    insert(tx, member, &entered, at)?;
    let fact = RoomMemberJoined { room, member, member_count };
    let rev = tx.append(Audience::Room(room), &fact.into(), at)?;
    set_count(tx, room, member_count, rev)
}

/// Writes a membership and tells the person of the room.
pub(super) fn insert(tx: &mut Tx<'_>, member: MemberId, room: &Room, at: &Timestamp) -> Result<(), StoreError> {
    let owner = member.to_string();
    let rooms: u32 =
        tx.prepare("SELECT count(*) FROM memberships WHERE member = ?1")?.query_row([&owner], |row| row.get(0))?;
    if rooms >= MEMBER_ROOMS_MAX {
        return Err(DomainError::LimitReached.into());
    }
    let since = tx.append(Audience::Member(member), &RoomJoined { room: room.clone() }.into(), at)?;
    let id = room.id.to_string();
    tx.prepare("INSERT INTO memberships (member, room, since) VALUES (?1, ?2, ?3)")?.execute(params![
        owner,
        id,
        sql(since)
    ])?;
    tx.prepare(r#"INSERT INTO reads (member, room, "offset", rev) VALUES (?1, ?2, ?3, 0)"#)?.execute(params![
        owner,
        id,
        sql(since)
    ])?;
    Ok(())
}

fn set_count(tx: &Tx<'_>, room: RoomId, member_count: u32, rev: Offset) -> Result<(), StoreError> {
    tx.prepare("UPDATE rooms SET member_count = ?2, rev = ?3 WHERE id = ?1")?.execute(params![
        room.to_string(),
        member_count,
        sql(rev)
    ])?;
    Ok(())
}

/// Takes someone out of a room, if they are in it.
pub(super) fn remove(tx: &mut Tx<'_>, command: &ChangeMembership) -> Result<(), StoreError> {
    let actor = accounts::actor(tx.connection(), command.by.member)?;
    let (room, joined) = rooms::find(tx.connection(), actor.id, &command.room)?;
    if command.member == actor.id {
        if !joined {
            return Ok(domain::policy::require_in_room(actor, &room, joined, RoomAction::See)?);
        }
        domain::policy::require_in_room(actor, &room, joined, RoomAction::Leave)?;
        return leave(tx, &room, actor.id, GoneReason::Left, &command.by.at);
    }
    domain::policy::require_in_room(actor, &room, joined, RoomAction::Remove)?;
    if !contains(tx.connection(), command.member, room.id)? {
        return Ok(());
    }
    let target = accounts::by_id(tx.connection(), command.member)?;
    domain::policy::require(policy::may_remove(actor.role, target.role))?;
    leave(tx, &room, target.id, GoneReason::Removed, &command.by.at)?;
    let subject = audit::Subject { member: Some(target.id), room: Some(room.id), ..Default::default() };
    audit::record(tx, &command.by, AuditAct::MemberRemoved, subject)?;
    Ok(())
}

/// Ends a membership: tells the person first, for whom nothing of the room comes after it, then those who stay.
fn leave(tx: &mut Tx<'_>, room: &Room, member: MemberId, reason: GoneReason, at: &Timestamp) -> Result<(), StoreError> {
    let owner = member.to_string();
    tx.append(Audience::Member(member), &RoomGone { room: room.id, reason }.into(), at)?;
    for table in ["memberships", "reads"] {
        tx.prepare(&format!("DELETE FROM {table} WHERE member = ?1 AND room = ?2"))?
            .execute(params![owner, room.id.to_string()])?;
    }
    let member_count = room.member_count.saturating_sub(1);
    let fact = RoomMemberLeft { room: room.id, member, member_count };
    let rev = tx.append(Audience::Room(room.id), &fact.into(), at)?;
    set_count(tx, room.id, member_count, rev)?;
    if room.moderator == Some(member) {
        tx.prepare("UPDATE rooms SET moderator = NULL, rev = ?2 WHERE id = ?1")?
            .execute(params![room.id.to_string(), sql(rev.next())])?;
        let room = rooms::by_id(tx.connection(), room.id)?;
        tx.append(Audience::Room(room.id), &RoomChanged { room }.into(), at)?;
    }
    Ok(())
}

/// Sets what a member wants to hear of a room.
pub(super) fn involve(
    tx: &mut Tx<'_>,
    member: MemberId,
    room: &RoomRef,
    level: Level,
    at: &Timestamp,
) -> Result<(Involvement, Offset), StoreError> {
    let actor = accounts::actor(tx.connection(), member)?;
    let room = rooms::require(tx.connection(), actor, room, RoomAction::Follow)?;
    let involvement = Involvement { room: room.id, level };
    let (owner, id) = (member.to_string(), room.id.to_string());
    let chosen: Option<String> = tx
        .prepare("SELECT level FROM memberships WHERE member = ?1 AND room = ?2")?
        .query_row([&owner, &id], |row| row.get(0))?;
    let default = Level::default_of(room.kind);
    if chosen.as_deref().map_or(default, Level::from_word) == level {
        return Ok((involvement, tx.head()));
    }
    let word = (level != default).then(|| level.as_str());
    tx.prepare("UPDATE memberships SET level = ?3 WHERE member = ?1 AND room = ?2")?
        .execute(params![owner, id, word])?;
    let offset = tx.append(Audience::Member(member), &InvolvementChanged { involvement }.into(), at)?;
    Ok((involvement, offset))
}

/// Whether folded text ?3 is how the name shown, a word of it, or the sign-in name begins. `p` is the person.
pub(super) const NAMED: &str = "(?3 = '' OR substr(p.display_key, 1, length(?3)) = ?3
    OR instr(p.display_key, ' ' || ?3) > 0 OR substr(p.name_key, 1, length(?3)) = ?3)";

/// A page of the people in a room, by the name shown.
pub(super) fn page(
    connection: &Connection,
    member: MemberId,
    room: &RoomRef,
    query: &PeopleQuery,
) -> Result<RoomMembers, StoreError> {
    let actor = accounts::actor(connection, member)?;
    let room = rooms::require(connection, actor, room, RoomAction::Read)?;
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {MEMBER} FROM memberships AS s JOIN members AS p ON p.id = s.member
         WHERE s.room = ?1 AND {NAMED}
           AND (?2 IS NULL OR (p.display_key, p.id) > (SELECT q.display_key, q.id FROM members AS q WHERE q.id = ?2))
         ORDER BY p.display_key, p.id LIMIT ?4"
    ))?;
    let after = query.after.map(|after| after.to_string());
    let limit = u64::from(query.limit) + 1;
    let rows = statement.query_map(params![room.id.to_string(), after, query.text, limit], rows::member)?;
    let mut members: Vec<Member> = collect(rows, "members")?;
    let more = members.len() > query.limit as usize;
    members.truncate(query.limit as usize);
    let next = members.last().filter(|_| more).map(|member| member.id);
    Ok(RoomMembers { members, next, as_of: log::head_cursor(connection)? })
}

/// Who may hear what, and where that is true.
pub(super) fn rights(connection: &Connection) -> Result<Rights, StoreError> {
    let mut memberships = connection.prepare_cached("SELECT member, room, since FROM memberships")?;
    let memberships = memberships.query_map([], |row| {
        Ok(Membership { member: parsed(row, "member")?, room: parsed(row, "room")?, since: offset(row, "since")? })
    })?;
    let mut people = connection.prepare_cached("SELECT id, role, active FROM members")?;
    let people = people.query_map([], |row| {
        Ok(Standing { member: parsed(row, "id")?, role: rows::role(row)?, active: row.get("active")? })
    })?;
    let mut shares = connection.prepare_cached(
        "SELECT id, shows_presence, shows_typing FROM members WHERE NOT (shows_presence AND shows_typing)",
    )?;
    let shares = shares.query_map([], |row| {
        let (presence, typing) = (row.get("shows_presence")?, row.get("shows_typing")?);
        Ok(Shares { member: parsed(row, "id")?, presence, typing })
    })?;
    Ok(Rights {
        at: log::head(connection)?,
        memberships: collect(memberships, "memberships")?,
        people: collect(people, "members")?,
        shares: collect(shares, "members")?,
    })
}
