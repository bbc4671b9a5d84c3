//! A page in the room's place: its name, how much there is of it, and a body of ruled lines. The rail stays beside it.

use leptos::{ev::MouseEvent, prelude::*};

use super::icon::icon;
use crate::{
    browser::prefs::w,
    dom::{El, el},
};

/// What the pane is made of.
pub struct Pane {
    /// The icon before its name.
    pub icon: &'static str,
    /// Its name.
    pub title: &'static str,
    /// What stands beside the name.
    pub says: Box<dyn Fn() -> String>,
    /// What can be done, at the end of the header.
    pub deed: Option<El>,
    /// Leads to the rooms, on a phone.
    pub back: Callback<()>,
    /// What is below the header.
    pub body: Vec<El>,
}

/// The parts of the pane, for the room's grid.
#[must_use]
pub fn pane(pane: Pane) -> Vec<El> {
    let Pane { icon: sign, title, says, deed, back, body } = pane;
    let back = move |event: MouseEvent| {
        event.prevent_default();
        back.run(());
    };
    let lead = el("a").class("tool").attr("href", "/").attr("aria-label", w().nav_back).child(icon("#back"));
    let name = el("h1")
        .class("bar__title")
        .id("page-name")
        .attr("tabindex", "-1")
        .children([icon(sign), el("span").class("clip").text(title)]);
    let header = el("header")
        .class("bar")
        .child(el("span").class("bar__lead").child(lead.on("click", back)))
        .child(name)
        .child(el("div").class("bar__mid").child(el("p").class("bar__topic clip").text_of(says)))
        .child(deed);
    let body = el("div")
        .class("page__body")
        .attr("tabindex", "0")
        .attr("role", "group")
        .attr("aria-label", title)
        .children(body);
    vec![header, el("div"), body]
}
