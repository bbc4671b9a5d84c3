//! Who leads where the browser has no locks: a lease in `localStorage`, as a pure state machine.
//!
//! Web Locks exist only in secure contexts, and a server in the local network is often reached over plain HTTP. The lease
//! is a tab's name and the time until which it holds; its holder renews it, and when the holder crashes it ends by itself.
//! `localStorage` has no compare-and-swap, and other processes see a change late: a tab that takes the lease writes, waits
//! for [`SETTLE_MS`], and has it only if its own name is still there. Should two tabs believe that they hold it all the
//! same, they hear each other on the channel, and the older reign steps down (see [`super`]).

use super::TabId;

/// How long a lease holds, in milliseconds: 2.5 heartbeats, because a hidden page's timers may rest for a minute, and then
/// only the heartbeats of its stream wake it.
pub const LEASE_MS: u64 = 37_500;

/// It is renewed when it is this old, in milliseconds.
const RENEW_MS: u64 = 10_000;

/// How long a claim waits before it is believed, in milliseconds: longer than a write takes to the other processes.
pub const SETTLE_MS: u64 = 250;

/// What is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// By whom.
    pub tab: TabId,
    /// Until then, in Unix milliseconds.
    pub until_ms: u64,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Store this.
    Write(Held),
    /// Remove what is stored.
    Clear,
    /// The lease is this tab's.
    Granted,
    /// It is not any more.
    Deprived,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Not asked for.
    Idle,
    /// Another tab has it; looked at again then.
    Waiting { until_ms: u64 },
    /// Written; believed if it is still there then.
    Claimed { until_ms: u64 },
    /// Held, and renewed then.
    Holding { until_ms: u64 },
}

/// One tab's part in it. All times are Unix milliseconds, which all tabs share.
#[derive(Debug)]
pub struct Lease {
    me: TabId,
    phase: Phase,
}

impl Lease {
    /// A tab that has not asked.
    #[must_use]
    pub fn new(me: TabId) -> Self {
        Self { me, phase: Phase::Idle }
    }

    /// When to call [`look`](Self::look). `None`: never.
    #[must_use]
    pub fn next_look(&self) -> Option<u64> {
        match self.phase {
            Phase::Idle => None,
            Phase::Waiting { until_ms } | Phase::Claimed { until_ms } | Phase::Holding { until_ms } => Some(until_ms),
        }
    }

    /// The tab wants it; `steal`: from whoever has it. `stored` is what is there now.
    pub fn ask(&mut self, now_ms: u64, stored: Option<Held>, steal: bool) -> Option<Act> {
        match self.phase {
            Phase::Claimed { .. } | Phase::Holding { .. } => None,
            _ => self.claim(now_ms, stored.filter(|_| !steal)),
        }
    }

    /// The tab gives it back, or stops asking.
    pub fn release(&mut self, stored: Option<Held>) -> Option<Act> {
        let held = std::mem::replace(&mut self.phase, Phase::Idle) != Phase::Idle;
        (held && self.is_mine(stored)).then_some(Act::Clear)
    }

    /// Looks at what is stored: at [`next_look`](Self::next_look), when another tab has changed it, and whenever the
    /// stream says something, because a hidden page's timers are late.
    pub fn look(&mut self, now_ms: u64, stored: Option<Held>) -> Option<Act> {
        match self.phase {
            Phase::Idle => None,
            Phase::Waiting { until_ms } => {
                (now_ms >= until_ms || stored.is_none()).then(|| self.claim(now_ms, stored)).flatten()
            }
            Phase::Claimed { until_ms } if now_ms < until_ms => None,
            Phase::Claimed { .. } if self.is_mine(stored) => {
                self.phase = Phase::Holding { until_ms: now_ms + RENEW_MS };
                Some(Act::Granted)
            }
            Phase::Claimed { .. } => self.claim(now_ms, stored),
            Phase::Holding { .. } if stored.is_some() && !self.is_mine(stored) => {
                self.phase = Phase::Idle;
                Some(Act::Deprived)
            }
            Phase::Holding { until_ms } if now_ms < until_ms => None,
            Phase::Holding { .. } => {
                self.phase = Phase::Holding { until_ms: now_ms + RENEW_MS };
                Some(self.write(now_ms))
            }
        }
    }

