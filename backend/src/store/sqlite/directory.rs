//! The directory: the rooms that a person is in, and the open ones they could join.

use rusqlite::{Connection, Row, named_params};
use shared::{
    id::MemberId,
    policy::{WorkspaceAction, in_workspace},
    room::{Directory, DirectoryEntry},
};

use super::{
    accounts, log,
    rows::{self, ROOM, collect},
};
use crate::store::{DirectoryQuery, DirectoryShow, StoreError};

/// What a question finds: rooms that are not direct, and the caller's or open to them.
const FOUND: &str = "FROM rooms AS r LEFT JOIN memberships AS s ON s.room = r.id AND s.member = :member
    WHERE r.kind <> 'direct' AND (s.member IS NOT NULL OR (r.kind = 'open' AND :browses))
      AND r.archived = :archived AND (:joined IS NULL OR (s.member IS NOT NULL) = :joined)
      AND (instr(r.name_key, :text) > 0 OR instr(r.topic_key, :text) > 0)";

/// A page of the directory: names before topics, the caller's rooms by their newest message, then the others by size.
pub(super) fn page(connection: &Connection, member: MemberId, query: &DirectoryQuery) -> Result<Directory, StoreError> {
    let actor = accounts::actor(connection, member)?;
    let browses = in_workspace(actor.role, &accounts::opened(connection)?, WorkspaceAction::Browse);
    let (member, archived) = (member.to_string(), query.show == DirectoryShow::Archived);
    let joined = match query.show {
        DirectoryShow::Joined => Some(true),
        DirectoryShow::Open => Some(false),
        DirectoryShow::Current | DirectoryShow::Archived => None,
    };
    let mut count = connection.prepare_cached(&format!("SELECT count(*) {FOUND}"))?;
    let params = named_params! {
        ":member": member, ":browses": browses, ":archived": archived, ":joined": joined, ":text": query.text,
    };
    let total = count.query_row(params, |row| row.get(0))?;
    let mut statement = connection.prepare_cached(&format!(
        r#"SELECT {ROOM}, s.member IS NOT NULL AS joined,
             (SELECT m.posted_at FROM messages AS m WHERE m.room = r.id ORDER BY m."offset" DESC LIMIT 1)
               AS last_posted_at {FOUND}
           ORDER BY instr(r.name_key, :text) = 0, joined DESC,
             CASE WHEN s.member IS NULL THEN r.member_count ELSE last_offset END DESC, r.id
           LIMIT :limit OFFSET :after"#
    ))?;
    let params = named_params! {
        ":member": member, ":browses": browses, ":archived": archived, ":joined": joined, ":text": query.text,
        ":limit": query.limit, ":after": query.after,
    };
    let rooms = collect(statement.query_map(params, entry)?, "rooms")?;
    let end = query.after.saturating_add(query.limit);
    Ok(Directory { rooms, total, next: (end < total).then_some(end), as_of: log::head_cursor(connection)? })
}

fn entry(row: &Row<'_>) -> rusqlite::Result<DirectoryEntry> {
    let last_posted_at: Option<String> = row.get("last_posted_at")?;
    Ok(DirectoryEntry {
        room: rows::room(row)?,
        joined: row.get("joined")?,
        last_posted_at: last_posted_at.map(shared::member::Timestamp),
    })
}
