//! The dialog of a new direct message: whom it is for, and that there is such a conversation already.

use leptos::prelude::*;
use shared::limits::DIRECT_PEOPLE_MAX;

use super::{
    alert::alert,
    dialog::dialog,
    icon::icon,
    names::{NamesField, names_field},
};
use crate::{
    browser::prefs::w,
    dom::{El, button, el},
    i18n::fill_n,
    state::names::Names,
};

/// What the dialog holds.
#[derive(Clone, Copy, Debug)]
pub struct NewDirect {
    /// It is open.
    pub open: RwSignal<bool>,
    /// Whom it is for.
    pub names: RwSignal<Names>,
    /// Whom the field offers.
    pub source: Callback<RwSignal<Names>>,
    /// These people and the person at this screen talk already.
    pub there: Signal<bool>,
    /// It is being begun.
    pub busy: Signal<bool>,
    /// Why it could not be.
    pub wrong: Signal<Option<String>>,
    /// Begins the conversation, or opens the one there is.
    pub start: Callback<()>,
}

/// The dialog.
#[must_use]
pub fn new_direct(direct: NewDirect) -> El {
    let NewDirect { open, names, there, busy, wrong, start, .. } = direct;
    let closed = Callback::new(move |()| open.set(false));
    let chosen = move || names.with(|names| names.chosen.len());
    let too_many = move || chosen() >= DIRECT_PEOPLE_MAX;
    dialog("new-direct", w().dm_title, open.into(), Some(closed), move || {
        let field = NamesField {
            id: "direct-names",
            label: w().dm_ph,
            hint: w().dm_ph,
            labelled: false,
            listed: true,
            names,
            offer: direct.source,
        };
        let known = move || {
            let go = button("btn btn--small btn--text").text(w().dm_open).press(move || start.run(()));
            let words = el("p").text(w().dm_have);
            there
                .get_untracked()
                .then(|| el("div").class("there").attr("role", "status").children([icon("#thread"), words, go]))
        };
        let crowded = move || {
            let words = fill_n(w().dm_many, DIRECT_PEOPLE_MAX as u64);
            untrack(too_many).then(|| el("p").class("form__bad").attr("role", "alert").text(&words))
        };
        let form = el("div").class("form").children(names_field(field));
        let form = form.swap_on(move || there.get(), known).swap_on(too_many, crowded);
        let cannot = move || chosen() == 0 || too_many();
        let go = button("btn btn--main push")
            .true_of("aria-disabled", cannot)
            .flag_of("data-busy", move || busy.get())
            .true_of("aria-busy", move || busy.get())
            .text(w().dm_go)
            .press(move || {
                if !untrack(cannot) && !busy.get_untracked() {
                    start.run(());
                }
            });
        let foot = el("footer").class("dialog__foot dialog__do");
        vec![alert(form, wrong), foot.children([el("small").class("quiet grow").text(w().dm_note), go])]
    })
    .class("ask--wide")
}
