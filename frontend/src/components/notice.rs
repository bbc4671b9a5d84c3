//! When the ground moves: signed out, or a page too old for the server. What happened, what was kept, what to do.

use leptos::prelude::*;

use super::{
    dialog::dialog,
    door::{form, send_button},
    field::{Field, Kind},
    phrase::phrase,
};
use crate::{
    browser::prefs::first as w,
    dom::{El, button, el},
    state::view::Person,
};

/// What the notice needs to know, and what it reports.
#[derive(Clone, Copy)]
pub struct SignedOut {
    /// Whether it is shown.
    pub open: Signal<bool>,
    /// Whose page it is.
    pub who: ReadSignal<Option<Person>>,
    /// Their sign-in name.
    pub name: RwSignal<String>,
    /// What is typed.
    pub password: RwSignal<String>,
    /// It is being sent, or may not be sent yet.
    pub busy: Signal<bool>,
    /// What is wrong.
    pub wrong: Signal<Option<String>>,
    /// Signs in again.
    pub send: Callback<()>,
    /// Somebody else wants to: everything of the first one's goes.
    pub other: Callback<()>,
}

/// The session ended elsewhere: the same person signs in again over the page that was open, and nothing was lost. Another
/// person comes in only after the drafts behind this dialog are gone.
#[must_use]
pub fn signed_out_notice(notice: SignedOut) -> El {
    let SignedOut { open, who, name, password, busy, wrong, send, other } = notice;
    dialog("signed-out", w().out_t, open, None, move || {
        let fixed = Field { fixed: true, ..Field::new("out-name", w().in_name, Kind::Name, "username") };
        let secret = Field::new("out-password", w().in_password, Kind::Password, "current-password");
        let person = who.get_untracked().map(|me| me.name).unwrap_or_default();
        let leave = button("btn btn--text btn--small").press(move || other.run(()));
        vec![form(busy, send).class("form").children([
            el("p").text(w().out_b_else),
            fixed.draw(name, Signal::stored(None)),
            secret.draw(password, wrong),
            send_button(w().in_go, busy),
            el("p").class("door__note").child(phrase(leave, w().out_other, &[("a", &person)])),
        ])]
    })
}

/// The server speaks a newer language than this page.
#[must_use]
pub fn too_old_notice(open: Signal<bool>, reload: Callback<()>) -> El {
    dialog("too-old", w().ver_old_t, open, None, move || {
        let go = button("btn btn--main").text(w().ver_old_go).press(move || reload.run(()));
        vec![el("div").class("form").children([el("p").text(w().ver_old_b), el("div").child(go)])]
    })
}
