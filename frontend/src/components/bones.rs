//! The shape of messages that are on their way: hairlines, shown only when the wait is felt.

use leptos::prelude::*;

use crate::browser::prefs::t;

/// A few rows without words. The delay of 150 ms is the style's.
#[component]
pub fn Bones() -> impl IntoView {
    let row = |lines: &'static [&'static str]| {
        let lines = lines.iter().map(|class| view! { <span class=*class></span> }).collect_view();
        view! {
            <li class="msg" data-head="">
                <span class="bone bone--seal"></span>
                <div class="bones"><span class="bone bone--1"></span>{lines}</div>
            </li>
        }
    };
    view! {
        <span class="sr" role="status">{t(|w| w.room_loading)}</span>
        <ol class="wait__rows" aria-hidden="true">
            {row(&["bone bone--2"])}
            {row(&["bone bone--3", "bone bone--4"])}
            {row(&["bone bone--2", "bone bone--1"])}
        </ol>
    }
}
