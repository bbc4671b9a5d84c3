//! Lists that grow when their end comes near.

use leptos::prelude::*;
use web_sys::{Element, Event};

use crate::dom::El;

/// So many views before the end, more is asked for.
const REACH: i32 = 1;

/// Calls `near` when less than a view is left below, after `scrolled` was scrolled; at most once a frame.
#[must_use]
pub fn hear(scrolled: El, near: Callback<()>) -> El {
    let element: Element = scrolled.node();
    let asked = StoredValue::new(false);
    scrolled.on("scroll", move |_: Event| {
        if asked.get_value() {
            return;
        }
        asked.set_value(true);
        let element = element.clone();
        request_animation_frame(move || {
            if asked.try_set_value(false).is_some() {
                return;
            }
            let view = element.client_height();
            if element.scroll_height() - element.scroll_top() - view < REACH * view {
                near.try_run(());
            }
        });
    })
}
