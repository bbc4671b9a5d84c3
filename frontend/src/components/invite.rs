//! Inviting people: one button makes a link, which is shown once and copied.

use leptos::{prelude::*, task::spawn_local};

use super::{alert::alert, dialog::dialog, icon::icon, phrase::phrase};
use crate::{
    browser::{
        clipboard, focus,
        prefs::{lang, w},
        time,
    },
    dom::{El, button, effect, el},
    i18n::fill,
};

/// A link that was just made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The whole address.
    pub url: String,
    /// When it stops working, in Unix milliseconds.
    pub until_ms: Option<i64>,
}

/// The dialog, for the workspace `place`. `made` is the link, once it was made, and forgotten when the dialog closes: the
/// server keeps only a fingerprint of it. `wrong` says why it could not be made.
#[must_use]
pub fn invite(
    open: RwSignal<bool>,
    place: Signal<String>,
    made: RwSignal<Option<Made>>,
    busy: Signal<bool>,
    wrong: Signal<Option<String>>,
    make: Callback<()>,
) -> El {
    let closed = Callback::new(move |()| {
        open.set(false);
        made.set(None);
    });
    let waits = move || made.with(Option::is_none);
    let lead = move || match made.get() {
        Some(made) => made_link(&made),
        None => phrase(el("p"), w().invite_lead, &[("team", &place.get())]),
    };
    let go = move || untrack(waits).then(|| el("div").child(make_button(busy, make)));
    dialog("invite", w().invite_t, open.into(), Some(closed), move || {
        let form = el("div").class("form").swap(move || Some(lead()));
        vec![alert(form, wrong).swap_on(waits, go)]
    })
}

fn make_button(busy: Signal<bool>, make: Callback<()>) -> El {
    let press = move || {
        if !busy.get_untracked() {
            make.run(());
        }
    };
    button("btn btn--main")
        .flag_of("data-busy", move || busy.get())
        .true_of("aria-busy", move || busy.get())
        .text(w().invite_make)
        .press(press)
}

/// The link, and the button that copies it.
fn made_link(made: &Made) -> El {
    let copied = RwSignal::new(false);
    let field = el("input")
        .class("input made__link")
        .flag("readonly", true)
        .attr("aria-label", w().invite_link)
        .attr("value", &*made.url);
    let (shown, source) = (field.clone(), field.clone());
    // Focus goes to what was asked for; the button that asked for it is gone.
    effect(move || focus::select_soon(shown.node()));
    let copy = move || {
        copied.set(false);
        let field = source.node();
        spawn_local(async move { copied.set(clipboard::copy_field(field).await) });
    };
    let said = move || if copied.get() { w().invite_copied.to_owned() } else { String::new() };
    let until = made
        .until_ms
        .map(|at| el("small").class("quiet").text(&fill(w().join_valid, &[("date", &time::date_words(lang(), at))])));
    el("div")
        .class("made")
        .children([
            el("b").attr("role", "status").text(w().invite_made),
            field,
            el("div").class("made__do").children([
                button("btn btn--main").child(icon("#copy")).text(w().invite_copy).press(copy),
                el("span").attr("role", "status").text_of(said),
            ]),
        ])
        .child(until)
        .child(el("small").class("quiet").text(w().invite_once_note))
}
