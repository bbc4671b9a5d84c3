//! The loop: what happened goes into the pure parts, and what they say is done.
//!
//! Facts of the stream are queued and applied once per animation frame, at most 6 ms of them (`ux.md` §12), so that a
//! burst never keeps a person from typing. Everything else is applied at once. After each step [`Driver::settle`] does
//! what is to be done, shows what changed, and sets one timer for the next moment at which time alone changes anything.
//!
//! The pure parts are borrowed only while they are told something; signals are set, and requests begun, in between.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::{Rc, Weak},
    sync::Arc,
    time::Duration,
};

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use shared::{
    cursor::{Cursor, Offset},
    id::RoomId,
    limits::TIMELINE_MAX,
    member::Member,
    session::SignedIn,
    sorted::SortedMap,
    stream::{Hello, Resume},
};

use super::{doctor::Doctor, keeping, page_events::PageEvents, streams::Streams};
use crate::{
    api::{self, ApiError},
    browser::{clock, entropy, storage::Shelf, time},
    live::{
        connection::{Command, Connection, Input},
        source::{Arrival, Fact},
        tabs::Say,
        version::{self, Verdict},
    },
    state::{
        model::Model,
        outbox::Account,
        signs::Signs,
        time::earlier,
        view::{Barred, GoneRoom, Link, Notice, Own, Person, RoomRow, Session, TimelineView},
    },
};

/// How long facts are applied before the browser may draw, in milliseconds.
const FRAME_BUDGET_MS: f64 = 6.0;

/// Messages drawn in one frame: a row costs more to draw than to apply.
const FRAME_ROWS: usize = 40;

/// Animation frames stop while the page is not on screen; then facts are applied this often, in milliseconds,
const HIDDEN_FRAME_MS: u64 = 250;

/// and for this long each time: nothing is drawn, and nobody types.
const HIDDEN_BUDGET_MS: f64 = 50.0;

/// What pages read.
pub(super) struct Signals {
    pub(super) session: ArcRwSignal<Session>,
    pub(super) me: ArcRwSignal<Option<Person>>,
    pub(super) my_name: ArcRwSignal<String>,
    pub(super) place: ArcRwSignal<String>,
    pub(super) rooms: ArcRwSignal<Vec<RoomRow>>,
    pub(super) gone: ArcRwSignal<Option<GoneRoom>>,
    pub(super) link: ArcRwSignal<Link>,
    pub(super) notice: ArcRwSignal<Option<Notice>>,
    pub(super) volatile: ArcRwSignal<bool>,
    pub(super) own: ArcRwSignal<Option<Arc<Own>>>,
    pub(super) people_changes: ArcRwSignal<u32>,
    pub(super) presence_changes: ArcRwSignal<u32>,
}

/// What the stream said and was not applied yet, with the number of the source that said it.
type Inbox = VecDeque<(u32, Arrival)>;

/// The running client.
pub(super) struct Driver {
    pub(super) signals: Signals,
    pub(super) model: RefCell<Model>,
    pub(super) connection: RefCell<Connection>,
    pub(super) shelf: Shelf,
    timelines: RefCell<SortedMap<RoomId, ArcRwSignal<TimelineView>>>,
    pub(super) streams: Streams,
    pub(super) doctor: Doctor,
    inbox: RefCell<Inbox>,
    /// The place of the last event received, applied or not.
    received: Cell<Option<Cursor>>,
    /// When the snapshot was asked for, in Unix milliseconds.
    taken_ms: Cell<u64>,
    /// The server's version, when the page is to be loaded anew at the next change of rooms.
    reload_for: RefCell<Option<String>>,
    /// Why the account that was here cannot be used any more, if that is so.
    pub(super) barred: RefCell<Option<Barred>>,
    frame_asked: Cell<bool>,
    timer: Cell<Option<TimeoutHandle>>,
    /// What this device says of its person.
    pub(super) signs: RefCell<Signs>,
    page_events: RefCell<Option<PageEvents>>,
    pub(super) itself: Weak<Driver>,
}

