//! Text of other people on this terminal: shown, never obeyed.
//!
//! A name or a message may hold escape sequences that move the cursor, set the title or write the clipboard, and
//! direction overrides that reorder what stands beside them (docs: security.md L1, X11; Unicode UAX #9 §2). Everything
//! of that kind is printed as `\u{1b}`.

use std::fmt::{self, Write as _};

/// Whether a terminal would act on the character, or let it change how its neighbours are shown.
#[must_use]
pub(crate) fn is_active(character: char) -> bool {
    character.is_control()
        // Line and paragraph separator: some terminals and pagers break the line.
        || matches!(character, '\u{2028}' | '\u{2029}')
        // Embeddings, overrides and isolates.
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        // Byte order mark, interlinear annotation, tags: invisible carriers of text.
        || matches!(character, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Prints a text on one line, with everything a terminal would act on escaped.
pub(crate) struct Visible<'a>(pub(crate) &'a str);

impl fmt::Display for Visible<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if is_active(character) {
                write!(f, "{}", character.escape_unicode())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

/// Escapes the same characters in a text that is JSON already, the JSON way: there they can only stand in strings.
#[must_use]
pub(crate) fn visible_json(json: &str) -> String {
    let mut visible = String::with_capacity(json.len());
    for character in json.chars() {
        if is_active(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(visible, "\\u{unit:04x}");
            }
        } else {
            visible.push(character);
        }
    }
    visible
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_escaped() {
        for (text, expected) in [
            ("plain 你好 é 👩‍👩‍👧 שלום", "plain 你好 é 👩‍👩‍👧 שלום"),
            ("\u{1b}]52;c;aGk=\u{7}", r"\u{1b}]52;c;aGk=\u{7}"),
            ("\u{9b}31mred", r"\u{9b}31mred"),
            ("a\nb\rc\td", r"a\u{a}b\u{d}c\u{9}d"),
            ("exe.\u{202e}gpj", r"exe.\u{202e}gpj"),
            ("\u{2066}x\u{2069}\u{2028}\u{85}\u{feff}", r"\u{2066}x\u{2069}\u{2028}\u{85}\u{feff}"),
            ("\0\u{7f}", r"\u{0}\u{7f}"),
        ] {
            assert_eq!(Visible(text).to_string(), expected, "{text:?}");
        }
    }

    #[test]
    fn escaped_json_reads_as_the_same_value() {
        let value = serde_json::json!({ "body": "a\u{9b}b\u{202e}c\u{7f}\u{2028}\u{e0041}\n👋" });
        let escaped = visible_json(&value.to_string());
        assert!(!escaped.chars().any(is_active), "{escaped}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).expect("JSON"), value);
    }
}
