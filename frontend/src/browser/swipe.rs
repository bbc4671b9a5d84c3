//! A pane that a finger draws aside (`ux.md` §9). The button that does the same stays: a gesture is never the only way.
//!
//! `touch-action` in `layout.css` leaves sideways movement to us and the rest to the browser, so nothing here holds up
//! scrolling: when the browser begins to scroll, the pointer is cancelled. What is code or a table scrolls sideways by
//! itself, and has its own `touch-action`. [`track`] decides; this file listens and writes.

pub mod track;

use std::{cell::Cell, rc::Rc};

use leptos::prelude::{Callable, Callback, GetUntracked, Signal};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, PointerEvent};

use crate::dom::El;
use track::Track;

/// Where a sideways finger means something else: what scrolls, and where text is written.
const ELSEWHERE: &str = "pre, table, input, textarea, dialog, [popover]";

/// Set on the pane's parent while a finger leads the pane, so that what lies behind it shows.
const LED: &str = "data-led";

/// Lets a finger draw `pane` to the right while `enabled`, and calls `away` when it has gone far enough.
#[must_use]
pub fn draw_aside(pane: El, enabled: Signal<bool>, away: Callback<()>) -> El {
    let track = Rc::new(Cell::new(None::<Track>));
    let element: HtmlElement = pane.node();
    let (begun, moved, lifted) = (track.clone(), track.clone(), track.clone());
    let (begin, lead, leave) = (element.clone(), element.clone(), element);
    let let_go = move |event: PointerEvent| {
        let Some(track) = ours(&event, &lifted) else { return };
        lifted.set(None);
        place(&leave, None);
        if event.type_() == "pointerup" && track.commits() {
            away.run(());
        }
    };
    pane.on("pointerdown", move |event: PointerEvent| {
        let wanted =
            event.pointer_type() == "touch" && event.is_primary() && enabled.get_untracked() && !is_elsewhere(&event);
        let at = (f64::from(event.client_x()), f64::from(event.client_y()));
        begun.set(wanted.then(|| Track::begin(at.0, at.1, f64::from(begin.offset_width()))).flatten());
    })
    .on("pointermove", move |event: PointerEvent| {
        let Some(mut track) = ours(&event, &moved) else { return };
        let aside = track.move_to(f64::from(event.client_x()), f64::from(event.client_y()));
        moved.set(Some(track));
        if aside.is_some() {
            place(&lead, aside);
        }
    })
    .on("pointerup", let_go.clone())
    .on("pointercancel", let_go)
}

/// The track, if this is a movement of its finger.
fn ours(event: &PointerEvent, track: &Cell<Option<Track>>) -> Option<Track> {
    track.get().filter(|_| event.is_primary() && event.pointer_type() == "touch")
}

fn is_elsewhere(event: &PointerEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_none_or(|target| target.closest(ELSEWHERE).ok().flatten().is_some())
}

/// Puts the pane so far aside; `None` puts it back.
fn place(pane: &HtmlElement, aside: Option<f64>) {
    let style = pane.style();
    let _ = match aside {
        Some(aside) => style.set_property("translate", &super::page::px(aside)),
        None => style.remove_property("translate").map(drop),
    };
    if let Some(parent) = pane.parent_element() {
        let _ = parent.toggle_attribute_with_force(LED, aside.is_some());
    }
}
