//! The stream as the driver uses it: opened after a place, closed, and heard, whoever has it.
//!
//! Three layers, each a pure machine of `live`, each with its means: the tabs decide whether this tab has a stream of its
//! own (channel and lock), the carrier how it is read (source), and the connection above, which the driver holds, when.
//! A machine is borrowed only while it is told something, because what it says may come back to it.

use std::{
    cell::{Cell, RefCell},
    rc::Weak,
};

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::set_timeout_with_handle};
use shared::{
    cursor::Cursor,
    limits::HEARTBEAT_MS,
    presence::PresenceLevel,
    stream::{PROTOCOL, Resume},
};

use super::driver::Driver;
use crate::{
    api,
    browser::{clock, entropy, page},
    live::{
        carrier::{Act, Carrier, GREETING_MS, Mode, Pass},
        connection::Input,
        source::{Arrival, Raw, Said, Source, address},
        tabs::{
            Delivery, Input as Told, Output, Say, TabId, Tabs,
            channel::{self, Channel},
            lock::{Fate, Lock},
        },
    },
    state::doctor::Carried,
};

/// That this browser had to read batches: the next page begins with them.
const BATCHED: &str = "teahouse.batched";

/// A person's tabs: who of them has the stream, and how they speak.
struct Sharing {
    person: String,
    channel: Option<Channel>,
    lock: Lock,
}

/// The stream, own or shared.
pub(super) struct Streams {
    driver: Weak<Driver>,
    me: TabId,
    sharing: RefCell<Option<Sharing>>,
    tabs: RefCell<Tabs<Raw>>,
    carrier: RefCell<Carrier>,
    source: RefCell<Option<Source>>,
    trial: RefCell<Option<(Source, TimeoutHandle)>>,
    /// Counts what the connection opened: what was said on an older one is not told any more.
    number: Cell<u32>,
}

impl Streams {
    pub(super) fn new(driver: Weak<Driver>) -> Self {
        let me = TabId::from_le_bytes(entropy::bytes());
        Self {
            driver,
            me,
            sharing: RefCell::default(),
            tabs: RefCell::new(Tabs::new(me, false, page::is_seen())),
            carrier: RefCell::new(Carrier::new(page::stored(BATCHED).is_some())),
            source: RefCell::default(),
            trial: RefCell::default(),
            number: Cell::default(),
        }
    }

    /// What was opened last. A fact of an older one changes the model, but does not count for this one.
    pub(super) fn number(&self) -> u32 {
        self.number.get()
    }

    /// This is whose tab it is. Another person's tabs share another stream.
    pub(super) fn join(&self, person: &str) {
        if self.sharing.borrow().as_ref().is_some_and(|sharing| sharing.person == person) {
            return;
        }
        self.part();
        let name = channel::name(person);
        let channel = {
            let driver = self.driver.clone();
            Channel::join(&name, move |said| {
                if let Some(driver) = driver.upgrade() {
                    driver.streams.tell(Told::Said(said));
                    driver.settle();
                }
            })
        };
        let lock = {
            let driver = self.driver.clone();
            Lock::new(name, self.me, move |fate| {
                if let Some(driver) = driver.upgrade() {
                    driver.streams.tell(match fate {
                        Fate::Granted => Told::Granted,
                        Fate::Deprived => Told::Deprived,
                        Fate::Unshared => Told::Unshared,
                    });
                }
            })
        };
        self.tabs.replace(Tabs::new(self.me, channel.is_some(), page::is_seen()));
        self.sharing.replace(Some(Sharing { person: person.to_owned(), channel, lock }));
    }

    /// Nobody is signed in here any more.
    pub(super) fn part(&self) {
        self.tell(Told::Leave);
        self.sharing.take();
    }

    /// Opens the stream after a place. `taken_ms`: it is that of a snapshot which was asked for then.
    pub(super) fn open(&self, after: Cursor, taken_ms: Option<u64>) {
        self.number.set(self.number.get().wrapping_add(1));
        self.tell(Told::Open { after, taken_ms });
    }

    pub(super) fn close(&self) {
        self.number.set(self.number.get().wrapping_add(1));
        self.tell(Told::Close);
    }

    /// Tells the tabs, and does what they say.
    pub(super) fn tell(&self, told: Told<Raw>) {
        let number = self.number.get();
        let outputs = self.tabs.borrow_mut().handle(js_sys::Date::now() as u64, told);
        for output in outputs {
            self.obey(number, output);
        }
    }

