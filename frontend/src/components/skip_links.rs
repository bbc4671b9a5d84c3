//! The first two tab stops: past the rooms, to what was said and to where one writes.

use leptos::{ev::MouseEvent, prelude::*};

use crate::browser::{focus, prefs::t};

/// Links that are seen only when focused.
#[component]
pub fn SkipLinks() -> impl IntoView {
    let go = |id: &'static str| {
        move |event: MouseEvent| {
            // The address keeps its room: a fragment would be an entry of the history.
            event.prevent_default();
            focus::focus(id);
        }
    };
    view! {
        <a class="skip" href="#timeline" on:click=go("timeline")>{t(|w| w.skip_timeline)}</a>
        <a class="skip" href="#compose" on:click=go("compose")>{t(|w| w.skip_compose)}</a>
    }
}
