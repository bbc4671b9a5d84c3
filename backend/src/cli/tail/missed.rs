//! Filling a hole from the history: what was posted while the stream could not be resumed.
//!
//! A `reset` says that the reader's place is not in the log: it is too old, or the database was rolled back to a copy,
//! which may have cut off messages that were printed and may have others in their place. So neither offsets nor times
//! tell what is new. Message ids do: each room's history is walked back to the newest message that the reader knows;
//! that message survived, so all before it did, and everything after it that was not printed is missing. When only the
//! server's count of events does not agree, the walk goes on to where it last did.

use shared::{
    cursor::Offset,
    limits::PAGE_MAX,
    message::{Message, MessagePage},
    room::Room,
};

use super::reader::Reader;
use crate::cli::{failure::CallError, server::Server};

/// How far back one room is walked, in pages: 10,000 messages, some megabytes.
const PAGES_MAX: usize = 100;

/// How many rooms get an anchor at the start, one small request each: those with the newest messages.
const ANCHORS_MAX: usize = 50;

/// What was missing.
#[derive(Debug, Default)]
pub(super) struct Missed {
    /// In the order of the log.
    pub(super) messages: Vec<Message>,
    /// A room has more than was loaded.
    pub(super) cut: bool,
    /// The rooms as they are now.
    pub(super) rooms: Vec<Room>,
}

/// Makes the newest message of each room that is older than the reader's place known to it, so that a later walk back
/// has an end.
///
/// # Errors
/// Any of the requests'. Can be called again.
pub(super) async fn anchor(server: &Server, rooms: &[Room], reader: &mut Reader) -> Result<(), CallError> {
    let mut rooms: Vec<_> = rooms.iter().collect();
    rooms.sort_by_key(|room| std::cmp::Reverse(room.last_offset));
    for room in rooms.into_iter().take(ANCHORS_MAX) {
        if room.last_offset > Offset::ZERO {
            let page = server.messages(&room.id.to_string(), Some(reader.cursor().offset.next()), 1).await?;
            page.messages.iter().for_each(|message| reader.note(message.id));
        }
        reader.anchor(room.id);
    }
    Ok(())
}

/// Loads what the reader does not know, of one room or of all.
///
/// # Errors
/// Any of the requests'. Nothing is noted: the caller notes what it has printed.
pub(super) async fn load(server: &Server, only: Option<&Room>, reader: &Reader) -> Result<Missed, CallError> {
    let mut missed = Missed { rooms: server.rooms().await?, ..Missed::default() };
    for room in &missed.rooms {
        if only.is_some_and(|only| only.id != room.id) || room.last_offset == Offset::ZERO {
            continue;
        }
        let name = room.id.to_string();
        let mut before = None;
        // A room that came later, or was one too many at the start, has no end to walk to: its last page is enough.
        let pages = if reader.is_anchored(room.id) { PAGES_MAX } else { 1 };
        for page_no in 1..=pages {
            let page = server.messages(&name, before, PAGE_MAX).await?;
            let walk = take_page(page, reader, &mut missed.messages);
            let Walk::On { before: next } = walk else { break };
            before = Some(next);
            missed.cut |= page_no == pages;
        }
    }
    missed.messages.sort_by_key(|message| message.offset);
    Ok(missed)
}

/// Whether the walk through a room goes on.
#[derive(Debug, PartialEq, Eq)]
enum Walk {
    /// To the messages before this offset.
    On {
        /// Offset of the oldest message so far.
        before: Offset,
    },
    /// A known message or the room's beginning was reached.
    Done,
}

/// Keeps what is new on a page, newest first, down to the end of the hole.
fn take_page(page: MessagePage, reader: &Reader, kept: &mut Vec<Message>) -> Walk {
    let before = page.messages.first().map(|oldest| oldest.offset);
    for message in page.messages.into_iter().rev() {
        if reader.ends_hole(&message) {
            return Walk::Done;
        }
        if !reader.knows(message.id) {
            kept.push(message);
        }
    }
    match before {
        Some(before) if page.more_before => Walk::On { before },
        _ => Walk::Done,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;
    use crate::cli::tail::fixture::message;

    fn page(offsets: &[u64], more_before: bool) -> MessagePage {
        let messages = offsets.iter().map(|&offset| message(offset, "x")).collect();
        MessagePage { messages, as_of: "7kq2m9xa.99".parse().unwrap(), more_before, more_after: false }
    }

    #[test]
    fn the_walk_ends_at_a_known_message() {
        let mut reader = Reader::new("7kq2m9xa.40".parse().unwrap());
        reader.note(message(12, "x").id);
        let check = |offsets: &[u64], more_before, walk, kept: &[u64]| {
            let mut messages = Vec::new();
            assert_eq!(take_page(page(offsets, more_before), &reader, &mut messages), walk, "{offsets:?}");
            let got: Vec<_> = messages.iter().map(|message: &Message| message.offset.0).collect();
            assert_eq!(got, kept, "{offsets:?}");
        };
        check(&[11, 12, 13, 14], true, Walk::Done, &[14, 13]);
        check(&[12], true, Walk::Done, &[]);
        check(&[20, 21], true, Walk::On { before: Offset(20) }, &[21, 20]);
        check(&[20, 21], false, Walk::Done, &[21, 20]);
        check(&[], false, Walk::Done, &[]);
    }
}
