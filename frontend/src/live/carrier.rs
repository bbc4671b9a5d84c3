//! How the stream is carried, as a pure state machine below the connection: as one long answer, or, where something on
//! the way holds that back, as short answers that the server ends after each batch (PROTOCOL §11).
//!
//! A proxy that collects an answer before it passes it on makes a stream silent without breaking it. The sign is a
//! greeting that does not come although the server answers a request made later. Then the same endpoint is read with
//! `mode=batch`: each answer is complete, so nothing holds it back for long, and the next request begins at the last
//! place. To the connection above this is one stream: it hears one greeting, and heartbeats that count from it. From time
//! to time a trial stream is opened beside it, and the long answer is taken up again when its greeting comes.
//!
//! It knows no browser; `chat` drives it. Times are monotonic milliseconds.

/// How long a greeting may take before the server is asked whether it is there, in milliseconds. It is written at once.
pub const GREETING_MS: u64 = 4_000;

/// Time between two trials of the long answer, in milliseconds.
const TRIAL_MS: u64 = 5 * 60_000;

/// A stream that says nothing for this long after its greeting, in milliseconds, has missed its heartbeat.
const MUTE_MS: u64 = 30_000;

/// What comes with a greeting comes within this time, in milliseconds: the first heartbeat is much later.
const BURST_MS: u64 = 5_000;

/// So many mute streams in a row are held back, not broken: something passes the greeting on and then collects.
const MUTE_STREAMS: u32 = 2;

/// A batch without facts that ends sooner than this, in milliseconds, was not held open by the server.
const HASTY_MS: u64 = 1_000;

/// How to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// One answer without an end.
    Stream,
    /// One batch; the server waits for news.
    Batch,
    /// One batch at once, with news or without: the first.
    BatchNow,
}

/// What has to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Close what is open and open this, after the last place received.
    Connect(Mode),
    /// Ask the server anything, and say [`Carrier::reached`].
    Ask,
    /// Open a stream beside, and say [`Carrier::tried`] when it greets or [`GREETING_MS`] have passed.
    Try,
    /// The connection should close what it has and open anew.
    Reopen,
}

/// What something heard is to the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// To be handed on as it is.
    On,
    /// To be handed on as a heartbeat with this count.
    Count(u64),
    /// Nothing but a sign of life.
    Noise,
    /// Nothing at all; this is to be done instead.
    Do(Act),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Closed,
    /// Opened, and not greeted yet. `asked`: whether the server is there.
    Opening {
        asked: bool,
    },
    Greeted,
}

/// The machine.
#[derive(Debug)]
pub struct Carrier {
    batch: bool,
    phase: Phase,
    /// The connection above has had its greeting.
    above: bool,
    opened_at: u64,
    greeted_at: u64,
    heard_at: u64,
    /// Facts in this answer, and since the greeting handed on.
    counted: u64,
    total: u64,
    /// This answer's last heartbeat has come: a batch is complete.
    complete: bool,
    mute: u32,
    try_at: u64,
}

impl Carrier {
    /// `batch`: the last page of this browser had to; the long answer is tried soon.
    #[must_use]
    pub fn new(batch: bool) -> Self {
        Self {
            batch,
            phase: Phase::Closed,
            above: false,
            opened_at: 0,
            greeted_at: 0,
            heard_at: 0,
            counted: 0,
            total: 0,
            complete: false,
            mute: 0,
            try_at: 0,
        }
    }

    /// Whether the stream comes in batches.
    #[must_use]
    pub fn is_batched(&self) -> bool {
        self.batch
    }

    /// How long the last long answer took to begin, in milliseconds. `None`: there was none.
    #[must_use]
    pub fn greeting_ms(&self) -> Option<u64> {
        (!self.batch && self.phase == Phase::Greeted).then(|| self.greeted_at - self.opened_at)
    }

    /// The connection wants the stream.
    pub fn open(&mut self, now: u64) -> Mode {
        (self.above, self.total) = (false, 0);
        self.begin(now);
        if self.batch { Mode::BatchNow } else { Mode::Stream }
    }

