//! The time. Nothing else in the server reads a clock, so that a test can set it.
//!
//! Only people and expiry dates look at it: no order, cursor or idempotency depends on a wall clock (guarantee G15).
//! Deadlines of connections run on tokio's own monotonic timer instead.

use std::{
    fmt,
    sync::atomic::{AtomicI64, Ordering},
};

use shared::member::Timestamp;

/// Where the time comes from.
pub trait Clock: Send + Sync + 'static {
    /// Now, in milliseconds since 1970, UTC.
    fn now_ms(&self) -> i64;

    /// Now, as it crosses the wire.
    fn timestamp(&self) -> Timestamp {
        timestamp(self.now_ms())
    }
}

/// A moment as it crosses the wire: RFC 3339, UTC, milliseconds. Moments beyond the year 9999 are cut to its end.
#[must_use]
pub fn timestamp(at_ms: i64) -> Timestamp {
    let at = jiff::Timestamp::from_millisecond(at_ms).unwrap_or(jiff::Timestamp::MAX);
    Timestamp(format!("{at:.3}"))
}

/// Writes what the clock of the machine shows, to the microsecond: for lines of the log.
///
/// # Errors
/// Those of `line`.
pub fn write_now(line: &mut impl fmt::Write) -> fmt::Result {
    write!(line, "{:.6}", jiff::Timestamp::now())
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        jiff::Timestamp::now().as_millisecond()
    }
}

/// A clock that stands still until it is moved: for tests.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `at_ms`, milliseconds since 1970.
    #[must_use]
    pub const fn at(at_ms: i64) -> Self {
        Self(AtomicI64::new(at_ms))
    }

    /// Moves it forward, or back when `by_ms` is negative.
    pub fn advance(&self, by_ms: i64) {
        self.0.fetch_add(by_ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_with_milliseconds_and_z() {
        let clock = ManualClock::at(1_795_348_800_000);
        assert_eq!(clock.timestamp().0, "2026-11-22T12:00:00.000Z");
        clock.advance(1);
        assert_eq!(clock.timestamp().0, "2026-11-22T12:00:00.001Z");
        assert!(timestamp(i64::MAX).0.starts_with("9999-12-"));
    }
}
