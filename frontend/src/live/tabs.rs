//! One stream for all tabs of a browser, as a pure state machine.
//!
//! A browser opens at most six HTTP/1.1 connections to a server (RFC 9112 §9.4 leaves the number to it), so ten tabs with
//! a stream each would stop each other. One tab leads: it has the stream and hands every event on over a
//! `BroadcastChannel`; the others follow. To the rest of the client both look the same: the connection says
//! [`Input::Open`], and hears a greeting, facts and heartbeats, from the server or from the leader.
//!
//! * **Who leads** is decided by a lock of the browser's, or by a [`lease`] where there are no locks. Each leadership is a
//!   [`Reign`]; of two the later holds, so a leader that was frozen and wakes up steps down when it hears of the other.
//! * **Nothing is lost or doubled.** A follower loads its own snapshot and asks for what came after it; the leader answers
//!   from its [`ring`] or refuses, and then the follower loads the snapshot again. Blocks are numbered: a follower that
//!   misses one, and every follower whenever the leader's stream breaks, asks again from its own place.
//! * **A leader that does not answer is replaced**: a follower that asks and hears nothing for [`SEEK_MS`] takes the
//!   lock. It asks because its connection heard nothing for 2.5 heartbeats, or because it is new.
//!
//! The machine knows no browser and no clock; [`io`] names what goes in and out, [`channel`] and [`lock`] are its means,
//! and `chat` drives it.

pub mod channel;
mod io;
pub mod lease;
pub mod lock;
mod ring;

use shared::cursor::Cursor;

pub use self::io::{Answer, Delivery, Found, Input, Kind, Lineage, Output, Reign, Say, TabId};
use self::ring::Ring;

/// How long a leader may take to answer, in milliseconds. It answers at once unless its page does not run; replacing one
/// that was only slow costs a reconnection.
pub const SEEK_MS: u64 = 3_000;

/// The machine. `Block`: one event of the stream, as it came.
#[derive(Debug)]
pub struct Tabs<Block> {
    me: TabId,
    /// There are means to share a stream.
    shared: bool,
    /// Somebody looks at this tab.
    seen: bool,
    /// The place after which the connection has something open, or believes so.
    wish: Option<Cursor>,
    /// Where the connection's copy comes from.
    lineage: Lineage,
    /// When its snapshot was asked for.
    taken_ms: u64,
    /// How many lineages this tab has begun.
    begun: Lineage,
    /// The last reign known, this tab's included.
    latest: Reign,
    role: Role<Block>,
}

#[derive(Debug)]
enum Role<Block> {
    Follower(Following),
    Leader(Leading<Block>),
}

#[derive(Debug, Clone, Copy)]
enum Following {
    /// The connection has nothing open, or what it had is gone.
    Away,
    /// The leader was asked, and is replaced when it has not answered by then. `None`: it has said "not now".
    Seeking { until: Option<u64> },
    /// The leader's next block has this number; everything up to `at` was delivered, and `sent` facts of it.
    Attached { next: u64, at: Cursor, sent: u64 },
}

#[derive(Debug)]
struct Leading<Block> {
    /// The stream is open.
    open: bool,
    /// It is open and caught up: its blocks are handed on, and followers are served.
    live: bool,
    hello: Option<Block>,
    /// When it came.
    greeted_ms: u64,
    ring: Ring<Block>,
    /// The number of the next block handed on.
    next: u64,
}

impl<Block: Clone> Tabs<Block> {
    /// A tab that wants nothing yet. `shared`: there are means to share a stream.
    #[must_use]
    pub fn new(me: TabId, shared: bool, seen: bool) -> Self {
        Self {
            me,
            shared,
            seen,
            wish: None,
            lineage: 0,
            taken_ms: 0,
            begun: 0,
            latest: Reign::default(),
            role: Role::Follower(Following::Away),
        }
    }

    /// Whether this tab has the stream for all.
    #[must_use]
    pub fn leads(&self) -> bool {
        matches!(self.role, Role::Leader(_))
    }

