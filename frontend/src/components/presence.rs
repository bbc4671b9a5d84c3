//! Whether somebody is here: a dot on their seal, and a word for those who do not see it (`ux.md` §3, "Seal + presence").
//!
//! A disc is active, a ring is away. Nothing is offline, or not known; only the word tells these two apart.

use shared::presence::PresenceLevel;

use crate::{
    browser::prefs::first as w,
    dom::{El, el},
};

/// The dot of a seal, which goes into it.
#[must_use]
pub fn dot(level: impl Fn() -> Option<PresenceLevel> + 'static) -> El {
    el("i").class("pres").attr_of("data-is", move || match level()? {
        PresenceLevel::Active => Some("here"),
        PresenceLevel::Away => Some("away"),
        PresenceLevel::Offline => None,
    })
}

/// The word, to go behind the name.
#[must_use]
pub fn said(level: impl Fn() -> Option<PresenceLevel> + 'static) -> El {
    el("span").class("sr").text_of(move || {
        let word = level().map(|level| match level {
            PresenceLevel::Active => w().pres_here,
            PresenceLevel::Away => w().pres_away,
            PresenceLevel::Offline => w().pres_gone,
        });
        word.map(|word| [", ", word].concat()).unwrap_or_default()
    })
}
