//! What every area uses.

pub(crate) mod actor;
pub(crate) mod app;
pub(crate) mod process;
pub(crate) mod sse;
pub(crate) mod tls;
pub(crate) mod wire;

use std::time::{Duration, Instant};

/// Whatever a test waits for comes within this time, or the test has failed.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// Waits until `probe` gives something.
///
/// # Panics
/// When the deadline passes; `what` says what was waited for.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut probe: impl FnMut() -> F) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = probe().await {
            return found;
        }
        assert!(started.elapsed() < DEADLINE, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
