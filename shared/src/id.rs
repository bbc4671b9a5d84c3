//! Identifiers as newtypes: a room can never be passed where a person is meant.
//!
//! Every id is a prefix and twelve base-36 digits, drawn at random by the server (62 bits): short enough for an
//! address, unguessable enough that a guess finds nothing, and `Copy`. Of a message's digits seven are a number that grows
//! ([`MessageId::numbered`]). A [`ClientId`] is the sender's own UUID.
//! Nothing is ever ordered by an id; order is the log's [`Offset`](crate::cursor::Offset).

use std::{fmt, str::FromStr};

use serde::Deserialize;

/// Number of base-36 digits behind an id's prefix.
pub const ID_DIGITS: usize = 12;

/// A text that is not an id of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid identifier")]
pub struct InvalidId;

/// Whether `byte` is one of the 36 digits `0-9a-z`.
pub(crate) const fn is_base36(byte: u8) -> bool {
    byte.is_ascii_digit() || byte.is_ascii_lowercase()
}

/// Copies `text` into an array when it is exactly `N` base-36 digits.
pub(crate) fn base36<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits: [u8; N] = text.as_bytes().try_into().ok()?;
    digits.iter().all(|&digit| is_base36(digit)).then_some(digits)
}

/// The digits as text. They were checked to be ASCII when the value was made, so nothing is ever left out; saying so with
/// a panic would bring the web client the code that prints what is wrong with a text.
pub(crate) fn as_text(digits: &[u8]) -> &str {
    std::str::from_utf8(digits).unwrap_or_default()
}

/// Maps arbitrary bytes onto base-36 digits, one for one. Values above 251 wrap, so the first four digits come up
/// 8/256 of the time instead of 7/256: no matter for an id.
pub(crate) fn digits_from<const N: usize>(entropy: [u8; N]) -> [u8; N] {
    entropy.map(|byte| b"0123456789abcdefghijklmnopqrstuvwxyz"[usize::from(byte) % 36])
}

/// For a type with `Display` and `FromStr`: its text is also how it is shown in `Debug` and how it crosses the wire
/// (`#[serde(try_from = "String")]`, with `Serialize` from here).
macro_rules! text_form {
    ($name:ty, $error:ty) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, $error> {
                text.parse()
            }
        }
    };
}

pub(crate) use text_form;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name([u8; ID_DIGITS]);

        impl $name {
            /// What every id of this kind begins with.
            pub const PREFIX: &str = $prefix;

            /// Makes an id out of random bytes, which the caller draws: this crate has no randomness.
            #[must_use]
            pub fn from_entropy(entropy: [u8; ID_DIGITS]) -> Self {
                Self(digits_from(entropy))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(Self::PREFIX)?;
                f.write_str(as_text(&self.0))
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.strip_prefix(Self::PREFIX).and_then(base36).map(Self).ok_or(InvalidId)
            }
        }

        text_form!($name, InvalidId);
    };
}

id! {
    /// A room, `r_…`. Events and links carry this, never the slug, which may change.
    RoomId, "r_"
}
id! {
    /// A member of the workspace, `u_…`: a person.
    MemberId, "u_"
}
id! {
    /// A message, `m_…`.
    MessageId, "m_"
}
id! {
    /// A session, `s_…`: one signed-in browser or one token. It names the session; it opens nothing.
    SessionId, "s_"
}
id! {
    /// An invitation, `i_…`. It names the invitation in lists; the secret in its link is another value.
    InviteId, "i_"
}

/// Digits of a message's id that are its number: enough for 78 billion, then they begin again.
const NUMBER_DIGITS: usize = 7;

impl MessageId {
    /// Makes an id out of a number that grows from message to message, and random bytes. Ids made one after the other lie
    /// together in an index, which then grows at its end; random ones would each change another page of it. Two messages
    /// have the same id only if they have the same number and the same five random digits.
    #[must_use]
    pub fn numbered(mut number: u64, entropy: [u8; ID_DIGITS - NUMBER_DIGITS]) -> Self {
        let mut digits = [0; ID_DIGITS];
        digits[NUMBER_DIGITS..].copy_from_slice(&entropy);
        for digit in digits[..NUMBER_DIGITS].iter_mut().rev() {
            *digit = u8::try_from(number % 36).unwrap_or_default();
            number /= 36;
        }
        Self(digits_from(digits))
    }
}

