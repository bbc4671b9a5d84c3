//! What a ban deletes: settled with the ban, done afterwards piece by piece, so that nobody else waits for long.
//!
//! A person's messages are found by their keys in `posts`, which lie together. What is still to be done is in the
//! database: a restart goes on with it.

use rusqlite::{Connection, OptionalExtension, params};
use shared::{cursor::Offset, id::MemberId, member::Timestamp, message::Message};

use super::{
    deletion,
    rows::{self, MESSAGE, offset, parsed, readable, sql},
    transaction::Tx,
};
use crate::store::{PurgeSince, Purged, StoreError};

/// Above every client id, which has 16 bytes: where the deleting begins. The newest ids are the largest, if they carry
/// their time.
const BEGINNING: [u8; 17] = [0xff; 17];

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
        r#"SELECT count(*) FROM posts AS q JOIN messages AS m ON m."offset" = q."offset"
           WHERE q.author = ?1 AND NOT m.deleted AND m.posted_at >= ?2"#,
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
        r#"INSERT INTO purges (member, since, "offset", done) VALUES (?1, ?2, ?3, ?4)
           ON CONFLICT DO UPDATE SET since = min(since, excluded.since), "offset" = excluded."offset",
                                     done = excluded.done"#,
    )?
    .execute(params![member.to_string(), since, sql(upto), BEGINNING])?;
    Ok(())
}

/// A piece of the deleting.
pub(super) fn work(tx: &mut Tx<'_>, at: &Timestamp, batch: u32) -> Result<Purged, StoreError> {
    let next = tx
        .prepare(r#"SELECT member, since, "offset", done FROM purges ORDER BY member LIMIT 1"#)?
        .query_row([], |row| {
            Ok((parsed::<MemberId>(row, "member")?, row.get("since")?, offset(row, "offset")?, row.get("done")?))
        })
        .optional()?;
    let Some((member, since, upto, done)): Option<(MemberId, String, Offset, Vec<u8>)> = next else {
        return Ok(Purged::default());
    };
    let piece = piece(tx, member, &done, batch)?;
    match piece.last() {
        Some(Post { key, .. }) => {
            tx.prepare("UPDATE purges SET done = ?2 WHERE member = ?1")?.execute(params![member.to_string(), key])?
        }
        None => tx.prepare("DELETE FROM purges WHERE member = ?1")?.execute([member.to_string()])?,
    };
    let mut rewritten = Vec::new();
    for message in piece.into_iter().filter_map(|post| post.message) {
        if !message.deleted && message.offset <= upto && message.posted_at.0 >= since {
            rewritten.push(message.offset);
            deletion::bury(tx, message, at)?;
        }
    }
    let more = tx.prepare("SELECT 1 FROM purges")?.exists([])?;
    Ok(Purged { rewritten, more })
}

/// A post of a person.
struct Post {
    key: Vec<u8>,
    /// `None` if it cannot be read.
    message: Option<Message>,
}

/// The posts of person ?1 with keys below ?2, at most ?3.
pub(super) fn piece_query() -> String {
    format!(
        r#"SELECT q.client_id AS key, {MESSAGE}
           FROM (SELECT client_id, "offset" FROM posts WHERE author = ?1 AND client_id < ?2
                 ORDER BY client_id DESC LIMIT ?3) AS q
           JOIN messages AS m ON m."offset" = q."offset" ORDER BY q.client_id DESC"#
    )
}

/// The next posts of a person by their keys, from the largest down.
fn piece(tx: &Tx<'_>, member: MemberId, done: &[u8], batch: u32) -> Result<Vec<Post>, StoreError> {
    let mut statement = tx.prepare(&piece_query())?;
    let rows = statement.query_map(params![member.to_string(), done, batch], |row| {
        Ok((row.get::<_, Vec<u8>>("key")?, readable(rows::message(row), "messages")))
    })?;
    rows.map(|row| {
        let (key, message) = row?;
        Ok(Post { key, message: message? })
    })
    .collect()
}
