//! SSE framing (WHATWG HTML §9.2.6): an event as the bytes that go out, made once and shared by every reader.
//!
//! A [`Frame`] is one event and, around it, its HTTP/1.1 chunk (RFC 9112 §7.1): a socket that was taken over sends the
//! whole, any other carrier sends the inside. Text of users is only ever inside `data`, as one line of JSON.

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use shared::{
    cursor::Cursor,
    limits::EVENT_MAX_BYTES,
    stream::{Bye, Hello, State, Tick, kind},
};

use super::log::Record;

/// Room for a chunk's size in hexadecimal digits and CR LF.
const CHUNK_HEAD_MAX: usize = 2 * size_of::<usize>() + 2;

/// The chunk that says that no more follow.
pub const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// One event, encoded. Cloning shares the bytes.
#[derive(Debug, Clone)]
pub struct Frame {
    chunk: Bytes,
    /// Length of the chunk's size line.
    head: u8,
}

impl Frame {
    /// The event as one HTTP/1.1 chunk.
    #[must_use]
    pub const fn chunk(&self) -> &Bytes {
        &self.chunk
    }

    /// The event alone.
    #[must_use]
    pub fn event(&self) -> Bytes {
        self.chunk.slice(usize::from(self.head)..self.chunk.len() - 2)
    }

    /// Length of the event alone, in bytes.
    #[must_use]
    pub fn event_len(&self) -> usize {
        self.chunk.len() - usize::from(self.head) - 2
    }
}

/// Writes the fields of an event behind room for the chunk's size.
struct FrameBuilder(Vec<u8>);

impl FrameBuilder {
    fn new(capacity: usize) -> Self {
        let mut buffer = Vec::with_capacity(CHUNK_HEAD_MAX + capacity + 64);
        buffer.resize(CHUNK_HEAD_MAX, 0);
        Self(buffer)
    }

    fn field(mut self, name: &str, value: &[u8]) -> Self {
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b": ");
        self.0.extend_from_slice(value);
        self.0.push(b'\n');
        self
    }

    fn finish(self) -> Frame {
        let mut buffer = self.0;
        buffer.push(b'\n');
        let size = format!("{:x}\r\n", buffer.len() - CHUNK_HEAD_MAX);
        let start = CHUNK_HEAD_MAX - size.len();
        buffer[start..CHUNK_HEAD_MAX].copy_from_slice(size.as_bytes());
        buffer.extend_from_slice(b"\r\n");
        let head = u8::try_from(size.len()).expect("a size has at most 16 digits");
        Frame { chunk: Bytes::from(buffer).slice(start..), head }
    }
}

/// A row of the log that cannot be sent. It is skipped, for every reader alike; its offset passes with the next tick.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PoisonedRow {
    /// The name is empty or has other characters than `a-z` and `_`.
    #[error("its kind is not a name")]
    Kind,
    /// The payload is not JSON in UTF-8.
    #[error("its payload is not JSON")]
    Json,
    /// The payload has a character that some client takes for the end of a line.
    #[error("its payload is more than one line")]
    Lines,
    /// The event is larger than any may be.
    #[error("it would be {0} bytes")]
    TooLarge(usize),
}

/// Encodes a fact.
///
/// # Errors
/// The fault of the stored row.
pub(super) fn fact(record: &Record, at: Cursor) -> Result<Frame, PoisonedRow> {
    if !record.is_own {
        check(&record.kind, &record.payload)?;
    }
    let frame = named(&record.kind, Some(at), &record.payload);
    match frame.event_len() {
        length if length > EVENT_MAX_BYTES => Err(PoisonedRow::TooLarge(length)),
        _ => Ok(frame),
    }
}

/// Whether a row that was read is one that may go out: whoever wrote it, nothing of it breaks the stream.
fn check(kind: &str, payload: &[u8]) -> Result<(), PoisonedRow> {
    if kind.is_empty() || !kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
        return Err(PoisonedRow::Kind);
    }
    let text = std::str::from_utf8(payload).map_err(|_| PoisonedRow::Json)?;
    if text.contains(['\n', '\r', '\0', '\u{85}', '\u{2028}', '\u{2029}']) {
        return Err(PoisonedRow::Lines);
    }
    serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|_| PoisonedRow::Json)?;
    Ok(())
}

/// Encodes an event without a place of its own in the log: `read`.
pub(super) fn note(kind: &str, payload: &impl Serialize) -> Frame {
    named(kind, None, json_line(payload).as_bytes())
}

/// Encodes the greeting, which tells `EventSource` how long to wait after a break.
pub(super) fn hello(hello: &Hello, at: Cursor, retry: Duration) -> Frame {
    let line = json_line(hello);
    let retry = retry.as_millis().to_string();
    FrameBuilder::new(line.len())
        .field("retry", retry.as_bytes())
        .field("event", kind::HELLO.as_bytes())
        .field("id", at.to_string().as_bytes())
        .field("data", line.as_bytes())
        .finish()
}

