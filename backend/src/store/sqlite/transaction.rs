//! What a command has in its hands: the connection inside the transaction, and the end of the log.

use bytes::Bytes;
use rusqlite::{CachedStatement, Connection, params};
use shared::{
    cursor::{Cursor, Epoch, Offset},
    event::Event,
    id::SessionId,
    member::Timestamp,
};

use super::{posting_rights::PostingRights, rows::sql};
use crate::{
    domain::audience::Audience,
    store::{LogRow, payload},
};

const APPEND: &str = r#"INSERT INTO events ("offset", audience, kind, payload, at) VALUES (?1, ?2, ?3, ?4, ?5)"#;

/// The writer's transaction as one command sees it.
pub(super) struct Tx<'a> {
    connection: &'a Connection,
    rights: &'a PostingRights,
    epoch: Epoch,
    head: Offset,
    appended: Vec<LogRow>,
    ended: Vec<SessionId>,
    kept: Vec<(&'static str, CachedStatement<'a>)>,
}

/// What a transaction has come to, to be told once it is committed.
pub(super) struct Committed {
    /// The newest fact.
    pub(super) head: Offset,
    /// What was appended to the log, in order.
    pub(super) appended: Vec<LogRow>,
    /// Sessions that have ended.
    pub(super) ended: Vec<SessionId>,
}

/// How far a transaction had come before a command.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    head: Offset,
    ended: usize,
}

impl<'a> Tx<'a> {
    pub(super) const fn new(connection: &'a Connection, rights: &'a PostingRights, epoch: Epoch, head: Offset) -> Self {
        Self { connection, rights, epoch, head, appended: Vec::new(), ended: Vec::new(), kept: Vec::new() }
    }

    /// The connection, for the reads that commands share with the pool.
    pub(super) const fn connection(&self) -> &'a Connection {
        self.connection
    }

    /// Who is known to be allowed to post where.
    pub(super) const fn rights(&self) -> &'a PostingRights {
        self.rights
    }

    /// A statement, prepared once for all commands.
    pub(super) fn prepare(&self, sql: &str) -> rusqlite::Result<CachedStatement<'a>> {
        self.connection.prepare_cached(sql)
    }

    /// A statement that most commands need: taken out of the connection's cache once for all commands of the transaction.
    pub(super) fn prepare_once(&mut self, sql: &'static str) -> rusqlite::Result<&mut CachedStatement<'a>> {
        let at = match self.kept.iter().position(|(kept, _)| *kept == sql) {
            Some(at) => at,
            None => {
                self.kept.push((sql, self.connection.prepare_cached(sql)?));
                self.kept.len() - 1
            }
        };
        Ok(&mut self.kept[at].1)
    }

    /// The newest fact, this command's own included.
    pub(super) const fn head(&self) -> Offset {
        self.head
    }

    /// The cursor of a fact that this command appended. What is written now belongs to this start's epoch.
    pub(super) const fn cursor(&self, offset: Offset) -> Cursor {
        Cursor { epoch: self.epoch, offset }
    }

    /// Appends a fact and returns its offset.
    pub(super) fn append(&mut self, audience: Audience, event: &Event, at: &Timestamp) -> rusqlite::Result<Offset> {
        self.append_encoded(audience, event.kind(), payload::encode(event), at).map(|row| row.offset)
    }

    /// Appends a fact whose payload the caller has made with [`payload`], and returns its row.
    pub(super) fn append_encoded(
        &mut self,
        audience: Audience,
        kind: &str,
        payload: String,
        at: &Timestamp,
    ) -> rusqlite::Result<&LogRow> {
        let offset = self.head.next();
        self.prepare_once(APPEND)?.execute(params![sql(offset), audience.to_string(), kind, payload, at.0])?;
        self.head = offset;
        let (kind, payload) = (kind.to_owned(), Bytes::from(payload));
        self.appended.push(LogRow { offset, audience, kind, payload, is_own: true });
        Ok(self.appended.last().expect("it was just added"))
    }

    /// Takes note that a session has ended: once this is committed its streams are to end too.
    pub(super) fn ended(&mut self, session: SessionId) {
        self.ended.push(session);
    }

    /// What all commands have come to.
    pub(super) fn into_committed(self) -> Committed {
        Committed { head: self.head, appended: self.appended, ended: self.ended }
    }

    /// Where the transaction is now.
    pub(super) const fn mark(&self) -> Mark {
        Mark { head: self.head, ended: self.ended.len() }
    }

    /// Forgets what came after the mark, whose rows were rolled back.
    pub(super) fn rewind(&mut self, mark: Mark) {
        self.head = mark.head;
        self.appended.retain(|row| row.offset <= mark.head);
        self.ended.truncate(mark.ended);
    }
}
