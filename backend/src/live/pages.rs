//! What the log said lately, encoded, for the streams that read it by themselves.
//!
//! Ten thousand readers that come back from the same place want the same rows; each page of them is read and encoded once.
//! Pages lie at fixed places of the log, hold every row whoever may hear it (rights are checked reader by reader), and are
//! dropped, least recently used first, when all together grow too large. The tail hands over what it has encoded anyway,
//! so a reader that was away for a moment finds everything here.
//!
//! A row that was rewritten is dropped with its page ([`Pages::evict`]), and so is a page that was being read meanwhile.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use shared::cursor::Offset;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard};

use super::{encode::Frame, lock, log::About};
use crate::domain::audience::Audience;

/// Rows on a page.
const PAGE_ROWS: u64 = 64;

/// What all pages hold at most, in bytes: some 16,000 messages of usual length.
const PAGES_BYTES: usize = 8 * 1024 * 1024;

/// What a row costs beside its bytes.
const ROW_BYTES: usize = size_of::<Row>();

/// A row of the log, encoded.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// Its place.
    pub(super) offset: Offset,
    /// Who may hear it.
    pub(super) audience: Audience,
    /// What it is about, where that matters.
    pub(super) about: About,
    /// Its bytes; none for a row that cannot be sent.
    pub(super) frame: Option<Frame>,
}

/// Rows that follow each other without a hole: a page, or its beginning, or its end.
pub(super) type Rows = Arc<Vec<Row>>;

/// See the module.
#[derive(Debug)]
pub(super) struct Pages {
    limit_bytes: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    pages: HashMap<u64, Page>,
    /// Being read now; whoever wants the same page waits for the first.
    loading: HashMap<u64, Arc<AsyncMutex<()>>>,
    bytes: usize,
    /// Counts uses, so that each page knows its last.
    uses: u64,
    evictions: u64,
}

#[derive(Debug)]
struct Page {
    rows: Rows,
    bytes: usize,
    last_use: u64,
}

/// A turn to read a page. Dropping it lets the next one have its turn.
pub(super) struct Turn<'a> {
    pages: &'a Pages,
    page: u64,
    gate: Arc<AsyncMutex<()>>,
}

/// How often rows were evicted: what was read before an eviction may hold what was evicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Evictions(u64);

const fn page_of(offset: Offset) -> u64 {
    offset.0 / PAGE_ROWS
}

impl Pages {
    /// No pages yet.
    pub(super) fn new() -> Self {
        Self::with_limit(PAGES_BYTES)
    }

    fn with_limit(limit_bytes: usize) -> Self {
        Self { limit_bytes, state: Mutex::default() }
    }

    /// The rows of the page that `next` lies on, if `next` is among them.
    pub(super) fn get(&self, next: Offset) -> Option<Rows> {
        let mut state = lock(&self.state);
        state.uses += 1;
        let uses = state.uses;
        let page = state.pages.get_mut(&page_of(next))?;
        let (first, last) = (page.rows.first()?.offset, page.rows.last()?.offset);
        if next < first || next > last {
            return None;
        }
        page.last_use = uses;
        Some(Arc::clone(&page.rows))
    }

    /// The turn to read the page that `next` lies on. Wait for it, and look again before reading.
    pub(super) fn turn(&self, next: Offset) -> Turn<'_> {
        let page = page_of(next);
        let gate = Arc::clone(lock(&self.state).loading.entry(page).or_default());
        Turn { pages: self, page, gate }
    }

    /// To be asked before rows are read that are to be kept.
    pub(super) fn evictions(&self) -> Evictions {
        Evictions(lock(&self.state).evictions)
    }

    /// Adds rows that follow on what the tail gave before, unless something was evicted since they were read.
    pub(super) fn append(&self, rows: impl IntoIterator<Item = Row>, read_at: Evictions) {
        let mut state = lock(&self.state);
        if state.evictions == read_at.0 {
            rows.into_iter().for_each(|row| state.append(row, self.limit_bytes));
        }
    }

    /// Forgets the pages of these rows, which are not what they were: from now on they are read from the log again.
    pub(super) fn evict(&self, rewritten: impl IntoIterator<Item = Offset>) {
        let mut state = lock(&self.state);
        state.evictions += 1;
        for offset in rewritten {
            state.remove(page_of(offset));
        }
    }
}

impl Turn<'_> {
    /// Waits until this turn comes. Hold the guard while reading.
    pub(super) async fn wait(&self) -> MutexGuard<'_, ()> {
        self.gate.lock().await
    }

    /// The offset before the first row of the page, and how many rows it has room for.
    pub(super) const fn range(&self) -> (Offset, usize) {
        let before = (self.page * PAGE_ROWS).saturating_sub(1);
        #[expect(clippy::cast_possible_truncation, reason = "at most PAGE_ROWS")]
        let rows = ((self.page + 1) * PAGE_ROWS - 1 - before) as usize;
        (Offset(before), rows)
    }

    /// Keeps the page as it was read, unless something was evicted meanwhile.
    pub(super) fn keep(&self, rows: &Rows, read_at: Evictions) {
        let mut state = lock(&self.pages.state);
        if state.evictions == read_at.0 && !rows.is_empty() {
            state.insert(self.page, Arc::clone(rows), self.pages.limit_bytes);
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.pages.state);
        // The map's count and ours: nobody else waits.
        if Arc::strong_count(&self.gate) == 2 {
            state.loading.remove(&self.page);
        }
    }
}

