//! How often something may happen: token buckets, one for each key, in a table of bounded size.
//!
//! A bucket is a single number, the moment at which it is full again (the generic cell rate algorithm, ITU-T I.371): a
//! bucket that is full is as good as none and can be forgotten. Time comes from the caller, in microseconds since any
//! moment it likes, as long as it does not run backwards. `http::rate_limit` holds the tables of this server.

use std::{collections::HashMap, hash::Hash, num::NonZeroU32};

/// Keys in one table. A million callers under as many addresses fill it, and cost 9 MiB (security.md RL4).
pub const KEYS_MAX: usize = 400_000;

/// A full table is searched for buckets to forget at most this often: the search must not itself become the load.
const SWEEP_EVERY_US: u64 = 1_000_000;

/// So many in so much time, and so many at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// One token comes back in this time.
    interval_us: u64,
    /// From empty to full.
    refill_us: u64,
}

impl Rate {
    /// `count` in `per_us` microseconds on average, `burst` at once after a rest.
    #[must_use]
    pub const fn new(count: NonZeroU32, per_us: u64, burst: NonZeroU32) -> Self {
        let interval_us = per_us.div_ceil(count.get() as u64);
        Self { interval_us, refill_us: interval_us * burst.get() as u64 }
    }
}

/// A bucket is empty; how long until it has a token, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Empty {
    /// At least 1.
    pub wait_us: u64,
}

/// See the module.
#[derive(Debug, Clone)]
pub struct TokenBuckets<K> {
    rate: Rate,
    keys_max: usize,
    full_at_us: HashMap<K, u64>,
    /// The one bucket of all keys for which there was no place: they share it, so that no flood of keys is without limit.
    crowd_full_at_us: u64,
    swept_at_us: u64,
}

impl<K: Eq + Hash> TokenBuckets<K> {
    /// Full buckets, for any key.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self::with_keys_max(rate, KEYS_MAX)
    }

    /// The same, with another number of keys than [`KEYS_MAX`].
    #[must_use]
    pub fn with_keys_max(rate: Rate, keys_max: usize) -> Self {
        Self { rate, keys_max, full_at_us: HashMap::new(), crowd_full_at_us: 0, swept_at_us: 0 }
    }

    /// Takes a token from the key's bucket.
    ///
    /// # Errors
    /// [`Empty`] when there is none. The attempt costs nothing: whoever waits as long as told gets one.
    pub fn take(&mut self, key: K, now_us: u64) -> Result<(), Empty> {
        if self.full_at_us.len() >= self.keys_max && !self.full_at_us.contains_key(&key) {
            self.sweep(now_us);
            if self.full_at_us.len() >= self.keys_max {
                return self.rate.take(&mut self.crowd_full_at_us, now_us);
            }
        }
        self.rate.take(self.full_at_us.entry(key).or_insert(now_us), now_us)
    }

    /// Whether [`TokenBuckets::take`] would give one. A key without a bucket of its own has a full one, or a place to find.
    ///
    /// # Errors
    /// [`Empty`] when there is none.
    pub fn peek(&self, key: &K, now_us: u64) -> Result<(), Empty> {
        let mut full_at_us = self.full_at_us.get(key).copied().unwrap_or(now_us);
        self.rate.take(&mut full_at_us, now_us)
    }

    /// Puts a token back that was taken for nothing. One that came from the bucket of the crowd is lost.
    pub fn give_back(&mut self, key: &K) {
        if let Some(full_at_us) = self.full_at_us.get_mut(key) {
            // A bucket that is full by now takes no more: a moment in the past is as good as now.
            *full_at_us = full_at_us.saturating_sub(self.rate.interval_us);
        }
    }

    /// Forgets the buckets that are full.
    fn sweep(&mut self, now_us: u64) {
        if now_us >= self.swept_at_us + SWEEP_EVERY_US {
            self.swept_at_us = now_us;
            self.full_at_us.retain(|_, full_at_us| *full_at_us > now_us);
        }
    }
}

