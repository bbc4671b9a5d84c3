//! Something that is on or off, and acts at once.

use leptos::prelude::*;

use crate::dom::{El, el};

/// A line of a form with a switch at its end. `id` is unique on the page; `flipped` hears of a change, and `on` shows what
/// holds.
#[must_use]
pub fn switch(
    id: &'static str,
    label: &str,
    note: Option<&str>,
    on: RwSignal<bool>,
    flipped: impl FnMut(bool) + 'static,
) -> El {
    let note_id = [id, "-note"].concat();
    let words = el("span").child(el("span").text(label)).child(note.map(|note| el("small").id(&note_id).text(note)));
    let control = el("input")
        .id(id)
        .class("switch")
        .attr("type", "checkbox")
        .attr("role", "switch")
        .attr("aria-label", label)
        .attr("aria-describedby", note.map(|_| &*note_id))
        .checked_of(move || on.get())
        .on_toggle(flipped);
    el("label").class("set").children([words, control])
}
