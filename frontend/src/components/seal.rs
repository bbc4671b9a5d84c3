//! A person as a seal: initials, or one Han character, on a glaze that hangs on the id.

use leptos::prelude::*;

use crate::{
    state::view::Person,
    text::seal::{glaze, letters},
};

/// A seal. Hidden from the accessibility tree: the name is always beside it.
#[component]
pub fn Seal(
    /// Whose.
    #[prop(into)]
    person: Signal<Person>,
    /// `m` in the rail, `l` at a door; empty beside a message.
    #[prop(default = "")]
    size: &'static str,
) -> impl IntoView {
    let letters = Memo::new(move |_| person.with(|person| letters(&person.name)));
    let glaze =
        move || person.with(|person| ["1", "2", "3", "4", "5", "6", "7", "8"][usize::from(glaze(&person.id)) - 1]);
    view! {
        <span
            class="seal"
            aria-hidden="true"
            data-glaze=glaze
            data-size=(!size.is_empty()).then_some(size)
            data-han=move || letters.with(|letters| letters.han.then_some(""))
        >
            {move || letters.with(|letters| letters.text.clone())}
        </span>
    }
}
