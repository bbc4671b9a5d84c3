//! The timeline: the log of a room, held in its place, walked with the arrow keys, with the pill that leads to its foot.
//!
//! It decides nothing about messages. Which rows there are comes from `state`; where the view stands is kept by
//! `browser::scroll`; this joins the two and says what the person did.

use leptos::{
    ev::{FocusEvent, KeyboardEvent},
    prelude::*,
};

use super::{
    bones::bones,
    jump_pill::jump_pill,
    message_menu::{MessageActs, MessageMenu},
    timeline_rows::{Beginning, timeline_rows},
    timeline_scroll::{Scrolled, use_fresh},
};
use crate::{
    browser::{prefs::first as w, roving, scroll::anchor::Held, viewport},
    dom::{El, button, effect, el},
    i18n::fill,
    state::view::{Older, Row, TimelineView},
};

/// What the timeline reports.
#[derive(Clone, Copy, Debug)]
pub struct TimelineEvents {
    /// Fewer than one and a half views remain above.
    pub older: Callback<()>,
    /// Fewer than one and a half views remain below, and the end is not loaded.
    pub newer: Callback<()>,
    /// The newest page is wanted.
    pub newest: Callback<()>,
    /// A row was looked at long enough; its key.
    pub seen: Callback<String>,
    /// Whether the view is held at the foot, and whether anyone is looking.
    pub watching: Callback<(bool, bool)>,
    /// The room is left at this place (`None`: at the foot).
    pub left: Callback<Option<Held>>,
}

/// The timeline of one room, at the place where it was `left` above its foot. `to_foot` is raised by one to go to the foot:
/// after sending.
#[must_use]
pub fn timeline(
    view: ReadSignal<TimelineView>,
    beginning: Beginning,
    left: Option<Held>,
    to_foot: RwSignal<u32>,
    events: TimelineEvents,
    acts: MessageActs,
) -> El {
    let (outer, list) = (el("div").class("timeline").id("timeline"), el("ol"));
    let scrolled = Scrolled::new(&outer, &list, left, events.seen);
    scrolled.follow_foot(to_foot);
    scrolled.follow_rows(&list, view, events.older, events.newer);
    scrolled.open_at_new_line(view);
    scrolled.follow_jumps(view);
    scrolled.report_left(events.left);
    let place = scrolled.place;
    let at_foot = Memo::new(move |_| place.with(|place| place.at_foot));
    let attended = viewport::use_attended();
    effect(move || events.watching.run((at_foot.get(), attended.get())));
    let fresh = use_fresh(view, place);
    let jump = move || {
        events.newest.run(());
        scrolled.to_foot();
    };
    let (walked, entered) = (list.clone(), list.clone());
    let menu = MessageMenu::new(&list, view, acts);
    let shown_menu = menu.menu();
    let pressed = move |event: KeyboardEvent| {
        if menu.pressed(&event) {
            return event.prevent_default();
        }
        if event.key() == "End" {
            jump();
        }
        if roving::step(&walked.node(), &event) {
            event.prevent_default();
        }
    };
    let empty = move || view.with(|view| !view.rows.iter().any(|row| matches!(**row, Row::Message(_))));
    let bare = move || view.with(|view| view.loading && view.rows.is_empty());
    let outer = outer
        .attr("role", "log")
        .attr("aria-live", "off")
        .attr_text_of("aria-label", move || Some(fill(w().room_log, &[("room", &beginning.title.get())])))
        .true_of("aria-busy", move || view.with(|view| view.loading))
        .attr_of("tabindex", move || Some(if empty() { "0" } else { "-1" }))
        .on("keydown", pressed)
        .on("focus", move |_: FocusEvent| roving::enter(&entered.node()));
    let outer = older_line(outer, view, events.older)
        .swap_all_on(bare, move || if untrack(bare) { bones() } else { Vec::new() })
        .child(timeline_rows(list, view, beginning, acts));
    let shown = Signal::derive(move || place.with(|place| !place.at_foot && (place.far || fresh.get() > 0)));
    jump_pill(el("div").class("stage").child(outer).child(shown_menu), shown, fresh, Callback::new(move |()| jump()))
}

/// Above the first row: that older messages are on their way, or could not be had.
fn older_line(outer: El, view: ReadSignal<TimelineView>, retry: Callback<()>) -> El {
    let older = move || view.with(|view| view.older);
    outer.swap_on(older, move || match untrack(older) {
        Older::None | Older::More => None,
        Older::Loading => Some(el("p").class("older").text(w().older_load)),
        Older::Failed => Some(
            el("p")
                .class("older")
                .text(w().older_failed)
                .child(button("btn btn--small").text(w().msg_retry).press(move || retry.run(()))),
        ),
    })
}
