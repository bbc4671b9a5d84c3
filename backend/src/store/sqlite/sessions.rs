//! Accounts as sign-in needs them, and sessions.

use rusqlite::{Connection, OptionalExtension, params};
use shared::{id::MemberId, id::SessionId, member::Member};

use super::{
    rows::{self, MEMBER, parsed},
    transaction::Tx,
};
use crate::store::{Credentials, NewSession, SecretHash, SessionOwner, StoreError};

/// The account of a folded name.
pub(super) fn credentials(connection: &Connection, name_key: &str) -> Result<Option<Credentials>, StoreError> {
    let query = format!("SELECT {MEMBER}, p.password_hash FROM members AS p WHERE p.name_key = ?1");
    let found = connection.prepare_cached(&query)?.query_row([name_key], |row| {
        Ok(Credentials { member: rows::member(row)?, password_hash: row.get("password_hash")? })
    });
    Ok(found.optional()?)
}

/// One person.
pub(super) fn member(connection: &Connection, member: MemberId) -> Result<Member, StoreError> {
    let query = format!("SELECT {MEMBER} FROM members AS p WHERE p.id = ?1");
    let found = connection.prepare_cached(&query)?.query_row([member.to_string()], rows::member);
    found.optional()?.ok_or(StoreError::NotFound)
}

/// The owner of a session that has not expired.
pub(super) fn owner(
    connection: &Connection,
    secret: &SecretHash,
    now_ms: i64,
) -> Result<Option<SessionOwner>, StoreError> {
    let query = format!(
        "SELECT {MEMBER}, s.id AS session, s.expires_at_ms FROM sessions AS s JOIN members AS p ON p.id = s.member
         WHERE s.secret = ?1 AND s.expires_at_ms > ?2"
    );
    let found = connection.prepare_cached(&query)?.query_row(params![secret, now_ms], |row| {
        Ok(SessionOwner {
            session: parsed(row, "session")?,
            member: rows::member(row)?,
            expires_at_ms: row.get("expires_at_ms")?,
        })
    });
    Ok(found.optional()?)
}

/// Signs a member in.
pub(super) fn create(tx: &Tx<'_>, owner: MemberId, session: &NewSession) -> Result<(), StoreError> {
    member(tx.connection(), owner)?;
    tx.prepare("INSERT INTO sessions (id, secret, member, created_at, expires_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![
            session.id.to_string(),
            session.secret,
            owner.to_string(),
            session.at.0,
            session.expires_at_ms
        ])?;
    Ok(())
}

/// Signs out.
pub(super) fn end(tx: &Tx<'_>, session: SessionId) -> Result<(), StoreError> {
    tx.prepare("DELETE FROM sessions WHERE id = ?1")?.execute([session.to_string()])?;
    Ok(())
}

/// Forgets what has expired.
pub(super) fn prune_expired(tx: &Tx<'_>, now_ms: i64, batch: u32) -> Result<u64, StoreError> {
    let mut gone = 0;
    for table in ["sessions", "invites"] {
        let query = format!(
            "DELETE FROM {table} WHERE id IN
               (SELECT id FROM {table} WHERE expires_at_ms <= ?1 ORDER BY expires_at_ms LIMIT ?2)"
        );
        gone += tx.prepare(&query)?.execute(params![now_ms, batch])?;
    }
    Ok(gone as u64)
}
