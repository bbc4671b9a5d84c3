//! The question before someone else's message is deleted: the message is quoted, so that it is this one.

use std::sync::Arc;

use leptos::prelude::*;

use super::{alert::alert, dialog::dialog, phrase::phrase};
use crate::{
    browser::prefs::w,
    dom::{El, button, el},
    text::short::spoken,
};

/// Which message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// In which room.
    pub room: Arc<str>,
    /// Its key.
    pub key: Arc<str>,
    /// Who wrote it.
    pub author: String,
    /// What it says.
    pub text: String,
}

/// The dialog, open while there is something to ask about; `wrong` says why the message was not deleted.
#[must_use]
pub fn delete_message(
    asked: RwSignal<Option<Asked>>,
    busy: Signal<bool>,
    wrong: Signal<Option<String>>,
    delete: Callback<()>,
) -> El {
    let open = Signal::derive(move || asked.with(Option::is_some));
    let closed = Callback::new(move |()| asked.set(None));
    let go = move || {
        if !busy.get_untracked() {
            delete.run(());
        }
    };
    dialog("delete-message", w().del_ask_t, open, Some(closed), move || {
        let Some(Asked { author, text, .. }) = asked.get_untracked() else { return Vec::new() };
        let quote = el("blockquote")
            .class("kept")
            .children([el("small").child(el("bdi").text(&author)), el("p").attr("dir", "auto").text(&spoken(&text))]);
        let form = el("div").class("form").children([phrase(el("p"), w().del_ask_b, &[("a", &author)]), quote]);
        let foot = el("footer").class("dialog__foot dialog__do").children([
            button("btn push").text(w().room_cancel).press(move || asked.set(None)),
            button("btn btn--danger")
                .flag_of("data-busy", move || busy.get())
                .true_of("aria-busy", move || busy.get())
                .text(w().msg_delete)
                .press(go),
        ]);
        vec![alert(form, wrong), foot]
    })
}
