//! Who is here: leases that streams hold and the clock ends. Pure: whoever calls says what time it is.
//!
//! A *device* is a session; the tabs of a browser share one. It is here while a stream of it is open and a moment longer,
//! so that a reload is no leaving, and active for as long as its person did something a short while ago. A person is the
//! most that one of their devices is. What has changed is told once a second by [`Presence::step`], not when it happens:
//! however many people come and go, there is one event, and who went and came back meanwhile is in none.
//!
//! In a workspace of more than [`SNAPSHOT_PEOPLE_MAX`] people only those are told of whom a client has asked for
//! ([`Presence::watch`]): no client shows thousands, and telling each of thousands of each of thousands is what no server
//! can pay. Whether a reader may know of a person at all is for [`super::audience`].

use std::collections::{HashMap, HashSet, VecDeque};

use shared::{
    id::{MemberId, SessionId},
    limits::SNAPSHOT_PEOPLE_MAX,
    presence::{ACTIVE_LEASE_MS, PRESENCE_WATCH_MS, Presence as Here, PresenceLevel},
};

/// How long a device stays after its last stream has ended: most reloads are quicker. With the second between two steps a
/// clean leaving is told within two (guarantee G12).
pub(super) const LEAVE_AFTER_MS: i64 = 900;

/// The same after the end of a batch, whose reader asks for the next one as soon as the last byte is there.
pub(super) const LEAVE_AFTER_BATCH_MS: i64 = 5_000;

/// People in one event, and so in one second: nine kilobytes. More wait for the next one, those first who changed first.
pub(super) const CHANGES_MAX: usize = 200;

const ACTIVE_MS: i64 = ACTIVE_LEASE_MS.cast_signed();
const WATCH_MS: i64 = PRESENCE_WATCH_MS.cast_signed();

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Presence {
    /// Everyone with a device, and those who have none any more until that is told.
    people: HashMap<MemberId, Person>,
    /// Who does not share it.
    hidden: HashSet<MemberId>,
    /// Whether there are so many people that only those in `watched` are told of, until the time that stands there.
    is_large: bool,
    watched: HashMap<MemberId, i64>,
    /// Whose level may be another than the one that was told; each once, in the order in which they changed.
    changed: VecDeque<MemberId>,
    /// When those who have gone were last here, until somebody has kept it.
    last_seen: HashMap<MemberId, i64>,
}

#[derive(Debug, Default)]
struct Person {
    devices: Vec<Device>,
    told: PresenceLevel,
    /// Waits in `changed`.
    is_changed: bool,
    /// Is told even if nothing changed: somebody may know of them who might not before.
    is_news: bool,
}

#[derive(Debug)]
struct Device {
    session: SessionId,
    streams: u32,
    /// When it goes; it counts only while no stream is open.
    leaves_at_ms: i64,
    /// Until when it is active.
    away_at_ms: i64,
}

impl Presence {
    /// Nobody is here; these do not share whether they are.
    pub(super) fn new(hidden: impl IntoIterator<Item = MemberId>) -> Self {
        Self { hidden: hidden.into_iter().collect(), ..Self::default() }
    }

    /// Takes note of how many people there are. Returns whether there are too many, for the first time, to tell of all.
    pub(super) fn count_people(&mut self, people: usize) -> bool {
        let is_new = !self.is_large && people > SNAPSHOT_PEOPLE_MAX as usize;
        self.is_large |= is_new;
        is_new
    }

    /// Whether there are too many people to tell of all.
    pub(super) const fn is_large(&self) -> bool {
        self.is_large
    }

    /// A stream of a device opens. A device that was not here begins as `level` says; one that was stays what it is.
    pub(super) fn enter(&mut self, member: MemberId, session: SessionId, level: PresenceLevel, now_ms: i64) {
        let devices = &mut self.people.entry(member).or_default().devices;
        if let Some(device) = devices.iter_mut().find(|device| device.session == session) {
            device.streams += 1;
        } else {
            let away_at_ms = away_at(level, now_ms);
            devices.push(Device { session, streams: 1, leaves_at_ms: 0, away_at_ms });
        }
    }

    /// A stream of a device has ended.
    pub(super) fn leave(&mut self, member: MemberId, session: SessionId, stays_ms: i64, now_ms: i64) {
        if let Some(device) = self.device(member, session) {
            device.streams = device.streams.saturating_sub(1);
            device.leaves_at_ms = now_ms + stays_ms;
        }
    }

    /// The person has done something with a device, or says that they do not.
    pub(super) fn set_level(&mut self, member: MemberId, session: SessionId, level: PresenceLevel, now_ms: i64) {
        if let Some(device) = self.device(member, session) {
            device.away_at_ms = away_at(level, now_ms);
        }
    }

    fn device(&mut self, member: MemberId, session: SessionId) -> Option<&mut Device> {
        self.people.get_mut(&member)?.devices.iter_mut().find(|device| device.session == session)
    }

    /// From now on a person shares whether they are here, or does not.
    pub(super) fn hide(&mut self, member: MemberId, is_hidden: bool) {
        if is_hidden {
            self.hidden.insert(member);
            self.last_seen.remove(&member);
        } else {
            self.hidden.remove(&member);
        }
    }

