//! An icon of the sprite in `index.html`. It never says anything alone: a label or a word is always beside it.

use crate::dom::{El, svg};

/// The symbol `of`, written with its number sign: `icon("#hash")`.
#[must_use]
pub fn icon(of: &'static str) -> El {
    icon_in("icon", of)
}

/// The same with more classes, beside `icon`.
#[must_use]
pub fn icon_in(classes: &'static str, of: &'static str) -> El {
    svg("svg").class(classes).attr("aria-hidden", "true").child(svg("use").attr("href", of))
}
