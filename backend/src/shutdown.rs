//! The end of the process: one token that everything watches, cancelled by the first signal.
//!
//! SIGTERM (an init system, an orchestrator) and SIGINT (a terminal) mean the same: stop accepting, say goodbye, finish
//! what is under way, exit 0. A second signal means that somebody is not willing to wait.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// What the process exits with after a second signal: 128 + SIGTERM, as shells count.
const IMPATIENT_EXIT_CODE: i32 = 143;

/// A token that SIGTERM or SIGINT cancels. From now on neither ends the process by itself; a second one does.
///
/// # Errors
/// The signals cannot be watched. Must be called on a tokio runtime.
pub fn on_signals() -> io::Result<CancellationToken> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let token = CancellationToken::new();
    let cancelled = token.clone();
    tokio::spawn(async move {
        let name = next(&mut terminate, &mut interrupt).await;
        tracing::info!(signal = name, "stopping");
        cancelled.cancel();
        let name = next(&mut terminate, &mut interrupt).await;
        tracing::warn!(signal = name, "stopping at once");
        std::process::exit(IMPATIENT_EXIT_CODE);
    });
    Ok(token)
}

async fn next(terminate: &mut Signal, interrupt: &mut Signal) -> &'static str {
    tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    }
}
