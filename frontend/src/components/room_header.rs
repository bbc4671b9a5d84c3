//! The header of a room: its name, and how many people hear what is said in it.

use leptos::{ev::MouseEvent, prelude::*};

use super::icon::Icon;
use crate::{
    browser::prefs::{t, text},
    i18n::fill_n,
    state::view::RoomRow,
};

/// The header.
#[component]
pub fn RoomHeader(
    /// The room.
    room: Signal<RoomRow>,
    /// Back to the rooms, on a phone.
    on_back: Callback<()>,
) -> impl IntoView {
    let members = text(move |lang| {
        let n = room.with(|room| u64::from(room.members));
        fill_n(lang.plural(n, lang.words().room_members_one, lang.words().room_members), n)
    });
    let back = move |event: MouseEvent| {
        event.prevent_default();
        on_back.run(());
    };
    view! {
        <header class="bar">
            <span class="bar__lead">
                <a class="tool" href="/" aria-label=t(|w| w.nav_back) on:click=back><Icon of="#back"/></a>
            </span>
            <h1 class="bar__title" id="room-name" tabindex="-1">
                <Icon of=Signal::derive(move || if room.with(|room| room.closed) { "#lock" } else { "#hash" })/>
                <bdi class="clip">{move || room.with(|room| room.name.clone())}</bdi>
            </h1>
            <span class="bar__who" title=members>
                <Icon of="#users"/>
                <span class="num" aria-hidden="true">{move || room.with(|room| room.members)}</span>
                <span class="sr">{members}</span>
            </span>
        </header>
    }
}
