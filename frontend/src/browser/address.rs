//! The address: which page is open, and how one goes to another. A page of the place is an entry of the browser's
//! history, so its own buttons lead back and forth.
//!
//! What lies over a page, as the settings do, is the address's fragment, and each of its own pages an entry too. How many
//! such entries lie one upon another is noted in the entries themselves: closing goes back past all of them at once.
//!
//! Written here rather than taken from `leptos_router`: five addresses need a comparison each, and the router weighed
//! a tenth of the whole program.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, HtmlAnchorElement, MouseEvent};

use super::page;
use crate::dom::{Listener, keep};

/// The path and the fragment of the address, as signals. Copied freely.
#[derive(Clone, Copy, Debug)]
pub struct Address {
    path: RwSignal<String>,
    part: RwSignal<String>,
}

impl Address {
    /// Follows the browser's buttons and the links of the page, and makes itself the context.
    pub fn provide() -> Self {
        let address = Self { path: RwSignal::new(here()), part: RwSignal::new(part_here()) };
        let window = page::window();
        let moved = Listener::passive(&window, "popstate", move |_| address.read());
        let clicked = Listener::active(&window, "click", move |event| address.follow_link(&event));
        keep([moved, clicked]);
        provide_context(address);
        address
    }

    /// The path, tracked, as it is written in the address: percent-encoded, and without a slash at its end.
    #[must_use]
    pub fn path(&self) -> String {
        self.path.get()
    }

    /// The fragment without its number sign, tracked: what lies over the page. Empty for nothing.
    #[must_use]
    pub fn part(&self) -> String {
        self.part.get()
    }

    /// Lays something over the page, or opens another page of what lies there.
    pub fn open(&self, part: &str) {
        let Ok(history) = page::window().history() else { return };
        let depth = JsValue::from_f64(f64::from(depth() + 1));
        let _ = history.push_state_with_url(&depth, "", Some(&["#", part].concat()));
        self.read();
    }

    /// Goes back to the first page of what lies over this one: the entry before, or in its place if there is none.
    pub fn up(&self, part: &str) {
        let Ok(history) = page::window().history() else { return };
        if depth() > 1 {
            let _ = history.back();
        } else {
            let depth = JsValue::from_f64(f64::from(depth()));
            let _ = history.replace_state_with_url(&depth, "", Some(&["#", part].concat()));
            self.read();
        }
    }

    /// Takes away what lies over the page, with all the entries it has made.
    pub fn close(&self) {
        let Ok(history) = page::window().history() else { return };
        let entries = depth();
        if self.part.with_untracked(String::is_empty) {
            return;
        }
        if entries > 0 {
            let _ = history.go_with_delta(-entries);
        } else {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&here()));
            self.read();
        }
    }

    fn read(self) {
        let note = |signal: RwSignal<String>, now: String| {
            if signal.with_untracked(|held| *held != now) {
                signal.set(now);
            }
        };
        note(self.path, here());
        note(self.part, part_here());
    }

    /// Goes to a path of this place; with `replace`, in the place of the present one.
    pub fn go(&self, path: &str, replace: bool) {
        let Ok(history) = page::window().history() else { return };
        // Refused only when pages are opened in a loop: then the page changes and the address does not.
        let _ = if replace {
            history.replace_state_with_url(&JsValue::NULL, "", Some(path))
        } else {
            history.push_state_with_url(&JsValue::NULL, "", Some(path))
        };
        self.read();
    }

    /// A plain press on a link into this place changes the page without loading it anew.
    fn follow_link(&self, event: &Event) {
        let Some(press) = event.dyn_ref::<MouseEvent>() else { return };
        let special = press.ctrl_key() || press.meta_key() || press.shift_key() || press.alt_key();
        if special || press.button() != 0 || event.default_prevented() {
            return;
        }
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(link) = target.and_then(|target| target.closest("a[href]").ok().flatten()) else { return };
        if link.has_attribute("target") || link.has_attribute("download") {
            return;
        }
        let link: HtmlAnchorElement = link.unchecked_into();
        if page::window().location().origin().is_ok_and(|origin| origin == link.origin()) {
            event.prevent_default();
            self.go(&[link.pathname(), link.search(), link.hash()].concat(), false);
        }
    }
}

/// The address of this page.
///
/// # Panics
/// Outside the application: [`Address::provide`] runs first thing in it.
#[must_use]
pub fn use_address() -> Address {
    expect_context()
}

fn here() -> String {
    tidied(&page::window().location().pathname().unwrap_or_default()).to_owned()
}

fn part_here() -> String {
    let fragment = page::window().location().hash().unwrap_or_default();
    fragment.trim_start_matches('#').to_owned()
}

/// How many entries of the history, this one among them, were made by what lies over the page.
fn depth() -> i32 {
    let state = page::window().history().and_then(|history| history.state()).unwrap_or(JsValue::NULL);
    state.as_f64().map_or(0, |depth| depth as i32)
}

/// `/rooms/general/` is `/rooms/general`.
fn tidied(path: &str) -> &str {
    match path.trim_end_matches('/') {
        "" => "/",
        path => path,
    }
}

/// Reads a part of a path as text: slugs may hold letters of any script, which an address carries percent-encoded.
#[must_use]
pub fn decoded(part: &str) -> String {
    js_sys::decode_uri_component(part).map_or_else(|_| part.to_owned(), String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_at_the_end_says_nothing() {
        for (path, tidy) in
            [("", "/"), ("/", "/"), ("//", "/"), ("/signin/", "/signin"), ("/rooms/general/", "/rooms/general")]
        {
            assert_eq!(tidied(path), tidy, "{path}");
        }
    }
}
