//! Catching up from the log: what a stream reads for itself because it was away, or too slow for its mailbox.
//!
//! Rows come from the pages that all such readers share ([`super::pages`]); only the first reader of a page waits for the
//! log. Rights are those of now: what a reader may no longer hear, or never might, is passed over.

use std::{sync::Arc, time::Duration};

use shared::{cursor::Offset, id::MemberId, room::ReadPosition};
use tokio::time::sleep;

use super::{
    encode::{self, Frame},
    hub::Inner,
    log::{LogError, Record},
    pages::{Row, Rows},
    resume::cursor_at,
    rights::Reader,
};

/// What is handed to the carrier at once, in bytes; a batch ends with the event that passes this.
const HANDED_BYTES: usize = 64 * 1024;

/// First pause after a failed read; doubled up to [`BACKOFF_MAX`].
const BACKOFF_MIN: Duration = Duration::from_millis(100);

/// Longest pause after a failed read.
const BACKOFF_MAX: Duration = Duration::from_secs(2);

/// A piece of the log as one reader sees it.
#[derive(Debug, Default)]
pub(super) struct Piece {
    /// What the reader may hear, in order.
    pub(super) facts: Vec<Frame>,
    /// The last row looked at.
    pub(super) upto: Offset,
}

/// The log has no row where the next one should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowsLost;

/// Reads on after `after`, not past `target`, until something may be heard or `target` is reached. Waits for a log that
/// does not answer.
///
/// # Errors
/// [`RowsLost`] when a row is gone: it was pruned while the reader was on its way.
///
/// **Cancel-safety.** It changes nothing; dropping it loses only the work.
pub(super) async fn read_piece(
    inner: &Inner,
    reader: Reader,
    after: Offset,
    target: Offset,
) -> Result<Piece, RowsLost> {
    let mut piece = Piece { facts: Vec::new(), upto: after };
    let mut bytes = 0;
    while piece.upto < target && bytes < HANDED_BYTES {
        if !piece.facts.is_empty() && inner.pages.get(piece.upto.next()).is_none() {
            break; // what is there goes out before the log is waited for
        }
        let rows = rows_with(inner, piece.upto.next()).await?;
        bytes += take_visible(inner, reader, &rows, target, HANDED_BYTES - bytes, &mut piece);
    }
    Ok(piece)
}

/// A member's read positions. Waits for a log that does not answer.
pub(super) async fn reads(inner: &Inner, member: MemberId) -> Vec<ReadPosition> {
    patiently(inner, || inner.log.reads(member)).await
}

/// The page with the row `next`, or as much of it as there is.
async fn rows_with(inner: &Inner, next: Offset) -> Result<Rows, RowsLost> {
    if let Some(rows) = inner.pages.get(next) {
        return Ok(rows);
    }
    let turn = inner.pages.turn(next);
    let _guard = turn.wait().await;
    if let Some(rows) = inner.pages.get(next) {
        return Ok(rows); // somebody read it for us
    }
    let (before, count) = turn.range();
    let permit = inner.log_readers.acquire().await.expect("nobody closes it");
    let (evictions, epochs) = (inner.pages.evictions(), inner.registry().epochs());
    let records = patiently(inner, || inner.log.read(before, count)).await;
    drop(permit);
    if !has_whole(&records, next) {
        inner.refresh_bounds().await;
        return Err(RowsLost);
    }
    let encoded = |record: Record| {
        let at = cursor_at(&epochs, record.offset).expect("Hub::start refuses a log without an epoch");
        // A row that cannot be sent was reported when the tail met it.
        Row {
            offset: record.offset,
            audience: record.audience,
            about: record.about,
            frame: encode::fact(&record, at).ok(),
        }
    };
    let rows = Arc::new(records.into_iter().map(encoded).collect());
    turn.keep(&rows, evictions);
    Ok(rows)
}

/// Whether these rows follow each other without a hole and `next` is among them. The first rows of a page may be pruned.
fn has_whole(records: &[Record], next: Offset) -> bool {
    let first = records.first().map_or(Offset::ZERO, |record| record.offset);
    let expected = (first.0..).map(Offset);
    let has_next = first <= next && records.last().is_some_and(|record| record.offset >= next);
    has_next && records.iter().zip(expected).all(|(record, expected)| record.offset == expected)
}

/// Takes what may be heard after `piece.upto`, not past `target`, until that is `room` bytes. Returns how many it is.
fn take_visible(inner: &Inner, reader: Reader, rows: &[Row], target: Offset, room: usize, piece: &mut Piece) -> usize {
    let registry = inner.registry();
    let (after, mut bytes) = (piece.upto, 0);
    for row in rows.iter().filter(|row| row.offset > after && row.offset <= target) {
        if bytes >= room {
            break;
        }
        piece.upto = row.offset;
        if let Some(frame) = &row.frame
            && registry.rights.may_hear(reader, row.offset, row.audience, row.about)
        {
            bytes += frame.event_len();
            piece.facts.push(frame.clone());
        }
    }
    bytes
}

async fn patiently<T, F: Future<Output = Result<T, LogError>>>(inner: &Inner, read: impl Fn() -> F) -> T {
    let mut backoff = BACKOFF_MIN;
    loop {
        match read().await {
            Ok(read) => return read,
            Err(error) => {
                inner.metrics.log_failed();
                tracing::debug!(%error, "a stream waits for the log");
                sleep(backoff).await;
                backoff = (backoff * 2).min(BACKOFF_MAX);
            }
        }
    }
}
