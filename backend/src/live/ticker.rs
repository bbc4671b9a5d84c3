//! One clock for all streams: heartbeats with spread phases, and the end of streams that are over without knowing it.
//!
//! A timer for each of 15,000 streams would cost more than the heartbeats themselves. Instead the streams lie in buckets,
//! and each step ticks one bucket: between two steps of the same bucket lies one heartbeat.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, interval};
use tokio_util::sync::CancellationToken;

use super::{hub::Inner, registry::BUCKETS};

/// A stream whose oldest waiting event is older than this is closed.
pub(super) const STALL_LIMIT: Duration = Duration::from_secs(10);

/// Each bucket is searched for streams to end once in this many steps: once a second.
const REAP_EVERY: usize = 4;

/// Runs until `shutdown`, and then tells every stream.
pub(super) async fn run(inner: Arc<Inner>, shutdown: CancellationToken) {
    let mut steps = interval(inner.tuning.heartbeat / u32::try_from(BUCKETS).expect("a small number"));
    let ticking = async {
        for step in (0..BUCKETS).cycle() {
            steps.tick().await;
            take_step(&inner, step);
        }
    };
    shutdown.run_until_cancelled(ticking).await;
    inner.registry().close();
}

fn take_step(inner: &Inner, step: usize) {
    let (now, now_ms) = (Instant::now(), inner.clock.now_ms());
    let registry = inner.registry();
    for bucket in (step % REAP_EVERY..BUCKETS).step_by(REAP_EVERY) {
        registry.reap(bucket, now, now_ms, STALL_LIMIT);
    }
    registry.tick(step, inner.tuning.mailbox_max_bytes, now);
}
