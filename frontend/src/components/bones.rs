//! The shape of messages that are on their way: hairlines, shown only when the wait is felt.

use crate::{
    browser::prefs::first as w,
    dom::{El, el},
};

/// A few rows without words, and a word for those who do not see them. The delay of 150 ms is the style's.
#[must_use]
pub fn bones() -> Vec<El> {
    let bone = |class: &str| el("span").class(class);
    let row = |lines: &[&str]| {
        let mut shape = el("div").class("bones").child(bone("bone bone--1"));
        for line in lines {
            shape = shape.child(bone(line));
        }
        el("li").class("msg").flag("data-head", true).children([bone("bone bone--seal"), shape])
    };
    vec![
        el("span").class("sr").attr("role", "status").text(w().room_loading),
        el("ol").class("wait__rows").attr("aria-hidden", "true").children([
            row(&["bone bone--2"]),
            row(&["bone bone--3", "bone bone--4"]),
            row(&["bone bone--2", "bone bone--1"]),
        ]),
    ]
}
