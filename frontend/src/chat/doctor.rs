//! The connection doctor at work: while its panel is open it asks the server, tries a stream of its own, calls the roll of
//! this browser's tabs, and puts together what the driver has noted. What follows from it is `state::doctor`'s part.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use leptos::{
    leptos_dom::helpers::IntervalHandle,
    prelude::{ArcRwSignal, Set, set_interval_with_handle},
};
use shared::cursor::Cursor;

use super::driver::Driver;
use crate::{
    api,
    browser::{clock, page},
    live::tabs::{Say, TabId},
    state::doctor::{Break, Exam, HISTORY_MS, Timed},
};

/// What is shown is brought up to date this often, in milliseconds.
const LOOK_MS: u64 = 1_000;

/// The server is asked at every so-manieth look.
const LOOKS_PER_QUESTION: u32 = 5;

/// Round trips kept.
const ROUND_TRIPS_MAX: usize = 120;

/// What the driver notes, and what the panel shows.
#[derive(Default)]
pub(super) struct Doctor {
    /// The examination as it stands.
    pub(super) exam: ArcRwSignal<Exam>,
    timer: Cell<Option<IntervalHandle>>,
    looks: Cell<u32>,
    answer: Cell<Timed>,
    trial: Cell<Timed>,
    compared_at_ms: Cell<u64>,
    head: Cell<u64>,
    tabs: RefCell<Vec<TabId>>,
    server: RefCell<String>,
    open_since_ms: Cell<u64>,
    heartbeat_at_ms: Cell<u64>,
    broken_at_ms: Cell<u64>,
    last_break: Cell<Option<Break>>,
    round_trips: RefCell<Vec<(u64, u32)>>,
}

impl Doctor {
    /// The stream is open.
    pub(super) fn note_open(&self) {
        let now = wall_ms();
        self.open_since_ms.set(now);
        let at_ms = self.broken_at_ms.take();
        if at_ms > 0 {
            self.last_break.set(Some(Break { at_ms, took_ms: now.saturating_sub(at_ms) }));
        }
    }

    /// It is gone.
    pub(super) fn note_broken(&self) {
        self.open_since_ms.set(0);
        if self.broken_at_ms.get() == 0 {
            self.broken_at_ms.set(wall_ms());
        }
    }

    /// A heartbeat came.
    pub(super) fn note_heartbeat(&self) {
        self.heartbeat_at_ms.set(wall_ms());
    }

    /// The server said which version it is.
    pub(super) fn note_server(&self, version: &str) {
        self.server.replace(version.to_owned());
    }

    /// A trial stream greeted from this place after so long, or not in time.
    pub(super) fn note_trial(&self, greeted: Option<(u32, Option<Cursor>)>) {
        self.compared_at_ms.set(wall_ms());
        self.trial.set(greeted.map_or(Timed::Late, |(ms, _)| Timed::After(ms)));
        if let Some((_, Some(head))) = greeted {
            self.head.set(head.offset.0);
        }
    }

    /// Another tab is there.
    pub(super) fn note_tab(&self, tab: TabId) {
        let mut tabs = self.tabs.borrow_mut();
        if !tabs.contains(&tab) {
            tabs.push(tab);
        }
    }

    fn note_round_trip(&self, ms: u32) {
        let mut kept = self.round_trips.borrow_mut();
        let from = wall_ms().saturating_sub(HISTORY_MS);
        kept.retain(|(at, _)| *at >= from);
        if kept.len() == ROUND_TRIPS_MAX {
            kept.remove(0);
        }
        kept.push((wall_ms(), ms));
    }
}

impl Driver {
    /// Begins an examination, or ends it.
    pub(super) fn examine(&self, begin: bool) {
        let doctor = &self.doctor;
        if let Some(timer) = doctor.timer.take() {
            timer.clear();
        }
        if !begin {
            return;
        }
        for timed in [&doctor.answer, &doctor.trial] {
            timed.set(Timed::Waiting);
        }
        doctor.head.set(0);
        doctor.looks.set(0);
        doctor.tabs.borrow_mut().clear();
        self.streams.say(&Say::RollCall);
        self.streams.try_stream();
        self.look();
        let itself = self.itself.clone();
        let look = move || {
            if let Some(driver) = itself.upgrade() {
                driver.look();
            }
        };
        doctor.timer.set(set_interval_with_handle(look, Duration::from_millis(LOOK_MS)).ok());
    }

    fn look(&self) {
        let doctor = &self.doctor;
        let looks = doctor.looks.replace(doctor.looks.get().wrapping_add(1));
        if looks.is_multiple_of(LOOKS_PER_QUESTION) {
            self.spawn(|driver| async move {
                let asked_at = clock::monotonic_ms();
                let answered = !matches!(api::session().await, Err(api::ApiError::Network));
                let took = (clock::monotonic_ms() - asked_at) as u32;
                driver.doctor.answer.set(if answered { Timed::After(took) } else { Timed::Late });
                if answered {
                    driver.doctor.note_round_trip(took);
                }
            });
        }
        doctor.exam.set(Exam {
            now_ms: wall_ms(),
            online: self.connection.borrow().is_online(),
            answer: doctor.answer.get(),
            versions: [env!("CARGO_PKG_VERSION").to_owned(), doctor.server.borrow().clone()],
            carried: self.streams.carried(self.connection.borrow().is_connected()),
            http: page::http_protocol(),
            open_since_ms: doctor.open_since_ms.get(),
            heartbeat_at_ms: doctor.heartbeat_at_ms.get(),
            trial: doctor.trial.get(),
            compared_at_ms: doctor.compared_at_ms.get(),
            head: doctor.head.get(),
            here: self.place().map_or(0, |place| place.offset.0),
            tabs: doctor.tabs.borrow().len() + 1,
            last_break: doctor.last_break.get(),
            unsent: self.model.borrow().unsent(),
            round_trips: doctor.round_trips.borrow().clone(),
        });
    }
}

fn wall_ms() -> u64 {
    js_sys::Date::now() as u64
}
