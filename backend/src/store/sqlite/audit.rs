//! The audit log: written with the act it tells of, in the same savepoint.

use async_trait::async_trait;
use rusqlite::{Connection, Row, named_params, params};
use shared::{
    audit::{AuditAct, AuditEntry, AuditPage},
    cursor::Offset,
    event::AuditLogged,
    id::{MemberId, RoomId},
    policy::{WorkspaceAction, in_workspace},
    text::Reason,
};

use super::{
    SqliteStore, accounts,
    rows::{collect, offset, parsed, sql, timestamp},
    transaction::Tx,
};
use crate::{
    domain::{audience::Audience, policy},
    store::{self, AuditQuery, By, StoreError},
};

#[async_trait]
impl store::Audit for SqliteStore {
    async fn audit(&self, viewer: MemberId, query: AuditQuery) -> Result<AuditPage, StoreError> {
        self.readers.read(move |tx| page(tx, viewer, &query)).await
    }
}

/// What an act was about; what it does not concern is left out.
#[derive(Debug, Clone, Default)]
pub(super) struct Subject {
    pub(super) member: Option<MemberId>,
    pub(super) room: Option<RoomId>,
    pub(super) detail: Option<String>,
    pub(super) reason: Option<Reason>,
    pub(super) count: Option<u64>,
}

/// Writes a line of the audit log, and tells those who may read it.
pub(super) fn record(tx: &mut Tx<'_>, by: &By, act: AuditAct, subject: Subject) -> Result<Offset, StoreError> {
    let Subject { member, room, detail, reason, count } = subject;
    let entry = AuditEntry {
        offset: tx.head().next(),
        at: by.at.clone(),
        by: by.member,
        act,
        member,
        room,
        detail,
        reason,
        count,
        address: by.address.map(|address| address.to_string()),
    };
    let offset = tx.append(Audience::Admins, &AuditLogged { entry: entry.clone() }.into(), &by.at)?;
    tx.prepare(
        r#"INSERT INTO audit ("offset", at, made_by, act, member, room, detail, reason, count, address)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"#,
    )?
    .execute(params![
        sql(offset),
        entry.at.0,
        entry.by.to_string(),
        act.as_str(),
        entry.member.map(|member| member.to_string()),
        entry.room.map(|room| room.to_string()),
        entry.detail,
        entry.reason.map(String::from),
        entry.count,
        entry.address
    ])?;
    Ok(offset)
}

/// Columns of [`entry`].
const ENTRY: &str = r#"a."offset", a.at, a.made_by, a.act, a.member, a.room, a.detail, a.reason, a.count, a.address"#;

/// A page of the audit log, newest first.
pub(super) fn page(connection: &Connection, viewer: MemberId, query: &AuditQuery) -> Result<AuditPage, StoreError> {
    let actor = accounts::actor(connection, viewer)?;
    policy::require(in_workspace(actor.role, &accounts::opened(connection)?, WorkspaceAction::Audit))?;
    let found = "FROM audit AS a WHERE (:act IS NULL OR a.act = :act) AND (:member IS NULL OR a.member = :member)
        AND (:by IS NULL OR a.made_by = :by) AND (:room IS NULL OR a.room = :room)";
    let text = |id: Option<MemberId>| id.map(|id| id.to_string());
    let (act, room) = (query.act.map(AuditAct::as_str), query.room.map(|room| room.to_string()));
    let (member, by) = (text(query.member), text(query.by));
    let mut count = connection.prepare_cached(&format!("SELECT count(*) {found}"))?;
    let params = named_params! { ":act": act, ":member": member, ":by": by, ":room": room };
    let total = count.query_row(params, |row| row.get(0))?;
    let mut statement = connection.prepare_cached(&format!(
        r#"SELECT {ENTRY} {found} AND a."offset" < :before ORDER BY a."offset" DESC LIMIT :limit"#
    ))?;
    let before = sql(query.before.unwrap_or(Offset::MAX));
    let limit = u64::from(query.limit) + 1;
    let params = named_params! {
        ":act": act, ":member": member, ":by": by, ":room": room, ":before": before, ":limit": limit,
    };
    let mut entries: Vec<AuditEntry> = collect(statement.query_map(params, entry)?, "audit")?;
    let more = entries.len() > query.limit as usize;
    entries.truncate(query.limit as usize);
    Ok(AuditPage { entries, more, total })
}

fn entry(row: &Row<'_>) -> rusqlite::Result<AuditEntry> {
    let (member, room): (Option<String>, Option<String>) = (row.get("member")?, row.get("room")?);
    let reason: Option<String> = row.get("reason")?;
    Ok(AuditEntry {
        offset: offset(row, "offset")?,
        at: timestamp(row, "at")?,
        by: parsed(row, "made_by")?,
        act: AuditAct::from_word(row.get_ref("act")?.as_str()?),
        member: member.and_then(|member| member.parse().ok()),
        room: room.and_then(|room| room.parse().ok()),
        detail: row.get("detail")?,
        reason: reason.and_then(|reason| Reason::parse(reason).ok()),
        count: row.get("count")?,
        address: row.get("address")?,
    })
}
