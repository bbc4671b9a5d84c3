//! Read positions: how far each person has read each of their rooms, and what is unread since.

use rusqlite::{Connection, Row, params};
use shared::{id::MemberId, policy::RoomAction, request::MoveRead, room::ReadPosition};

use super::{
    accounts, rooms,
    rows::{collect, offset, parsed, sql},
    transaction::Tx,
};
use crate::{
    domain::reading::Mark,
    store::{RoomRef, StoreError},
};

/// Read positions with their counts: messages of others behind the mark, no further than [`UNREAD_MAX`]. Only indexes are
/// touched, whatever lies behind the mark.
///
/// [`UNREAD_MAX`]: shared::limits::UNREAD_MAX
pub(super) const READS: &str = r#"SELECT q.room, q."offset", q.rev,
    (SELECT count(*) FROM (SELECT 1 FROM messages AS m WHERE m.room = q.room AND m."offset" > q."offset"
                           AND m.author <> q.member AND NOT m.deleted LIMIT 1000)) AS unread,
    max((SELECT coalesce(max(n."offset"), 0) FROM messages AS n WHERE n.room = q.room), r.last_deletion, s.since)
      AS as_of
    FROM reads AS q JOIN memberships AS s ON s.member = q.member AND s.room = q.room JOIN rooms AS r ON r.id = q.room
    WHERE q.member = ?1"#;

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
pub(super) fn all(connection: &Connection, member: MemberId) -> Result<Vec<ReadPosition>, StoreError> {
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
    let actor = accounts::actor(tx.connection(), member)?;
    let room = rooms::require(tx.connection(), actor, room, RoomAction::Follow)?;
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
