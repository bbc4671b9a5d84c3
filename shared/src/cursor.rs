//! Where a reader is in the log: an epoch and an offset, printed as the SSE `id` (PROTOCOL §3).
//!
//! The offset counts facts in commit order without gaps. The epoch says *which* log was counted: every start of a node
//! begins one, so a database that was rolled back to an older copy is noticed instead of silently continued.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::id::{as_text, base36, digits_from, text_form};

/// A place in the log: the number of the fact, counted from 1 in commit order. 0 is "before the first".
///
/// Stays below 2^53, so that a JavaScript number holds it exactly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Offset(pub u64);

impl Offset {
    /// Before the first fact.
    pub const ZERO: Self = Self(0);
    /// The largest offset: 2^53 − 1.
    pub const MAX: Self = Self((1 << 53) - 1);

    /// The offset right after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which log an offset was counted in: eight random base-36 digits, never a counter or a time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Epoch([u8; Epoch::DIGITS]);

impl Epoch {
    /// Number of base-36 digits.
    pub const DIGITS: usize = 8;

    /// Makes an epoch out of random bytes, which the caller draws.
    #[must_use]
    pub fn from_entropy(entropy: [u8; Self::DIGITS]) -> Self {
        Self(digits_from(entropy))
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(as_text(&self.0))
    }
}

text_form!(Epoch, InvalidCursor);

impl FromStr for Epoch {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        base36(text).map(Self).ok_or(InvalidCursor)
    }
}

/// A text that is not a cursor. The stream answers it with `resume: reset`, never with an error status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid cursor")]
pub struct InvalidCursor;

/// A reader's place: everything up to and including `offset` of that `epoch` has been seen. Prints as `epoch.offset`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Cursor {
    /// The epoch in which the offset was counted.
    pub epoch: Epoch,
    /// The last offset seen.
    pub offset: Offset,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.epoch, self.offset)
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    /// Reads exactly what `Display` prints: no signs, spaces or leading zeros, ASCII digits only.
    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let (epoch, digits) = text.split_once('.').ok_or(InvalidCursor)?;
        let canonical = digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
        let offset = digits.parse().map(Offset).map_err(|_| InvalidCursor)?;
        if !canonical || offset > Offset::MAX {
            return Err(InvalidCursor);
        }
        Ok(Self { epoch: epoch.parse()?, offset })
    }
}

text_form!(Cursor, InvalidCursor);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_only_what_it_prints() {
        let cursor: Cursor = "7kq2m9xa.1041".parse().expect("a cursor");
        assert_eq!(cursor.offset, Offset(1041));
        assert_eq!(cursor.to_string(), "7kq2m9xa.1041");
        assert!("7kq2m9xa.0".parse::<Cursor>().is_ok());
        let wrong = [
            "",
            "0",
            "-1",
            "7kq2m9xa",
            "7kq2m9xa.",
            ".5",
            "7kq2m9xa.-1",
            "7kq2m9xa.+1",
            "7kq2m9xa. 1",
            "7kq2m9xa.01",
            "7kq2m9xa.1.0",
            "7kq2m9xa.0x1",
            "7kq2m9xa.١",
            "7kq2m9xa.18446744073709551616",
            "7kq2m9xa.9007199254740992",
            "7KQ2M9XA.1",
            "7kq2m9x.1",
            "7kq2m9xab.1",
            "7kq2m9xa.1\n",
            "7kq2m9xa.1e3",
        ];
        for wrong in wrong {
            assert_eq!(wrong.parse::<Cursor>(), Err(InvalidCursor), "{wrong:?}");
        }
    }
}
