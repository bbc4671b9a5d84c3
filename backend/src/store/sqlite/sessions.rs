//! Sessions and tokens: made, found, listed, ended.
//!
//! Whatever ends a session says so to the transaction, which tells the streams after the commit. What takes a whole
//! account out of use only deletes ([`drop_all`]): the fact in the log ends its streams, and says why.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};
use shared::{
    audit::AuditAct,
    id::{MemberId, SessionId},
    limits::OWN_MAX,
    session::{Access, SessionInfo, TokenInfo},
};

use super::{
    SqliteStore, accounts, audit, links,
    rows::{self, MEMBER, collect, parsed, timestamp},
    transaction::Tx,
    uses,
};
use crate::{
    clock,
    domain::DomainError,
    store::{self, By, LinkKind, NEVER_MS, NewSession, SecretHash, SessionOwner, SessionUse, StoreError},
};

#[async_trait]
impl store::Sessions for SqliteStore {
    async fn create_session(&self, member: MemberId, session: NewSession) -> Result<(), StoreError> {
        self.writer.run(move |tx| sign_in(tx, member, &session)).await
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

    async fn sessions(
        &self,
        member: MemberId,
        current: SessionId,
        now_ms: i64,
    ) -> Result<Vec<SessionInfo>, StoreError> {
        self.readers.read(move |tx| sessions(tx, member, current, now_ms)).await
    }

    async fn revoke_session(&self, member: MemberId, session: SessionId) -> Result<(), StoreError> {
        self.writer.run(move |tx| revoke(tx, member, session, "session").map(drop)).await
    }

    async fn end_other_sessions(&self, member: MemberId, kept: SessionId) -> Result<(), StoreError> {
        self.writer.run(move |tx| end_all(tx, member, Some(kept))).await
    }

    async fn tokens(&self, member: MemberId, now_ms: i64) -> Result<Vec<TokenInfo>, StoreError> {
        self.readers.read(move |tx| tokens(tx, member, now_ms)).await
    }

    async fn create_token(&self, by: By, token: NewSession) -> Result<TokenInfo, StoreError> {
        self.writer.run(move |tx| create_token(tx, &by, &token)).await
    }

    async fn revoke_token(&self, by: By, token: SessionId) -> Result<(), StoreError> {
        self.writer.run(move |tx| revoke_token(tx, &by, token)).await
    }

    async fn record_uses(&self, uses: Vec<SessionUse>) -> Result<Vec<(SessionId, i64)>, StoreError> {
        let cache = self.sessions.clone();
        let renewed = self.writer.run(move |tx| uses::record(tx, &cache, &uses)).await?;
        self.sessions.renew(&renewed);
        Ok(renewed)
    }

    async fn prune_expired(&self, now_ms: i64, addresses_since_ms: i64, batch: u32) -> Result<u64, StoreError> {
        self.writer.run(move |tx| prune_expired(tx, now_ms, addresses_since_ms, batch)).await
    }
}

/// The owner of a session that has not expired.
pub(super) fn owner(
    connection: &Connection,
    secret: &SecretHash,
    now_ms: i64,
) -> Result<Option<SessionOwner>, StoreError> {
    let query = format!(
        "SELECT {MEMBER}, s.id AS session, s.access, s.expires_at_ms FROM sessions AS s
         JOIN members AS p ON p.id = s.member WHERE s.secret = ?1 AND s.expires_at_ms > ?2 AND p.active"
    );
    let found = connection.prepare_cached(&query)?.query_row(params![secret, now_ms], |row| {
        Ok(SessionOwner {
            session: parsed(row, "session")?,
            member: rows::member(row)?,
            access: access(row)?,
            expires_at_ms: row.get("expires_at_ms")?,
        })
    });
    Ok(found.optional()?)
}

fn access(row: &Row<'_>) -> rusqlite::Result<Access> {
    Ok(Access::from_word(row.get_ref("access")?.as_str()?))
}

/// Signs a member in; the sessions that this is one too many for, end.
pub(super) fn sign_in(tx: &mut Tx<'_>, owner: MemberId, session: &NewSession) -> Result<(), StoreError> {
    accounts::actor(tx.connection(), owner)?;
    while count(tx, owner, session)? >= OWN_MAX {
        let oldest: Option<SessionId> = tx
            .prepare(
                "SELECT id FROM sessions WHERE member = ?1 AND kind = ?2 AND ends_at_ms < ?3
                 ORDER BY coalesce(last_used_ms, 0), created_at LIMIT 1",
            )?
            .query_row(params![owner.to_string(), kind(session), NEVER_MS], |row| parsed(row, "id"))
            .optional()?;
        end(tx, oldest.ok_or(DomainError::LimitReached)?)?;
    }
    create(tx, owner, session)
}

const fn kind(session: &NewSession) -> &'static str {
    if session.token.is_some() { "token" } else { "session" }
}

