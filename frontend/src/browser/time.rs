//! Moments as words, by the browser's own `Intl`: hours, days, and the full form for titles (`ux.md` §11).
//!
//! An `Intl` object is dear to make and cheap to use, so each language has its four, made on first use.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use js_sys::{Array, Date, Function, Intl::DateTimeFormat, Object, Reflect};
use shared::member::HourCycle;
use wasm_bindgen::{JsCast, JsValue};

use super::page;
use crate::i18n::{Lang, fill};

const DAY_MS: i64 = 86_400_000;

/// Now, in Unix milliseconds.
#[must_use]
pub fn now() -> f64 {
    Date::now()
}

/// Now, in whole Unix milliseconds.
#[must_use]
pub fn now_ms() -> i64 {
    now() as i64
}

/// Minutes by which local time is ahead of UTC at a moment: it changes with summer time.
#[must_use]
pub fn offset_minutes(at_ms: i64) -> i32 {
    -date(at_ms).get_timezone_offset() as i32
}

/// Days since 1970-01-01 in the reader's zone.
#[must_use]
pub fn local_day(at_ms: i64) -> i64 {
    day_of(at_ms, offset_minutes(at_ms))
}

fn day_of(at_ms: i64, offset_minutes: i32) -> i64 {
    (at_ms + i64::from(offset_minutes) * 60_000).div_euclid(DAY_MS)
}

fn date(at_ms: i64) -> Date {
    Date::new(&JsValue::from_f64(at_ms as f64))
}

/// The formats of one language.
struct Formats {
    lang: Lang,
    hour: Function,
    full: Function,
    weekday: Function,
    day: Function,
    year: Function,
}

impl Formats {
    fn new(lang: Lang) -> Self {
        // Of the reader's own languages the first that is shown: "en-GB" and "en-US" order a date differently.
        let tag = page::languages().into_iter().find(|tag| Lang::from_tag(tag) == Some(lang));
        let tags = Array::of1(&JsValue::from_str(tag.as_deref().unwrap_or(lang.tag())));
        let cycle = match (HOURS.get(), lang) {
            (HourCycle::H12, _) => "h12",
            (HourCycle::H24, _) | (HourCycle::Auto, Lang::Zh) => "h23",
            (HourCycle::Auto, Lang::En) => "",
        };
        let make = |options: &[(&str, &str)]| {
            let object = Object::new();
            for (name, value) in options.iter().filter(|(_, value)| !value.is_empty()) {
                let _ = Reflect::set(&object, &JsValue::from_str(name), &JsValue::from_str(value));
            }
            DateTimeFormat::new(&tags, &object).format()
        };
        Self {
            lang,
            hour: make(&[("hour", "2-digit"), ("minute", "2-digit"), ("hourCycle", cycle)]),
            full: make(&[("dateStyle", "full"), ("timeStyle", "medium"), ("hourCycle", cycle)]),
            weekday: make(&[("weekday", "long"), ("day", "numeric"), ("month", "long")]),
            day: make(&[("day", "numeric"), ("month", "long")]),
            year: make(&[("day", "numeric"), ("month", "long"), ("year", "numeric")]),
        }
    }
}

thread_local! {
    static HOURS: Cell<HourCycle> = const { Cell::new(HourCycle::Auto) };
    static FORMATS: RefCell<Option<Rc<Formats>>> = const { RefCell::new(None) };
}

/// How hours are written from now on; what is drawn already stays as it is.
pub(super) fn set_hours(hours: HourCycle) {
    HOURS.set(hours);
    FORMATS.take();
}

fn formats(lang: Lang) -> Rc<Formats> {
    FORMATS.with_borrow_mut(|kept| match kept {
        Some(formats) if formats.lang == lang => formats.clone(),
        _ => kept.insert(Rc::new(Formats::new(lang))).clone(),
    })
}

fn print(format: &Function, at_ms: i64) -> String {
    let printed = format.call1(&JsValue::UNDEFINED, &JsValue::from_f64(at_ms as f64));
    printed.ok().and_then(|text| text.as_string()).unwrap_or_default()
}

/// The hour of a message, as the reader's language writes it.
#[must_use]
pub fn hour(lang: Lang, at_ms: i64) -> String {
    print(&formats(lang).hour, at_ms)
}

/// The hour without "AM" and "PM", for the narrow column beside a message that follows another.
#[must_use]
pub fn short_hour(lang: Lang, at_ms: i64) -> String {
    hour(lang, at_ms).trim_matches(|c: char| !c.is_ascii_digit()).to_owned()
}

/// Date and time in full, for titles.
#[must_use]
pub fn full(lang: Lang, at_ms: i64) -> String {
    print(&formats(lang).full, at_ms)
}

