//! Who hears what is no fact: presence and typing, on their way to the streams.
//!
//! Who may hear it is decided under the registry's lock, and it is queued there behind what the tail has handed to the
//! shards; so who was taken out of a room hears nothing of it any more, as with facts. It is encoded once for each
//! audience: everyone who may know of all people, the guests of the same rooms, the readers of a room. Nothing of it has a
//! place in the log: what a slow reader loses of it is made good by `state`.

use std::{collections::HashMap, sync::Arc};

use shared::{
    cursor::Offset,
    id::{MemberId, RoomId},
    presence::{Presence as Here, PresenceList, Typing as TypingEvent},
    stream::kind,
};

use super::{
    encode::{self, Frame},
    hub::Inner,
    listeners::Snapshot,
    lock,
    log::About,
    registry::Registry,
    rights::Reader,
    shard::{Queue, Work},
    typing::Told,
};
use crate::domain::audience::Audience;

/// An event that is no fact, encoded, and the place of the fan-out at which was decided who hears it.
#[derive(Debug, Clone)]
pub(super) struct Passing {
    /// Its bytes.
    pub(super) frame: Frame,
    /// Who has heard a later fact may not be one of the audience any more.
    pub(super) at: Offset,
}

/// Tells whoever may know of it what has changed of who is here. To be called once a second.
pub(super) fn tell_presence(inner: &Inner, shards: &[Queue]) {
    let changes = lock(&inner.presence).step(inner.clock.now_ms());
    if changes.is_empty() {
        return;
    }
    let frame = presence_frame(&changes);
    let registry = inner.registry();
    let at = registry.tail();
    if !registry.has_guests() {
        let everyone = registry.listeners(Audience::Workspace, About::Audience);
        return send(shards, &Passing { frame, at }, everyone, &[]);
    }
    send(shards, &Passing { frame, at }, registry.those(|reader| reader.hears_workspace()), &[]);
    for (guests, known) in guests_who_know(&registry, &changes) {
        send(shards, &Passing { frame: presence_frame(&known), at }, registry.streams_of_each(&guests), &[]);
    }
}

/// Guests of the same rooms know the same people: each such group, and what it may hear.
fn guests_who_know(registry: &Registry, changes: &[Here]) -> Vec<(Vec<MemberId>, Vec<Here>)> {
    let mut groups: HashMap<Vec<RoomId>, Vec<MemberId>> = HashMap::new();
    for guest in registry.guests() {
        let mut rooms: Vec<_> = registry.rights.rooms_of(guest).collect();
        rooms.sort_unstable();
        groups.entry(rooms).or_default().push(guest);
    }
    let known = |(rooms, guests): (Vec<RoomId>, _)| {
        let is_known = |here: &&Here| rooms.iter().any(|room| registry.rights.is_in(here.member, *room));
        (guests, changes.iter().filter(is_known).copied().collect::<Vec<_>>())
    };
    groups.into_iter().map(known).filter(|(_, known)| !known.is_empty()).collect()
}

fn presence_frame(presence: &[Here]) -> Frame {
    encode::note(kind::PRESENCE, &PresenceList { presence: presence.to_vec() })
}

/// Tells the people of each room who types there. To be called a few times a second.
pub(super) fn tell_typing(inner: &Inner, shards: &[Queue]) {
    if lock(&inner.typing).is_quiet() {
        return;
    }
    let registry = inner.registry();
    let told = lock(&inner.typing).step(inner.clock.now_ms(), |room| registry.streams_in(room));
    for told in told {
        tell_room(&registry, shards, told);
    }
}

fn tell_room(registry: &Registry, shards: &[Queue], told: Told) {
    let Told { room, everyone, apart } = told;
    let passing =
        |members| Passing { frame: encode::note(kind::TYPING, &TypingEvent { room, members }), at: registry.tail() };
    if let Some(members) = everyone {
        let others: Vec<_> = apart.iter().map(|(member, _)| *member).collect();
        send(shards, &passing(members), registry.listeners(Audience::Room(room), About::Audience), &others);
    }
    for (member, list) in apart {
        if let Some(members) = list.filter(|_| registry.rights.is_in(member, room)) {
            send(shards, &passing(members), registry.streams_of_each(&[member]), &[]);
        }
    }
}

/// Queues an event for these streams, but for those of `others`.
fn send(shards: &[Queue], passing: &Passing, to: Vec<Vec<Snapshot>>, others: &[MemberId]) {
    let others: Arc<[MemberId]> = others.into();
    for (shard, to) in shards.iter().zip(to) {
        if to.iter().any(|list| !list.is_empty()) {
            drop(shard.send(Work::Passing { passing: passing.clone(), to, others: Arc::clone(&others) }));
        }
    }
}

/// Of these people, those whom a reader may know of, each once, as they were told: a person whom they may not know of is as one who is
/// not there.
pub(super) fn levels_for(inner: &Inner, reader: Reader, members: &[MemberId]) -> Vec<Here> {
    let mut wanted = members.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    {
        let registry = inner.registry();
        wanted.retain(|member| registry.rights.knows(reader, *member));
    }
    let now_ms = inner.clock.now_ms();
    let mut presence = lock(&inner.presence);
    wanted.into_iter().map(|member| Here { member, level: presence.watch(member, now_ms) }).collect()
}

/// Everyone who is here and whom a reader may know of; nothing where there are too many people to tell of all. Readers
/// themselves are what they are, also before the others are told: nobody reads of being away while they look.
pub(super) fn all_for(inner: &Inner, reader: Reader) -> Option<Vec<Here>> {
    let now_ms = inner.clock.now_ms();
    let registry = inner.registry();
    let presence = lock(&inner.presence);
    let is_other = |here: &Here| here.member != reader.member && registry.rights.knows(reader, here.member);
    let oneself = presence.now(reader.member, now_ms);
    (!presence.is_large()).then(|| presence.here().filter(is_other).chain(oneself).collect())
}