    /// Takes in what happened at `now` (Unix milliseconds, which all tabs share) and says what to do, in order.
    pub fn handle(&mut self, now: u64, input: Input<Block>) -> Vec<Output<Block>> {
        let mut out = Vec::new();
        match input {
            Input::Open { after, taken_ms } => self.open(now, after, taken_ms, &mut out),
            Input::Close => self.close(&mut out),
            Input::Heard(kind, block) => self.heard(now, kind, block, &mut out),
            Input::Said(said) => self.said(now, said, &mut out),
            Input::Granted => self.granted(now, &mut out),
            Input::Deprived => self.deprived(&mut out),
            Input::Unshared => self.unshared(&mut out),
            Input::Leave => self.leave(&mut out),
            Input::Seen(seen) => self.seen = seen,
            Input::Urge => out.push(Output::Say(Say::Urge)),
            Input::Wake => self.wake(now, &mut out),
        }
        out
    }

    /// When to send [`Input::Wake`]. `None`: never.
    #[must_use]
    pub fn next_wake(&self) -> Option<u64> {
        if let Role::Follower(Following::Seeking { until }) = self.role { until } else { None }
    }

    fn open(&mut self, now: u64, after: Cursor, taken_ms: Option<u64>, out: &mut Vec<Output<Block>>) {
        self.wish = Some(after);
        if let Some(taken_ms) = taken_ms {
            self.lineage = 0;
            self.taken_ms = taken_ms;
        }
        match &self.role {
            Role::Leader(_) => self.open_stream(after, out),
            Role::Follower(_) if self.shared => {
                out.push(Output::Ask(false));
                self.seek(now, after, out);
            }
            Role::Follower(_) => out.push(Output::OpenStream(after)),
        }
    }

    /// Opens this leader's stream.
    fn open_stream(&mut self, after: Cursor, out: &mut Vec<Output<Block>>) {
        let Role::Leader(leading) = &mut self.role else { return };
        if self.lineage == 0 {
            // Below 2^53, which JavaScript's numbers hold: 32 bits name the tab.
            self.begun = (self.begun + 1) % (1 << 20);
            self.lineage = (Lineage::from(self.me) << 20) + self.begun;
            leading.ring.clear();
        }
        leading.open = true;
        leading.ring.begin(after);
        out.push(Output::OpenStream(after));
    }

    fn close(&mut self, out: &mut Vec<Output<Block>>) {
        self.wish = None;
        self.drop_stream(out);
    }

    /// Whatever is open here is open no more; the followers hear it.
    fn drop_stream(&mut self, out: &mut Vec<Output<Block>>) {
        match &mut self.role {
            Role::Leader(leading) => {
                if std::mem::take(&mut leading.open) {
                    out.push(Output::CloseStream);
                }
                if std::mem::take(&mut leading.live) {
                    // A follower that does not hear the next line misses a number instead.
                    leading.next += 1;
                    out.push(Output::Say(Say::Lead(self.latest, false)));
                }
            }
            Role::Follower(following) => {
                *following = Following::Away;
                if !self.shared {
                    out.push(Output::CloseStream);
                }
            }
        }
    }

    /// Asks the leader, whoever it is.
    fn seek(&mut self, now: u64, after: Cursor, out: &mut Vec<Output<Block>>) {
        self.role = Role::Follower(Following::Seeking { until: Some(now + SEEK_MS) });
        out.push(Output::Say(Say::Attach {
            tab: self.me,
            after,
            lineage: self.lineage,
            taken_ms: self.taken_ms,
            seen: self.seen,
        }));
    }

    fn wake(&mut self, now: u64, out: &mut Vec<Output<Block>>) {
        if let Role::Follower(Following::Seeking { until: Some(until) }) = &mut self.role
            && now >= *until
        {
            *until = now + SEEK_MS;
            out.push(Output::Ask(true));
        }
    }

