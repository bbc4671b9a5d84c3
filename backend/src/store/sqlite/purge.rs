//! What a ban deletes: settled with the ban, done afterwards piece by piece, so that nobody else waits for long.
//!
//! No index has a person's messages together: each post would change a page of its own of it, for what a ban alone asks.
//! They are found by going through the index of all messages, which holds their authors, beside the thread that writes.
//! What is still to be done is in the database: a restart goes on with it.

use rusqlite::{Connection, OptionalExtension, Row, params};
use shared::{cursor::Offset, id::MemberId, member::Timestamp};

use super::{
    deletion,
    rows::{self, MESSAGE, offset, parsed, readable, sql},
    transaction::Tx,
};
use crate::store::{PurgeSince, Purged, StoreError};

/// How many messages there were, and up to which place they were counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    pub(super) count: u64,
    pub(super) upto: Offset,
}

/// Since when messages are deleted, as text: moments have one form and length, so their texts compare as they do.
fn since(purge: &PurgeSince) -> Option<&str> {
    match purge {
        PurgeSince::Keep => None,
        PurgeSince::Moment(moment) => Some(&moment.0),
        PurgeSince::Beginning => Some(""),
    }
}

/// What is deleted, as the audit log says it.
pub(super) fn word(purge: &PurgeSince) -> Option<String> {
    match purge {
        PurgeSince::Keep => None,
        PurgeSince::Moment(_) => Some("day".to_owned()),
        PurgeSince::Beginning => Some("all".to_owned()),
    }
}

/// How many messages this would delete.
pub(super) fn count(connection: &Connection, member: MemberId, purge: &PurgeSince) -> Result<u64, StoreError> {
    let Some(since) = since(purge) else { return Ok(0) };
    let mut statement = connection.prepare_cached(
        "SELECT count(*) FROM messages AS m INDEXED BY messages_by_room
         WHERE m.author = ?1 AND NOT m.deleted AND m.posted_at >= ?2",
    )?;
    Ok(statement.query_row(params![member.to_string(), since], |row| row.get(0))?)
}

/// The same of messages after a place: few, found without going through all that the person ever said.
pub(super) fn count_after(
    connection: &Connection,
    member: MemberId,
    purge: &PurgeSince,
    after: Offset,
) -> Result<u64, StoreError> {
    let Some(since) = since(purge) else { return Ok(0) };
    let mut statement = connection.prepare_cached(
        r#"SELECT count(*) FROM messages AS m
           WHERE m."offset" > ?3 AND m.author = ?1 AND NOT m.deleted AND m.posted_at >= ?2"#,
    )?;
    Ok(statement.query_row(params![member.to_string(), since, sql(after)], |row| row.get(0))?)
}

/// Settles what is to be deleted: what was posted up to a place.
pub(super) fn begin(tx: &Tx<'_>, member: MemberId, purge: &PurgeSince, upto: Offset) -> Result<(), StoreError> {
    let Some(since) = since(purge) else { return Ok(()) };
    tx.prepare(
        r#"INSERT INTO purges (member, since, "offset", after_room, after) VALUES (?1, ?2, ?3, '', 0)
           ON CONFLICT DO UPDATE SET since = min(since, excluded.since), "offset" = excluded."offset",
                                     after_room = excluded.after_room, after = excluded.after"#,
    )?
    .execute(params![member.to_string(), since, sql(upto)])?;
    Ok(())
}

/// What is to be deleted of a person's messages.
#[derive(Debug, PartialEq, Eq)]
struct Purge {
    member: MemberId,
    since: String,
    upto: Offset,
    after: Place,
}

/// A place in the index of all messages: their room, and their own place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    room: String,
    offset: Offset,
}

/// Some of it: the next messages.
#[derive(Debug)]
pub(super) struct Piece {
    of: Purge,
    messages: Vec<Place>,
    /// Whether these are the last.
    is_last: bool,
}

