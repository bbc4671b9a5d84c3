//! What stands on a person's seal, and in which glaze.

use super::script::is_han;

/// The letters on a seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letters {
    /// One Han character, or up to two letters.
    pub text: String,
    /// Han characters are set larger.
    pub han: bool,
}

/// One Han character for a name that begins with one, else the first letters of the first and the last word.
///
/// They are as in the name: `seal.css` draws them as capitals, since a table of all capitals weighs 13 KB.
#[must_use]
pub fn letters(name: &str) -> Letters {
    let mut words = name.split(|c: char| !is_letter(c)).filter(|word| !word.is_empty());
    let Some(first) = words.next().and_then(|word| word.chars().next()) else {
        return Letters { text: "·".to_owned(), han: false };
    };
    if is_han(first) {
        return Letters { text: first.to_string(), han: true };
    }
    let last = words.next_back().and_then(|word| word.chars().next());
    let text = [Some(first), last].into_iter().flatten().collect();
    Letters { text, han: false }
}

/// A letter or digit, or near enough: the table of all of them weighs 3 KB. Beyond ASCII that is everything but what Unicode
/// keeps for signs: Latin-1's, general punctuation to the dingbats, CJK punctuation, private and full-width signs, pictures.
fn is_letter(c: char) -> bool {
    match c {
        '\0'..='\x7f' => c.is_ascii_alphanumeric(),
        '\u{80}'..='\u{bf}' => matches!(c, 'ª' | 'µ' | 'º'),
        '×' | '÷' => false,
        '\u{2000}'..='\u{2bff}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '\u{e000}'..='\u{f8ff}' => false,
        '\u{fe00}'..='\u{fe6f}' | '\u{ff01}'..='\u{ff0f}' | '\u{fff0}'..='\u{ffff}' | '\u{1f000}'..='\u{1faff}' => {
            false
        }
        _ => true,
    }
}

/// The glaze of a person's seal, 1 to 8. It hangs on the id alone, so it survives a change of name.
#[must_use]
pub fn glaze(id: &str) -> u8 {
    // FNV-1a (RFC 9923); then the three highest bits of a Fibonacci product (Knuth, TAOCP 6.4), because FNV mixes the
    // last characters poorly.
    let hash = id.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash.wrapping_mul(0x9e37_79b1) >> 29) as u8 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seals_carry_initials_or_one_han_character() {
        for (name, text, han) in [
            ("Noor Haddad", "NH", false),
            ("noor", "n", false),
            ("Ada Maria Okafor", "AO", false),
            ("林美", "林", true),
            ("  陈 维", "陈", true),
            ("o'brien-smith", "os", false),
            ("ßtraße", "ß", false),
            ("7 of 9", "79", false),
            ("\u{202e}evil", "e", false),
            ("🍵", "·", false),
            ("", "·", false),
        ] {
            assert_eq!(letters(name), Letters { text: text.to_owned(), han }, "{name:?}");
        }
    }

    #[test]
    fn glazes_are_stable_and_spread() {
        assert_eq!(glaze("u_777777777777"), glaze("u_777777777777"));
        let mut seen = [0; 9];
        for n in 0..800 {
            seen[usize::from(glaze(&format!("u_{n:012}")))] += 1;
        }
        assert_eq!(seen[0], 0);
        assert!(seen[1..].iter().all(|&count| count > 50), "{seen:?}");
    }
}
