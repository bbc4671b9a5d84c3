//! The audit log: written with the act it tells of, in the same savepoint.

use rusqlite::params;
use shared::{
    audit::{AuditAct, AuditEntry},
    cursor::Offset,
    event::AuditLogged,
    id::{MemberId, RoomId},
    text::Reason,
};

use super::{rows::sql, transaction::Tx};
use crate::{
    domain::audience::Audience,
    store::{By, StoreError},
};

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
