//! The bell of a room: how much the person hears of it, chosen with one press (`ux.md` §15, "Involvement").

use leptos::prelude::*;
use shared::room::Level;

use super::{
    icon::{icon, icon_in},
    menu::menu,
};
use crate::{
    browser::prefs::first as w,
    dom::{El, button, el},
    i18n::fill,
    state::view::RoomRow,
};

/// The levels as the menu has them.
const LEVELS: [Level; 4] = [Level::Everything, Level::Mentions, Level::Nothing, Level::Hidden];

/// The bell, whose own icon shows the level, and its menu.
#[must_use]
pub fn involvement(room: Signal<RoomRow>, choose: Callback<Level>) -> El {
    let level = move || room.with(|room| room.level);
    let expanded = RwSignal::new(false);
    let label = move || Some(fill(w().room_notify, &[("level", words(level()).0)]));
    let bell = button("tool")
        .id("open-levels")
        .attr("popovertarget", "involve")
        .attr("aria-haspopup", "menu")
        .state_of("aria-expanded", move || expanded.get())
        .attr_text_of("aria-label", label)
        .swap_on(level, move || Some(icon(untrack(|| words(level()).2))));
    let title = move || Some(fill(w().inv_title, &[("room", &room.with(|room| room.title()))]));
    let items = LEVELS.map(|of| item(of, level, choose));
    el("span").children([bell, menu("involve", title, expanded, items.into())])
}

fn item(of: Level, level: impl Fn() -> Level + Copy + 'static, choose: Callback<Level>) -> El {
    let (name, note, sign) = words(of);
    button("")
        .attr("role", "menuitemradio")
        .attr("tabindex", "-1")
        .state_of("aria-checked", move || level() == of)
        .attr("popovertarget", "involve")
        .attr("popovertargetaction", "hide")
        .child(icon(sign))
        .child(el("span").text(name).child(el("small").text(note)))
        .child(icon_in("icon tick", "#check"))
        .press(move || choose.run(of))
}

/// A level's name, what it means, and its icon.
fn words(level: Level) -> (&'static str, &'static str, &'static str) {
    match level {
        Level::Everything => (w().inv_all, w().inv_all_note, "#bell"),
        Level::Mentions => (w().inv_men, w().inv_men_note, "#at"),
        Level::Nothing => (w().inv_none, w().inv_none_note, "#belloff"),
        Level::Hidden => (w().inv_hide, w().inv_hide_note, "#eyeoff"),
    }
}