impl State {
    fn append(&mut self, row: Row, limit_bytes: usize) {
        let number = page_of(row.offset);
        let bytes = bytes_of(&row);
        self.uses += 1;
        let uses = self.uses;
        match self.pages.get_mut(&number) {
            Some(page) if page.rows.last().is_some_and(|last| last.offset.next() == row.offset) => {
                Arc::make_mut(&mut page.rows).push(row);
                page.bytes += bytes;
                page.last_use = uses;
                self.bytes += bytes;
                self.shrink(limit_bytes, number);
            }
            // Known already: a reader was quicker.
            Some(page) if page.rows.last().is_some_and(|last| last.offset >= row.offset) => {}
            _ => self.insert(number, Arc::new(vec![row]), limit_bytes),
        }
    }

    fn insert(&mut self, number: u64, rows: Rows, limit_bytes: usize) {
        let is_known = |page: &Page| page.rows.len() >= rows.len();
        if self.pages.get(&number).is_some_and(is_known) {
            return;
        }
        self.remove(number);
        self.uses += 1;
        let bytes = rows.iter().map(bytes_of).sum();
        self.bytes += bytes;
        self.pages.insert(number, Page { rows, bytes, last_use: self.uses });
        self.shrink(limit_bytes, number);
    }

    fn remove(&mut self, number: u64) {
        if let Some(page) = self.pages.remove(&number) {
            self.bytes -= page.bytes;
        }
    }

    /// Drops the pages used longest ago until the rest fits; `kept` stays in any case.
    fn shrink(&mut self, limit_bytes: usize, kept: u64) {
        while self.bytes > limit_bytes {
            let others = self.pages.iter().filter(|(number, _)| **number != kept);
            let Some(oldest) = others.min_by_key(|(_, page)| page.last_use).map(|(number, _)| *number) else { return };
            self.remove(oldest);
        }
    }
}

fn bytes_of(row: &Row) -> usize {
    ROW_BYTES + row.frame.as_ref().map_or(0, |frame| frame.chunk().len())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;
    use crate::live::encode;

    fn row(offset: u64) -> Row {
        let frame = Some(encode::note("read", &"x".repeat(100)));
        Row { offset: Offset(offset), audience: Audience::Workspace, about: About::default(), frame }
    }

    fn rows(offsets: std::ops::Range<u64>) -> Rows {
        Arc::new(offsets.map(row).collect())
    }

    fn span(pages: &Pages, next: u64) -> Option<(u64, u64)> {
        let rows = pages.get(Offset(next))?;
        Some((rows.first()?.offset.0, rows.last()?.offset.0))
    }

    #[test]
    fn rows_of_the_tail_fill_pages() {
        let pages = Pages::new();
        pages.append((60..130).map(row), pages.evictions());
        assert_eq!(span(&pages, 63), Some((60, 63)));
        assert_eq!(span(&pages, 64), Some((64, 127)));
        assert_eq!(span(&pages, 129), Some((128, 129)));
        assert_eq!(span(&pages, 130), None);
        assert_eq!(span(&pages, 59), None);
        pages.append([row(132)], pages.evictions()); // after a hole: what was there stays
        assert_eq!(span(&pages, 129), Some((128, 129)));
        assert_eq!(span(&pages, 132), None);
    }

    #[test]
    fn a_page_is_kept_unless_something_was_evicted_meanwhile() {
        let pages = Pages::new();
        let turn = pages.turn(Offset(70));
        assert_eq!(turn.range(), (Offset(63), 64));
        assert_eq!(pages.turn(Offset(5)).range(), (Offset(0), 63));
        let read_at = pages.evictions();
        pages.evict([Offset(1000)]);
        turn.keep(&rows(64..128), read_at);
        assert_eq!(span(&pages, 70), None);
        turn.keep(&rows(64..128), pages.evictions());
        assert_eq!(span(&pages, 70), Some((64, 127)));
        pages.append([row(128)], read_at);
        assert_eq!(span(&pages, 128), None);
        pages.evict([Offset(100)]);
        assert_eq!(span(&pages, 70), None);
        drop(turn);
        assert!(lock(&pages.state).loading.is_empty());
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let page_bytes = rows(0..64).iter().map(bytes_of).sum::<usize>();
        let pages = Pages::with_limit(3 * page_bytes);
        pages.append((64..192).map(row), pages.evictions());
        pages.get(Offset(64)).unwrap();
        pages.append((192..321).map(row), pages.evictions());
        let kept: Vec<_> = [64, 128, 192, 256].into_iter().filter(|next| span(&pages, *next).is_some()).collect();
        assert!(lock(&pages.state).bytes <= 3 * page_bytes);
        assert_eq!(kept, [192, 256], "and the page that just begins");
    }
}
