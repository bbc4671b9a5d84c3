//! The log itself: its head, its epochs, its rows, and how old rows go.

use async_trait::async_trait;
use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, Row, params};
use shared::{
    cursor::{Cursor, Epoch, Offset},
    member::Timestamp,
};

use super::{
    SqliteStore,
    rows::{collect, offset, parsed, sql},
    schema,
    transaction::Tx,
};
use crate::{
    domain::audience::Audience,
    store::{self, EpochStart, LogBounds, LogRow, StoreError},
};

#[async_trait]
impl store::LogStore for SqliteStore {
    async fn log_bounds(&self) -> Result<LogBounds, StoreError> {
        self.readers.read(|tx| bounds(tx)).await
    }

    async fn read_log(&self, after: Offset, limit: usize) -> Result<Vec<LogRow>, StoreError> {
        if let Some(recent) = self.recent.after(after, limit) {
            return Ok(recent);
        }
        self.readers.read(move |tx| read(tx, after, limit)).await
    }

    async fn prune_log(&self, before: Timestamp, keep: u64, batch: u32) -> Result<u64, StoreError> {
        self.writer.run(move |tx| prune(tx, &before, keep, batch)).await
    }

    async fn checkpoint(&self) -> Result<(), StoreError> {
        self.writer.checkpoint().await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        if let Some(cause) = &*self.writer.failure().borrow() {
            return Err(StoreError::Unavailable(cause.clone()));
        }
        self.readers.read(|tx| schema::check_version(tx)).await
    }
}

/// The newest offset that was ever given; rows may have been pruned since.
pub(super) fn head(connection: &Connection) -> rusqlite::Result<Offset> {
    connection.prepare_cached("SELECT head FROM log")?.query_row([], |row| offset(row, "head"))
}

/// Where a reader of everything is now.
pub(super) fn head_cursor(connection: &Connection) -> Result<Cursor, StoreError> {
    cursor_at(connection, head(connection)?)
}

/// [`crate::store::cursor_at`], without reading all the epochs.
pub(super) fn cursor_at(connection: &Connection, at: Offset) -> Result<Cursor, StoreError> {
    let epoch: Option<Epoch> = connection
        .prepare_cached(
            "SELECT epoch FROM epochs WHERE first_offset <= ?1 ORDER BY first_offset DESC, number DESC LIMIT 1",
        )?
        .query_row([sql(at.max(Offset(1)))], |row| parsed(row, "epoch"))
        .optional()?;
    let epoch = epoch.ok_or_else(|| StoreError::Corrupt(format!("offset {at} belongs to no epoch")))?;
    Ok(Cursor { epoch, offset: at })
}

/// What the log spans.
fn bounds(connection: &Connection) -> Result<LogBounds, StoreError> {
    let head = head(connection)?;
    let mut statement = connection.prepare_cached("SELECT epoch, first_offset FROM epochs ORDER BY number")?;
    let epochs = statement.query_map([], |row| {
        Ok(EpochStart { epoch: parsed(row, "epoch")?, first_offset: offset(row, "first_offset")? })
    })?;
    Ok(LogBounds { oldest: oldest(connection)?.unwrap_or(head.next()), head, epochs: collect(epochs, "epochs")? })
}

fn oldest(connection: &Connection) -> rusqlite::Result<Option<Offset>> {
    let oldest: Option<u64> =
        connection.prepare_cached(r#"SELECT min("offset") FROM events"#)?.query_row([], |row| row.get(0))?;
    Ok(oldest.map(Offset))
}

/// The next rows, raw: what a row says is for its readers to judge, and one that says nonsense is still a row.
fn read(connection: &Connection, after: Offset, limit: usize) -> Result<Vec<LogRow>, StoreError> {
    let mut statement = connection.prepare_cached(
        r#"SELECT "offset", audience, kind, payload FROM events WHERE "offset" > ?1 ORDER BY "offset" LIMIT ?2"#,
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![sql(after), limit], log_row)?;
    rows.map(|row| row.map_err(StoreError::from)).collect()
}

fn log_row(row: &Row<'_>) -> rusqlite::Result<LogRow> {
    let text =
        |column| row.get_ref(column).and_then(|value| Ok(String::from_utf8_lossy(value.as_bytes()?).into_owned()));
    Ok(LogRow {
        offset: offset(row, "offset")?,
        audience: text("audience")?.parse().unwrap_or(Audience::Nobody),
        kind: text("kind")?,
        payload: Bytes::copy_from_slice(row.get_ref("payload")?.as_bytes()?),
        is_own: false,
    })
}

/// Deletes the oldest rows, at most `batch`, as long as they are older than `before` and not among the newest `keep`.
/// Returns how many. Epochs that no valid cursor can name any more go with them.
fn prune(tx: &Tx<'_>, before: &Timestamp, keep: u64, batch: u32) -> Result<u64, StoreError> {
    let Some(oldest) = oldest(tx.connection())? else { return Ok(0) };
    let kept_from = (tx.head().0 + 1).saturating_sub(keep);
    let end = Offset(kept_from.min(oldest.0.saturating_add(u64::from(batch))));
    // Stops at the first row that is young enough, whatever a jumping clock wrote behind it: no holes. Moments have one
    // form and length, so their texts compare as they do.
    let young: Option<u64> = tx
        .prepare(r#"SELECT "offset" FROM events WHERE "offset" < ?1 AND at >= ?2 ORDER BY "offset" LIMIT 1"#)?
        .query_row(params![sql(end), before.0], |row| row.get(0))
        .optional()?;
    let end = young.map_or(end, Offset);
    let pruned = tx.prepare(r#"DELETE FROM events WHERE "offset" < ?1"#)?.execute([sql(end)])?;
    // A cursor right before the oldest row can still be resumed; its epoch stays.
    tx.prepare(
        "DELETE FROM epochs WHERE EXISTS
           (SELECT 1 FROM epochs AS next WHERE next.number > epochs.number AND next.first_offset < ?1)",
    )?
    .execute([sql(end)])?;
    Ok(pruned as u64)
}
