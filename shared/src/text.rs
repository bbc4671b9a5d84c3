//! Texts that people type, parsed into types that cannot be wrong.
//!
//! One rule holds for all of them: any Unicode text is kept as it was typed, but for control characters, which are
//! refused (TAB and LF are allowed, CR LF becomes LF), and for texts that show nothing in any script. Folding of names
//! for comparison happens on the server, not here: it needs tables that the web client should not carry.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits::{
    BIO_MAX_CHARS, BODY_MAX_BYTES, NAME_MAX_BYTES, NAME_MAX_CHARS, PASSWORD_MAX_BYTES, PASSWORD_MIN_CHARS,
    REASON_MAX_CHARS, TOPIC_MAX_CHARS,
};

/// Why a text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// It would show nothing: only spaces, fillers and invisible characters.
    #[error("it is blank")]
    Blank,
    /// It is longer than its kind allows.
    #[error("it is too long")]
    TooLong,
    /// It is shorter than its kind allows.
    #[error("it is too short")]
    TooShort,
    /// It holds a control character other than TAB and LF.
    #[error("it holds a control character")]
    Control,
}

impl TextError {
    /// Every reason. A serde error carries only the reason's text; with this the reason is found again.
    pub const ALL: [Self; 4] = [Self::Blank, Self::TooLong, Self::TooShort, Self::Control];
}

/// Whether a character shows nothing: white space, fillers, format and zero-width characters of any script.
#[must_use]
pub fn is_invisible(character: char) -> bool {
    character.is_whitespace()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// CR LF becomes LF; any other control character but TAB, LF and NEL (U+0085) is refused, and so is a blank text.
fn clean(text: String) -> Result<String, TextError> {
    let text = if text.contains('\r') { without_cr(&text) } else { text };
    if text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\u{85}')) {
        return Err(TextError::Control);
    }
    if text.chars().all(is_invisible) {
        return Err(TextError::Blank);
    }
    Ok(text)
}

/// CR LF becomes LF. By characters: the search for a text that std brings is heavy, and the web client has no other use
/// for it.
fn without_cr(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\r' || characters.peek() != Some(&'\n') {
            kept.push(character);
        }
    }
    kept
}

fn clean_name(text: String) -> Result<String, TextError> {
    let text = clean(text)?;
    if text.len() > NAME_MAX_BYTES || text.chars().count() > NAME_MAX_CHARS {
        return Err(TextError::TooLong);
    }
    Ok(text)
}

/// A text that may be empty, on one line or several. One that would show nothing becomes the empty one.
fn clean_optional(text: String, max_chars: usize) -> Result<String, TextError> {
    let text = match clean(text) {
        Err(TextError::Blank) => return Ok(String::new()),
        cleaned => cleaned?,
    };
    // A character has at most four bytes, so that combining marks cannot be piled up either.
    if text.chars().count() > max_chars { Err(TextError::TooLong) } else { Ok(text) }
}

fn clean_topic(text: String) -> Result<String, TextError> {
    clean_optional(text, TOPIC_MAX_CHARS)
}

fn clean_bio(text: String) -> Result<String, TextError> {
    clean_optional(text, BIO_MAX_CHARS)
}

fn clean_reason(text: String) -> Result<String, TextError> {
    clean_optional(text, REASON_MAX_CHARS)
}

fn clean_body(text: String) -> Result<String, TextError> {
    let text = clean(text)?;
    if text.len() > BODY_MAX_BYTES {
        return Err(TextError::TooLong);
    }
    Ok(text)
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $parse:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// Parses what a person typed.
            ///
            /// # Errors
            /// [`TextError`] says which rule of the type it breaks.
            pub fn parse(text: impl Into<String>) -> Result<Self, TextError> {
                $parse(text.into()).map(Self)
            }

            /// The text, exactly as it was accepted.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;

            fn try_from(text: String) -> Result<Self, TextError> {
                Self::parse(text)
            }
        }
    };
}

