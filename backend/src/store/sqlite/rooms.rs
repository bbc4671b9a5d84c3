//! Rooms: which of them a person may see, making and changing them. Who is in them is [`memberships`].

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};
use shared::{
    audit::AuditAct,
    cursor::{Cursor, Offset},
    event::RoomChanged,
    id::{MemberId, RoomId},
    limits::ROOMS_MAX,
    member::{Circle, Timestamp},
    policy::{Actor, RoomAction, WorkspaceAction, in_workspace},
    request,
    room::{Directory, Involvement, Level, Room, RoomAnswer, RoomKind, RoomMembers},
    session::{RoomList, RoomView, Snapshot},
    text::{RoomName, RoomTopic},
};

use super::{
    SqliteStore, accounts, audit, directory, log, memberships,
    rows::{self, ROOM, collect, people_text, sql},
    snapshot,
    transaction::Tx,
};
use crate::{
    domain::{
        DomainError,
        audience::Audience,
        member::name_key,
        policy,
        room::{numbered_slug, slug_of},
    },
    store::{
        self, ChangeMembership, ChangeRoom, CreateRoom, DirectoryQuery, PeopleQuery, Rights, RoomMade, RoomPlan,
        RoomRef, StoreError,
    },
};

#[async_trait]
impl store::Rooms for SqliteStore {
    async fn snapshot(&self, member: MemberId) -> Result<Snapshot, StoreError> {
        self.readers.read(move |tx| snapshot::snapshot(tx, member)).await
    }

    async fn rooms(&self, member: MemberId) -> Result<RoomList, StoreError> {
        self.readers.read(move |tx| list(tx, member)).await
    }

    async fn room(&self, member: MemberId, room: &RoomRef) -> Result<RoomView, StoreError> {
        let room = room.clone();
        self.readers.read(move |tx| view(tx, member, &room)).await
    }

    async fn directory(&self, member: MemberId, query: DirectoryQuery) -> Result<Directory, StoreError> {
        self.readers.read(move |tx| directory::page(tx, member, &query)).await
    }

    async fn room_members(
        &self,
        member: MemberId,
        room: &RoomRef,
        query: PeopleQuery,
    ) -> Result<RoomMembers, StoreError> {
        let room = room.clone();
        self.readers.read(move |tx| memberships::page(tx, member, &room, &query)).await
    }

    async fn create_room(&self, command: CreateRoom) -> Result<RoomMade, StoreError> {
        self.writer.run(move |tx| create(tx, &command)).await
    }

    async fn change_room(&self, command: ChangeRoom) -> Result<RoomAnswer, StoreError> {
        self.writer.run(move |tx| change(tx, &command)).await
    }

    async fn add_member(&self, command: ChangeMembership) -> Result<RoomAnswer, StoreError> {
        self.writer.run(move |tx| memberships::add(tx, &command)).await
    }

    async fn remove_member(&self, command: ChangeMembership) -> Result<(), StoreError> {
        self.writer.run(move |tx| memberships::remove(tx, &command)).await
    }

    async fn set_involvement(
        &self,
        member: MemberId,
        room: &RoomRef,
        level: Level,
        at: Timestamp,
    ) -> Result<(Involvement, Cursor), StoreError> {
        let room = room.clone();
        let involve = move |tx: &mut Tx<'_>| {
            let (involvement, offset) = memberships::involve(tx, member, &room, level, &at)?;
            Ok((involvement, tx.cursor(offset)))
        };
        self.writer.run(involve).await
    }

    async fn rights(&self) -> Result<Rights, StoreError> {
        self.readers.read(|tx| memberships::rights(tx)).await
    }
}

/// A room, whoever asks.
pub(super) fn by_id(connection: &Connection, room: RoomId) -> Result<Room, StoreError> {
    let query = format!("SELECT {ROOM} FROM rooms AS r WHERE r.id = ?1");
    let found = connection.prepare_cached(&query)?.query_row([room.to_string()], rows::room);
    found.optional()?.ok_or(StoreError::NotFound)
}

