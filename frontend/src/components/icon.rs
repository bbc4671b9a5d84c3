//! An icon of the sprite in `index.html`. It never says anything alone: a label or a word is always beside it.

use leptos::prelude::*;

/// The symbol `of`, written with its number sign: `<Icon of="#hash"/>`.
#[component]
pub fn Icon(
    /// The symbol's address in this page.
    #[prop(into)]
    of: Signal<&'static str>,
    /// More classes, beside `icon`.
    #[prop(default = "icon")]
    class: &'static str,
) -> impl IntoView {
    view! { <svg class=class aria-hidden="true"><use_ href=of/></svg> }
}
