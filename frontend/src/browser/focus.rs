//! Focus as a list of hand-overs (`ux.md` §7): regions with F6, and moving by id.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use super::page;

/// The regions that F6 walks through, in order; one that is not on screen is skipped.
const REGIONS: [&str; 6] = ["#rail", "#page", "#timeline", "#compose", "#side", ".msg--failed"];

/// Puts focus on the element with an id. Returns whether there is one.
pub fn focus(id: &str) -> bool {
    match page::document().get_element_by_id(id) {
        Some(element) => focus_element(&element),
        None => false,
    }
}

/// Puts focus on the element with an id in the next frame, when what was just changed is on screen.
pub fn focus_soon(id: &'static str) {
    leptos::prelude::request_animation_frame(move || {
        focus(id);
    });
}

/// Selects what is in a field, in the next frame.
pub fn select_soon(field: HtmlInputElement) {
    leptos::prelude::request_animation_frame(move || field.select());
}

/// Selects what an element says, so that it can be copied by hand.
pub fn select_contents(id: &str) {
    let (Some(element), Ok(Some(selection))) = (page::document().get_element_by_id(id), page::window().get_selection())
    else {
        return;
    };
    let _ = element.set_attribute("data-selectable", "");
    let _ = selection.select_all_children(&element);
}

/// The id of what has focus, if it has one.
#[must_use]
pub fn focused() -> Option<String> {
    page::document().active_element().map(|element| element.id()).filter(|id| !id.is_empty())
}

/// Puts focus on an element. Returns whether it is one that takes it.
pub fn focus_element(element: &Element) -> bool {
    element.dyn_ref::<HtmlElement>().is_some_and(|element| element.focus().is_ok())
}

/// Moves to the next region, or the one before.
pub fn next_region(backwards: bool) {
    let document = page::document();
    let found = REGIONS.map(|selector| document.query_selector(selector).ok().flatten().filter(is_shown));
    let regions: Vec<Element> = found.into_iter().flatten().collect();
    let active = document.active_element();
    // From the innermost outwards: a failed message lies inside the timeline.
    let current = active.and_then(|active| regions.iter().rposition(|region| region.contains(Some(&active))));
    let count = regions.len();
    if count == 0 {
        return;
    }
    let next = match (current, backwards) {
        (None, false) => 0,
        (None, true) => count - 1,
        (Some(at), false) => (at + 1) % count,
        (Some(at), true) => (at + count - 1) % count,
    };
    enter(&regions[next]);
}

fn is_shown(element: &Element) -> bool {
    element.client_height() > 0
}

/// A region is entered at its own tab stop: what it marks as current, else the first thing in it that takes focus.
fn enter(region: &Element) {
    let first = |selector| region.query_selector(selector).ok().flatten();
    // One after the other: a list of selectors would find whichever stands first on the page.
    let stop = first("[aria-current], [data-stop]").or_else(|| first("button, textarea, a[href]"));
    let itself = region.has_attribute("tabindex") || region.tag_name() == "TEXTAREA";
    if itself || !stop.is_some_and(|stop| focus_element(&stop)) {
        focus_element(region);
    }
}

/// Whether the focus is inside the element with an id.
#[must_use]
pub fn is_inside(id: &str) -> bool {
    let document = page::document();
    let (inside, active) = (document.get_element_by_id(id), document.active_element());
    inside.zip(active).is_some_and(|(inside, active)| inside.contains(Some(&active)))
}

/// Whether nothing has focus that a letter could be meant for: the page itself, or the timeline.
#[must_use]
pub fn is_free() -> bool {
    let Some(active) = page::document().active_element() else { return true };
    active.tag_name() == "BODY" || active.closest("#timeline").ok().flatten().is_some() && active.tag_name() != "BUTTON"
}

/// Whether a dialog or a menu is open: then keys belong to it.
#[must_use]
pub fn is_covered() -> bool {
    page::document().query_selector("dialog[open], [popover]:popover-open").ok().flatten().is_some()
}
