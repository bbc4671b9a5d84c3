//! Who is here, and who types where: what the stream last said, and nothing beyond it (PROTOCOL §12).
//!
//! All of it ends with the stream: after a break nobody is known to be here, which is not the same as offline
//! (`ux.md` §10). In a small workspace the stream names everyone who is here; in a large one the client asks for those
//! whom a view shows, and asks again before the server stops to tell of them. Typing ends by this device's clock, too: the
//! word that it has ended may be lost.

use shared::{
    id::{MemberId, RoomId},
    limits::LIST_MAX,
    presence::{PRESENCE_WATCH_MS, Presence as Here, PresenceLevel, TYPING_LEASE_MS, Typing},
    sorted::SortedMap,
};

use super::time::earlier;

/// People that views show at most, as far as they are asked for.
const SHOWN_MAX: usize = 1_000;

/// Who is still shown is asked for again after this long, in milliseconds.
const ASK_AGAIN_MS: u64 = PRESENCE_WATCH_MS / 2;

/// After a question without an answer, in milliseconds.
const ASK_LATER_MS: u64 = 15_000;

/// What is known of those who are not named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Others {
    /// Nothing: there is no stream.
    #[default]
    Unknown,
    /// They are not here.
    Offline,
    /// Nothing, until they are asked for.
    Unasked,
}

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct Presence {
    others: Others,
    levels: SortedMap<MemberId, PresenceLevel>,
    /// Whom views show, and when they are to be asked for (monotonic milliseconds).
    shown: SortedMap<MemberId, u64>,
    /// A question is under way; these were told of since, which is newer than its answer.
    question: Option<Vec<MemberId>>,
    typing: SortedMap<RoomId, Typists>,
    revision: u32,
}

#[derive(Debug, Clone, Default)]
struct Typists {
    members: Vec<MemberId>,
    until: u64,
}

impl Presence {
    /// Changes whenever something here does that is to be seen.
    #[must_use]
    pub fn revision(&self) -> u32 {
        self.revision
    }

    /// What someone is. `None`: it is not known.
    #[must_use]
    pub fn level(&self, member: MemberId) -> Option<PresenceLevel> {
        let unnamed = || (self.others == Others::Offline).then_some(PresenceLevel::Offline);
        self.levels.get(&member).copied().or_else(unnamed)
    }

    /// How many people are active. `None`: it is not known of everyone.
    #[must_use]
    pub fn here(&self) -> Option<usize> {
        let active = || self.levels.values().filter(|level| **level == PresenceLevel::Active).count();
        (self.others == Others::Offline).then(active)
    }

    /// Who types in a room, those who began first coming first; the reader is not among them.
    #[must_use]
    pub fn typists(&self, room: RoomId) -> &[MemberId] {
        self.typing.get(&room).map_or(&[], |typists| &typists.members)
    }

    /// The stream said its last values. `None`: there are too many people to name all.
    pub fn begin(&mut self, here: Option<&[Here]>) {
        self.levels.clear();
        self.question = None;
        self.others = if here.is_some() { Others::Offline } else { Others::Unasked };
        self.shown.values_mut().for_each(|ask_at| *ask_at = 0);
        self.change(here.unwrap_or_default());
    }

    /// The stream has caught up. A tab that shares another's may never hear who was here at first: it asks, as in a large
    /// place.
    pub fn caught_up(&mut self) {
        if self.others == Others::Unknown {
            self.others = Others::Unasked;
        }
    }

    /// The stream said what has changed.
    pub fn change(&mut self, changes: &[Here]) {
        for here in changes {
            self.levels.insert(here.member, here.level);
            if let Some(told) = &mut self.question {
                told.push(here.member);
            }
        }
        self.revision += 1;
    }

    /// There is no stream any more: nothing is known.
    pub fn lose(&mut self) {
        let shown = std::mem::take(&mut self.shown);
        *self = Self { shown, revision: self.revision + 1, ..Self::default() };
    }

    /// A view shows these people.
    pub fn show(&mut self, members: &[MemberId]) {
        let new = members.iter().filter(|member| !self.shown.contains_key(member)).count();
        if self.shown.values().len() + new > SHOWN_MAX {
            self.shown.clear();
        }
        for member in members.iter().take(SHOWN_MAX) {
            self.shown.get_or_insert_with(*member, || 0);
        }
    }

