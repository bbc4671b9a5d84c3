//! The audit log as its page holds it: the loaded entries, under the days they were made on, and what narrows them.
//!
//! Each act has a sentence of its own, named by [`kind`]; the words are `i18n`'s. The server narrows by one act, person or
//! room; this client asks it for those, and looks through what is loaded for the rest.

use std::sync::Arc;

use shared::{
    audit::{AuditAct, AuditEntry, AuditPage},
    cursor::Offset,
    id::{MemberId, RoomId},
};

use super::time::{day_at, unix_ms};

/// What is loaded of the log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    /// The entries, newest first.
    pub entries: Vec<Arc<AuditEntry>>,
    /// How many there are in all.
    pub total: u64,
    /// Whether there are older ones.
    pub more: bool,
}

impl Log {
    /// Takes in the first page, or the one below the last.
    pub fn take(&mut self, page: AuditPage, first: bool) {
        if first {
            self.entries.clear();
        }
        self.entries.extend(page.entries.into_iter().map(Arc::new));
        (self.total, self.more) = (page.total, page.more);
    }

    /// Whether there are older ones that are not older than this.
    #[must_use]
    pub fn more_since(&self, since_ms: Option<i64>) -> bool {
        self.more && since_ms.is_none_or(|since| self.entries.last().is_none_or(|last| at_ms(last) >= since))
    }

    /// The place before which the next page lies.
    #[must_use]
    pub fn last(&self) -> Option<Offset> {
        self.entries.last().map(|entry| entry.offset)
    }
}

/// Whom and what a name in the log stands for; the page finds it, or says that it is nobody it may know.
pub trait Names {
    /// A person's name.
    fn person(&self, member: MemberId) -> Option<String>;

    /// A room's name.
    fn room(&self, room: RoomId) -> Option<String>;
}

/// What narrows the log among what is loaded of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Narrowed<'a> {
    /// Acts of this kind.
    pub kind: Kind,
    /// Not older than this, in Unix milliseconds.
    pub since_ms: Option<i64>,
    /// What is looked for; empty for everything.
    pub find: &'a str,
}

/// The entries that fit, under their days. `zone`: minutes by which local time is ahead of UTC at a moment.
#[must_use]
pub fn days(log: &Log, narrowed: Narrowed<'_>, names: &dyn Names, zone: &dyn Fn(i64) -> i32) -> Vec<Day> {
    let Narrowed { kind, since_ms, find } = narrowed;
    let is_shown = |entry: &&Arc<AuditEntry>| {
        kind.has(entry.act) && since_ms.is_none_or(|since| at_ms(entry) >= since) && fits(entry, find, names)
    };
    let mut days: Vec<Day> = Vec::new();
    for entry in log.entries.iter().filter(is_shown) {
        let at_ms = at_ms(entry);
        let day = day_at(at_ms, zone(at_ms));
        match days.last_mut() {
            Some(last) if last.day == day => last.entries.push(entry.clone()),
            _ => days.push(Day { day, at_ms, entries: vec![entry.clone()] }),
        }
    }
    days
}

/// When an act was done, in Unix milliseconds.
fn at_ms(entry: &AuditEntry) -> i64 {
    unix_ms(&entry.at.0).unwrap_or_default()
}

/// One day of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Day {
    /// Days since 1970-01-01 in the reader's zone.
    pub day: i32,
    /// A moment of it, in Unix milliseconds.
    pub at_ms: i64,
    /// What was done, newest first.
    pub entries: Vec<Arc<AuditEntry>>,
}

/// Whether an entry names what is looked for: a person, a room, an address, or what else it says.
fn fits(entry: &AuditEntry, find: &str, names: &dyn Names) -> bool {
    let find = lower(find.trim());
    if find.is_empty() {
        return true;
    }
    let people = [Some(entry.by), entry.member].into_iter().flatten().filter_map(|member| names.person(member));
    let room = entry.room.and_then(|room| names.room(room));
    let said = [&entry.detail, &entry.address].into_iter().flatten().cloned();
    let reason = entry.reason.as_ref().map(ToString::to_string);
    people.chain(room).chain(said).chain(reason).any(|text| contains(&lower(&text), &find))
}

/// Latin letters without their case; others are looked for as they are.
fn lower(text: &str) -> Vec<char> {
    text.chars().map(|c| c.to_ascii_lowercase()).collect()
}

fn contains(text: &[char], find: &[char]) -> bool {
    text.windows(find.len()).any(|part| part == find)
}

/// Kinds of acts, by which the page narrows the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// All of them.
    #[default]
    Every,
    /// What was done to people.
    People,
    /// What was done to rooms and what is said in them.
    Rooms,
    /// Invites, links and tokens.
    Links,
    /// The place's own name and rules.
    Place,
}

impl Kind {
    /// Every kind, in the order of the page.
    pub const ALL: [Self; 5] = [Self::Every, Self::People, Self::Rooms, Self::Links, Self::Place];