/// A room by any address it has or had, and whether the person is in it. What they may know of it is the caller's to ask.
pub(super) fn find(connection: &Connection, member: MemberId, room: &RoomRef) -> Result<(Room, bool), StoreError> {
    let (place, name) = match room {
        RoomRef::Id(id) => ("?2", id.to_string()),
        RoomRef::Slug(slug) => ("(SELECT room FROM room_slugs WHERE slug = ?2)", slug.clone()),
    };
    let query = format!(
        "SELECT {ROOM}, s.member IS NOT NULL AS joined FROM rooms AS r
         LEFT JOIN memberships AS s ON s.room = r.id AND s.member = ?1 WHERE r.id = {place}"
    );
    let found = connection
        .prepare_cached(&query)?
        .query_row(params![member.to_string(), name], |row| Ok((rows::room(row)?, row.get("joined")?)));
    found.optional()?.ok_or(StoreError::NotFound)
}

/// A room in which the person may do this.
pub(super) fn require(
    connection: &Connection,
    actor: Actor,
    room: &RoomRef,
    action: RoomAction,
) -> Result<Room, StoreError> {
    let (room, joined) = find(connection, actor.id, room)?;
    policy::require_in_room(actor, &room, joined, action)?;
    Ok(room)
}

/// The rooms of a member, in the order in which they came in.
pub(super) fn of_member(connection: &Connection, member: MemberId) -> Result<Vec<Room>, StoreError> {
    let query = format!(
        "SELECT {ROOM} FROM rooms AS r JOIN memberships AS s ON s.room = r.id
         WHERE s.member = ?1 ORDER BY s.since"
    );
    let mut statement = connection.prepare_cached(&query)?;
    let rows = statement.query_map([member.to_string()], rows::room)?;
    collect(rows, "rooms")
}

fn list(connection: &Connection, member: MemberId) -> Result<RoomList, StoreError> {
    Ok(RoomList { rooms: of_member(connection, member)?, as_of: log::head_cursor(connection)? })
}

fn view(connection: &Connection, member: MemberId, room: &RoomRef) -> Result<RoomView, StoreError> {
    let actor = accounts::actor(connection, member)?;
    let (room, joined) = find(connection, member, room)?;
    policy::require_in_room(actor, &room, joined, RoomAction::See)?;
    Ok(RoomView { room, joined, as_of: log::head_cursor(connection)? })
}

/// Makes a room, or finds the direct one.
fn create(tx: &mut Tx<'_>, command: &CreateRoom) -> Result<RoomMade, StoreError> {
    let actor = accounts::actor(tx.connection(), command.by.member)?;
    let workspace = accounts::opened(tx.connection())?;
    let (room, people) = match &command.plan {
        RoomPlan::Shared { name, slug, kind, topic, members } => {
            policy::require(in_workspace(actor.role, &workspace, WorkspaceAction::MakeRoom))?;
            let mut people = vec![actor.id];
            people.extend(members.iter().filter(|member| **member != actor.id));
            let slug = free_slug(tx, actor, name, slug.as_deref())?;
            let room = plan(command.id, slug, name.clone(), *kind, Some(actor.id));
            (Room { topic: topic.clone(), ..room }, people)
        }
        RoomPlan::Direct { people } => {
            if let Some(room) = direct(tx.connection(), people)? {
                let answer = RoomAnswer { room, cursor: tx.cursor(tx.head()) };
                return Ok(RoomMade { answer, created: false });
            }
            policy::require(in_workspace(actor.role, &workspace, WorkspaceAction::MakeDirect))?;
            let name = RoomName::parse("direct").expect("a word is a name");
            let room = plan(command.id, command.id.to_string(), name, RoomKind::Direct, None);
            (Room { people: people.clone(), ..room }, people.clone())
        }
    };
    let room = Room { member_count: u32::try_from(people.len()).unwrap_or(u32::MAX), rev: tx.head().next(), ..room };
    insert(tx, &room)?;
    for person in people {
        if person != actor.id {
            memberships::addable(tx.connection(), person)?;
        }
        memberships::insert(tx, person, &room, &command.by.at)?;
    }
    Ok(RoomMade { answer: RoomAnswer { room, cursor: tx.cursor(tx.head()) }, created: true })
}

