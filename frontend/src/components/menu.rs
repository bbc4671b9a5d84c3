//! A menu behind a button: the browser opens, places and closes it, here only the arrow keys are added (ARIA APG, menu).

use leptos::{
    ev::{Event, KeyboardEvent},
    prelude::*,
};

use crate::{
    browser::dialog,
    dom::{El, el},
};

/// A menu with these items. The button names it with `popovertarget`, and shows whether it is open by `expanded`.
#[must_use]
pub fn menu(
    id: &'static str,
    label: impl Fn() -> Option<String> + 'static,
    expanded: RwSignal<bool>,
    items: Vec<El>,
) -> El {
    let menu = el("div")
        .id(id)
        .attr("popover", "auto")
        .class("menu")
        .attr("role", "menu")
        .attr_text_of("aria-label", label)
        .children(items);
    walked(menu, expanded)
}

/// Lets the arrow keys walk through a menu, and notes whether it is open.
#[must_use]
pub fn walked(menu: El, expanded: RwSignal<bool>) -> El {
    let (opened, walked) = (menu.clone(), menu.clone());
    let toggled = move |event: Event| {
        expanded.set(dialog::toggled_open(&event));
        if expanded.get_untracked() {
            dialog::focus_item(&opened.node(), isize::MIN);
        }
    };
    let moved = move |event: KeyboardEvent| {
        let steps = match event.key().as_str() {
            "ArrowDown" => 1,
            "ArrowUp" => -1,
            "Home" => isize::MIN,
            "End" => isize::MAX,
            _ => return,
        };
        event.prevent_default();
        dialog::focus_item(&walked.node(), steps);
    };
    menu.on("toggle", toggled).on("keydown", moved)
}
