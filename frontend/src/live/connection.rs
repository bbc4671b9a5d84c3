//! The life of the connection as a pure state machine: what happened goes in, what to do comes out.
//!
//! It knows no browser and no clock: the driver (`chat`) tells it the time with every input and wakes it at
//! [`Connection::next_wake`]. The rules are design §3 and `ux.md` §10:
//!
//! * A break is never left to the browser's own retry, which forgets the time and gives up for ever on any status but
//!   200 (WHATWG HTML §9.2.3): the source is closed and opened again from the cursor.
//! * Silence for 2.5 heartbeats is a break. So is a `hello` that does not come.
//! * What cannot be resumed (`reset`, a miscount, a malformed fact) is a start: the snapshot is loaded again.
//!
//! [`io`] names what goes in and out; read [`link`] next: what of this a person is shown.

mod io;
mod link;

use shared::{
    limits::{HEARTBEAT_MS, HEARTBEATS_UNTIL_DEAD},
    stream::{Bye, ByeReason, PROTOCOL, Resume},
};

pub use self::io::{Answer, Command, Input, Ticket};
use super::backoff::Backoff;
use crate::state::time::earlier;

/// How long a source may take until its `hello`, in milliseconds. The server writes it at once.
const OPENING_MAX_MS: u64 = 10_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Stopped,
    Loading,
    Opening { until: u64 },
    Replaying { seen: u32, behind: u32 },
    Live,
    Probing,
    Waiting { until: u64, next: Next },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Open,
    LoadSnapshot,
}

/// The machine.
#[derive(Debug, Clone)]
pub struct Connection {
    phase: Phase,
    backoff: Backoff,
    ticket: Ticket,
    /// Facts since `hello`, to be compared with `tick.sent`.
    counted: u64,
    /// When the stream last said anything.
    heard_at: u64,
    /// After this much silence the stream is dead.
    patience_ms: u64,
    /// Since when there has been no stream. `None` before the first one and while there is one.
    broken_at: Option<u64>,
    offline: bool,
    hidden: bool,
    restarting: bool,
    /// A fact could not be read while there was no source: the next one begins with the snapshot.
    unreadable: bool,
}