    /// Says it to the person's other tabs.
    pub(super) fn say(&self, said: &Say<Raw>) {
        if let Some(Sharing { channel: Some(channel), .. }) = &*self.sharing.borrow() {
            channel.say(said);
        }
    }

    /// Time has passed, or storage has changed.
    pub(super) fn wake(&self) {
        self.tell(Told::Wake);
        self.look();
        let act = self.carrier.borrow_mut().wake(now());
        self.act(act);
    }

    /// When to [`wake`](Self::wake), in monotonic milliseconds.
    pub(super) fn next_wake(&self) -> Option<u64> {
        let (now, wall) = (now(), js_sys::Date::now() as u64);
        let looks = self.sharing.borrow().as_ref().and_then(|sharing| sharing.lock.next_look());
        let walls = [self.tabs.borrow().next_wake(), looks].into_iter().flatten().min();
        let walls = walls.map(|at| now + at.saturating_sub(wall));
        [walls, self.carrier.borrow().next_wake()].into_iter().flatten().min()
    }

    fn look(&self) {
        if let Some(sharing) = &*self.sharing.borrow() {
            sharing.lock.look();
        }
    }

    fn obey(&self, number: u32, output: Output<Raw>) {
        match output {
            Output::OpenStream(after) => {
                let mode = self.carrier.borrow_mut().open(now());
                self.connect(after, mode);
            }
            Output::CloseStream => {
                self.source.take();
                self.carrier.borrow_mut().close(now());
                self.note_mode();
            }
            Output::Say(said) => self.say(&said),
            Output::Ask(steal) => self.with_lock(|lock| lock.ask(steal)),
            Output::Release => self.with_lock(Lock::release),
            Output::Deliver(delivery) => self.deliver(number, delivery),
            output => self.with_driver(|driver| match output {
                Output::Reopen => driver.tell(Input::TryNow),
                Output::Forget => driver.forget_person(),
                Output::Begin => driver.begin_again(),
                Output::Counted(tab) => driver.doctor.note_tab(tab),
                _ => {}
            }),
        }
    }

    fn with_lock(&self, act: impl FnOnce(&Lock)) {
        if let Some(sharing) = &*self.sharing.borrow() {
            act(&sharing.lock);
        }
    }

    fn with_driver(&self, act: impl FnOnce(&Driver)) {
        if let Some(driver) = self.driver.upgrade() {
            act(&driver);
        }
    }

    /// What the leader says, to this tab's connection.
    fn deliver(&self, number: u32, delivery: Delivery<Raw>) {
        if number != self.number.get() {
            return;
        }
        self.with_driver(|driver| match delivery {
            Delivery::Hello { block, after, facts } => {
                if let Arrival::Hello(_, mut hello) = block.read() {
                    (hello.resume, hello.behind) = (if facts > 0 { Resume::Replay } else { Resume::Live }, facts);
                    if driver.greet(&hello) {
                        driver.hear(number, Arrival::Hello(after, hello));
                    }
                }
            }
            Delivery::Block(block) => driver.hear(number, block.read()),
            Delivery::Tick { at, sent } => driver.hear(number, Arrival::Tick(at, sent)),
            Delivery::Broken => driver.tell(Input::Broken { closed: false }),
            Delivery::Reset => driver.tell(Input::Hello {
                protocol: PROTOCOL,
                resume: Resume::Reset,
                behind: 0,
                heartbeat_ms: HEARTBEAT_MS,
            }),
        });
    }

    /// Opens a source of this tab's own.
    fn connect(&self, after: Cursor, mode: Mode) {
        let (number, driver) = (self.number.get(), self.driver.clone());
        let heard = move |said| {
            if let Some(driver) = driver.upgrade() {
                driver.streams.heard(number, said);
            }
        };
        let level = self.driver.upgrade().map_or(PresenceLevel::Away, |driver| driver.level());
        match Source::open(&address(Some(after), mode, level), heard) {
            Ok(source) => drop(self.source.replace(Some(source))),
            // The page may not open streams at all: said like every break, and tried again like every break.
            Err(_) => self.with_driver(|driver| driver.tell_quietly(Input::Broken { closed: true })),
        }
    }

