//! Rows as the types of `shared`. A row that cannot be read is an error of that row, see [`readable`].

use rusqlite::{Row, types::FromSqlError};
use shared::{
    cursor::Offset,
    id::{ClientId, MemberId},
    member::{Circle, Member, Role, Timestamp, Workspace},
    message::Message,
    room::{Room, RoomKind},
};

use super::error::is_unreadable;
use crate::store::StoreError;

/// Columns of [`message`].
pub(super) const MESSAGE: &str =
    r#"m.id, m.room, m.author, m.client_id, m."offset", m.rev, m.body, m.html, m.posted_at, m.deleted"#;
/// Columns of [`member`].
pub(super) const MEMBER: &str = "p.id, p.name, p.display_name, p.role, p.joined_at, p.bio, p.active";
/// Columns of [`room`]. The newest message is found by index, so that a post need not change its room.
pub(super) const ROOM: &str = r#"r.id, r.slug, r.name, r.kind, r.topic, r.archived, r.posting, r.moderator, r.people,
    r.member_count, r.rev,
    (SELECT coalesce(max(n."offset"), 0) FROM messages AS n WHERE n.room = r.id) AS last_offset"#;
/// Columns of [`workspace`].
pub(super) const WORKSPACE: &str = "w.name, w.rooms_by, w.invites_by, w.guests";

/// An offset as SQLite's signed integer. One that does not fit lies behind every row there can be, and so does the
/// largest integer.
pub(super) fn sql(offset: Offset) -> i64 {
    i64::try_from(offset.0).unwrap_or(i64::MAX)
}

/// A text column as a type that checks it: an id, a name, an epoch.
pub(super) fn parsed<T>(row: &Row<'_>, column: &str) -> rusqlite::Result<T>
where
    T: TryFrom<String>,
    T::Error: std::error::Error + Send + Sync + 'static,
{
    row.get::<_, String>(column)?.try_into().map_err(|error| FromSqlError::Other(Box::new(error)).into())
}

/// An offset column.
pub(super) fn offset(row: &Row<'_>, column: &str) -> rusqlite::Result<Offset> {
    row.get(column).map(Offset)
}

/// A moment as it was stored.
pub(super) fn timestamp(row: &Row<'_>, column: &str) -> rusqlite::Result<Timestamp> {
    row.get(column).map(Timestamp)
}

/// Reads a row of [`MESSAGE`].
pub(super) fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        id: parsed(row, "id")?,
        room: parsed(row, "room")?,
        author: parsed(row, "author")?,
        client_id: row.get::<_, [u8; 16]>("client_id").map(ClientId::from)?,
        offset: offset(row, "offset")?,
        rev: offset(row, "rev")?,
        body: row.get("body")?,
        html: row.get("html")?,
        posted_at: timestamp(row, "posted_at")?,
        deleted: row.get("deleted")?,
    })
}

/// Reads a row of [`MEMBER`].
pub(super) fn member(row: &Row<'_>) -> rusqlite::Result<Member> {
    Ok(Member {
        id: parsed(row, "id")?,
        name: parsed(row, "name")?,
        display_name: parsed(row, "display_name")?,
        role: role(row)?,
        joined_at: timestamp(row, "joined_at")?,
        bio: parsed(row, "bio")?,
        active: row.get("active")?,
    })
}

/// The column `role`. A word that this version does not know gives the least right, as on the wire.
pub(super) fn role(row: &Row<'_>) -> rusqlite::Result<Role> {
    Ok(Role::from_word(row.get_ref("role")?.as_str()?))
}

/// Reads a row of [`ROOM`].
pub(super) fn room(row: &Row<'_>) -> rusqlite::Result<Room> {
    let people = row.get_ref("people")?.as_str_or_null()?.unwrap_or_default().split_whitespace();
    let people = people.map(|id| id.parse().map_err(|error| FromSqlError::Other(Box::new(error))));
    let moderator: Option<String> = row.get("moderator")?;
    let moderator = moderator.map(|id| id.parse().map_err(|error| FromSqlError::Other(Box::new(error))));
    Ok(Room {
        id: parsed(row, "id")?,
        slug: row.get("slug")?,
        name: parsed(row, "name")?,
        kind: RoomKind::from_word(row.get_ref("kind")?.as_str()?),
        topic: parsed(row, "topic")?,
        archived: row.get("archived")?,
        posting: Circle::from_word(row.get_ref("posting")?.as_str()?),
        moderator: moderator.transpose()?,
        member_count: row.get("member_count")?,
        people: people.collect::<Result<_, _>>()?,
        last_offset: offset(row, "last_offset")?,
        rev: offset(row, "rev")?,
    })
}

/// The people of a direct room as they are stored: sorted, once each.
pub(super) fn people_text(people: &[MemberId]) -> String {
    people.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// Reads a row of [`WORKSPACE`].
pub(super) fn workspace(row: &Row<'_>) -> rusqlite::Result<Workspace> {
    Ok(Workspace {
        name: parsed(row, "name")?,
        rooms_by: Circle::from_word(row.get_ref("rooms_by")?.as_str()?),
        invites_by: Circle::from_word(row.get_ref("invites_by")?.as_str()?),
        guests: row.get("guests")?,
    })
}

/// Leaves out a row that cannot be read, with a line in the log: one damaged row must not take a page, a list or the
/// whole snapshot from everyone.
///
/// # Errors
/// The database's own.
pub(super) fn readable<T>(row: rusqlite::Result<T>, table: &str) -> Result<Option<T>, StoreError> {
    match row {
        Ok(value) => Ok(Some(value)),
        Err(error) if is_unreadable(&error) => {
            tracing::warn!(table, %error, "a stored row cannot be read and is left out");
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// All rows that can be read, see [`readable`].
pub(super) fn collect<T>(rows: impl Iterator<Item = rusqlite::Result<T>>, table: &str) -> Result<Vec<T>, StoreError> {
    rows.filter_map(|row| readable(row, table).transpose()).collect()
}
