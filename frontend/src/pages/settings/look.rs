//! How the place looks on this device, in which language and hours it speaks, and what others see of one's being here.

use std::sync::Arc;

use leptos::prelude::*;
use shared::{member::HourCycle, request::ChangePerson};

use super::Saver;
use crate::{
    browser::{
        page,
        prefs::{Theme, use_prefs, w},
    },
    components::{
        segments::{Segment, segments},
        select::{Choice, select},
        switch::switch,
    },
    dom::{El, el},
    i18n::Lang,
    state::view::Own,
};

pub(super) fn look() -> Vec<El> {
    const THEMES: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];
    let prefs = use_prefs();
    let choice = |id, label, icon| Segment { id, label, icon: Some(icon), lang: None };
    let choices = [
        choice("theme-system", w().set_system, "#screen"),
        choice("theme-light", w().set_light, "#sun"),
        choice("theme-dark", w().set_dark, "#moon"),
    ];
    let chosen = move || THEMES.iter().position(|theme| *theme == prefs.theme()).unwrap_or_default();
    let choose = Callback::new(move |at: usize| prefs.set_theme(THEMES[at]));
    vec![line(w().set_theme, None, segments("theme", w().set_theme, &choices, chosen, choose))]
}

pub(super) fn privacy(own: &Arc<Own>, saver: Saver) -> Vec<El> {
    let (here, typing) = (RwSignal::new(own.settings.shows_presence), RwSignal::new(own.settings.shows_typing));
    let show_here = move |now| {
        saver.flip(here, now, ChangePerson { shows_presence: Some(now), ..ChangePerson::default() });
    };
    let show_typing = move |now| {
        saver.flip(typing, now, ChangePerson { shows_typing: Some(now), ..ChangePerson::default() });
    };
    vec![
        switch("priv-here", w().priv_pres, Some(w().priv_pres_note), here, show_here),
        switch("priv-typing", w().priv_type, None, typing, show_typing),
        el("p").class("settings__lead settings__lead--end").text(w().priv_read),
    ]
}

pub(super) fn language(own: &Arc<Own>, saver: Saver) -> Vec<El> {
    vec![
        line(w().set_language, None, language_choice(own, saver)),
        line(w().prof_zone, Some(w().prof_zone_note), zone_choice(own, saver)),
        line(w().prof_clock, None, clock_choice(own, saver)),
    ]
}

fn language_choice(own: &Arc<Own>, saver: Saver) -> El {
    let choice = |value: &str, words: &str| (value.to_owned(), words.to_owned());
    let choices = [choice("", w().set_browser), choice(Lang::En.tag(), "English"), choice(Lang::Zh.tag(), "简体中文")];
    let lang = own.settings.language.as_deref().and_then(Lang::from_tag);
    let value = RwSignal::new(lang.map(Lang::tag).unwrap_or_default().to_owned());
    // The page speaks it when the stream says that it is so, and is drawn anew with what holds then.
    select("set-language", Some(w().set_language), &choices, value, move |tag| {
        let change = ChangePerson { language: Some(tag), ..ChangePerson::default() };
        saver.send(change, saver.wrongs, Callback::new(|_| {}));
    })
}

/// The zones that the browser knows, the one of this device first.
fn zone_choice(own: &Arc<Own>, saver: Saver) -> El {
    let chosen = own.settings.time_zone.clone().unwrap_or_default();
    let here = page::time_zone();
    let mut choices: Vec<Choice> = vec![(String::new(), w().prof_zone_none.to_owned())];
    for zone in [&here, &chosen] {
        if !zone.is_empty() && !choices.iter().any(|(value, _)| value == zone) {
            choices.push((zone.clone(), zone.clone()));
        }
    }
    choices.extend(
        page::time_zones().into_iter().filter(|zone| *zone != here && *zone != chosen).map(|zone| (zone.clone(), zone)),
    );
    let value = RwSignal::new(chosen);
    select("set-zone", Some(w().prof_zone), &choices, value, move |zone| {
        let change = ChangePerson { time_zone: Some(zone), ..ChangePerson::default() };
        saver.send(change, saver.wrongs, Callback::new(|_| {}));
    })
}

fn clock_choice(own: &Arc<Own>, saver: Saver) -> El {
    const CYCLES: [HourCycle; 3] = [HourCycle::Auto, HourCycle::H24, HourCycle::H12];
    let choice = |id, label| Segment { id, label, icon: None, lang: None };
    let choices =
        [choice("clock-auto", w().prof_auto), choice("clock-24", w().prof_24), choice("clock-12", w().prof_12)];
    let now = RwSignal::new(CYCLES.iter().position(|cycle| *cycle == own.settings.hours).unwrap_or_default());
    let choose = Callback::new(move |at: usize| {
        let before = now.get_untracked();
        now.set(at);
        let done = Callback::new(move |taken: bool| {
            if !taken {
                now.try_set(before);
            }
        });
        saver.send(ChangePerson { hours: Some(CYCLES[at]), ..ChangePerson::default() }, saver.wrongs, done);
    });
    segments("clock", w().prof_clock, &choices, move || now.get(), choose)
}

/// A line of the page: what it sets, and the control.
pub(super) fn line(label: &'static str, note: Option<&'static str>, control: El) -> El {
    let words = el("div").text(label).child(note.map(|note| el("small").text(note)));
    el("div").class("set").children([words, control])
}
