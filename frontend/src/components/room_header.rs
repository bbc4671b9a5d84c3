//! The header of a room: its name and topic, who hears what is said in it, the bell, and the panel beside it.

use leptos::{ev::MouseEvent, prelude::*};
use shared::room::{Level, RoomKind};

use super::{icon::icon, involvement::involvement, room_row::room_icon};
use crate::{
    browser::prefs::{first as w, lang},
    dom::{El, button, el},
    i18n::fill_n,
    state::view::RoomRow,
};

/// What is beside the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What the room is, and some of its people.
    Details,
    /// All of its people.
    Members,
}

/// What the header reports.
#[derive(Clone, Copy, Debug)]
pub struct HeaderEvents {
    /// Back to the rooms, on a phone.
    pub back: Callback<()>,
    /// Opens a panel, or closes it if it is the open one.
    pub side: Callback<Side>,
    /// Another level was chosen.
    pub level: Callback<Level>,
}

/// The header; `side` is what is open beside the room.
#[must_use]
pub fn room_header(room: Signal<RoomRow>, side: Signal<Option<Side>>, events: HeaderEvents) -> El {
    let back = move |event: MouseEvent| {
        event.prevent_default();
        events.back.run(());
    };
    let lead = el("a").class("tool").attr("href", "/").attr("aria-label", w().nav_back).child(icon("#back"));
    let kind = move || room.with(|room| room.kind);
    let icon_of = move || room.with(|room| (room.kind, room.people.clone()));
    let title = el("h1")
        .class("bar__title")
        .id("room-name")
        .attr("tabindex", "-1")
        .swap_on(icon_of, move || Some(room.with_untracked(room_icon)))
        .child(el("bdi").class("clip").text_of(move || room.with(|room| room.name.clone())));
    let has_topic = move || room.with(|room| !room.topic.is_empty());
    let topic = move || {
        let words = el("p").class("bar__topic clip").attr("dir", "auto");
        has_topic().then(|| words.text_of(move || room.with(|room| room.topic.clone())))
    };
    let who = move || (kind() != RoomKind::Direct).then(|| who(room, side, events.side));
    el("header").class("bar").children([
        el("span").class("bar__lead").child(lead.on("click", back)),
        title,
        el("span").class("bar__mid").swap_on(has_topic, move || untrack(topic)),
        el("span")
            .class("bar__do")
            .swap_on(kind, move || untrack(who))
            .children([involvement(room, events.level), panel_tool(side, events.side)]),
    ])
}

/// How many people there are, which leads to who they are.
fn who(room: Signal<RoomRow>, side: Signal<Option<Side>>, opened: Callback<Side>) -> El {
    let members = move || {
        let n = room.with(|room| u64::from(room.members));
        Some(fill_n(lang().plural(n, w().room_members_one, w().room_members), n))
    };
    let count = el("span").class("num").attr("aria-hidden", "true");
    button("tool bar__who")
        .id("open-members")
        .attr_text_of("aria-label", members)
        .attr_text_of("title", members)
        .state_of("aria-pressed", move || side.get() == Some(Side::Members))
        .child(icon("#users"))
        .child(count.text_of(move || room.with(|room| room.members).to_string()))
        .press(move || opened.run(Side::Members))
}

fn panel_tool(side: Signal<Option<Side>>, opened: Callback<Side>) -> El {
    button("tool")
        .id("open-details")
        .attr("aria-label", w().room_details)
        .attr("title", w().room_details)
        .state_of("aria-pressed", move || side.get() == Some(Side::Details))
        .child(icon("#panel"))
        .press(move || opened.run(Side::Details))
}
