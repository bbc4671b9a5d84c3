//! Who is who and which room is which: ids from events, names for people.
//!
//! Begins with the snapshot, learns from events, and asks the server for whom it has never met. A name that cannot be
//! had is no error: the id stands in for it.

use std::{borrow::Cow, collections::HashMap};

use shared::{
    event::Event,
    id::{MemberId, RoomId},
    member::Member,
    room::Room,
};

use crate::cli::{failure::CallError, server::Server};

/// The names that are known.
#[derive(Debug, Default)]
pub(super) struct Names {
    people: HashMap<MemberId, String>,
    rooms: HashMap<RoomId, String>,
}

impl Names {
    /// Begins with the people and rooms of a snapshot.
    pub(super) fn new(people: &[Member], rooms: &[Room]) -> Self {
        let mut names = Self::default();
        people.iter().for_each(|person| names.meet(person));
        rooms.iter().for_each(|room| names.enter(room));
        names
    }

    /// The name to show for a person.
    pub(super) fn person(&self, member: MemberId) -> Cow<'_, str> {
        self.people.get(&member).map_or_else(|| member.to_string().into(), |name| name.as_str().into())
    }

    /// The slug of a room.
    pub(super) fn room(&self, room: RoomId) -> Cow<'_, str> {
        self.rooms.get(&room).map_or_else(|| room.to_string().into(), |slug| slug.as_str().into())
    }

    /// Takes in what an event says about people and rooms.
    pub(super) fn learn(&mut self, event: &Event) {
        match event {
            Event::MemberJoined(fact) => self.meet(&fact.member),
            Event::MemberChanged(fact) => self.meet(&fact.member),
            Event::RoomJoined(fact) => self.enter(&fact.room),
            Event::RoomChanged(fact) => self.enter(&fact.room),
            Event::RoomGone(fact) => drop(self.rooms.remove(&fact.room)),
            Event::AuditLogged(_)
            | Event::InvolvementChanged(_)
            | Event::MessageDeleted(_)
            | Event::MessagePosted(_)
            | Event::RoomMemberJoined(_)
            | Event::RoomMemberLeft(_)
            | Event::SettingsChanged(_)
            | Event::WorkspaceChanged(_) => {}
        }
    }

    /// Asks the server for whom an event names and nobody knows.
    pub(super) async fn look_up(&mut self, server: &Server, event: &Event) {
        if let Event::MessagePosted(fact) = event {
            self.look_up_author(server, fact.message.author).await;
        }
    }

    /// Asks the server for one person, unless known. Without an answer the next message asks again.
    pub(super) async fn look_up_author(&mut self, server: &Server, member: MemberId) {
        if self.people.contains_key(&member) {
            return;
        }
        match server.person(member).await {
            Ok(person) => self.meet(&person),
            // Definitely nobody: the id is the name.
            Err(CallError::Refused(refusal)) if !refusal.is_temporary() => {
                self.people.insert(member, member.to_string());
            }
            Err(_) => {}
        }
    }

    fn meet(&mut self, person: &Member) {
        self.people.insert(person.id, person.display_name.to_string());
    }

    /// Takes in a room.
    pub(super) fn enter(&mut self, room: &Room) {
        self.rooms.insert(room.id, room.slug.clone());
    }
}
