//! The ids of messages: each with the next number, so that the newest lie together in the store's index of them.
//!
//! The first number of a start is the head of the log: greater than those of most messages that are there. Numbers need
//! not be without gaps, nor be the offset; a number that an earlier start has used too is told apart by what is drawn.

use std::sync::atomic::{AtomicU64, Ordering};

use shared::{cursor::Offset, id::MessageId};

use super::secret;

/// See the module.
#[derive(Debug)]
pub struct MessageIds(AtomicU64);

impl MessageIds {
    /// Ids for what comes after `head`.
    #[must_use]
    pub const fn after(head: Offset) -> Self {
        Self(AtomicU64::new(head.0 + 1))
    }

    /// The next id.
    #[must_use]
    pub fn next(&self) -> MessageId {
        MessageId::numbered(self.0.fetch_add(1, Ordering::Relaxed), secret::entropy())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_and_are_not_to_be_guessed() {
        let ids = MessageIds::after(Offset(35));
        let made: Vec<_> = (0..100).map(|_| ids.next()).collect();
        assert!(made.is_sorted_by(|one, next| one < next));
        assert!(made[0].to_string().starts_with("m_0000010"), "{}", made[0]);
        assert_ne!(MessageIds::after(Offset(35)).next(), made[0], "one in sixty million is the same");
    }
}
