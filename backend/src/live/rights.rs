//! Who may hear what: the memberships, folded from the log by the same tail that feeds the fan-out, so that a change
//! acts at its own offset and not when somebody happens to look.

use std::collections::HashMap;

use shared::{
    cursor::Offset,
    id::{MemberId, RoomId},
};

use super::log::Right;
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
    /// The rooms of each person, in no order: few enough to look through.
    members: HashMap<MemberId, Vec<(RoomId, Offset)>>,
}

impl Rights {
    /// The rights as the log lists them.
    pub(super) fn new(rights: impl IntoIterator<Item = Right>) -> Self {
        let mut this = Self::default();
        for Right { member, room, since } in rights {
            this.join(since, member, room);
        }
        this
    }

    /// Gives a right from after `offset` on. Returns false if there is an older one, which stands.
    pub(super) fn join(&mut self, offset: Offset, member: MemberId, room: RoomId) -> bool {
        let is_new = self.since(member, room).is_none();
        if is_new {
            self.members.entry(member).or_default().push((room, offset));
        }
        is_new
    }

    /// The rooms of a member.
    pub(super) fn rooms_of(&self, member: MemberId) -> impl Iterator<Item = RoomId> {
        self.members.get(&member).into_iter().flatten().map(|(room, _)| *room)
    }

    fn since(&self, member: MemberId, room: RoomId) -> Option<Offset> {
        let (_, since) = self.members.get(&member)?.iter().find(|(other, _)| *other == room)?;
        Some(*since)
    }

    /// Whether a fact may be sent to a reader, by the rights that hold now. What a room said before the reader came in
    /// is history, which the client loads; the stream does not carry it.
    pub(super) fn may_hear(&self, reader: Reader, offset: Offset, audience: Audience) -> bool {
        match audience {
            Audience::Nobody => false,
            Audience::Workspace => true,
            Audience::Admins => reader.is_admin,
            Audience::Member(member) => member == reader.member,
            Audience::Room(room) => self.since(reader.member, room).is_some_and(|since| since < offset),
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
        assert!(rights.join(Offset(9), bo, tea));
        assert!(!rights.join(Offset(12), ana, tea), "the older right stands");
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
