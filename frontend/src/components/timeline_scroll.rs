//! What joins a timeline's rows with its scroller: pages are asked for, the foot is gone to, what is new is counted.

use std::sync::Arc;

use leptos::prelude::*;

use crate::{
    browser::{
        roving,
        scroll::{
            Heard, Scroller,
            anchor::{Held, Place},
        },
        tools,
    },
    dom::{El, effect},
    state::view::{Older, Row, TimelineView},
};

/// New messages are read from a quarter of the height, with what came before them above (`ux.md` §4).
const NEW_LINE_SHARE: f64 = 0.25;

/// A message that a link leads to stands a little above the middle.
const JUMP_SHARE: f64 = 0.4;

/// Where the view of a timeline is, and what moves it.
#[derive(Clone, Copy)]
pub(super) struct Scrolled {
    pub(super) place: RwSignal<Place>,
    scroller: StoredValue<Option<Scroller>, LocalStorage>,
}

impl Scrolled {
    /// Starts when the elements are in the page, at the foot or where the room was left.
    pub(super) fn new(outer: &El, list: &El, mut left: Option<Held>, seen: Callback<String>) -> Self {
        let scrolled = Self {
            place: RwSignal::new(Place { at_foot: true, far: false, near_top: false, passed: 0 }),
            scroller: StoredValue::new_local(None),
        };
        let (outer, list) = (outer.clone(), list.clone());
        effect(move || {
            let heard =
                Heard { place: Box::new(move |now| scrolled.place.set(now)), seen: Box::new(move |key| seen.run(key)) };
            scrolled.scroller.set_value(Some(Scroller::new(outer.node(), list.node(), left.take(), heard)));
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
    pub(super) fn follow_foot(self, asked: RwSignal<u32>) {
        let mut before = asked.get_untracked();
        effect(move || {
            if std::mem::replace(&mut before, asked.get()) != asked.get_untracked() {
                self.to_foot();
            }
        });
    }

    /// Reports the place when the timeline goes away.
    pub(super) fn report_left(self, left: Callback<Option<Held>>) {
        on_cleanup(move || self.with(|scroller| left.run(scroller.left())));
    }

    /// Keeps the place when rows change, and asks for the pages that lie near it.
    pub(super) fn follow_rows(
        self,
        list: &El,
        view: ReadSignal<TimelineView>,
        older: Callback<()>,
        newer: Callback<()>,
    ) {
        let list = list.clone();
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
        effect(move || {
            view.track();
            let list = list.clone();
            // Measured first: before the new rows have a height, everything seems near.
            request_animation_frame(move || {
                self.with(|scroller| {
                    scroller.settle();
                    roving::keep_one_stop(&list.node());
                    ask();
                });
            });
        });
        effect(move || {
            self.place.track();
            ask();
        });
    }

    /// When a link leads to a message, the view goes there, and so does the focus.
    pub(super) fn follow_jumps(self, view: ReadSignal<TimelineView>) {
        let mut last = None;
        effect(move || {
            let Some((number, key)) = view.with(|view| view.jump.clone()) else { return };
            if last.replace(number) != Some(number) {
                request_animation_frame(move || {
                    self.with(|scroller| scroller.to_row(&key, JUMP_SHARE));
                    tools::flash(&key);
                });
            }
        });
    }

    /// When the room opens with a line for what is new, the view goes there.
    pub(super) fn open_at_new_line(self, view: ReadSignal<TimelineView>) {
        let mut done = false;
        effect(move || {
            if done {
                return;
            }
            let line = view.with(|view| {
                done = !view.loading && !view.rows.is_empty();
                view.rows.iter().any(|row| matches!(**row, Row::NewLine { .. }))
            });
            if done && line {
                request_animation_frame(move || self.with(|scroller| scroller.to_row("new", NEW_LINE_SHARE)));
            }
        });
    }
}

/// Counts the messages of others below everything that was in view since the foot was left.
///
/// An effect rather than a memo: a memo runs only when asked, and would miss what was in view meanwhile.
pub(super) fn use_fresh(view: ReadSignal<TimelineView>, place: RwSignal<Place>) -> Signal<u32> {
    let fresh = RwSignal::new(0);
    let mut reached: Option<Arc<str>> = None;
    effect(move || {
        let place = place.get();
        view.with(|view| {
            let keyed: Vec<&Row> = view.rows.iter().map(|row| &**row).filter(|row| is_keyed(row)).collect();
            let passed = if place.at_foot { keyed.len() } else { (place.passed as usize).min(keyed.len()) };
            let before = reached.take().and_then(|key| keyed.iter().rposition(|row| has_key(row, &key)));
            let reach = passed.max(before.map_or(0, |at| at + 1));
            let others =
                keyed[reach..].iter().filter(|row| matches!(row, Row::Message(message) if !message.own)).count();
            fresh.set(u32::try_from(others).unwrap_or(u32::MAX));
            reached = keyed[..reach].iter().rev().find_map(|row| match row {
                Row::Message(message) => Some(message.key.clone()),
                _ => None,
            });
        });
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