    /// Whom to ask for now, if anybody; then say [`answered`](Self::answered).
    pub fn ask(&mut self, now: u64) -> Option<Vec<MemberId>> {
        if self.others != Others::Unasked || self.question.is_some() {
            return None;
        }
        let due = self.shown.iter_mut().filter(|(_, ask_at)| **ask_at <= now).take(LIST_MAX as usize);
        let asked: Vec<_> = due
            .map(|(member, ask_at)| {
                *ask_at = now + ASK_AGAIN_MS;
                *member
            })
            .collect();
        if asked.is_empty() {
            return None;
        }
        self.question = Some(Vec::new());
        Some(asked)
    }

    /// The answer. `None`: there is none, and those who were asked for are asked for later.
    pub fn answered(&mut self, asked: &[MemberId], answer: Option<&[Here]>, now: u64) {
        // After a break it is the answer to nothing.
        let Some(told) = self.question.take() else { return };
        match answer {
            Some(here) => {
                let news: Vec<_> = here.iter().filter(|here| !told.contains(&here.member)).copied().collect();
                self.change(&news);
            }
            None => {
                for member in asked {
                    self.shown.insert(*member, now + ASK_LATER_MS);
                }
            }
        }
    }

    /// The stream said who types in a room.
    pub fn types(&mut self, typing: Typing, now: u64) {
        if typing.members.is_empty() {
            self.typing.remove(&typing.room);
        } else {
            self.typing.insert(typing.room, Typists { members: typing.members, until: now + TYPING_LEASE_MS });
        }
        self.revision += 1;
    }

    /// Someone has posted in a room: they type no more, whatever the stream says of it, and when.
    pub fn posted(&mut self, member: MemberId, room: RoomId) {
        if let Some(typists) = self.typing.get_mut(&room)
            && typists.members.contains(&member)
        {
            typists.members.retain(|typist| *typist != member);
            self.revision += 1;
        }
    }

    /// A room is gone.
    pub fn forget_room(&mut self, room: RoomId) {
        self.typing.remove(&room);
    }

    /// Ends what has lapsed.
    pub fn wake(&mut self, now: u64) {
        let lapsed: Vec<_> =
            self.typing.iter().filter(|(_, typists)| typists.until <= now).map(|(room, _)| *room).collect();
        for room in &lapsed {
            self.typing.remove(room);
        }
        self.revision += u32::from(!lapsed.is_empty());
    }