impl Rate {
    fn take(self, full_at_us: &mut u64, now_us: u64) -> Result<(), Empty> {
        let after_us = (*full_at_us).max(now_us) + self.interval_us;
        match after_us.checked_sub(now_us + self.refill_us) {
            None | Some(0) => {
                *full_at_us = after_us;
                Ok(())
            }
            Some(wait_us) => Err(Empty { wait_us }),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use proptest::prelude::*;

    use super::*;

    const SECOND: u64 = 1_000_000;

    fn rate(count: u32, burst: u32) -> Rate {
        Rate::new(count.try_into().unwrap(), SECOND, burst.try_into().unwrap())
    }

    #[test]
    fn a_burst_then_the_rate() {
        let mut buckets = TokenBuckets::new(rate(50, 500));
        for _ in 0..500 {
            assert_eq!(buckets.take("ana", 7), Ok(()));
        }
        assert_eq!(buckets.take("ana", 7), Err(Empty { wait_us: SECOND / 50 }));
        assert_eq!(buckets.take("ana", 7 + SECOND / 50 - 1), Err(Empty { wait_us: 1 }));
        assert_eq!(buckets.take("ana", 7 + SECOND / 50), Ok(()));
        assert_eq!(buckets.take("bo", 7), Ok(()), "another's bucket is another");
        let rested = (0..1000).filter(|_| buckets.take("ana", 100 * SECOND).is_ok()).count();
        assert_eq!(rested, 500, "a rest fills the bucket and no more");
    }

    #[test]
    fn what_is_put_back_was_never_taken() {
        let mut buckets = TokenBuckets::new(rate(1, 2));
        for _ in 0..10 {
            assert_eq!(buckets.peek(&'a', 7), Ok(()));
            assert_eq!(buckets.take('a', 7), Ok(()));
            buckets.give_back(&'a');
        }
        assert_eq!([buckets.take('a', 7), buckets.take('a', 7)], [Ok(()), Ok(())]);
        assert_eq!(buckets.peek(&'a', 7), Err(Empty { wait_us: SECOND }));
        assert_eq!(buckets.peek(&'a', 7 + SECOND), Ok(()), "to look takes nothing");
        assert_eq!(buckets.take('a', 7 + SECOND), Ok(()));
        buckets.give_back(&'b');
        for _ in 0..3 {
            buckets.give_back(&'a');
        }
        let taken = (0..10).filter(|_| buckets.take('a', 7 + SECOND).is_ok()).count();
        assert_eq!(taken, 2, "no more than it holds");
    }

    #[test]
    fn a_million_callers_fit_into_32_mib_and_none_is_without_limit() {
        let mut buckets = TokenBuckets::new(rate(1, 10));
        let allowed = (0..1_000_000_u64).filter(|&address| buckets.take(address, 0).is_ok()).count();
        assert_eq!(allowed, KEYS_MAX + 10, "those without a bucket of their own share one");
        // hashbrown: a power of two of entries, 7 of 8 used, one byte beside each.
        let slots = (buckets.full_at_us.capacity() * 8 / 7).next_power_of_two();
        let bytes = slots * (size_of::<(u64, u64)>() + 1);
        assert!(bytes + bytes / 2 <= 32 << 20, "{bytes} bytes, and half of it again while it grows");
    }

    #[test]
    fn buckets_that_are_full_again_make_place() {
        let mut buckets = TokenBuckets::with_keys_max(rate(1, 1), 2);
        assert_eq!([1, 2, 3, 4].map(|key| buckets.take(key, 2 * SECOND).is_ok()), [true, true, true, false]);
        assert_eq!([1, 3, 4].map(|key| buckets.take(key, 3 * SECOND).is_ok()), [true, true, true]);
        assert_eq!(buckets.full_at_us.len(), 2);
    }

    proptest! {
        /// Whatever comes when: in no stretch of time does a key get more than the burst and what came back meanwhile.
        #[test]
        fn no_stretch_of_time_has_more_than_its_share(steps in prop::collection::vec(0..SECOND, 1..200)) {
            let (count, burst) = (3, 5);
            let mut buckets = TokenBuckets::new(rate(count, burst));
            let mut now = 0;
            let mut taken = Vec::new();
            for step in steps {
                now += step;
                match buckets.take((), now) {
                    Ok(()) => taken.push(now),
                    Err(Empty { wait_us }) => {
                        let granted = buckets.clone().take((), now + wait_us).is_ok();
                        prop_assert!(granted, "who waits as told gets one");
                    }
                }
            }
            for (index, from) in taken.iter().enumerate() {
                for (later, to) in taken.iter().enumerate().skip(index) {
                    let share = u64::from(burst) + (to - from) * u64::from(count) / SECOND;
                    prop_assert!((later - index + 1) as u64 <= share + 1);
                }
            }
        }
    }
}
