//! Rooms: what may stand in an address.

use shared::limits::NAME_MAX_BYTES;
use unicode_normalization::{char::is_combining_mark, is_nfc};

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

#[cfg(test)]
mod tests {
    use super::*;

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
