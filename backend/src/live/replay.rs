//! Catching up from the log: what a stream reads for itself because it was away, or too slow for its mailbox.
//!
//! Rights are those of now: what a reader may no longer hear, or never might, is passed over.

use std::time::Duration;

use shared::{cursor::Offset, id::MemberId, room::ReadPosition};
use tokio::time::sleep;

use super::{
    encode::{self, Frame},
    hub::Inner,
    log::{LogError, Record},
    rights::Reader,
};

/// Rows read at first: most readers were away for a moment.
pub(super) const FIRST_ROWS: usize = 32;

/// Rows read at once, when they are small.
const ROWS_MAX: usize = 128;

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
    rows: &mut usize,
) -> Result<Piece, RowsLost> {
    let mut piece = Piece { facts: Vec::new(), upto: after };
    while piece.upto < target && piece.facts.is_empty() {
        let missing = usize::try_from(target.0 - piece.upto.0).unwrap_or(usize::MAX);
        let limit = (*rows).min(missing);
        let permit = inner.log_readers.acquire().await.expect("nobody closes it");
        let records = patiently(inner, || inner.log.read(piece.upto, limit)).await;
        drop(permit);
        if !is_whole(&records, piece.upto) {
            inner.refresh_bounds().await;
            return Err(RowsLost);
        }
        *rows = take_visible(inner, reader, records, &mut piece);
    }
    Ok(piece)
}

/// Whether these are the rows right after `after`, without a hole.
fn is_whole(records: &[Record], after: Offset) -> bool {
    let expected = (after.0 + 1..).map(Offset);
    !records.is_empty() && records.iter().zip(expected).all(|(record, expected)| record.offset == expected)
}

/// A member's read positions. Waits for a log that does not answer.
pub(super) async fn reads(inner: &Inner, member: MemberId) -> Vec<ReadPosition> {
    patiently(inner, || inner.log.reads(member)).await
}

/// Encodes what may be heard, up to about [`HANDED_BYTES`]. Returns how many rows to read next: rows that were read and
/// did not fit are read again, so a log of large rows is read in smaller steps.
fn take_visible(inner: &Inner, reader: Reader, records: Vec<Record>, piece: &mut Piece) -> usize {
    let count = records.len();
    let visible: Vec<_> = {
        let registry = inner.registry();
        let may_hear = |record: &Record| registry.rights.may_hear(reader, record.offset, record.audience, record.about);
        records.into_iter().map(|record| (may_hear(&record).then(|| registry.cursor(record.offset)), record)).collect()
    };
    let mut bytes = 0;
    for (used, (cursor, record)) in visible.into_iter().enumerate() {
        if bytes >= HANDED_BYTES {
            return used.max(1);
        }
        piece.upto = record.offset;
        // A row that cannot be sent was reported when the tail met it.
        if let Some(Ok(frame)) = cursor.map(|cursor| encode::fact(&record, cursor)) {
            bytes += frame.event_len();
            piece.facts.push(frame);
        }
    }
    (count * 2).clamp(1, ROWS_MAX)
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
