//! The people in a room, as its panel shows them: by presence, then by name, loaded page by page (`ux.md` §15).

use shared::{
    id::MemberId,
    member::{Member, Role},
    presence::PresenceLevel,
    room::RoomMembers,
    sorted::SortedMap,
};

/// So many are loaded without being scrolled to.
const LOADED_AT_ONCE: usize = 200;

/// The groups of the list, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Active.
    Here,
    /// Away.
    Away,
    /// Offline.
    Gone,
    /// Nothing is known of them: there is no stream, or nobody has asked yet.
    Unknown,
}

impl Group {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Here, Self::Away, Self::Gone, Self::Unknown];

    fn of(level: Option<PresenceLevel>) -> Self {
        match level {
            Some(PresenceLevel::Active) => Self::Here,
            Some(PresenceLevel::Away) => Self::Away,
            Some(PresenceLevel::Offline) => Self::Gone,
            None => Self::Unknown,
        }
    }
}

/// In which group everybody stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places(SortedMap<MemberId, Group>);

/// One person in the room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Who.
    pub id: MemberId,
    /// The name shown.
    pub name: String,
    /// What they are in the workspace.
    pub role: Role,
    /// Their account is not in use.
    pub inactive: bool,
}

impl Line {
    fn of(member: &Member) -> Self {
        Self { id: member.id, name: member.display_name.to_string(), role: member.role, inactive: !member.active }
    }
}

/// A page that is to be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// How the names begin.
    pub query: String,
    /// Behind whom the page begins; `None` at the beginning.
    pub after: Option<MemberId>,
    number: u32,
}

/// The loaded part of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// By name.
    pub lines: Vec<Line>,
    /// The first page is here.
    pub loaded: bool,
    /// The last page did not come.
    pub failed: bool,
    fresh: Vec<Line>,
    next: Option<MemberId>,
    under_way: bool,
    query: String,
    number: u32,
}

impl People {
    /// Asks anew: the room's people have changed, or others are looked for. What is on screen stays until all that is
    /// loaded at once is here.
    pub fn ask(&mut self, query: &str) -> Wish {
        self.number += 1;
        query.trim().clone_into(&mut self.query);
        (self.under_way, self.next, self.fresh) = (true, None, Vec::new());
        Wish { query: self.query.clone(), after: None, number: self.number }
    }

    /// The end of the list is near.
    pub fn more(&mut self) -> Option<Wish> {
        let after = self.next.filter(|_| !self.under_way)?;
        (self.under_way, self.failed) = (true, false);
        Some(Wish { query: self.query.clone(), after: Some(after), number: self.number })
    }

    /// A page came, or did not. Returns the next one that is to be loaded at once.
    pub fn answered(&mut self, wish: &Wish, page: Option<RoomMembers>) -> Option<Wish> {
        if wish.number != self.number {
            return None;
        }
        (self.under_way, self.failed) = (false, page.is_none());
        let page = page?;
        let old = if wish.after.is_none() || !self.fresh.is_empty() { &mut self.fresh } else { &mut self.lines };
        for member in &page.members {
            if !old.iter().any(|line| line.id == member.id) {
                old.push(Line::of(member));
            }
        }
        self.next = page.next;
        if !self.fresh.is_empty() && self.fresh.len() < LOADED_AT_ONCE && self.next.is_some() {
            return self.more();
        }
        if wish.after.is_none() || !self.fresh.is_empty() {
            self.lines = std::mem::take(&mut self.fresh);
            self.loaded = true;
        }
        None
    }

    /// In which group everybody is to stand, by what they are now. While the list is `held`, those who have a place keep it.
    #[must_use]
    pub fn place(&self, before: &Places, held: bool, level: impl Fn(MemberId) -> Option<PresenceLevel>) -> Places {
        let place = |line: &Line| {
            let kept = before.0.get(&line.id).filter(|_| held);
            (line.id, kept.copied().unwrap_or_else(|| Group::of(level(line.id))))
        };
        Places(self.lines.iter().map(place).collect())
    }

    /// The people of a group, by name.
    pub fn group<'a>(&'a self, places: &'a Places, group: Group) -> impl Iterator<Item = &'a Line> {
        self.lines.iter().filter(move |line| places.0.get(&line.id) == Some(&group))
    }

