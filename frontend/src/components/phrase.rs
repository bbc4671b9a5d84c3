//! A sentence with elements in its holes: a name stays a `<bdi>`, whatever the language makes of the order.

use crate::{
    dom::{El, el},
    i18n::{Part, parts},
};

/// Adds a sentence to an element, the value of each hole in a `<bdi>`, so that a name of any script or direction cannot
/// reorder the words around it (Unicode UAX #9 §2.7).
#[must_use]
pub fn phrase(into: El, sentence: &'static str, values: &[(&str, &str)]) -> El {
    phrase_of(into, sentence, &|hole| {
        let value = values.iter().find(|(name, _)| *name == hole).map_or("", |(_, value)| value);
        el("bdi").text(value)
    })
}

/// The same with an element of one's own in each hole, by its name.
#[must_use]
pub fn phrase_of(mut into: El, sentence: &'static str, value: &dyn Fn(&str) -> El) -> El {
    for part in parts(sentence) {
        into = match part {
            Part::Words(words) => into.text(words),
            Part::Hole(hole) => into.child(value(hole)),
        };
    }
    into
}
