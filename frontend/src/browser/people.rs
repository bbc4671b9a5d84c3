//! Presses on people: whatever has `data-person`, wherever it is on the page.

use std::cell::RefCell;

use leptos::prelude::{RwSignal, Set};
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::page;
use crate::dom::{Listener, keep};

thread_local! {
    static OPENER: RefCell<Option<Element>> = const { RefCell::new(None) };
}

/// Who was pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pressed {
    /// The person's id.
    pub person: String,
    /// It was in the list of a room's people.
    pub listed: bool,
}

/// Hears of the person who was pressed, as long as the owner lives that this is called under.
#[must_use]
pub fn use_pressed() -> RwSignal<Option<Pressed>> {
    let pressed = RwSignal::new(None);
    let heard = move |event: web_sys::Event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(opener) = target.and_then(|target| target.closest("[data-person]").ok().flatten()) else { return };
        if let Some(person) = opener.get_attribute("data-person") {
            let listed = opener.closest("#side").ok().flatten().is_some();
            OPENER.set(Some(opener));
            pressed.set(Some(Pressed { person, listed }));
        }
    };
    keep(Listener::passive(&page::window(), "click", heard));
    pressed
}

/// What was pressed last.
#[must_use]
pub fn opener() -> Option<Element> {
    OPENER.with_borrow(Option::clone)
}
