//! Rooms as the rail, their headers and their pages draw them.

use std::sync::Arc;

use shared::{
    member::Circle,
    policy::{self, RoomAction},
    presence::PresenceLevel,
    room::{Level, RoomKind},
};

use super::Person;

/// One of the person's rooms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomRow {
    /// The room's id (`r_…`), the only form that commands take.
    pub id: String,
    /// The part of the address after `/rooms/`.
    pub slug: String,
    /// The name, without the number sign; of a direct room, those of its people.
    pub name: String,
    /// Who may find and join it.
    pub kind: RoomKind,
    /// What it is about; may be empty.
    pub topic: String,
    /// Whether it is kept for reading only.
    pub archived: bool,
    /// Who of its members may post.
    pub posting: Circle,
    /// How many people are in it.
    pub members: u32,
    /// Of a direct room: its people but for the person at this screen. Empty for the other kinds.
    pub people: Vec<Arc<Person>>,
    /// Of a direct room with one other: whether they are here. `None`: it is not known.
    pub presence: Option<PresenceLevel>,
    /// What the person hears of it.
    pub level: Level,
    /// What the person may do in it.
    pub rights: Rights,
    /// Whether it stands in the rail while it is not open: not hidden, not archived, and of a direct room that something
    /// was said in it.
    pub listed: bool,
    /// Messages by others that arrived while the room was not on screen.
    pub unread: u32,
    /// Text waits in its composer.
    pub draft: bool,
    /// A message written here could not be sent.
    pub unsent: bool,
    /// It has just been left or archived here, and that can still be undone.
    pub farewell: Option<Farewell>,
}

impl RoomRow {
    /// What it is called in a sentence: `# name`, or the people of a direct room.
    #[must_use]
    pub fn title(&self) -> String {
        title(self.kind, &self.name)
    }

    /// Whether the person may do this in it.
    #[must_use]
    pub fn may(&self, action: RoomAction) -> bool {
        self.rights.allow(action)
    }

    /// Whether it is grey in the rail and does not count.
    #[must_use]
    pub fn is_muted(&self) -> bool {
        matches!(self.level, Level::Nothing | Level::Hidden)
    }

    /// Messages that ask for attention: none in a muted room.
    #[must_use]
    pub fn counted(&self) -> u32 {
        if self.is_muted() { 0 } else { self.unread }
    }

    /// Its address.
    #[must_use]
    pub fn path(&self) -> String {
        ["/rooms/", &self.slug].concat()
    }
}

/// What a room is called in a sentence.
fn title(kind: RoomKind, name: &str) -> String {
    if kind == RoomKind::Direct { name.to_owned() } else { ["# ", name].concat() }
}

/// What the person may do in one room, as [`policy::in_room`] says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights(u32);

impl Rights {
    /// The rights of somebody who is in the room.
    #[must_use]
    pub fn of(actor: policy::Actor, room: &shared::room::Room) -> Self {
        let allowed = RoomAction::ALL.iter().filter(|action| policy::in_room(actor, room, true, **action));
        Self(allowed.fold(0, |all, action| all | bit(*action)))
    }

    /// Whether this is among them.
    #[must_use]
    pub fn allow(self, action: RoomAction) -> bool {
        self.0 & bit(action) != 0
    }
}

fn bit(action: RoomAction) -> u32 {
    1 << action as u32
}

/// What has been done to the open room and can still be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Farewell {
    /// What.
    pub parting: Parting,
    /// For so many seconds; `None` when it is being told to the server.
    pub undo_s: Option<u32>,
}

/// How one parts with a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parting {
    /// It was left.
    Left,
    /// It was archived.
    Archived,
}

/// The room that was open and is not the person's any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoneRoom {
    /// Its id.
    pub id: String,
    /// The part of its address after `/rooms/`.
    pub slug: String,
    /// What it was called, without the number sign.
    pub name: String,
    /// Who may find and join it.
    pub kind: RoomKind,
    /// The person left it; otherwise somebody took them out.
    pub left: bool,
    /// The text that waits in its composer; may be empty.
    pub draft: String,
}

impl GoneRoom {
    /// What it was called in a sentence.
    #[must_use]
    pub fn title(&self) -> String {
        title(self.kind, &self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_direct_room_has_no_number_sign() {
        assert_eq!(title(RoomKind::Open, "general"), "# general");
        assert_eq!(title(RoomKind::Closed, "founders"), "# founders");
        assert_eq!(title(RoomKind::Direct, "Mei Lin"), "Mei Lin");
    }

    #[test]
    fn rights_are_those_of_the_policy() {
        let mut bits = 0;
        for action in RoomAction::ALL {
            assert_eq!(bits & bit(*action), 0, "{action:?} has a bit of its own");
            bits |= bit(*action);
            assert!(Rights(bit(*action)).allow(*action) && !Rights::default().allow(*action));
        }
    }
}
