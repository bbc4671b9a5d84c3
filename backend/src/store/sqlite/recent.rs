//! The newest rows of the log, as the writer has just committed them: the fan-out asks for exactly these, every time, and
//! need not read back what this process has in its hands.
//!
//! The log stays the truth. Whatever is not here, or was rewritten since, is read from the database.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use shared::cursor::Offset;

use crate::store::LogRow;

/// Rows kept: two of the largest batches, so that a fan-out that is one behind still finds its next row.
const ROWS_MAX: usize = 512;

/// What they hold at most, in bytes of payload.
const BYTES_MAX: usize = 1024 * 1024;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct RecentRows(Mutex<Rows>);

/// Rows that follow each other without a hole.
#[derive(Debug, Default)]
struct Rows {
    rows: VecDeque<LogRow>,
    bytes: usize,
}

impl RecentRows {
    /// Adds what was committed, right after the row before it; `rewritten` says that older rows are not what they were.
    pub(super) fn committed(&self, rows: impl IntoIterator<Item = LogRow>, rewritten: bool) {
        let mut kept = self.lock();
        if rewritten {
            *kept = Rows::default();
        }
        for row in rows {
            kept.push(row);
        }
    }

    /// The rows after `after`, at most `limit`; nothing if the database has to be asked. That `after` is the last one says
    /// that there are none yet: whoever commits one puts it here before telling anyone.
    pub(super) fn after(&self, after: Offset, limit: usize) -> Option<Vec<LogRow>> {
        let kept = self.lock();
        let (first, last) = (kept.rows.front()?.offset, kept.rows.back()?.offset);
        let skipped = after.0.saturating_add(1).checked_sub(first.0).filter(|_| after <= last)?;
        let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
        Some(kept.rows.iter().skip(skipped).take(limit).cloned().collect())
    }

    fn lock(&self) -> MutexGuard<'_, Rows> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rows {
    fn push(&mut self, row: LogRow) {
        if self.rows.back().is_some_and(|last| last.offset.next() != row.offset) {
            *self = Self::default();
        }
        self.bytes += row.payload.len();
        self.rows.push_back(row);
        while self.rows.len() > ROWS_MAX || self.bytes > BYTES_MAX {
            let Some(oldest) = self.rows.pop_front() else { return };
            self.bytes -= oldest.payload.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::domain::audience::Audience;

    fn row(offset: u64, bytes: usize) -> LogRow {
        let payload = Bytes::from(vec![b'x'; bytes]);
        LogRow { offset: Offset(offset), audience: Audience::Workspace, kind: String::new(), payload, is_own: true }
    }

    fn offsets(recent: &RecentRows, after: u64, limit: usize) -> Option<Vec<u64>> {
        Some(recent.after(Offset(after), limit)?.iter().map(|row| row.offset.0).collect())
    }

    #[test]
    fn only_what_follows_without_a_hole_is_given() {
        let recent = RecentRows::default();
        assert_eq!(offsets(&recent, 0, 9), None);
        recent.committed((5..8).map(|offset| row(offset, 1)), false);
        recent.committed([], false);
        recent.committed([row(8, 1)], false);
        assert_eq!(offsets(&recent, 3, 9), None, "4 is not here");
        assert_eq!(offsets(&recent, 4, 9), Some(vec![5, 6, 7, 8]));
        assert_eq!(offsets(&recent, 6, 1), Some(vec![7]));
        assert_eq!(offsets(&recent, 8, 9), Some(vec![]), "there is no other yet");
        assert_eq!((offsets(&recent, 9, 9), offsets(&recent, u64::MAX, 9)), (None, None));
        recent.committed([row(11, 1)], false);
        assert_eq!((offsets(&recent, 7, 9), offsets(&recent, 10, 9)), (None, Some(vec![11])), "9 and 10 are missing");
        recent.committed([row(12, 1)], true);
        assert_eq!((offsets(&recent, 10, 9), offsets(&recent, 11, 9)), (None, Some(vec![12])), "11 was rewritten");
        recent.committed([], true);
        assert_eq!(offsets(&recent, 12, 9), None, "nothing is left");
    }

    #[test]
    fn it_is_bounded() {
        let recent = RecentRows::default();
        recent.committed((1..=1000).map(|offset| row(offset, 1)), false);
        assert_eq!(offsets(&recent, 1000 - ROWS_MAX as u64, 1000).map(|rows| rows.len()), Some(ROWS_MAX));
        recent.committed((1001..=1100).map(|offset| row(offset, BYTES_MAX / 10)), false);
        assert_eq!(offsets(&recent, 1090, 100).map(|rows| rows.len()), Some(10));
        assert_eq!(offsets(&recent, 1089, 100), None);
    }
}
