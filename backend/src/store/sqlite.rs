//! The store on SQLite, for one machine: everything in one file beside the program.
//!
//! [`writer`] is the only thread that writes (group commit), [`pool`] holds the connections that read; every method
//! below hands a function of the areas ([`workspace`], [`sessions`], [`rooms`], [`messages`], [`log`]) to one of them.
//! WAL with `synchronous=FULL`: a commit has reached the disk before it is acknowledged (sqlite.org/wal.html).
//! `secure_delete`: what is deleted is overwritten.

mod error;
mod files;
mod log;
mod messages;
mod pool;
mod rooms;
mod rows;
mod schema;
mod session_cache;
mod sessions;
mod transaction;
mod workspace;
mod writer;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use shared::{
    cursor::{Epoch, Offset},
    id::{MemberId, SessionId},
    member::{Member, Timestamp, Workspace},
    message::MessagePage,
    replica::window::PageAt,
    request::MoveRead,
    room::ReadPosition,
    session::{InvitePreview, RoomList, RoomView, Snapshot},
};

use super::{
    Credentials, JoinByInvite, LogBounds, LogRow, Membership, NewInvite, NewSession, OpenWorkspace, PostMessage,
    Posted, RoomRef, SecretHash, SessionOwner, Store, StoreError,
};
use files::DataDir;
use pool::ReadPool;
use session_cache::SessionCache;
use writer::{Hooks, Writer};

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
    _dir: DataDir,
}

impl SqliteStore {
    /// Opens the database in `dir`, or makes both; brings the schema up to date; begins `epoch`, which the caller has
    /// drawn for this start. `on_commit` is called, on the writer's thread, with the new head after every commit that
    /// moved it: it must not block. Blocks for as long as migrations and the recovery of a WAL take.
    ///
    /// # Errors
    /// [`OpenError::InUse`] while another store has the directory open, in this process or another; the others as they
    /// say.
    pub fn open(dir: &Path, on_commit: Box<dyn Fn(Offset) + Send + Sync>, epoch: Epoch) -> Result<Self, OpenError> {
        let claimed = DataDir::claim(dir)?;
        let (connection, head) = schema::open_writer(&claimed.database(), epoch)?;
        let sessions = SessionCache::default();
        sessions.watch(&connection)?;
        let committed = {
            let sessions = sessions.clone();
            Box::new(move || sessions.committed())
        };
        let writer = Writer::start(connection, epoch, head, Hooks { committed, head_moved: on_commit })
            .map_err(|source| OpenError::Directory { path: dir.to_owned(), source })?;
        Ok(Self { writer, readers: ReadPool::new(claimed.database()), sessions, _dir: claimed })
    }

    /// Resolves when the disk has failed, with what it said. From then on every command is answered with
    /// [`StoreError::Unavailable`]; only a new process can tell what is on the disk, so this one should end.
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

#[async_trait]
impl Store for SqliteStore {
    async fn workspace(&self) -> Result<Option<Workspace>, StoreError> {
        self.readers.read(|tx| workspace::workspace(tx)).await
    }

    async fn open_workspace(&self, command: OpenWorkspace) -> Result<Member, StoreError> {
        self.writer.run(move |tx| workspace::open(tx, &command)).await
    }

    async fn credentials(&self, name_key: &str) -> Result<Option<Credentials>, StoreError> {
        let name_key = name_key.to_owned();
        self.readers.read(move |tx| sessions::credentials(tx, &name_key)).await
    }

    async fn create_session(&self, member: MemberId, session: NewSession) -> Result<(), StoreError> {
        self.writer.run(move |tx| sessions::create(tx, member, &session)).await
    }

    async fn session(&self, secret: SecretHash, now_ms: i64) -> Result<Option<SessionOwner>, StoreError> {
        let generation = match self.sessions.get(&secret, now_ms) {
            Ok(owner) => return Ok(Some(owner)),
            Err(generation) => generation,
        };
        let owner = self.readers.read(move |tx| sessions::owner(tx, &secret, now_ms)).await?;
        if let Some(owner) = &owner {
            self.sessions.keep(secret, owner, generation);
        }
        Ok(owner)
    }

    async fn end_session(&self, session: SessionId) -> Result<(), StoreError> {
        self.writer.run(move |tx| sessions::end(tx, session)).await
    }

    async fn create_invite(&self, invite: NewInvite) -> Result<(), StoreError> {
        self.writer.run(move |tx| workspace::create_invite(tx, &invite)).await
    }

    async fn invite(&self, secret: SecretHash, now_ms: i64) -> Result<InvitePreview, StoreError> {
        self.readers.read(move |tx| rooms::invite(tx, &secret, now_ms)).await
    }

    async fn join(&self, command: JoinByInvite) -> Result<Member, StoreError> {
        self.writer.run(move |tx| workspace::join(tx, &command)).await
    }

    async fn snapshot(&self, member: MemberId) -> Result<Snapshot, StoreError> {
        self.readers.read(move |tx| rooms::snapshot(tx, member)).await
    }

    async fn rooms(&self, member: MemberId) -> Result<RoomList, StoreError> {
        self.readers.read(move |tx| rooms::list(tx, member)).await
    }

    async fn room(&self, member: MemberId, room: &RoomRef) -> Result<RoomView, StoreError> {
        let room = room.clone();
        self.readers.read(move |tx| rooms::view(tx, member, &room)).await
    }

    async fn member(&self, member: MemberId) -> Result<Member, StoreError> {
        self.readers.read(move |tx| sessions::member(tx, member)).await
    }

    async fn messages(
        &self,
        member: MemberId,
        room: &RoomRef,
        at: PageAt,
        limit: u32,
    ) -> Result<MessagePage, StoreError> {
        let room = room.clone();
        self.readers.read(move |tx| messages::page(tx, member, &room, at, limit)).await
    }

    async fn post_message(&self, command: PostMessage) -> Result<Posted, StoreError> {
        self.writer.run(move |tx| messages::post(tx, &command)).await
    }

    async fn move_read(&self, member: MemberId, room: &RoomRef, to: MoveRead) -> Result<ReadPosition, StoreError> {
        let room = room.clone();
        self.writer.run(move |tx| rooms::move_read(tx, member, &room, &to)).await
    }

    async fn reads(&self, member: MemberId) -> Result<Vec<ReadPosition>, StoreError> {
        self.readers.read(move |tx| rooms::reads(tx, member)).await
    }

    async fn log_bounds(&self) -> Result<LogBounds, StoreError> {
        self.readers.read(|tx| log::bounds(tx)).await
    }

    async fn read_log(&self, after: Offset, limit: usize) -> Result<Vec<LogRow>, StoreError> {
        self.readers.read(move |tx| log::read(tx, after, limit)).await
    }

    async fn memberships(&self) -> Result<(Offset, Vec<Membership>), StoreError> {
        self.readers.read(|tx| rooms::memberships(tx)).await
    }

    async fn prune_log(&self, before: Timestamp, keep: u64, batch: u32) -> Result<u64, StoreError> {
        self.writer.run(move |tx| log::prune(tx, &before, keep, batch)).await
    }

    async fn prune_expired(&self, now_ms: i64, batch: u32) -> Result<u64, StoreError> {
        self.writer.run(move |tx| sessions::prune_expired(tx, now_ms, batch)).await
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
