//! Which messages stand together under one name (`ux.md` §4, "Grouping").

use std::sync::Arc;

use crate::state::view::{MessageRow, Person, Status};

/// Longest pause between two messages of a group, in milliseconds.
const PAUSE_MS: i64 = 5 * 60_000;

/// Longest time from a group's first message to its last, in milliseconds.
const SPAN_MS: i64 = 15 * 60_000;

/// The group that the rows so far end with. A day and the new line end it: they begin with the default again.
#[derive(Debug, Default)]
pub(super) struct Group {
    last: Option<Last>,
}

#[derive(Debug)]
struct Last {
    author: Arc<Person>,
    first_ms: i64,
    at_ms: i64,
    stands_alone: bool,
    failed: bool,
}

impl Group {
    /// Whether `row` begins a new group; it is part of the group from here on.
    pub(super) fn begins_with(&mut self, row: &MessageRow) -> bool {
        let failed = matches!(row.status, Status::Failed(_));
        let joins = self.last.as_ref().filter(|last| {
            last.author.id == row.author.id
                && !last.stands_alone
                && !row.gone
                // A message that was given up stands above what was sent after it: not in the same breath.
                && (!last.failed || failed)
                // Clocks jump: a message that seems to be older than the one above it is taken to be as old.
                && row.at_ms - last.at_ms <= PAUSE_MS
                && row.at_ms - last.first_ms <= SPAN_MS
        });
        let first_ms = joins.map_or(row.at_ms, |last| last.first_ms);
        let begins = joins.is_none();
        self.last =
            Some(Last { author: Arc::clone(&row.author), first_ms, at_ms: row.at_ms, stands_alone: row.gone, failed });
        begins
    }
}
