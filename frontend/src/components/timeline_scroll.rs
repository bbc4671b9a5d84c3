//! What joins a timeline's rows with its scroller: pages are asked for, the foot is gone to, what is new is counted.

use std::sync::Arc;

use leptos::{html, prelude::*};

use crate::{
    browser::{
        roving,
        scroll::{
            Heard, Scroller,
            anchor::{Held, Place},
        },
    },
    state::view::{Older, Row, TimelineView},
};

/// New messages are read from a quarter of the height, with what came before them above (`ux.md` §4).
const NEW_LINE_SHARE: f64 = 0.25;

/// The scrolled element, its list, and where the view is.
#[derive(Clone, Copy)]
pub(super) struct Scrolled {
    pub(super) outer: NodeRef<html::Div>,
    pub(super) list: NodeRef<html::Ol>,
    pub(super) place: RwSignal<Place>,
    scroller: StoredValue<Option<Scroller>, LocalStorage>,
}

impl Scrolled {
    /// Starts when the elements are in the page, at the foot or where the room was left.
    pub(super) fn new(left: Option<Held>, seen: Callback<String>) -> Self {
        let scrolled = Self {
            outer: NodeRef::new(),
            list: NodeRef::new(),
            place: RwSignal::new(Place { at_foot: true, far: false, near_top: false, passed: 0 }),
            scroller: StoredValue::new_local(None),
        };
        let start = StoredValue::new(left);
        Effect::new(move |_| {
            let (Some(outer), Some(list)) = (scrolled.outer.get(), scrolled.list.get()) else { return };
            let heard =
                Heard { place: Box::new(move |now| scrolled.place.set(now)), seen: Box::new(move |key| seen.run(key)) };
            let held = start.try_update_value(Option::take).flatten();
            scrolled.scroller.set_value(Some(Scroller::new(outer.into(), list.into(), held, heard)));
        });
        scrolled
    }

    fn with(self, act: impl FnOnce(&Scroller)) {
        // A frame may come after the room was left.
        self.scroller.try_with_value(|scroller| scroller.as_ref().map(act));
    }

    /// Goes to the true end.
    pub(super) fn to_foot(self) {
        self.with(Scroller::to_foot);
    }

    /// Goes to the foot whenever the number is raised: something was sent.
    pub(super) fn follow_foot(self, asked: Signal<u32>) {
        Effect::new(move |before: Option<u32>| {
            let now = asked.get();
            if before.is_some_and(|before| before != now) {
                self.to_foot();
            }
            now
        });
    }

    /// Reports the place when the timeline goes away.
    pub(super) fn report_left(self, left: Callback<Option<Held>>) {
        on_cleanup(move || self.with(|scroller| left.run(scroller.left())));
    }

    /// Keeps the place when rows change, and asks for the pages that lie near it.
    pub(super) fn follow_rows(self, view: Signal<TimelineView>, older: Callback<()>, newer: Callback<()>) {
        let ask = move || {
            let place = self.place.get_untracked();
            let (more_above, cut_below) =
                view.with_untracked(|view| (view.older == Older::More, !view.newest_loaded && !view.loading));
            if place.near_top && more_above {
                older.run(());
            }
            if !place.far && cut_below {
                newer.run(());
            }
        };
        Effect::new(move |_| {
            view.track();
            // Measured first: before the new rows have a height, everything seems near.
            request_animation_frame(move || {
                let Some(Some(list)) = self.list.try_get_untracked() else { return };
                self.with(Scroller::settle);
                roving::keep_one_stop(&list);
                ask();
            });
        });
        Effect::new(move |_| {
            self.place.track();
            ask();
        });
    }

    /// When the room opens with a line for what is new, the view goes there.
    pub(super) fn open_at_new_line(self, view: Signal<TimelineView>) {
        Effect::new(move |done: Option<bool>| {
            if done == Some(true) {
                return true;
            }
            let (loaded, line) = view.with(|view| {
                let line = view.rows.iter().any(|row| matches!(**row, Row::NewLine { .. }));
                (!view.loading && !view.rows.is_empty(), line)
            });
            if loaded && line {
                request_animation_frame(move || self.with(|scroller| scroller.to_row("new", NEW_LINE_SHARE)));
            }
            loaded
        });
    }
}

/// Counts the messages of others below everything that was in view since the foot was left.
///
/// An effect rather than a memo: a memo runs only when asked, and would miss what was in view meanwhile.
pub(super) fn use_fresh(view: Signal<TimelineView>, place: RwSignal<Place>) -> Signal<u32> {
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
