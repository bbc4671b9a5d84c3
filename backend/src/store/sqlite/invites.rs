//! Invites: making them, what they show, coming in behind one.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};
use shared::{
    id::{MemberId, RoomId},
    member::{Member, Role, Timestamp},
    policy::{RoomAction, WorkspaceAction, in_workspace},
    room::RoomKind,
    session::InvitePreview,
};

use super::{
    SqliteStore, accounts, memberships, messages, rooms,
    rows::{self, MEMBER, collect, parsed, timestamp},
    sessions,
    transaction::Tx,
};
use crate::{
    domain::{DomainError, policy},
    store::{self, JoinByInvite, NewInvite, PREVIEW_MESSAGES, PREVIEW_PEOPLE, RoomRef, SecretHash, StoreError},
};

#[async_trait]
impl store::Invites for SqliteStore {
    async fn create_invite(&self, invite: NewInvite) -> Result<(), StoreError> {
        self.writer.run(move |tx| create(tx, &invite)).await
    }

    async fn invite(&self, secret: SecretHash, now_ms: i64) -> Result<InvitePreview, StoreError> {
        self.readers.read(move |tx| preview(tx, &secret, now_ms)).await
    }

    async fn join(&self, command: JoinByInvite) -> Result<Member, StoreError> {
        self.writer.run(move |tx| join(tx, &command)).await
    }
}

/// Makes an invite into the first room.
fn create(tx: &Tx<'_>, invite: &NewInvite) -> Result<(), StoreError> {
    let room = accounts::first_room(tx.connection())?.ok_or(StoreError::NotFound)?;
    let actor = accounts::actor(tx.connection(), invite.by)?;
    let workspace = accounts::opened(tx.connection())?;
    policy::require(in_workspace(actor.role, &workspace, WorkspaceAction::Invite(Role::Member)))?;
    rooms::require(tx.connection(), actor, &RoomRef::Id(room), RoomAction::InviteTo)?;
    tx.prepare(
        "INSERT INTO invites (id, secret, room, made_by, made_at, expires_at, expires_at_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        invite.id.to_string(),
        invite.secret,
        room.to_string(),
        invite.by.to_string(),
        invite.at.0,
        invite.expires_at.0,
        invite.expires_at_ms
    ])?;
    Ok(())
}

/// Makes an account behind an invite.
fn join(tx: &mut Tx<'_>, command: &JoinByInvite) -> Result<Member, StoreError> {
    let invite = tx
        .prepare("SELECT room, made_by FROM invites WHERE secret = ?1 AND expires_at_ms > ?2")?
        .query_row(params![command.invite, command.now_ms], |row| {
            Ok((parsed::<RoomId>(row, "room")?, parsed::<MemberId>(row, "made_by")?))
        })
        .optional()?;
    let (room, invited_by) = invite.ok_or(DomainError::InviteInvalid)?;
    let member = accounts::insert(tx, &command.member, Role::Member, Some(invited_by), command.session.place.address)?;
    memberships::enter(tx, member.id, room, &command.member.at)?;
    sessions::create(tx, member.id, &command.session)?;
    Ok(member)
}

/// What a person with an invite may know.
fn preview(connection: &Connection, secret: &SecretHash, now_ms: i64) -> Result<InvitePreview, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT room, made_by, expires_at FROM invites WHERE secret = ?1 AND expires_at_ms > ?2")?;
    let found = statement.query_row(params![secret, now_ms], |row| {
        Ok((parsed(row, "room")?, parsed(row, "made_by")?, timestamp(row, "expires_at")?))
    });
    let found: Option<(RoomId, MemberId, Timestamp)> = found.optional()?;
    let (room, inviter, expires_at) = found.ok_or(DomainError::InviteInvalid)?;
    let (room, inviter) = (rooms::by_id(connection, room)?, accounts::by_id(connection, inviter)?);
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
    let workspace = accounts::opened(connection)?;
    let people_count = room.member_count;
    Ok(InvitePreview {
        workspace,
        role: Role::Member,
        room,
        inviter,
        people,
        people_count,
        messages,
        authors,
        expires_at,
    })
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