    /// The connection has closed it.
    pub fn close(&mut self, now: u64) {
        if self.phase == Phase::Greeted && !self.batch {
            let silent = now.saturating_sub(self.heard_at) >= MUTE_MS;
            self.mute = if silent && self.heard_at < self.greeted_at + BURST_MS { self.mute + 1 } else { 0 };
            if self.mute >= MUTE_STREAMS {
                self.fall_back(now);
            }
        }
        self.phase = Phase::Closed;
    }

    /// A greeting. `reset`: it continues nothing.
    pub fn greeted(&mut self, now: u64, reset: bool) -> Pass {
        (self.phase, self.greeted_at, self.heard_at) = (Phase::Greeted, now, now);
        (self.counted, self.complete) = (0, false);
        if std::mem::replace(&mut self.above, true) && !reset { Pass::Noise } else { Pass::On }
    }

    /// A fact.
    pub fn fact(&mut self, now: u64) -> Pass {
        self.heard_at = now;
        self.counted += 1;
        self.total += 1;
        Pass::On
    }

    /// A heartbeat, with the server's count of facts in this answer.
    pub fn tick(&mut self, now: u64, sent: u64) -> Pass {
        self.heard_at = now;
        self.complete = true;
        // No connection has counted as many: it begins anew.
        Pass::Count(if sent == self.counted { self.total } else { u64::MAX })
    }

    /// The answer has ended. `closed`: the browser has given up.
    pub fn ended(&mut self, now: u64, closed: bool) -> Pass {
        let hasty = self.counted == 0 && now < self.opened_at + HASTY_MS && self.opened_at > self.greeted_at;
        if !self.batch || !self.complete || closed || hasty {
            return Pass::On;
        }
        self.begin(now);
        Pass::Do(Act::Connect(Mode::Batch))
    }

    /// The server answered, or not, what was asked while a greeting was waited for.
    pub fn reached(&mut self, now: u64, answered: bool) -> Option<Act> {
        if !answered || self.batch || !matches!(self.phase, Phase::Opening { .. }) {
            return None;
        }
        self.fall_back(now);
        self.begin(now);
        Some(Act::Connect(Mode::BatchNow))
    }

    /// A trial stream greeted, or not in time.
    pub fn tried(&mut self, passes: bool) -> Option<Act> {
        if !passes || !std::mem::take(&mut self.batch) {
            return None;
        }
        self.mute = 0;
        Some(Act::Reopen)
    }

    /// When to call [`wake`](Self::wake). `None`: never.
    #[must_use]
    pub fn next_wake(&self) -> Option<u64> {
        match self.phase {
            Phase::Opening { asked: false } if !self.batch => Some(self.opened_at + GREETING_MS),
            Phase::Greeted if self.batch => Some(self.try_at),
            _ => None,
        }
    }

    /// The time has come.
    pub fn wake(&mut self, now: u64) -> Option<Act> {
        if self.next_wake().is_none_or(|at| now < at) {
            return None;
        }
        if let Phase::Opening { asked } = &mut self.phase {
            *asked = true;
            return Some(Act::Ask);
        }
        self.try_at = now + TRIAL_MS;
        Some(Act::Try)
    }

    fn begin(&mut self, now: u64) {
        (self.phase, self.opened_at) = (Phase::Opening { asked: false }, now);
        (self.counted, self.complete) = (0, false);
    }

