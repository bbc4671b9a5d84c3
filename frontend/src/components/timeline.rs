//! The timeline: the log of a room, held in its place, walked with the arrow keys, with the pill that leads to its foot.
//!
//! It decides nothing about messages. Which rows there are comes from `state`; where the view stands is kept by
//! `browser::scroll`; this joins the two and says what the person did.

use std::sync::Arc;

use leptos::{ev::KeyboardEvent, html, prelude::*};

use super::{jump_pill::JumpPill, message_status::Remedies, timeline_rows::TimelineRows};
use crate::{
    browser::{
        prefs::{t, text},
        roving,
        scroll::{
            Heard, Scroller,
            anchor::{Held, Place},
        },
        viewport,
    },
    i18n::fill,
    state::view::{Older, Row, TimelineView},
};

/// New messages are read from a quarter of the height, with what came before them above (`ux.md` §4).
const NEW_LINE_SHARE: f64 = 0.25;

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
    let (outer, list) = (NodeRef::<html::Div>::new(), NodeRef::<html::Ol>::new());
    let place = RwSignal::new(Place { at_foot: true, far: false, near_top: false, passed: 0 });
    let scroller = StoredValue::new_local(None::<Scroller>);
    let start = StoredValue::new(left);
    Effect::new(move |_| {
        if let (Some(outer), Some(list)) = (outer.get(), list.get()) {
            let heard =
                Heard { place: Box::new(move |now| place.set(now)), seen: Box::new(move |key| events.seen.run(key)) };
            let held = start.try_update_value(Option::take).flatten();
            scroller.set_value(Some(Scroller::new(outer.into(), list.into(), held, heard)));
        }
    });
    use_new_line(view, scroller);
    Effect::new(move |seen: Option<u32>| {
        let asked = to_foot.get();
        if seen.is_some_and(|seen| seen != asked) {
            scroller.with_value(|scroller| scroller.as_ref().map(Scroller::to_foot));
        }
        asked
    });
    let ask_for_pages = move || {
        let (place, (older, cut_below)) =
            (place.get_untracked(), view.with_untracked(|view| (view.older, !view.newest_loaded && !view.loading)));
        if place.near_top && older == Older::More {
            events.older.run(());
        }
        if !place.far && cut_below {
            events.newer.run(());
        }
    };
    Effect::new(move |_| {
        view.track();
        // Measured first: before the new rows have a height, everything seems near.
        request_animation_frame(move || {
            let Some(Some(list)) = list.try_get_untracked() else { return };
            scroller.with_value(|scroller| scroller.as_ref().map(Scroller::settle));
            roving::keep_one_stop(&list);
            ask_for_pages();
        });
    });
    Effect::new(move |_| {
        place.track();
        ask_for_pages();
    });
    let attended = viewport::use_attended();
    let at_foot = Memo::new(move |_| place.with(|place| place.at_foot));
    Effect::new(move |_| events.watching.run((at_foot.get(), attended.get())));
    on_cleanup(move || {
        if let Some(Some(left)) = scroller.try_with_value(|scroller| scroller.as_ref().map(Scroller::left)) {
            events.left.run(left);
        }
    });
    let fresh = use_fresh(view, place);
    let jump = move || {
        events.newest.run(());
        scroller.with_value(|scroller| scroller.as_ref().map(Scroller::to_foot));
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

/// The first time that the room shows a line for what is new, the view goes there.
fn use_new_line(view: Signal<TimelineView>, scroller: StoredValue<Option<Scroller>, LocalStorage>) {
    Effect::new(move |done: Option<bool>| {
        if done == Some(true) {
            return true;
        }
        let (loaded, line) = view.with(|view| {
            let line = view.rows.iter().any(|row| matches!(**row, Row::NewLine { .. }));
            (!view.loading && !view.rows.is_empty(), line)
        });
        if loaded && line {
            request_animation_frame(move || {
                scroller.try_with_value(|scroller| {
                    scroller.as_ref().map(|scroller| scroller.to_row("new", NEW_LINE_SHARE))
                });
            });
        }
        loaded
    });
}

/// Counts the messages of others below everything that was in view since the foot was left.
///
/// An effect rather than a memo: a memo runs only when asked, and would miss what was in view meanwhile.
fn use_fresh(view: Signal<TimelineView>, place: RwSignal<Place>) -> Signal<u32> {
    let fresh = RwSignal::new(0);
    Effect::new(move |reached: Option<Option<Arc<str>>>| {
        let place = place.get();
        view.with(|view| {
            let keyed: Vec<&Row> = view.rows.iter().map(|row| &**row).filter(|row| is_keyed(row)).collect();
            let passed = if place.at_foot { keyed.len() } else { (place.passed as usize).min(keyed.len()) };
            let before = reached.flatten().and_then(|key| keyed.iter().rposition(|row| has_key(row, &key)));
            let reach = passed.max(before.map_or(0, |at| at + 1));
            let others =
                keyed[reach..].iter().filter(|row| matches!(row, Row::Message(message) if !message.own)).count();
            fresh.set(u32::try_from(others).unwrap_or(u32::MAX));
            keyed[..reach].iter().rev().find_map(|row| match row {
                Row::Message(message) => Some(message.key.clone()),
                _ => None,
            })
        })
    });
    fresh.into()
}

/// Whether a row has `data-key` in the page, which is what [`Place::passed`] counts.
fn is_keyed(row: &Row) -> bool {
    matches!(row, Row::Message(_) | Row::NewLine { .. })
}

fn has_key(row: &Row, key: &str) -> bool {
    matches!(row, Row::Message(message) if *message.key == *key)
}
