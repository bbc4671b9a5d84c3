//! Deleting messages: what was said is overwritten wherever it was written, and a tombstone stays in its place.
//!
//! `secure_delete` overwrites what an UPDATE frees inside the database; the WAL still holds older pages until the next
//! checkpoint, at most a minute later. A test looks for the text in the files.

use rusqlite::{OptionalExtension, params};
use shared::{
    audit::AuditAct,
    event::{MessageDeleted, MessagePosted},
    id::MessageId,
    member::Timestamp,
    message::{Message, MessageRemoved},
    policy::RoomAction,
};

use super::{
    accounts, audit, log, rooms,
    rows::{self, MESSAGE, sql},
    transaction::Tx,
};
use crate::{
    domain::audience::Audience,
    store::{DeleteMessage, RoomRef, StoreError, payload},
};

/// Turns a message into a tombstone, unless it is one.
pub(super) fn delete(tx: &mut Tx<'_>, command: &DeleteMessage) -> Result<MessageRemoved, StoreError> {
    let actor = accounts::actor(tx.connection(), command.by.member)?;
    let message = by_id(tx, command.message)?;
    let own = message.author == actor.id;
    let action = if own { RoomAction::DeleteOwn } else { RoomAction::DeleteOthers };
    let room = rooms::require(tx.connection(), actor, &RoomRef::Id(message.room), action)?.id;
    if message.deleted {
        let cursor = log::cursor_at(tx.connection(), message.rev)?;
        return Ok(MessageRemoved { message, cursor });
    }
    let message = bury(tx, message, &command.by.at)?;
    if !own {
        let subject = audit::Subject { member: Some(message.author), room: Some(room), ..Default::default() };
        audit::record(tx, &command.by, AuditAct::MessageDeleted, subject)?;
    }
    let cursor = tx.cursor(message.rev);
    Ok(MessageRemoved { message, cursor })
}

fn by_id(tx: &Tx<'_>, id: MessageId) -> Result<Message, StoreError> {
    let query = format!("SELECT {MESSAGE} FROM messages AS m WHERE m.id = ?1");
    let found = tx.prepare(&query)?.query_row([id.to_string()], rows::message).optional()?;
    found.ok_or(StoreError::NotFound)
}

/// Deletes a message that has not been deleted, whoever wants it: overwrites the message and the fact of its posting,
/// and appends the fact of its deletion. Returns the tombstone.
pub(super) fn bury(tx: &mut Tx<'_>, mut message: Message, at: &Timestamp) -> Result<Message, StoreError> {
    let fact =
        MessageDeleted { room: message.room, message: message.id, author: message.author, offset: message.offset };
    message.bury(tx.append(Audience::Room(message.room), &fact.into(), at)?);
    tx.prepare(r#"UPDATE messages SET body = '', html = NULL, deleted = 1, rev = ?2 WHERE "offset" = ?1"#)?
        .execute(params![sql(message.offset), sql(message.rev)])?;
    let posting = payload::encode(&MessagePosted { room: message.room, message: message.clone() }.into());
    // Nothing to overwrite when the log does not go back that far any more.
    tx.prepare(r#"UPDATE events SET payload = ?2 WHERE "offset" = ?1"#)?
        .execute(params![sql(message.offset), posting])?;
    tx.prepare("UPDATE rooms SET last_deletion = ?2 WHERE id = ?1")?
        .execute(params![message.room.to_string(), sql(message.rev)])?;
    Ok(message)
}
