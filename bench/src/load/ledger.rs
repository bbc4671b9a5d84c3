//! What was posted when, and whether everybody got all of it exactly once.

use std::time::Instant;

use super::Histogram;

/// Messages are numbered from 0; see the module.
#[derive(Debug)]
pub struct Ledger {
    started: Instant,
    /// When each message was due, in microseconds after `started`.
    due_us: Vec<u64>,
    /// Sum of the fingerprints of all messages.
    sum: u64,
    /// From the moment a message was due to its arrival, over all streams.
    pub delivery: Histogram,
    /// From the moment a post was due to its answer.
    pub answer: Histogram,
}

/// What one stream got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many messages.
    pub count: u64,
    /// Sum of their fingerprints: equal counts and sums mean equal messages, in any order.
    pub sum: u64,
}

impl Default for Ledger {
    fn default() -> Self {
        let (delivery, answer) = (Histogram::default(), Histogram::default());
        Self { started: Instant::now(), due_us: Vec::new(), sum: 0, delivery, answer }
    }
}

impl Ledger {
    /// Microseconds since the beginning of this ledger.
    #[must_use]
    pub fn now_us(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Enters the next message and returns its number.
    pub fn post(&mut self, due_us: u64) -> u64 {
        let number = self.due_us.len() as u64;
        self.due_us.push(due_us);
        self.sum = self.sum.wrapping_add(fingerprint(number));
        number
    }

    /// How many messages were posted.
    #[must_use]
    pub const fn posted(&self) -> usize {
        self.due_us.len()
    }

    /// What every stream must have in the end.
    #[must_use]
    pub fn expected(&self) -> Tally {
        Tally { count: self.due_us.len() as u64, sum: self.sum }
    }

    /// Enters an arrival; `false` when nothing by that number was posted.
    pub fn arrived(&mut self, tally: &mut Tally, number: u64, now_us: u64) -> bool {
        let Some(due_us) = usize::try_from(number).ok().and_then(|index| self.due_us.get(index)) else { return false };
        self.delivery.record(now_us.saturating_sub(*due_us));
        tally.count += 1;
        tally.sum = tally.sum.wrapping_add(fingerprint(number));
        true
    }

    /// Enters the answer to a post.
    pub fn answered(&mut self, number: u64) {
        let now_us = self.now_us();
        if let Some(due_us) = usize::try_from(number).ok().and_then(|index| self.due_us.get(index)) {
            self.answer.record(now_us.saturating_sub(*due_us));
        }
    }

    /// Forgets the times taken so far, for instance while everything was warming up.
    pub fn forget_times(&mut self) {
        self.delivery = Histogram::default();
        self.answer = Histogram::default();
    }
}

/// A number spread over 64 bits (SplitMix64), so that sums of different sets differ.
const fn fingerprint(number: u64) -> u64 {
    let mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(ledger: &mut Ledger, numbers: &[u64]) -> Tally {
        let mut tally = Tally::default();
        for number in numbers {
            ledger.arrived(&mut tally, *number, 10);
        }
        tally
    }

    #[test]
    fn only_each_message_once_is_right() {
        let mut ledger = Ledger::default();
        (0..4).for_each(|due| assert_eq!(ledger.post(due), due));
        let expected = ledger.expected();
        assert_eq!(tally(&mut ledger, &[0, 1, 2, 3]), expected);
        assert_eq!(tally(&mut ledger, &[3, 1, 0, 2]), expected, "order is the server's business");
        for wrong in [&[0, 1, 2][..], &[0, 1, 2, 2], &[0, 1, 1, 2, 3], &[]] {
            assert_ne!(tally(&mut ledger, wrong), expected, "{wrong:?}");
        }
        assert!(!ledger.arrived(&mut Tally::default(), 4, 10), "never posted");
        assert_eq!(ledger.delivery.max_us(), 10);
    }
}
