//! Links that work once.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};
use shared::{
    audit::AuditAct,
    id::MemberId,
    member::Member,
    policy::{PersonAction, to_person},
    session::LinkPreview,
};

use super::{SqliteStore, accounts, audit, people, rows::parsed, sessions, transaction::Tx};
use crate::{
    domain::{DomainError, policy},
    store::{self, LinkKind, NewLink, ResetByLink, SecretHash, SignInByLink, StoreError},
};

#[async_trait]
impl store::Links for SqliteStore {
    async fn create_link(&self, link: NewLink) -> Result<(), StoreError> {
        self.writer.run(move |tx| create(tx, &link)).await
    }

    async fn link(&self, kind: LinkKind, secret: SecretHash, now_ms: i64) -> Result<LinkPreview, StoreError> {
        self.readers.read(move |tx| preview(tx, kind, &secret, now_ms)).await
    }

    async fn withdraw_device_link(&self, member: MemberId) -> Result<(), StoreError> {
        self.writer.run(move |tx| withdraw(tx, member, LinkKind::Device)).await
    }

    async fn sign_in_by_link(&self, command: SignInByLink) -> Result<Member, StoreError> {
        self.writer.run(move |tx| sign_in(tx, &command)).await
    }

    async fn reset_by_link(&self, command: ResetByLink) -> Result<Member, StoreError> {
        self.writer.run(move |tx| reset(tx, &command)).await
    }
}

/// Makes a link in the place of an older one.
fn create(tx: &mut Tx<'_>, link: &NewLink) -> Result<(), StoreError> {
    let actor = accounts::actor(tx.connection(), link.by.member)?;
    people::require_known(tx.connection(), actor, link.member)?;
    let target = accounts::by_id(tx.connection(), link.member)?;
    let is_self = actor.id == target.id;
    policy::require(match link.kind {
        LinkKind::Device => is_self,
        LinkKind::Reset => target.active && to_person(actor.role, target.role, is_self, PersonAction::MakeResetLink),
    })?;
    withdraw(tx, target.id, link.kind)?;
    tx.prepare("INSERT INTO links (secret, kind, member, made_by, expires_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![
            link.secret,
            link.kind.as_str(),
            target.id.to_string(),
            actor.id.to_string(),
            link.expires_at_ms
        ])?;
    if link.kind == LinkKind::Reset {
        let subject = audit::Subject { member: Some(target.id), ..Default::default() };
        audit::record(tx, &link.by, AuditAct::ResetLinkMade, subject)?;
    }
    Ok(())
}

/// Withdraws the link of a kind for a person, if there is one.
pub(super) fn withdraw(tx: &Tx<'_>, member: MemberId, kind: LinkKind) -> Result<(), StoreError> {
    tx.prepare("DELETE FROM links WHERE member = ?1 AND kind = ?2")?
        .execute(params![member.to_string(), kind.as_str()])?;
    Ok(())
}

/// Whom a link is for, if it works. An account that is not in use has none.
fn holder(member: Option<MemberId>, connection: &Connection) -> Result<Member, StoreError> {
    let member = accounts::by_id(connection, member.ok_or(DomainError::LinkInvalid)?)?;
    if member.active { Ok(member) } else { Err(DomainError::LinkInvalid.into()) }
}

fn preview(
    connection: &Connection,
    kind: LinkKind,
    secret: &SecretHash,
    now_ms: i64,
) -> Result<LinkPreview, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT member FROM links WHERE secret = ?1 AND kind = ?2 AND expires_at_ms > ?3")?;
    let found = statement.query_row(params![secret, kind.as_str(), now_ms], |row| parsed(row, "member")).optional()?;
    let member = holder(found, connection)?;
    Ok(LinkPreview { workspace: accounts::opened(connection)?, member })
}

/// Takes a link, which is gone then, and gives whom it is for.
fn take(tx: &Tx<'_>, kind: LinkKind, secret: &SecretHash, now_ms: i64) -> Result<Member, StoreError> {
    let found = tx
        .prepare("DELETE FROM links WHERE secret = ?1 AND kind = ?2 AND expires_at_ms > ?3 RETURNING member")?
        .query_row(params![secret, kind.as_str(), now_ms], |row| parsed(row, "member"))
        .optional()?;
    holder(found, tx.connection())
}

fn sign_in(tx: &mut Tx<'_>, command: &SignInByLink) -> Result<Member, StoreError> {
    let member = take(tx, LinkKind::Device, &command.link, command.now_ms)?;
    sessions::sign_in(tx, member.id, &command.session)?;
    Ok(member)
}

fn reset(tx: &mut Tx<'_>, command: &ResetByLink) -> Result<Member, StoreError> {
    let member = take(tx, LinkKind::Reset, &command.link, command.now_ms)?;
    people::set_password(tx, member.id, &command.password_hash)?;
    sessions::end_all(tx, member.id, None)?;
    sessions::sign_in(tx, member.id, &command.session)?;
    Ok(member)
}
