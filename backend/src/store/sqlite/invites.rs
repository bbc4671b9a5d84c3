//! Invites: making and withdrawing them, what they show, coming in behind one.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use shared::{
    audit::AuditAct,
    id::{InviteId, MemberId, RoomId},
    limits::{INVITES_LISTED_MAX, OWN_MAX},
    member::{Member, Role, Workspace},
    policy::{Actor, RoomAction, WorkspaceAction, in_room, in_workspace},
    room::{Room, RoomAnswer, RoomKind},
    session::{InviteInfo, InviteList, InvitePreview},
};

use super::{
    SqliteStore, accounts, audit, memberships, messages, rooms,
    rows::{self, MEMBER, ROOM, collect, parsed, timestamp},
    sessions,
    transaction::Tx,
};
use crate::{
    domain::{DomainError, policy},
    store::{
        self, By, EnterByInvite, JoinByInvite, LetInGuest, NewInvite, PREVIEW_MESSAGES, PREVIEW_PEOPLE, RoomRef,
        SecretHash, StoreError,
    },
};

#[async_trait]
impl store::Invites for SqliteStore {
    async fn create_invite(&self, invite: NewInvite) -> Result<(), StoreError> {
        self.writer.run(move |tx| create(tx, &invite)).await
    }

    async fn invites(&self, member: MemberId, now_ms: i64) -> Result<InviteList, StoreError> {
        self.readers.read(move |tx| list(tx, member, now_ms)).await
    }

    async fn withdraw_invite(&self, by: By, invite: InviteId) -> Result<(), StoreError> {
        self.writer.run(move |tx| withdraw(tx, &by, invite)).await
    }

    async fn invite(&self, secret: SecretHash, now_ms: i64) -> Result<InvitePreview, StoreError> {
        self.readers.read(move |tx| preview(tx, &secret, now_ms)).await
    }

    async fn join(&self, command: JoinByInvite) -> Result<Member, StoreError> {
        self.writer.run(move |tx| join(tx, &command)).await
    }

    async fn let_in_guest(&self, command: LetInGuest) -> Result<Member, StoreError> {
        self.writer.run(move |tx| let_in_guest(tx, &command)).await
    }

    async fn enter(&self, command: EnterByInvite) -> Result<RoomAnswer, StoreError> {
        self.writer.run(move |tx| enter(tx, &command)).await
    }
}

/// An invite, and all that decides whether it works.
struct Stored {
    info: InviteInfo,
    room: Room,
    maker: Actor,
    /// What the maker was when it was made.
    made_as: Role,
    is_active: bool,
    is_joined: bool,
}

/// Invites that have neither expired at ?2 nor been used up; a condition with ?1 follows.
const OPEN: &str = "FROM invites AS i WHERE i.expires_at_ms > ?2 AND (i.uses IS NULL OR i.used < i.uses) AND ";

