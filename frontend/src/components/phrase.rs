//! A sentence with elements in its holes: a name stays a `<bdi>`, whatever the language makes of the order.

use leptos::prelude::*;

use crate::{
    browser::prefs::words,
    i18n::{Part, Words, parts},
};

/// Draws a sentence, putting the value of each hole into a `<bdi>`, so that a name of any script or direction cannot
/// reorder the words around it (Unicode UAX #9 §2.7).
#[component]
pub fn Phrase(
    /// The sentence.
    of: fn(&'static Words) -> &'static str,
    /// Hole and value.
    #[prop(into)]
    values: Signal<Vec<(&'static str, String)>>,
) -> impl IntoView {
    move || {
        let pieces = parts(of(words())).map(|part| match part {
            Part::Words(words) => words.into_any(),
            Part::Hole(hole) => {
                let value =
                    values.with(|values| values.iter().find(|(name, _)| *name == hole).map(|(_, value)| value.clone()));
                view! { <bdi>{value}</bdi> }.into_any()
            }
        });
        pieces.collect_view()
    }
}
