//! What a server does by itself: uses of sessions are written down, what a ban still has to delete goes, old rows of the
//! log go, expired sessions go, deleted texts leave the files.

use std::time::Duration;

use tokio::time::{self, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::{bans, presence, uses};
use crate::{clock, state::App, store::StoreError};

/// The log keeps at least this many of its newest facts, and
const LOG_KEEP_EVENTS: u64 = 1_000_000;
/// at least what is younger than this, in days: whichever keeps more (design §2).
const LOG_KEEP_DAYS: i64 = 30;
/// Where people came from is forgotten after this long, in days.
const ADDRESSES_KEEP_DAYS: i64 = 30;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Rows in one transaction: a few milliseconds of the writer's time.
const BATCH: u32 = 1_000;
/// A deleted text is in no file after this long (guarantees, "Deletion").
const CHECKPOINT_EVERY: Duration = Duration::from_secs(30);
/// How long it may take until it is written down when somebody was last here.
const LAST_SEEN_EVERY: Duration = Duration::from_secs(5);
/// Nothing here is urgent.
const PRUNE_EVERY_CHECKPOINTS: u32 = 20;

/// Runs until `shutdown`. What fails is logged and tried again next time.
pub async fn run(app: std::sync::Arc<App>, shutdown: CancellationToken) {
    let mut every = time::interval(CHECKPOINT_EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen = time::interval(LAST_SEEN_EVERY);
    seen.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for round in 0_u32.. {
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = every.tick() => break,
                _ = seen.tick() => record_last_seen(&app).await,
            }
        }
        if let Err(error) = look_after(&app, round.is_multiple_of(PRUNE_EVERY_CHECKPOINTS)).await {
            tracing::warn!(%error, "maintenance failed; it is tried again");
        }
    }
}

async fn record_last_seen(app: &App) {
    if let Err(error) = presence::record_last_seen(app).await {
        tracing::debug!(%error, "when people were last here is written down later");
    }
}

async fn look_after(app: &App, prune: bool) -> Result<(), StoreError> {
    uses::record(app).await?;
    // One that was broken off by a restart.
    bans::purge(app).await?;
    if prune {
        let now_ms = app.clock.now_ms();
        let oldest = clock::timestamp(now_ms - LOG_KEEP_DAYS * DAY_MS);
        while app.store.prune_log(oldest.clone(), LOG_KEEP_EVENTS, BATCH).await? == u64::from(BATCH) {
            tokio::task::yield_now().await;
        }
        let addresses_since_ms = now_ms - ADDRESSES_KEEP_DAYS * DAY_MS;
        while app.store.prune_expired(now_ms, addresses_since_ms, BATCH).await? >= u64::from(BATCH) {
            tokio::task::yield_now().await;
        }
    }
    app.store.checkpoint().await
}
