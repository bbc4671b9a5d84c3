//! Native `<dialog>` and `popover`: the browser owns focus, Escape and the top layer; this only opens and closes them.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlDialogElement, HtmlElement, ToggleEvent};

use super::page;

/// Opens a dialog as a modal one. Already open: nothing happens.
pub fn show(dialog: &HtmlDialogElement) {
    if !dialog.open() {
        let _ = dialog.show_modal();
    }
}

/// Closes a dialog; focus returns to its opener.
pub fn close(dialog: &HtmlDialogElement) {
    dialog.close();
}

/// Opens a popover beside an element, which becomes its opener: it is placed there, and focus returns to it.
pub fn show_popover(popover: &HtmlElement, source: &Element) {
    let options = js_sys::Object::new();
    let shown = js_sys::Reflect::set(&options, &"source".into(), source)
        .and_then(|_| js_sys::Reflect::get(popover, &"showPopover".into()))
        .and_then(|show| show.unchecked_into::<js_sys::Function>().call1(popover, &options));
    // Open already, or not on the page any more.
    drop(shown);
}

/// Closes a popover; focus returns to its opener if it was in it.
pub fn hide_popover(popover: &HtmlElement) {
    // Closed already.
    let _ = popover.hide_popover();
}

/// Closes a popover; focus returns to its opener.
pub fn close_popover(id: &str) {
    if let Some(popover) =
        page::document().get_element_by_id(id).and_then(|popover| popover.dyn_into::<HtmlElement>().ok())
    {
        let _ = popover.hide_popover();
    }
}

/// Whether a popover's `toggle` event says that it has opened.
///
/// Where the browser has no CSS anchors, the box of the opener is then written to the two properties that `overlay.css`
/// reads; where it has, CSS does it.
pub fn toggled_open(event: &Event) -> bool {
    let opened = event.dyn_ref::<ToggleEvent>().is_some_and(|toggle| toggle.new_state() == "open");
    if opened && !web_sys::css::supports_with_value("position-area", "block-end").unwrap_or(false) {
        place(event);
    }
    opened
}

fn place(toggle: &Event) {
    let Some(popover) = toggle.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else { return };
    let Some(opener) = opener_of(&popover) else { return };
    let at = opener.get_bounding_client_rect();
    let style = popover.style();
    let _ = style.set_property("--at-left", &page::px(at.left()));
    let _ = style.set_property("--at-top", &page::px(at.bottom() + 4.0));
}

/// The opener has just been pressed, so it has focus; where pressing gives none, it is the first that names the popover.
fn opener_of(popover: &HtmlElement) -> Option<Element> {
    let active = page::document().active_element();
    if let Some(active) =
        active.filter(|active| active.get_attribute("popovertarget").as_deref() == Some(&*popover.id()))
    {
        return Some(active);
    }
    let mut selector = String::from("[popovertarget=\"");
    selector.push_str(&popover.id());
    selector.push_str("\"]");
    page::document().query_selector(&selector).ok().flatten()
}

/// Puts focus on the first item of a menu that has just opened, and moves it with ↑ ↓ Home End (ARIA APG, menu).
///
/// `step` is the distance to move; `isize::MIN` and `isize::MAX` go to the ends.
pub fn focus_item(menu: &Element, step: isize) {
    let Ok(items) = menu.query_selector_all("[role^=\"menuitem\"]") else { return };
    let count = items.length() as isize;
    if count == 0 {
        return;
    }
    let active = page::document().active_element();
    let current = (0..count).find(|&at| {
        let item = items.item(at as u32);
        item.as_ref().zip(active.as_ref()).is_some_and(|(item, active)| item.is_same_node(Some(active)))
    });
    let next = match (step, current) {
        (isize::MIN, _) | (1, None) => 0,
        (isize::MAX, _) | (_, None) => count - 1,
        (_, Some(at)) => (at + step).rem_euclid(count),
    };
    if let Some(item) = items.item(next as u32).and_then(|item| item.dyn_into::<HtmlElement>().ok()) {
        let _ = item.focus();
    }
}
