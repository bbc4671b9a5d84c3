//! The running client: where `api`, `live` and `state` meet, and what pages hold of it.
//!
//! [`Chat`] is a small handle: signals to read and commands to give. Commands return at once; what came of them shows
//! in the signals. Behind it, [`driver`] feeds the pure parts with what happens and does what they say; `requests` is
//! what takes time, `keeping` what stays on this device. No rule lives here that a test on the host could hold.

mod barring;
mod doctor;
mod driver;
mod foreign;
mod keeping;
mod page_events;
mod requests;
mod rooms;
mod signs;
mod streams;

use std::{rc::Rc, sync::Arc};

use leptos::prelude::*;
use shared::{
    cursor::Offset,
    id::{ClientId, MemberId, RoomId},
    presence::PresenceLevel,
    session::SignedIn,
};

use self::driver::Driver;
use crate::{
    api::ApiError,
    browser::{clock, entropy, time},
    live::{connection::Input, tabs::Input as Told},
    state::{
        doctor::Exam,
        model::Model,
        time::Moment,
        view::{Barred, GoneRoom, Link, Notice, Own, Person, RoomRow, Session, TimelineView},
    },
};

/// The client as pages hold it.
#[derive(Clone, Copy, Debug)]
pub struct Chat {
    /// Where the person stands with this server.
    pub session: ReadSignal<Session>,
    /// The person.
    pub me: ReadSignal<Option<Person>>,
    /// The person's sign-in name; empty while it is not known.
    pub my_name: ReadSignal<String>,
    /// The workspace's name; empty while it is not known.
    pub place: Signal<String>,
    /// The rail's rooms.
    pub rooms: ReadSignal<Vec<RoomRow>>,
    /// The room that was open and is not the person's any more.
    pub gone: ReadSignal<Option<GoneRoom>>,
    /// The live stream.
    pub link: ReadSignal<Link>,
    /// What stops the page until the person acts.
    pub notice: ReadSignal<Option<Notice>>,
    /// This device keeps nothing: what is not sent yet ends with the page.
    pub volatile: ReadSignal<bool>,
    /// What the person is, has set and may do. `None` while it is not known.
    pub own: ReadSignal<Option<Arc<Own>>>,
    /// Raised whenever somebody's profile, role or state has changed.
    pub people_changes: ReadSignal<u32>,
    /// Raised whenever somebody came, went, or became active or away, or types or not: then [`Chat::level`] and
    /// [`Chat::typists`] say something else.
    pub presence_changes: ReadSignal<u32>,
    /// What the connection doctor has found, while it examines.
    pub exam: ReadSignal<Exam>,
    driver: StoredValue<Rc<Driver>, LocalStorage>,
}

/// The client, as [`Chat::provide`] put it into the context.
#[must_use]
pub fn use_chat() -> Chat {
    expect_context()
}

impl Chat {
    /// Starts the client and puts it into the context. It ends with the owner that this is called under.
    pub fn provide() -> Self {
        let driver = Driver::start();
        let signals = &driver.signals;
        let chat = Self {
            session: signals.session.read_only().into(),
            me: signals.me.read_only().into(),
            my_name: signals.my_name.read_only().into(),
            place: signals.place.read_only().into(),
            rooms: signals.rooms.read_only().into(),
            gone: signals.gone.read_only().into(),
            link: signals.link.read_only().into(),
            notice: signals.notice.read_only().into(),
            volatile: signals.volatile.read_only().into(),
            own: signals.own.read_only().into(),
            people_changes: signals.people_changes.read_only().into(),
            presence_changes: signals.presence_changes.read_only().into(),
            exam: driver.doctor.exam.read_only().into(),
            driver: StoredValue::new_local(driver),
        };
        provide_context(chat);
        chat
    }

    /// A room's rows. They follow what happens while the room is open.
    #[must_use]
    pub fn timeline(&self, room: &str) -> ReadSignal<TimelineView> {
        let nothing = || ArcRwSignal::default().read_only();
        room.parse().map_or_else(|_| nothing(), |room| self.driver().timeline(room)).into()
    }

    /// The room is on screen; with `at`, at the message that was posted there.
    pub fn open_room(&self, room: &str, at: Option<u64>) {
        if let Ok(room) = room.parse() {
            self.driver().open_room(room, at.map(Offset));
        }
    }

    /// The room is not on screen any more.
    pub fn leave_room(&self, room: &str) {
        self.in_room(room, &mut Model::leave_room);
    }

    /// Fewer than one and a half views remain above; also the answer to "try again" there.
    pub fn load_older(&self, room: &str) {
        self.in_room(room, &mut |model, room, _| model.load_older(room));
    }

    /// The same below, while the newest message is not loaded.
    pub fn load_newer(&self, room: &str) {
        self.in_room(room, &mut |model, room, _| model.load_newer(room));
    }

    /// The person goes to the foot: the newest messages are loaded if they are not.
    pub fn load_newest(&self, room: &str) {
        self.in_room(room, &mut |model, room, _| model.load_newest(room));
    }

    /// Sends a text. When this returns it is on screen, and it survives the end of the page.
    pub fn send(&self, room: &str, text: String) {
        let client_id = ClientId::at(time::now_ms(), entropy::bytes());
        if let Ok(room) = room.parse() {
            self.driver().signs.borrow_mut().sent(room);
        }
        self.in_room(room, &mut |model, room, now| model.send(room, client_id, &text, now));
        self.save_draft(room, String::new());
    }

