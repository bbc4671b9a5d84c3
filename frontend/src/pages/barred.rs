//! In the place of everything: the account was banned or deactivated. What was written and not sent is there until the page
//! is closed; all else of the place has left this device.

use leptos::{prelude::*, task::spawn_local};

use super::Draw;
use crate::{
    browser::{
        clipboard, focus, page,
        prefs::{doors as w, lang},
        time,
    },
    chat::use_chat,
    components::{door::door, icon::icon, phrase::phrase},
    dom::{El, button, effect, el},
    i18n::fill,
    state::view::Barred,
};

/// The page.
#[must_use]
pub fn barred() -> Draw {
    let chat = use_chat();
    effect(|| focus::focus_soon("barred"));
    Box::new(move || {
        // When the last of the account is forgotten, what was kept is known.
        chat.own.track();
        chat.barred().as_ref().map(notice).into_iter().collect()
    })
}

fn notice(why: &Barred) -> El {
    let title = if why.banned { w().banned_t } else { w().off_t };
    let (hour, values) = (time::hour(lang(), why.at_ms), [("team", &*why.place)]);
    page::set_title(&fill(title, &values));
    let lead = if why.banned {
        el("p").class("door__lead").text(&fill(w().banned_b, &[("t", &hour)]))
    } else {
        phrase(el("p").class("door__lead"), w().off_b, &values)
    };
    let heading = phrase(el("h1").id("barred").attr("tabindex", "-1"), title, &values);
    let mut inside = vec![heading, lead];
    if !why.kept.is_empty() {
        inside.extend(kept(&why.kept));
    }
    door(Signal::stored(why.place.clone()), None, inside)
}

/// The person's own words, and a way to take them along.
fn kept(text: &str) -> [El; 2] {
    let copied = RwSignal::new(false);
    let field = el("textarea").class("sr").flag("readonly", true).attr("tabindex", "-1").attr("aria-hidden", "true");
    let (source, own) = (field.clone(), text.to_owned());
    let copy = move || {
        copied.set(false);
        let (field, own) = (source.node(), own.clone());
        spawn_local(async move { copied.set(clipboard::copy_text(&own, field).await) });
    };
    let said = move || if copied.get() { w().invite_copied.to_owned() } else { String::new() };
    let words = el("div").class("kept").children([
        el("small").text(w().banned_kept),
        el("p").class("kept__text").attr("dir", "auto").text(text),
        field,
    ]);
    let take = el("div").class("made__do").children([
        button("btn").child(icon("#copy")).text(w().banned_copy).press(copy),
        el("span").attr("role", "status").text_of(said),
    ]);
    [words, take]
}
