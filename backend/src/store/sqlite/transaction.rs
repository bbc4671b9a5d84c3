//! What a command has in its hands: the connection inside the transaction, and the end of the log.

use bytes::Bytes;
use rusqlite::{CachedStatement, Connection, params};
use shared::{
    cursor::{Cursor, Epoch, Offset},
    event::Event,
    member::Timestamp,
};

use super::{posting_rights::PostingRights, rows::sql};
use crate::{
    domain::audience::Audience,
    store::{LogRow, payload},
};

/// The writer's transaction as one command sees it.
pub(super) struct Tx<'a> {
    connection: &'a Connection,
    rights: &'a PostingRights,
    epoch: Epoch,
    head: Offset,
    appended: Vec<LogRow>,
}

impl<'a> Tx<'a> {
    pub(super) const fn new(connection: &'a Connection, rights: &'a PostingRights, epoch: Epoch, head: Offset) -> Self {
        Self { connection, rights, epoch, head, appended: Vec::new() }
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
        self.append_encoded(audience, event.kind(), payload::encode(event), at)
    }

    /// Appends a fact whose payload the caller has made with [`payload`].
    pub(super) fn append_encoded(
        &mut self,
        audience: Audience,
        kind: &str,
        payload: String,
        at: &Timestamp,
    ) -> rusqlite::Result<Offset> {
        let offset = self.head.next();
        self.prepare(r#"INSERT INTO events ("offset", audience, kind, payload, at) VALUES (?1, ?2, ?3, ?4, ?5)"#)?
            .execute(params![sql(offset), audience.to_string(), kind, payload, at.0])?;
        self.head = offset;
        let (kind, payload) = (kind.to_owned(), Bytes::from(payload));
        self.appended.push(LogRow { offset, audience, kind, payload, is_own: true });
        Ok(offset)
    }

    /// Forgets the facts after `head`, whose rows were rolled back.
    pub(super) fn rewind(&mut self, head: Offset) {
        self.head = head;
        self.appended.retain(|row| row.offset <= head);
    }

    /// What all commands have appended, in order.
    pub(super) fn into_appended(self) -> Vec<LogRow> {
        self.appended
    }
}
