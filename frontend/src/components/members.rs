//! The people in a room, as a panel: by presence, then by name, with a filter, and adding to them.

use std::sync::Arc;

use leptos::prelude::*;
use shared::{id::MemberId, member::Role, policy::RoomAction, presence::PresenceLevel};

use super::{
    alert::alert,
    icon::icon,
    names::{NamesField, names_field},
    presence::{dot, said},
    seal::seal,
};
use crate::{
    browser::{
        near_end,
        prefs::{lang, w},
        under_hand,
    },
    dom::{El, button, el},
    i18n::{fill, fill_n},
    state::{
        members::{Group, Line, People, Places},
        names::Names,
        view::{Person, RoomRow},
    },
};

/// Adding people to a room.
#[derive(Clone, Copy, Debug)]
pub struct AddPeople {
    /// The field is open.
    pub open: RwSignal<bool>,
    /// Who has been chosen.
    pub names: RwSignal<Names>,
    /// Whom it offers.
    pub source: Callback<RwSignal<Names>>,
    /// They are being added.
    pub busy: Signal<bool>,
    /// Why somebody could not be.
    pub wrong: Signal<Option<String>>,
    /// Adds them.
    pub send: Callback<()>,
}

/// The people of a room, and who of them is here.
#[derive(Clone, Copy, Debug)]
pub struct Present {
    /// The loaded ones.
    pub list: RwSignal<People>,
    /// In which group they stand.
    pub places: Signal<Places>,
    /// What somebody is now; tracked.
    pub level: Callback<MemberId, Option<PresenceLevel>>,
    /// The pointer or the focus is in the list.
    pub held: RwSignal<bool>,
}

/// The panel.
#[must_use]
pub fn members(
    room: Signal<RoomRow>,
    present: Present,
    filter: RwSignal<String>,
    again: Callback<()>,
    more: Callback<()>,
    add: AddPeople,
    close: Callback<()>,
) -> El {
    let list = present.list;
    let may_add = move || room.with(|room| room.may(RoomAction::Add));
    let adder = move || {
        may_add().then(|| {
            button("btn")
                .id("add-people")
                .state_of("aria-expanded", move || add.open.get())
                .child(icon("#plus"))
                .text(w().people_add)
                .press(move || add.open.update(|open| *open = !*open))
        })
    };
    let find = el("div").class("withtail").child(icon("#search")).child(
        el("input")
            .class("input input--small")
            .id("find-member")
            .attr("aria-label", w().people_find)
            .attr("placeholder", w().people_find)
            .attr("autocomplete", "off")
            .bind(filter),
    );
    let head = el("div").class("members__head").child(find).swap_on(may_add, move || untrack(adder));
    let count = move || room.with(|room| room.members).to_string();
    let title = el("h2").text(w().panel_members).text(" ").child(el("span").class("num quiet").text_of(count));
    let failed = move || list.with(|list| list.failed);
    let retry = move || {
        untrack(failed).then(|| {
            let again = button("btn btn--small").text(w().msg_retry).press(move || again.run(()));
            el("p").class("panel__wrong").text(w().err_offline).child(again)
        })
    };
    let nobody = move || list.with(|list| list.loaded && list.lines.is_empty());
    let looking = move || filter.with(|filter| !filter.trim().is_empty());
    let all = move || room.with(|room| room.members as usize);
    let groups = Group::ALL.map(|group| section(group, present, move || (!looking()).then(all)));
    let body = under_hand::hear(el("div").class("members__list"), present.held).children(groups);
    let body = body.swap_on(nobody, move || {
        untrack(nobody).then(|| el("p").class("quiet").attr("role", "status").text(w().people_none))
    });
    let scroll = el("div").class("panel__scroll").child(head).swap_all_on(
        move || add.open.get() && may_add(),
        move || if add.open.get_untracked() { adding(add) } else { Vec::new() },
    );
    let scroll = near_end::hear(scroll.child(body.swap_on(failed, retry)), more);
    panel(w().panel_members, title, close).class("panel members").child(scroll)
}

/// The frame of a panel.
#[must_use]
pub fn panel(label: &'static str, title: El, close: Callback<()>) -> El {
    let shut = button("tool").attr("aria-label", w().panel_close).child(icon("#x")).press(move || close.run(()));
    el("aside")
        .class("panel")
        .id("side")
        .attr("tabindex", "-1")
        .attr("aria-label", label)
        .child(el("header").class("bar").children([title, shut]))
}

