//! Who types in the room, above the composer. The line is there while nobody does: typing never moves a message. It is not read
//! out (`ux.md` §8).

use std::rc::Rc;

use super::phrase::phrase;
use crate::{
    browser::prefs::first as w,
    dom::{El, el, svg},
};

/// The line; the names are those of the people who type, in the order in which they began.
#[must_use]
pub fn typing_line(names: impl Fn() -> Vec<String> + 'static) -> El {
    let names = Rc::new(names);
    let drawn = names.clone();
    el("div").class("typing").swap_all_on(move || names(), move || inside(&drawn()))
}

fn inside(names: &[String]) -> Vec<El> {
    // Several are called by the first words of their names, as in the name of their conversation.
    let first = |name: &str| name.split(' ').next().unwrap_or_default().to_owned();
    let words = match names {
        [] => return Vec::new(),
        [one] => phrase(el("span"), w().typing_one, &[("a", one)]),
        [one, two] => phrase(el("span"), w().typing_two, &[("a", &first(one)), ("b", &first(two))]),
        _ => el("span").text(w().typing_many),
    };
    vec![steam(), words.class("clip")]
}

fn steam() -> El {
    let wisp = |d: &'static str| svg("path").attr("d", d);
    svg("svg").attr("class", "steam").attr("viewBox", "0 0 18 16").attr("aria-hidden", "true").children([
        wisp("M4 13c-2-2.5 2-4.5 0-8"),
        wisp("M9 13c-2-2.5 2-4.5 0-8"),
        wisp("M14 13c-2-2.5 2-4.5 0-8"),
    ])
}
