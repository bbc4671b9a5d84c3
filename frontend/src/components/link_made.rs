//! A link that was just made: its picture for a camera, the link itself, and what can be done with it. It is shown once.

use leptos::{prelude::*, task::spawn_local};

use super::icon::icon;
use crate::{
    browser::{clipboard, focus, page, prefs::w},
    dom::{El, button, effect, el},
};

/// What is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The whole address.
    pub url: String,
    /// Its picture: an SVG document of the server's.
    pub qr: String,
    /// What it is, in a sentence; may be empty.
    pub says: String,
    /// What becomes of it, in a sentence.
    pub note: &'static str,
    /// Whether to offer the system's ways of passing it on: sharing and printing.
    pub passes_on: bool,
}

/// The link under a heading. Focus goes to the link, which is selected.
#[must_use]
pub fn link_made(heading: El, link: &Link) -> El {
    let field = el("input")
        .class("input made__link")
        .flag("readonly", true)
        .attr("aria-label", w().invite_link)
        .attr("value", &*link.url);
    let shown = field.clone();
    effect(move || focus::select_soon(shown.node()));
    let says = (!link.says.is_empty()).then(|| el("p").text(&link.says));
    let words = el("div")
        .child(heading)
        .child(says)
        .child(field.clone())
        .child(deeds(link, field))
        .child(el("small").class("quiet").text(link.note));
    el("div").class("made").children([picture(&link.qr), words])
}

/// The picture, as an image: whatever the document holds, it runs nothing and reaches nothing (HTML §4.8.3).
#[must_use]
pub fn picture(qr: &str) -> El {
    let address = ["data:image/svg+xml,", &page::escaped(qr)].concat();
    el("span").class("qr").child(el("img").attr("src", &*address).attr("alt", w().invite_qr))
}

fn deeds(link: &Link, field: El) -> El {
    let copied = RwSignal::new(false);
    let copy = move || {
        copied.set(false);
        let field = field.node();
        spawn_local(async move { copied.set(clipboard::copy_field(field).await) });
    };
    let mut all = vec![button("btn btn--main").child(icon("#copy")).text(w().invite_copy).press(copy)];
    if link.passes_on {
        if page::can_share() {
            let url = link.url.clone();
            all.push(button("btn").child(icon("#share")).text(w().invite_share).press(move || page::share(&url)));
        }
        all.push(button("btn").text(w().invite_print).press(page::print));
    }
    let said = move || if copied.get() { w().invite_copied.to_owned() } else { String::new() };
    all.push(el("span").class("quiet").attr("role", "status").text_of(said));
    el("div").class("made__do").children(all)
}