fn next(connection: &Connection) -> Result<Option<Purge>, StoreError> {
    let next = connection
        .prepare_cached(r#"SELECT member, since, "offset", after_room, after FROM purges ORDER BY member LIMIT 1"#)?
        .query_row([], |row| {
            let after = Place { room: row.get("after_room")?, offset: offset(row, "after")? };
            Ok(Purge { member: parsed(row, "member")?, since: row.get("since")?, upto: offset(row, "offset")?, after })
        });
    Ok(next.optional()?)
}

/// The messages in room ?1 after offset ?2 and up to ?3 of person ?4, posted since ?5, at most ?6.
pub(super) const IN_ROOM: &str = r#"SELECT m."offset" FROM messages AS m INDEXED BY messages_by_room
    WHERE m.room = ?1 AND m."offset" > ?2 AND m."offset" <= ?3 AND m.author = ?4 AND NOT m.deleted AND m.posted_at >= ?5
    ORDER BY m."offset" LIMIT ?6"#;

/// The room after ?1 that has messages.
pub(super) const NEXT_ROOM: &str = "SELECT min(room) FROM messages WHERE room > ?1";

/// The next messages to be deleted, at most `batch`.
pub(super) fn find(connection: &Connection, batch: u32) -> Result<Option<Piece>, StoreError> {
    let Some(of) = next(connection)? else { return Ok(None) };
    let (author, mut after, mut messages) = (of.member.to_string(), of.after.clone(), Vec::new());
    loop {
        let left = batch as usize - messages.len();
        let mut statement = connection.prepare_cached(IN_ROOM)?;
        let known = params![after.room, sql(after.offset), sql(of.upto), author, of.since, left];
        let found =
            statement.query_map(known, |row| Ok(Place { room: after.room.clone(), offset: offset(row, "offset")? }))?;
        messages.extend(found.collect::<rusqlite::Result<Vec<_>>>()?);
        if messages.len() == batch as usize {
            return Ok(Some(Piece { of, messages, is_last: false }));
        }
        match connection.prepare_cached(NEXT_ROOM)?.query_row([&after.room], |row| row.get(0))? {
            Some(room) => after = Place { room, offset: Offset(0) },
            None => return Ok(Some(Piece { of, messages, is_last: true })),
        }
    }
}

/// Deletes what was found, unless there is something else to do by now.
pub(super) fn work(tx: &mut Tx<'_>, piece: &Piece, at: &Timestamp) -> Result<Purged, StoreError> {
    if next(tx.connection())?.as_ref() != Some(&piece.of) {
        return Ok(Purged { rewritten: Vec::new(), more: is_any(tx)? });
    }
    let query = format!(r#"SELECT {MESSAGE} FROM messages AS m WHERE m."offset" = ?1 AND NOT m.deleted"#);
    let mut rewritten = Vec::new();
    for place in &piece.messages {
        let mut found = tx.prepare(&query)?;
        // None if it was deleted meanwhile, or cannot be read.
        let read = |row: &Row<'_>| Ok(readable(rows::message(row), "messages"));
        let message = found.query_row([sql(place.offset)], read).optional()?;
        if let Some(message) = message.transpose()?.flatten() {
            rewritten.push(message.offset);
            deletion::bury(tx, message, at)?;
        }
    }
    let member = piece.of.member.to_string();
    match piece.messages.last() {
        Some(Place { room, offset }) if !piece.is_last => tx
            .prepare("UPDATE purges SET after_room = ?2, after = ?3 WHERE member = ?1")?
            .execute(params![member, room, sql(*offset)])?,
        _ => tx.prepare("DELETE FROM purges WHERE member = ?1")?.execute([member])?,
    };
    Ok(Purged { rewritten, more: is_any(tx)? })
}

fn is_any(tx: &Tx<'_>) -> rusqlite::Result<bool> {
    tx.prepare("SELECT 1 FROM purges")?.exists([])
}
