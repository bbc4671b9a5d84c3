//! How often a caller may do what costs: one table of token buckets for each kind of thing (security.md RL2–RL4).
//!
//! Time here is the monotonic one, so no jump of the wall clock opens or shuts anything.

use std::{
    hash::Hash,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use shared::{id::MemberId, problem::ProblemCode};
use tokio::time::Instant;

use crate::{
    config::Config,
    domain::token_bucket::{Rate, TokenBuckets},
    error::AppError,
};

/// A second, in microseconds.
const SECOND_US: u64 = 1_000_000;

/// A rate limit for each key; a handler calls [`RateLimit::check`] before it does anything.
#[derive(Debug)]
pub struct RateLimit<K> {
    /// What is limited, for the log.
    of: &'static str,
    since: Instant,
    buckets: Mutex<TokenBuckets<K>>,
}

impl<K: Eq + Hash> RateLimit<K> {
    /// A limit of the thing called `of`.
    #[must_use]
    pub fn new(of: &'static str, rate: Rate) -> Self {
        Self { of, since: Instant::now(), buckets: Mutex::new(TokenBuckets::new(rate)) }
    }

    /// Counts one for the key.
    ///
    /// # Errors
    /// [`ProblemCode::RateLimited`] with the time to wait, rounded up to whole seconds.
    pub fn check(&self, key: K) -> Result<(), AppError> {
        let now_us = u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX);
        let taken = self.buckets.lock().unwrap_or_else(PoisonError::into_inner).take(key, now_us);
        taken.map_err(|empty| {
            tracing::info!(of = self.of, "too often");
            AppError::new(ProblemCode::RateLimited).retry_after(Duration::from_micros(empty.wait_us))
        })
    }
}

/// A number of this file.
const fn nonzero(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).expect("it is not zero")
}

/// Every rate limit of the server.
#[derive(Debug)]
pub struct RateLimits {
    /// Posts of a person; `None` when there is no limit.
    pub posts: Option<RateLimit<MemberId>>,
    /// What a person says of being here and typing: once in three seconds is what a client needs for each.
    pub signals: RateLimit<MemberId>,
}

impl RateLimits {
    /// How many posts may come at once: so many times the rate of a second.
    const POST_BURST: u32 = 10;

    /// Signals in a second, and at once: several devices and rooms at a time.
    const SIGNALS: (NonZeroU32, NonZeroU32) = (nonzero(2), nonzero(20));

    /// As the operator said.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let posts = NonZeroU32::new(config.post_rate).map(|rate| {
            let burst = rate.saturating_mul(NonZeroU32::MIN.saturating_add(Self::POST_BURST - 1));
            RateLimit::new("posts", Rate::new(rate, SECOND_US, burst))
        });
        let (rate, burst) = Self::SIGNALS;
        Self { posts, signals: RateLimit::new("signals", Rate::new(rate, SECOND_US, burst)) }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_wait_is_told_in_whole_seconds_and_is_long_enough() {
        let one = NonZeroU32::MIN;
        let limit = RateLimit::new("tests", Rate::new(one, 10 * SECOND_US, one));
        limit.check('a').unwrap();
        tokio::time::advance(Duration::from_millis(8_500)).await;
        let error = limit.check('a').unwrap_err();
        assert_eq!((error.code, error.retry_after_s), (ProblemCode::RateLimited, Some(2)));
        tokio::time::advance(Duration::from_secs(2)).await;
        limit.check('a').unwrap();
    }
}