    fn fall_back(&mut self, now: u64) {
        (self.batch, self.mute, self.try_at) = (true, 0, now + TRIAL_MS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_greets_in_time_is_left_alone() {
        let mut carrier = Carrier::new(false);
        assert_eq!(carrier.open(1_000), Mode::Stream);
        assert_eq!(carrier.next_wake(), Some(1_000 + GREETING_MS));
        assert_eq!(carrier.greeted(1_040, false), Pass::On);
        assert_eq!((carrier.greeting_ms(), carrier.next_wake()), (Some(40), None));
        assert_eq!([carrier.fact(1_050), carrier.tick(1_060, 1)], [Pass::On, Pass::Count(1)]);
        assert_eq!(carrier.tick(1_070, 2), Pass::Count(u64::MAX), "one was lost");
        assert_eq!(carrier.ended(2_000, false), Pass::On);
    }

    #[test]
    fn a_held_back_greeting_leads_to_batches_and_they_look_like_one_stream() {
        let mut carrier = Carrier::new(false);
        carrier.open(0);
        assert_eq!(carrier.wake(GREETING_MS - 1), None);
        assert_eq!(carrier.wake(GREETING_MS), Some(Act::Ask));
        assert_eq!(carrier.next_wake(), None, "asked once");
        assert_eq!(carrier.reached(4_020, true), Some(Act::Connect(Mode::BatchNow)));
        assert_eq!(carrier.greeted(4_050, false), Pass::On);
        carrier.fact(4_050);
        assert_eq!(carrier.tick(4_051, 1), Pass::Count(1));
        assert_eq!(carrier.ended(4_052, false), Pass::Do(Act::Connect(Mode::Batch)));
        assert_eq!(carrier.greeted(20_000, false), Pass::Noise, "the connection was greeted before");
        carrier.fact(20_000);
        carrier.fact(20_000);
        assert_eq!(carrier.tick(20_001, 2), Pass::Count(3));
        assert_eq!(carrier.ended(20_002, false), Pass::Do(Act::Connect(Mode::Batch)));
        assert_eq!(carrier.greeted(21_000, true), Pass::On, "a reset is told");
        assert_eq!(carrier.open(30_000), Mode::BatchNow);
    }

    #[test]
    fn a_batch_that_breaks_is_a_break() {
        let mut carrier = Carrier::new(true);
        carrier.open(0);
        assert_eq!(carrier.ended(10, false), Pass::On, "before its greeting");
        carrier.open(1_000);
        carrier.greeted(1_010, false);
        carrier.fact(1_020);
        assert_eq!(carrier.ended(1_030, false), Pass::On, "in the middle");
        carrier.open(2_000);
        carrier.greeted(2_010, false);
        carrier.tick(2_010, 0);
        assert_eq!(carrier.ended(2_020, true), Pass::On, "the next one was refused");
    }

    #[test]
    fn a_server_that_does_not_answer_is_waited_for() {
        let mut carrier = Carrier::new(false);
        carrier.open(0);
        carrier.wake(GREETING_MS);
        assert_eq!(carrier.reached(9_000, false), None);
        carrier.greeted(9_500, false);
        assert_eq!(carrier.reached(9_600, true), None, "it greeted after all");
        assert!(!carrier.is_batched());
    }

    #[test]
    fn the_long_answer_is_tried_again_and_taken_up() {
        let mut carrier = Carrier::new(true);
        carrier.open(5);
        assert_eq!(carrier.next_wake(), None);
        carrier.greeted(10, false);
        assert_eq!(carrier.wake(11), Some(Act::Try), "the network may be another than last time");
        assert_eq!(carrier.tried(false), None);
        assert_eq!(carrier.next_wake(), Some(11 + TRIAL_MS));
        assert_eq!(carrier.wake(11 + TRIAL_MS), Some(Act::Try));
        assert_eq!(carrier.tried(true), Some(Act::Reopen));
        assert_eq!(carrier.open(400_000), Mode::Stream);
    }

    #[test]
    fn two_streams_that_greet_and_fall_silent_are_held_back() {
        let mut carrier = Carrier::new(false);
        for (at, batched) in [(0, false), (40_000, true)] {
            carrier.open(at);
            carrier.greeted(at + 10, false);
            carrier.tick(at + 20, 0);
            carrier.close(at + 37_520);
            assert_eq!(carrier.is_batched(), batched);
        }
        let mut carrier = Carrier::new(false);
        for at in [0, 100_000, 200_000] {
            carrier.open(at);
            carrier.greeted(at + 10, false);
            carrier.tick(at + 15_000, 0);
            carrier.close(at + 60_000);
            assert!(!carrier.is_batched(), "it had a heartbeat: the network broke");
        }
    }
}
