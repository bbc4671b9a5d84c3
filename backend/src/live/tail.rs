//! The tail: reads the log behind its own position, encodes each fact once and delivers it.
//!
//! It is the only task that moves the fan-out forward, so facts reach every mailbox in the order of the log. When the log
//! cannot be read it waits and tries again from the same position; nothing is lost, and one line says so.

use std::{sync::Arc, time::Duration};

use shared::cursor::Cursor;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{
    encode::{self, Frame},
    hub::Inner,
    log::Record,
    mailbox::Item,
};
use crate::domain::audience::Audience;

/// Rows read at once.
const BATCH: usize = 256;

/// How often the log is looked at when no hint comes: bounds the delay of a lost hint.
const POLL: Duration = Duration::from_secs(1);

/// First pause after a failed read; doubled up to [`BACKOFF_MAX`].
const BACKOFF_MIN: Duration = Duration::from_millis(50);

/// Longest pause after a failed read.
const BACKOFF_MAX: Duration = Duration::from_secs(2);

/// Runs until `shutdown`.
pub(super) async fn run(inner: Arc<Inner>, shutdown: CancellationToken) {
    let tail = async {
        loop {
            catch_up(&inner).await;
            // Whether a hint came or not, the log says what is new.
            timeout(POLL, inner.hint.notified()).await.ok();
        }
    };
    shutdown.run_until_cancelled(tail).await;
}

/// Reads and delivers until the log has no more.
async fn catch_up(inner: &Inner) {
    loop {
        let records = read_patiently(inner).await;
        if records.is_empty() {
            return;
        }
        let now = Instant::now();
        for record in records {
            if !deliver(inner, &record, now) {
                inner.refresh_bounds().await;
                break;
            }
        }
        // The readers that were just woken may share this thread.
        tokio::task::yield_now().await;
    }
}

/// The next rows, after as many attempts as it takes.
async fn read_patiently(inner: &Inner) -> Vec<Record> {
    let mut backoff = BACKOFF_MIN;
    loop {
        let after = inner.registry().tail();
        match inner.log.read(after, BATCH).await {
            Ok(records) => {
                if backoff > BACKOFF_MIN {
                    tracing::info!(%after, "the log can be read again");
                }
                return records;
            }
            Err(error) => {
                inner.metrics.log_failed();
                if backoff == BACKOFF_MIN {
                    tracing::warn!(%after, %error, "the log cannot be read; streams wait");
                }
                sleep(backoff).await;
                backoff = (backoff * 2).min(BACKOFF_MAX);
            }
        }
    }
}

/// Puts one fact into the mailboxes of its listeners and moves on. Returns false if rows before it are missing.
fn deliver(inner: &Inner, record: &Record, now: Instant) -> bool {
    let (expected, at) = {
        let registry = inner.registry();
        (registry.tail().next(), registry.cursor(record.offset))
    };
    if record.offset < expected {
        return true;
    }
    // Outside of the lock: nobody else moves the tail, and who registers meanwhile does so before this fact.
    let frame = encode_once(inner, record, at);
    let is_next = record.offset == expected;
    let mut registry = inner.registry();
    if !is_next {
        tracing::error!(%expected, found = %record.offset, "rows of the log are gone before they were sent");
        registry.end_all_for_lost_rows();
    }
    if let Some(frame) = frame {
        let mut streams = 0;
        registry.each_listener(record.audience, |mailbox| {
            inner.put(mailbox, Item::Fact { offset: record.offset, frame: frame.clone() }, now);
            streams += 1;
        });
        inner.metrics.fact_delivered_to(streams);
    }
    registry.advance(record.offset, record.change);
    is_next
}

/// The bytes of a fact for all its readers; nothing for a row that cannot be sent.
fn encode_once(inner: &Inner, record: &Record, at: Cursor) -> Option<Frame> {
    if record.audience == Audience::Nobody {
        inner.metrics.row_poisoned(); // whoever read the row has reported it
        return None;
    }
    match encode::fact(record, at) {
        Ok(frame) => {
            inner.metrics.fact_encoded();
            Some(frame)
        }
        Err(fault) => {
            inner.metrics.row_poisoned();
            tracing::error!(offset = %record.offset, %fault, "a row of the log cannot be sent; it is skipped");
            None
        }
    }
}
