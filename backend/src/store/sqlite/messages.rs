//! Messages: posting one, and pages of a room's history.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};
use shared::{
    cursor::Offset,
    id::{MemberId, RoomId},
    message::{Message, MessagePage, MessageRemoved},
    policy::RoomAction,
    replica::window::PageAt,
    request::{MessagePosted, MoveRead},
    room::ReadPosition,
};

use super::{
    SqliteStore, accounts, deletion, log, reads, rooms,
    rows::{self, MESSAGE, readable, sql},
    transaction::Tx,
};
use crate::{
    domain::{audience::Audience, markdown::RENDERER_VERSION, message::accept_retry},
    store::{self, DeleteMessage, PostMessage, Posted, RoomRef, SecretHash, StoreError, payload},
};

#[async_trait]
impl store::Messages for SqliteStore {
    async fn messages(
        &self,
        member: MemberId,
        room: &RoomRef,
        at: PageAt,
        limit: u32,
    ) -> Result<MessagePage, StoreError> {
        let room = room.clone();
        self.readers.read(move |tx| page(tx, member, &room, at, limit)).await
    }

    async fn post_message(&self, command: PostMessage) -> Result<Posted, StoreError> {
        self.writer.run(move |tx| post(tx, &command)).await
    }

    async fn delete_message(&self, command: DeleteMessage) -> Result<MessageRemoved, StoreError> {
        self.writer.run(move |tx| deletion::delete(tx, &command)).await
    }

    async fn move_read(&self, member: MemberId, room: &RoomRef, to: MoveRead) -> Result<ReadPosition, StoreError> {
        let room = room.clone();
        self.writer.run(move |tx| reads::move_read(tx, member, &room, &to)).await
    }

    async fn reads(&self, member: MemberId) -> Result<Vec<ReadPosition>, StoreError> {
        self.readers.read(move |tx| reads::all(tx, member)).await
    }
}

/// The fact's name; its payload is made by [`payload::message_posted`].
const KIND: &str = "message_posted";

/// Posts a message, or finds the one posted under the same key.
///
/// A retry gets its answer even when the author has left the room since.
pub(super) fn post(tx: &mut Tx<'_>, command: &PostMessage) -> Result<Posted, StoreError> {
    let room = match require_room(tx, command) {
        Ok(room) => room,
        Err(refusal @ (StoreError::NotFound | StoreError::Refused(_))) => {
            return posted_before(tx, command)?.ok_or(refusal);
        }
        Err(error) => return Err(error),
    };
    let place = tx.head().next();
    let (message, payload) = payload::message_posted(Message {
        id: command.id,
        room,
        author: command.author,
        client_id: command.client_id,
        offset: place,
        rev: place,
        body: command.body.clone(),
        html: command.html.clone(),
        posted_at: command.at.clone(),
        deleted: false,
    });
    if !insert(tx, &message, &command.request)? {
        let earlier = posted_before(tx, command)?;
        return earlier.ok_or_else(|| StoreError::Corrupt("a key that is taken is not to be found".to_owned()));
    }
    let row = tx.append_encoded(Audience::Room(room), KIND, payload, &command.at)?;
    let message_json = payload::message_in(&row.payload);
    Ok(Posted { answer: MessagePosted { message, cursor: tx.cursor(place) }, created: true, message_json })
}

/// The room in which the author may post.
fn require_room(tx: &Tx<'_>, command: &PostMessage) -> Result<RoomId, StoreError> {
    if let RoomRef::Id(room) = command.room
        && tx.rights().allow(command.author, room)
    {
        return Ok(room);
    }
    let author = accounts::actor(tx.connection(), command.author)?;
    let room = rooms::require(tx.connection(), author, &command.room, RoomAction::Post)?.id;
    tx.rights().keep(author.id, room);
    Ok(room)
}

