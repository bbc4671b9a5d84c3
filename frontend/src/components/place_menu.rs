//! The place's name at the head of the rail, and the menu behind it.

use std::sync::Arc;

use leptos::prelude::*;
use shared::{member::Role, policy::WorkspaceAction};

use super::{icon::icon, menu::walked};
use crate::{
    browser::prefs::first as w,
    dom::{El, button, el},
    i18n::fill,
    state::view::Own,
};

/// What the menu needs to know, and what it reports.
#[derive(Clone, Copy)]
pub struct PlaceMenu {
    /// The workspace's name.
    pub place: Signal<String>,
    /// The rail is the page, and the place its heading.
    pub heading: Signal<bool>,
    /// What the person is and may do.
    pub own: ReadSignal<Option<Arc<Own>>>,
    /// Another page was chosen.
    pub go: Callback<&'static str>,
    /// Something that lies over the page was chosen.
    pub over: Callback<&'static str>,
}

/// Adds to `head` the name of the place as a button, and its menu, in which what the person may not do is absent. The
/// browser opens and closes the menu; here only the arrow keys are added.
#[must_use]
pub fn place_menu(head: El, menu: PlaceMenu) -> El {
    let PlaceMenu { place, heading, own, go, over } = menu;
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
        .swap_all_on(move || rights(&own), move || items(untrack(|| rights(&own)), go, over));
    head.swap(name).child(walked(menu, expanded))
}

/// What the person may do of what the menu offers: see the people, invite, read the audit log, change the place.
fn rights(own: &ReadSignal<Option<Arc<Own>>>) -> [bool; 4] {
    use WorkspaceAction as Action;
    let may = |action| own.with(|own| own.as_ref().is_some_and(|own| own.may(action)));
    let invites = [Role::Member, Role::Guest].into_iter().any(|role| may(Action::Invite(role)));
    [may(Action::Browse), invites, may(Action::Audit), may(Action::Change)]
}

fn items(
    [browses, invites, audits, changes]: [bool; 4],
    go: Callback<&'static str>,
    over: Callback<&'static str>,
) -> Vec<El> {
    let all = [
        (browses, "#users", w().place_people, go, "/people"),
        (invites, "#join", w().place_invite, over, "invite"),
        (audits, "#shield", w().place_audit, go, "/audit"),
        (changes, "#sliders", w().place_settings, over, "place"),
    ];
    let may = all.into_iter().filter(|(may, ..)| *may);
    let mut items: Vec<El> =
        may.map(|(_, sign, words, to, at)| item(sign, words, Callback::new(move |()| to.run(at)))).collect();
    if !items.is_empty() {
        items.push(el("hr"));
    }
    items.push(item("#gear", w().nav_settings, Callback::new(move |()| over.run("settings"))));
    items
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
