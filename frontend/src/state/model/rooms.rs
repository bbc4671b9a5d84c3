//! The reader's rooms as the rail shows them, and the room that was open when it was gone.

use std::sync::Arc;

use shared::{
    cursor::Offset,
    event::{Envelope, Event},
    id::{MemberId, RoomId},
    member::Member,
    replica::{Replica, RoomReplica},
    room::{GoneReason, Level, RoomKind},
    session::Snapshot,
    sorted,
};

use super::{Effect, Model, Moment, opened::Opened, person_of};
use crate::state::{
    names::folded,
    pending::Act,
    view::{Farewell, GoneRoom, Parting, Person, Rights, RoomRow},
};

impl Model {
    /// The reader's rooms as the rail orders them: by name, then the direct ones, of which the newest talk is first.
    #[must_use]
    pub fn rooms(&mut self, now: Moment) -> Vec<RoomRow> {
        let Some(replica) = &self.replica else { return Vec::new() };
        // The rail's foot says what others see of the reader.
        self.presence.show(&[replica.me.id]);
        // They come in the order of their ids, which decides between equal names.
        let rooms = replica.rooms().enumerate();
        let keyed = rooms.map(|(at, held)| match held.room.kind {
            RoomKind::Direct => ((true, u64::MAX - held.room.last_offset.0, String::new(), at), held.room.id),
            _ => ((false, 0, folded(held.room.name.as_str()), at), held.room.id),
        });
        let mut keyed: Vec<_> = keyed.collect();
        sorted::sort(&mut keyed, |one, other| one.0 < other.0);
        keyed.into_iter().filter_map(|(_, room)| self.row(room, now)).collect()
    }

    fn row(&mut self, room: RoomId, now: Moment) -> Option<RoomRow> {
        let farewell = self.farewell(room, now);
        let replica = self.replica.as_ref()?;
        let held = replica.room(room)?;
        let others = held.room.people.iter().filter(|person| **person != replica.me.id);
        let people: Vec<_> = others
            .map(|person| person_of(replica, &mut self.people, &mut self.asked_for, &mut self.effects, *person))
            .collect();
        let presence = match (held.room.kind, &people[..]) {
            (RoomKind::Direct, [one]) => one.id.parse().ok().and_then(|one| {
                self.presence.show(&[one]);
                self.presence.level(one)
            }),
            _ => None,
        };
        let on_screen = self.open == Some(room);
        let watched = on_screen && self.opened.get(&room).is_some_and(Opened::is_watched);
        let draft = !on_screen && self.drafts.contains_key(&room);
        Some(RoomRow {
            id: room.to_string(),
            slug: held.room.slug.clone(),
            name: name_of(held, &people),
            kind: held.room.kind,
            topic: held.room.topic.to_string(),
            archived: held.room.archived,
            posting: held.room.posting,
            members: held.room.member_count,
            people,
            presence,
            level: held.level,
            rights: Rights::of(replica.me_as_actor(), &held.room),
            listed: on_screen || (farewell.is_none() && is_listed(held, draft)),
            unread: if watched { 0 } else { held.read.unread },
            draft,
            unsent: self.outbox.has_failed(room),
            farewell,
        })
    }

    fn farewell(&self, room: RoomId, now: Moment) -> Option<Farewell> {
        let of = |act, parting| self.pending.undo_s(act, now).map(|undo_s| Farewell { parting, undo_s });
        of(Act::Leave(room), Parting::Left).or_else(|| of(Act::Archive(room), Parting::Archived))
    }

    /// The room that was open and is not the reader's any more, until another one is opened.
    #[must_use]
    pub fn gone(&self) -> Option<&GoneRoom> {
        self.gone.as_ref()
    }

    /// The people known here, by name, but for the reader and those whose accounts are not in use.
    #[must_use]
    pub fn people(&self) -> Vec<Member> {
        let Some(replica) = &self.replica else { return Vec::new() };
        let known = replica.members().filter(|member| member.active && member.id != replica.me.id);
        let mut named: Vec<(String, &Member)> =
            known.map(|known| (folded(known.display_name.as_str()), known)).collect();
        sorted::sort(&mut named, |one, other| (&one.0, one.1.id) < (&other.0, other.1.id));
        named.into_iter().map(|(_, member)| member.clone()).collect()
    }

    /// Whether everybody is known here, so that nobody has to be asked for.
    #[must_use]
    pub fn knows_everybody(&self) -> bool {
        let count = |replica: &Replica| replica.members().count() >= replica.people_count as usize;
        self.replica.as_ref().is_some_and(count)
    }

    /// The direct room of exactly these people and the reader, if there is one that was talked in.
    #[must_use]
    pub fn direct_room(&self, people: &[MemberId]) -> Option<&str> {
        let replica = self.replica.as_ref()?;
        let is_it = |held: &&RoomReplica| {
            held.room.kind == RoomKind::Direct
                && held.room.people.len() == people.len() + 1
                && people.iter().all(|person| held.room.people.contains(person))
        };
        replica.rooms().find(is_it).map(|held| held.room.slug.as_str())
    }

    /// Before a fact is applied: what is lost with a room.
    pub(super) fn note_parting(&mut self, envelope: &Envelope) {
        let Event::RoomGone(fact) = &envelope.event else { return };
        if self.cursor().is_some_and(|cursor| envelope.offset() > cursor.offset) {
            self.part_with(fact.room, fact.reason == GoneReason::Left);
        }
    }

    /// Before a snapshot takes over: what is lost with the rooms that it does not name.
    pub(super) fn part_with_others(&mut self, snapshot: &Snapshot) {
        let Some(replica) = &self.replica else { return };
        let named = |room: &RoomId| snapshot.rooms.iter().any(|held| held.id == *room);
        let lost: Vec<RoomId> = replica.rooms().map(|held| held.room.id).filter(|room| !named(room)).collect();
        for room in lost {
            self.part_with(room, false);
        }
    }

    /// A room is not the reader's any more. Its draft stays: whoever is let in again finds it.
    pub(super) fn part_with(&mut self, room: RoomId, left: bool) {
        let Some(row) = self.row(room, Moment { mono_ms: 0, wall_ms: 0 }) else { return };
        if self.open == Some(room) {
            self.open = None;
            let draft = self.draft(room).to_owned();
            self.gone = Some(GoneRoom { id: row.id, slug: row.slug, name: row.name, kind: row.kind, left, draft });
        }
        self.opened.remove(&room);
        self.pending.forget_room(room);
        self.effects.push(Effect::Drop(room));
    }
}

/// Whether a room that is not open stands in the rail. Others see a direct one with its first message.
fn is_listed(held: &RoomReplica, draft: bool) -> bool {
    let silent = held.room.kind == RoomKind::Direct && held.room.last_offset == Offset::ZERO;
    !held.room.archived && held.level != Level::Hidden && (!silent || draft)
}

/// A direct room is called by its people: one by the whole name, several by the first words of theirs.
fn name_of(held: &RoomReplica, people: &[Arc<Person>]) -> String {
    match (held.room.kind, people) {
        (RoomKind::Direct, [one]) => one.name.clone(),
        (RoomKind::Direct, people) => {
            let first = |person: &Arc<Person>| person.name.split(' ').next().unwrap_or_default().to_owned();
            people.iter().map(first).collect::<Vec<_>>().join(", ")
        }
        _ => held.room.name.to_string(),
    }
}
