//! Rooms and who is in them: what a member may see, the snapshot, the preview of an invite, read positions.

use rusqlite::{Connection, OptionalExtension, Row, params};
use shared::{
    cursor::Offset,
    id::{MemberId, RoomId},
    member::{Member, Timestamp},
    request::MoveRead,
    room::{ReadPosition, Room, RoomKind},
    session::{InvitePreview, RoomList, RoomView, Snapshot},
};

use super::{
    log, messages,
    rows::{self, MEMBER, ROOM, collect, offset, parsed, sql, timestamp},
    sessions,
    transaction::Tx,
    workspace,
};
use crate::{
    domain::{DomainError, reading::Mark},
    store::{Membership, PREVIEW_MESSAGES, PREVIEW_PEOPLE, RoomRef, SecretHash, StoreError},
};

/// A room, whoever asks.
pub(super) fn by_id(connection: &Connection, room: RoomId) -> Result<Room, StoreError> {
    let query = format!("SELECT {ROOM} FROM rooms AS r WHERE r.id = ?1");
    let found = connection.prepare_cached(&query)?.query_row([room.to_string()], rows::room);
    found.optional()?.ok_or(StoreError::NotFound)
}

/// A room that the member may see. What does not exist and what may not be seen is the same.
pub(super) fn visible(connection: &Connection, member: MemberId, room: &RoomRef) -> Result<Room, StoreError> {
    let (column, name) = match room {
        RoomRef::Id(id) => ("id", id.to_string()),
        RoomRef::Slug(slug) => ("slug", slug.clone()),
    };
    let query = format!(
        "SELECT {ROOM} FROM rooms AS r JOIN memberships AS s ON s.room = r.id AND s.member = ?1 WHERE r.{column} = ?2"
    );
    let found = connection.prepare_cached(&query)?.query_row(params![member.to_string(), name], rows::room);
    found.optional()?.ok_or(StoreError::NotFound)
}

/// Whether someone is in a room.
pub(super) fn is_member(connection: &Connection, member: MemberId, room: RoomId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM memberships WHERE member = ?1 AND room = ?2")?;
    Ok(statement.exists(params![member.to_string(), room.to_string()])?)
}

/// Every membership, and where that is true.
pub(super) fn memberships(connection: &Connection) -> Result<(Offset, Vec<Membership>), StoreError> {
    let mut statement = connection.prepare_cached("SELECT member, room, since FROM memberships")?;
    let rows = statement.query_map([], |row| {
        Ok(Membership { member: parsed(row, "member")?, room: parsed(row, "room")?, since: offset(row, "since")? })
    })?;
    Ok((log::head(connection)?, collect(rows, "memberships")?))
}

fn of_member(connection: &Connection, member: MemberId) -> Result<Vec<Room>, StoreError> {
    let query = format!(
        "SELECT {ROOM} FROM rooms AS r JOIN memberships AS s ON s.room = r.id
         WHERE s.member = ?1 ORDER BY s.since"
    );
    let mut statement = connection.prepare_cached(&query)?;
    let rows = statement.query_map([member.to_string()], rows::room)?;
    collect(rows, "rooms")
}

/// The rooms of a member.
pub(super) fn list(connection: &Connection, member: MemberId) -> Result<RoomList, StoreError> {
    Ok(RoomList { rooms: of_member(connection, member)?, as_of: log::head_cursor(connection)? })
}

/// One room.
pub(super) fn view(connection: &Connection, member: MemberId, room: &RoomRef) -> Result<RoomView, StoreError> {
    Ok(RoomView { room: visible(connection, member, room)?, as_of: log::head_cursor(connection)? })
}

/// Everything a client shows first.
pub(super) fn snapshot(connection: &Connection, member: MemberId) -> Result<Snapshot, StoreError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {MEMBER} FROM members AS p ORDER BY p.joined"))?;
    let members = statement.query_map([], rows::member)?;
    Ok(Snapshot {
        cursor: log::head_cursor(connection)?,
        me: sessions::member(connection, member)?,
        workspace: workspace::workspace(connection)?.ok_or(StoreError::NotFound)?,
        rooms: of_member(connection, member)?,
        members: collect(members, "members")?,
        reads: reads(connection, member)?,
    })
}

