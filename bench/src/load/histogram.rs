//! How long things took: a histogram with buckets of a constant relative width, as HdrHistogram has them.
//!
//! Values are whole microseconds. Below 128 µs they are kept exactly, above it within 1 / 64 of themselves, so a quantile
//! is never more than 1.6 % too high. Recording is a few instructions: it must not slow the load client down.

/// Bits of a value that are kept.
const KEPT_BITS: u32 = 7;
/// Buckets of one power of two.
const HALF: usize = 1 << (KEPT_BITS - 1);
/// Buckets for every `u64`.
const BUCKETS: usize = (64 - KEPT_BITS as usize + 2) * HALF;

/// See the module.
#[derive(Debug, Clone)]
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
    max_us: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: vec![0; BUCKETS], count: 0, max_us: 0 }
    }
}

impl Histogram {
    /// Counts one value.
    pub fn record(&mut self, value_us: u64) {
        self.buckets[bucket(value_us)] += 1;
        self.count += 1;
        self.max_us = self.max_us.max(value_us);
    }

    /// How many values were counted.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The largest value, exactly.
    #[must_use]
    pub const fn max_us(&self) -> u64 {
        self.max_us
    }

    /// The value that the share `quantile` (0 to 1) of all values does not exceed; 0 when there are none.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts stay far below 2^53, and a share of one is not negative"
    )]
    pub fn quantile_us(&self, quantile: f64) -> u64 {
        let wanted = ((self.count as f64 * quantile).ceil() as u64).max(1);
        let mut seen = 0;
        for (index, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return upper(index).min(self.max_us);
            }
        }
        self.max_us
    }
}

/// Which bucket a value falls into: its highest [`KEPT_BITS`] bits, and how many were cut off.
const fn bucket(value: u64) -> usize {
    let cut = (u64::BITS - value.leading_zeros()).saturating_sub(KEPT_BITS);
    (value >> cut) as usize + cut as usize * HALF
}

/// The largest value of a bucket.
const fn upper(index: usize) -> u64 {
    let cut = (index / HALF).saturating_sub(1);
    let kept = (index - cut * HALF) as u64;
    (kept << cut) | ((1 << cut) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_what_falls_into_it() {
        let mut last = 0;
        for value in (0..10_000).chain((14..58).map(|bit| (1 << bit) + 3)).chain([u64::MAX]) {
            let index = bucket(value);
            assert!(index < BUCKETS && index >= last, "{value}");
            let (top, below) = (upper(index), index.checked_sub(1).map(upper));
            assert!(value <= top && below.is_none_or(|below| value > below), "{value} in {below:?}..={top}");
            assert!(value < 128 || top - value <= value / 64, "{value} is kept as {top}");
            last = index;
        }
    }

    #[test]
    fn quantiles_are_those_of_the_values() {
        let mut histogram = Histogram::default();
        assert_eq!((histogram.quantile_us(0.99), histogram.count()), (0, 0));
        (1..=100).for_each(|value| histogram.record(value));
        let check = |quantile, expected| assert_eq!(histogram.quantile_us(quantile), expected, "{quantile}");
        check(0.0, 1);
        check(0.5, 50);
        check(0.99, 99);
        check(1.0, 100);
        assert_eq!((histogram.max_us(), histogram.count()), (100, 100));
    }

    #[test]
    fn one_large_value_is_the_largest() {
        let mut histogram = Histogram::default();
        histogram.record(10);
        histogram.record(1_000_003);
        assert_eq!(histogram.quantile_us(1.0), 1_000_003);
        assert_eq!(histogram.quantile_us(0.5), 10);
    }
}
