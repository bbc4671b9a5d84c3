//! Who may hear what: the memberships, folded from the log by the same tail that feeds the fan-out, so that a change
//! acts at its own offset and not when somebody happens to look.

use std::collections::HashMap;

use shared::{
    cursor::Offset,
    id::{MemberId, RoomId},
};

use super::log::{Right, RightsChange};
use crate::domain::audience::Audience;

/// The person behind a stream, as far as rights go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader {
    /// Who.
    pub(super) member: MemberId,
    /// Whether they hear what is for administrators.
    pub(super) is_admin: bool,
}

/// Every membership, as of one offset.
#[derive(Debug, Default)]
pub(super) struct Rights {
    rooms: HashMap<RoomId, HashMap<MemberId, Offset>>,
}

impl Rights {
    /// The rights as the log lists them.
    pub(super) fn new(rights: impl IntoIterator<Item = Right>) -> Self {
        let mut this = Self::default();
        for Right { member, room, since } in rights {
            this.rooms.entry(room).or_default().insert(member, since);
        }
        this
    }

    /// Applies the change that the fact at `offset` made. Joining again keeps the older right.
    pub(super) fn fold(&mut self, offset: Offset, change: RightsChange) {
        match change {
            RightsChange::Joined { member, room } => {
                self.rooms.entry(room).or_default().entry(member).or_insert(offset);
            }
        }
    }

    /// The members of a room.
    pub(super) fn members(&self, room: RoomId) -> Option<&HashMap<MemberId, Offset>> {
        self.rooms.get(&room)
    }

    /// Whether a fact may be sent to a reader, by the rights that hold now. What a room said before the reader came in
    /// is history, which the client loads; the stream does not carry it.
    pub(super) fn may_hear(&self, reader: Reader, offset: Offset, audience: Audience) -> bool {
        match audience {
            Audience::Nobody => false,
            Audience::Workspace => true,
            Audience::Admins => reader.is_admin,
            Audience::Member(member) => member == reader.member,
            Audience::Room(room) => {
                self.members(room).and_then(|members| members.get(&reader.member)).is_some_and(|since| *since < offset)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_is_heard_by_exactly_its_audience() {
        let (ana, bo) = (MemberId::from_entropy([1; 12]), MemberId::from_entropy([2; 12]));
        let (tea, salt) = (RoomId::from_entropy([1; 12]), RoomId::from_entropy([2; 12]));
        let mut rights = Rights::new([Right { member: ana, room: tea, since: Offset(5) }]);
        rights.fold(Offset(9), RightsChange::Joined { member: bo, room: tea });
        rights.fold(Offset(12), RightsChange::Joined { member: ana, room: tea });
        let (ana, bo) = (Reader { member: ana, is_admin: true }, Reader { member: bo, is_admin: false });
        let check = |reader: Reader, offset, audience, expected| {
            assert_eq!(rights.may_hear(reader, Offset(offset), audience), expected, "{reader:?} {offset} {audience:?}");
        };
        check(ana, 1, Audience::Workspace, true);
        check(ana, 1, Audience::Admins, true);
        check(bo, 1, Audience::Admins, false);
        check(ana, 1, Audience::Member(ana.member), true);
        check(bo, 1, Audience::Member(ana.member), false);
        check(ana, 4, Audience::Room(tea), false);
        check(ana, 5, Audience::Room(tea), false);
        check(ana, 6, Audience::Room(tea), true);
        check(bo, 9, Audience::Room(tea), false);
        check(bo, 10, Audience::Room(tea), true);
        check(ana, 10, Audience::Room(salt), false);
        check(ana, 10, Audience::Nobody, false);
    }
}