    fn heard(&mut self, now: u64, kind: Kind, block: Block, out: &mut Vec<Output<Block>>) {
        let Role::Leader(leading) = &mut self.role else { return };
        if let Kind::Fact(at) | Kind::Tick(at) = kind
            && leading.live
            && leading.ring.end().is_some_and(|end| end.epoch != at.epoch)
        {
            // Whoever is ahead of this stream may have read a log that was rolled back: all ask again.
            leading.next += 1;
            out.extend([false, true].map(|live| Output::Say(Say::Lead(self.latest, live))));
        }
        match kind {
            Kind::Hello => {
                leading.hello = Some(block.clone());
                leading.greeted_ms = now;
            }
            Kind::Reset => leading.ring.clear(),
            Kind::Fact(at) => leading.ring.push_fact(at, block.clone()),
            Kind::Tick(at) => leading.ring.reach(at),
            Kind::State => leading.ring.push_value(block.clone(), true),
            Kind::Read => leading.ring.push_value(block.clone(), false),
            Kind::Passing => {}
        }
        if leading.live && kind != Kind::Hello {
            let number = leading.next;
            leading.next += 1;
            out.push(Output::Say(Say::Block { reign: self.latest, number, kind, block }));
        } else if matches!(kind, Kind::Tick(_)) {
            leading.live = true;
            out.push(Output::Say(Say::Lead(self.latest, true)));
        }
    }

    fn said(&mut self, now: u64, said: Say<Block>, out: &mut Vec<Output<Block>>) {
        match said {
            Say::Lead(reign, live) => self.led(now, reign, live, out),
            Say::Gone(reign) if reign == self.latest && !self.leads() => {
                out.push(Output::Ask(false));
                self.reopen(out);
            }
            Say::Attach { .. } => self.attach(&said, out),
            Say::Answer(answer) => self.answered(*answer, out),
            Say::Block { reign, number, kind, block } => self.follow(now, reign, number, kind, block, out),
            Say::Urge => {
                if let Role::Leader(Leading { open: false, .. }) = self.role {
                    out.push(Output::Reopen);
                }
            }
            Say::SignedOut => out.push(Output::Forget),
            Say::SignedIn => out.push(Output::Begin),
            Say::RollCall => out.push(Output::Say(Say::Here(self.me))),
            Say::Here(tab) => out.push(Output::Counted(tab)),
            Say::Gone(_) => {}
        }
    }

    /// A leader has said so.
    fn led(&mut self, now: u64, reign: Reign, live: bool, out: &mut Vec<Output<Block>>) {
        if reign < self.latest {
            // It was frozen, and does not know yet.
            if let Role::Leader(Leading { live, .. }) = self.role {
                out.push(Output::Say(Say::Lead(self.latest, live)));
            }
            return;
        }
        let new = reign > self.latest;
        self.latest = reign;
        match &mut self.role {
            Role::Leader(_) if new => {
                out.push(Output::Release);
                self.deprived(out);
            }
            Role::Leader(_) => {}
            Role::Follower(Following::Attached { .. }) if new => self.reopen(out),
            Role::Follower(following @ Following::Attached { .. }) if !live => {
                *following = Following::Away;
                out.push(Output::Deliver(Delivery::Broken));
            }
            Role::Follower(Following::Attached { .. }) => {}
            Role::Follower(Following::Seeking { until }) => match self.wish {
                Some(after) if new || live => self.seek(now, after, out),
                _ => *until = None,
            },
            Role::Follower(Following::Away) if live => out.push(Output::Reopen),
            Role::Follower(Following::Away) => {}
        }
    }

    /// A follower asks for the stream.
    fn attach(&mut self, said: &Say<Block>, out: &mut Vec<Output<Block>>) {
        let Role::Leader(leading) = &self.role else { return };
        let &Say::Attach { tab, after, lineage, taken_ms, seen } = said else { return };
        let (true, Some(hello), Some(reached)) = (leading.live, &leading.hello, leading.ring.end()) else {
            out.push(Output::Say(Say::Lead(self.latest, false)));
            if self.wish.is_none() {
                out.push(Output::Begin);
            }
            // Timers of a page that nobody sees run late.
            if seen && !self.seen && !leading.open {
                out.push(Output::Reopen);
            }
            return;
        };
        let related = lineage == 0 || lineage == self.lineage;
        // The stream was at the head of the log since its greeting. Who is ahead of it has read the log later than that,
        // or has read a log that was rolled back since.
        let related = related && (after.offset <= reached.offset || taken_ms > leading.greeted_ms);
        let found = leading.ring.after(after).filter(|_| related).map(|facts| Found {
            next: leading.next,
            lineage: self.lineage,
            reached,
            hello: hello.clone(),
            values: leading.ring.values(),
            facts,
        });
        out.push(Output::Say(Say::Answer(Box::new(Answer { reign: self.latest, to: tab, after, found }))));
    }

