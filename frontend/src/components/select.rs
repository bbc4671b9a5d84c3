//! One of a few choices, in the browser's own list.

use leptos::prelude::*;

use crate::dom::{El, el};

/// A choice: its value, and its words.
pub type Choice = (String, String);

/// The list, which keeps `value` and what is chosen equal. `id` is unique on the page, or empty for none; a `label` inside is for a list that
/// has none beside it. `chosen` hears of another choice.
#[must_use]
pub fn select(
    id: &str,
    label: Option<&str>,
    choices: &[Choice],
    value: RwSignal<String>,
    chosen: impl FnMut(String) + 'static,
) -> El {
    let options: Vec<El> = choices.iter().map(|(value, words)| option(value, words)).collect();
    el("select")
        .class("select")
        .attr("id", Some(id).filter(|id| !id.is_empty()))
        .attr("aria-label", label)
        .children(options)
        // After the options: a value that is not among them is none.
        .value_of(value)
        .on_choice(chosen)
}

fn option(value: &str, words: &str) -> El {
    el("option").attr("value", value).text(words)
}

/// The list under its label, as a field of a form.
#[must_use]
pub fn select_field(
    id: &str,
    label: &str,
    choices: &[Choice],
    value: RwSignal<String>,
    chosen: impl FnMut(String) + 'static,
) -> El {
    el("div")
        .class("field")
        .children([el("label").attr("for", id).text(label), select(id, None, choices, value, chosen)])
}
