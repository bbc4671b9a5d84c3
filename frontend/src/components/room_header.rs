//! The header of a room: its name, and how many people hear what is said in it.

use leptos::{ev::MouseEvent, prelude::*};

use super::{icon::icon, room_row::room_icon};
use crate::{
    browser::prefs::{first as w, lang},
    dom::{El, el},
    i18n::fill_n,
    state::view::RoomRow,
};

/// The header; `back` leads to the rooms, on a phone.
#[must_use]
pub fn room_header(room: Signal<RoomRow>, back: Callback<()>) -> El {
    let members = move || {
        let n = room.with(|room| u64::from(room.members));
        fill_n(lang().plural(n, w().room_members_one, w().room_members), n)
    };
    let back = move |event: MouseEvent| {
        event.prevent_default();
        back.run(());
    };
    let lead = el("a").class("tool").attr("href", "/").attr("aria-label", w().nav_back).child(icon("#back"));
    let title = el("h1")
        .class("bar__title")
        .id("room-name")
        .attr("tabindex", "-1")
        .swap_on(
            move || room.with(|room| room.closed),
            move || Some(room_icon(room.with_untracked(|room| room.closed))),
        )
        .child(el("bdi").class("clip").text_of(move || room.with(|room| room.name.clone())));
    let count =
        el("span").class("num").attr("aria-hidden", "true").text_of(move || room.with(|room| room.members).to_string());
    el("header").class("bar").children([
        el("span").class("bar__lead").child(lead.on("click", back)),
        title,
        el("span").class("bar__who").attr_text_of("title", move || Some(members())).children([
            icon("#users"),
            count,
            el("span").class("sr").text_of(members),
        ]),
    ])
}
