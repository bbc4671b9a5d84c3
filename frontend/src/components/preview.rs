//! What is seen beside a door: the place as its guests will find it.

use leptos::prelude::*;

use super::{
    icon::{icon, icon_in},
    phrase::phrase,
};
use crate::{
    browser::prefs::doors as w,
    dom::{El, el},
    i18n::fill,
};

/// The name of the first room, in its sheet.
const ROOM: &str = "general";
const ROOM_SIGN: &str = "# general";

/// The first room of a place whose name is still being typed.
#[must_use]
pub fn place_preview(name: RwSignal<String>) -> El {
    let shown = move || match name.get() {
        name if name.trim().is_empty() => w().app_name.to_owned(),
        name => name,
    };
    let row = el("span")
        .class("row")
        .attr("aria-current", "true")
        .children([icon("#hash"), el("span").class("row__name").text(ROOM)]);
    let rail = el("div").class("rail").children([
        el("div")
            .class("rail__head")
            .children([icon_in("icon mark", "#mark"), el("bdi").class("rail__name clip").text_of(shown)]),
        el("ul").child(el("li").child(row)),
    ]);
    let label = fill(w().comp_label, &[("room", ROOM_SIGN)]);
    let compose =
        el("div").class("compose").attr("aria-hidden", "true").child(el("div").class("compose__box").children([
            el("span").class("quiet sheet__compose").text(&label),
            el("span").class("tool").child(icon("#up")),
        ]));
    let room = el("div").class("sheet__room").children([
        el("div").class("bar").child(el("span").class("bar__title").child(icon("#hash")).text(ROOM)),
        el("div")
            .class("start")
            .children([phrase(el("h2"), w().empty_room_t, &[("room", ROOM_SIGN)]), el("p").text(w().empty_room_b)]),
        compose,
    ]);
    let caption = el("figcaption").child(icon("#eye")).text(w().setup_preview);
    side(w().setup_preview, el("figure").class("sheet sheet--app").children([rail, room, caption]))
}

/// What stands beside a door, and its name for those who do not see it.
#[must_use]
pub fn side(label: &str, sheet: El) -> El {
    el("aside").class("door__side").attr("aria-label", label).child(sheet)
}
