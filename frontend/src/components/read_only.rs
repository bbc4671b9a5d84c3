//! In the composer's place, where the person may read and not write: why, and what can be done about it.

use leptos::prelude::*;
use shared::policy::RoomAction;

use super::icon::icon;
use crate::{
    browser::prefs::first as w,
    dom::{El, button, el},
    i18n::fill,
    state::view::RoomRow,
};

/// The line; `restore` takes the room out of the archive.
#[must_use]
pub fn read_only(room: Signal<RoomRow>, restore: Callback<()>) -> El {
    let archived = move || room.with(|room| room.archived);
    let words = move || {
        let title = room.with(RoomRow::title);
        if archived() { fill(w().gone_arch, &[("room", &title)]) } else { w().room_post_only.to_owned() }
    };
    let can = move || room.with(|room| room.may(RoomAction::Restore));
    let back = move || can().then(|| button("btn").text(w().room_restore).press(move || restore.run(())));
    el("div").class("compose compose--shut").id("compose").attr("tabindex", "-1").child(
        el("div")
            .class("compose__shut")
            .swap_on(archived, move || Some(icon(if untrack(archived) { "#archive" } else { "#lock" })))
            .child(el("p").text_of(words))
            .swap_on(can, move || untrack(back)),
    )
}
