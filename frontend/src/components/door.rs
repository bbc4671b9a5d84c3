//! The frame of the doors: the mark, one form, and beside it what waits inside.

use leptos::{ev::SubmitEvent, prelude::*};

use super::{alert::alert, icon::icon_in};
use crate::{
    browser::prefs::{doors as w, lang, use_prefs},
    dom::{El, button, el},
    i18n::Lang,
};

/// A door: `place` is the name beside the mark (the product's own while it is empty), `side` what is seen through the
/// door, `inside` the form and its words.
#[must_use]
pub fn door(place: Signal<String>, side: Option<El>, inside: Vec<El>) -> El {
    let name = move || if place.with(String::is_empty) { w().app_name.to_owned() } else { place.get() };
    let brand = el("div").class("door__brand").children([icon_in("icon mark", "#mark"), el("bdi").text_of(name)]);
    el("main")
        .class(if side.is_none() { "door door--one" } else { "door" })
        .child(el("div").class("door__form").child(brand).children(inside).child(language_switch()))
        .child(side)
}

/// The other language, in its own words: whoever needs it can read it.
fn language_switch() -> El {
    let prefs = use_prefs();
    let (other, name) = if lang() == Lang::En { (Lang::Zh, "中文") } else { (Lang::En, "English") };
    let switch = button("btn btn--small btn--text")
        .id("other-language")
        .attr("lang", other.tag())
        .text(name)
        .press(move || prefs.set_lang(other));
    el("p").class("door__foot").child(switch)
}

/// Ends a form: room for what is `wrong` with no field in particular, and one wide button whose word is `go`.
#[must_use]
pub fn end(form: El, wrong: Signal<Option<String>>, go: &'static str, busy: Signal<bool>) -> El {
    alert(form, wrong).child(send_button(go, busy))
}

/// A form that is sent once at a time, and by this program, not by the browser.
#[must_use]
pub fn form(busy: Signal<bool>, send: Callback<()>) -> El {
    el("form").flag("novalidate", true).on("submit", move |event: SubmitEvent| {
        event.prevent_default();
        if !busy.get_untracked() {
            send.run(());
        }
    })
}

/// The one wide button of a form.
#[must_use]
pub fn send_button(go: &'static str, busy: Signal<bool>) -> El {
    el("button")
        .class("btn btn--main btn--wide")
        .true_of("aria-busy", move || busy.get())
        .flag_of("data-busy", move || busy.get())
        .text(go)
}