    /// Takes it if nobody has it.
    fn claim(&mut self, now_ms: u64, stored: Option<Held>) -> Option<Act> {
        match stored {
            // Nobody holds it for longer than a lease: such a time was written under another clock.
            Some(held) if held.tab != self.me && held.until_ms > now_ms && held.until_ms <= now_ms + LEASE_MS => {
                self.phase = Phase::Waiting { until_ms: held.until_ms };
                None
            }
            _ => {
                self.phase = Phase::Claimed { until_ms: now_ms + SETTLE_MS };
                Some(self.write(now_ms))
            }
        }
    }

    fn write(&self, now_ms: u64) -> Act {
        Act::Write(Held { tab: self.me, until_ms: now_ms + LEASE_MS })
    }

    fn is_mine(&self, stored: Option<Held>) -> bool {
        stored.is_some_and(|held| held.tab == self.me)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two tabs and what is stored.
    struct Rig {
        now: u64,
        stored: Option<Held>,
    }

    impl Rig {
        fn new() -> Self {
            Self { now: 1_000_000, stored: None }
        }

        fn act(&mut self, act: Option<Act>) -> Option<Act> {
            match act {
                Some(Act::Write(held)) => self.stored = Some(held),
                Some(Act::Clear) => self.stored = None,
                _ => {}
            }
            act
        }

        fn ask(&mut self, lease: &mut Lease, steal: bool) -> Option<Act> {
            let act = lease.ask(self.now, self.stored, steal);
            self.act(act)
        }

        fn look(&mut self, lease: &mut Lease) -> Option<Act> {
            let act = lease.look(self.now, self.stored);
            self.act(act)
        }

        fn obtain(&mut self, lease: &mut Lease) {
            self.ask(lease, false);
            self.now += SETTLE_MS;
            assert_eq!(self.look(lease), Some(Act::Granted));
        }
    }

    #[test]
    fn of_two_that_claim_at_once_the_last_to_write_has_it() {
        let (mut rig, mut a, mut b) = (Rig::new(), Lease::new(1), Lease::new(2));
        let seen_by_b = rig.stored;
        rig.ask(&mut a, false);
        let claim = b.ask(rig.now, seen_by_b, false);
        rig.act(claim);
        rig.now += SETTLE_MS;
        assert_eq!((rig.look(&mut a), rig.look(&mut b)), (None, Some(Act::Granted)));
        assert_eq!(a.next_look(), rig.stored.map(|held| held.until_ms));
    }

    #[test]
    fn a_crashed_holder_is_succeeded_when_its_lease_ends() {
        let (mut rig, mut a, mut b) = (Rig::new(), Lease::new(1), Lease::new(2));
        rig.obtain(&mut a);
        assert_eq!(rig.ask(&mut b, false), None);
        rig.now = b.next_look().expect("it waits");
        assert!(matches!(rig.look(&mut b), Some(Act::Write(_))));
        rig.now += SETTLE_MS;
        assert_eq!(rig.look(&mut b), Some(Act::Granted));
        assert_eq!(rig.look(&mut a), Some(Act::Deprived), "it was only frozen");
    }

    #[test]
    fn a_holder_renews_and_keeps_it() {
        let (mut rig, mut a, mut b) = (Rig::new(), Lease::new(1), Lease::new(2));
        rig.obtain(&mut a);
        rig.ask(&mut b, false);
        for _ in 0..20 {
            rig.now += 15_000;
            assert!(matches!(rig.look(&mut a), Some(Act::Write(_))));
            assert_eq!(rig.look(&mut b), None);
        }
        rig.stored = None;
        rig.now += RENEW_MS;
        assert!(matches!(rig.look(&mut a), Some(Act::Write(_))), "the person cleared this site's data");
    }

    #[test]
    fn a_released_or_stolen_lease_changes_hands_at_once() {
        let (mut rig, mut a, mut b) = (Rig::new(), Lease::new(1), Lease::new(2));
        rig.obtain(&mut a);
        rig.ask(&mut b, false);
        let clear = a.release(rig.stored);
        assert_eq!(rig.act(clear), Some(Act::Clear));
        assert!(matches!(rig.look(&mut b), Some(Act::Write(_))), "the others hear that it was removed");
        rig.now += SETTLE_MS;
        assert_eq!(rig.look(&mut b), Some(Act::Granted));
        assert!(matches!(rig.ask(&mut a, true), Some(Act::Write(_))));
        assert_eq!(b.release(rig.stored), None, "what is another tab's is not removed");
    }

    #[test]
    fn a_time_from_another_clock_is_not_waited_for() {
        let (mut rig, mut a) = (Rig::new(), Lease::new(1));
        rig.stored = Some(Held { tab: 2, until_ms: rig.now + 86_400_000 });
        assert!(matches!(rig.ask(&mut a, false), Some(Act::Write(_))));
    }
}