/// The moment in RFC 3339, for `<time datetime>`.
#[must_use]
pub fn machine(at_ms: i64) -> String {
    date(at_ms).to_iso_string().into()
}

/// A date in the near future, as an invite's end: with its weekday.
#[must_use]
pub fn date_words(lang: Lang, at_ms: i64) -> String {
    print(&formats(lang).weekday, at_ms)
}

/// A date with its year.
#[must_use]
pub fn date_of(lang: Lang, at_ms: i64) -> String {
    print(&formats(lang).year, at_ms)
}

/// A moment in a few words: the hour of today, else the day.
#[must_use]
pub fn moment_words(lang: Lang, at_ms: i64) -> String {
    match day_name(local_day(at_ms), local_day(now_ms())) {
        DayName::Today => hour(lang, at_ms),
        DayName::Yesterday => lang.words().yesterday.to_owned(),
        _ => day_words(lang, at_ms),
    }
}

/// What the clock says now in a time zone (an IANA name). `None`: the browser does not know the zone.
#[must_use]
pub fn hour_in(lang: Lang, zone: &str) -> Option<String> {
    let options = Object::new();
    for (name, value) in [("hour", "2-digit"), ("minute", "2-digit"), ("timeZone", zone)] {
        Reflect::set(&options, &JsValue::from_str(name), &JsValue::from_str(value)).ok()?;
    }
    let (tag, now) = (JsValue::from_str(lang.tag()), date(now_ms()));
    // An unknown zone throws, which the constructor of js-sys does not expect.
    let print = Reflect::get(&now, &JsValue::from_str("toLocaleTimeString")).ok()?.dyn_into::<Function>().ok()?;
    print.call2(&now, &tag, &options).ok()?.as_string()
}

/// A moment in the past in a word or two: the hour today, the date before, with the year if it is not this one.
#[must_use]
pub fn short_moment(lang: Lang, at_ms: i64) -> String {
    if local_day(at_ms) == local_day(now_ms()) { hour(lang, at_ms) } else { short_date(lang, at_ms) }
}

/// A date; the year only if it is not this one.
#[must_use]
pub fn short_date(lang: Lang, at_ms: i64) -> String {
    let formats = formats(lang);
    let this_year = date(at_ms).get_full_year() == date(now_ms()).get_full_year();
    print(if this_year { &formats.day } else { &formats.year }, at_ms)
}

/// How a day is named, seen from another.
#[derive(Debug, PartialEq, Eq)]
enum DayName {
    Today,
    Yesterday,
    Week,
    Date,
}

fn day_name(day: i64, today: i64) -> DayName {
    match today - day {
        0 => DayName::Today,
        1 => DayName::Yesterday,
        2..=6 => DayName::Week,
        _ => DayName::Date,
    }
}

/// The day line: today, yesterday, the weekday within six days, then the date; the year only if it is not this one.
#[must_use]
pub fn day_words(lang: Lang, at_ms: i64) -> String {
    let (formats, now, words) = (formats(lang), now_ms(), lang.first());
    match day_name(local_day(at_ms), local_day(now)) {
        DayName::Today => fill(words.day_today, &[("date", &print(&formats.weekday, at_ms))]),
        DayName::Yesterday => fill(words.day_yesterday, &[("date", &print(&formats.day, at_ms))]),
        DayName::Week => print(&formats.weekday, at_ms),
        DayName::Date if date(at_ms).get_full_year() == date(now).get_full_year() => print(&formats.day, at_ms),
        DayName::Date => print(&formats.year, at_ms),
    }
}

/// Reads a moment of the wire (RFC 3339). `None` for a text that is no moment.
#[must_use]
pub fn parse(text: &str) -> Option<i64> {
    let at = Date::parse(text);
    at.is_finite().then_some(at as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_turn_at_local_midnight() {
        let noon = 1_795_348_800_000; // 2026-11-22T12:00:00Z
        let day = day_of(noon, 0);
        assert_eq!(day_of(noon + DAY_MS / 2 - 1, 0), day);
        assert_eq!(day_of(noon + DAY_MS / 2, 0), day + 1);
        assert_eq!(day_of(noon + DAY_MS / 2, -60), day);
        assert_eq!(day_of(noon, 13 * 60), day + 1);
        assert_eq!(day_of(-1, 0), -1);
    }

    #[test]
    fn days_are_named_by_their_distance() {
        for (ago, name) in [
            (0, DayName::Today),
            (1, DayName::Yesterday),
            (2, DayName::Week),
            (6, DayName::Week),
            (7, DayName::Date),
            (-1, DayName::Date),
        ] {
            assert_eq!(day_name(100 - ago, 100), name);
        }
    }
}
