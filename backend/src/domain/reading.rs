//! Read positions: the last value that two tabs of one person may both move.
//!
//! A position advances with reading; only a deliberate move (`set`, "mark unread") takes it back, and that raises
//! `rev`, so that a tab which has not heard of it yet cannot undo it.

use shared::{cursor::Offset, request::MoveRead};

/// How far someone has read: the part of [`shared::room::ReadPosition`] that moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Everything up to and including the message posted here has been read.
    pub offset: Offset,
    /// How often the position was set deliberately.
    pub rev: u64,
}

impl Mark {
    /// Where the mark is after a move, in a room whose newest message is at `newest`.
    ///
    /// A move that builds on an older `rev` changes nothing. A place that has not been posted yet is cut to the newest:
    /// nobody has read it, and what comes there must count as unread.
    #[must_use]
    pub fn moved(self, to: &MoveRead, newest: Offset) -> Self {
        let offset = to.offset.min(newest);
        if to.rev < self.rev {
            self
        } else if to.set {
            Self { offset, rev: self.rev + 1 }
        } else {
            Self { offset: self.offset.max(offset), ..self }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn to(offset: u64, rev: u64, set: bool) -> MoveRead {
        MoveRead { offset: Offset(offset), rev, set }
    }

    #[test]
    fn a_mark_moves_forward_unless_it_is_set() {
        let check = |held: (u64, u64), to: MoveRead, expected: (u64, u64)| {
            let held = Mark { offset: Offset(held.0), rev: held.1 };
            let moved = held.moved(&to, Offset(10));
            assert_eq!((moved.offset.0, moved.rev), expected, "{held:?} {to:?}");
        };
        check((3, 0), to(5, 0, false), (5, 0));
        check((5, 0), to(3, 0, false), (5, 0));
        check((5, 0), to(3, 0, true), (3, 1));
        check((3, 1), to(9, 0, false), (3, 1));
        check((3, 1), to(9, 0, true), (3, 1));
        check((3, 1), to(9, 1, false), (9, 1));
        check((3, 0), to(u64::MAX, 0, false), (10, 0));
        check((3, 0), to(u64::MAX, u64::MAX, true), (10, 1));
        // The mark of a newcomer lies after the newest message, where the joining was.
        check((12, 0), to(10, 0, false), (12, 0));
    }

    proptest! {
        #[test]
        fn a_mark_never_goes_back_without_a_higher_rev(
            moves in prop::collection::vec((0..20u64, 0..4u64, any::<bool>()), 0..30),
        ) {
            let mut held = Mark { offset: Offset(4), rev: 0 };
            for (offset, rev, set) in moves {
                let moved = held.moved(&to(offset, rev, set), Offset(15));
                prop_assert!((moved.rev, moved.offset) >= (held.rev, held.offset));
                prop_assert!(moved.rev <= held.rev + 1);
                held = moved;
            }
        }
    }
}