    /// Whether there are more than are loaded.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.next.is_some()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use shared::{
        cursor::{Cursor, Epoch, Offset},
        member::Timestamp,
        text::{Bio, DisplayName, SignInName},
    };

    use super::*;

    fn id(number: usize) -> MemberId {
        let digits = [number / 36, number % 36].map(|digit| u8::try_from(digit).unwrap());
        let mut entropy = [0; 12];
        entropy[..2].copy_from_slice(&digits);
        MemberId::from_entropy(entropy)
    }

    fn page(numbers: std::ops::Range<usize>, more: bool) -> RoomMembers {
        let next = more.then(|| id(numbers.end - 1));
        let member = |number: usize| Member {
            id: id(number),
            name: SignInName::parse(format!("n{number}")).unwrap(),
            display_name: DisplayName::parse(format!("N{number}")).unwrap(),
            role: Role::Member,
            joined_at: Timestamp("2026-11-22T12:00:00.000Z".to_owned()),
            bio: Bio::default(),
            active: true,
        };
        let as_of = Cursor { epoch: Epoch::from_entropy([1; 8]), offset: Offset(9) };
        RoomMembers { members: numbers.map(member).collect(), next, as_of }
    }

    #[test]
    fn two_hundred_are_loaded_at_once_and_the_rest_by_need() {
        let mut people = People::default();
        let first = people.ask("");
        let second = people.answered(&first, Some(page(0..100, true))).expect("there are more");
        assert!(people.lines.is_empty() && !people.loaded, "one change on screen, not two");
        assert_eq!(people.answered(&second, Some(page(100..200, true))), None);
        assert_eq!((people.lines.len(), people.loaded), (200, true));
        let third = people.more().unwrap();
        assert_eq!((third.after, people.more()), (Some(id(199)), None));
        people.answered(&third, Some(page(200..220, false)));
        assert_eq!((people.lines.len(), people.more()), (220, None));
    }

    #[test]
    fn who_is_looked_for_replaces_the_list_when_found() {
        let mut people = People::default();
        let all = people.ask("");
        people.answered(&all, Some(page(0..3, false)));
        let (one, two) = (people.ask("n"), people.ask("n1"));
        assert_eq!((people.lines.len(), two.query.as_str()), (3, "n1"));
        people.answered(&two, Some(page(1..2, false)));
        people.answered(&one, Some(page(0..3, false)));
        assert_eq!(people.lines.iter().map(|line| line.id).collect::<Vec<_>>(), [id(1)]);
        let nobody = people.ask("x");
        people.answered(&nobody, Some(page(0..0, false)));
        assert!(people.lines.is_empty() && people.loaded);
    }

    #[test]
    fn people_stand_by_presence_and_then_by_name() {
        let mut people = People::default();
        let all = people.ask("");
        people.answered(&all, Some(page(0..5, false)));
        let first = people.place(&Places::default(), false, |person| match person {
            _ if person == id(2) || person == id(0) => Some(PresenceLevel::Active),
            _ if person == id(1) => Some(PresenceLevel::Away),
            _ if person == id(3) => Some(PresenceLevel::Offline),
            _ => None,
        });
        let ids = |places: &Places| {
            Group::ALL.map(|group| people.group(places, group).map(|line| line.id).collect::<Vec<_>>())
        };
        assert_eq!(ids(&first), [vec![id(0), id(2)], vec![id(1)], vec![id(3)], vec![id(4)]]);
        assert_eq!(people.place(&first, true, |_| None), first, "nobody moves under a hand");
        let unknown = people.place(&first, false, |_| None);
        assert_eq!(ids(&unknown), [vec![], vec![], vec![], (0..5).map(id).collect()], "not known is not offline");
    }

    #[test]
    fn who_comes_into_a_held_list_stands_where_they_belong() {
        let mut people = People::default();
        let all = people.ask("");
        people.answered(&all, Some(page(0..1, false)));
        let before = people.place(&Places::default(), false, |_| Some(PresenceLevel::Offline));
        let again = people.ask("");
        people.answered(&again, Some(page(0..2, false)));
        let after = people.place(&before, true, |_| Some(PresenceLevel::Active));
        let ids = |group| people.group(&after, group).map(|line| line.id).collect::<Vec<_>>();
        assert_eq!((ids(Group::Here), ids(Group::Gone)), (vec![id(1)], vec![id(0)]));
    }
}
