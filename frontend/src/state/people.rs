//! The list of people as its page holds it: the loaded pages, who has changed since, and what may be done to each.
//!
//! A role that was just changed can be taken back for six seconds; it has been sent already, so taking it back sends the
//! old one. What anybody may do is `shared::policy`'s; this only asks it.

use std::sync::Arc;

use shared::{
    id::MemberId,
    member::{Member, PeoplePage, Person, Role},
    policy::{self, PersonAction},
    text::WorkspaceName,
};

/// How long a change of role can be taken back, in milliseconds (`ux.md` §15, People).
pub const UNDO_MS: u64 = 6_000;

/// Above so many messages a deletion of all of them has to be confirmed by typing the person's name.
pub const TYPED_ABOVE: u64 = 1_000;

/// Which people the list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    /// Everyone.
    #[default]
    All,
    /// Owners and admins.
    Admins,
    /// Guests.
    Guests,
    /// Accounts that are not in use.
    Inactive,
    /// Banned accounts; for admins.
    Banned,
}

impl Show {
    /// Every choice, in the order of the page.
    pub const ALL: [Self; 5] = [Self::All, Self::Admins, Self::Guests, Self::Inactive, Self::Banned];

    /// The word of the query; empty for everyone.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Admins => "admins",
            Self::Guests => "guests",
            Self::Inactive => "inactive",
            Self::Banned => "banned",
        }
    }
}

/// What is loaded of the list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
    /// The people, in the server's order.
    pub people: Vec<Arc<Person>>,
    /// How many there are in all.
    pub total: u32,
    /// Where the next page begins; `None` at the end.
    pub next: Option<MemberId>,
}

impl List {
    /// Takes in the first page, or the one after the last.
    pub fn take(&mut self, page: PeoplePage, first: bool) {
        if first {
            self.people.clear();
        }
        // Somebody renamed themself between two pages: nobody is listed twice.
        for person in page.people {
            match self.people.iter_mut().find(|known| known.member.id == person.member.id) {
                Some(known) => *known = Arc::new(person),
                None => self.people.push(Arc::new(person)),
            }
        }
        (self.total, self.next) = (page.total, page.next);
    }

    /// A person of the list.
    #[must_use]
    pub fn person(&self, member: &str) -> Option<&Arc<Person>> {
        self.people.iter().find(|person| person.member.id.to_string() == member)
    }

    /// Shows a change before the server has told of it. Returns the person as they were.
    pub fn change(&mut self, member: MemberId, change: &dyn Fn(&mut Person)) -> Option<Arc<Person>> {
        let known = self.people.iter_mut().find(|person| person.member.id == member)?;
        let mut changed = Person::clone(known);
        change(&mut changed);
        Some(std::mem::replace(known, Arc::new(changed)))
    }
}

/// What somebody is, as the list says it: their role, or that the account is not in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In use.
    Role(Role),
    /// Deactivated.
    Inactive,
    /// Banned.
    Banned,
}

/// What a person is.
#[must_use]
pub fn standing(role: Role, active: bool, banned: bool) -> Standing {
    match (banned, active) {
        (true, _) => Standing::Banned,
        (false, false) => Standing::Inactive,
        (false, true) => Standing::Role(role),
    }
}

/// The roles that `me` may give to somebody, what they have among them, the highest first. Fewer than two: there is nothing
/// to choose.
#[must_use]
pub fn roles_for(me: &Member, target: &Member) -> Vec<Role> {
    let may = |role: Role| role == target.role || acts(me, target, PersonAction::ChangeRole(role));
    Role::ALL.into_iter().filter(|role| may(*role)).collect()
}

/// Whether `me` may do this to somebody.
#[must_use]
pub fn acts(me: &Member, target: &Member, action: PersonAction) -> bool {
    policy::to_person(me.role, target.role, me.id == target.id, action)
}

/// Whether a change of role is asked about first: an owner is made, or one's own rights are given away.
#[must_use]
pub fn asks_first(me: &Member, target: &Member, role: Role) -> bool {
    role == Role::Owner || me.id == target.id
}

/// What an admin may do to somebody, as the second block of their card shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deeds {
    /// Make a link for a new password.
    pub reset: bool,
    /// Deactivate the account.
    pub deactivate: bool,
    /// Reactivate it.
    pub reactivate: bool,
    /// Ban the person.
    pub ban: bool,
    /// Lift the ban.
    pub lift: bool,
}

impl Deeds {
    /// What `me` may do to somebody now.
    #[must_use]
    pub fn of(me: &Member, target: &Member, banned: bool) -> Self {
        let others = me.id != target.id;
        let may = |action| acts(me, target, action);
        Self {
            reset: target.active && !banned && may(PersonAction::MakeResetLink),
            // One's own account is not ended in a list of others.
            deactivate: target.active && !banned && others && may(PersonAction::Deactivate),
            reactivate: !target.active && !banned && may(PersonAction::Reactivate),
            ban: !banned && may(PersonAction::Ban),
            lift: banned && may(PersonAction::Ban),
        }
    }

    /// Whether there is anything.
    #[must_use]
    pub fn any(self) -> bool {
        self != Self::default()
    }
}

