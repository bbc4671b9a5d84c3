//! The rows of a timeline as a keyed list in which only what changed is drawn again.
//!
//! Each row has a signal under its key, kept as long as the row is loaded. A new view of the timeline is compared with
//! them row by row: an equal row costs one comparison, a changed one sets its signal, and the list itself moves only
//! when keys come or go. So a message that turns from "being sent" to "sent" keeps its element, and a burst draws
//! nothing twice.

use std::{cell::RefCell, rc::Rc, sync::Arc};

use leptos::prelude::*;

use super::{
    message::{Cell, message},
    message_menu::MessageActs,
    phrase::phrase,
};
use crate::{
    browser::{
        prefs::{first as w, lang},
        time,
    },
    dom::{El, el, places},
    i18n::fill,
    state::view::{Row, TimelineView},
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
struct Cells(Vec<(Arc<str>, ArcRwSignal<Arc<Row>>)>);

impl Cells {
    /// Takes over a new view: sets what differs, forgets what is gone, and gives the keys in order.
    fn take_over(&mut self, rows: &[Arc<Row>]) -> Vec<Arc<str>> {
        let keys: Vec<Arc<str>> = rows.iter().map(|row| key_of(row)).collect();
        let old: Vec<&str> = self.0.iter().map(|(key, _)| &**key).collect();
        let places = places(&old, &keys);
        let cell = |((key, row), place): ((&Arc<str>, &Arc<Row>), Option<usize>)| {
            let Some((key, cell)) = place.map(|at| &self.0[at]) else {
                return (key.clone(), ArcRwSignal::new(row.clone()));
            };
            if !cell.with_untracked(|old| Arc::ptr_eq(old, row) || old == row) {
                cell.set(row.clone());
            }
            (key.clone(), cell.clone())
        };
        let kept = keys.iter().zip(rows).zip(places).map(cell).collect();
        self.0 = kept;
        keys
    }

    fn get(&self, key: &str) -> Option<ArcRwSignal<Arc<Row>>> {
        // New rows are mostly the newest.
        self.0.iter().rev().find(|(of, _)| **of == *key).map(|(_, cell)| cell.clone())
    }
}

/// What stands at the beginning of a room.
#[derive(Clone, Copy, Debug)]
pub struct Beginning {
    /// The room's title.
    pub title: Signal<String>,
    /// What it is for, or that somebody may say so; may be empty.
    pub about: Signal<String>,
}

/// Adds all rows to the `list`.
#[must_use]
pub fn timeline_rows(list: El, view: ReadSignal<TimelineView>, beginning: Beginning, acts: MessageActs) -> El {
    let cells = Rc::new(RefCell::new(Cells::default()));
    let drawn = cells.clone();
    let keys = move || view.with(|view| cells.borrow_mut().take_over(&view.rows));
    list.each(keys, move |key| {
        // Every key is that of a cell: both come from the same rows.
        let cell = drawn.borrow().get(key);
        cell.map_or_else(|| el("li"), |cell| row(key, cell, beginning, acts))
    })
}

fn row(key: &Arc<str>, cell: ArcRwSignal<Arc<Row>>, beginning: Beginning, acts: MessageActs) -> El {
    match &*cell.get_untracked() {
        Row::Start => start(beginning),
        Row::Day { at_ms, .. } => day_line(*at_ms),
        Row::NewLine { since_ms } => new_line(*since_ms),
        Row::Message(_) => message(key, Cell(cell.into()), acts),
    }
}

/// The beginning of a room.
fn start(Beginning { title: room, about }: Beginning) -> El {
    let title = move || {
        // The sign stays on the line of the name.
        let name = room.with(|room| match room.strip_prefix("# ") {
            Some(name) => ["#\u{a0}", name].concat(),
            None => room.clone(),
        });
        Some(phrase(el("h2"), w().empty_room_t, &[("room", &name)]))
    };
    el("li").class("start").swap(title).child(el("p").attr("dir", "auto").text_of(move || about.get()))
}

/// The line before the first message of a day.
fn day_line(at_ms: i64) -> El {
    let day = el("time").attr("datetime", time::machine(at_ms).get(..10)).text(&time::day_words(lang(), at_ms));
    el("li").class("day").child(el("h2").child(day))
}

/// The line above what is new.
fn new_line(since_ms: i64) -> El {
    let words = fill(w().line_new, &[("t", &time::hour(lang(), since_ms))]);
    el("li").class("newline").attr("data-key", "new").child(el("span").text(&words))
}
