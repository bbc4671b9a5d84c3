//! What the fan-out counts, for `/metrics`.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
use shared::stream::Resume;

use super::ending::EndReason;

/// Label of [`Metrics::ended`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndedLabel {
    reason: &'static str,
}

/// Label of [`Metrics::opened`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OpenedLabel {
    resume: &'static str,
}

/// The counters of the fan-out. Cloning shares them.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    open: Gauge,
    opened: Family<OpenedLabel, Counter>,
    ended: Family<EndedLabel, Counter>,
    encoded: Counter,
    delivered: Counter,
    overflowed: Counter,
    poisoned: Counter,
    log_errors: Counter,
}

impl Metrics {
    /// All at zero; every reason is there from the first scrape, so that a rate has a beginning.
    #[must_use]
    pub fn new() -> Self {
        let this = Self::default();
        for reason in EndReason::ALL {
            drop(this.ended.get_or_create(&EndedLabel { reason: reason.as_str() }));
        }
        this
    }

    /// Shows the counters on `/metrics`.
    pub fn register(&self, registry: &mut Registry) {
        let registry = registry.sub_registry_with_prefix("stream");
        registry.register("open", "Streams that are open now", self.open.clone());
        registry.register("opened", "Streams opened, by how they continued", self.opened.clone());
        registry.register("ended", "Streams ended, by reason", self.ended.clone());
        registry.register("facts_encoded", "Facts encoded for the fan-out, once each", self.encoded.clone());
        registry.register("facts_delivered", "Facts put into the mailbox of a stream", self.delivered.clone());
        registry.register("mailbox_overflows", "Mailboxes dropped because a reader was slow", self.overflowed.clone());
        registry.register("rows_poisoned", "Rows of the log that cannot be sent", self.poisoned.clone());
        registry.register("log_errors", "Reads of the log that failed and were tried again", self.log_errors.clone());
    }

    /// Streams that are open now.
    #[must_use]
    pub fn open_streams(&self) -> i64 {
        self.open.get()
    }

    /// Streams that have ended for this reason.
    #[must_use]
    pub fn ended(&self, reason: EndReason) -> u64 {
        self.ended.get_or_create(&EndedLabel { reason: reason.as_str() }).get()
    }

    /// Facts encoded for the fan-out.
    #[must_use]
    pub fn facts_encoded(&self) -> u64 {
        self.encoded.get()
    }

    /// Facts put into mailboxes.
    #[must_use]
    pub fn facts_delivered(&self) -> u64 {
        self.delivered.get()
    }

    /// Mailboxes dropped because their reader was slow.
    #[must_use]
    pub fn mailbox_overflows(&self) -> u64 {
        self.overflowed.get()
    }

    /// Rows that could not be sent.
    #[must_use]
    pub fn rows_poisoned(&self) -> u64 {
        self.poisoned.get()
    }

    pub(super) fn stream_opened(&self, resume: Resume) {
        let resume = match resume {
            Resume::Live => "live",
            Resume::Replay => "replay",
            Resume::Reset => "reset",
        };
        self.open.inc();
        self.opened.get_or_create(&OpenedLabel { resume }).inc();
    }

    pub(super) fn stream_ended(&self, reason: EndReason) {
        self.open.dec();
        self.ended.get_or_create(&EndedLabel { reason: reason.as_str() }).inc();
    }

    pub(super) fn fact_encoded(&self) {
        self.encoded.inc();
    }

    pub(super) fn facts_delivered_to(&self, facts: usize, streams: u64) {
        self.delivered.inc_by(facts as u64 * streams);
    }

    pub(super) fn mailbox_overflowed(&self) {
        self.overflowed.inc();
    }

    pub(super) fn row_poisoned(&self) {
        self.poisoned.inc();
    }

    pub(super) fn log_failed(&self) {
        self.log_errors.inc();
    }
}