/// How many of this kind a member has.
fn count(tx: &Tx<'_>, owner: MemberId, session: &NewSession) -> Result<u32, StoreError> {
    let mut statement =
        tx.prepare("SELECT count(*) FROM sessions WHERE member = ?1 AND kind = ?2 AND expires_at_ms > ?3")?;
    Ok(statement.query_row(params![owner.to_string(), kind(session), session.at_ms], |row| row.get(0))?)
}

/// Writes a session or token. Whether there may be one more is the caller's to ask.
pub(super) fn create(tx: &Tx<'_>, owner: MemberId, session: &NewSession) -> Result<(), StoreError> {
    let idle_at_ms = session.idle_ms.map_or(NEVER_MS, |idle_ms| session.at_ms.saturating_add(idle_ms));
    tx.prepare(
        "INSERT INTO sessions (id, secret, member, created_at, expires_at_ms, ends_at_ms, idle_ms, kind, access, label,
                               device, address, last_used_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute(params![
        session.id.to_string(),
        session.secret,
        owner.to_string(),
        session.at.0,
        session.expires_at_ms.min(idle_at_ms),
        session.expires_at_ms,
        session.idle_ms,
        kind(session),
        session.token.as_ref().map_or(Access::All, |token| token.access).as_str(),
        session.token.as_ref().map(|token| token.label.as_str()),
        session.place.device,
        session.place.address.map(|address| address.to_string()),
        session.token.is_none().then_some(session.at_ms)
    ])?;
    if let Some(address) = session.place.address {
        uses::keep_address(tx, owner, address, session.at_ms)?;
    }
    Ok(())
}

/// Signs out.
fn end(tx: &mut Tx<'_>, session: SessionId) -> Result<(), StoreError> {
    let owner = tx
        .prepare("DELETE FROM sessions WHERE id = ?1 RETURNING member")?
        .query_row([session.to_string()], |row| parsed(row, "member"))
        .optional()?;
    if let Some(owner) = owner {
        tx.ended(session);
        // It may be a device that was lost, and the link made on it.
        links::withdraw(tx, owner, LinkKind::Device)?;
    }
    Ok(())
}

/// Ends every session of a member, and every token made by signing in, but the one that is kept. Tokens that were made
/// for programs stay.
pub(super) fn end_all(tx: &mut Tx<'_>, owner: MemberId, kept: Option<SessionId>) -> Result<(), StoreError> {
    let ended: Vec<SessionId> = {
        let mut statement = tx.prepare(
            "DELETE FROM sessions WHERE member = ?1 AND id IS NOT ?2 AND (kind = 'session' OR ends_at_ms < ?3)
             RETURNING id",
        )?;
        let kept = kept.map(|kept| kept.to_string());
        let rows = statement.query_map(params![owner.to_string(), kept, NEVER_MS], |row| parsed(row, "id"))?;
        collect(rows, "sessions")?
    };
    ended.into_iter().for_each(|session| tx.ended(session));
    Ok(())
}

/// Deletes every session and token of an account that goes out of use. Its streams end with the fact that says so.
pub(super) fn drop_all(tx: &Tx<'_>, owner: MemberId) -> Result<(), StoreError> {
    tx.prepare("DELETE FROM sessions WHERE member = ?1")?.execute([owner.to_string()])?;
    Ok(())
}

fn sessions(
    connection: &Connection,
    member: MemberId,
    current: SessionId,
    now_ms: i64,
) -> Result<Vec<SessionInfo>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, id = ?2 AS current, device, address, created_at, last_used_ms, expires_at_ms FROM sessions
         WHERE member = ?1 AND kind = 'session' AND expires_at_ms > ?3
         ORDER BY current DESC, last_used_ms DESC, created_at DESC",
    )?;
    let rows = statement.query_map(params![member.to_string(), current.to_string(), now_ms], |row| {
        let created_at = timestamp(row, "created_at")?;
        let last_used_ms: Option<i64> = row.get("last_used_ms")?;
        Ok(SessionInfo {
            id: parsed(row, "id")?,
            current: row.get("current")?,
            device: row.get("device")?,
            address: row.get("address")?,
            last_used_at: last_used_ms.map_or_else(|| created_at.clone(), clock::timestamp),
            created_at,
            expires_at: clock::timestamp(row.get("expires_at_ms")?),
        })
    })?;
    collect(rows, "sessions")
}