    /// This tab's own stream said something: to the other tabs as it is, to the connection as one stream.
    fn heard(&self, number: u32, said: Said) {
        if number != self.number.get() {
            return;
        }
        let now = now();
        let raw = match said {
            Said::Event(raw) => raw,
            Said::Broken { closed } => {
                let ended = self.carrier.borrow_mut().ended(now, closed);
                return match ended {
                    Pass::Do(act) => self.act(Some(act)),
                    _ => self.with_driver(|driver| driver.tell(Input::Broken { closed })),
                };
            }
        };
        let arrival = raw.read();
        let pass = {
            let mut carrier = self.carrier.borrow_mut();
            match &arrival {
                Arrival::Hello(_, hello) => carrier.greeted(now, hello.resume == Resume::Reset),
                Arrival::Fact(_) => carrier.fact(now),
                Arrival::Tick(_, sent) => carrier.tick(now, *sent),
                _ => Pass::On,
            }
        };
        let Some(driver) = self.driver.upgrade() else { return };
        if let Arrival::Foreign(introduction) = &arrival {
            return driver.meet_foreign(introduction);
        }
        if let Arrival::Hello(_, hello) = &arrival {
            if let Some(source) = &*self.source.borrow() {
                source.listen(&hello.events);
            }
            if !driver.greet(hello) {
                return;
            }
        }
        self.look();
        if !matches!(arrival, Arrival::Malformed) {
            self.tell(Told::Heard(arrival.kind(), raw));
        }
        match (pass, arrival) {
            (Pass::Count(sent), Arrival::Tick(at, _)) => driver.hear(number, Arrival::Tick(at, sent)),
            (Pass::Noise, _) => driver.tell_quietly(Input::Heard),
            (_, arrival) => driver.hear(number, arrival),
        }
    }

    fn act(&self, act: Option<Act>) {
        match act {
            Some(Act::Connect(mode)) => {
                self.note_mode();
                if let Some(after) = self.driver.upgrade().and_then(|driver| driver.place()) {
                    self.source.take();
                    self.connect(after, mode);
                }
            }
            Some(Act::Ask) => self.with_driver(|driver| {
                driver.spawn(|driver| async move {
                    let answered = !matches!(api::session().await, Err(api::ApiError::Network));
                    let act = driver.streams.carrier.borrow_mut().reached(now(), answered);
                    driver.streams.act(act);
                    driver.settle();
                });
            }),
            Some(Act::Try) => self.try_stream(),
            Some(Act::Reopen) => {
                self.note_mode();
                self.with_driver(|driver| driver.tell(Input::TryNow));
            }
            None => {}
        }
    }

    /// Opens a stream beside the batches, to see whether its greeting comes.
    pub(super) fn try_stream(&self) {
        let opened_at = now();
        let tried = move |driver: &Weak<Driver>, greeting: Option<&Raw>| {
            if let Some(driver) = driver.upgrade()
                && let Some((_, timer)) = driver.streams.trial.take()
            {
                timer.clear();
                let head = greeting.map(|greeting| ((now() - opened_at) as u32, greeting.id.parse().ok()));
                driver.doctor.note_trial(head);
                let act = driver.streams.carrier.borrow_mut().tried(greeting.is_some());
                driver.streams.act(act);
                driver.settle();
            }
        };
        let (greeted, late) = (self.driver.clone(), self.driver.clone());
        let heard = move |said| tried(&greeted, if let Said::Event(raw) = &said { Some(raw) } else { None });
        let source = Source::open(&address(None, Mode::Stream, PresenceLevel::Away), heard);
        let wait = std::time::Duration::from_millis(GREETING_MS);
        if let (Ok(source), Ok(timer)) = (source, set_timeout_with_handle(move || tried(&late, None), wait))
            && let Some((_, before)) = self.trial.replace(Some((source, timer)))
        {
            before.clear();
        }
    }

    /// How the stream comes, if it does.
    pub(super) fn carried(&self, connected: bool) -> Carried {
        if !connected {
            Carried::Nothing
        } else if self.source.borrow().is_none() {
            Carried::Shared
        } else if self.carrier.borrow().is_batched() {
            Carried::Batches
        } else {
            Carried::Stream
        }
    }

    fn note_mode(&self) {
        let batched = self.carrier.borrow().is_batched();
        if page::stored(BATCHED).is_some() != batched {
            page::store(BATCHED, batched.then_some("1"));
        }
    }
}

impl std::fmt::Debug for Streams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Streams").field("carrier", &self.carrier).finish_non_exhaustive()
    }
}

fn now() -> u64 {
    clock::now().mono_ms
}
