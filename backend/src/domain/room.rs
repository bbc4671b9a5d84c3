//! Rooms: what may stand in an address, and which address a name makes.

use shared::limits::NAME_MAX_BYTES;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark, is_nfc};

/// Whether a text can be a room's slug: lower-case letters, digits and single hyphens of any script, in NFC, at most
/// as long as a name. Scripts without case (Han, Arabic) count as lower-case.
///
/// There is no `_` in a slug and there is one in every id, so an address that names a room is never ambiguous.
#[must_use]
pub fn is_slug(text: &str) -> bool {
    let fits = !text.is_empty() && text.len() <= NAME_MAX_BYTES && is_nfc(text);
    let starts_well = text.chars().next().is_some_and(char::is_alphanumeric);
    let ends_well = !text.ends_with('-') && !text.contains("--");
    // Marks belong to letters: Hindi cannot be written without them.
    let letter = |c: char| (c.is_alphanumeric() && !c.is_uppercase()) || is_combining_mark(c);
    fits && starts_well && ends_well && text.chars().all(|c| c == '-' || letter(c))
}

/// The address that a name makes: its letters and digits in lower case, everything between them one hyphen. `room` when
/// it has neither.
#[must_use]
pub fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for character in name.nfc().flat_map(char::to_lowercase).nfc() {
        if character.is_alphanumeric() || (is_combining_mark(character) && !slug.is_empty() && !slug.ends_with('-')) {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = cut(slug.trim_end_matches('-'), NAME_MAX_BYTES);
    // Some letters have no lower case that is one; such a name has an address nobody reads anyway.
    if is_slug(slug) { slug.to_owned() } else { "room".to_owned() }
}

/// The same address with a number behind it, for a room whose own is taken: `tea-2`.
#[must_use]
pub fn numbered_slug(slug: &str, number: u32) -> String {
    let end = format!("-{number}");
    format!("{}{end}", cut(slug, NAME_MAX_BYTES - end.len()).trim_end_matches('-'))
}

/// The longest beginning of at most `max_bytes` bytes, in whole characters.
fn cut(text: &str, max_bytes: usize) -> &str {
    let end = (0..=max_bytes.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    text[..end].trim_end_matches('-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_makes_an_address() {
        let check = |name: &str, slug: &str| assert_eq!(slug_of(name), slug, "{name:?}");
        check("General", "general");
        check("Shop & Site", "shop-site");
        check("  --Tea__time!  ", "tea-time");
        check("设计 2026", "设计-2026");
        check("Cafe\u{301}", "café");
        check("हिन्दी", "हिन्दी");
        check("🍵", "room");
        check("\u{301}", "room");
        assert_eq!(numbered_slug("tea", 2), "tea-2");
        assert_eq!(numbered_slug(&"x".repeat(NAME_MAX_BYTES), 17).len(), NAME_MAX_BYTES);
    }

    proptest! {
        #[test]
        fn what_a_name_makes_is_an_address(name in "\\PC{0,80}", number in 2..2_000u32) {
            let slug = slug_of(&name);
            prop_assert!(is_slug(&slug), "{:?}", slug);
            prop_assert!(is_slug(&numbered_slug(&slug, number)));
        }
    }

    #[test]
    fn slugs_are_letters_digits_and_hyphens() {
        for slug in ["general", "ops-2", "设计", "tee-stube", "日本語", "हिन्दी", "2026"] {
            assert!(is_slug(slug), "{slug:?}");
        }
        let long = "x".repeat(NAME_MAX_BYTES + 1);
        let wrong =
            ["", "-", "-a", "a-", "a--b", "General", "r_8fj2k1000000", "a b", "a/b", "..", "a.b", "cafe\u{301}"];
        for wrong in wrong.into_iter().chain(["É", "a\u{200b}b", "a\0", "%2e", long.as_str()]) {
            assert!(!is_slug(wrong), "{wrong:?}");
        }
    }
}