fn plan(id: RoomId, slug: String, name: RoomName, kind: RoomKind, moderator: Option<MemberId>) -> Room {
    Room {
        id,
        slug,
        name,
        kind,
        topic: RoomTopic::default(),
        archived: false,
        posting: Circle::Everyone,
        moderator,
        member_count: 0,
        people: Vec::new(),
        last_offset: Offset::ZERO,
        rev: Offset::ZERO,
    }
}

/// The direct room of exactly these people.
fn direct(connection: &Connection, people: &[MemberId]) -> Result<Option<Room>, StoreError> {
    let query = format!("SELECT {ROOM} FROM rooms AS r WHERE r.people = ?1");
    Ok(connection.prepare_cached(&query)?.query_row([people_text(people)], rows::room).optional()?)
}

/// Writes a new room, and its address, which is its own for ever.
pub(super) fn insert(tx: &Tx<'_>, room: &Room) -> Result<(), StoreError> {
    let rooms: u32 = tx.prepare("SELECT count(*) FROM rooms")?.query_row([], |row| row.get(0))?;
    if rooms >= ROOMS_MAX {
        return Err(DomainError::LimitReached.into());
    }
    tx.prepare(
        "INSERT INTO rooms (id, slug, name, kind, topic, archived, posting, moderator, people, name_key, topic_key,
                            member_count, rev)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute(params![
        room.id.to_string(),
        room.slug,
        room.name.as_str(),
        room.kind.as_str(),
        room.topic.as_str(),
        room.archived,
        room.posting.as_str(),
        room.moderator.map(|member| member.to_string()),
        (!room.people.is_empty()).then(|| people_text(&room.people)),
        name_key(room.name.as_str()),
        name_key(room.topic.as_str()),
        room.member_count,
        sql(room.rev)
    ])?;
    if room.kind == RoomKind::Direct { Ok(()) } else { keep_slug(tx, room) }
}

fn keep_slug(tx: &Tx<'_>, room: &Room) -> Result<(), StoreError> {
    tx.prepare("INSERT OR IGNORE INTO room_slugs (slug, room) VALUES (?1, ?2)")?
        .execute(params![room.slug, room.id.to_string()])?;
    Ok(())
}

/// An address for a room. One that was wished for and is another's that the person may see is refused; otherwise a
/// taken one gets a number, so that nothing is learnt of rooms that cannot be seen.
fn free_slug(tx: &Tx<'_>, actor: Actor, name: &RoomName, wished: Option<&str>) -> Result<String, StoreError> {
    let slug = wished.map_or_else(|| slug_of(name.as_str()), str::to_owned);
    match find(tx.connection(), actor.id, &RoomRef::Slug(slug.clone())) {
        Err(StoreError::NotFound) => return Ok(slug),
        Ok((room, joined)) if wished.is_some() => {
            if policy::require_in_room(actor, &room, joined, RoomAction::See).is_ok() {
                return Err(DomainError::SlugTaken.into());
            }
        }
        Ok(_) => {}
        Err(error) => return Err(error),
    }
    let mut taken = tx.prepare("SELECT 1 FROM room_slugs WHERE slug = ?1")?;
    for number in 2..=ROOMS_MAX {
        let numbered = numbered_slug(&slug, number);
        if !taken.exists([&numbered])? {
            return Ok(numbered);
        }
    }
    Err(DomainError::LimitReached.into())
}

