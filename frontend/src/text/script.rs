//! A cheap guess at a message's language, so that the browser picks the right glyphs and line breaks.

/// Whether a character is a Han ideograph.
#[must_use]
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

fn is_kana(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}')
}

/// The `lang` of a text: `zh` for Han without kana, `ja` for kana, else empty: unknown (HTML §3.2.6.1), so that a
/// message in Latin letters does not get Chinese quotes on a Chinese page.
#[must_use]
pub fn lang_of(text: &str) -> &'static str {
    // The first few hundred characters decide: a long message is not read twice.
    let mut han = false;
    for c in text.chars().take(300) {
        if is_kana(c) {
            return "ja";
        }
        han |= is_han(c);
    }
    if han { "zh" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_guessed_from_the_script() {
        for (text, lang) in
            [("Morning.", ""), ("早上好", "zh"), ("ok, 明天见", "zh"), ("今日はいい天気", "ja"), ("", ""), ("안녕", "")]
        {
            assert_eq!(lang_of(text), lang, "{text}");
        }
    }
}
