//! English and Simplified Chinese: two tables of the same strings, short lists of those that the first download and the
//! doors need ([`First`], [`Doors`]), and what fills their holes.
//!
//! A string is never built from parts: a sentence is one string with holes, so that each language orders its words as it
//! likes. Texts with plain values go through [`fill`]; sentences that hold an element (a name, a room) through
//! [`parts`]. Which language is shown is a signal kept by `browser::prefs`; this module knows neither browser nor Leptos.

/// Declares a list and takes its strings from the tables.
macro_rules! list {
    ($(#[$about:meta])* $name:ident { $($field:ident,)* }) => {
        $(#[$about])*
        #[expect(missing_docs, reason = "each field is named by its key, and shown by its text")]
        #[derive(Debug)]
        pub struct $name { $(pub $field: &'static str,)* }

        /// English.
        pub(super) static EN: $name = of(&super::en::EN);
        /// Simplified Chinese.
        pub(super) static ZH: $name = of(&super::zh::ZH);

        const fn of(words: &'static super::Words) -> $name {
            $name { $($field: words.$field,)* }
        }
    };
}
mod doors;
mod en;
mod first;
mod words;
mod zh;

pub use doors::Doors;
pub use first::First;
pub use words::Words;

/// A language of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// English.
    En,
    /// Simplified Chinese.
    Zh,
}

impl Lang {
    /// Reads a BCP 47 tag; `None` for a language that we do not speak.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "en" => Some(Self::En),
            "zh" => Some(Self::Zh),
            _ => None,
        }
    }

    /// The BCP 47 tag for `<html lang>` and for `Intl`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }

    /// The strings of the first download in this language.
    #[must_use]
    pub fn first(self) -> &'static First {
        match self {
            Self::En => &first::EN,
            Self::Zh => &first::ZH,
        }
    }

    /// The strings of the doors in this language.
    #[must_use]
    pub fn doors(self) -> &'static Doors {
        match self {
            Self::En => &doors::EN,
            Self::Zh => &doors::ZH,
        }
    }

    /// All strings of this language: for what comes later.
    #[must_use]
    pub fn words(self) -> &'static Words {
        match self {
            Self::En => &en::EN,
            Self::Zh => &zh::ZH,
        }
    }

    /// Picks the form of a noun that goes with `n` (CLDR: English has `one` and `other`, Chinese only `other`).
    #[must_use]
    pub fn plural(self, n: u64, one: &'static str, other: &'static str) -> &'static str {
        if self == Self::En && n == 1 { one } else { other }
    }
}

/// A piece of a sentence: words, or the name of a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Words as they are.
    Words(&'a str),
    /// The name between the braces.
    Hole(&'a str),
}

/// Splits a sentence at its holes, in order.
pub fn parts(sentence: &str) -> impl Iterator<Item = Part<'_>> {
    sentence.split('{').enumerate().flat_map(|(index, piece)| {
        let (hole, words) = match piece.split_once('}') {
            Some((name, rest)) if index > 0 => (Some(Part::Hole(name)), rest),
            _ => (None, piece),
        };
        hole.into_iter().chain((!words.is_empty()).then_some(Part::Words(words)))
    })
}

/// Fills the holes of a sentence with values. A hole without a value stays as it is, which a test would show.
#[must_use]
pub fn fill(sentence: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(sentence.len() + 16);
    for part in parts(sentence) {
        match part {
            Part::Words(words) => filled.push_str(words),
            Part::Hole(name) => match values.iter().find(|(hole, _)| *hole == name) {
                Some((_, value)) => filled.push_str(value),
                None => {
                    filled.push('{');
                    filled.push_str(name);
                    filled.push('}');
                }
            },
        }
    }
    filled
}

/// Fills the hole `{n}`.
#[must_use]
pub fn fill_n(sentence: &str, n: u64) -> String {
    fill(sentence, &[("n", &n.to_string())])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn holes(text: &str) -> BTreeSet<&str> {
        parts(text).filter_map(|part| if let Part::Hole(name) = part { Some(name) } else { None }).collect()
    }

    #[test]
    fn both_tables_have_the_same_keys_and_holes() {
        let (en, zh) = (Lang::En.words().all(), Lang::Zh.words().all());
        assert_eq!(
            en.iter().map(|(key, _)| key).collect::<Vec<_>>(),
            zh.iter().map(|(key, _)| key).collect::<Vec<_>>()
        );
        for ((key, english), (_, chinese)) in en.into_iter().zip(zh) {
            assert!(!english.is_empty() && !chinese.is_empty(), "{key} is empty");
            assert_eq!(holes(english), holes(chinese), "{key} has other holes");
        }
    }

    #[test]
    fn chinese_has_no_typed_space_between_han_and_latin() {
        let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        for (key, text) in Lang::Zh.words().all() {
            let chars: Vec<char> = text.chars().collect();
            for trio in chars.windows(3).filter(|trio| trio[1] == ' ') {
                let mixed =
                    han(trio[0]) && trio[2].is_ascii_alphanumeric() || trio[0].is_ascii_alphanumeric() && han(trio[2]);
                assert!(!mixed, "{key}: {text}");
            }
        }
    }

    #[test]
    fn sentences_split_at_their_holes() {
        let check = |sentence, expected: &[Part<'_>]| assert_eq!(parts(sentence).collect::<Vec<_>>(), expected);
        check("", &[]);
        check("plain", &[Part::Words("plain")]);
        check("{a} invited you to {room}", &[Part::Hole("a"), Part::Words(" invited you to "), Part::Hole("room")]);
        check("a } alone", &[Part::Words("a } alone")]);
    }

    #[test]
    fn filling_puts_values_in_and_leaves_the_rest() {
        assert_eq!(fill("{n} of {m}", &[("n", "2"), ("m", "14")]), "2 of 14");
        assert_eq!(fill("{n} of {m}", &[("n", "{m}")]), "{m} of {m}");
        assert_eq!(fill_n(Lang::Zh.words().latest_n, 3), "3条新消息");
        assert_eq!(Lang::En.plural(1, "one", "other"), "one");
        assert_eq!(Lang::Zh.plural(1, "one", "other"), "other");
    }

    #[test]
    fn tags_are_read_by_their_language() {
        for (tag, lang) in [
            ("en-GB", Some(Lang::En)),
            ("ZH-Hant-TW", Some(Lang::Zh)),
            ("zh", Some(Lang::Zh)),
            ("de", None),
            ("", None),
        ] {
            assert_eq!(Lang::from_tag(tag), lang, "{tag}");
        }
    }
}
