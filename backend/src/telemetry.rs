//! What an operator sees: log lines on standard error, counters on `/metrics`.
//!
//! A line names requests by their template and id, people and rooms by their id. It never holds a message, a password, a
//! token, a cookie, an invite code, a query or a header as it came (docs/LOGGING.md). `tracing-subscriber` escapes
//! control characters, so one event is one line.

use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};
use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{ParseError, filter_fn},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::config::LogFormat;

/// Starts logging. Called once, by `main`.
///
/// # Errors
/// When `filter` cannot be read.
pub fn init(format: LogFormat, filter: &str) -> Result<(), ParseError> {
    // What the migrations library says of itself at each start is no news; `filter` can still ask for it.
    let wanted = EnvFilter::builder().parse(format!("refinery_core=warn,{filter}"))?;
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Text => lines.with_ansi(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry().with(wanted).with(filter_fn(may_be_logged)).with(lines).init();
    Ok(())
}

/// Keeps the details of other people's code out, whatever was asked for: an HTML parser, for one, traces every text that
/// it reads, and those are messages.
fn may_be_logged(line: &Metadata<'_>) -> bool {
    line.target().starts_with("teahouse") || *line.level() <= Level::INFO
}

/// What a request is counted under. The route is its template, so that their number is bounded.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    /// The path template, `unmatched` when there is none.
    pub route: String,
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