    /// When [`wake`](Self::wake) or [`ask`](Self::ask) has something to do (monotonic milliseconds). `None`: never.
    #[must_use]
    pub fn next_wake(&self) -> Option<u64> {
        let asks = self.others == Others::Unasked && self.question.is_none();
        let ask_at = self.shown.values().copied().min().filter(|_| asks);
        earlier(ask_at, self.typing.values().map(|typists| typists.until).min())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PresenceLevel::{Active, Away, Offline};

    fn member(number: u8) -> MemberId {
        MemberId::from_entropy([number; 12])
    }

    fn here(number: u8, level: PresenceLevel) -> Here {
        Here { member: member(number), level }
    }

    fn room(number: u8) -> RoomId {
        RoomId::from_entropy([number; 12])
    }

    #[test]
    fn a_break_makes_everyone_unknown_and_not_offline() {
        let mut presence = Presence::default();
        assert_eq!(presence.level(member(1)), None);
        assert_eq!(presence.here(), None);
        presence.begin(Some(&[here(1, Active)]));
        presence.change(&[here(2, Away)]);
        assert_eq!(presence.here(), Some(1));
        let levels = |presence: &Presence| [1, 2, 3].map(|number| presence.level(member(number)));
        assert_eq!(levels(&presence), [Some(Active), Some(Away), Some(Offline)]);
        let revision = presence.revision();
        presence.change(&[here(1, Offline)]);
        assert_ne!(presence.revision(), revision);
        presence.begin(Some(&[here(3, Active)]));
        assert_eq!(levels(&presence), [Some(Offline), Some(Offline), Some(Active)], "all of it at once");
        presence.types(Typing { room: room(1), members: vec![member(3)] }, 0);
        presence.lose();
        assert_eq!(levels(&presence), [None, None, None]);
        assert_eq!(presence.typists(room(1)), []);
        assert_eq!(presence.next_wake(), None);
    }

    #[test]
    fn of_many_those_are_asked_for_who_are_shown() {
        let mut presence = Presence::default();
        presence.show(&[member(1), member(2)]);
        assert_eq!(presence.ask(0), None, "there is no stream");
        presence.begin(None);
        assert_eq!((presence.next_wake(), presence.here()), (Some(0), None));
        assert_eq!(presence.ask(5), Some(vec![member(1), member(2)]));
        presence.show(&[member(2), member(3)]);
        assert_eq!((presence.ask(5), presence.next_wake()), (None, None), "one question at a time");
        presence.change(&[here(2, Away)]);
        presence.answered(&[member(1), member(2)], Some(&[here(1, Active), here(2, Active)]), 9);
        assert_eq!(presence.level(member(2)), Some(Away), "what was told since is newer");
        assert_eq!((presence.level(member(1)), presence.level(member(3))), (Some(Active), None));
        assert_eq!(presence.ask(9), Some(vec![member(3)]));
        presence.answered(&[member(3)], None, 9);
        assert_eq!((presence.ask(9), presence.next_wake()), (None, Some(9 + ASK_LATER_MS)));
        assert_eq!(presence.ask(9 + ASK_LATER_MS), Some(vec![member(3)]));
        presence.answered(&[member(3)], Some(&[]), 20_000);
        assert_eq!(presence.ask(5 + ASK_AGAIN_MS), Some(vec![member(1), member(2)]), "before nobody tells of them");
        presence.lose();
        presence.answered(&[member(1)], Some(&[here(1, Active)]), 30_000);
        assert_eq!(presence.level(member(1)), None, "that was asked on another stream");
        presence.begin(None);
        assert_eq!(presence.ask(30_000).map(|asked| asked.len()), Some(3), "and all over again on the next");
    }

    #[test]
    fn a_tab_that_heard_changes_alone_asks_for_the_rest() {
        let mut presence = Presence::default();
        presence.show(&[member(1), member(2)]);
        presence.change(&[here(1, Away)]);
        assert_eq!((presence.level(member(2)), presence.ask(0)), (None, None));
        presence.caught_up();
        assert_eq!(presence.ask(0), Some(vec![member(1), member(2)]));
        presence.answered(&[], Some(&[here(1, Active), here(2, Active)]), 0);
        assert_eq!(presence.level(member(2)), Some(Active));
        presence.begin(Some(&[]));
        presence.caught_up();
        assert_eq!(presence.level(member(1)), Some(Offline), "who has heard of all asks nobody");
    }

    #[test]
    fn questions_are_as_long_as_they_may_be() {
        let mut presence = Presence::default();
        presence.begin(None);
        let many = |from: u16| -> Vec<_> {
            let id = |number: u16| {
                let mut entropy = [0; 12];
                entropy[..3].copy_from_slice(&[number / 1_296, number / 36 % 36, number % 36].map(|digit| digit as u8));
                MemberId::from_entropy(entropy)
            };
            (from..from + 150).map(id).collect()
        };
        presence.show(&many(0));
        let asked = presence.ask(0).expect("a question");
        assert_eq!(asked.len(), 100);
        presence.answered(&asked, Some(&[]), 0);
        assert_eq!(presence.ask(0).map(|asked| asked.len()), Some(50));
        for from in (0..3_000).step_by(150) {
            presence.show(&many(from));
        }
        assert!(presence.shown.values().len() <= SHOWN_MAX);
        // Those who are shown already make room for nobody: the rail shows them all the time.
        presence.show(&many(0)[..100]);
        let shown = presence.shown.values().len();
        for _ in 0..100 {
            presence.show(&many(0)[..100]);
        }
        assert_eq!(presence.shown.values().len(), shown);
    }

    #[test]
    fn typing_ends_when_it_is_said_when_somebody_posts_and_by_itself() {
        let mut presence = Presence::default();
        let both = Typing { room: room(1), members: vec![member(1), member(2)] };
        presence.types(both.clone(), 1_000);
        presence.types(Typing { room: room(2), members: vec![member(1)] }, 3_000);
        assert_eq!(presence.typists(room(1)), [member(1), member(2)]);
        presence.posted(member(1), room(1));
        assert_eq!((presence.typists(room(1)), presence.typists(room(2))), (&[member(2)][..], &[member(1)][..]));
        assert_eq!(presence.next_wake(), Some(7_000));
        let revision = presence.revision();
        presence.wake(6_999);
        assert_eq!(presence.revision(), revision);
        presence.wake(7_000);
        assert_eq!((presence.typists(room(1)).len(), presence.typists(room(2)).len()), (0, 1));
        assert_ne!(presence.revision(), revision);
        presence.types(Typing { room: room(2), members: vec![] }, 7_500);
        assert_eq!((presence.typists(room(2)).len(), presence.next_wake()), (0, None));
        presence.types(both, 8_000);
        presence.forget_room(room(1));
        assert_eq!(presence.typists(room(1)), []);
    }
}
