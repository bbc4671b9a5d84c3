//! The log itself: its rows, what it spans, and how it is kept.

use async_trait::async_trait;
use bytes::Bytes;
use shared::{
    cursor::{Cursor, Epoch, Offset},
    member::Timestamp,
};

use super::StoreError;
use crate::domain::audience::Audience;

/// One row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    /// Its place.
    pub offset: Offset,
    /// Who may hear it.
    pub audience: Audience,
    /// The fact's name, the SSE `event`.
    pub kind: String,
    /// The fact as one line of JSON.
    pub payload: Bytes,
    /// Whether this process has just written it, so that it is surely what it says; a row that was read may be anything.
    pub is_own: bool,
}

/// An epoch and the first offset counted in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochStart {
    /// The epoch.
    pub epoch: Epoch,
    /// The first offset that belongs to it.
    pub first_offset: Offset,
}

/// What the log spans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogBounds {
    /// The oldest row still kept, or the next offset when there is none.
    pub oldest: Offset,
    /// The newest row.
    pub head: Offset,
    /// Every epoch, oldest first; the last is the current one.
    pub epochs: Vec<EpochStart>,
}

/// The log. See [`super::Store`] for what every method has in common.
#[async_trait]
pub trait LogStore: Send + Sync + 'static {
    /// What the log spans right now.
    async fn log_bounds(&self) -> Result<LogBounds, StoreError>;

    /// The next rows after `after`, at most `limit`, without holes. Fewer than there are may come at once.
    async fn read_log(&self, after: Offset, limit: usize) -> Result<Vec<LogRow>, StoreError>;

    /// Takes the oldest rows out of the log, at most `batch` at a time: those written before `before` and not among the
    /// newest `keep`. Returns how many went; as long as it is `batch`, there may be more. The current state, and what
    /// cursors after the oldest row see, does not change.
    async fn prune_log(&self, before: Timestamp, keep: u64, batch: u32) -> Result<u64, StoreError>;

    /// Makes what was deleted disappear from the files too. To be called at least once a minute.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when a long read is in the way: call again.
    async fn checkpoint(&self) -> Result<(), StoreError>;

    /// Whether the database answers and its schema is this version's: for `/readyz`.
    async fn ready(&self) -> Result<(), StoreError>;
}

/// The place of a fact: its offset in the epoch that it belongs to.
///
/// An event's epoch is that of its offset, not the one current when it is read; so an ordinary restart changes no id.
#[must_use]
pub fn cursor_at(epochs: &[EpochStart], offset: Offset) -> Option<Cursor> {
    let started = epochs.partition_point(|start| start.first_offset <= offset.max(Offset(1)));
    epochs[..started].last().map(|start| Cursor { epoch: start.epoch, offset })
}
