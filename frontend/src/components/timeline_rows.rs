//! The rows of a timeline as a keyed list in which only what changed is drawn again.
//!
//! Each row has a signal under its key, kept as long as the row is loaded. A new view of the timeline is compared with
//! them row by row: an equal row costs one comparison, a changed one sets its signal, and the list itself moves only
//! when keys come or go. So a message that turns from "being sent" to "sent" keeps its element, and a burst draws
//! nothing twice.

use std::{collections::HashMap, sync::Arc};

use leptos::prelude::*;

use super::{message::Message, message_status::Remedies, phrase::Phrase};
use crate::{
    browser::{
        prefs::{t, text, use_prefs},
        time,
    },
    i18n::fill,
    state::view::{MessageRow, Row, TimelineView},
};

/// The key of a row that is no message.
fn key_of(row: &Row) -> Arc<str> {
    match row {
        Row::Start => "start".into(),
        Row::Day { day, .. } => ["day-", &day.to_string()].concat().into(),
        Row::NewLine { .. } => "new".into(),
        Row::Message(message) => message.key.clone(),
    }
}

/// The signals of the loaded rows.
#[derive(Default)]
struct Cells(HashMap<Arc<str>, ArcRwSignal<Arc<Row>>>);

impl Cells {
    /// Takes over a new view: sets what differs, forgets what is gone, and gives the keys in order.
    fn take_over(&mut self, rows: &[Arc<Row>]) -> Vec<Arc<str>> {
        let keys: Vec<Arc<str>> = rows.iter().map(|row| key_of(row)).collect();
        let mut kept = HashMap::with_capacity(keys.len());
        for (key, row) in keys.iter().zip(rows) {
            let cell = self.0.remove(key).inspect(|cell| {
                let same = cell.with_untracked(|old| Arc::ptr_eq(old, row) || old == row);
                if !same {
                    cell.set(row.clone());
                }
            });
            kept.insert(key.clone(), cell.unwrap_or_else(|| ArcRwSignal::new(row.clone())));
        }
        self.0 = kept;
        keys
    }
}

/// All rows.
#[component]
pub fn TimelineRows(
    /// The timeline.
    view: Signal<TimelineView>,
    /// The room's name, for its beginning.
    room: Signal<String>,
    /// What can be done about messages that were not sent.
    remedies: Remedies,
) -> impl IntoView {
    let cells = StoredValue::new(Cells::default());
    let keys = Memo::new(move |_| {
        view.with(|view| cells.try_update_value(|cells| cells.take_over(&view.rows)).unwrap_or_default())
    });
    let draw = move |key: Arc<str>| {
        let Some(cell) = cells.with_value(|cells| cells.0.get(&key).cloned()) else { return ().into_any() };
        let row = cell.get_untracked();
        match &*row {
            Row::Start => view! { <Start room/> }.into_any(),
            Row::Day { at_ms, .. } => view! { <DayLine at=*at_ms/> }.into_any(),
            Row::NewLine { since_ms } => view! { <NewLine since=*since_ms/> }.into_any(),
            Row::Message(message) => {
                let message = follow(cell, Arc::new(message.clone()));
                view! { <Message row=message remedies/> }.into_any()
            }
        }
    };
    view! { <For each=move || keys.get() key=|key| key.clone() children=draw/> }
}

/// The message in a cell; a key never changes its kind, so the first one stands in if it did.
fn follow(cell: ArcRwSignal<Arc<Row>>, first: Arc<MessageRow>) -> Signal<Arc<MessageRow>> {
    Memo::new(move |_| match &*cell.get() {
        Row::Message(message) => Arc::new(message.clone()),
        _ => first.clone(),
    })
    .into()
}

/// The beginning of a room.
#[component]
fn Start(room: Signal<String>) -> impl IntoView {
    let values = Signal::derive(move || vec![("room", ["#\u{a0}", &room.get()].concat())]);
    view! {
        <li class="start">
            <h2><Phrase of=|w| w.empty_room_t values/></h2>
            <p>{t(|w| w.empty_room_b)}</p>
        </li>
    }
}

/// The line before the first message of a day.
#[component]
fn DayLine(at: i64) -> impl IntoView {
    let prefs = use_prefs();
    view! {
        <li class="day">
            <h2><time datetime=time::machine(at)[..10].to_owned()>{move || time::day_words(prefs.lang(), at)}</time></h2>
        </li>
    }
}

/// The line above what is new.
#[component]
fn NewLine(since: i64) -> impl IntoView {
    let words = text(move |lang| fill(lang.words().line_new, &[("t", &time::hour(lang, since))]));
    view! { <li class="newline" data-key="new"><span>{words}</span></li> }
}
