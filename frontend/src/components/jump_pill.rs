//! The pill that leads back to the foot, and how much is new there.

use leptos::prelude::*;

use super::icon::icon;
use crate::{
    browser::prefs::{first as w, lang},
    dom::{El, button, el},
    i18n::fill_n,
};

/// Adds the pill to the `stage` while it is `shown`; `fresh` messages of others below the view have not been seen.
#[must_use]
pub fn jump_pill(stage: El, shown: Signal<bool>, fresh: Signal<u32>, jump: Callback<()>) -> El {
    let pill = move || {
        button("latest")
            .child(el("span").text_of(move || words(fresh.get())))
            .child(icon("#latest"))
            .swap_on(
                move || fresh.get() > 0,
                move || (fresh.get_untracked() > 0).then(|| el("span").class("sr").text(". ").text(w().latest_jump)),
            )
            .press(move || jump.run(()))
    };
    stage.swap_on(move || shown.get(), move || shown.get_untracked().then(pill))
}

fn words(fresh: u32) -> String {
    match u64::from(fresh) {
        0 => w().latest_jump.to_owned(),
        n => fill_n(lang().plural(n, w().latest_one, w().latest_n), n),
    }
}
