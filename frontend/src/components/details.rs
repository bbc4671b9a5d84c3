//! What a room is, as a panel: its topic and kind, the first of its people, and what can be done with it.

use leptos::prelude::*;
use shared::{policy::RoomAction, room::RoomKind};

use super::{
    icon::icon,
    members::{Present, all_words, here_words, line, members_words, panel},
};
use crate::{
    browser::{prefs::w, under_hand},
    dom::{El, button, el},
    state::{
        members::{Group, People, Places},
        view::RoomRow,
    },
};

/// People shown before "See all".
const SHOWN: usize = 8;

/// What the panel reports.
#[derive(Clone, Copy, Debug)]
pub struct DetailsEvents {
    /// The panel is closed.
    pub close: Callback<()>,
    /// All people are wanted.
    pub all: Callback<()>,
    /// The room's settings are wanted.
    pub settings: Callback<()>,
    /// The room is left.
    pub leave: Callback<()>,
}

/// The panel.
#[must_use]
pub fn details(room: Signal<RoomRow>, present: Present, events: DetailsEvents) -> El {
    let title = el("h2").text(w().room_details);
    let may = move || {
        let settings = [RoomAction::Change, RoomAction::Convert, RoomAction::Archive, RoomAction::Restore];
        room.with(|room| (settings.iter().any(|action| room.may(*action)), room.may(RoomAction::Leave)))
    };
    let kind = move || room.with(|room| (room.kind, room.archived));
    let scroll = el("div")
        .class("panel__scroll")
        .swap_on(move || (kind(), room.with(|room| room.topic.clone())), move || Some(about(&room.get_untracked())))
        .child(people(room, present, events.all))
        .swap_on(may, move || doings(untrack(may), events));
    panel(w().room_details, title, events.close).child(scroll)
}

fn about(room: &RoomRow) -> El {
    let topic = (!room.topic.is_empty()).then(|| el("p").attr("dir", "auto").text(&room.topic));
    let fact = |sign, words: &str| el("li").child(icon(sign)).child(el("span").text(words));
    let kind = match room.kind {
        RoomKind::Open => fact("#hash", w().room_open_note),
        RoomKind::Closed => fact("#lock", w().room_closed_note),
        RoomKind::Direct => fact("#users", w().dm_note),
    };
    let archived = room.archived.then(|| fact("#archive", w().room_arch_outside));
    let facts = el("ul").class("facts").child(kind).child(archived);
    el("section").class("sect").child(el("h3").text(w().panel_about)).child(topic).child(facts)
}

fn people(room: Signal<RoomRow>, present: Present, all: Callback<()>) -> El {
    let count = move || room.with(|room| room.members);
    let head = el("h3")
        .text(w().panel_members)
        .child(el("span").class("num").attr("aria-hidden", "true").text_of(move || count().to_string()))
        .child(el("span").class("sr").text_of(move || members_words(count())));
    let keys = move || {
        let ordered = |list: &People, places: &Places| {
            let all = Group::ALL.into_iter().flat_map(|group| list.group(places, group));
            all.take(SHOWN).map(|line| line.id.to_string().into()).collect::<Vec<_>>()
        };
        present.list.with(|list| present.places.with(|places| ordered(list, places)))
    };
    let here = move || here_words(present).map(|words| el("p").class("quiet").text(&words));
    let rest = move || count() as usize > SHOWN;
    let see_all = move || {
        untrack(rest)
            .then(|| button("btn btn--small btn--text").text_of(move || all_words(count())).press(move || all.run(())))
    };
    let people = el("ul").attr("aria-label", w().panel_members).each(keys, move |person| line(person, present));
    el("section")
        .class("sect")
        .child(head)
        .swap(here)
        .child(under_hand::hear(people, present.held))
        .swap_on(rest, see_all)
}

fn doings((settings, leave): (bool, bool), events: DetailsEvents) -> Option<El> {
    let item = |id, sign, words: &str, act: Callback<()>| {
        button("line").id(id).child(icon(sign)).child(el("span").text(words)).press(move || act.run(()))
    };
    let settings = settings.then(|| item("room-settings-open", "#gear", w().room_set_t, events.settings));
    let leave = leave.then(|| item("room-leave", "#leave", w().room_leave, events.leave));
    (settings.is_some() || leave.is_some()).then(|| el("section").class("sect").child(settings).child(leave))
}