impl Stored {
    /// The invites among [`OPEN`] ones for which `condition` holds, the newest first.
    fn query(connection: &Connection, condition: &str, values: impl Params) -> Result<Vec<Self>, StoreError> {
        let from = OPEN.replace(
            "WHERE",
            "JOIN rooms AS r ON r.id = i.room JOIN members AS p ON p.id = i.made_by
             LEFT JOIN memberships AS s ON s.room = i.room AND s.member = i.made_by WHERE",
        );
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {ROOM}, i.id AS invite, i.role AS gives, i.used, i.uses, i.made_by, i.made_at, i.expires_at,
               i.made_as, p.role, p.active, s.member IS NOT NULL AS joined
             {from} {condition} ORDER BY i.made_at DESC, i.id LIMIT {INVITES_LISTED_MAX}"
        ))?;
        let found = statement.query_map(values, Self::read)?;
        collect(found, "invites")
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let room = rows::room(row)?;
        let maker = Actor { id: parsed(row, "made_by")?, role: rows::role(row)? };
        let info = InviteInfo {
            id: parsed(row, "invite")?,
            role: Role::from_word(row.get_ref("gives")?.as_str()?),
            room: room.id,
            used: row.get("used")?,
            uses: row.get("uses")?,
            by: maker.id,
            made_at: timestamp(row, "made_at")?,
            expires_at: timestamp(row, "expires_at")?,
        };
        let made_as = Role::from_word(row.get_ref("made_as")?.as_str()?);
        Ok(Self { info, room, maker, made_as, is_active: row.get("active")?, is_joined: row.get("joined")? })
    }

    /// Whether the maker could make it again.
    fn stands(&self, workspace: &Workspace) -> bool {
        self.is_active
            && self.maker.role.rank() >= self.made_as.rank()
            && in_workspace(self.maker.role, workspace, WorkspaceAction::Invite(self.info.role))
            && in_room(self.maker, &self.room, self.is_joined, RoomAction::InviteTo)
    }

    /// The invite behind a code, if it works.
    fn working(connection: &Connection, secret: &SecretHash, now_ms: i64) -> Result<Self, StoreError> {
        let found = Self::query(connection, "i.secret = ?1", params![secret, now_ms])?.pop();
        let found = found.ok_or(DomainError::InviteInvalid)?;
        let workspace = accounts::opened(connection)?;
        if found.stands(&workspace) { Ok(found) } else { Err(DomainError::InviteInvalid.into()) }
    }

    /// Counts one use.
    fn is_used(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        tx.prepare("UPDATE invites SET used = used + 1 WHERE id = ?1")?.execute([self.info.id.to_string()])?;
        Ok(())
    }
}

/// Makes an invite.
fn create(tx: &mut Tx<'_>, invite: &NewInvite) -> Result<(), StoreError> {
    let actor = accounts::actor(tx.connection(), invite.by.member)?;
    let workspace = accounts::opened(tx.connection())?;
    policy::require(in_workspace(actor.role, &workspace, WorkspaceAction::Invite(invite.role)))?;
    let room = match invite.room {
        Some(room) => room,
        None => accounts::first_room(tx.connection())?.ok_or(StoreError::NotFound)?,
    };
    let room = rooms::require(tx.connection(), actor, &RoomRef::Id(room), RoomAction::InviteTo)?;
    let open: u32 = tx
        .prepare(&format!("SELECT count(*) {OPEN} i.made_by = ?1"))?
        .query_row(params![actor.id.to_string(), invite.now_ms], |row| row.get(0))?;
    if open >= OWN_MAX {
        return Err(DomainError::LimitReached.into());
    }
    tx.prepare(
        "INSERT INTO invites (id, secret, room, role, uses, made_by, made_as, made_at, expires_at, expires_at_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        invite.id.to_string(),
        invite.secret,
        room.id.to_string(),
        invite.role.as_str(),
        invite.uses,
        actor.id.to_string(),
        actor.role.as_str(),
        invite.by.at.0,
        invite.expires_at.0,
        invite.expires_at_ms
    ])?;
    record(tx, &invite.by, AuditAct::InviteMade, room.id, invite.role)
}

fn record(tx: &mut Tx<'_>, by: &By, act: AuditAct, room: RoomId, role: Role) -> Result<(), StoreError> {
    let detail = Some(role.as_str().to_owned());
    audit::record(tx, by, act, audit::Subject { room: Some(room), detail, ..Default::default() })?;
    Ok(())
}

/// The invites that work, as far as a person may see them.
fn list(connection: &Connection, member: MemberId, now_ms: i64) -> Result<InviteList, StoreError> {
    let actor = accounts::actor(connection, member)?;
    let workspace = accounts::opened(connection)?;
    let manages = in_workspace(actor.role, &workspace, WorkspaceAction::ManageInvites);
    let condition = if manages { "?1 IS NOT NULL" } else { "i.made_by = ?1" };
    let found = Stored::query(connection, condition, params![actor.id.to_string(), now_ms])?;
    let invites = found.into_iter().filter(|invite| invite.stands(&workspace)).map(|invite| invite.info);
    Ok(InviteList { invites: invites.collect() })
}

