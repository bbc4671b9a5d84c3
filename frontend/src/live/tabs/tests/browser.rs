//! The browser of the tests: tabs, each with the client's own connection, a channel that may lose messages, locks or a
//! lease, and timers.

use std::collections::VecDeque;

use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use shared::{
    cursor::Cursor,
    stream::{PROTOCOL, Resume},
};

use super::{
    super::{
        Delivery, Input, Kind, Output, Say, Tabs,
        lease::{Act, Held, Lease},
    },
    server::{Event, Server},
};
use crate::live::connection::{Answer, Command, Connection, Input as Told, Ticket};

/// With what tabs elect their leader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    Locks,
    Lease,
    None,
}

/// A block is what it is: a fact's place says which it is, in every history.
type Block = Kind;

/// Something that will happen in a tab when it runs.
#[derive(Debug, Clone)]
enum Due {
    Said(Say<Block>),
    Granted,
    Deprived,
    Snapshot(Ticket),
    Probed(Ticket),
}

struct Tab {
    tabs: Tabs<Block>,
    connection: Connection,
    lease: Lease,
    due: VecDeque<Due>,
    /// Its own stream.
    stream: Option<usize>,
    /// The connection was given something by another tab.
    received: Option<Cursor>,
    snapshot: Cursor,
    taken_ms: u64,
    /// What it shows.
    facts: Vec<Cursor>,
    snapshots: usize,
    frozen: bool,
}

pub(super) struct Browser {
    pub(super) server: Server,
    /// So many of the next messages are lost.
    pub(super) lose: u8,
    tabs: Vec<Option<Tab>>,
    means: Means,
    now: u64,
    rng: TestRng,
    /// Who has the lock, and who waits for it.
    holder: Option<usize>,
    waiting: Vec<usize>,
    stored: Option<Held>,
}

/// The wall clock's start, far from the other's.
const WALL: u64 = 1_700_000_000_000;

