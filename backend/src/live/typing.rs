//! Who is typing where: leases that a request gives and the clock ends. Pure: whoever calls says what time it is.
//!
//! What readers of a room are told is a list of at most [`TYPING_SHOWN_MAX`] people without themselves, so those on the list
//! are told apart from all others ([`Told`]). The list is told when it changes, at most once a second for a room, once in three in a
//! large one, and again before the clients let it lapse. In a room where many type it hardly ever changes: those who
//! began first stay on it.

use std::collections::{HashMap, HashSet};

use shared::{
    id::{MemberId, RoomId},
    presence::{TYPING_LEASE_MS, TYPING_SHOWN_MAX},
};

const LEASE_MS: i64 = TYPING_LEASE_MS.cast_signed();

/// Time between two events of a room.
const EVERY_MS: i64 = 1_000;

/// The same in a large room: each event goes to everyone in it.
const EVERY_LARGE_MS: i64 = 3_000;

/// A room with more open streams than this is large.
const LARGE: usize = 200;

/// After this long a list that is still true is told again: the clients let one lapse after [`TYPING_LEASE_MS`].
const AGAIN_MS: i64 = 4_000;

/// People of one room who are kept. More are several, whoever they are.
const TYPISTS_MAX: usize = 32;

/// People of a list from which everyone's own list can be made, by leaving out themself.
const KNOWN: usize = TYPING_SHOWN_MAX + 1;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Typing {
    rooms: HashMap<RoomId, Typists>,
    /// Who does not share it.
    hidden: HashSet<MemberId>,
}

/// Those who type in one room, by when they began.
#[derive(Debug, Default)]
struct Typists {
    now: Vec<(MemberId, i64)>,
    told: Vec<MemberId>,
    told_at_ms: Option<i64>,
}

/// What is to be told of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// The room.
    pub(super) room: RoomId,
    /// To all but those in `apart`; nothing when nothing has changed for them.
    pub(super) everyone: Option<Vec<MemberId>>,
    /// To these, who are or were on the list themselves.
    pub(super) apart: Vec<(MemberId, Option<Vec<MemberId>>)>,
}

impl Typing {
    /// Nobody types; these do not share it.
    pub(super) fn new(hidden: impl IntoIterator<Item = MemberId>) -> Self {
        Self { rooms: HashMap::new(), hidden: hidden.into_iter().collect() }
    }

    /// Someone types, and may be seen to by the people of the room.
    pub(super) fn begin(&mut self, member: MemberId, room: RoomId, now_ms: i64) {
        if self.hidden.contains(&member) {
            return;
        }
        let now = &mut self.rooms.entry(room).or_default().now;
        if let Some((_, until_ms)) = now.iter_mut().find(|(other, _)| *other == member) {
            *until_ms = now_ms + LEASE_MS;
        } else if now.len() < TYPISTS_MAX {
            now.push((member, now_ms + LEASE_MS));
        }
    }

    /// Someone does not type any more, or is not in the room any more.
    pub(super) fn end(&mut self, member: MemberId, room: RoomId) {
        if let Some(typists) = self.rooms.get_mut(&room) {
            typists.now.retain(|(other, _)| *other != member);
        }
    }

    /// From now on a person shares whether they type, or does not.
    pub(super) fn hide(&mut self, member: MemberId, is_hidden: bool) {
        if is_hidden {
            self.hidden.insert(member);
            self.rooms.values_mut().for_each(|typists| typists.now.retain(|(other, _)| *other != member));
        } else {
            self.hidden.remove(&member);
        }
    }

    /// Whether there is nothing to tell, now or later.
    pub(super) fn is_quiet(&self) -> bool {
        self.rooms.is_empty()
    }

    /// What is to be told now; `streams` counts those that are open in a room.
    pub(super) fn step(&mut self, now_ms: i64, streams: impl Fn(RoomId) -> usize) -> Vec<Told> {
        let mut told = Vec::new();
        self.rooms.retain(|&room, typists| {
            let every_ms = if streams(room) > LARGE { EVERY_LARGE_MS } else { EVERY_MS };
            told.extend(typists.step(room, now_ms, every_ms));
            !(typists.now.is_empty() && typists.told.is_empty())
        });
        told
    }
}

impl Typists {
    fn step(&mut self, room: RoomId, now_ms: i64, every_ms: i64) -> Option<Told> {
        // No lease is longer than it is from now, whatever the clock did.
        self.now.iter_mut().for_each(|(_, until_ms)| *until_ms = (*until_ms).min(now_ms + LEASE_MS));
        self.now.retain(|(_, until_ms)| *until_ms > now_ms);
        let since_ms = self.told_at_ms.map_or(i64::MAX, |at_ms| now_ms.abs_diff(at_ms).cast_signed());
        if since_ms < every_ms {
            return None;
        }
        let now: Vec<_> = self.now.iter().map(|(member, _)| *member).take(KNOWN).collect();
        let is_due = |old: &[MemberId], new: &[MemberId]| old != new || (since_ms >= AGAIN_MS && !new.is_empty());
        let view = |whose: Option<MemberId>| {
            let (old, new) = (without(&self.told, whose), without(&now, whose));
            is_due(&old, &new).then_some(new)
        };
        let mut listed = self.told.clone();
        listed.extend(now.iter().filter(|member| !self.told.contains(member)));
        let everyone = view(None);
        let apart: Vec<_> = listed.into_iter().map(|member| (member, view(Some(member)))).collect();
        if everyone.is_none() && apart.iter().all(|(_, list)| list.is_none()) {
            return None;
        }
        (self.told, self.told_at_ms) = (now, Some(now_ms));
        Some(Told { room, everyone, apart })
    }
}

/// The list as one of its people is told it.
fn without(list: &[MemberId], whose: Option<MemberId>) -> Vec<MemberId> {
    list.iter().copied().filter(|member| Some(*member) != whose).take(TYPING_SHOWN_MAX).collect()
}

#[cfg(test)]
mod tests;
