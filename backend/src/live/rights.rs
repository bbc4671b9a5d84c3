//! Who may hear what: the memberships, folded from the log by the same tail that feeds the fan-out, so that a change
//! acts at its own offset and not when somebody happens to look.

use std::collections::HashMap;

use shared::{
    cursor::Offset,
    id::{MemberId, RoomId},
    member::Role,
};

use super::log::{About, AllRights, Right, Standing};
use crate::domain::audience::Audience;

/// The person behind a stream, as far as rights go. A stream whose reader becomes something else ends, so this stays
/// true for as long as the stream lives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader {
    /// Who.
    pub(super) member: MemberId,
    /// What they are.
    pub(super) role: Role,
}

impl Reader {
    /// Whether they hear every fact for the workspace, whatever it is about.
    pub(super) fn hears_workspace(self) -> bool {
        self.role != Role::Guest
    }
}

/// Every membership, and what everyone is, as of one offset.
#[derive(Debug, Default)]
pub(super) struct Rights {
    /// The rooms of each person, in no order: few enough to look through.
    members: HashMap<MemberId, Vec<(RoomId, Offset)>>,
    standings: HashMap<MemberId, Standing>,
}

impl Rights {
    /// The rights as the log lists them.
    pub(super) fn new(all: AllRights) -> Self {
        let mut this = Self::default();
        for Right { member, room, since } in all.rights {
            this.join(since, member, room);
        }
        this.standings.extend(all.standings.into_iter().map(|standing| (standing.member, standing)));
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

    /// Takes a right. Returns whether there was one.
    pub(super) fn leave(&mut self, member: MemberId, room: RoomId) -> bool {
        let Some(rooms) = self.members.get_mut(&member) else { return false };
        let before = rooms.len();
        rooms.retain(|(other, _)| *other != room);
        let had_it = rooms.len() < before;
        if rooms.is_empty() {
            self.members.remove(&member);
        }
        had_it
    }

    /// Takes note of what someone is now.
    pub(super) fn stand(&mut self, standing: Standing) {
        self.standings.insert(standing.member, standing);
    }

    /// What someone is, as far as the log has said.
    pub(super) fn standing(&self, member: MemberId) -> Option<Standing> {
        self.standings.get(&member).copied()
    }

    /// The rooms of a member.
    pub(super) fn rooms_of(&self, member: MemberId) -> impl Iterator<Item = RoomId> {
        self.members.get(&member).into_iter().flatten().map(|(room, _)| *room)
    }

    fn since(&self, member: MemberId, room: RoomId) -> Option<Offset> {
        let (_, since) = self.members.get(&member)?.iter().find(|(other, _)| *other == room)?;
        Some(*since)
    }

    /// Whether someone is in a room.
    pub(super) fn is_in(&self, member: MemberId, room: RoomId) -> bool {
        self.since(member, room).is_some()
    }

    /// How many people there are.
    pub(super) fn people(&self) -> usize {
        self.standings.len()
    }

    /// Whether a reader may know of a person at all.
    pub(super) fn knows(&self, reader: Reader, member: MemberId) -> bool {
        if reader.hears_workspace() {
            self.standings.contains_key(&member)
        } else {
            self.share_a_room(reader.member, member)
        }
    }

    /// Whether two people are in a room together, or are one.
    pub(super) fn share_a_room(&self, one: MemberId, other: MemberId) -> bool {
        one == other || self.rooms_of(one).any(|room| self.since(other, room).is_some())
    }

    /// Whether a reader hears a fact for the workspace that is about this.
    pub(super) fn hears_of(&self, reader: Reader, about: About) -> bool {
        reader.hears_workspace()
            || match about {
                About::Workspace => true,
                About::Member(member) => self.share_a_room(reader.member, member),
                About::Audience | About::Room(_) => false,
            }
    }

    /// Whether a fact may be sent to a reader who catches up, by the rights that hold now. What a room said before the
    /// reader came in is history, which the client loads; the stream does not carry it. Of a room that the reader has
    /// left since they are told that it is gone, and nothing else.
    pub(super) fn may_hear(&self, reader: Reader, offset: Offset, audience: Audience, about: About) -> bool {
        match audience {
            Audience::Nobody => false,
            Audience::Workspace => self.hears_of(reader, about),
            Audience::Admins => reader.role.is_admin(),
            Audience::Member(member) => {
                let is_current = |room| self.since(reader.member, room).is_some_and(|since| since <= offset);
                member == reader.member && !matches!(about, About::Room(room) if !is_current(room))
            }
            Audience::Room(room) => self.since(reader.member, room).is_some_and(|since| since < offset),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: u8) -> MemberId {
        MemberId::from_entropy([digit; 12])
    }

    fn room(digit: u8) -> RoomId {
        RoomId::from_entropy([digit; 12])
    }

    fn rights(memberships: &[(u8, u8, u64)]) -> Rights {
        let right = |&(member, digit, since)| Right { member: id(member), room: room(digit), since: Offset(since) };
        Rights::new(AllRights { rights: memberships.iter().map(right).collect(), ..AllRights::default() })
    }

    #[test]
    fn a_fact_is_heard_by_exactly_its_audience() {
        let (tea, salt) = (room(1), room(2));
        let mut rights = rights(&[(1, 1, 5)]);
        assert!(rights.join(Offset(9), id(2), tea));
        assert!(!rights.join(Offset(12), id(1), tea));
        let (ana, bo) = (Reader { member: id(1), role: Role::Admin }, Reader { member: id(2), role: Role::Member });
        let check = |reader: Reader, offset, audience, expected| {
            let heard = rights.may_hear(reader, Offset(offset), audience, About::Audience);
            assert_eq!(heard, expected, "{reader:?} {offset} {audience:?}");
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

    #[test]
    fn who_left_is_told_so_and_nothing_else() {
        let tea = room(1);
        let mut rights = rights(&[(1, 1, 5)]);
        let ana = Reader { member: id(1), role: Role::Member };
        let own =
            |rights: &Rights, offset, about| rights.may_hear(ana, Offset(offset), Audience::Member(ana.member), about);
        assert!(own(&rights, 5, About::Room(tea)), "the room_joined that holds");
        assert!(!own(&rights, 4, About::Room(tea)), "what was before it is over");
        assert!(rights.leave(ana.member, tea));
        assert!(!rights.leave(ana.member, tea));
        assert!(!own(&rights, 5, About::Room(tea)), "not even what the room was called");
        assert!(!rights.may_hear(ana, Offset(6), Audience::Room(tea), About::Audience));
        assert!(own(&rights, 7, About::Audience), "room_gone");
        assert!(rights.join(Offset(9), ana.member, tea));
        assert!(!rights.may_hear(ana, Offset(8), Audience::Room(tea), About::Audience));
        assert!(rights.may_hear(ana, Offset(10), Audience::Room(tea), About::Audience));
    }

    #[test]
    fn a_guest_hears_of_people_in_their_rooms() {
        let rights = rights(&[(1, 1, 5), (2, 1, 6), (3, 2, 7)]);
        let guest = Reader { member: id(1), role: Role::Guest };
        let member = Reader { role: Role::Bot, ..guest };
        let check = |about, expected| {
            assert_eq!(rights.may_hear(guest, Offset(9), Audience::Workspace, about), expected, "{about:?}");
            assert!(rights.may_hear(member, Offset(9), Audience::Workspace, about));
        };
        check(About::Audience, false);
        check(About::Workspace, true);
        check(About::Member(id(1)), true);
        check(About::Member(id(2)), true);
        check(About::Member(id(3)), false);
        check(About::Member(id(4)), false);
    }
}
