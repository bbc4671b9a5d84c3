//! The workspace and its people: how it is opened, accounts, who acts.

use std::net::IpAddr;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};
use shared::{
    cursor::Offset,
    event::MemberJoined,
    id::{MemberId, RoomId},
    member::{Circle, Member, Role, Workspace},
    policy::Actor,
    request::WorkspaceAnswer,
    room::{FIRST_ROOM_SLUG, Room, RoomKind},
    text::{Bio, DisplayName, RoomName, RoomTopic},
};

use super::{
    SqliteStore, bans, memberships, rooms,
    rows::{self, MEMBER, WORKSPACE, parsed, sql},
    sessions,
    transaction::Tx,
    workspace as rules,
};
use crate::{
    domain::{DomainError, audience::Audience},
    store::{self, ChangeWorkspace, Credentials, NewMember, OpenWorkspace, StoreError},
};

#[async_trait]
impl store::Accounts for SqliteStore {
    async fn workspace(&self) -> Result<Option<Workspace>, StoreError> {
        self.readers.read(|tx| workspace(tx)).await
    }

    async fn open_workspace(&self, command: OpenWorkspace) -> Result<Member, StoreError> {
        self.writer.run(move |tx| open(tx, &command)).await
    }

    async fn credentials(&self, name_key: &str) -> Result<Option<Credentials>, StoreError> {
        let name_key = name_key.to_owned();
        self.readers.read(move |tx| credentials(tx, &name_key)).await
    }

    async fn was_used_from(&self, name_key: &str, network: &str) -> Result<bool, StoreError> {
        let values = [name_key.to_owned(), network.to_owned()];
        let found = move |tx: &rusqlite::Transaction<'_>| {
            let mut statement = tx.prepare_cached(
                "SELECT 1 FROM members AS p JOIN addresses AS a ON a.member = p.id
                 WHERE p.name_key = ?1 AND a.address = ?2",
            )?;
            Ok(statement.exists(values)?)
        };
        self.readers.read(found).await
    }

    async fn change_workspace(&self, command: ChangeWorkspace) -> Result<WorkspaceAnswer, StoreError> {
        self.writer.run(move |tx| rules::change(tx, &command)).await
    }

    async fn note_last_seen(&self, seen: Vec<(MemberId, i64)>) -> Result<(), StoreError> {
        let sessions = self.sessions.clone();
        self.writer.run(move |tx| sessions.undisturbed(|| note_last_seen(tx, &seen))).await
    }
}

/// Notes when people were last here.
fn note_last_seen(tx: &Tx<'_>, seen: &[(MemberId, i64)]) -> Result<(), StoreError> {
    let mut statement = tx.prepare(
        "UPDATE members SET last_seen_ms = ?2 WHERE id = ?1 AND shows_presence AND coalesce(last_seen_ms, ?2 - 1) < ?2",
    )?;
    for (member, at_ms) in seen {
        statement.execute(params![member.to_string(), at_ms])?;
    }
    Ok(())
}

/// The workspace, once it is open.
pub(super) fn workspace(connection: &Connection) -> Result<Option<Workspace>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {WORKSPACE} FROM workspace AS w"))?;
    Ok(statement.query_row([], rows::workspace).optional()?)
}

/// The workspace, which is open: somebody is in it.
pub(super) fn opened(connection: &Connection) -> Result<Workspace, StoreError> {
    workspace(connection)?.ok_or(StoreError::NotFound)
}

/// The room that everyone comes into first.
pub(super) fn first_room(connection: &Connection) -> Result<Option<RoomId>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT first_room FROM workspace")?;
    Ok(statement.query_row([], |row| parsed(row, "first_room")).optional()?)
}

