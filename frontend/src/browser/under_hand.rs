//! Whether somebody has an element under their hand: the pointer is over it, or the focus is in it.

use leptos::prelude::{RwSignal, Set};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, FocusEvent, Node};

use crate::dom::El;

/// Says in `held` whether the element is under somebody's hand. While the focus goes from one part of it to another, it is.
#[must_use]
pub fn hear(element: El, held: RwSignal<bool>) -> El {
    let (left, lost) = (element.node::<Element>(), element.node::<Element>());
    let matches = |element: &Element, state: &str| element.matches(state).unwrap_or(false);
    let out = move |event: FocusEvent| {
        let to = event.related_target();
        let stays = to.is_some_and(|to| lost.contains(to.dyn_ref::<Node>()));
        held.set(stays || matches(&lost, ":hover"));
    };
    element
        .on("pointerenter", move |_: Event| held.set(true))
        .on("pointerleave", move |_: Event| held.set(matches(&left, ":focus-within")))
        .on("focusin", move |_: Event| held.set(true))
        .on("focusout", out)
}