impl Driver {
    /// Begins: asks the server who is there, and listens to the page.
    pub(super) fn start() -> Rc<Self> {
        let signals = Signals {
            session: ArcRwSignal::new(Session::Unknown),
            me: ArcRwSignal::new(None),
            my_name: ArcRwSignal::new(String::new()),
            place: ArcRwSignal::new(String::new()),
            rooms: ArcRwSignal::new(Vec::new()),
            gone: ArcRwSignal::new(None),
            link: ArcRwSignal::new(Link::Opening),
            notice: ArcRwSignal::new(None),
            volatile: ArcRwSignal::new(false),
            own: ArcRwSignal::new(None),
            people_changes: ArcRwSignal::new(0),
            presence_changes: ArcRwSignal::new(0),
        };
        let driver = Rc::new_cyclic(|itself: &Weak<Self>| Self {
            signals,
            model: RefCell::default(),
            connection: RefCell::new(Connection::new(u64::from_le_bytes(entropy::bytes()))),
            shelf: Shelf::default(),
            timelines: RefCell::default(),
            streams: Streams::new(itself.clone()),
            doctor: Doctor::default(),
            inbox: RefCell::default(),
            received: Cell::default(),
            taken_ms: Cell::default(),
            reload_for: RefCell::default(),
            barred: RefCell::default(),
            frame_asked: Cell::default(),
            timer: Cell::default(),
            signs: RefCell::default(),
            page_events: RefCell::default(),
            itself: itself.clone(),
        });
        driver.page_events.replace(Some(PageEvents::listen(&driver.itself)));
        driver.tell(Input::Start);
        driver
    }

    /// Tells the connection what happened, does what it says, and settles.
    pub(super) fn tell(&self, input: Input) {
        self.tell_quietly(input);
        self.settle();
    }

    /// As [`tell`](Self::tell), without settling: for events that come by the hundred.
    pub(super) fn tell_quietly(&self, input: Input) {
        let commands = self.connection.borrow_mut().handle(clock::now().mono_ms, input);
        for command in commands {
            self.obey(command);
        }
    }

    fn obey(&self, command: Command) {
        match command {
            Command::LoadSnapshot(ticket) => {
                // The snapshot will hold all of it, and the log may be another one.
                self.inbox.borrow_mut().clear();
                self.received.set(None);
                self.taken_ms.set(clock::now().wall_ms as u64);
                self.spawn(|driver| async move { driver.load_snapshot(ticket).await });
            }
            Command::Probe(ticket) => self.spawn(|driver| async move { driver.probe(ticket).await }),
            Command::Open => self.open_stream(),
            Command::Close => self.streams.close(),
            Command::Connected => {
                self.doctor.note_open();
                self.signs.borrow_mut().reopened();
                self.model.borrow_mut().connected(clock::now());
            }
            Command::Disconnected => {
                self.doctor.note_broken();
                self.model.borrow_mut().disconnected();
            }
            Command::SignedOut => {
                self.model.borrow_mut().pause();
                self.spawn(|driver| async move { driver.find_the_door().await });
            }
            Command::Barred { banned } => self.bar(banned),
            Command::TooOld => self.signals.notice.set(Some(Notice::TooOld)),
        }
    }

    fn open_stream(&self) {
        if let Some(place) = self.place() {
            let fresh = self.received.get().is_none();
            self.streams.open(place, fresh.then(|| self.taken_ms.get()));
        }
    }

    /// The place of the last event received, or of the snapshot.
    pub(super) fn place(&self) -> Option<Cursor> {
        self.received.get().or_else(|| self.model.borrow().cursor())
    }

    /// Looks at a greeting. Returns whether the stream that it begins is for this page and this person.
    pub(super) fn greet(&self, hello: &Hello) -> bool {
        if self.model.borrow().me().is_some_and(|me| (me.id, me.role) != (hello.you.id, hello.you.role)) {
            // Another tab signed in as somebody else; or what the person may see is another set since, and the farewell that
            // would have said so was lost with the connection.
            self.tell(Input::Start);
            return false;
        }
        self.doctor.note_server(&hello.version);
        let reloaded = keeping::reloaded_for();
        match version::judge(env!("CARGO_PKG_VERSION"), &hello.version, hello.protocol, reloaded.as_deref()) {
            // What asks is the connection's refusal of another protocol.
            Verdict::Fits | Verdict::Ask => {}
            Verdict::ReloadSoon => drop(self.reload_for.replace(Some(hello.version.clone()))),
            Verdict::ReloadNow => {
                keeping::reload_for(&hello.version);
                return false;
            }
        }
        true
    }