text! {
    /// The unique name with which a person signs in, at most 64 characters. Two spellings that differ only in case,
    /// normalisation or white space are the same name; the server decides that.
    SignInName, clean_name
}
text! {
    /// The name shown beside a person's messages, at most 64 characters. It starts equal to the sign-in name.
    DisplayName, clean_name
}
text! {
    /// A room's name, at most 64 characters.
    RoomName, clean_name
}
text! {
    /// The workspace's name, at most 64 characters.
    WorkspaceName, clean_name
}
text! {
    /// What a session or a token is called by its owner, at most 64 characters.
    Label, clean_name
}
text! {
    /// What a room is about, at most 250 characters; may be empty.
    #[derive(Default)]
    RoomTopic, clean_topic
}
text! {
    /// What people say about themselves, at most 160 characters; may be empty.
    #[derive(Default)]
    Bio, clean_bio
}
text! {
    /// Why an administrator did something, for the audit log, at most 500 characters; may be empty.
    #[derive(Default)]
    Reason, clean_reason
}
text! {
    /// What a message says: the author's Markdown, at most 16 KiB of UTF-8, never blank.
    MessageBody, clean_body
}

/// A password as it was typed: 8 characters to 1 KiB, any Unicode, never trimmed, never printed.
#[derive(Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Password(String);

impl Password {
    /// Parses what a person typed.
    ///
    /// # Errors
    /// [`TextError::TooShort`] under eight characters, [`TextError::TooLong`] above 1 KiB.
    pub fn parse(text: impl Into<String>) -> Result<Self, TextError> {
        let text = text.into();
        // Bytes first: a megabyte is refused without counting its characters.
        if text.len() > PASSWORD_MAX_BYTES {
            return Err(TextError::TooLong);
        }
        if text.chars().count() < PASSWORD_MIN_CHARS {
            return Err(TextError::TooShort);
        }
        Ok(Self(text))
    }

    /// The secret itself, for hashing.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl From<Password> for String {
    fn from(password: Password) -> Self {
        password.0
    }
}

impl TryFrom<String> for Password {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_kept_as_typed() {
        for text in
            ["hello", "a\nb\tc", "\nevent: x", "<script>alert(1)</script>", "a\u{2028}b\u{2029}c\u{85}d", " 你好 "]
        {
            assert_eq!(MessageBody::parse(text).map(String::from), Ok(text.to_owned()));
        }
        assert_eq!(MessageBody::parse("a\r\nb\r\n\r\nc").map(String::from), Ok("a\nb\n\nc".to_owned()));
    }

    #[test]
    fn a_body_has_limits() {
        let check = |text: &str, expected| assert_eq!(MessageBody::parse(text).err(), expected, "{text:?}");
        check(&"x".repeat(BODY_MAX_BYTES), None);
        check(&"x".repeat(BODY_MAX_BYTES + 1), Some(TextError::TooLong));
        check("a\0b", Some(TextError::Control));
        check("a\rb", Some(TextError::Control));
        check("a\r\r\nb", Some(TextError::Control));
        check("a\r", Some(TextError::Control));
        check("\u{1b}[31m", Some(TextError::Control));
        for blank in ["", " ", "\n\t", "\u{3000}", "\u{200b}\u{2060}", "\u{3164}", "\u{2800}", "\u{feff}", "\u{202e}"] {
            check(blank, Some(TextError::Blank));
        }
    }

    #[test]
    fn names_and_passwords_have_limits() {
        assert!(SignInName::parse("林美").is_ok());
        assert_eq!(SignInName::parse("x".repeat(NAME_MAX_CHARS + 1)).err(), Some(TextError::TooLong));
        assert_eq!(SignInName::parse("\0").err(), Some(TextError::Control));
        assert_eq!(Password::parse("1234567").err(), Some(TextError::TooShort));
        assert!(Password::parse("一二三四五六七八").is_ok());
        assert_eq!(Password::parse("x".repeat(PASSWORD_MAX_BYTES + 1)).err(), Some(TextError::TooLong));
        assert_eq!(format!("{:?}", Password::parse("correct horse")), "Ok(Password(…))");
    }

    #[test]
    fn a_topic_may_be_empty() {
        for blank in ["", "  ", "\u{200b}"] {
            assert_eq!(RoomTopic::parse(blank), Ok(RoomTopic::default()), "{blank:?}");
        }
        assert_eq!(RoomTopic::parse("Tea, kettles").map(String::from), Ok("Tea, kettles".to_owned()));
        assert!(Bio::parse("茶".repeat(BIO_MAX_CHARS)).is_ok());
        assert_eq!(Bio::parse("茶".repeat(BIO_MAX_CHARS + 1)).err(), Some(TextError::TooLong));
        assert_eq!(Reason::parse("\u{1b}]0;x").err(), Some(TextError::Control));
    }
}
