//! How names are compared, and a field that holds people: who has been chosen, who is offered, and what keys do (`ux.md`
//! §15, "Names field").
//!
//! What the server finds comes from outside; here it is only ranked, together with whom this page knows.

use shared::{
    id::MemberId,
    member::{Member, Role},
    sorted,
};

/// People offered at most.
const OFFERED_MAX: usize = 8;

/// A name without its case, for sorting: that of Latin, Greek and Cyrillic letters that have a capital 32 places before
/// them. A table of all capitals would weigh 13 KB.
#[must_use]
pub fn folded(name: &str) -> String {
    let fold = |letter: char| match letter {
        'a'..='z' | 'à'..='þ' | 'α'..='ω' | 'а'..='я' => char::from_u32(letter as u32 - 32).unwrap_or(letter),
        _ => letter,
    };
    name.chars().map(fold).collect()
}

/// How well a name answers what is typed: the smaller the better. `None`: not at all.
#[must_use]
pub fn rank(typed: &str, display_name: &str, sign_in_name: &str) -> Option<u8> {
    let (typed, display_name, sign_in_name) = (folded(typed.trim()), folded(display_name), folded(sign_in_name));
    let mut words = display_name.split(|letter: char| !letter.is_alphanumeric());
    if display_name.starts_with(&*typed) {
        Some(0)
    } else if words.any(|word| word.starts_with(&*typed)) {
        Some(1)
    } else if sign_in_name.starts_with(&*typed) {
        Some(2)
    } else if has_han(&typed) && holds(&display_name, &typed) {
        Some(3)
    } else {
        None
    }
}

/// In a Han name each character may begin a word.
fn has_han(text: &str) -> bool {
    text.chars().any(|letter| matches!(letter, '\u{3400}'..='\u{9fff}'))
}

/// Not the standard library's search, which brings its tables.
fn holds(text: &str, part: &str) -> bool {
    text.char_indices().any(|(at, _)| text[at..].starts_with(part))
}

/// A person who can be chosen, or has been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Who.
    pub id: MemberId,
    /// The name shown.
    pub name: String,
    /// The sign-in name.
    pub sign_in_name: String,
}

impl Choice {
    /// A member as a choice.
    #[must_use]
    pub fn of(member: &Member) -> Self {
        Self { id: member.id, name: member.display_name.to_string(), sign_in_name: member.name.to_string() }
    }
}

/// What a key does in the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The row below.
    Down,
    /// The row above.
    Up,
    /// Takes the selected row, or puts it back.
    Take,
    /// Backspace with nothing typed.
    Erase,
}

/// The field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Who has been chosen, in that order.
    pub chosen: Vec<Choice>,
    /// What is typed.
    pub typed: String,
    /// Who is offered.
    pub offered: Vec<Choice>,
    /// The selected row of those.
    pub at: usize,
    /// The last name is selected: the next Backspace removes it.
    pub armed: bool,
}