    /// Takes in what the stream says. What changes the model waits for its frame.
    pub(super) fn hear(&self, number: u32, arrival: Arrival) {
        if number != self.streams.number() {
            return;
        }
        match arrival {
            Arrival::Hello(cursor, hello) => {
                if hello.resume != Resume::Reset {
                    self.received.set(Some(cursor));
                }
                self.tell(Input::Hello {
                    protocol: hello.protocol,
                    resume: hello.resume,
                    behind: hello.behind,
                    heartbeat_ms: hello.heartbeat_ms,
                });
            }
            Arrival::Bye(bye) => self.tell(Input::Bye(bye)),
            Arrival::Malformed => self.tell(Input::Malformed),
            // One is met before it comes here.
            Arrival::Passing | Arrival::Foreign(_) => self.tell_quietly(Input::Heard),
            Arrival::Tick(..)
            | Arrival::Fact(_)
            | Arrival::State(_)
            | Arrival::Read(_)
            | Arrival::Presence(_)
            | Arrival::Typing(_) => {
                if let Arrival::Tick(cursor, _) | Arrival::Fact(Fact { cursor, .. }) = &arrival {
                    self.received.set(Some(*cursor));
                }
                if let Arrival::Tick(..) = &arrival {
                    self.doctor.note_heartbeat();
                }
                self.inbox.borrow_mut().push_back((number, arrival));
                self.tell_quietly(Input::Heard);
                self.ask_frame();
            }
        }
    }

    fn ask_frame(&self) {
        if self.frame_asked.replace(true) {
            return;
        }
        let itself = self.itself.clone();
        let frame = move || {
            if let Some(driver) = itself.upgrade() {
                driver.frame_asked.set(false);
                driver.apply_inbox();
            }
        };
        if document().hidden() {
            set_timeout(frame, Duration::from_millis(HIDDEN_FRAME_MS));
        } else {
            request_animation_frame(frame);
        }
    }

    /// The page came on screen or went off it. Animation frames stop with it, also one that was asked for already.
    pub(super) fn page_turned(&self) {
        self.frame_asked.set(false);
        self.apply_inbox();
    }

    /// Applies what the stream said, in order, until it is done or the frame is used up. Of a burst longer than a room
    /// holds, rows are not drawn before the rest fits.
    fn apply_inbox(&self) {
        let hidden = document().hidden();
        let until = clock::monotonic_ms() + if hidden { HIDDEN_BUDGET_MS } else { FRAME_BUDGET_MS };
        let hurries = hidden || (self.inbox.borrow().len() > TIMELINE_MAX && self.model.borrow().is_followed());
        loop {
            let Some((number, arrival)) = self.inbox.borrow_mut().pop_front() else { break };
            let told = self.apply(arrival);
            let counts = number == self.streams.number() || told == Some(Input::Malformed);
            if let Some(input) = told.filter(|_| counts) {
                self.tell_quietly(input);
            }
            if clock::monotonic_ms() > until || (!hurries && self.model.borrow().undrawn() >= FRAME_ROWS) {
                break;
            }
        }
        let left = self.inbox.borrow().len();
        if left > 0 {
            self.ask_frame();
        }
        if hidden || !hurries || left <= TIMELINE_MAX {
            self.settle();
        }
    }

    /// Changes the model. Returns what the connection has to know of it.
    fn apply(&self, arrival: Arrival) -> Option<Input> {
        let mut model = self.model.borrow_mut();
        match arrival {
            Arrival::Fact(fact) => match fact.read() {
                Ok(Some(envelope)) => model.apply(&envelope),
                Ok(None) => model.advance(fact.cursor),
                Err(_) => return Some(Input::Malformed),
            },
            Arrival::Tick(cursor, sent) => {
                model.advance(cursor);
                model.presence.caught_up();
                return Some(Input::Tick { sent });
            }
            Arrival::State(state) => {
                for read in state.reads {
                    model.move_read(read);
                }
                model.presence.begin(state.presence.as_deref());
                return None;
            }
            Arrival::Read(read) => {
                model.move_read(read);
                return None;
            }
            Arrival::Presence(list) => {
                model.presence.change(&list.presence);
                return None;
            }
            Arrival::Typing(typing) => {
                model.types(typing, clock::now().mono_ms);
                return None;
            }
            Arrival::Hello(..) | Arrival::Foreign(_) | Arrival::Passing | Arrival::Bye(_) | Arrival::Malformed => {
                return None;
            }
        }
        Some(Input::Fact)
    }

