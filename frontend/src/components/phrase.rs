//! A sentence with elements in its holes: a name stays a `<bdi>`, whatever the language makes of the order.

use crate::{
    dom::{El, el},
    i18n::{Part, parts},
};

/// Adds a sentence to an element, the value of each hole in a `<bdi>`, so that a name of any script or direction cannot
/// reorder the words around it (Unicode UAX #9 §2.7).
#[must_use]
pub fn phrase(mut into: El, sentence: &'static str, values: &[(&str, &str)]) -> El {
    for part in parts(sentence) {
        into = match part {
            Part::Words(words) => into.text(words),
            Part::Hole(hole) => {
                let value = values.iter().find(|(name, _)| *name == hole).map_or("", |(_, value)| value);
                into.child(el("bdi").text(value))
            }
        };
    }
    into
}