    /// Whether an act is of this kind.
    #[must_use]
    pub fn has(self, act: AuditAct) -> bool {
        self == Self::Every || self == kind(act)
    }
}

/// The kind of an act.
#[must_use]
pub fn kind(act: AuditAct) -> Kind {
    use AuditAct as Act;
    match act {
        Act::RoleChanged | Act::Deactivated | Act::Reactivated | Act::Banned | Act::Unbanned => Kind::People,
        Act::RoomConverted | Act::RoomArchived | Act::RoomRestored | Act::MemberRemoved | Act::MessageDeleted => {
            Kind::Rooms
        }
        Act::ResetLinkMade | Act::InviteMade | Act::InviteWithdrawn | Act::TokenMade | Act::TokenRevoked => Kind::Links,
        Act::WorkspaceChanged | Act::Unknown => Kind::Place,
    }
}

#[cfg(test)]
mod tests {
    use shared::{member::Timestamp, text::Reason};

    use super::*;

    struct Town;

    impl Names for Town {
        fn person(&self, member: MemberId) -> Option<String> {
            (member == MemberId::from_entropy([1; 12])).then(|| "Wei Chen".to_owned())
        }

        fn room(&self, _: RoomId) -> Option<String> {
            Some("品茶会".to_owned())
        }
    }

    fn entry(offset: u64, at: &str, act: AuditAct) -> AuditEntry {
        AuditEntry {
            offset: Offset(offset),
            at: Timestamp(at.to_owned()),
            by: MemberId::from_entropy([1; 12]),
            act,
            member: Some(MemberId::from_entropy([2; 12])),
            room: Some(RoomId::from_entropy([3; 12])),
            detail: None,
            reason: Reason::parse("Links to a shop").ok(),
            count: None,
            address: Some("203.0.113.7".to_owned()),
        }
    }

    fn log() -> Log {
        let mut log = Log::default();
        let entries = vec![
            entry(9, "2026-11-22T23:30:00.000Z", AuditAct::Banned),
            entry(7, "2026-11-22T00:10:00.000Z", AuditAct::RoomArchived),
        ];
        log.take(AuditPage { entries, more: true, total: 3 }, true);
        let entries = vec![entry(2, "2026-11-21T23:50:00.000Z", AuditAct::InviteMade)];
        log.take(AuditPage { entries, more: false, total: 3 }, false);
        log
    }

    #[test]
    fn entries_stand_under_the_readers_days() {
        let log = log();
        assert_eq!((log.entries.len(), log.last(), log.more), (3, Some(Offset(2)), false));
        let lengths = |zone: i32| -> Vec<usize> {
            days(&log, Narrowed::default(), &Town, &|_| zone).iter().map(|day| day.entries.len()).collect()
        };
        assert_eq!(lengths(0), [2, 1]);
        assert_eq!(lengths(60), [1, 2]);
    }

    #[test]
    fn a_search_looks_at_everything_that_is_said() {
        let log = log();
        let count =
            |narrowed| -> usize { days(&log, narrowed, &Town, &|_| 0).iter().map(|day| day.entries.len()).sum() };
        let of = |kind| count(Narrowed { kind, ..Narrowed::default() });
        assert_eq!((of(Kind::People), of(Kind::Rooms), of(Kind::Place)), (1, 1, 0));
        let found = |find| count(Narrowed { find, ..Narrowed::default() });
        for (find, count) in
            [("", 3), ("  ", 3), ("wei", 3), ("茶", 3), ("203.0", 3), ("SHOP", 3), ("sam", 0), ("198.", 0)]
        {
            assert_eq!(found(find), count, "{find}");
        }
    }

    #[test]
    fn older_entries_are_neither_shown_nor_loaded() {
        let mut log = log();
        log.more = true;
        let since = |at: &str| unix_ms(at);
        let shown = |since_ms| -> usize {
            let narrowed = Narrowed { since_ms, ..Narrowed::default() };
            days(&log, narrowed, &Town, &|_| 0).iter().map(|day| day.entries.len()).sum()
        };
        for (at, count, more) in [
            ("2026-11-22T00:10:00.001Z", 1, false),
            ("2026-11-22T00:10:00.000Z", 2, false),
            ("2026-11-21T23:50:00.000Z", 3, true),
        ] {
            assert_eq!((shown(since(at)), log.more_since(since(at))), (count, more), "{at}");
        }
        assert_eq!((shown(None), log.more_since(None)), (3, true));
        assert!(Log { more: true, ..Log::default() }.more_since(Some(0)), "nothing is loaded yet");
    }

    #[test]
    fn every_act_is_of_one_kind() {
        for act in AuditAct::ALL {
            assert_eq!(Kind::ALL.iter().filter(|kind| kind.has(*act)).count(), 2, "{act:?}: its own, and every");
        }
    }
}