    /// Does what is to be done, shows what changed, and sets the timer.
    pub(super) fn settle(&self) {
        self.run_effects();
        self.show();
        // Drawing the rows may have met a person who is not known.
        self.run_effects();
        self.set_timer();
    }

    fn run_effects(&self) {
        let effects = self.model.borrow_mut().take_effects(clock::now());
        for effect in effects {
            self.perform(effect);
        }
    }

    fn show(&self) {
        let now = clock::now();
        let link = match self.connection.borrow().link(now.mono_ms) {
            Link::Live { .. } => Link::Live { rtt_ms: api::round_trip_ms() },
            other => other,
        };
        // During a replay the rail's counts stand still; they change once, at its end.
        if !matches!(link, Link::Replaying { .. }) {
            let (rooms, gone) = {
                let mut model = self.model.borrow_mut();
                (model.rooms(now), model.gone().cloned())
            };
            // Before the room leaves the list: what stands in its place is known then.
            set_if_new(&self.signals.gone, gone);
            set_if_new(&self.signals.rooms, rooms);
        }
        set_if_new(&self.signals.link, link);
        set_if_new(&self.signals.presence_changes, self.model.borrow().presence.revision());
        self.show_own();
        let open = self.model.borrow().open();
        let view = open.and_then(|room| Some((room, self.timelines.borrow().get(&room)?.clone())));
        if let Some((room, view)) = view {
            self.draw(room, &view);
        }
    }

    /// Who the person is, what they have set, and what the place is called, as the last fact about it says.
    fn show_own(&self) {
        let model = self.model.borrow();
        let (Some(me), Some(settings), Some(workspace)) = (model.me(), model.settings(), model.workspace()) else {
            return;
        };
        let is_shown = |own: &Option<Arc<Own>>| {
            let shown = |own: &Arc<Own>| own.member == *me && own.settings == *settings && own.workspace == *workspace;
            own.as_ref().is_some_and(shown)
        };
        if !self.signals.own.with_untracked(is_shown) {
            let own = Own { member: me.clone(), settings: settings.clone(), workspace: workspace.clone() };
            self.signals.own.set(Some(Arc::new(own)));
            self.show_names(me, workspace.name.as_str());
        }
        set_if_new(&self.signals.people_changes, model.people_changes());
    }

    fn draw(&self, room: RoomId, view: &ArcRwSignal<TimelineView>) {
        let rows = self.model.borrow_mut().timeline(room, clock::now(), time::offset_minutes);
        if let Some(rows) = rows {
            view.set(rows);
        }
    }

    pub(super) fn set_timer(&self) {
        if let Some(timer) = self.timer.take() {
            timer.clear();
        }
        let now = clock::now();
        let due = earlier(self.connection.borrow().next_wake(now.mono_ms), self.model.borrow().next_wake(now));
        let due = earlier(due, self.signs.borrow().next_wake());
        let Some(at) = earlier(due, self.streams.next_wake()) else { return };
        let itself = self.itself.clone();
        let wake = move || {
            if let Some(driver) = itself.upgrade() {
                driver.streams.wake();
                driver.wake_signs();
                driver.tell(Input::Wake);
            }
        };
        // One more millisecond: a timer may fire early by a fraction of one.
        let wait = Duration::from_millis(at.saturating_sub(now.mono_ms) + 1);
        self.timer.set(set_timeout_with_handle(wake, wait).ok());
    }

    /// A room's rows; the same signal as long as the room is known here.
    pub(super) fn timeline(&self, room: RoomId) -> ArcReadSignal<TimelineView> {
        let known = self.timelines.borrow().get(&room).cloned();
        let view = known.unwrap_or_else(|| {
            let view = ArcRwSignal::default();
            self.draw(room, &view);
            self.timelines.borrow_mut().insert(room, view.clone());
            view
        });
        view.read_only()
    }

    /// Forgets what was shown of a room: its rows leave the page with it.
    pub(super) fn drop_timeline(&self, room: RoomId) {
        let view = self.timelines.borrow_mut().remove(&room);
        if let Some(view) = view {
            view.set(TimelineView::default());
        }
    }