/// Withdraws an invite: its row goes, so that its code is like any that never was.
fn withdraw(tx: &mut Tx<'_>, by: &By, invite: InviteId) -> Result<(), StoreError> {
    let actor = accounts::actor(tx.connection(), by.member)?;
    let workspace = accounts::opened(tx.connection())?;
    let manages = in_workspace(actor.role, &workspace, WorkspaceAction::ManageInvites);
    let found = tx
        .prepare("DELETE FROM invites WHERE id = ?1 AND (?2 OR made_by = ?3) RETURNING room, role")?
        .query_row(params![invite.to_string(), manages, actor.id.to_string()], |row| {
            Ok((parsed(row, "room")?, rows::role(row)?))
        })
        .optional()?;
    let (room, role) = found.ok_or(StoreError::NotFound)?;
    record(tx, by, AuditAct::InviteWithdrawn, room, role)
}

/// Makes an account behind an invite.
fn join(tx: &mut Tx<'_>, command: &JoinByInvite) -> Result<Member, StoreError> {
    let invite = Stored::working(tx.connection(), &command.invite, command.now_ms)?;
    let member =
        accounts::insert(tx, &command.member, invite.info.role, Some(invite.info.by), command.session.place.address)?;
    memberships::enter(tx, member.id, invite.room.id, &command.member.at)?;
    sessions::create(tx, member.id, &command.session)?;
    invite.is_used(tx)?;
    Ok(member)
}

/// Makes a guest's account in the first room.
fn let_in_guest(tx: &mut Tx<'_>, command: &LetInGuest) -> Result<Member, StoreError> {
    let room = accounts::first_room(tx.connection())?.ok_or(StoreError::NotFound)?;
    let room = rooms::by_id(tx.connection(), room)?;
    // The door stands open to whoever can reach the address: a room that is closed by now is not behind it.
    let workspace = accounts::opened(tx.connection())?;
    policy::require(workspace.guests && room.kind == RoomKind::Open && !room.archived)?;
    let (member, session) = (&command.member, &command.session);
    let guest = accounts::insert(tx, member, Role::Guest, None, session.place.address)?;
    memberships::enter(tx, guest.id, room.id, &member.at)?;
    sessions::create(tx, guest.id, session)?;
    Ok(guest)
}

/// Brings someone who has an account into the room of an invite.
fn enter(tx: &mut Tx<'_>, command: &EnterByInvite) -> Result<RoomAnswer, StoreError> {
    let actor = accounts::actor(tx.connection(), command.by.member)?;
    let invite = Stored::working(tx.connection(), &command.invite, command.now_ms)?;
    let room = invite.room.id;
    if !memberships::contains(tx.connection(), actor.id, room)? {
        memberships::enter(tx, actor.id, room, &command.by.at)?;
        invite.is_used(tx)?;
    }
    Ok(RoomAnswer { room: rooms::by_id(tx.connection(), room)?, cursor: tx.cursor(tx.head()) })
}

/// What a person with an invite may know.
fn preview(connection: &Connection, secret: &SecretHash, now_ms: i64) -> Result<InvitePreview, StoreError> {
    let Stored { info, room, .. } = Stored::working(connection, secret, now_ms)?;
    let inviter = accounts::by_id(connection, info.by)?;
    let messages = match room.kind {
        RoomKind::Open => messages::latest(connection, room.id, PREVIEW_MESSAGES)?,
        RoomKind::Closed | RoomKind::Direct => Vec::new(),
    };
    let people = people_beside(connection, room.id, inviter.id)?;
    let mut authors = Vec::<Member>::new();
    for message in &messages {
        let known = people.iter().chain([&inviter]).chain(&authors).any(|person| person.id == message.author);
        if !known {
            authors.push(accounts::by_id(connection, message.author)?);
        }
    }
    let (workspace, people_count) = (accounts::opened(connection)?, room.member_count);
    let (role, expires_at) = (info.role, info.expires_at);
    Ok(InvitePreview { workspace, role, room, inviter, people, people_count, messages, authors, expires_at })
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