impl Browser {
    pub(super) fn new(means: Means, seed: u64) -> Self {
        let mut bytes = [7; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        Self {
            server: Server::new(),
            lose: 0,
            tabs: vec![],
            means,
            now: 1_000,
            rng: TestRng::from_seed(RngAlgorithm::ChaCha, &bytes),
            holder: None,
            waiting: vec![],
            stored: None,
        }
    }

    /// A tab is opened.
    pub(super) fn join(&mut self) {
        let (me, seed) = (self.rng.next_u32(), self.rng.next_u64());
        let seen = self.rng.next_u32().is_multiple_of(2);
        self.tabs.push(Some(Tab {
            tabs: Tabs::new(me, self.means != Means::None, seen),
            connection: Connection::new(seed),
            lease: Lease::new(me),
            due: VecDeque::new(),
            stream: None,
            received: None,
            snapshot: self.server.head(),
            taken_ms: 0,
            facts: vec![],
            snapshots: 0,
            frozen: false,
        }));
        self.tell(self.tabs.len() - 1, Told::Start);
    }

    pub(super) fn crash(&mut self, tab: impl Into<usize>) {
        let Some(at) = self.pick(tab.into()) else { return };
        if let Some(Tab { stream: Some(stream), .. }) = self.tabs[at].take() {
            self.server.close(stream);
        }
        self.unlock(at);
    }

    /// The page is told and stops running, as browsers do it.
    pub(super) fn freeze(&mut self, tab: u8) {
        let Some(at) = self.pick(tab.into()) else { return };
        if self.rng.next_u32().is_multiple_of(2) && !self.tab(at).frozen {
            self.input(at, Input::Leave);
        }
        self.tab(at).frozen = true;
    }

    /// The page stops running without a word.
    pub(super) fn freeze_hard(&mut self, at: usize) {
        self.tab(at).frozen = true;
    }

    pub(super) fn thaw(&mut self, tab: impl Into<usize>) {
        let Some(at) = self.pick(tab.into()) else { return };
        if std::mem::take(&mut self.tab(at).frozen) && self.rng.next_u32().is_multiple_of(2) {
            self.tell(at, Told::Shown);
        }
    }

    pub(super) fn thaw_all(&mut self) {
        for at in self.alive() {
            self.tab(at).frozen = false;
            self.tell(at, Told::Shown);
        }
    }

    pub(super) fn leave(&mut self, tab: impl Into<usize>) {
        let Some(at) = self.pick(tab.into()) else { return };
        if !self.tab(at).frozen {
            self.input(at, Input::Leave);
            self.tab(at).frozen = true;
        }
    }

    pub(super) fn look_at(&mut self, tab: u8) {
        let Some(seen) = self.pick(tab.into()) else { return };
        for at in self.alive() {
            if !self.tab(at).frozen {
                self.input(at, Input::Seen(at == seen));
                self.tell(at, if at == seen { Told::Visible } else { Told::Hidden });
            }
        }
    }

    pub(super) fn urge(&mut self, tab: u8) {
        let Some(at) = self.pick(tab.into()).filter(|&at| self.tabs[at].as_ref().is_some_and(|tab| !tab.frozen)) else {
            return;
        };
        self.input(at, Input::Urge);
        self.tell(at, Told::TryNow);
    }

    /// Time passes; everything that is due happens, one thing at a time in a random tab.
    pub(super) fn pass(&mut self, ms: u64) {
        let end = self.now + ms;
        loop {
            self.settle();
            let next = self.next_moment().filter(|&at| at <= end);
            let Some(at) = next else { break };
            self.now = self.now.max(at);
            self.ring_timers();
        }
        self.now = end;
    }

    pub(super) fn leader(&self) -> usize {
        let leads = |tab: &Option<Tab>| tab.as_ref().is_some_and(|tab| tab.tabs.leads() && !tab.frozen);
        self.tabs.iter().position(leads).expect("somebody leads")
    }

    pub(super) fn is_live(&self, at: usize) -> bool {
        self.tabs[at].as_ref().is_some_and(|tab| tab.connection.is_connected() && !tab.frozen)
    }

    pub(super) fn live_tabs(&self) -> usize {
        (0..self.tabs.len()).filter(|&at| self.is_live(at)).count()
    }

    /// Snapshots that the tabs that are left have loaded.
    pub(super) fn snapshots(&self) -> usize {
        self.tabs.iter().flatten().map(|tab| tab.snapshots).sum()
    }

    /// Every tab shows what the server has, over one stream.
    pub(super) fn assert_in_order(&mut self) {
        let visible = visible(self.server.log());
        for at in self.alive() {
            let live = self.is_live(at);
            let tab = self.tab(at);
            assert!(live, "tab {at} is not live: {:?} {:?}", tab.connection, tab.tabs);
            assert_eq!(tab.facts, visible, "tab {at}");
        }
        assert_eq!(self.server.streams(), 1, "streams");
        assert_eq!(
            self.alive().iter().filter(|&&at| self.tabs[at].as_ref().is_some_and(|tab| tab.tabs.leads())).count(),
            1
        );
    }

    fn alive(&self) -> Vec<usize> {
        (0..self.tabs.len()).filter(|&at| self.tabs[at].is_some()).collect()
    }

    fn pick(&self, tab: usize) -> Option<usize> {
        if self.tabs.get(tab).is_some_and(Option::is_some) {
            return Some(tab);
        }
        let alive = self.alive();
        (!alive.is_empty()).then(|| alive[tab % alive.len()])
    }

    fn tab(&mut self, at: usize) -> &mut Tab {
        self.tabs[at].as_mut().expect("it is alive")
    }

    /// Does everything that is due now.
    fn settle(&mut self) {
        let mut left = 200_000;
        loop {
            let mut ready: Vec<usize> = self.alive();
            ready.retain(|&at| !self.tab(at).frozen);
            let mut moved = false;
            while !ready.is_empty() && !moved {
                let at = ready.swap_remove(self.rng.next_u32() as usize % ready.len());
                moved = self.one_thing(at);
            }
            if !moved {
                return;
            }
            left -= 1;
            assert!(left > 0, "the tabs talk for ever");
        }
    }

    fn one_thing(&mut self, at: usize) -> bool {
        let from_stream = self.rng.next_u32().is_multiple_of(2);
        if !from_stream && let Some(due) = self.tab(at).due.pop_front() {
            self.due(at, due);
            return true;
        }
        let Some(stream) = self.tab(at).stream else {
            let due = self.tab(at).due.pop_front();
            return due.map(|due| self.due(at, due)).is_some();
        };
        if let Some(event) = self.server.next(stream, self.now) {
            self.stream_says(at, event);
            return true;
        }
        let due = self.tab(at).due.pop_front();
        due.map(|due| self.due(at, due)).is_some()
    }

    fn due(&mut self, at: usize, due: Due) {
        match due {
            Due::Said(said) => self.input(at, Input::Said(said)),
            Due::Granted => self.input(at, Input::Granted),
            Due::Deprived => self.input(at, Input::Deprived),
            Due::Probed(ticket) => {
                let answer = if self.server.down { Answer::None } else { Answer::Good };
                self.tell(at, Told::Probed(ticket, answer));
            }
            Due::Snapshot(ticket) if self.server.down => self.tell(at, Told::Snapshot(ticket, Answer::None)),
            Due::Snapshot(ticket) => {
                if self.tab(at).connection.awaits(ticket) {
                    let (head, facts) = (self.server.head(), visible(self.server.log()));
                    let tab = self.tab(at);
                    (tab.snapshot, tab.facts) = (head, facts);
                    tab.snapshots += 1;
                    self.tell(at, Told::Snapshot(ticket, Answer::Good));
                }
            }
        }
    }

    fn stream_says(&mut self, at: usize, event: Event) {
        let kind = match event {
            Event::Hello(true, _) => Kind::Reset,
            Event::Hello(false, _) => Kind::Hello,
            Event::Fact(place) => Kind::Fact(place),
            Event::Tick(place, _) => Kind::Tick(place),
            Event::Gone => {
                self.tab(at).stream = None;
                return self.tell(at, Told::Broken { closed: false });
            }
        };
        self.input(at, Input::Heard(kind, kind));
        match event {
            Event::Hello(reset, behind) => {
                let resume = if reset { Resume::Reset } else { Resume::Replay };
                self.tell(at, Told::Hello { protocol: PROTOCOL, resume, behind, heartbeat_ms: 15_000 });
            }
            Event::Fact(place) => self.apply(at, place),
            Event::Tick(place, sent) => self.tick(at, place, sent),
            Event::Gone => {}
        }
    }

    /// What the reducer does, and more strictly: every fact once, and none left out.
    fn apply(&mut self, at: usize, fact: Cursor) {
        let tab = self.tab(at);
        let place = tab.received.unwrap_or(tab.snapshot);
        assert!(fact.offset > place.offset, "tab {at}: {fact} comes after {place}");
        let left_out = (place.offset.0 + 1..fact.offset.0).find(|offset| offset % 3 != 0);
        assert_eq!(left_out, None, "tab {at}: between {place} and {fact}");
        tab.facts.push(fact);
        tab.received = Some(fact);
        self.tell(at, Told::Fact);
    }

    fn tick(&mut self, at: usize, place: Cursor, sent: u64) {
        let tab = self.tab(at);
        let before = tab.received.unwrap_or(tab.snapshot);
        let left_out = (before.offset.0 + 1..=place.offset.0).find(|offset| offset % 3 != 0);
        assert_eq!(left_out, None, "tab {at}: between {before} and the tick {place}");
        tab.received = Some(place);
        self.tell(at, Told::Tick { sent });
    }

    fn tell(&mut self, at: usize, told: Told) {
        let now = self.now;
        for command in self.tab(at).connection.handle(now, told) {
            let tab = self.tab(at);
            match command {
                Command::LoadSnapshot(ticket) => {
                    (tab.received, tab.taken_ms) = (None, WALL + now);
                    tab.due.push_back(Due::Snapshot(ticket));
                }
                Command::Probe(ticket) => tab.due.push_back(Due::Probed(ticket)),
                Command::Open => {
                    let taken_ms = tab.received.is_none().then_some(tab.taken_ms);
                    let after = tab.received.unwrap_or(tab.snapshot);
                    self.input(at, Input::Open { after, taken_ms });
                }
                Command::Close => self.input(at, Input::Close),
                Command::Connected | Command::Disconnected => {}
                Command::SignedOut | Command::Barred { .. } | Command::TooOld => unreachable!("the person stays"),
            }
        }
    }

    fn input(&mut self, at: usize, input: Input<Block>) {
        let wall = WALL + self.now;
        for output in self.tab(at).tabs.handle(wall, input) {
            match output {
                Output::OpenStream(after) => {
                    let stream = self.server.open(after);
                    assert_eq!(self.tab(at).stream.replace(stream), None, "tab {at} has one already");
                }
                Output::CloseStream => {
                    if let Some(stream) = self.tab(at).stream.take() {
                        self.server.close(stream);
                    }
                }
                Output::Say(said) => self.broadcast(at, &said),
                Output::Ask(steal) => self.ask(at, steal),
                Output::Release => self.release(at),
                Output::Deliver(delivery) => self.deliver(at, delivery),
                Output::Reopen => self.tell(at, Told::TryNow),
                Output::Begin => {}
                Output::Forget | Output::Counted(_) => unreachable!("nobody said it"),
            }
        }
    }

    fn deliver(&mut self, at: usize, delivery: Delivery<Block>) {
        match delivery {
            Delivery::Hello { after, facts, .. } => {
                let tab = self.tab(at);
                assert_eq!(tab.received.unwrap_or(tab.snapshot), after, "tab {at}");
                let hello =
                    Told::Hello { protocol: PROTOCOL, resume: Resume::Replay, behind: facts, heartbeat_ms: 15_000 };
                self.tell(at, hello);
            }
            Delivery::Block(Kind::Fact(place)) => self.apply(at, place),
            Delivery::Block(_) => self.tell(at, Told::Heard),
            Delivery::Tick { at: place, sent } => self.tick(at, place, sent),
            Delivery::Reset => {
                self.tell(
                    at,
                    Told::Hello { protocol: PROTOCOL, resume: Resume::Reset, behind: 0, heartbeat_ms: 15_000 },
                );
            }
            Delivery::Broken => self.tell(at, Told::Broken { closed: false }),
        }
    }

    fn broadcast(&mut self, from: usize, said: &Say<Block>) {
        if self.lose > 0 {
            self.lose -= 1;
            return;
        }
        for at in self.alive() {
            if at != from {
                self.tab(at).due.push_back(Due::Said(said.clone()));
            }
        }
    }

    fn ask(&mut self, at: usize, steal: bool) {
        if self.means == Means::Lease {
            let (wall, stored) = (WALL + self.now, self.stored);
            let act = self.tab(at).lease.ask(wall, stored, steal);
            return self.act(at, act);
        }
        if self.holder == Some(at) {
            return;
        }
        if steal {
            self.waiting.retain(|&waiting| waiting != at);
            if let Some(holder) = self.holder.replace(at) {
                self.tab(holder).due.push_back(Due::Deprived);
            }
            self.tab(at).due.push_back(Due::Granted);
        } else if !self.waiting.contains(&at) {
            self.waiting.push(at);
            self.hand_over();
        }
    }

    fn release(&mut self, at: usize) {
        if self.means == Means::Lease {
            let stored = self.stored;
            let act = self.tab(at).lease.release(stored);
            return self.act(at, act);
        }
        // The browser forgets a grant that was not told yet, as the driver does.
        self.tab(at).due.retain(|due| !matches!(due, Due::Granted));
        self.unlock(at);
    }

    fn unlock(&mut self, at: usize) {
        self.waiting.retain(|&waiting| waiting != at);
        if self.holder == Some(at) {
            self.holder = None;
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        if self.holder.is_none() && !self.waiting.is_empty() {
            let next = self.waiting.remove(0);
            self.holder = Some(next);
            self.tab(next).due.push_back(Due::Granted);
        }
    }

    fn act(&mut self, at: usize, act: Option<Act>) {
        match act {
            Some(Act::Write(held)) => self.stored = Some(held),
            Some(Act::Clear) => self.stored = None,
            Some(Act::Granted) => self.input(at, Input::Granted),
            Some(Act::Deprived) => self.input(at, Input::Deprived),
            None => {}
        }
    }

    fn next_moment(&mut self) -> Option<u64> {
        let now = self.now;
        let mut due: Vec<u64> = self.server.next_tick().into_iter().collect();
        for at in self.alive() {
            let tab = self.tab(at);
            if !tab.frozen {
                let walls = [tab.lease.next_look(), tab.tabs.next_wake()].map(|at| Some(at?.saturating_sub(WALL)));
                due.extend(walls.into_iter().chain([tab.connection.next_wake(now)]).flatten());
            }
        }
        due.into_iter().filter(|&at| at > now).min()
    }

    fn ring_timers(&mut self) {
        for at in self.alive() {
            if self.tab(at).frozen {
                continue;
            }
            self.tell(at, Told::Wake);
            self.input(at, Input::Wake);
            let (wall, stored) = (WALL + self.now, self.stored);
            let act = self.tab(at).lease.look(wall, stored);
            self.act(at, act);
        }
    }
}

/// What this reader may see of a log.
fn visible(log: &[Cursor]) -> Vec<Cursor> {
    log.iter().copied().filter(|fact| fact.offset.0 % 3 != 0).collect()
}