    pub(super) fn open_room(&self, room: RoomId, at: Option<Offset>) {
        let newer = self.reload_for.borrow_mut().take();
        if let Some(version) = newer {
            return keeping::reload_for(&version);
        }
        self.model.borrow_mut().open_room(room, at, clock::now());
        if let Some(slug) = self.model.borrow().slug(room) {
            keeping::note_room(slug);
        }
        self.settle();
    }

    pub(super) fn draft(&self, room: RoomId) -> String {
        self.model.borrow().draft(room).to_owned()
    }

    pub(super) fn save_draft(&self, room: RoomId, text: String) {
        let account = self.account();
        if let Some(account) = account {
            keeping::keep_draft(account, room, &text);
        }
        self.model.borrow_mut().set_draft(room, text);
    }

    pub(super) fn account(&self) -> Option<Account> {
        self.model.borrow().account()
    }

    pub(super) fn signed_in(&self, signed_in: &SignedIn) {
        let account = Account { member: signed_in.me.id };
        if let Some(before) = self.account().filter(|before| *before != account) {
            keeping::forget_account(Some(before));
            self.model.borrow_mut().end();
        }
        self.show_account(&signed_in.me, signed_in.workspace.name.as_str());
        self.streams.say(&Say::SignedIn);
        self.tell(Input::Start);
    }

    /// The server has said who is there.
    pub(super) fn show_account(&self, me: &Member, workspace: &str) {
        self.streams.join(&me.id.to_string());
        self.show_names(me, workspace);
        set_if_new(&self.signals.notice, None);
        set_if_new(&self.signals.session, Session::In);
    }

    fn show_names(&self, me: &Member, workspace: &str) {
        keeping::note_account(me, workspace);
        let person = Person { id: me.id.to_string(), name: me.display_name.to_string() };
        set_if_new(&self.signals.me, Some(person));
        set_if_new(&self.signals.my_name, me.name.to_string());
        set_if_new(&self.signals.place, workspace.to_owned());
    }

    pub(super) async fn sign_out(&self) -> Result<(), ApiError> {
        let account = self.account();
        // Nothing more is sent under this name while the server ends the session.
        self.model.borrow_mut().pause();
        match api::sign_out().await {
            Err(error) if error.status() != Some(401) => {
                if self.connection.borrow().is_connected() {
                    self.model.borrow_mut().connected(clock::now());
                }
                self.settle();
                return Err(error);
            }
            _ => {}
        }
        self.streams.say(&Say::SignedOut);
        if let Some(account) = account {
            keeping::Outbox::new(&self.shelf, account).clear().await;
        }
        self.forget_person();
        Ok(())
    }

    /// The person has signed out, here or in another tab: nothing of theirs stays.
    pub(super) fn forget_person(&self) {
        if self.barred.borrow().is_some() {
            // Forgotten already; this page says why.
            return;
        }
        self.forget_in_page(Session::SignedOut);
    }

    /// Forgets whose page it was, but for the outbox on the device.
    pub(super) fn forget_in_page(&self, session: Session) {
        keeping::forget_account(self.account());
        self.model.borrow_mut().end();
        self.timelines.borrow_mut().clear();
        self.inbox.borrow_mut().clear();
        self.tell_quietly(Input::Stop);
        self.streams.part();
        set_if_new(&self.signals.me, None);
        set_if_new(&self.signals.own, None);
        set_if_new(&self.signals.my_name, String::new());
        set_if_new(&self.signals.notice, None);
        set_if_new(&self.signals.session, session);
        self.settle();
    }

    /// The person is signed in in another tab: this one may have seen the session end.
    pub(super) fn begin_again(&self) {
        if self.connection.borrow().is_stopped() {
            self.tell(Input::Start);
        }
    }

    /// Begins something that takes time. It holds the driver only while it runs.
    pub(super) fn spawn<Work: Future<Output = ()> + 'static>(&self, work: impl FnOnce(Rc<Self>) -> Work) {
        if let Some(driver) = self.itself.upgrade() {
            leptos::task::spawn_local(work(driver));
        }
    }
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Driver").field("connection", &self.connection).finish_non_exhaustive()
    }
}

fn set_if_new<T: PartialEq + Send + Sync + 'static>(signal: &ArcRwSignal<T>, value: T) {
    let differs = signal.try_read_untracked().is_some_and(|held| *held != value);
    if differs {
        signal.set(value);
    }
}
