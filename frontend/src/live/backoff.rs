//! How long to wait before the next try: growing steps, each spread by ±30 %, so that a thousand clients that lost the
//! same server do not come back in the same millisecond.

/// The steps in milliseconds; the last one repeats.
const STEPS_MS: [u64; 7] = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/// What a hidden tab waits at most: nobody is looking, and its timers are throttled anyway.
const HIDDEN_MAX_MS: u64 = 60_000;

/// The spread on either side, in thousandths.
const SPREAD_PER_MILLE: u64 = 300;

/// The row of waits, and where in it a client is.
#[derive(Debug, Clone)]
pub struct Backoff {
    failures: usize,
    noise: u64,
}

impl Backoff {
    /// Begins at the first step. `seed` should differ between clients; any value will do.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        // Xorshift stays at zero for ever when it begins there.
        Self { failures: 0, noise: seed | 1 }
    }

    /// A try succeeded for good: the next wait is the shortest again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// How many waits were given since the last [`reset`](Self::reset).
    #[must_use]
    pub fn failures(&self) -> usize {
        self.failures
    }

    /// The next wait in milliseconds. `hidden`: the page is not on screen, so it may be twice as long.
    pub fn next_ms(&mut self, hidden: bool) -> u64 {
        let step = STEPS_MS[self.failures.min(STEPS_MS.len() - 1)];
        self.failures += 1;
        let step = if hidden { step * 2 } else { step };
        let spread = self.spread(step);
        if hidden { spread.min(HIDDEN_MAX_MS) } else { spread }
    }

    /// `ms` ± 30 %.
    fn spread(&mut self, ms: u64) -> u64 {
        // xorshift64 (Marsaglia, "Xorshift RNGs", 2003): plenty for spreading.
        self.noise ^= self.noise << 13;
        self.noise ^= self.noise >> 7;
        self.noise ^= self.noise << 17;
        let per_mille = 1_000 - SPREAD_PER_MILLE + self.noise % (2 * SPREAD_PER_MILLE + 1);
        ms * per_mille / 1_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_are_spread_and_begin_anew() {
        for seed in 0..200 {
            let mut backoff = Backoff::new(seed);
            for step in STEPS_MS.into_iter().chain([30_000; 3]) {
                let wait = backoff.next_ms(false);
                assert!((step * 7 / 10..=step * 13 / 10).contains(&wait), "{step} gave {wait}");
            }
            backoff.reset();
            assert!(backoff.next_ms(false) <= 650);
        }
    }

    #[test]
    fn two_clients_do_not_wait_alike() {
        let waits: std::collections::HashSet<u64> =
            (0..100).map(|seed| Backoff::new(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed)).next_ms(false)).collect();
        assert!(waits.len() > 50, "only {} different waits", waits.len());
    }

    #[test]
    fn a_hidden_tab_waits_up_to_a_minute() {
        let mut backoff = Backoff::new(7);
        let waits: Vec<u64> = (0..12).map(|_| backoff.next_ms(true)).collect();
        assert!(waits.iter().all(|&wait| wait <= HIDDEN_MAX_MS), "{waits:?}");
        assert!(waits.last().is_some_and(|&wait| wait >= 42_000), "{waits:?}");
    }
}
