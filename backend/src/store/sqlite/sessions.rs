//! Sessions.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};
use shared::id::{MemberId, SessionId};

use super::{
    SqliteStore, accounts,
    rows::{self, MEMBER, parsed},
    transaction::Tx,
};
use crate::store::{self, NewSession, SecretHash, SessionOwner, StoreError};

#[async_trait]
impl store::Sessions for SqliteStore {
    async fn create_session(&self, member: MemberId, session: NewSession) -> Result<(), StoreError> {
        self.writer.run(move |tx| create(tx, member, &session)).await
    }

    async fn session(&self, secret: SecretHash, now_ms: i64) -> Result<Option<SessionOwner>, StoreError> {
        let generation = match self.sessions.get(&secret, now_ms) {
            Ok(owner) => return Ok(Some(owner)),
            Err(generation) => generation,
        };
        let found = self.readers.read(move |tx| owner(tx, &secret, now_ms)).await?;
        if let Some(found) = &found {
            self.sessions.keep(secret, found, generation);
        }
        Ok(found)
    }

    async fn end_session(&self, session: SessionId) -> Result<(), StoreError> {
        self.writer.run(move |tx| end(tx, session)).await
    }

    async fn prune_expired(&self, now_ms: i64, batch: u32) -> Result<u64, StoreError> {
        self.writer.run(move |tx| prune_expired(tx, now_ms, batch)).await
    }
}

/// The owner of a session that has not expired.
pub(super) fn owner(
    connection: &Connection,
    secret: &SecretHash,
    now_ms: i64,
) -> Result<Option<SessionOwner>, StoreError> {
    let query = format!(
        "SELECT {MEMBER}, s.id AS session, s.expires_at_ms FROM sessions AS s JOIN members AS p ON p.id = s.member
         WHERE s.secret = ?1 AND s.expires_at_ms > ?2 AND p.active"
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
    accounts::by_id(tx.connection(), owner)?;
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