impl Names {
    /// Offers anew from these people, of whom some are left out: the best first, and as they come among equals.
    pub fn offer<'a>(&mut self, people: impl Iterator<Item = &'a Member>, left_out: &[MemberId]) {
        let can_be_chosen = |member: &&Member| member.active && member.role != Role::Guest;
        let wanted = people.filter(can_be_chosen).filter(|member| !left_out.contains(&member.id)).enumerate();
        let ranked = wanted.filter_map(|(at, member)| {
            let rank = rank(&self.typed, member.display_name.as_str(), member.name.as_str())?;
            Some((rank, at, member))
        });
        let mut ranked: Vec<_> = ranked.collect();
        sorted::sort(&mut ranked, |one, other| (one.0, one.1) < (other.0, other.1));
        self.offered = ranked.into_iter().take(OFFERED_MAX).map(|(.., member)| Choice::of(member)).collect();
        self.at = self.at.min(self.offered.len().saturating_sub(1));
    }

    /// Something was typed: the first row is selected.
    pub fn type_in(&mut self, text: &str) {
        if self.typed != text {
            text.clone_into(&mut self.typed);
            (self.at, self.armed) = (0, false);
        }
    }

    /// Whether somebody has been chosen.
    #[must_use]
    pub fn has(&self, person: MemberId) -> bool {
        self.chosen.iter().any(|choice| choice.id == person)
    }

    /// Chooses somebody who is offered, or puts them back.
    pub fn take(&mut self, person: MemberId) {
        if self.has(person) {
            self.remove(person);
        } else if let Some(choice) = self.offered.iter().find(|choice| choice.id == person) {
            self.chosen.push(choice.clone());
        }
        self.type_in("");
        self.armed = false;
    }

    /// Puts somebody back.
    pub fn remove(&mut self, person: MemberId) {
        self.chosen.retain(|choice| choice.id != person);
        self.armed = false;
    }

    /// A key. Returns whether it did anything, so that the browser does nothing.
    pub fn press(&mut self, key: Key) -> bool {
        match key {
            Key::Down => self.at = (self.at + 1).min(self.offered.len().saturating_sub(1)),
            Key::Up => self.at = self.at.saturating_sub(1),
            Key::Take => {
                let Some(person) = self.offered.get(self.at).map(|choice| choice.id) else { return false };
                self.take(person);
            }
            Key::Erase => {
                let Some(last) = self.chosen.last().filter(|_| self.typed.is_empty()).map(|last| last.id) else {
                    return false;
                };
                if self.armed {
                    self.remove(last);
                } else {
                    self.armed = true;
                }
            }
        }
        true
    }

    /// The ids of those chosen.
    #[must_use]
    pub fn ids(&self) -> Vec<MemberId> {
        self.chosen.iter().map(|choice| choice.id).collect()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use shared::{
        member::Timestamp,
        text::{Bio, DisplayName, SignInName},
    };

    use super::*;

    fn member(number: u8, name: &str, sign_in: &str) -> Member {
        Member {
            id: MemberId::from_entropy([number; 12]),
            name: SignInName::parse(sign_in).unwrap(),
            display_name: DisplayName::parse(name).unwrap(),
            role: Role::Member,
            joined_at: Timestamp("2026-11-22T12:00:00.000Z".to_owned()),
            bio: Bio::default(),
            active: true,
        }
    }

    fn people() -> Vec<Member> {
        let guest = Member { role: Role::Guest, ..member(6, "Mei Guest", "guest") };
        let away = Member { active: false, ..member(7, "Mei Gone", "gone") };
        vec![
            member(1, "Ada Okafor", "ada"),
            member(2, "Lin Mei", "linmei"),
            member(3, "Mei Lin", "meilin"),
            member(4, "Tomás Rivera", "meister"),
            member(5, "林美", "lin"),
            guest,
            away,
        ]
    }

    fn offered(names: &Names) -> Vec<&str> {
        names.offered.iter().map(|choice| &*choice.name).collect()
    }

    #[test]
    fn names_come_before_words_and_words_before_sign_in_names() {
        let (people, mut names) = (people(), Names::default());
        names.type_in("MEI");
        names.offer(people.iter(), &[]);
        assert_eq!(offered(&names), ["Mei Lin", "Lin Mei", "Tomás Rivera"]);
        names.type_in("美");
        names.offer(people.iter(), &[]);
        assert_eq!(offered(&names), ["林美"]);
        names.type_in("");
        names.offer(people.iter(), &[people[0].id]);
        assert_eq!(offered(&names), ["Lin Mei", "Mei Lin", "Tomás Rivera", "林美"]);
    }

    #[test]
    fn keys_walk_take_and_put_back() {
        let (people, mut names) = (people(), Names::default());
        names.offer(people.iter(), &[]);
        assert!(names.press(Key::Down) && names.press(Key::Take));
        assert_eq!(names.ids(), [people[1].id]);
        assert!(names.press(Key::Up), "the first row stays the first");
        assert_eq!(names.at, 0);
        names.take(people[1].id);
        assert!(names.chosen.is_empty(), "taken twice is put back");
    }

    #[test]
    fn backspace_selects_the_last_name_and_then_removes_it() {
        let (people, mut names) = (people(), Names::default());
        assert!(!names.press(Key::Erase));
        names.offer(people.iter(), &[]);
        names.take(people[0].id);
        names.take(people[2].id);
        assert!(names.press(Key::Erase) && names.armed);
        names.type_in("a");
        assert!(!names.armed && !names.press(Key::Erase), "a letter is erased first");
        names.type_in("");
        assert!(names.press(Key::Erase) && names.press(Key::Erase));
        assert_eq!((names.ids(), names.armed), (vec![people[0].id], false));
    }

    #[test]
    fn names_are_folded_without_a_table_of_all_capitals() {
        assert_eq!(folded("Zoë àÉ Ωmega я"), "ZOË ÀÉ ΩMEGA Я");
    }
}
