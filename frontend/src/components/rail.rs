//! The rail: the place, its rooms, its direct messages, and the person at its foot. On a phone it is a page of its own.

use std::sync::Arc;

use leptos::prelude::*;
use shared::{presence::PresenceLevel, room::RoomKind};

use super::{
    icon::{icon, icon_in},
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
    /// What others see of them: whether they are here; tracked.
    pub my_level: Callback<(), Option<PresenceLevel>>,
    /// The rooms, in the order they are shown.
    pub rooms: ReadSignal<Vec<RoomRow>>,
    /// The id of the open room.
    pub open: Memo<Option<String>>,
    /// What the person may do here besides.
    pub doors: Signal<RailDoors>,
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
    /// "Add a room".
    pub new_room: Callback<()>,
    /// "New direct message".
    pub new_direct: Callback<()>,
}

/// What leads on from the rail, for this person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RailDoors {
    /// The page of all rooms.
    pub browse: bool,
    /// It is the page on screen.
    pub browsing: bool,
    /// A new room.
    pub make_room: bool,
    /// A new direct message.
    pub make_direct: bool,
}

/// The rail.
#[must_use]
pub fn rail(rail: Rail) -> El {
    let Rail { place, me, my_level, doors, link, whole_page, own, go, over, doctor, .. } = rail;
    let settings = Callback::new(move |()| over.run("settings"));
    let role = move || Some(if whole_page.get() { "main" } else { "navigation" });
    let head = el("div").class("rail__head").child(icon_in("icon mark", "#mark"));
    let of_phone = button("tool only-phone")
        .child(el("span").class("sr").text(w().nav_settings))
        .swap(move || me.get().map(|me| seal(&me, Some("m"))))
        .press(move || settings.run(()));
    let new_room = tool("add-room", w().nav_addroom, move || doors.get().make_room, rail.new_room);
    let new_direct = tool("add-direct", w().nav_newdm, move || doors.get().make_direct, rail.new_direct);
    let rooms = el("ul").attr("aria-labelledby", "rail-rooms");
    let rooms = rooms.each(rows(rail, |kind| kind != RoomKind::Direct), row_of(rail));
    let rooms =
        rooms.swap_on(move || doors.get().browse, move || doors.get_untracked().browse.then(|| all_rooms(doors)));
    let direct = el("ul").attr("aria-labelledby", "rail-direct");
    let direct = direct.each(rows(rail, |kind| kind == RoomKind::Direct), row_of(rail));
    // A guest has none, and begins none.
    let alone = move || {
        !doors.get().make_direct && !rail.rooms.with(|rooms| rooms.iter().any(|room| room.kind == RoomKind::Direct))
    };
    el("div").class("rail").id("rail").attr_of("role", role).attr("aria-label", w().nav_rooms).children([
        place_menu(head, PlaceMenu { place, heading: whole_page, own, go, over }).child(of_phone),
        el("div").class("rail__scroll").children([
            section("rail-rooms", w().nav_rooms).swap(new_room),
            rooms,
            section("rail-direct", w().nav_dms).swap(new_direct).flag_of("hidden", alone),
            direct,
        ]),
        rail_foot(me, my_level, link, settings, doctor),
    ])
}

/// The ids of the rows of one section.
fn rows(rail: Rail, of: fn(RoomKind) -> bool) -> impl Fn() -> Vec<Arc<str>> {
    move || {
        rail.rooms.with(|rooms| {
            rooms.iter().filter(|room| room.listed && of(room.kind)).map(|room| room.id.as_str().into()).collect()
        })
    }
}

fn row_of(rail: Rail) -> impl Fn(&Arc<str>) -> El {
    move |id| room_row(id.clone(), rail.rooms, rail.open)
}

/// The head of a section, to which its tool is added.
fn section(id: &'static str, name: &'static str) -> El {
    el("div").class("rail__group").child(el("h2").class("grow").id(id).text(name))
}

/// The tool of a section, while there is one for this person.
fn tool(
    id: &'static str,
    label: &'static str,
    allowed: impl Fn() -> bool + 'static,
    pressed: Callback<()>,
) -> impl FnMut() -> Option<El> {
    let draw = move || button("tool").id(id).attr("aria-label", label).child(icon("#plus"));
    move || allowed().then(|| draw().press(move || pressed.run(())))
}

/// The way to all rooms, below the person's own.
fn all_rooms(doors: Signal<RailDoors>) -> El {
    let link = el("a")
        .class("row")
        .attr("href", "/rooms")
        .attr_of("aria-current", move || doors.get().browsing.then_some("page"))
        .child(icon("#list"))
        .child(el("span").class("row__name clip").text(w().browse_title));
    el("li").child(link)
}
