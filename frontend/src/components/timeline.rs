//! The timeline: the log of a room, held in its place, walked with the arrow keys, with the pill that leads to its foot.
//!
//! It decides nothing about messages. Which rows there are comes from `state`; where the view stands is kept by
//! `browser::scroll`; this joins the two and says what the person did.

use leptos::{ev::KeyboardEvent, prelude::*};

use super::{
    bones::Bones,
    jump_pill::JumpPill,
    message_status::Remedies,
    timeline_rows::TimelineRows,
    timeline_scroll::{Scrolled, use_fresh},
};
use crate::{
    browser::{
        prefs::{t, text},
        roving,
        scroll::anchor::Held,
        viewport,
    },
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

/// The timeline of one room. For another room it is made anew.
#[component]
pub fn Timeline(
    /// What is in it.
    view: Signal<TimelineView>,
    /// The room's name.
    room: Signal<String>,
    /// Where it was left, if it was left above its foot.
    left: Option<Held>,
    /// Raised by one to go to the foot: after sending.
    #[prop(into)]
    to_foot: Signal<u32>,
    /// What it reports.
    events: TimelineEvents,
    /// What can be done about messages that were not sent.
    remedies: Remedies,
) -> impl IntoView {
    let scrolled = Scrolled::new(left, events.seen);
    scrolled.follow_foot(to_foot);
    scrolled.follow_rows(view, events.older, events.newer);
    scrolled.open_at_new_line(view);
    scrolled.report_left(events.left);
    let Scrolled { outer, list, place, .. } = scrolled;
    let attended = viewport::use_attended();
    let at_foot = Memo::new(move |_| place.with(|place| place.at_foot));
    Effect::new(move |_| events.watching.run((at_foot.get(), attended.get())));
    let fresh = use_fresh(view, place);
    let jump = move || {
        events.newest.run(());
        scrolled.to_foot();
    };
    let pressed = move |event: KeyboardEvent| {
        let Some(list) = list.get_untracked() else { return };
        if event.key() == "End" {
            jump();
        }
        if roving::step(&list, &event) {
            event.prevent_default();
        }
    };
    let label = text(move |lang| fill(lang.words().room_log, &[("room", &["# ", &room.get()].concat())]));
    let empty = move || view.with(|view| !view.rows.iter().any(|row| matches!(**row, Row::Message(_))));
    let bare = Memo::new(move |_| view.with(|view| view.loading && view.rows.is_empty()));
    view! {
        <div class="stage">
            <div
                class="timeline"
                id="timeline"
                role="log"
                aria-live="off"
                aria-label=label
                aria-busy=move || view.with(|view| view.loading).then_some("true")
                tabindex=move || if empty() { "0" } else { "-1" }
                node_ref=outer
                on:keydown=pressed
                on:focus=move |_| { list.get_untracked().inspect(|list| roving::enter(list)); }
            >
                <OlderLine older=Signal::derive(move || view.with(|view| view.older)) on_retry=events.older/>
                <Show when=move || bare.get()><Bones/></Show>
                <ol node_ref=list><TimelineRows view room remedies/></ol>
            </div>
            <JumpPill
                shown=Signal::derive(move || place.with(|place| !place.at_foot && (place.far || fresh.get() > 0)))
                fresh
                on_jump=Callback::new(move |()| jump())
            />
        </div>
    }
}

/// Above the first row: that older messages are on their way, or could not be had.
#[component]
fn OlderLine(older: Signal<Older>, on_retry: Callback<()>) -> impl IntoView {
    move || {
        match older.get() {
        Older::None | Older::More => ().into_any(),
        Older::Loading => view! { <p class="older">{t(|w| w.older_load)}</p> }.into_any(),
        Older::Failed => view! {
            <p class="older">
                {t(|w| w.older_failed)}
                <button type="button" class="btn btn--small" on:click=move |_| on_retry.run(())>{t(|w| w.msg_retry)}</button>
            </p>
        }
        .into_any(),
    }
    }
}