fn adding(add: AddPeople) -> Vec<El> {
    let field = NamesField {
        id: "add-names",
        label: w().people_add,
        hint: w().room_who_ph,
        labelled: false,
        listed: true,
        names: add.names,
        offer: add.source,
    };
    let nobody = move || add.names.with(|names| names.chosen.is_empty());
    let go = button("btn btn--main")
        .true_of("aria-disabled", nobody)
        .flag_of("data-busy", move || add.busy.get())
        .text(w().people_add_go)
        .press(move || {
            if !add.busy.get_untracked() && !untrack(nobody) {
                add.send.run(());
            }
        });
    crate::browser::focus::focus_soon("add-names");
    let form = el("div").class("members__add").children(names_field(field));
    vec![alert(form, add.wrong).child(el("div").class("members__do").child(go))]
}

/// A group of the list, if there is anybody in it. `all` is how many people there are, loaded or not, unless somebody is looked
/// for.
fn section(group: Group, present: Present, all: impl Fn() -> Option<usize> + 'static) -> El {
    let Present { list, places, level, .. } = present;
    let count = move |group| places.with(|places| list.with(|list| list.group(places, group).count()));
    let (id, words) = match group {
        Group::Here => ("members-here", w().people_here),
        Group::Away => ("members-away", w().people_away),
        Group::Gone => ("members-gone", w().people_gone),
        Group::Unknown => ("", ""),
    };
    let number = move || match (group, all()) {
        // The rest of a long list is offline, as far as is known, and comes when it is scrolled to.
        (Group::Gone, Some(all)) if list.with(People::has_more) => {
            all.saturating_sub(count(Group::Here) + count(Group::Away) + count(Group::Unknown))
        }
        _ => count(group),
    };
    let keys = move || {
        let ids = |places: &Places| {
            list.with(|list| list.group(places, group).map(|line| line.id.to_string().into()).collect::<Vec<_>>())
        };
        places.with(ids)
    };
    // After a break the first of them speaks for all.
    let unknown = move || {
        let first = places.with(|places| list.with(|list| list.group(places, group).next().map(|line| line.id)));
        first.is_some_and(|first| level.run(first).is_none())
    };
    let people = el("ul").each(keys, move |person| line(person, present));
    let parts = match group {
        Group::Unknown => vec![people.attr("aria-label", w().panel_members)],
        _ => vec![
            el("h3").id(id).flag_of("data-unknown", unknown).text_of(move || fill_n(words, number() as u64)),
            people.attr("aria-labelledby", id),
        ],
    };
    el("div").flag_of("hidden", move || count(group) == 0).children(parts)
}

/// One person of a panel: the whole line opens the card.
#[must_use]
pub fn line(person: &Arc<str>, present: Present) -> El {
    let Present { list, level, .. } = present;
    let wanted = person.parse::<MemberId>().ok();
    let line = Memo::new(move |_| list.with(|list| list.lines.iter().find(|line| Some(line.id) == wanted).cloned()));
    let level = move || level.run(wanted?);
    let inside = move || line.get().map(|line| inside(&line, level)).unwrap_or_default();
    let open = button("line").attr("data-person", &**person).attr("aria-haspopup", "dialog").swap_all(inside);
    el("li").child(open.flag_of("data-gone", move || level() == Some(PresenceLevel::Offline)))
}

fn inside(line: &Line, level: impl Fn() -> Option<PresenceLevel> + Copy + 'static) -> Vec<El> {
    let person = Person { id: line.id.to_string(), name: line.name.clone() };
    let name = el("span").class("clip grow").children([el("bdi").text(&line.name), said(level)]);
    let mut parts = vec![seal(&person, Some("m")).child(dot(level)), name];
    parts.extend(role_word(line.role, line.inactive));
    parts
}

/// `9 here now`, while that is known of everyone.
#[must_use]
pub fn here_words(present: Present) -> Option<String> {
    let Present { list, places, level, .. } = present;
    let here = list.with(|list| {
        let known = list.loaded && !list.has_more() && list.lines.iter().all(|line| level.run(line.id).is_some());
        known.then(|| places.with(|places| list.group(places, Group::Here).count()))
    });
    here.map(|here| fill_n(w().panel_here, here as u64))
}

/// What somebody is, as a word beside their name. That of a member goes without saying.
#[must_use]
pub fn role_word(role: Role, inactive: bool) -> Option<El> {
    let (is, words) = match role {
        _ if inactive => ("off", w().role_off),
        Role::Owner => ("owner", w().role_owner),
        Role::Admin => ("admin", w().role_admin),
        Role::Guest => ("guest", w().role_guest),
        Role::Bot => ("bot", w().role_bot),
        Role::Member => return None,
    };
    Some(el("span").class("person__is").attr("data-is", is).text(words))
}

/// How many there are, in words.
#[must_use]
pub fn members_words(n: u32) -> String {
    let n = u64::from(n);
    fill_n(lang().plural(n, w().room_members_one, w().room_members), n)
}

/// `See all 24`.
#[must_use]
pub fn all_words(n: u32) -> String {
    fill(w().panel_all, &[("n", &n.to_string())])
}
