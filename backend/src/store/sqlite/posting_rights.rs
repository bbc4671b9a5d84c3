//! Who was found to be allowed to post where, so that the next post of the same person need not ask again.
//!
//! Kept by the writer's thread alone, and forgotten at the first change of people, rooms or memberships, within the same
//! transaction too: a right is judged as it is when the command runs (`nobody_acts_after_their_removal_was_acknowledged`).
//! Only permissions are kept; whoever is refused is judged each time.

use std::{cell::RefCell, collections::HashSet};

use shared::id::{MemberId, RoomId};

use super::changes::Changes;

/// Pairs kept; some thirty bytes each. When it is full it begins anew.
const KEPT_MAX: usize = 16_384;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct PostingRights {
    changes: Changes,
    known: RefCell<HashSet<(MemberId, RoomId)>>,
}

impl PostingRights {
    /// Nothing is known yet; `changes` tells when that is so again.
    pub(super) fn new(changes: Changes) -> Self {
        Self { changes, known: RefCell::default() }
    }

    /// Whether the author is known to be allowed to post in the room.
    pub(super) fn allow(&self, author: MemberId, room: RoomId) -> bool {
        if self.changes.take_rights() {
            self.forget();
        }
        self.known.borrow().contains(&(author, room))
    }

    /// Keeps what was just found in this transaction. To be called after [`PostingRights::allow`], with nothing written
    /// in between.
    pub(super) fn keep(&self, author: MemberId, room: RoomId) {
        let mut known = self.known.borrow_mut();
        if known.len() >= KEPT_MAX {
            known.clear();
        }
        known.insert((author, room));
    }

    /// Forgets everything: what was found in a transaction that is taken back may never have been so.
    pub(super) fn forget(&self) {
        self.known.borrow_mut().clear();
    }
}
