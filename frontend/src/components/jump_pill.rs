//! The pill that leads back to the foot, and how much is new there.

use leptos::prelude::*;

use super::icon::Icon;
use crate::{
    browser::prefs::{t, text},
    i18n::fill_n,
};

/// The pill, while it is wanted.
#[component]
pub fn JumpPill(
    /// Whether it is shown.
    #[prop(into)]
    shown: Signal<bool>,
    /// Messages of others below the view that have not been seen.
    #[prop(into)]
    fresh: Signal<u32>,
    /// Pressed.
    on_jump: Callback<()>,
) -> impl IntoView {
    let words = text(move |lang| match fresh.get() {
        0 => lang.words().latest_jump.to_owned(),
        n => fill_n(lang.plural(u64::from(n), lang.words().latest_one, lang.words().latest_n), u64::from(n)),
    });
    move || {
        shown.get().then(|| {
            view! {
                <button type="button" class="latest" on:click=move |_| on_jump.run(())>
                    <span>{words}</span>
                    <Icon of="#latest"/>
                    {move || (fresh.get() > 0).then(|| view! { <span class="sr">". "{t(|w| w.latest_jump)}</span> })}
                </button>
            }
        })
    }
}
