//! All rooms, as a page in the room's place: a filter that stays at its top, and one ruled line for each room.

use std::sync::Arc;

use leptos::prelude::*;
use shared::id::RoomId;

use super::{
    alert::alert,
    icon::icon,
    members::members_words,
    segments::{Segment, segments},
};
use crate::{
    browser::{
        focus, near_end,
        prefs::{lang, w},
        time,
    },
    dom::{El, button, el},
    i18n::{fill, fill_n},
    state::directory::{Entry, Rooms, Show, Standing},
};

/// What the page shows, and what it reports.
#[derive(Clone, Copy, Debug)]
pub struct RoomsPage {
    /// The rooms.
    pub rooms: RwSignal<Rooms>,
    /// What is looked for.
    pub query: RwSignal<String>,
    /// Which are shown.
    pub show: RwSignal<Show>,
    /// Why one could not be joined.
    pub wrong: Signal<Option<String>>,
    /// The person may make rooms.
    pub make: Signal<bool>,
    /// "New room".
    pub new_room: Callback<()>,
    /// A room is to be joined.
    pub join: Callback<RoomId>,
    /// The end of the list is near.
    pub more: Callback<()>,
    /// The list is to be asked for again.
    pub again: Callback<()>,
    /// Back to the person's rooms, on a phone.
    pub back: Callback<()>,
}

/// The page.
#[must_use]
pub fn rooms_page(page: RoomsPage) -> Vec<El> {
    let RoomsPage { rooms, make, new_room, back, .. } = page;
    let back_tool = button("tool").attr("aria-label", w().nav_back).child(icon("#back")).press(move || back.run(()));
    let new = move || {
        make.get()
            .then(|| button("btn btn--main").child(icon("#plus")).text(w().browse_new).press(move || new_room.run(())))
    };
    let title = el("h1")
        .class("bar__title")
        .id("browse-title")
        .attr("tabindex", "-1")
        .children([icon("#list"), el("span").class("clip").text(w().browse_title)]);
    let bar = el("header").class("bar").children([el("span").class("bar__lead").child(back_tool), title]);
    let keys = move || rooms.with(|rooms| rooms.entries.iter().map(|entry| entry.id.to_string().into()).collect());
    let list = el("ul").class("rooms").attr("aria-label", w().browse_title).each(keys, move |id| row(id, page));
    let body = el("div").class("page__body").id("page").attr("role", "group").attr("aria-label", w().browse_title);
    let body = alert(body.attr("tabindex", "-1").child(tools(page)), page.wrong).child(list);
    // What stands below the list: nothing found, or not loaded.
    let end = move || rooms.with(|rooms| (rooms.failed, rooms.total == Some(0), rooms.asked.clone()));
    let body = body.swap_on(end, move || end_of(untrack(end), page));
    vec![bar.child(el("span").class("grow")).swap(new), el("div"), near_end::hear(body, page.more)]
}

fn tools(page: RoomsPage) -> El {
    let RoomsPage { rooms, query, show, .. } = page;
    let find = el("div").class("withtail").child(icon("#search")).child(
        el("input")
            .class("input input--small")
            .id("find-room")
            .attr("type", "search")
            .attr("aria-label", w().browse_find)
            .attr("placeholder", w().browse_find)
            .attr("autocomplete", "off")
            .bind(query),
    );
    let choice = |id, label| Segment { id, label, icon: None, lang: None };
    let choices = [
        choice("show-all", w().browse_every),
        choice("show-open", w().browse_open),
        choice("show-joined", w().browse_mine),
        choice("show-archived", w().browse_arch),
    ];
    let chosen = move || Show::ALL.iter().position(|of| *of == show.get()).unwrap_or_default();
    let choose = Callback::new(move |at: usize| show.set(Show::ALL[at]));
    let count = move || {
        let total = rooms.with(|rooms| rooms.total);
        total
            .map(|n| fill_n(lang().plural(u64::from(n), w().browse_one, w().browse_n), u64::from(n)))
            .unwrap_or_default()
    };
    el("div").class("page__tools").children([
        find,
        segments("show", w().browse_kind, &choices, chosen, choose),
        el("span").class("count").attr("role", "status").text_of(count),
    ])
}