/// What a person with an invite may know.
pub(super) fn invite(connection: &Connection, secret: &SecretHash, now_ms: i64) -> Result<InvitePreview, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT room, made_by, expires_at FROM invites WHERE secret = ?1 AND expires_at_ms > ?2")?;
    let found = statement.query_row(params![secret, now_ms], |row| {
        Ok((parsed(row, "room")?, parsed(row, "made_by")?, timestamp(row, "expires_at")?))
    });
    let found: Option<(RoomId, MemberId, Timestamp)> = found.optional()?;
    let (room, inviter, expires_at) = found.ok_or(DomainError::InviteInvalid)?;
    let (room, inviter) = (by_id(connection, room)?, sessions::member(connection, inviter)?);
    let messages = match room.kind {
        RoomKind::Open => messages::latest(connection, room.id, PREVIEW_MESSAGES)?,
        RoomKind::Closed => Vec::new(),
    };
    let people = people_beside(connection, room.id, inviter.id)?;
    let mut authors = Vec::<Member>::new();
    for message in &messages {
        let known = people.iter().chain([&inviter]).chain(&authors).any(|person| person.id == message.author);
        if !known {
            authors.push(sessions::member(connection, message.author)?);
        }
    }
    let workspace = workspace::workspace(connection)?.ok_or(DomainError::InviteInvalid)?;
    let people_count = room.member_count;
    Ok(InvitePreview { workspace, room, inviter, people, people_count, messages, authors, expires_at })
}

fn people_beside(connection: &Connection, room: RoomId, inviter: MemberId) -> Result<Vec<Member>, StoreError> {
    let query = format!(
        "SELECT {MEMBER} FROM memberships AS s JOIN members AS p ON p.id = s.member
         WHERE s.room = ?1 AND s.member <> ?2 ORDER BY s.since LIMIT ?3"
    );
    let mut statement = connection.prepare_cached(&query)?;
    let rows = statement.query_map(params![room.to_string(), inviter.to_string(), PREVIEW_PEOPLE], rows::member)?;
    collect(rows, "members")
}

/// Read positions with their counts: messages of others behind the mark. Only indexes are touched.
pub(super) const READS: &str = r#"SELECT q.room, q."offset", q.rev,
    (SELECT count(*) FROM messages AS m WHERE m.room = q.room AND m."offset" > q."offset" AND m.author <> q.member)
        AS unread, r.last_offset AS as_of
    FROM reads AS q JOIN rooms AS r ON r.id = q.room WHERE q.member = ?1"#;

fn read_position(row: &Row<'_>) -> rusqlite::Result<ReadPosition> {
    Ok(ReadPosition {
        room: parsed(row, "room")?,
        offset: offset(row, "offset")?,
        rev: row.get("rev")?,
        unread: row.get("unread")?,
        as_of: offset(row, "as_of")?,
    })
}

/// All read positions of a member.
pub(super) fn reads(connection: &Connection, member: MemberId) -> Result<Vec<ReadPosition>, StoreError> {
    let mut statement = connection.prepare_cached(READS)?;
    let rows = statement.query_map([member.to_string()], read_position)?;
    collect(rows, "reads")
}

/// Moves a member's read position in one room.
pub(super) fn move_read(
    tx: &Tx<'_>,
    member: MemberId,
    room: &RoomRef,
    to: &MoveRead,
) -> Result<ReadPosition, StoreError> {
    let room = visible(tx.connection(), member, room)?;
    let mut one = tx.prepare(&format!("{READS} AND q.room = ?2"))?;
    let (owner, id) = (member.to_string(), room.id.to_string());
    let held = one.query_row([&owner, &id], read_position)?;
    let mark = Mark { offset: held.offset, rev: held.rev };
    let moved = mark.moved(to, room.last_offset);
    if moved == mark {
        return Ok(held);
    }
    tx.prepare(r#"UPDATE reads SET "offset" = ?3, rev = ?4 WHERE member = ?1 AND room = ?2"#)?.execute(params![
        owner,
        id,
        sql(moved.offset),
        moved.rev
    ])?;
    Ok(one.query_row([&owner, &id], read_position)?)
}
