//! What the server's HTML lacks because it knows no page: code that scrolls can be reached by key, and links leave the
//! chat open.

use wasm_bindgen::JsCast;
use web_sys::{Element, NodeList};

use super::page;
use crate::dom::El;

/// The element that is to hold a message's HTML.
#[must_use]
pub fn element(said: &El) -> Element {
    said.node()
}

/// Finishes the elements of one message. `code` names its blocks of code for readers of the screen.
pub fn finish(said: &Element, code: &str) {
    for pre in elements(said.query_selector_all("pre")) {
        for (name, value) in [("tabindex", "0"), ("role", "region"), ("aria-label", code)] {
            page::set_attribute(&pre, name, Some(value));
        }
    }
    // A link into this place is the router's; any other opens beside the chat.
    for link in elements(said.query_selector_all("a[href*=':']")) {
        page::set_attribute(&link, "target", Some("_blank"));
    }
}

fn elements(found: Result<NodeList, wasm_bindgen::JsValue>) -> impl Iterator<Item = Element> {
    let found = found.ok();
    let count = found.as_ref().map_or(0, NodeList::length);
    (0..count).filter_map(move |at| found.as_ref()?.item(at)?.dyn_into().ok())
}