/// Opens the workspace, unless it is open.
pub(super) fn open(tx: &mut Tx<'_>, command: &OpenWorkspace) -> Result<Member, StoreError> {
    if first_room(tx.connection())?.is_some() {
        return Err(DomainError::SetupDone.into());
    }
    let owner = insert(tx, &command.owner, Role::Owner, None, command.session.place.address)?;
    let room = Room {
        id: command.room,
        slug: FIRST_ROOM_SLUG.to_owned(),
        name: RoomName::parse(FIRST_ROOM_SLUG).expect("the first room's slug is a name too"),
        kind: RoomKind::Open,
        topic: RoomTopic::default(),
        archived: false,
        posting: Circle::Everyone,
        moderator: Some(owner.id),
        member_count: 0,
        people: Vec::new(),
        last_offset: Offset::ZERO,
        rev: tx.head().next(),
    };
    rooms::insert(tx, &room)?;
    tx.prepare("INSERT INTO workspace (only, name, first_room, opened_at, guests) VALUES (1, ?1, ?2, ?3, ?4)")?
        .execute(params![command.workspace.as_str(), room.id.to_string(), command.owner.at.0, command.guests])?;
    memberships::enter(tx, owner.id, room.id, &command.owner.at)?;
    sessions::create(tx, owner.id, &command.session)?;
    Ok(owner)
}

/// The account of a folded name.
pub(super) fn credentials(connection: &Connection, name_key: &str) -> Result<Option<Credentials>, StoreError> {
    let query = format!(
        "SELECT {MEMBER}, p.password_hash, EXISTS (SELECT 1 FROM bans AS b WHERE b.member = p.id) AS banned
         FROM members AS p WHERE p.name_key = ?1"
    );
    let found = connection.prepare_cached(&query)?.query_row([name_key], |row| {
        let (password_hash, banned) = (row.get("password_hash")?, row.get("banned")?);
        Ok(Credentials { member: rows::member(row)?, password_hash, banned })
    });
    Ok(found.optional()?)
}

/// One person.
pub(super) fn by_id(connection: &Connection, member: MemberId) -> Result<Member, StoreError> {
    let query = format!("SELECT {MEMBER} FROM members AS p WHERE p.id = ?1");
    let found = connection.prepare_cached(&query)?.query_row([member.to_string()], rows::member);
    found.optional()?.ok_or(StoreError::NotFound)
}

/// Who acts, as they are now. A command may have waited while the account was deactivated: then nobody acts.
pub(super) fn actor(connection: &Connection, member: MemberId) -> Result<Actor, StoreError> {
    let mut statement = connection.prepare_cached("SELECT role, active FROM members WHERE id = ?1")?;
    let found = statement.query_row([member.to_string()], |row| Ok((rows::role(row)?, row.get("active")?)));
    match found.optional()? {
        Some((role, true)) => Ok(Actor { id: member, role }),
        Some((_, false)) => Err(DomainError::Forbidden.into()),
        None => Err(StoreError::NotFound),
    }
}

/// Makes an account for someone who comes from an address.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    new: &NewMember,
    role: Role,
    invited_by: Option<MemberId>,
    from: Option<IpAddr>,
) -> Result<Member, StoreError> {
    bans::admit(tx.connection(), from)?;
    if credentials(tx.connection(), &new.name_key)?.is_some() {
        return Err(DomainError::NameTaken.into());
    }
    let member = Member {
        id: new.id,
        name: new.name.clone(),
        display_name: DisplayName::parse(new.name.as_str()).expect("a sign-in name obeys the rules of a display name"),
        role,
        joined_at: new.at.clone(),
        bio: Bio::default(),
        active: true,
    };
    let fact = MemberJoined { member: member.clone(), invited_by };
    let joined = tx.append(Audience::Workspace, &fact.into(), &new.at)?;
    tx.prepare(
        "INSERT INTO members
           (id, name, name_key, display_name, display_key, role, password_hash, joined_at, joined, invited_by)
         VALUES (?1, ?2, ?3, ?4, ?3, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        member.id.to_string(),
        member.name.as_str(),
        new.name_key,
        member.display_name.as_str(),
        role.as_str(),
        new.password_hash,
        new.at.0,
        sql(joined),
        invited_by.map(|by| by.to_string())
    ])?;
    Ok(member)
}