/// Two names that may still be free in place of one that is taken. `refused` are those that were tried already.
#[must_use]
pub fn other_names(taken: &str, refused: &[String], place: &WorkspaceName) -> [String; 2] {
    let base = taken.trim().trim_end_matches(|c: char| c.is_ascii_digit());
    let base = if base.is_empty() { taken.trim() } else { base };
    let word = place.as_str().split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty()).unwrap_or("tea");
    let numbered = (2_u32..).map(|number| [base, &number.to_string()].concat());
    let placed = std::iter::once([base, ".", word].concat());
    let numbered_too = (2_u32..).map(|number| [base, ".", word, &number.to_string()].concat());
    let free = |name: &String| name != taken.trim() && !refused.contains(name);
    let first = |mut names: Box<dyn Iterator<Item = String> + '_>| names.find(free).unwrap_or_default();
    [first(Box::new(numbered)), first(Box::new(placed.chain(numbered_too)))]
}

#[cfg(test)]
mod tests {
    use shared::{
        member::Timestamp,
        text::{Bio, DisplayName, SignInName},
    };

    use super::*;

    fn member(number: u8, role: Role) -> Member {
        Member {
            id: MemberId::from_entropy([number; 12]),
            name: SignInName::parse("lin").expect("a name"),
            display_name: DisplayName::parse("林美").expect("a name"),
            role,
            joined_at: Timestamp("2026-11-22T12:00:00.000Z".to_owned()),
            bio: Bio::default(),
            active: true,
        }
    }

    fn person(number: u8) -> Person {
        let member = member(number, Role::Member);
        Person { member, invited_by: None, room_count: Some(1), last_seen_at: None, banned: Some(false) }
    }

    fn page(numbers: &[u8], next: Option<u8>) -> PeoplePage {
        let people = numbers.iter().map(|number| person(*number)).collect();
        PeoplePage { people, next: next.map(|next| MemberId::from_entropy([next; 12])), total: 9 }
    }

    #[test]
    fn pages_follow_one_another_and_nobody_is_listed_twice() {
        let mut list = List::default();
        list.take(page(&[1, 2], Some(3)), true);
        list.take(page(&[2, 3], None), false);
        assert_eq!((list.people.len(), list.total, list.next), (3, 9, None));
        list.take(page(&[4], None), true);
        assert_eq!(list.people.len(), 1);
        let id = MemberId::from_entropy([4; 12]);
        let before = list.change(id, &|person| person.member.role = Role::Admin).expect("is there");
        assert_eq!(before.member.role, Role::Member);
        assert_eq!(list.person(&id.to_string()).map(|person| person.member.role), Some(Role::Admin));
    }

    #[test]
    fn roles_are_those_that_the_policy_allows() {
        use Role::{Admin, Bot, Guest, Owner};
        let (owner, admin, plain) = (member(1, Owner), member(2, Admin), member(3, Role::Member));
        assert_eq!(roles_for(&owner, &plain), [Owner, Admin, Role::Member, Guest]);
        assert_eq!(roles_for(&admin, &plain), [Admin, Role::Member, Guest]);
        assert_eq!(roles_for(&admin, &owner), [Owner], "nothing to choose");
        assert_eq!(roles_for(&admin, &member(4, Admin)), [Admin]);
        assert_eq!(roles_for(&plain, &plain), [Role::Member]);
        assert_eq!(roles_for(&owner, &member(4, Bot)), [Bot]);
        assert!(asks_first(&owner, &plain, Owner) && asks_first(&owner, &owner, Admin));
        assert!(!asks_first(&owner, &plain, Admin));
    }

    #[test]
    fn deeds_are_those_that_make_sense_now() {
        let (owner, plain) = (member(1, Role::Owner), member(3, Role::Member));
        let deeds = Deeds::of(&owner, &plain, false);
        assert_eq!(deeds, Deeds { reset: true, deactivate: true, ban: true, ..Deeds::default() });
        let banned = Deeds::of(&owner, &Member { active: false, ..plain.clone() }, true);
        assert_eq!(banned, Deeds { lift: true, ..Deeds::default() });
        let inactive = Deeds::of(&owner, &Member { active: false, ..plain.clone() }, false);
        assert_eq!(inactive, Deeds { reactivate: true, ban: true, ..Deeds::default() });
        assert!(!Deeds::of(&owner, &owner, false).any(), "not to oneself");
        assert!(!Deeds::of(&plain, &member(4, Role::Guest), false).any());
        assert_eq!(standing(Role::Guest, true, false), Standing::Role(Role::Guest));
        assert_eq!(standing(Role::Guest, false, true), Standing::Banned);
        assert_eq!(standing(Role::Guest, false, false), Standing::Inactive);
    }

    #[test]
    fn a_taken_name_has_two_neighbours() {
        let place = WorkspaceName::parse("Longjing Works").expect("a name");
        let check = |taken: &str, refused: &[&str], expected: [&str; 2]| {
            let refused: Vec<String> = refused.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(other_names(taken, &refused, &place), expected, "{taken}");
        };
        check("Ada", &[], ["Ada2", "Ada.Longjing"]);
        check("Ada2", &["Ada", "Ada2"], ["Ada3", "Ada.Longjing"]);
        check("Ada.Longjing", &["Ada.Longjing"], ["Ada.Longjing2", "Ada.Longjing.Longjing"]);
        check("林", &["林2"], ["林3", "林.Longjing"]);
        check("7", &[], ["72", "7.Longjing"]);
    }
}
