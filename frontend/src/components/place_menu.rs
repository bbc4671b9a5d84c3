//! The menu behind the place's name.

use leptos::{ev, html, prelude::*};

use super::icon::Icon;
use crate::{
    browser::{
        dialog,
        prefs::{t, text},
    },
    i18n::fill,
};

/// The name as a button, and its menu. The browser opens and closes it; here only the arrow keys are added.
#[component]
pub fn PlaceMenu(
    /// The workspace's name.
    place: Signal<String>,
    /// "Invite people…" was chosen.
    on_invite: Callback<()>,
    /// "Settings" was chosen.
    on_settings: Callback<()>,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let expanded = RwSignal::new(false);
    let label = text(move |lang| fill(lang.words().place_menu, &[("team", &place.get())]));
    let step = move |steps: isize| {
        if let Some(menu) = node.get_untracked() {
            dialog::focus_item(&menu, steps);
        }
    };
    let toggled = move |event: ev::Event| {
        expanded.set(dialog::toggled_open(&event));
        if expanded.get_untracked() {
            step(isize::MIN);
        }
    };
    let moved = move |event: ev::KeyboardEvent| {
        let steps = match event.key().as_str() {
            "ArrowDown" => 1,
            "ArrowUp" => -1,
            "Home" => isize::MIN,
            "End" => isize::MAX,
            _ => return,
        };
        event.prevent_default();
        step(steps);
    };
    view! {
        <button
            type="button"
            class="rail__place"
            popovertarget="place"
            aria-haspopup="menu"
            aria-expanded=move || if expanded.get() { "true" } else { "false" }
            aria-label=label
        >
            <bdi class="clip">{place}</bdi>
            <Icon of="#down"/>
        </button>
        <div id="place" popover="auto" class="menu" role="menu" aria-label=label node_ref=node on:toggle=toggled on:keydown=moved>
            <button type="button" role="menuitem" tabindex="-1" popovertarget="place" popovertargetaction="hide" on:click=move |_| on_invite.run(())>
                <Icon of="#join"/>{t(|w| w.place_invite)}
            </button>
            <hr/>
            <button type="button" role="menuitem" tabindex="-1" popovertarget="place" popovertargetaction="hide" on:click=move |_| on_settings.run(())>
                <Icon of="#gear"/>{t(|w| w.nav_settings)}
            </button>
        </div>
    }
}