    /// Tries a message that was given up once more.
    pub fn retry(&self, key: &str) {
        if let Ok(client_id) = key.parse() {
            self.act(&mut |model, now| model.retry(client_id, now));
        }
    }

    /// Deletes a message that was not sent.
    pub fn discard(&self, key: &str) {
        self.take_back(key);
    }

    /// Takes a message that was not sent off the timeline and returns its text, for the composer.
    pub fn take_back(&self, key: &str) -> Option<String> {
        let client_id = key.parse().ok()?;
        let mut taken = None;
        self.act(&mut |model, _| taken = model.take_back(client_id));
        taken.map(|body| body.to_string())
    }

    /// What is new in the room has been seen.
    pub fn clear_new_line(&self, room: &str) {
        self.in_room(room, &mut |model, room, _| model.clear_new_line(room));
    }

    /// Whether the room's view is held at its foot, and whether someone is looking at the page.
    pub fn watching(&self, room: &str, at_foot: bool, attended: bool) {
        self.in_room(room, &mut |model, room, _| model.watching(room, at_foot, attended));
    }

    /// A row was on screen long enough to have been read.
    pub fn seen(&self, room: &str, key: &str) {
        self.in_room(room, &mut |model, room, _| model.seen(room, key));
    }

    /// The text waiting in a room's composer.
    #[must_use]
    pub fn draft(&self, room: &str) -> String {
        room.parse().map(|room| self.driver().draft(room)).unwrap_or_default()
    }

    /// Keeps the text in a room's composer; an empty one is forgotten.
    pub fn save_draft(&self, room: &str, text: String) {
        if let Ok(room) = room.parse() {
            self.driver().save_draft(room, text);
        }
    }

    /// The slug of the room that was opened last on this device.
    #[must_use]
    pub fn last_room(&self) -> Option<String> {
        keeping::last_room()
    }

    /// Begins to examine the connection, or stops.
    pub fn examine(&self, begin: bool) {
        self.driver().examine(begin);
    }

    /// Connects at once instead of waiting.
    pub fn try_now(&self) {
        let driver = self.driver();
        driver.streams.tell(Told::Urge);
        driver.tell(Input::TryNow);
    }

    /// Set-up, join or sign-in succeeded: begins as this person.
    pub fn signed_in(&self, signed_in: SignedIn) {
        self.driver().signed_in(&signed_in);
    }

    /// Signs out, and forgets on this device what was this person's: drafts, the outbox, the last room.
    ///
    /// # Errors
    /// [`ApiError`] when the server did not end the session; then nothing was forgotten.
    pub async fn sign_out(&self) -> Result<(), ApiError> {
        self.driver().sign_out().await
    }

    /// Forgets the person who was signed out, and what they had written, so that somebody else can sign in.
    pub async fn make_room(&self) {
        self.driver().make_room().await;
    }

    /// Whether an error says that the account that is here was banned or deactivated; then everything of it goes.
    #[must_use]
    pub fn take_barring(&self, error: &ApiError) -> bool {
        let driver = self.driver();
        match requests::barring(error) {
            Some(banned) if driver.account().is_some() => {
                driver.bar(banned);
                true
            }
            _ => false,
        }
    }

    /// Why the account cannot be used any more, in the session state of that name.
    #[must_use]
    pub fn barred(&self) -> Option<Barred> {
        self.driver().barred.borrow().clone()
    }

    /// Somebody by id, if this page knows them.
    #[must_use]
    pub fn person(&self, member: MemberId) -> Option<Person> {
        let driver = self.driver();
        let model = driver.model.borrow();
        model.member(member).map(|known| Person { id: member.to_string(), name: known.display_name.to_string() })
    }

    /// Whether somebody is here. `None`: it is not known, which is not the same as offline.
    #[must_use]
    pub fn level(&self, member: MemberId) -> Option<PresenceLevel> {
        self.presence_changes.track();
        self.driver().model.borrow().presence.level(member)
    }

    /// What others see of the person at this screen.
    #[must_use]
    pub fn my_level(&self) -> Option<PresenceLevel> {
        self.presence_changes.track();
        let driver = self.driver();
        let model = driver.model.borrow();
        model.presence.level(model.me()?.id)
    }

    /// How many people are here and active. `None`: it is not known, as in a large place.
    #[must_use]
    pub fn here(&self) -> Option<usize> {
        self.presence_changes.track();
        self.driver().model.borrow().presence.here()
    }

    /// The names of those who type in a room, those who began first coming first.
    #[must_use]
    pub fn typists(&self, room: &str) -> Vec<String> {
        self.presence_changes.track();
        room.parse().map(|room| self.driver().model.borrow().typists(room)).unwrap_or_default()
    }

    /// The person has changed the text in a room's composer.
    pub fn wrote(&self, room: &str, text: &str) {
        if let Ok(room) = room.parse() {
            self.driver().wrote(room, text);
        }
    }

    /// A view shows whether these people are here: in a large place they are asked for.
    pub fn show_presence_of(&self, members: &[MemberId]) {
        self.act(&mut |model, _| model.presence.show(members));
    }

    fn driver(&self) -> Rc<Driver> {
        self.driver.with_value(Rc::clone)
    }

    fn act(&self, act: &mut dyn FnMut(&mut Model, Moment)) {
        let driver = self.driver();
        act(&mut driver.model.borrow_mut(), clock::now());
        driver.settle();
    }

    fn in_room(&self, room: &str, act: &mut dyn FnMut(&mut Model, RoomId, Moment)) {
        if let Ok(room) = room.parse() {
            self.act(&mut |model, now| act(model, room, now));
        }
    }
}