/// Ends a session or token of the member's own. Returns its label.
fn revoke(tx: &mut Tx<'_>, member: MemberId, session: SessionId, kind: &str) -> Result<Option<String>, StoreError> {
    let label = tx
        .prepare("SELECT label FROM sessions WHERE id = ?1 AND member = ?2 AND kind = ?3")?
        .query_row(params![session.to_string(), member.to_string(), kind], |row| row.get(0))
        .optional()?
        .ok_or(StoreError::NotFound)?;
    end(tx, session)?;
    Ok(label)
}

/// Columns of [`token`].
const TOKEN: &str = "id, label, access, created_at, last_used_ms, ends_at_ms";

fn token(row: &Row<'_>) -> rusqlite::Result<TokenInfo> {
    let (last_used_ms, ends_at_ms): (Option<i64>, i64) = (row.get("last_used_ms")?, row.get("ends_at_ms")?);
    Ok(TokenInfo {
        id: parsed(row, "id")?,
        label: parsed(row, "label")?,
        access: access(row)?,
        created_at: timestamp(row, "created_at")?,
        last_used_at: last_used_ms.map(clock::timestamp),
        expires_at: (ends_at_ms < NEVER_MS).then(|| clock::timestamp(ends_at_ms)),
    })
}

fn tokens(connection: &Connection, member: MemberId, now_ms: i64) -> Result<Vec<TokenInfo>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {TOKEN} FROM sessions WHERE member = ?1 AND kind = 'token' AND expires_at_ms > ?2
         ORDER BY created_at DESC, id"
    ))?;
    let rows = statement.query_map(params![member.to_string(), now_ms], token)?;
    collect(rows, "sessions")
}

fn create_token(tx: &mut Tx<'_>, by: &By, new: &NewSession) -> Result<TokenInfo, StoreError> {
    accounts::actor(tx.connection(), by.member)?;
    if count(tx, by.member, new)? >= OWN_MAX {
        return Err(DomainError::LimitReached.into());
    }
    create(tx, by.member, new)?;
    let detail = new.token.as_ref().map(|token| token.label.to_string());
    audit::record(tx, by, AuditAct::TokenMade, audit::Subject { detail, ..Default::default() })?;
    let query = format!("SELECT {TOKEN} FROM sessions WHERE id = ?1");
    Ok(tx.prepare(&query)?.query_row([new.id.to_string()], token)?)
}

fn revoke_token(tx: &mut Tx<'_>, by: &By, token: SessionId) -> Result<(), StoreError> {
    accounts::actor(tx.connection(), by.member)?;
    let detail = revoke(tx, by.member, token, "token")?;
    audit::record(tx, by, AuditAct::TokenRevoked, audit::Subject { detail, ..Default::default() })?;
    Ok(())
}

/// Forgets what has expired.
fn prune_expired(tx: &mut Tx<'_>, now_ms: i64, addresses_since_ms: i64, batch: u32) -> Result<u64, StoreError> {
    let mut gone = uses::prune_addresses(tx, addresses_since_ms, batch)?;
    for (table, key) in [("sessions", "id"), ("invites", "id"), ("links", "secret")] {
        let query = format!(
            "DELETE FROM {table} WHERE {key} IN
               (SELECT {key} FROM {table} WHERE expires_at_ms <= ?1 ORDER BY expires_at_ms LIMIT ?2)"
        );
        gone += tx.prepare(&query)?.execute(params![now_ms, batch])?;
    }
    Ok(gone as u64)
}
