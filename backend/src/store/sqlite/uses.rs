//! When and from where sessions are used: written now and then, for many at once, never by the request itself.

use std::net::IpAddr;

use rusqlite::{OptionalExtension, params};
use shared::id::{MemberId, SessionId};

use super::{session_cache::SessionCache, transaction::Tx};
use crate::{
    domain::address,
    store::{SessionUse, StoreError},
};

/// Addresses kept of one person: the last ones. More would be someone who roams through a large network on purpose.
const ADDRESSES_MAX: u32 = 200;

/// Takes note of uses; see [`crate::store::Sessions::record_uses`].
pub(super) fn record(
    tx: &Tx<'_>,
    cache: &SessionCache,
    uses: &[SessionUse],
) -> Result<Vec<(SessionId, i64)>, StoreError> {
    let mut renewed = Vec::new();
    for one in uses {
        // Who a session belongs to and what it may do stays as it was: what is cached stays true.
        let found: Option<Option<i64>> = cache.undisturbed(|| {
            let mut statement = tx.prepare(
                "UPDATE sessions SET last_used_ms = max(coalesce(last_used_ms, 0), ?2), address = coalesce(?3, address),
                   expires_at_ms = coalesce(min(ends_at_ms, max(coalesce(last_used_ms, 0), ?2) + idle_ms), ends_at_ms)
                 WHERE id = ?1 RETURNING iif(idle_ms IS NULL, NULL, expires_at_ms)",
            )?;
            let address = one.address.map(|address| address.to_string());
            statement.query_row(params![one.session.to_string(), one.at_ms, address], |row| row.get(0)).optional()
        })?;
        let Some(expires_at_ms) = found else { continue };
        renewed.extend(expires_at_ms.map(|expires_at_ms| (one.session, expires_at_ms)));
        if let Some(address) = one.address {
            keep_address(tx, one.member, address, one.at_ms)?;
        }
    }
    Ok(renewed)
}

/// Takes note of where a person came from.
pub(super) fn keep_address(tx: &Tx<'_>, member: MemberId, from: IpAddr, at_ms: i64) -> Result<(), StoreError> {
    let member = member.to_string();
    tx.prepare(
        "INSERT INTO addresses (member, address, last_used_ms) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET last_used_ms = max(last_used_ms, excluded.last_used_ms)",
    )?
    .execute(params![member, address::network(from), at_ms])?;
    tx.prepare(
        "DELETE FROM addresses WHERE member = ?1 AND address IN
           (SELECT address FROM addresses WHERE member = ?1 ORDER BY last_used_ms DESC LIMIT -1 OFFSET ?2)",
    )?
    .execute(params![member, ADDRESSES_MAX])?;
    Ok(())
}

/// Forgets addresses that were not used since; at most `batch` of them.
pub(super) fn prune_addresses(tx: &Tx<'_>, since_ms: i64, batch: u32) -> Result<usize, StoreError> {
    let pruned = tx
        .prepare(
            "DELETE FROM addresses WHERE (member, address) IN
               (SELECT member, address FROM addresses WHERE last_used_ms < ?1 ORDER BY last_used_ms LIMIT ?2)",
        )?
        .execute(params![since_ms, batch])?;
    Ok(pruned)
}
