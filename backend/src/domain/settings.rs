//! What people set for themselves: which texts can be a language or a time zone.
//!
//! The shape alone: which languages and zones there are is the browser's to know, and changes more often than a server.

/// Whether a text has the shape of a language tag: letters, then subtags of letters and digits (BCP 47, RFC 5646 §2.1);
/// at most 35 characters (§4.4.1).
#[must_use]
pub fn is_language(text: &str) -> bool {
    let mut subtags = text.split('-');
    let language = subtags.next().unwrap_or_default();
    let fits = |subtag: &str, min| (min..=8).contains(&subtag.len());
    text.len() <= 35
        && fits(language, 2)
        && language.bytes().all(|byte| byte.is_ascii_alphabetic())
        && subtags.all(|subtag| fits(subtag, 1) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Whether a text has the shape of a zone's name: one to three parts of letters, digits, `_`, `-` and `+`, with a slash
/// between, the first beginning with a letter (IANA tz, theory.html); at most 64 characters.
#[must_use]
pub fn is_time_zone(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+".contains(&byte);
    text.len() <= 64
        && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && text.split('/').count() <= 3
        && text.split('/').all(|part| !part.is_empty() && part.bytes().all(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_a_tag() {
        for tag in ["en", "zh-CN", "zh-Hant-TW", "de-AT-1996", "sl-rozaj-biske", "gsw", "x-klingon"] {
            assert_eq!(is_language(tag), !tag.starts_with("x-"), "{tag}");
        }
        let long = format!("en-{}", "a-".repeat(20));
        for wrong in ["", "e", "en_US", "en-", "-en", "en--US", "e1", "中文", "en US", "<script>", "englishes", &long]
        {
            assert!(!is_language(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_time_zone_is_a_name() {
        for zone in ["UTC", "Europe/Lisbon", "Asia/Shanghai", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "EST5EDT"]
        {
            assert!(is_time_zone(zone), "{zone}");
        }
        let long = "a".repeat(65);
        for wrong in
            ["", "/", "Europe/", "/Europe", "a/b/c/d", "+01:00", "Europe Lisbon", "../etc/passwd", "上海", &long]
        {
            assert!(!is_time_zone(wrong), "{wrong}");
        }
    }
}
