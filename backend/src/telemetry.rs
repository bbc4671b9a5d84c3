//! What an operator sees: log lines on standard error, counters on `/metrics`.
//!
//! A line names requests by their template and id, people and rooms by their id. It never holds a message, a password, a
//! token, a cookie, an invite code, a query or a header as it came (docs/LOGGING.md). Control characters are escaped, so
//! one event is one line: [`lines`].

mod lines;
pub mod request;

use std::{
    num::NonZeroU32,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};
use tokio::time::Instant;
use tracing::{Event, Level, Metadata, Subscriber, callsite};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{ParseError, filter_fn},
    fmt,
    layer::{Context, SubscriberExt},
    util::SubscriberInitExt,
};

use crate::{
    config::LogFormat,
    domain::token_bucket::{Rate, TokenBuckets},
};

/// Starts logging. Called once, by `main`.
///
/// # Errors
/// When `filter` cannot be read.
pub fn init(format: LogFormat, filter: &str) -> Result<(), ParseError> {
    // What the migrations library says of itself at each start is no news; `filter` can still ask for it.
    let wanted = EnvFilter::builder().parse(format!("refinery_core=warn,{filter}"))?;
    let layer = fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let layer = match format {
        LogFormat::Text => layer.event_format(lines::Text).boxed(),
        LogFormat::Json => layer.event_format(lines::Json).boxed(),
    };
    tracing_subscriber::registry()
        .with(wanted)
        .with(filter_fn(may_be_logged))
        .with(FloodGate::new())
        .with(layer)
        .init();
    Ok(())
}

/// Keeps the details of other people's code out, whatever was asked for: an HTML parser, for one, traces every text that
/// it reads, and those are messages.
fn may_be_logged(line: &Metadata<'_>) -> bool {
    line.target().starts_with("teahouse") || *line.level() <= Level::INFO
}

/// Warnings and errors of one kind that are written at once, and in a second after that.
const SAME_TROUBLE: (NonZeroU32, NonZeroU32) =
    (NonZeroU32::new(200).expect("more than none"), NonZeroU32::new(20).expect("more than none"));

/// Warnings and errors that were not written, of all kinds.
static LEFT_OUT: LazyLock<Counter> = LazyLock::new(Counter::default);

/// Leaves out warnings and errors that repeat too fast: a fault that meets every request is told and counted, and fills no
/// disk (security.md L4). Other lines are at most a few for each request, and come from whoever asked for them.
#[derive(Debug)]
struct FloodGate {
    since: Instant,
    kinds: Mutex<TokenBuckets<callsite::Identifier>>,
}

impl FloodGate {
    fn new() -> Self {
        let (burst, per_second) = SAME_TROUBLE;
        let kinds = Mutex::new(TokenBuckets::new(Rate::new(per_second, 1_000_000, burst)));
        Self { since: Instant::now(), kinds }
    }
}

impl<S: Subscriber> Layer<S> for FloodGate {
    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        if *event.metadata().level() > Level::WARN {
            return true;
        }
        let now_us = u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX);
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let is_written = kinds.take(event.metadata().callsite(), now_us).is_ok();
        if !is_written {
            LEFT_OUT.inc();
        }
        is_written
    }
}

/// What a request is counted under. The route is its template, so that their number is bounded.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    /// The path template, `unmatched` when there is none.
    pub route: Arc<str>,
    /// The status.
    pub status: u16,
}

/// Upper bounds of the latency buckets, in seconds: from a cache hit to the slowest password hash.
const LATENCY_BUCKETS_S: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// Every counter of the process, and the registry that prints them.
#[derive(Debug)]
pub struct Metrics {
    /// Requests answered.
    pub requests: Family<RequestLabels, Counter>,
    /// Time from the request's head to the answer's, in seconds; streams aside.
    pub request_seconds: Histogram,
    /// Handlers that panicked.
    pub panics: Counter,
    registry: Registry,
}

impl Metrics {
    /// Counters at zero. `more` registers those of other parts.
    #[must_use]
    pub fn new(more: impl FnOnce(&mut Registry)) -> Self {
        let mut registry = Registry::with_prefix("teahouse");
        let requests = Family::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        let request_seconds = Histogram::new(LATENCY_BUCKETS_S);
        registry.register("http_request_seconds", "Time to answer a request", request_seconds.clone());
        let panics = Counter::default();
        registry.register("http_panics", "Handlers that panicked", panics.clone());
        registry.register("log_lines_left_out", "Warnings and errors that repeated too fast", LEFT_OUT.clone());
        more(&mut registry);
        Self { requests, request_seconds, panics, registry }
    }

    /// All of them in the OpenMetrics text format.
    #[must_use]
    pub fn print(&self) -> String {
        let mut page = String::new();
        text::encode(&mut page, &self.registry).expect("writing to a String cannot fail");
        page
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new(|_| {})
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// Counts what would be written.
    #[derive(Clone, Default)]
    struct Written(Arc<AtomicU64>);

    impl<S: Subscriber> Layer<S> for Written {
        fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_fault_that_repeats_fills_no_disk() {
        let written = Written::default();
        let lines = tracing_subscriber::registry().with(FloodGate::new()).with(written.clone());
        let count = || written.0.swap(0, Ordering::Relaxed);
        tracing::subscriber::with_default(lines, || {
            let before = LEFT_OUT.get();
            for _ in 0..10_000 {
                tracing::error!("the same trouble");
            }
            let told = count();
            assert!((200..5_000).contains(&told), "{told}");
            assert!(LEFT_OUT.get() - before >= 10_000 - told, "what is left out is counted");
            tracing::warn!("another trouble");
            assert_eq!(count(), 1);
            for _ in 0..1_000 {
                tracing::info!("a request");
            }
            assert_eq!(count(), 1_000);
        });
    }
}
