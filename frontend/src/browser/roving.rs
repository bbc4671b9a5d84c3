//! The timeline as one tab stop: which message has `tabindex="0"`, and where the arrow keys lead (`ux.md` §7).
//!
//! The attribute is written here rather than drawn, so that a step touches two rows and not three hundred.

use leptos::ev::KeyboardEvent;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, NodeList};

use super::page;

const ROWS: &str = "li.msg";

fn rows(list: &Element) -> Option<NodeList> {
    list.query_selector_all(ROWS).ok().filter(|rows| rows.length() > 0)
}

fn row(rows: &NodeList, at: u32) -> Option<HtmlElement> {
    rows.item(at)?.dyn_into().ok()
}

fn stop(list: &Element) -> Option<Element> {
    list.query_selector("li.msg[tabindex=\"0\"]").ok().flatten()
}

/// Makes the newest message the tab stop, unless there is one already.
pub fn keep_one_stop(list: &Element) {
    if stop(list).is_none()
        && let Some(newest) = rows(list).and_then(|rows| row(&rows, rows.length() - 1))
    {
        let _ = newest.set_attribute("tabindex", "0");
    }
}

/// The list itself was focused: the newest message takes over.
pub fn enter(list: &Element) {
    if let Some(newest) = rows(list).and_then(|rows| row(&rows, rows.length() - 1)) {
        move_to(list, &newest);
    }
}

fn move_to(list: &Element, to: &HtmlElement) {
    if let Some(old) = stop(list) {
        let _ = old.set_attribute("tabindex", "-1");
    }
    let _ = to.set_attribute("tabindex", "0");
    let _ = to.focus();
}

/// Moves by one message, by a view, or to an end, if the key says so and a message has focus. Returns whether it did.
pub fn step(list: &Element, key: &KeyboardEvent) -> bool {
    if key.ctrl_key() || key.meta_key() || key.alt_key() {
        return false;
    }
    let Some(active) = page::document().active_element() else { return false };
    let (Some(rows), Ok(Some(current))) = (rows(list), active.closest(ROWS)) else { return false };
    let count = rows.length();
    let Some(at) = (0..count).find(|&at| row(&rows, at).is_some_and(|row| row.is_same_node(Some(&current)))) else {
        return false;
    };
    let page = list.parent_element().map_or(0, |view| view.client_height());
    let next = match key.key().as_str() {
        "ArrowUp" => at.saturating_sub(1),
        "ArrowDown" => (at + 1).min(count - 1),
        "Home" => 0,
        "End" => count - 1,
        "PageUp" => by_view(&rows, at, page, true),
        "PageDown" => by_view(&rows, at, page, false),
        _ => return false,
    };
    if let Some(next) = row(&rows, next) {
        move_to(list, &next);
    }
    true
}

/// The row about one view away.
fn by_view(rows: &NodeList, from: u32, height: i32, up: bool) -> u32 {
    let top = |at: u32| row(rows, at).map_or(0, |row| row.offset_top());
    let (start, last) = (top(from), rows.length() - 1);
    let mut at = from;
    while if up { at > 0 } else { at < last } {
        at = if up { at - 1 } else { at + 1 };
        if (top(at) - start).abs() >= height {
            break;
        }
    }
    at
}
