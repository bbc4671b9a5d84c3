//! The place's name at the head of the rail, and the menu behind it.

use leptos::{
    ev::{Event, KeyboardEvent},
    prelude::*,
};

use super::icon::icon;
use crate::{
    browser::{dialog, prefs::first as w},
    dom::{El, button, el},
    i18n::fill,
};

/// Adds to `head` the name of the place as a button, and its menu. With `heading` the rail is the page, and the place its
/// heading. The browser opens and closes the menu; here only the arrow keys are added.
#[must_use]
pub fn place_menu(
    head: El,
    place: Signal<String>,
    heading: Signal<bool>,
    invite: Callback<()>,
    settings: Callback<()>,
) -> El {
    let expanded = RwSignal::new(false);
    let label = move || Some(fill(w().place_menu, &[("team", &place.get())]));
    let name = move || {
        let frame = el(if heading.get() { "h1" } else { "span" }).class("rail__name");
        let button = button("rail__place")
            .attr("popovertarget", "place")
            .attr("aria-haspopup", "menu")
            .state_of("aria-expanded", move || expanded.get())
            .attr_text_of("aria-label", label)
            .child(el("bdi").class("clip").text_of(move || place.get()))
            .child(icon("#down"));
        Some(frame.child(button))
    };
    let menu = el("div")
        .id("place")
        .attr("popover", "auto")
        .class("menu")
        .attr("role", "menu")
        .attr_text_of("aria-label", label)
        .children([item("#join", w().place_invite, invite), el("hr"), item("#gear", w().nav_settings, settings)]);
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
    head.swap(name).child(menu.on("toggle", toggled).on("keydown", moved))
}

fn item(of: &'static str, label: &'static str, chosen: Callback<()>) -> El {
    button("")
        .attr("role", "menuitem")
        .attr("tabindex", "-1")
        .attr("popovertarget", "place")
        .attr("popovertargetaction", "hide")
        .child(icon(of))
        .text(label)
        // In the next frame the menu is closed and focus is back at its button, where a dialog returns it to.
        .press(move || request_animation_frame(move || chosen.run(())))
}