/// Encodes the last values.
pub(super) fn state(state: &State) -> Frame {
    note(kind::STATE, state)
}

/// Encodes a heartbeat.
pub(super) fn tick(tick: &Tick, at: Cursor) -> Frame {
    named(kind::TICK, Some(at), json_line(tick).as_bytes())
}

/// Encodes the farewell. Its block carries `retry`, so that clients that know nothing of `bye` obey too.
pub(super) fn bye(bye: Bye) -> Frame {
    let line = json_line(&bye);
    FrameBuilder::new(line.len())
        .field("retry", bye.retry_ms.to_string().as_bytes())
        .field("event", kind::BYE.as_bytes())
        .field("data", line.as_bytes())
        .finish()
}

fn named(kind: &str, id: Option<Cursor>, line: &[u8]) -> Frame {
    let builder = FrameBuilder::new(kind.len() + line.len()).field("event", kind.as_bytes());
    let builder = match id {
        Some(id) => builder.field("id", id.to_string().as_bytes()),
        None => builder,
    };
    builder.field("data", line).finish()
}

/// JSON on one line, whatever a client takes for the end of a line: several libraries split on U+0085, U+2028 and
/// U+2029 too. In JSON these occur in strings only, so replacing them by their escapes changes no value.
fn json_line(value: &impl Serialize) -> String {
    let line = serde_json::to_string(value).expect("the stream's own events have string keys only");
    if !line.contains(['\u{85}', '\u{2028}', '\u{2029}']) {
        return line;
    }
    line.replace('\u{85}', "\\u0085").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use shared::{cursor::Offset, stream::ByeReason};

    use super::*;
    use crate::{domain::audience::Audience, live::log::About};

    fn record(kind: &str, payload: &[u8]) -> Record {
        let payload = Bytes::copy_from_slice(payload);
        Record {
            offset: Offset(7),
            audience: Audience::Workspace,
            kind: kind.to_owned(),
            payload,
            change: None,
            about: About::Audience,
            is_own: false,
        }
    }

    fn cursor() -> Cursor {
        "7kq2m9xa.7".parse().unwrap()
    }

    #[test]
    fn a_fact_is_three_fields_in_one_chunk() {
        let frame = fact(&record("message_posted", br#"{"a":1}"#), cursor()).unwrap();
        let event = "event: message_posted\nid: 7kq2m9xa.7\ndata: {\"a\":1}\n\n";
        assert_eq!(frame.event(), event);
        assert_eq!(frame.event_len(), event.len());
        assert_eq!(frame.chunk(), &format!("{:x}\r\n{event}\r\n", event.len()));
    }

    #[test]
    fn a_row_that_would_break_the_stream_is_refused() {
        let check = |kind: &str, payload: &[u8], fault| {
            assert_eq!(fact(&record(kind, payload), cursor()).unwrap_err(), fault, "{kind:?} {payload:?}");
        };
        for kind in ["", "a\nid: 1", "a b", "é", "A", "x\r"] {
            check(kind, b"{}", PoisonedRow::Kind);
        }
        for payload in [b"".as_slice(), b"{", b"\xff", b"{}x", b"{\"a\":}"] {
            check("a", payload, PoisonedRow::Json);
        }
        for line_end in ["\n", "\r", "\0", "\u{85}", "\u{2028}", "\u{2029}"] {
            check("a", format!("\"{line_end}\"").as_bytes(), PoisonedRow::Lines);
        }
        let long = format!("\"{}\"", "a".repeat(EVENT_MAX_BYTES));
        assert!(matches!(fact(&record("a", long.as_bytes()), cursor()), Err(PoisonedRow::TooLarge(_))));
    }

    #[test]
    fn our_own_events_stay_on_one_line() {
        let frame = note("read", &"a\u{2028}b\u{2029}c\u{85}d\ne");
        assert_eq!(frame.event(), "event: read\ndata: \"a\\u2028b\\u2029c\\u0085d\\ne\"\n\n");
    }

    #[test]
    fn the_farewell_speaks_to_every_client() {
        let frame = bye(Bye { reason: ByeReason::Shutdown, retry_ms: 1234 });
        assert_eq!(frame.event(), "retry: 1234\nevent: bye\ndata: {\"reason\":\"shutdown\",\"retry_ms\":1234}\n\n");
    }

    #[test]
    fn a_chunk_of_any_length_has_its_size_before_it() {
        for length in [0, 1, 200, 4000, 70_000] {
            let frame = note("read", &"x".repeat(length));
            let chunk = frame.chunk();
            let (size, rest) = chunk.split_at(chunk.windows(2).position(|pair| pair == b"\r\n").unwrap());
            let size = usize::from_str_radix(std::str::from_utf8(size).unwrap(), 16).unwrap();
            assert_eq!(
                (size, &rest[2..2 + size], &rest[2 + size..]),
                (frame.event_len(), &*frame.event(), &b"\r\n"[..])
            );
        }
    }
}
