//! The tail: reads the log behind its own position, encodes each fact once and delivers it.
//!
//! It is the only task that moves the fan-out forward, so facts reach every mailbox in the order of the log. When the log
//! cannot be read it waits and tries again from the same position; nothing is lost, and one line says so.

use std::{convert::Infallible, sync::Arc, time::Duration};

use shared::cursor::{Cursor, Offset};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    encode::{self, Frame},
    hub::Inner,
    log::Record,
    pages::{Evictions, Row},
    pass::{Fact, Run},
    resume::cursor_at,
    shard::{Delivery, Queue, Work},
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

/// What one pass carries at most, in bytes; it ends with the event that passes this. A reader gets a pass in one write.
const PASS_BYTES: usize = 64 * 1024;

/// Runs until `shutdown`.
pub(super) async fn run(inner: Arc<Inner>, shards: Vec<Queue>, shutdown: CancellationToken) {
    let tail = async {
        loop {
            catch_up(&inner, &shards).await;
            // Whether a hint came or not, the log says what is new.
            timeout(POLL, inner.hint.notified()).await.ok();
        }
    };
    shutdown.run_until_cancelled(tail).await;
}

/// Reads and delivers until the log has no more.
async fn catch_up(inner: &Inner, shards: &[Queue]) {
    loop {
        let read_at = inner.pages.evictions();
        let records = read_patiently(inner).await;
        if records.is_empty() {
            return;
        }
        let mut records = records.into_iter().peekable();
        while records.peek().is_some() {
            if !pass(inner, shards, &mut records, read_at).await {
                inner.refresh_bounds().await;
                break;
            }
        }
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

/// Hands one pass of facts to those who may hear them, and waits until the shards are done with it. Returns false if
/// rows are missing.
async fn pass(inner: &Inner, shards: &[Queue], records: &mut impl Iterator<Item = Record>, read_at: Evictions) -> bool {
    let (mut expected, epochs) = {
        let registry = inner.registry();
        (registry.tail().next(), registry.epochs())
    };
    // Encoded outside of the lock: nobody else moves the tail, and who registers meanwhile does so before these facts.
    let (mut rows, mut bytes, mut is_whole) = (Vec::new(), 0, true);
    while bytes < PASS_BYTES && is_whole {
        let Some(record) = records.next() else { break };
        if record.offset < expected {
            continue;
        }
        is_whole = record.offset == expected;
        expected = record.offset.next();
        let at = cursor_at(&epochs, record.offset).expect("Hub::start refuses a log without an epoch");
        let frame = encode_once(inner, &record, at);
        bytes += frame.as_ref().map_or(0, Frame::event_len);
        rows.push((record, frame));
    }
    let kept = |(record, frame): &(Record, Option<Frame>)| Row {
        offset: record.offset,
        audience: record.audience,
        about: record.about,
        frame: frame.clone(),
    };
    inner.pages.append(rows.iter().map(kept), read_at);
    let (done, mut all_done) = mpsc::channel(1);
    if let Some(upto) = hand_over(inner, shards, rows, is_whole, done) {
        let _: Option<Infallible> = all_done.recv().await; // ends when every shard has dropped its end
        inner.fanned_out(upto);
    }
    is_whole
}

/// Decides who hears what, moves the tail, and queues the pass: all under one lock, so that whoever registers is either
/// among the listeners or has the facts before its tail. Returns the new tail.
fn hand_over(
    inner: &Inner,
    shards: &[Queue],
    rows: Vec<(Record, Option<Frame>)>,
    is_whole: bool,
    done: mpsc::Sender<Infallible>,
) -> Option<Offset> {
    let mut registry = inner.registry();
    if !is_whole {
        tracing::error!(tail = %registry.tail(), "rows of the log are gone before they were sent");
        registry.end_all_for_lost_rows();
    }
    let upto = rows.last().map(|(record, _)| record.offset)?;
    let mut work: Vec<Vec<Delivery>> = shards.iter().map(|_| Vec::new()).collect();
    let mut rows = rows.into_iter().peekable();
    while let Some((record, frame)) = rows.next() {
        let listeners = registry.listeners(record.audience, record.about);
        let (mut offset, mut change) = (record.offset, record.change);
        let mut facts: Vec<_> = frame.map(|frame| Fact { offset, frame }).into_iter().collect();
        // Until the audience, what it is about, or somebody's rights change, the same readers hear what follows.
        while change.is_none()
            && let Some((record, frame)) =
                rows.next_if(|(next, _)| (next.audience, next.about) == (record.audience, record.about))
        {
            (offset, change) = (record.offset, record.change);
            facts.extend(frame.map(|frame| Fact { offset, frame }));
        }
        registry.advance(offset, change);
        if let Some(change) = change {
            inner.follow(&registry, change);
        }
        if !facts.is_empty() {
            let run = Arc::new(Run::new(facts));
            for (work, to) in work.iter_mut().zip(listeners) {
                if to.iter().any(|list| !list.is_empty()) {
                    work.push(Delivery { run: Arc::clone(&run), to });
                }
            }
        }
    }
    for (shard, deliveries) in shards.iter().zip(work) {
        if !deliveries.is_empty() {
            drop(shard.send(Work::Pass { deliveries, done: done.clone() }));
        }
    }
    Some(upto)
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