fn end_of((failed, none, asked): (bool, bool, String), page: RoomsPage) -> Option<El> {
    let part = el("div").class("page__none");
    if failed {
        let again = button("btn btn--small").text(w().msg_retry).press(move || page.again.run(()));
        return Some(part.attr("role", "alert").text(w().browse_failed).text(" ").child(again));
    }
    let words = if asked.is_empty() { w().browse_empty.to_owned() } else { fill(w().browse_none_t, &[("q", &asked)]) };
    none.then(|| part.child(el("b").text(&words)).text(w().browse_none_b))
}

/// One room. Joining turns the button into a tick, and the row stays where it is.
fn row(id: &Arc<str>, page: RoomsPage) -> El {
    let wanted = id.clone();
    let entry = Memo::new(move |_| page.rooms.with(|rooms| rooms.entry(&wanted).cloned()));
    let mut before = None;
    let inside = move || {
        let entry = entry.get();
        let standing = entry.as_ref().map(|entry| entry.standing);
        // The button that had the focus is gone.
        if before == Some(Standing::Joining) && standing == Some(Standing::In) {
            let link = entry.as_ref().map(link_id);
            request_animation_frame(move || {
                if let Some(link) = link {
                    focus::focus(&link);
                }
            });
        }
        before = standing;
        entry.map(|entry| parts(&entry, page)).unwrap_or_default()
    };
    el("li")
        .flag_of("data-gone", move || entry.with(|entry| entry.as_ref().is_some_and(|of| of.archived)))
        .swap_all(inside)
}

fn link_id(entry: &Entry) -> String {
    ["room-", &entry.id.to_string()].concat()
}

fn parts(entry: &Entry, page: RoomsPage) -> Vec<El> {
    let sign = if entry.archived {
        "#archive"
    } else if entry.closed {
        "#lock"
    } else {
        "#hash"
    };
    let path = ["/rooms/", &entry.slug].concat();
    let name = el("div")
        .class("rooms__name")
        .child(el("a").id(&link_id(entry)).attr("href", &*path).child(el("bdi").text(&entry.name)));
    let name = if entry.closed { name.child(el("span").class("sr").text(", ").text(w().row_private)) } else { name };
    let topic = (!entry.topic.is_empty()).then(|| el("small").class("clip").attr("dir", "auto").text(&entry.topic));
    let words = members_words(entry.members);
    let who = el("span").class("rooms__who").attr("title", &*words).children([
        icon("#users"),
        el("span").class("num").attr("aria-hidden", "true").text(&entry.members.to_string()),
        el("span").class("sr").text(&words),
    ]);
    let at_ms = entry.last.as_deref().and_then(time::parse);
    let last = el("span").class("rooms__last quiet").child(at_ms.map(|at| {
        let words = time::moment_words(lang(), at);
        let full = fill(w().browse_last, &[("t", &time::full(lang(), at))]);
        el("time").attr("datetime", &*time::machine(at)).attr("title", &*full).text(&words)
    }));
    vec![icon(sign), el("div").class("rooms__what").child(name).child(topic), who, last, standing(entry, page)]
}

fn standing(entry: &Entry, page: RoomsPage) -> El {
    let id = entry.id;
    match entry.standing {
        _ if entry.archived => el("span").class("rooms__in").text(w().browse_arch),
        Standing::In => el("span").class("rooms__in").child(icon("#check")).text(w().browse_in),
        standing => {
            let label = fill(w().browse_join_room, &[("room", &["# ", &entry.name].concat())]);
            button("btn")
                .attr("aria-label", &*label)
                .flag("data-busy", standing == Standing::Joining)
                .text(w().browse_join)
                .press(move || {
                    if standing == Standing::Outside {
                        page.join.run(id);
                    }
                })
        }
    }
}
