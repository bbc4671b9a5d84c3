//! The store on SQLite, for one machine: everything in one file beside the program.
//!
//! [`writer`] is the only thread that writes (group commit), [`pool`] holds the connections that read; each area's trait is implemented in the module of its name ([`accounts`], [`people`],
//! [`bans`], [`workspace`], [`sessions`], [`invites`], [`rooms`], [`messages`], [`log`]) by handing its functions to one of them.
//! WAL with `synchronous=FULL`: a commit has reached the disk before it is acknowledged (sqlite.org/wal.html).
//! `secure_delete`: what is deleted is overwritten.

mod accounts;
mod audit;
mod bans;
mod changes;
mod deletion;
mod directory;
mod error;
mod files;
mod invites;
mod links;
mod log;
mod memberships;
mod messages;
mod people;
mod pool;
mod posting_rights;
mod purge;
mod reads;
mod recent;
mod rooms;
mod rows;
mod schema;
mod session_cache;
mod sessions;
mod snapshot;
mod transaction;
mod uses;
mod workspace;
mod writer;

#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use shared::cursor::Epoch;

use changes::Changes;
use files::DataDir;
use pool::ReadPool;
use posting_rights::PostingRights;
use recent::RecentRows;
use session_cache::SessionCache;
use writer::{Hooks, Writer};

use crate::store::Watch;

/// Why a data directory could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("another teahouse is using {}", path.display())]
    InUse {
        /// The data directory.
        path: PathBuf,
    },
    /// The directory, or a file in it, cannot be made, opened or locked.
    #[error("cannot use the data directory {}: {source}", path.display())]
    Directory {
        /// The data directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// This program was built with an SQLite that can corrupt its WAL.
    #[error("this program holds SQLite {found}; 3.51.3 or newer is needed")]
    SqliteTooOld {
        /// The version found.
        found: &'static str,
    },
    /// The schema could not be brought up to date, or is a later version's.
    #[error("the database cannot be migrated: {0}")]
    Migration(#[from] refinery::Error),
    /// The database refused something else.
    #[error("the database cannot be opened: {0}")]
    Database(#[from] rusqlite::Error),
}

/// The store on SQLite. Dropping it runs the commands that wait, closes the database and frees the directory; it blocks
/// for as long as that takes, usually one commit.
#[derive(Debug)]
pub struct SqliteStore {
    // In the order in which they are to end: the lock last.
    writer: Writer,
    readers: ReadPool,
    sessions: SessionCache,
    recent: Arc<RecentRows>,
    _dir: DataDir,
}

impl SqliteStore {
    /// Opens the database in `dir`, or makes both; brings the schema up to date; begins `epoch`, which the caller has
    /// drawn for this start. `watch` is told, on the writer's thread, what was committed. Blocks for as long as migrations and the recovery of a WAL take.
    ///
    /// # Errors
    /// [`OpenError::InUse`] while another store has the directory open, in this process or another; the others as they
    /// say.
    pub fn open(dir: &Path, watch: Box<dyn Watch>, epoch: Epoch) -> Result<Self, OpenError> {
        let claimed = DataDir::claim(dir)?;
        let (connection, head) = schema::open_writer(&claimed.database(), epoch)?;
        let (changes, recent) = (Changes::default(), Arc::<RecentRows>::default());
        changes.watch(&connection)?;
        let sessions = SessionCache::new(changes.clone());
        let rights = PostingRights::new(changes.clone());
        let committed = {
            let (sessions, recent) = (sessions.clone(), Arc::clone(&recent));
            Box::new(move |appended| {
                recent.committed(appended, changes.take_log());
                sessions.committed();
            })
        };
        let writer = Writer::start(connection, rights, epoch, head, Hooks { committed, watch })
            .map_err(|source| OpenError::Directory { path: dir.to_owned(), source })?;
        Ok(Self { writer, readers: ReadPool::new(claimed.database()), sessions, recent, _dir: claimed })
    }

    /// Resolves when the disk has failed, with what it said. From then on every command is answered with
    /// [`StoreError::Unavailable`](crate::store::StoreError::Unavailable); only a new process can tell what is on the disk, so this one should end.
    /// Cancel-safe.
    pub async fn failed(&self) -> String {
        let mut failure = self.writer.failure();
        match failure.wait_for(Option::is_some).await.map(|cause| cause.clone()) {
            Ok(cause) => cause.unwrap_or_default(),
            // The writer has ended: its store is being dropped, and that is no failure.
            Err(_) => std::future::pending().await,
        }
    }
}
