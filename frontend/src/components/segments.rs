//! A few exclusive choices side by side: a group of radio buttons that looks like one control.

use leptos::prelude::*;

use super::icon::icon;
use crate::dom::{El, el};

/// One choice.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    /// The id of its radio button, unique on the page.
    pub id: &'static str,
    /// Its word.
    pub label: &'static str,
    /// Its icon, if it has one.
    pub icon: Option<&'static str>,
    /// The language of its word, if it is not the page's.
    pub lang: Option<&'static str>,
}

/// The choices, of which the one at `chosen` holds. `name` joins the radio buttons, `label` is read out before them, and
/// `choose` hears of another choice.
#[must_use]
pub fn segments(
    name: &'static str,
    label: &'static str,
    choices: &[Segment],
    chosen: impl Fn() -> usize + Copy + 'static,
    choose: Callback<usize>,
) -> El {
    let mut group = el("div").class("seg").attr("role", "radiogroup").attr("aria-label", label);
    for (at, choice) in choices.iter().enumerate() {
        let radio = el("input")
            .id(choice.id)
            .attr("type", "radio")
            .attr("name", name)
            .checked_of(move || chosen() == at)
            .on("change", move |_: leptos::ev::Event| choose.run(at));
        group = group.child(
            el("label")
                .attr("lang", choice.lang)
                .child(radio)
                .child(choice.icon.map(icon))
                .child(el("span").text(choice.label)),
        );
    }
    group
}