impl Connection {
    /// A machine at rest. `seed` spreads the waits of different clients.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            phase: Phase::Stopped,
            backoff: Backoff::new(seed),
            ticket: Ticket::default(),
            counted: 0,
            heard_at: 0,
            patience_ms: patience(HEARTBEAT_MS),
            broken_at: None,
            offline: false,
            hidden: false,
            restarting: false,
            unreadable: false,
        }
    }

    /// Whether the stream is open and has greeted.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        matches!(self.phase, Phase::Live | Phase::Replaying { .. })
    }

    /// Whether it does nothing, because nobody is signed in or the page is of another protocol.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.phase == Phase::Stopped
    }

    /// Whether a request has a chance: the device does not say otherwise.
    #[must_use]
    pub fn is_online(&self) -> bool {
        !self.offline
    }

    /// Whether the answer to this request is still waited for.
    #[must_use]
    pub fn awaits(&self, ticket: Ticket) -> bool {
        self.ticket == ticket && self.phase != Phase::Stopped
    }

    /// Takes in what happened at `now` (monotonic milliseconds) and says what to do, in order.
    pub fn handle(&mut self, now: u64, input: Input) -> Vec<Command> {
        let mut commands = Vec::new();
        self.step(now, input, &mut commands);
        commands
    }

    /// When to send [`Input::Wake`]: a wait or the patience ends, or what is shown of it changes. `None`: never.
    #[must_use]
    pub fn next_wake(&self, now: u64) -> Option<u64> {
        let due = match self.phase {
            Phase::Stopped | Phase::Loading | Phase::Probing => None,
            Phase::Opening { until } | Phase::Waiting { until, .. } => Some(until),
            Phase::Live | Phase::Replaying { .. } => Some(self.heard_at + self.patience_ms),
        };
        earlier(due, self.link_changes_at(now))
    }

    fn step(&mut self, now: u64, input: Input, out: &mut Vec<Command>) {
        match input {
            Input::Start => self.load(out),
            Input::Stop => self.stop(out),
            Input::Unauthorized => self.sign_out(out),
            Input::Barred { banned } => self.bar(banned, out),
            Input::Snapshot(ticket, answer) => self.snapshot(now, ticket, answer, out),
            Input::Probed(ticket, answer) => self.probed(now, ticket, answer, out),
            Input::Online => {
                self.offline = false;
                self.retry(now, out);
            }
            Input::Offline => self.go_offline(out),
            Input::Hidden => self.hidden = true,
            Input::Visible => {
                self.hidden = false;
                self.come_back(now, out);
            }
            Input::Shown | Input::TryNow => self.retry(now, out),
            Input::Wake => self.wake(now, out),
            Input::Broken { closed } => self.broken(now, closed, out),
            Input::Bye(bye) => self.bye(now, bye, out),
            Input::Hello { .. } | Input::Fact | Input::Tick { .. } | Input::Heard | Input::Malformed => {
                self.hear(now, input, out);
            }
        }
    }

    fn hear(&mut self, now: u64, input: Input, out: &mut Vec<Command>) {
        if !self.has_source() {
            // A fact of the last source was read only now: what comes after it cannot be trusted to continue it.
            self.unreadable |= input == Input::Malformed;
            return;
        }
        self.heard_at = now;
        match input {
            Input::Hello { protocol, .. } if protocol != PROTOCOL => {
                self.stop(out);
                out.push(Command::TooOld);
            }
            Input::Hello { resume, behind, heartbeat_ms, .. } => {
                self.counted = 0;
                self.patience_ms = patience(heartbeat_ms);
                match resume {
                    Resume::Live => self.connected(Phase::Live, out),
                    Resume::Replay => {
                        let behind = u32::try_from(behind).unwrap_or(u32::MAX);
                        self.connected(Phase::Replaying { seen: 0, behind }, out);
                    }
                    Resume::Reset => self.start_over(now, out),
                }
            }
            Input::Fact => {
                self.counted += 1;
                if let Phase::Replaying { seen, .. } = &mut self.phase {
                    *seen += 1;
                }
            }
            Input::Tick { sent } if sent != self.counted => self.start_over(now, out),
            Input::Tick { .. } if self.is_connected() => {
                // Only a stream that lived until its tick counts as a success: one that breaks right after `hello`,
                // again and again, is to be tried less and less often.
                self.phase = Phase::Live;
                self.backoff.reset();
            }
            Input::Malformed => self.start_over(now, out),
            _ => {}
        }
    }

    fn connected(&mut self, phase: Phase, out: &mut Vec<Command>) {
        if !self.is_connected() {
            out.push(Command::Connected);
        }
        self.phase = phase;
        self.broken_at = None;
        self.restarting = false;
    }

    fn snapshot(&mut self, now: u64, ticket: Ticket, answer: Answer, out: &mut Vec<Command>) {
        if (self.phase, self.ticket) != (Phase::Loading, ticket) {
            return;
        }
        match answer {
            Answer::Good => self.open(now, out),
            Answer::SignedOut => self.sign_out(out),
            Answer::Barred { banned } => self.bar(banned, out),
            Answer::None => self.wait(now, Next::LoadSnapshot),
        }
    }

    fn probed(&mut self, now: u64, ticket: Ticket, answer: Answer, out: &mut Vec<Command>) {
        if self.ticket != ticket {
            return;
        }
        match (self.phase, answer) {
            (Phase::Stopped, _) => {}
            (_, Answer::SignedOut) => self.sign_out(out),
            (_, Answer::Barred { banned }) => self.bar(banned, out),
            (Phase::Probing, _) => self.wait(now, Next::Open),
            // The device said "offline" while the stream was open, and it was right.
            (Phase::Live | Phase::Replaying { .. }, Answer::None) => self.lose(now, Next::Open, out),
            _ => {}
        }
    }

    fn broken(&mut self, now: u64, closed: bool, out: &mut Vec<Command>) {
        if !self.has_source() {
            return;
        }
        if closed {
            // The status that made the browser give up is not told: perhaps nobody is signed in any more.
            self.drop_stream(now, out);
            self.phase = Phase::Probing;
            out.push(Command::Probe(self.draw()));
        } else {
            self.lose(now, Next::Open, out);
        }
    }

    fn bye(&mut self, now: u64, bye: Bye, out: &mut Vec<Command>) {
        if !self.has_source() {
            return;
        }
        match bye.reason {
            ByeReason::SessionEnded => return self.sign_out(out),
            ByeReason::Banned => return self.bar(true, out),
            ByeReason::Deactivated => return self.bar(false, out),
            // Other rooms and other rights: what is held is of another reader, so to say.
            ByeReason::RoleChanged => return self.load(out),
            ByeReason::Shutdown | ByeReason::Renew | ByeReason::Overload => {}
        }
        self.drop_stream(now, out);
        self.restarting = bye.reason == ByeReason::Shutdown;
        self.phase = Phase::Waiting { until: now + bye.retry_ms, next: Next::Open };
    }

    fn wake(&mut self, now: u64, out: &mut Vec<Command>) {
        match self.phase {
            Phase::Waiting { until, next } if now >= until => self.go(now, next, out),
            Phase::Opening { until } if now >= until => self.lose(now, Next::Open, out),
            Phase::Live | Phase::Replaying { .. } if now >= self.heard_at + self.patience_ms => {
                self.lose(now, Next::Open, out);
            }
            _ => {}
        }
    }

    /// The page came on screen: a wait ends now, and a stream that missed a heartbeat (a device that slept) is not
    /// trusted.
    fn come_back(&mut self, now: u64, out: &mut Vec<Command>) {
        let silent = now.saturating_sub(self.heard_at) > self.patience_ms / 2;
        if !matches!(self.phase, Phase::Opening { .. }) && (!self.is_connected() || silent) {
            self.retry(now, out);
        }
    }

    /// Tries at once, whatever was being waited for. A stream that seems open is opened anew: the network changed, or
    /// the page slept, and a resumed stream loses nothing.
    fn retry(&mut self, now: u64, out: &mut Vec<Command>) {
        match self.phase {
            Phase::Stopped | Phase::Loading => {}
            Phase::Waiting { next, .. } => self.go(now, next, out),
            _ => {
                self.drop_stream(now, out);
                self.open(now, out);
            }
        }
    }

    fn go_offline(&mut self, out: &mut Vec<Command>) {
        self.offline = true;
        // A server on this very device is still there: ask before believing it.
        if self.is_connected() {
            out.push(Command::Probe(self.draw()));
        }
    }

    /// What cannot be resumed begins anew with the snapshot: at once the first time, later with growing waits.
    fn start_over(&mut self, now: u64, out: &mut Vec<Command>) {
        self.drop_stream(now, out);
        if self.backoff.failures() == 0 {
            self.backoff.next_ms(self.hidden);
            self.load(out);
        } else {
            self.wait(now, Next::LoadSnapshot);
        }
    }

    fn lose(&mut self, now: u64, next: Next, out: &mut Vec<Command>) {
        self.drop_stream(now, out);
        self.wait(now, next);
    }

    /// Closes the source, if one may be open, and begins to count the time of the break.
    fn drop_stream(&mut self, now: u64, out: &mut Vec<Command>) {
        self.close_source(out);
        self.broken_at.get_or_insert(now);
    }

    fn wait(&mut self, now: u64, next: Next) {
        self.broken_at.get_or_insert(now);
        let wait = self.backoff.next_ms(self.hidden);
        self.phase = Phase::Waiting { until: now + wait, next };
    }

    fn go(&mut self, now: u64, next: Next, out: &mut Vec<Command>) {
        match next {
            Next::Open => self.open(now, out),
            Next::LoadSnapshot => self.load(out),
        }
    }

    fn open(&mut self, now: u64, out: &mut Vec<Command>) {
        if self.unreadable {
            return self.load(out);
        }
        self.phase = Phase::Opening { until: now + OPENING_MAX_MS };
        out.push(Command::Open);
    }

    fn load(&mut self, out: &mut Vec<Command>) {
        self.close_source(out);
        self.unreadable = false;
        self.phase = Phase::Loading;
        out.push(Command::LoadSnapshot(self.draw()));
    }

    fn sign_out(&mut self, out: &mut Vec<Command>) {
        if self.phase != Phase::Stopped {
            self.stop(out);
            out.push(Command::SignedOut);
        }
    }

    fn bar(&mut self, banned: bool, out: &mut Vec<Command>) {
        if self.phase != Phase::Stopped {
            self.stop(out);
            out.push(Command::Barred { banned });
        }
    }

    fn stop(&mut self, out: &mut Vec<Command>) {
        self.close_source(out);
        self.phase = Phase::Stopped;
        self.broken_at = None;
        self.restarting = false;
        self.backoff.reset();
    }

    /// The caller says what comes next.
    fn close_source(&mut self, out: &mut Vec<Command>) {
        if self.has_source() {
            out.push(Command::Close);
        }
        if self.is_connected() {
            out.push(Command::Disconnected);
        }
        self.phase = Phase::Stopped;
    }

    fn has_source(&self) -> bool {
        self.is_connected() || matches!(self.phase, Phase::Opening { .. })
    }

    fn draw(&mut self) -> Ticket {
        self.ticket = self.ticket.next();
        self.ticket
    }
}

/// The silence after which a stream with this heartbeat is dead.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a few seconds"
)]
fn patience(heartbeat_ms: u64) -> u64 {
    (heartbeat_ms as f64 * HEARTBEATS_UNTIL_DEAD) as u64
}

#[cfg(test)]
mod tests;
