//! What the unit tests of `tail` talk about: one room, one author, messages whose ids follow their offsets.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use shared::{cursor::Offset, id::ClientId, member::Timestamp, message::Message};

/// The room's id.
pub(super) const ROOM: &str = "r_000000000001";
/// The author's id.
pub(super) const ANA: &str = "u_000000000001";

/// A message posted at `offset`.
pub(super) fn message(offset: u64, body: &str) -> Message {
    Message {
        id: format!("m_{offset:012}").parse().unwrap(),
        room: ROOM.parse().unwrap(),
        author: ANA.parse().unwrap(),
        client_id: ClientId::from([0; 16]),
        offset: Offset(offset),
        rev: Offset(offset),
        body: body.to_owned(),
        html: None,
        posted_at: Timestamp("2026-11-22T12:00:00.123Z".to_owned()),
        deleted: false,
    }
}

/// The data of its `message_posted`.
pub(super) fn posted(offset: u64, body: &str) -> String {
    serde_json::json!({ "room": ROOM, "message": message(offset, body) }).to_string()
}

/// The data of a `hello`.
pub(super) fn hello(resume: &str, behind: u64) -> String {
    let you = serde_json::json!({ "id": ANA, "name": "ana", "display_name": "Ana", "role": "owner",
        "joined_at": "2026-11-22T12:00:00.000Z", "bio": "", "active": true });
    serde_json::json!({ "protocol": 1, "version": "0.1.0", "you": you, "resume": resume, "behind": behind,
        "heartbeat_ms": 15000, "events": ["message_posted"] })
    .to_string()
}
