//! How a fact is written into the log: one line of JSON that every stream sends as it stands.
//!
//! Several SSE clients split lines on every newline that Unicode knows (Python's `splitlines` does), so U+0085, U+2028
//! and U+2029, which JSON allows in a string, are written as `\uXXXX` here, once, and not again for each reader.

use bytes::Bytes;
use serde::Serialize;
use shared::{event::Event, id::RoomId, limits::EVENT_MAX_BYTES, message::Message};

/// What a block on the stream needs besides the payload: field names, the kind, the cursor, newlines. Rounded up.
const FRAMING_BYTES: usize = 128;

/// A [`MessagePosted`](shared::event::MessagePosted) whose message is another's.
#[derive(Serialize)]
struct Posting<'a> {
    room: RoomId,
    message: &'a Message,
}

/// The fact as one line of JSON.
pub(crate) fn encode(event: &Event) -> String {
    line(event)
}

fn line(fact: &impl Serialize) -> String {
    let json = serde_json::to_string(fact).expect("facts have string keys and no failing serializer");
    // What begins in UTF-8 like one of the three; most texts have neither byte.
    let may_hold_one = [0xc2, 0xe2].iter().any(|lead| json.as_bytes().contains(lead));
    if may_hold_one && json.contains(['\u{85}', '\u{2028}', '\u{2029}']) {
        json.replace('\u{85}', r"\u0085").replace('\u{2028}', r"\u2028").replace('\u{2029}', r"\u2029")
    } else {
        json
    }
}

/// The message in the payload of its `message_posted`: the answer to its post says the same.
pub(crate) fn message_in(payload: &Bytes) -> Option<Bytes> {
    const FIELD: &[u8] = b"\"message\":";
    // Before it there is the room's id, of a fixed form; after it nothing but the end.
    let at = payload.windows(FIELD.len()).position(|window| window == FIELD)? + FIELD.len();
    Some(payload.slice(at..payload.len().checked_sub(1)?))
}

/// The `message_posted` of a message and its payload. When the event would be too large the message loses its `html`;
/// without it even a body that is all escapes fits, since a body has its own limit.
pub(crate) fn message_posted(mut message: Message) -> (Message, String) {
    let written = line(&Posting { room: message.room, message: &message });
    if written.len() + FRAMING_BYTES <= EVENT_MAX_BYTES || message.html.is_none() {
        return (message, written);
    }
    message.html = None;
    let written = line(&Posting { room: message.room, message: &message });
    (message, written)
}

#[cfg(test)]
mod tests {
    use shared::{
        cursor::Offset,
        event::MessagePosted,
        id::{ClientId, MemberId, MessageId, RoomId},
        limits::BODY_MAX_BYTES,
        member::Timestamp,
    };

    use super::*;

    fn message(body: String, html: Option<String>) -> Message {
        Message {
            id: MessageId::from_entropy([1; 12]),
            room: RoomId::from_entropy([1; 12]),
            author: MemberId::from_entropy([1; 12]),
            client_id: ClientId::from([1; 16]),
            offset: Offset::MAX,
            rev: Offset::MAX,
            body,
            html,
            posted_at: Timestamp("2026-11-22T12:00:00.000Z".to_owned()),
            deleted: false,
        }
    }

    #[test]
    fn a_payload_is_one_line_for_every_splitter() {
        let text = "a\nb\u{85}c\u{2028}d\u{2029}e\u{b}\u{c}\u{1c}\r\nevent: x";
        let (_, payload) = message_posted(message(text.to_owned(), Some(text.to_owned())));
        assert!(payload.chars().all(|c| !c.is_control() && c != '\u{2028}' && c != '\u{2029}'), "{payload:?}");
        let read: MessagePosted = serde_json::from_str(&payload).expect("it is JSON");
        assert_eq!(read.message.body, text);
    }

    #[test]
    fn a_payload_holds_its_message() {
        let text = "\"message\":{\"} \u{2028}";
        let (message, payload) = message_posted(message(text.to_owned(), None));
        let json = message_in(&Bytes::from(payload)).expect("it is there");
        assert_eq!(serde_json::from_slice::<Message>(&json).expect("it is JSON"), message);
    }

    #[test]
    fn an_event_that_is_too_large_loses_its_html() {
        let large = "\u{85}".repeat(BODY_MAX_BYTES / 2);
        let (kept, payload) = message_posted(message(large.clone(), Some("<p>".to_owned() + &large)));
        assert_eq!(kept.html, None);
        assert!(payload.len() + FRAMING_BYTES <= EVENT_MAX_BYTES, "{}", payload.len());

        let (kept, _) = message_posted(message("x".repeat(BODY_MAX_BYTES), Some("x".repeat(BODY_MAX_BYTES))));
        assert!(kept.html.is_some());
    }
}
