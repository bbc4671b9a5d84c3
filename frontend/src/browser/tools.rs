//! The tools of a message, of which there is one set for a whole timeline: they are moved to the row that the pointer is on
//! or that has the focus. Also what a finger that stays on a row means.

use std::{cell::RefCell, rc::Rc, time::Duration};

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::set_timeout_with_handle};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, Node, PointerEvent};

use super::{focus, page};
use crate::dom::{El, Listener, keep};

const ROW: &str = "li.msg";

/// A finger that stays so long on a message asks what can be done to it, in milliseconds (`ux.md` §9).
const HOLD_MS: u64 = 400;

/// A finger that moves so far does not stay, in CSS pixels.
const STILL_PX: i32 = 10;

/// The row that an event is in, and its key.
fn row_of(event: &Event) -> Option<(String, Element)> {
    let target: Element = event.target()?.dyn_into().ok()?;
    keyed(target.closest(ROW).ok()??)
}

fn keyed(row: Element) -> Option<(String, Element)> {
    Some((row.get_attribute("data-key")?, row))
}

/// Moves `tools` through the rows of `list`, to those of which `wanted` says by their key that they have any.
pub fn follow(list: &El, tools: El, wanted: impl Fn(&str) -> bool + 'static) {
    let tools: Node = tools.node();
    let moved = Rc::new(move |event: Event| {
        let Some((key, row)) = row_of(&event) else { return };
        let is_there = tools.parent_node().is_some_and(|parent| parent.is_same_node(Some(&row)));
        if wanted(&key) {
            if !is_there {
                let _ = row.append_child(&tools);
            }
        } else if let Some(parent) = tools.parent_node() {
            let _ = parent.remove_child(&tools);
        }
    });
    let list: Element = list.node();
    let focused = moved.clone();
    keep([
        Listener::passive(&list, "pointerover", move |event| moved(event)),
        Listener::passive(&list, "focusin", move |event| focused(event)),
    ]);
}

/// Hears of the row on which a finger stays.
pub fn on_hold(list: &El, held: impl Fn(&str, &Element) + 'static) {
    type Waiting = Rc<RefCell<Option<(TimeoutHandle, (i32, i32))>>>;
    let (waiting, held): (Waiting, _) = (Rc::default(), Rc::new(held));
    let stop = |waiting: &Waiting| {
        if let Some((timer, _)) = waiting.take() {
            timer.clear();
        }
    };
    let (begun, moved, lifted, gone) = (waiting.clone(), waiting.clone(), waiting.clone(), waiting);
    let list: Element = list.node();
    keep([
        Listener::passive(&list, "pointerdown", move |event| {
            stop(&begun);
            let at: &PointerEvent = event.unchecked_ref();
            let Some((key, row)) = row_of(&event).filter(|_| at.pointer_type() == "touch" && at.is_primary()) else {
                return;
            };
            let held = held.clone();
            let timer = set_timeout_with_handle(move || held(&key, &row), Duration::from_millis(HOLD_MS));
            begun.replace(timer.ok().map(|timer| (timer, (at.client_x(), at.client_y()))));
        }),
        Listener::passive(&list, "pointermove", move |event| {
            let at: &PointerEvent = event.unchecked_ref();
            let far = |(x, y): (i32, i32)| (at.client_x() - x).abs().max((at.client_y() - y).abs()) > STILL_PX;
            if moved.borrow().as_ref().is_some_and(|(_, from)| far(*from)) {
                stop(&moved);
            }
        }),
        Listener::passive(&list, "pointerup", move |_| stop(&lifted)),
        Listener::passive(&list, "pointercancel", move |_| stop(&gone)),
    ]);
}

/// The message that has the focus itself, and its key.
#[must_use]
pub fn focused_row() -> Option<(String, Element)> {
    keyed(page::document().active_element().filter(|active| active.matches(ROW).unwrap_or(false))?)
}

/// Goes from a message into what belongs to it: its author's name, its tools. Returns whether there is anything.
#[must_use]
pub fn enter(row: &Element) -> bool {
    let first = row.query_selector(".msg__tools button, .msg__main button").ok().flatten();
    first.is_some_and(|first| focus::focus_element(&first))
}

/// Puts focus on the message below, else on the one above.
pub fn focus_beside(row: &Element) {
    let is_row = |row: &Element| row.matches(ROW).unwrap_or(false);
    let (mut below, mut above) = (row.next_element_sibling(), row.previous_element_sibling());
    while let Some(next) = below.take_if(|row| !is_row(row)) {
        below = next.next_element_sibling();
    }
    while let Some(next) = above.take_if(|row| !is_row(row)) {
        above = next.previous_element_sibling();
    }
    if let Some(beside) = below.or(above) {
        focus::focus_element(&beside);
    }
}

/// Puts focus on the message with a key.
pub fn focus_row(key: &str) {
    if let Some(row) = find(key) {
        focus::focus_element(&row);
    }
}

/// Puts focus on the message that was jumped to, and shows it for a moment.
pub fn flash(key: &str) {
    if let Some(row) = find(key) {
        let _ = row.set_attribute("data-flash", "");
        focus::focus_element(&row);
    }
}

fn find(key: &str) -> Option<Element> {
    let rows = page::document().query_selector_all(ROW).ok()?;
    let row = |at| rows.item(at).and_then(|row| row.dyn_into::<Element>().ok());
    (0..rows.length()).filter_map(row).find(|row| row.get_attribute("data-key").is_some_and(|of| of == key))
}
