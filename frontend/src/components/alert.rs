//! What went wrong with something as a whole: one line, read out at once.

use leptos::prelude::*;

use crate::dom::{El, el};

/// Adds the line to `form`, while there is something wrong.
#[must_use]
pub fn alert(form: El, wrong: Signal<Option<String>>) -> El {
    form.swap(move || wrong.get().map(|words| el("p").class("form__bad").attr("role", "alert").text(&words)))
}
