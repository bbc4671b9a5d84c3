//! Connections as this store needs them, and the schema.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, TransactionBehavior, params};
use shared::cursor::{Epoch, Offset};

use super::OpenError;
use crate::store::StoreError;

mod embedded {
    refinery::embed_migrations!("src/store/sqlite/migrations");
}

/// The steps that make the schema.
pub(super) fn migrations() -> refinery::Runner {
    embedded::migrations::runner()
}

/// SQLite 3.7.0 to 3.51.2 can corrupt a database in WAL mode (sqlite.org/wal.html, "the WAL-reset bug").
const SQLITE_MIN: i32 = 3_051_003;

/// The writer folds the WAL into the database when it has this many pages (16 MiB). Whoever posts meanwhile waits for it:
/// rarely enough that it is far less than one post in a hundred, also when the disk is at its limit.
const CHECKPOINT_PAGES: u32 = 4_000;

/// Pages that the writer keeps in memory, in KiB: the ends of all indexes, and what people come back to.
const WRITER_CACHE_KIB: i32 = 8 * 1024;

/// How long a connection waits for another one's lock. Only a checkpoint and the opening ever wait.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Statements kept prepared by each connection: more than there are in this store.
const STATEMENTS_CACHED: usize = 96;

/// Opens the connection that writes, brings the schema up to date and begins an epoch. Returns the head too.
pub(super) fn open_writer(path: &Path, epoch: Epoch) -> Result<(Connection, Offset), OpenError> {
    let found = rusqlite::version_number();
    if found < SQLITE_MIN {
        return Err(OpenError::SqliteTooOld { found: rusqlite::version() });
    }
    let mut connection = connect(path)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // FULL: the WAL is synced before a commit returns. The rest for macOS, whose fsync stops at the drive's cache.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    migrations().run(&mut connection)?;
    let head = begin_epoch(&mut connection, epoch)?;
    Ok((connection, head))
}

/// Opens a connection that only reads.
pub(super) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connect(path)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    // Neither URI nor CREATE: a path is a path, and the file is there already, with the right permissions.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    Ok(connection)
}

fn begin_epoch(connection: &mut Connection, epoch: Epoch) -> rusqlite::Result<Offset> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let head = super::log::head(&transaction)?;
    transaction.execute(
        "INSERT INTO epochs (epoch, first_offset) VALUES (?1, ?2)",
        params![epoch.to_string(), super::rows::sql(head.next())],
    )?;
    transaction.commit()?;
    Ok(head)
}

/// Whether the schema is still the one this program made or found.
pub(super) fn check_version(connection: &Connection) -> Result<(), StoreError> {
    let wanted = migrations().get_migrations().iter().map(refinery::Migration::version).max();
    let found = connection
        .prepare_cached("SELECT max(version) FROM refinery_schema_history")?
        .query_row([], |row| row.get::<_, Option<_>>(0))?;
    if found == wanted { Ok(()) } else { Err(StoreError::Unavailable("the schema is another version's".to_owned())) }
}
