//! When the ground moves: signed out, or a page too old for the server. What happened, what was kept, what to do.

use leptos::prelude::*;

use super::{
    dialog::dialog,
    door::{form, send_button},
    field::{Field, Kind},
};
use crate::{
    browser::prefs::first as w,
    dom::{El, button, el},
};

/// The session ended elsewhere: the same person signs in again over the page that was open. Nothing was lost, and
/// another person cannot come in here: the drafts behind this dialog are not theirs.
#[must_use]
pub fn signed_out_notice(
    open: Signal<bool>,
    name: RwSignal<String>,
    password: RwSignal<String>,
    busy: Signal<bool>,
    wrong: Signal<Option<String>>,
    send: Callback<()>,
) -> El {
    dialog("signed-out", w().out_t, open, None, move || {
        let fixed = Field { fixed: true, ..Field::new("out-name", w().in_name, Kind::Name, "username") };
        let secret = Field::new("out-password", w().in_password, Kind::Password, "current-password");
        vec![form(busy, send).class("form").children([
            el("p").text(w().out_b_else),
            fixed.draw(name, Signal::stored(None)),
            secret.draw(password, wrong),
            send_button(w().in_go, busy),
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
