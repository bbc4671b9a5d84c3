//! What a person chose on this device: language and theme. `assets/boot.js` reads the same two keys before first paint.

use std::cell::Cell;

use leptos::prelude::*;

use shared::member::HourCycle;

use super::{page, time};
use crate::i18n::{Doors, First, Lang, Words};

const LANG_KEY: &str = "teahouse.lang";
const THEME_KEY: &str = "teahouse.theme";

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// As the system says.
    System,
    /// Rice paper.
    Light,
    /// Roasted oolong.
    Dark,
}

impl Theme {
    /// The value of `data-theme`, and what is stored; `None` follows the system.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// The choices as signals. Copied freely; changing them writes the page's attributes and this device's storage.
#[derive(Clone, Copy, Debug)]
pub struct Prefs {
    lang: RwSignal<Lang>,
    theme: RwSignal<Theme>,
    hours: RwSignal<HourCycle>,
}

impl Prefs {
    /// Reads the stored choices, falling back to what the browser asks for, and makes them the context.
    pub fn provide() -> Self {
        let lang = page::stored(LANG_KEY).and_then(|tag| Lang::from_tag(&tag)).unwrap_or_else(asked_for);
        let theme = match page::stored(THEME_KEY).as_deref() {
            Some("light") => Theme::Light,
            Some("dark") => Theme::Dark,
            _ => Theme::System,
        };
        let prefs = Self { lang: RwSignal::new(lang), theme: RwSignal::new(theme), hours: RwSignal::default() };
        LANG.set(lang);
        page::set_root_attribute("lang", Some(lang.tag()));
        page::set_root_attribute("data-theme", theme.name());
        provide_context(prefs);
        prefs
    }

    /// The language, tracked.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.lang.get()
    }

    /// How hours are written, tracked.
    #[must_use]
    pub fn hours(&self) -> HourCycle {
        self.hours.get()
    }

    /// Changes how hours are written on this page. It is the account's to keep.
    pub fn set_hours(&self, hours: HourCycle) {
        if self.hours.get_untracked() != hours {
            time::set_hours(hours);
            self.hours.set(hours);
        }
    }

    /// Takes over the language that a person has set; `None` follows the browser.
    pub fn choose_lang(&self, lang: Option<Lang>) {
        match lang {
            Some(lang) => self.set_lang(lang),
            None => {
                self.set_lang(asked_for());
                page::store(LANG_KEY, None);
            }
        }
    }

    /// The theme, tracked.
    #[must_use]
    pub fn theme(&self) -> Theme {
        self.theme.get()
    }

    /// Changes the language, here and for the next visit.
    pub fn set_lang(&self, lang: Lang) {
        page::set_root_attribute("lang", Some(lang.tag()));
        page::store(LANG_KEY, Some(lang.tag()));
        LANG.set(lang);
        if self.lang.get_untracked() != lang {
            self.lang.set(lang);
        }
    }

    /// Changes the theme, here and for the next visit.
    pub fn set_theme(&self, theme: Theme) {
        page::set_root_attribute("data-theme", theme.name());
        page::store(THEME_KEY, theme.name());
        self.theme.set(theme);
    }
}

/// The first language that the browser asks for and that we speak.
fn asked_for() -> Lang {
    page::languages().iter().find_map(|tag| Lang::from_tag(tag)).unwrap_or(Lang::En)
}

/// The choices of this device.
///
/// # Panics
/// Outside the application: [`Prefs::provide`] runs first thing in it.
#[must_use]
pub fn use_prefs() -> Prefs {
    expect_context()
}

thread_local! {
    static LANG: Cell<Lang> = const { Cell::new(Lang::En) };
}

/// The language of this page. Not tracked: a change of language draws the page anew (`app`).
#[must_use]
pub fn lang() -> Lang {
    LANG.get()
}

/// The strings of this page that the first download has: what is in it imports this one as `w`.
#[must_use]
pub fn first() -> &'static First {
    lang().first()
}

/// The strings of this page that the doors have: what is in their part imports this one as `w`.
#[must_use]
pub fn doors() -> &'static Doors {
    lang().doors()
}

/// All strings of this page, which come with the screens of `crate::later`.
#[must_use]
pub fn w() -> &'static Words {
    lang().words()
}