/// Changes a room, each part by its own right.
fn change(tx: &mut Tx<'_>, command: &ChangeRoom) -> Result<RoomAnswer, StoreError> {
    let actor = accounts::actor(tx.connection(), command.by.member)?;
    let (held, joined) = find(tx.connection(), actor.id, &command.room)?;
    policy::require_in_room(actor, &held, joined, RoomAction::See)?;
    let mut room = held.clone();
    let mut acts = Vec::new();
    apply(tx, actor, joined, &mut room, &command.change, &mut acts)?;
    if room == held {
        return Ok(RoomAnswer { room, cursor: tx.cursor(tx.head()) });
    }
    room.rev = tx.head().next();
    update(tx, &room)?;
    let offset = tx.append(Audience::Room(room.id), &RoomChanged { room: room.clone() }.into(), &command.by.at)?;
    for act in acts {
        let detail = (act == AuditAct::RoomConverted).then(|| room.kind.as_str().to_owned());
        let subject = audit::Subject { room: Some(room.id), detail, ..Default::default() };
        audit::record(tx, &command.by, act, subject)?;
    }
    Ok(RoomAnswer { room, cursor: tx.cursor(offset) })
}

/// What the room becomes, and which acts that takes. Out of the archive first and into it last, so that both can come
/// with other changes.
fn apply(
    tx: &Tx<'_>,
    actor: Actor,
    joined: bool,
    room: &mut Room,
    change: &request::ChangeRoom,
    acts: &mut Vec<AuditAct>,
) -> Result<(), StoreError> {
    let allowed = |room: &Room, action| policy::require_in_room(actor, room, joined, action);
    if change.archived == Some(false) && room.archived {
        allowed(room, RoomAction::Restore)?;
        room.archived = false;
        acts.push(AuditAct::RoomRestored);
    }
    if change.name.is_some() || change.slug.is_some() || change.topic.is_some() || change.posting.is_some() {
        allowed(room, RoomAction::Change)?;
    }
    if let Some(slug) = change.slug.as_deref().filter(|slug| *slug != room.slug) {
        room.slug = own_slug(tx, actor, room, slug)?;
    }
    room.name = change.name.clone().unwrap_or_else(|| room.name.clone());
    room.topic = change.topic.clone().unwrap_or_else(|| room.topic.clone());
    room.posting = change.posting.unwrap_or(room.posting);
    if let Some(kind) = change.kind.filter(|kind| *kind != room.kind) {
        allowed(room, RoomAction::Convert)?;
        // Whoever converts a room makes one of the other kind: that is a right of its own.
        let workspace = accounts::opened(tx.connection())?;
        policy::require(in_workspace(actor.role, &workspace, WorkspaceAction::MakeRoom))?;
        policy::require(kind != RoomKind::Direct)?;
        room.kind = kind;
        acts.push(AuditAct::RoomConverted);
    }
    if change.archived == Some(true) && !room.archived {
        allowed(room, RoomAction::Archive)?;
        room.archived = true;
        acts.push(AuditAct::RoomArchived);
    }
    Ok(())
}

/// A new address for a room: one it had before is its own still.
fn own_slug(tx: &Tx<'_>, actor: Actor, room: &Room, slug: &str) -> Result<String, StoreError> {
    let owner: Option<String> =
        tx.prepare("SELECT room FROM room_slugs WHERE slug = ?1")?.query_row([slug], |row| row.get(0)).optional()?;
    if owner == Some(room.id.to_string()) { Ok(slug.to_owned()) } else { free_slug(tx, actor, &room.name, Some(slug)) }
}

fn update(tx: &Tx<'_>, room: &Room) -> Result<(), StoreError> {
    tx.prepare(
        "UPDATE rooms SET slug = ?2, name = ?3, kind = ?4, topic = ?5, archived = ?6, posting = ?7, name_key = ?8,
                          topic_key = ?9, rev = ?10 WHERE id = ?1",
    )?
    .execute(params![
        room.id.to_string(),
        room.slug,
        room.name.as_str(),
        room.kind.as_str(),
        room.topic.as_str(),
        room.archived,
        room.posting.as_str(),
        name_key(room.name.as_str()),
        name_key(room.topic.as_str()),
        sql(room.rev)
    ])?;
    keep_slug(tx, room)
}
