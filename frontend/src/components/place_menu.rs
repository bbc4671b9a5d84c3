//! The place's name at the head of the rail, and the menu behind it.

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
    /// The rail is the page, and the place its heading.
    heading: Signal<bool>,
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
        {move || {
            let button = view! { <PlaceButton place label expanded=expanded.into()/> };
            if heading.get() {
                view! { <h1 class="rail__name">{button}</h1> }.into_any()
            } else {
                view! { <span class="rail__name">{button}</span> }.into_any()
            }
        }}
        <div id="place" popover="auto" class="menu" role="menu" aria-label=label node_ref=node on:toggle=toggled on:keydown=moved>
            <Item icon="#join" label=t(|w| w.place_invite) on_press=on_invite/>
            <hr/>
            <Item icon="#gear" label=t(|w| w.nav_settings) on_press=on_settings/>
        </div>
    }
}

#[component]
fn PlaceButton(place: Signal<String>, label: Signal<String>, expanded: Signal<bool>) -> impl IntoView {
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
    }
}

#[component]
fn Item(icon: &'static str, label: Signal<&'static str>, on_press: Callback<()>) -> impl IntoView {
    view! {
        <button
            type="button"
            role="menuitem"
            tabindex="-1"
            popovertarget="place"
            popovertargetaction="hide"
            // In the next frame the menu is closed and focus is back at its button, where a dialog returns it to.
            on:click=move |_| request_animation_frame(move || on_press.run(()))
        >
            <Icon of=icon/>
            {label}
        </button>
    }
}
