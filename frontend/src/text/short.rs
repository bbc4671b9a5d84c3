//! A message in a few words, for the live region of a screen reader.

/// Most characters of a message that are read aloud (`ux.md` §8).
const SPOKEN_CHARS: usize = 140;

/// The first 140 characters of a text on one line, cut at a word where there is one, with an ellipsis when cut.
#[must_use]
pub fn spoken(body: &str) -> String {
    let mut line = String::new();
    for word in body.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > SPOKEN_CHARS * 4 {
            break;
        }
    }
    let Some((end, _)) = line.char_indices().nth(SPOKEN_CHARS) else { return line };
    line.truncate(end);
    if let Some(cut) = line.rfind(' ').filter(|&at| at > end / 2) {
        line.truncate(cut);
    }
    line.push('…');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_stay_and_long_ones_are_cut_at_a_word() {
        assert_eq!(spoken(" a\n\n b\tc "), "a b c");
        let long = spoken(&"word ".repeat(80));
        assert!(long.ends_with("word…") && long.chars().count() <= SPOKEN_CHARS + 1, "{long}");
        let han = spoken(&"茶".repeat(200));
        assert_eq!(han.chars().count(), SPOKEN_CHARS + 1);
        assert_eq!(spoken(""), "");
    }
}
