//! The people in a room, as a panel: by presence, then by name, with a filter, and adding to them.

use std::sync::Arc;

use leptos::prelude::*;
use shared::{member::Role, policy::RoomAction};

use super::{
    alert::alert,
    icon::icon,
    names::{NamesField, names_field},
    seal::seal,
};
use crate::{
    browser::{
        near_end,
        prefs::{lang, w},
    },
    dom::{El, button, el},
    i18n::{fill, fill_n},
    state::{
        members::{Line, People},
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

/// The panel.
#[must_use]
pub fn members(
    room: Signal<RoomRow>,
    list: RwSignal<People>,
    filter: RwSignal<String>,
    again: Callback<()>,
    more: Callback<()>,
    add: AddPeople,
    close: Callback<()>,
) -> El {
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
    let body = el("div").class("members__list").child(group(list));
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

/// All of them, by name.
fn group(list: RwSignal<People>) -> El {
    let keys = move || list.with(|list| list.lines.iter().map(|line| line.id.to_string().into()).collect());
    el("ul").attr("aria-label", w().panel_members).each(keys, move |person| line(person, list))
}

/// One person of a panel: the whole line opens the card.
#[must_use]
pub fn line(person: &Arc<str>, list: RwSignal<People>) -> El {
    let wanted = person.clone();
    let line =
        Memo::new(move |_| list.with(|list| list.lines.iter().find(|line| *line.id.to_string() == *wanted).cloned()));
    let inside = move || line.get().map(|line| inside(&line)).unwrap_or_default();
    let open = button("line").attr("data-person", &**person).attr("aria-haspopup", "dialog").swap_all(inside);
    el("li").child(open)
}

fn inside(line: &Line) -> Vec<El> {
    let person = Person { id: line.id.to_string(), name: line.name.clone() };
    let name = el("span").class("clip grow").child(el("bdi").text(&line.name));
    let mut parts = vec![seal(&person, Some("m")), name];
    parts.extend(role_word(line.role, line.inactive));
    parts
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
