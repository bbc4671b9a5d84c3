//! The settings, as far as there are any: language, theme, and leaving this device.

use leptos::prelude::*;

use super::{
    alert::alert,
    dialog::dialog,
    icon::icon,
    segments::{Segment, segments},
};
use crate::{
    browser::prefs::{Theme, use_prefs, w},
    dom::{El, button, el},
    i18n::Lang,
};

/// The settings dialog. `failed` says that signing out did not reach the server.
#[must_use]
pub fn settings(open: RwSignal<bool>, failed: Signal<Option<String>>, sign_out: Callback<()>) -> El {
    let close = Callback::new(move |()| open.set(false));
    dialog("settings", w().set_title, open.into(), Some(close), move || {
        let leave = button("btn").child(icon("#leave")).text(w().dev_out).press(move || sign_out.run(()));
        let page = el("div").class("dialog__page").children([
            set(w().set_theme, theme_choice()),
            set(w().set_language, language_choice()),
            set(w().dev_here, leave),
        ]);
        vec![alert(page, failed), el("p").class("dialog__foot").text(w().set_saved)]
    })
}

/// A line of the dialog: what it sets, and the control.
fn set(label: &'static str, control: El) -> El {
    el("div").class("set").children([el("span").text(label), control])
}

fn theme_choice() -> El {
    const THEMES: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];
    let prefs = use_prefs();
    let choice = |id, label, icon| Segment { id, label, icon: Some(icon), lang: None };
    let choices = [
        choice("theme-system", w().set_system, "#screen"),
        choice("theme-light", w().set_light, "#sun"),
        choice("theme-dark", w().set_dark, "#moon"),
    ];
    let chosen = move || THEMES.iter().position(|theme| *theme == prefs.theme()).unwrap_or_default();
    segments("theme", w().set_theme, &choices, chosen, Callback::new(move |at: usize| prefs.set_theme(THEMES[at])))
}

fn language_choice() -> El {
    const LANGS: [Lang; 2] = [Lang::En, Lang::Zh];
    let prefs = use_prefs();
    let choice = |id, label, lang: Lang| Segment { id, label, icon: None, lang: Some(lang.tag()) };
    let choices = [choice("lang-en", "English", Lang::En), choice("lang-zh", "简体中文", Lang::Zh)];
    let chosen = move || LANGS.iter().position(|lang| *lang == prefs.lang()).unwrap_or_default();
    segments("lang", w().set_language, &choices, chosen, Callback::new(move |at: usize| prefs.set_lang(LANGS[at])))
}
