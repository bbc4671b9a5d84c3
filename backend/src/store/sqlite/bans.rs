//! Bans: who is out, and the addresses that make no new account.

use std::net::IpAddr;

use async_trait::async_trait;
use rusqlite::{Connection, params};
use shared::{
    audit::AuditAct,
    id::MemberId,
    member::{Member, Timestamp},
    policy::{PersonAction, to_person},
    request::{BanMade, BanPreview, PersonChanged},
};

use super::{SqliteStore, accounts, audit, log, people, purge, rows::collect, transaction::Tx};
use crate::{
    domain::{DomainError, address, policy},
    store::{self, BanMember, By, PurgeSince, Purged, StoreError},
};

#[async_trait]
impl store::Bans for SqliteStore {
    async fn ban_preview(&self, by: MemberId, member: MemberId, day: Timestamp) -> Result<BanPreview, StoreError> {
        self.readers.read(move |tx| preview(tx, by, member, &day)).await
    }

    async fn ban(&self, command: BanMember) -> Result<BanMade, StoreError> {
        // Counting takes long for who has said much: only what came meanwhile is counted by the thread that writes.
        let (member, since) = (command.member, command.purge.clone());
        let counted = self
            .readers
            .read(move |tx| Ok(purge::Counted { count: purge::count(tx, member, &since)?, upto: log::head(tx)? }))
            .await?;
        self.writer.run(move |tx| ban(tx, &command, counted)).await
    }

    async fn lift_ban(&self, by: By, member: MemberId) -> Result<PersonChanged, StoreError> {
        self.writer.run(move |tx| lift(tx, &by, member)).await
    }

    async fn purge(&self, at: Timestamp, batch: u32) -> Result<Purged, StoreError> {
        // To find messages takes longer than to delete them, and need not be the writer's work.
        let Some(piece) = self.readers.read(move |tx| purge::find(tx, batch)).await? else {
            return Ok(Purged::default());
        };
        self.writer.run(move |tx| purge::work(tx, &piece, &at)).await
    }
}

/// Whether an account is banned.
pub(super) fn is_banned(connection: &Connection, member: MemberId) -> Result<bool, StoreError> {
    Ok(connection.prepare_cached("SELECT 1 FROM bans WHERE member = ?1")?.exists([member.to_string()])?)
}

/// Whether new accounts may be made from an address. One that is not known is nobody's to block.
pub(super) fn admit(connection: &Connection, from: Option<IpAddr>) -> Result<(), StoreError> {
    let Some(from) = from else { return Ok(()) };
    let mut statement = connection.prepare_cached("SELECT 1 FROM banned_addresses WHERE address = ?1")?;
    if statement.exists([address::network(from)])? { Err(DomainError::AddressBlocked.into()) } else { Ok(()) }
}

/// The person whom someone may ban.
fn target(connection: &Connection, by: MemberId, member: MemberId) -> Result<Member, StoreError> {
    let actor = accounts::actor(connection, by)?;
    people::require_known(connection, actor, member)?;
    let target = accounts::by_id(connection, member)?;
    policy::require(to_person(actor.role, target.role, actor.id == member, PersonAction::Ban))?;
    Ok(target)
}

fn preview(connection: &Connection, by: MemberId, member: MemberId, day: &Timestamp) -> Result<BanPreview, StoreError> {
    target(connection, by, member)?;
    let mut statement =
        connection.prepare_cached("SELECT address FROM addresses WHERE member = ?1 ORDER BY last_used_ms DESC")?;
    let addresses = collect(statement.query_map([member.to_string()], |row| row.get(0))?, "addresses")?;
    Ok(BanPreview {
        banned: is_banned(connection, member)?,
        addresses,
        messages_day: purge::count(connection, member, &PurgeSince::Moment(day.clone()))?,
        messages_all: purge::count(connection, member, &PurgeSince::Beginning)?,
    })
}

/// Bans someone. The line of the audit log comes first: it ends their streams, and tells them why.
fn ban(tx: &mut Tx<'_>, command: &BanMember, counted: purge::Counted) -> Result<BanMade, StoreError> {
    let held = target(tx.connection(), command.by.member, command.member)?;
    let id = held.id.to_string();
    tx.prepare("INSERT INTO bans (member, made_by, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
        .execute(params![id, command.by.member.to_string(), command.by.at.0])?;
    if command.addresses {
        tx.prepare(
            "INSERT INTO banned_addresses (address, member) SELECT address, member FROM addresses WHERE member = ?1
             ON CONFLICT DO NOTHING",
        )?
        .execute([&id])?;
    }
    let count = counted.count + purge::count_after(tx.connection(), held.id, &command.purge, counted.upto)?;
    let subject = audit::Subject {
        member: Some(held.id),
        detail: purge::word(&command.purge),
        reason: (!command.reason.as_str().is_empty()).then(|| command.reason.clone()),
        count: (command.purge != PurgeSince::Keep).then_some(count),
        ..Default::default()
    };
    let offset = audit::record(tx, &command.by, AuditAct::Banned, subject)?;
    purge::begin(tx, held.id, &command.purge, offset)?;
    let member = Member { active: false, ..held.clone() };
    if held.active {
        people::update(tx, &held, &member, &command.by)?;
    }
    Ok(BanMade { member, count, cursor: tx.cursor(tx.head()) })
}

/// Lifts a ban, if there is one.
fn lift(tx: &mut Tx<'_>, by: &By, member: MemberId) -> Result<PersonChanged, StoreError> {
    let held = target(tx.connection(), by.member, member)?;
    let lifted = tx.prepare("DELETE FROM bans WHERE member = ?1")?.execute([member.to_string()])? > 0;
    let member = Member { active: held.active || lifted, ..held.clone() };
    if lifted {
        let subject = audit::Subject { member: Some(member.id), ..Default::default() };
        audit::record(tx, by, AuditAct::Unbanned, subject)?;
        people::update(tx, &held, &member, by)?;
    }
    Ok(PersonChanged { member, settings: None, cursor: tx.cursor(tx.head()) })
}
