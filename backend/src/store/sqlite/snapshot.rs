//! What a client begins with, read at one place of the log. People come by need: in a large workspace it names few.

use rusqlite::{Connection, named_params, params};
use shared::{
    id::MemberId,
    limits::SNAPSHOT_PEOPLE_MAX,
    member::{HourCycle, Member, Role, Settings},
    room::{Involvement, Level, RoomKind},
    session::Snapshot,
};

use super::{
    accounts, log,
    people::KNOWN_TO_GUEST,
    reads, rooms,
    rows::{self, MEMBER, collect, parsed},
};
use crate::store::StoreError;

/// Everything a client shows first.
pub(super) fn snapshot(connection: &Connection, member: MemberId) -> Result<Snapshot, StoreError> {
    let me = accounts::by_id(connection, member)?;
    let (members, people_count) = people(connection, &me)?;
    Ok(Snapshot {
        cursor: log::head_cursor(connection)?,
        workspace: accounts::opened(connection)?,
        rooms: rooms::of_member(connection, member)?,
        members,
        people_count,
        reads: reads::all(connection, member)?,
        involvements: involvements(connection, member)?,
        my: settings(connection, member)?,
        me,
    })
}

/// The people a client needs at once, and how many it may know of.
fn people(connection: &Connection, me: &Member) -> Result<(Vec<Member>, u32), StoreError> {
    let known = if me.role == Role::Guest { KNOWN_TO_GUEST } else { ":viewer IS NOT NULL" };
    let id = me.id.to_string();
    let mut count = connection.prepare_cached(&format!("SELECT count(*) FROM members AS p WHERE {known}"))?;
    let count = count.query_row(named_params! { ":viewer": id }, |row| row.get(0))?;
    let wanted = if count <= SNAPSHOT_PEOPLE_MAX {
        known
    } else {
        // The person, and those of their direct rooms, whose names are the rooms' names.
        "p.id = :viewer OR p.id IN (SELECT other.member FROM memberships AS mine
           JOIN rooms AS r ON r.id = mine.room AND r.people IS NOT NULL
           JOIN memberships AS other ON other.room = r.id WHERE mine.member = :viewer)"
    };
    let query = format!("SELECT {MEMBER} FROM members AS p WHERE {wanted} ORDER BY p.joined");
    let mut statement = connection.prepare_cached(&query)?;
    let rows = statement.query_map(named_params! { ":viewer": id }, rows::member)?;
    Ok((collect(rows, "members")?, count))
}

/// What a person chose to hear of their rooms.
fn involvements(connection: &Connection, member: MemberId) -> Result<Vec<Involvement>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT s.room, s.level, r.kind FROM memberships AS s JOIN rooms AS r ON r.id = s.room
         WHERE s.member = ?1 AND s.level IS NOT NULL ORDER BY s.since",
    )?;
    let rows = statement.query_map(params![member.to_string()], |row| {
        let level = Level::from_word(row.get_ref("level")?.as_str()?);
        let kind = RoomKind::from_word(row.get_ref("kind")?.as_str()?);
        Ok((Involvement { room: parsed(row, "room")?, level }, level != Level::default_of(kind)))
    })?;
    let chosen = collect(rows, "memberships")?;
    Ok(chosen.into_iter().filter_map(|(involvement, is_unusual)| is_unusual.then_some(involvement)).collect())
}

/// What a person has set for themself.
pub(super) fn settings(connection: &Connection, member: MemberId) -> Result<Settings, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT language, time_zone, hours, shows_presence, shows_typing FROM members WHERE id = ?1")?;
    Ok(statement.query_row([member.to_string()], |row| {
        Ok(Settings {
            language: row.get("language")?,
            time_zone: row.get("time_zone")?,
            hours: HourCycle::from_word(row.get_ref("hours")?.as_str()?),
            shows_presence: row.get("shows_presence")?,
            shows_typing: row.get("shows_typing")?,
        })
    })?)
}