/// The sender's own name for a message, a UUID (RFC 9562 §4): the idempotency key of a post.
///
/// Any version and either letter case is accepted; it prints in lower case, so two spellings are one key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct ClientId([u8; 16]);

impl ClientId {
    /// Makes a version 4 UUID (RFC 9562 §5.4) out of random bytes.
    #[must_use]
    pub fn from_entropy(mut entropy: [u8; 16]) -> Self {
        entropy[6] = (entropy[6] & 0x0f) | 0x40;
        entropy[8] = (entropy[8] & 0x3f) | 0x80;
        Self(entropy)
    }

    /// Makes a version 7 UUID (RFC 9562 §5.7): the time now, in milliseconds since 1970, and random bytes behind it. New ones
    /// lie together in the server's index of them, whoever draws them.
    #[must_use]
    pub fn at(now_ms: i64, entropy: [u8; 16]) -> Self {
        let mut bytes = Self::from_entropy(entropy).0;
        bytes[..6].copy_from_slice(&now_ms.to_be_bytes()[2..]);
        bytes[6] = (bytes[6] & 0x0f) | 0x70;
        Self(bytes)
    }

    /// The sixteen bytes, most significant first.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl From<[u8; 16]> for ClientId {
    fn from(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digit = |nibble: u8| b"0123456789abcdef"[usize::from(nibble)];
        let (mut text, mut at) = ([b'-'; 36], 0);
        for byte in self.0 {
            at += usize::from(matches!(at, 8 | 13 | 18 | 23));
            (text[at], text[at + 1]) = (digit(byte >> 4), digit(byte & 15));
            at += 2;
        }
        f.write_str(as_text(&text))
    }
}

text_form!(ClientId, InvalidId);

impl FromStr for ClientId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let text = text.as_bytes();
        if text.len() != 36 || [8, 13, 18, 23].iter().any(|&at| text[at] != b'-') {
            return Err(InvalidId);
        }
        let mut bytes = [0; 16];
        let mut nibbles = text.iter().filter(|&&byte| byte != b'-').map(|&byte| char::from(byte).to_digit(16));
        for byte in &mut bytes {
            let (Some(Some(high)), Some(Some(low))) = (nibbles.next(), nibbles.next()) else {
                return Err(InvalidId);
            };
            *byte = u8::try_from(high << 4 | low).map_err(|_| InvalidId)?;
        }
        nibbles.next().is_none().then_some(Self(bytes)).ok_or(InvalidId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_print_and_parse() {
        let id = RoomId::from_entropy([7; 12]);
        assert_eq!(id.to_string(), "r_777777777777");
        assert_eq!(id.to_string().parse(), Ok(id));
        for wrong in
            ["", "r_", "r_77777777777", "r_7777777777777", "u_777777777777", "r_77777777777A", "r_é77777777777"]
        {
            assert_eq!(wrong.parse::<RoomId>(), Err(InvalidId), "{wrong:?}");
        }
    }

    #[test]
    fn a_numbered_id_begins_with_its_number() {
        let check = |number, expected: &str| assert_eq!(MessageId::numbered(number, [35; 5]).to_string(), expected);
        check(0, "m_0000000zzzzz");
        check(36 * 36 + 1, "m_0000101zzzzz");
        check(36_u64.pow(7) - 1, "m_zzzzzzzzzzzz");
        check(36_u64.pow(7), "m_0000000zzzzz");
    }

    #[test]
    fn client_ids_are_uuids_of_any_case() {
        let text = "0192F0C1-7A10-7CC0-8D6B-0A1B2C3D4E5F";
        let id: ClientId = text.parse().expect("a UUID");
        assert_eq!(id.to_string(), text.to_ascii_lowercase());
        for wrong in [
            "",
            "0192f0c17a107cc08d6b0a1b2c3d4e5f",
            "0192f0c1-7a10-7cc0-8d6b-0a1b2c3d4e5g",
            "0192f0c1-7a10-7cc0-8d6b--a1b2c3d4e5f",
        ] {
            assert_eq!(wrong.parse::<ClientId>(), Err(InvalidId), "{wrong:?}");
        }
        let made = ClientId::from_entropy([0xff; 16]).to_string();
        assert_eq!((made.as_bytes()[14], made.as_bytes()[19]), (b'4', b'b'));
        // RFC 9562 §A.6.
        let made = ClientId::at(0x017f_22e2_79b0, [0xff; 16]).to_string();
        assert_eq!(made, "017f22e2-79b0-7fff-bfff-ffffffffffff");
    }
}