    /// Tells of a person who is here once more: somebody may know of them now.
    pub(super) fn tell_again(&mut self, member: MemberId) {
        if let Some(person) = self.people.get_mut(&member) {
            person.is_news = true;
        }
    }

    /// What was told of a person: what a client that has heard everything shows.
    pub(super) fn level(&self, member: MemberId) -> PresenceLevel {
        if self.hidden.contains(&member) {
            return PresenceLevel::Offline;
        }
        self.people.get(&member).map(|person| person.told).unwrap_or_default()
    }

    /// Everyone who is here, as it was told.
    pub(super) fn here(&self) -> impl Iterator<Item = Here> {
        let here = |&member: &MemberId| Here { member, level: self.level(member) };
        self.people.keys().map(here).filter(|here| here.level != PresenceLevel::Offline)
    }

    /// What a person is, told or not; nothing of one who is not here, or does not share it.
    pub(super) fn now(&self, member: MemberId, now_ms: i64) -> Option<Here> {
        let level = self.people.get(&member)?.level(self.hidden.contains(&member), now_ms);
        (level != PresenceLevel::Offline).then_some(Here { member, level })
    }

    /// A client asks for a person: from now on their changes are told. Returns what they are now.
    pub(super) fn watch(&mut self, member: MemberId, now_ms: i64) -> PresenceLevel {
        let is_new = self.is_large && self.watched.insert(member, now_ms + WATCH_MS).is_none();
        if is_new && let Some(person) = self.people.get_mut(&member) {
            person.told = person.level(self.hidden.contains(&member), now_ms);
        }
        self.level(member)
    }

    /// What is to be told now, at most [`CHANGES_MAX`] people. To be called once a second.
    pub(super) fn step(&mut self, now_ms: i64) -> Vec<Here> {
        let Self { people, hidden, is_large, watched, changed, last_seen } = self;
        watched.retain(|_, until_ms| *until_ms > now_ms);
        people.retain(|member, person| {
            let is_hidden = hidden.contains(member);
            let was_here = !person.devices.is_empty();
            person.devices.retain_mut(|device| device.stays(now_ms));
            if was_here && person.devices.is_empty() && !is_hidden {
                last_seen.insert(*member, now_ms);
            }
            let is_told = !*is_large || watched.contains_key(member);
            if !is_told {
                return person.is_changed || !person.devices.is_empty();
            }
            let is_other = person.is_news || person.level(is_hidden, now_ms) != person.told;
            if is_other && !person.is_changed {
                person.is_changed = true;
                changed.push_back(*member);
            }
            is_other || person.is_changed || !person.devices.is_empty()
        });
        self.take_changes(now_ms)
    }

    fn take_changes(&mut self, now_ms: i64) -> Vec<Here> {
        let mut changes = Vec::new();
        while changes.len() < CHANGES_MAX
            && let Some(member) = self.changed.pop_front()
        {
            let Some(person) = self.people.get_mut(&member) else { continue };
            let level = person.level(self.hidden.contains(&member), now_ms);
            // Who has never been told to be here is no news by being gone.
            if level != person.told || (person.is_news && level != PresenceLevel::Offline) {
                changes.push(Here { member, level });
            }
            (person.told, person.is_changed, person.is_news) = (level, false, false);
        }
        changes
    }

    /// When those who have gone were last here, in milliseconds since 1970.
    pub(super) fn last_seen(&self) -> Vec<(MemberId, i64)> {
        self.last_seen.iter().map(|(&member, &at_ms)| (member, at_ms)).collect()
    }

    /// These are kept elsewhere now.
    pub(super) fn forget_last_seen(&mut self, kept: &[(MemberId, i64)]) {
        for (member, at_ms) in kept {
            if self.last_seen.get(member) == Some(at_ms) {
                self.last_seen.remove(member);
            }
        }
    }

    /// Everyone goes: the server stops.
    pub(super) fn close(&mut self, now_ms: i64) {
        let leaving =
            self.people.iter().filter(|(member, person)| !person.devices.is_empty() && !self.hidden.contains(member));
        self.last_seen.extend(leaving.map(|(member, _)| (*member, now_ms)));
        self.people.clear();
    }
}

impl Person {
    fn level(&self, is_hidden: bool, now_ms: i64) -> PresenceLevel {
        if is_hidden || self.devices.is_empty() {
            PresenceLevel::Offline
        } else if self.devices.iter().any(|device| device.away_at_ms > now_ms) {
            PresenceLevel::Active
        } else {
            PresenceLevel::Away
        }
    }
}

impl Device {
    /// Whether it is still here. No lease is longer than it is from now, whatever the clock did.
    fn stays(&mut self, now_ms: i64) -> bool {
        self.leaves_at_ms = self.leaves_at_ms.min(now_ms + LEAVE_AFTER_BATCH_MS);
        self.away_at_ms = self.away_at_ms.min(now_ms + ACTIVE_MS);
        self.streams > 0 || self.leaves_at_ms > now_ms
    }
}

const fn away_at(level: PresenceLevel, now_ms: i64) -> i64 {
    match level {
        PresenceLevel::Active => now_ms + ACTIVE_MS,
        PresenceLevel::Away | PresenceLevel::Offline => now_ms,
    }
}

#[cfg(test)]
mod tests;
