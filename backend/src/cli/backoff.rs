//! How long to wait before trying again: growing, jittered, and as the server asked. Pure; the caller draws the chance.

use std::time::Duration;

/// Longest wait that is our own choice: a server that comes back is noticed within half a minute.
const LONGEST: Duration = Duration::from_secs(30);

/// Longest wait that a server can impose; beyond it a mistake (or malice) is more likely than a plan.
const LONGEST_ASKED: Duration = Duration::from_secs(10 * 60);

/// A series of attempts at one thing.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    first: Duration,
    failures: u32,
}

impl Backoff {
    /// The first failure waits about `first`, each one after it twice as long as the one before, up to 30 s.
    pub(crate) fn new(first: Duration) -> Self {
        Self { first, failures: 0 }
    }

    /// Takes over the reconnection time of the stream, its `retry` field (WHATWG HTML §9.2.6).
    pub(crate) fn set_first(&mut self, first: Duration) {
        self.first = first.min(LONGEST_ASKED);
    }

    /// An attempt succeeded: the next failure is a first one again.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }

    /// How long to wait after one more failure. `chance` is uniform in 0..=1 and spreads the wait over the upper half of
    /// its range, so that clients that failed together do not return together. `asked` (`Retry-After`) is a floor.
    pub(crate) fn after_failure(&mut self, chance: f64, asked: Option<Duration>) -> Duration {
        let doublings = self.failures.min(16);
        self.failures = self.failures.saturating_add(1);
        let whole = self.first.saturating_mul(1 << doublings).min(LONGEST.max(self.first));
        let jittered = whole.mul_f64(0.5 + 0.5 * chance.clamp(0.0, 1.0));
        jittered.max(asked.unwrap_or_default().min(LONGEST_ASKED))
    }
}

/// A wait that the server chose for this client alone (`bye`): it has spread its clients already.
#[must_use]
pub(crate) fn as_asked(retry_ms: u64) -> Duration {
    Duration::from_millis(retry_ms).min(LONGEST_ASKED)
}

/// Draws a chance in 0..=1. Without the system's randomness the jitter is lost, no more.
#[must_use]
pub(crate) fn chance() -> f64 {
    getrandom::u32().map_or(1.0, |drawn| f64::from(drawn) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn waits_double_up_to_half_a_minute() {
        let mut backoff = Backoff::new(MS(2_000));
        let waits: Vec<_> = (0..7).map(|_| backoff.after_failure(1.0, None)).collect();
        assert_eq!(waits, [2, 4, 8, 16, 30, 30, 30].map(Duration::from_secs));
        for _ in 0..100 {
            assert_eq!(backoff.after_failure(1.0, None), LONGEST);
        }
        backoff.reset();
        assert_eq!(backoff.after_failure(1.0, None), MS(2_000));
    }

    #[test]
    fn chance_spreads_over_the_upper_half() {
        for (chance, expected) in [(0.0, 1_000), (0.5, 1_500), (1.0, 2_000), (-1.0, 1_000), (9.0, 2_000)] {
            assert_eq!(Backoff::new(MS(2_000)).after_failure(chance, None), MS(expected), "{chance}");
        }
        assert!((0.0..=1.0).contains(&super::chance()));
    }

    #[test]
    fn the_server_is_obeyed_within_reason() {
        let mut backoff = Backoff::new(MS(2_000));
        assert_eq!(backoff.after_failure(1.0, Some(MS(60_000))), MS(60_000));
        assert_eq!(backoff.after_failure(1.0, Some(MS(1))), MS(4_000));
        assert_eq!(backoff.after_failure(1.0, Some(Duration::MAX)), LONGEST_ASKED);
        backoff.reset();
        backoff.set_first(MS(60_000));
        assert_eq!(backoff.after_failure(1.0, None), MS(60_000), "a `retry` above our own bound holds");
        assert_eq!(as_asked(2_500), MS(2_500));
        assert_eq!(as_asked(u64::MAX), LONGEST_ASKED);
    }
}
