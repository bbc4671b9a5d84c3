//! People: when two names are the same name.

use shared::text;
use unicode_normalization::UnicodeNormalization;

/// The key under which a sign-in name is unique: equal for every spelling that a person would call the same name.
///
/// NFKC, then every character through upper case to lower case, then NFKC again, as in Unicode's `NFKC_Casefold`
/// (Unicode 16 §3.13.5, rule D147, but with the case pairs the standard library knows). Invisible characters are
/// dropped, runs of white space become one space, the ends are trimmed. So `ＡＮＡ` (full width, as a Chinese input
/// method types it), ` Ana ` and `ana` are one name, and so are `STRASSE` and `straße`. Han is left as it is: 林 and
/// its traditional or Japanese relatives stay different names. Look-alikes of different scripts are not folded.
///
/// The key of a key is itself.
#[must_use]
pub fn name_key(name: &str) -> String {
    let mut key = fold(name);
    // A fold can bring forth a character that folds further (a few Greek ones do, after normalisation). It settles
    // after two or three rounds; the bound keeps a hostile name from costing more.
    for _ in 0..4 {
        let again = fold(&key);
        if again == key {
            break;
        }
        key = again;
    }
    key
}

fn fold(name: &str) -> String {
    // Through upper case first: ß and SS, ς and σ, ı and I meet there.
    let folded = name.nfkc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfkc();
    let visible: String = folded.filter(|&c| c.is_whitespace() || !text::is_invisible(c)).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_name_have_one_key() {
        let check = |key: &str, spellings: &[&str]| {
            for spelling in spellings {
                assert_eq!(name_key(spelling), key, "{spelling:?}");
            }
        };
        check("ana", &["ana", "Ana", " ANA ", "ａｎａ", "a\u{200b}na", "\u{202e}ana", "ana\u{3000}"]);
        check("mei lin", &["Mei Lin", "mei \t lin", "MEI\u{a0}LIN"]);
        check("jose\u{301}".nfc().collect::<String>().as_str(), &["José", "JOSE\u{301}"]);
        check("strasse", &["straße", "STRASSE", "Straẞe"]);
        check("νικοσ", &["Νίκος".replace('ί', "ι").as_str(), "ΝΙΚΟΣ"]);
        check("林美", &["林美", " 林美 "]);
        check("fi", &["ﬁ", "FI"]);
    }

    #[test]
    fn different_names_have_different_keys() {
        for (one, other) in [("林", "淋"), ("ana", "anna"), ("mei lin", "meilin"), ("ana", "аna"), ("東", "东")] {
            assert_ne!(name_key(one), name_key(other));
        }
    }

    proptest! {
        #[test]
        fn the_key_of_a_key_is_itself(name in "\\PC{0,24}") {
            let key = name_key(&name);
            prop_assert_eq!(name_key(&key), key);
        }
    }
}
