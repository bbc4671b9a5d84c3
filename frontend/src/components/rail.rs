//! The rail: the place, its rooms, and the person at its foot. On a phone it is a page of its own.

use std::sync::Arc;

use leptos::prelude::*;

use super::{
    icon::icon_in,
    place_menu::{PlaceMenu, place_menu},
    rail_foot::rail_foot,
    room_row::room_row,
    seal::seal,
};
use crate::{
    browser::prefs::first as w,
    dom::{El, button, el},
    state::view::{Link, Own, Person, RoomRow},
};

/// What the rail shows, and what it reports.
#[derive(Clone, Copy, Debug)]
pub struct Rail {
    /// The workspace's name.
    pub place: Signal<String>,
    /// The person at this screen.
    pub me: ReadSignal<Option<Person>>,
    /// The rooms, in the order they are shown.
    pub rooms: ReadSignal<Vec<RoomRow>>,
    /// The id of the open room.
    pub open: Memo<Option<String>>,
    /// The state of the stream.
    pub link: ReadSignal<Link>,
    /// It is the whole page: a phone that shows no room.
    pub whole_page: Signal<bool>,
    /// What the person is and may do.
    pub own: ReadSignal<Option<Arc<Own>>>,
    /// Another page was asked for.
    pub go: Callback<&'static str>,
    /// Something was asked for that lies over the page: the settings, an invite.
    pub over: Callback<&'static str>,
    /// "Open the connection doctor".
    pub doctor: Callback<()>,
}

/// The rail.
#[must_use]
pub fn rail(rail: Rail) -> El {
    let Rail { place, me, rooms, open, link, whole_page, own, go, over, doctor } = rail;
    let settings = Callback::new(move |()| over.run("settings"));
    let role = move || Some(if whole_page.get() { "main" } else { "navigation" });
    let head = el("div").class("rail__head").child(icon_in("icon mark", "#mark"));
    let of_phone = button("tool only-phone")
        .child(el("span").class("sr").text(w().nav_settings))
        .swap(move || me.get().map(|me| seal(&me, Some("m"))))
        .press(move || settings.run(()));
    let ids = move || rooms.with(|rooms| rooms.iter().map(|room| room.id.as_str().into()).collect());
    let list = el("ul").attr("aria-labelledby", "rail-rooms").each(ids, move |id| room_row(id.clone(), rooms, open));
    el("div").class("rail").id("rail").attr_of("role", role).attr("aria-label", w().nav_rooms).children([
        place_menu(head, PlaceMenu { place, heading: whole_page, own, go, over }).child(of_phone),
        el("div")
            .class("rail__scroll")
            .children([el("h2").class("rail__group").id("rail-rooms").text(w().nav_rooms), list]),
        rail_foot(me, link, settings, doctor),
    ])
}
