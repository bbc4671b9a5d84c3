//! The address that a room's name makes, as the server makes it, so that it can be shown while the name is typed.

/// The address of a name that the browser has put into lower case and into NFC: its letters and digits, everything between
/// them one hyphen. Empty when there are none: then the server finds one.
#[must_use]
pub fn slug_of(lowered: &str) -> String {
    let mut slug = String::new();
    for character in lowered.chars() {
        // Marks belong to letters; a table of all marks would weigh more than what it is for.
        let mark = matches!(character, '\u{300}'..='\u{36f}' | '\u{93c}' | '\u{94d}') && !slug.ends_with('-');
        if character.is_alphanumeric() || (mark && !slug.is_empty()) {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    if slug.ends_with('-') {
        slug.pop();
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_makes_the_address_that_the_server_makes() {
        for (name, slug) in [
            ("general", "general"),
            ("shop & site", "shop-site"),
            ("  --tea__time!  ", "tea-time"),
            ("设计 2026", "设计-2026"),
            ("café", "café"),
            ("🍵", ""),
        ] {
            assert_eq!(slug_of(name), slug, "{name:?}");
        }
    }
}