const INSERT: &str = r#"INSERT INTO messages
    ("offset", id, room, author, client_id, request, rev, body, html, renderer, posted_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (client_id, author) DO NOTHING"#;

/// Writes a message, unless its key is taken. Whether it was free.
fn insert(tx: &mut Tx<'_>, message: &Message, request: &SecretHash) -> Result<bool, StoreError> {
    let inserted = tx.prepare_once(INSERT)?.execute(params![
        sql(message.offset),
        message.id.to_string(),
        message.room.to_string(),
        message.author.to_string(),
        message.client_id.as_bytes(),
        request,
        sql(message.rev),
        message.body,
        message.html,
        RENDERER_VERSION,
        message.posted_at.0
    ])?;
    Ok(inserted > 0)
}

fn posted_before(tx: &Tx<'_>, command: &PostMessage) -> Result<Option<Posted>, StoreError> {
    let query = format!("SELECT {MESSAGE}, m.request FROM messages AS m WHERE m.client_id = ?1 AND m.author = ?2");
    let earlier: Option<(Message, SecretHash)> = tx
        .prepare(&query)?
        .query_row(params![command.client_id.as_bytes(), command.author.to_string()], |row| {
            Ok((rows::message(row)?, row.get("request")?))
        })
        .optional()?;
    let Some((message, request)) = earlier else { return Ok(None) };
    accept_retry(&request, &command.request)?;
    let cursor = log::cursor_at(tx.connection(), message.offset)?;
    Ok(Some(Posted { answer: MessagePosted { message, cursor }, created: false, message_json: None }))
}

/// A page of a room's history.
fn page(
    connection: &Connection,
    member: MemberId,
    room: &RoomRef,
    at: PageAt,
    limit: u32,
) -> Result<MessagePage, StoreError> {
    let actor = accounts::actor(connection, member)?;
    let room = rooms::require(connection, actor, room, RoomAction::Read)?.id;
    let limit = limit.max(1);
    let (messages, more_before, more_after) = match at {
        PageAt::Latest => {
            let (messages, more) = before(connection, room, Offset::MAX, limit)?;
            (messages, more, false)
        }
        PageAt::Before(place) => {
            let (messages, more) = before(connection, room, place, limit)?;
            (messages, more, exists(connection, room, ">=", place)?)
        }
        PageAt::After(place) => {
            let (messages, more) = after(connection, room, place, limit)?;
            (messages, exists(connection, room, "<=", place)?, more)
        }
        PageAt::Around(place) => {
            let (mut messages, more_before) = before(connection, room, place, limit / 2)?;
            let from = Offset(place.0.saturating_sub(1));
            let (newer, more_after) = after(connection, room, from, limit - limit / 2)?;
            messages.extend(newer);
            (messages, more_before, more_after)
        }
    };
    Ok(MessagePage { messages, as_of: log::head_cursor(connection)?, more_before, more_after })
}

/// The newest messages of a room, oldest first.
pub(super) fn latest(connection: &Connection, room: RoomId, limit: u32) -> Result<Vec<Message>, StoreError> {
    before(connection, room, Offset::MAX, limit).map(|(messages, _)| messages)
}

/// The messages of room ?1 on one side (`<` or `>`) of offset ?2, nearest first (`DESC` or `ASC`).
pub(super) fn beside(side: &str, order: &str) -> String {
    format!(
        r#"SELECT {MESSAGE} FROM messages AS m WHERE m.room = ?1 AND m."offset" {side} ?2
           ORDER BY m."offset" {order} LIMIT ?3"#
    )
}

/// At most `limit` messages right before a place, oldest first, and whether there are more.
fn before(
    connection: &Connection,
    room: RoomId,
    place: Offset,
    limit: u32,
) -> Result<(Vec<Message>, bool), StoreError> {
    let (mut messages, more) = run(connection, &beside("<", "DESC"), room, place, limit)?;
    messages.reverse();
    Ok((messages, more))
}

/// At most `limit` messages right after a place, oldest first, and whether there are more.
fn after(connection: &Connection, room: RoomId, place: Offset, limit: u32) -> Result<(Vec<Message>, bool), StoreError> {
    run(connection, &beside(">", "ASC"), room, place, limit)
}

/// A row that cannot be read takes its place on the page and is not on it.
fn run(
    connection: &Connection,
    query: &str,
    room: RoomId,
    place: Offset,
    limit: u32,
) -> Result<(Vec<Message>, bool), StoreError> {
    let mut statement = connection.prepare_cached(query)?;
    let rows = statement.query_map(params![room.to_string(), sql(place), u64::from(limit) + 1], rows::message)?;
    let mut messages = Vec::new();
    for (row, left) in rows.zip((0..=limit).rev()) {
        if left == 0 {
            return Ok((messages, true));
        }
        messages.extend(readable(row, "messages")?);
    }
    Ok((messages, false))
}

fn exists(connection: &Connection, room: RoomId, side: &str, place: Offset) -> Result<bool, StoreError> {
    let query = format!(r#"SELECT 1 FROM messages WHERE room = ?1 AND "offset" {side} ?2"#);
    Ok(connection.prepare_cached(&query)?.exists(params![room.to_string(), sql(place)])?)
}