    fn answered(&mut self, answer: Answer<Block>, out: &mut Vec<Output<Block>>) {
        let Role::Follower(following @ Following::Seeking { .. }) = &mut self.role else { return };
        let Answer { reign, to, after, found } = answer;
        if (to, Some(after)) != (self.me, self.wish) || reign < self.latest {
            return;
        }
        self.latest = reign;
        let Some(found) = found else {
            *following = Following::Away;
            out.push(Output::Deliver(Delivery::Reset));
            return;
        };
        self.lineage = found.lineage;
        let at = if found.reached.offset > after.offset { found.reached } else { after };
        let sent = found.facts.len() as u64;
        *following = Following::Attached { next: found.next, at, sent };
        out.push(Output::Deliver(Delivery::Hello { block: found.hello, after, facts: sent }));
        let blocks = found.values.into_iter().chain(found.facts);
        out.extend(blocks.map(|block| Output::Deliver(Delivery::Block(block))));
        out.push(Output::Deliver(Delivery::Tick { at, sent }));
    }

    /// The leader hands on what its stream said.
    fn follow(&mut self, now: u64, reign: Reign, number: u64, kind: Kind, block: Block, out: &mut Vec<Output<Block>>) {
        if reign != self.latest {
            return self.led(now, reign, true, out);
        }
        let Role::Follower(following) = &mut self.role else { return };
        let Following::Attached { next, at, sent } = following else { return };
        if number > *next {
            *following = Following::Away;
            out.push(Output::Deliver(Delivery::Broken));
            return;
        }
        if number < *next {
            return;
        }
        *next += 1;
        match kind {
            // The snapshot was newer than the leader's stream.
            Kind::Fact(place) if place.offset <= at.offset => return,
            Kind::Fact(place) => {
                *at = place;
                *sent += 1;
            }
            Kind::Tick(place) => {
                if place.offset >= at.offset {
                    *at = place;
                }
                out.push(Output::Deliver(Delivery::Tick { at: *at, sent: *sent }));
                return;
            }
            _ => {}
        }
        out.push(Output::Deliver(Delivery::Block(block)));
    }

    fn granted(&mut self, now: u64, out: &mut Vec<Output<Block>>) {
        let Role::Follower(following) = &self.role else { return };
        let seeking = matches!(following, Following::Seeking { .. });
        self.latest = Reign { began_ms: now.max(self.latest.began_ms + 1), tab: self.me };
        out.push(Output::Say(Say::Lead(self.latest, false)));
        self.role =
            Role::Leader(Leading { open: false, live: false, hello: None, greeted_ms: 0, ring: Ring::new(), next: 0 });
        match self.wish {
            // The connection is still where it began: it need not know.
            Some(after) if seeking => self.open_stream(after, out),
            _ => self.reopen(out),
        }
    }

    fn deprived(&mut self, out: &mut Vec<Output<Block>>) {
        let Role::Leader(leading) = &mut self.role else { return };
        // What the others have to know of it, the new leader says.
        leading.live = false;
        self.drop_stream(out);
        self.role = Role::Follower(Following::Away);
        out.push(Output::Ask(false));
        self.reopen(out);
    }

    fn unshared(&mut self, out: &mut Vec<Output<Block>>) {
        self.shared = false;
        if let (Some(after), Role::Follower(_)) = (self.wish, &self.role) {
            out.push(Output::OpenStream(after));
        }
    }

    fn leave(&mut self, out: &mut Vec<Output<Block>>) {
        if let Role::Leader(leading) = &mut self.role {
            leading.live = false;
            self.drop_stream(out);
            out.push(Output::Say(Say::Gone(self.latest)));
        }
        if self.shared {
            self.role = Role::Follower(Following::Away);
            out.push(Output::Release);
        }
    }

    fn reopen(&mut self, out: &mut Vec<Output<Block>>) {
        if self.wish.is_some() {
            out.push(Output::Reopen);
        }
    }
}

#[cfg(test)]
mod tests;
