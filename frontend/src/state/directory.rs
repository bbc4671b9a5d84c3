//! All rooms: what was asked of the directory and what it answered, page by page (`ux.md` §15, "Rooms").
//!
//! What is on screen stays until the next answer is here, and an answer to an earlier question is not looked at.

use shared::{
    id::RoomId,
    room::{DirectoryEntry, RoomKind},
};

/// Which rooms are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    /// All that are not archived.
    #[default]
    All,
    /// Those that everyone can join.
    Open,
    /// The person's own.
    Joined,
    /// Those that are kept for reading.
    Archived,
}

impl Show {
    /// As the segments have them.
    pub const ALL: [Self; 4] = [Self::All, Self::Open, Self::Joined, Self::Archived];

    /// The word of the interface; none for all.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Open => "open",
            Self::Joined => "joined",
            Self::Archived => "archived",
        }
    }
}

/// How a room stands to the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// They could join it.
    Outside,
    /// They are joining it.
    Joining,
    /// They are in it.
    In,
}

/// A room of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: RoomId,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What it is about; may be empty.
    pub topic: String,
    /// Only its members know of it.
    pub closed: bool,
    /// It is kept for reading.
    pub archived: bool,
    /// How many people are in it.
    pub members: u32,
    /// When the newest message was posted (RFC 3339).
    pub last: Option<String>,
    /// How it stands to the person.
    pub standing: Standing,
}

impl Entry {
    fn of(entry: DirectoryEntry) -> Self {
        let room = entry.room;
        Self {
            id: room.id,
            slug: room.slug,
            name: room.name.to_string(),
            topic: room.topic.to_string(),
            closed: room.kind == RoomKind::Closed,
            archived: room.archived,
            members: room.member_count,
            last: entry.last_posted_at.map(|at| at.0),
            standing: if entry.joined { Standing::In } else { Standing::Outside },
        }
    }
}

/// A page that is to be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Which rooms.
    pub show: Show,
    /// What their names or topics hold.
    pub query: String,
    /// Where the page begins; `None` at the beginning.
    pub after: Option<u32>,
    number: u32,
}

/// The list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rooms {
    /// The loaded rooms, in the server's order.
    pub entries: Vec<Entry>,
    /// How many there are in all; `None` before the first answer.
    pub total: Option<u32>,
    /// What the answer was to.
    pub asked: String,
    /// The last page did not come.
    pub failed: bool,
    next: Option<u32>,
    under_way: bool,
    number: u32,
}

impl Rooms {
    /// Asks anew.
    pub fn ask(&mut self, show: Show, query: &str) -> Wish {
        self.number += 1;
        (self.under_way, self.next) = (true, None);
        Wish { show, query: query.trim().to_owned(), after: None, number: self.number }
    }

    /// Asks for what follows the loaded part of what was wished last.
    pub fn more(&mut self, show: Show, query: &str) -> Option<Wish> {
        let after = self.next.filter(|_| !self.under_way)?;
        (self.under_way, self.failed) = (true, false);
        Some(Wish { show, query: query.trim().to_owned(), after: Some(after), number: self.number })
    }

    /// A page came, or did not.
    pub fn answered(&mut self, wish: &Wish, page: Option<shared::room::Directory>) {
        if wish.number != self.number {
            return;
        }
        (self.under_way, self.failed) = (false, page.is_none());
        let Some(page) = page else { return };
        if wish.after.is_none() {
            self.entries.clear();
            self.asked.clone_from(&wish.query);
        }
        for entry in page.rooms {
            // A room that moved to a later page while the first was read.
            if !self.entries.iter().any(|held| held.id == entry.room.id) {
                self.entries.push(Entry::of(entry));
            }
        }
        (self.total, self.next) = (Some(page.total), page.next);
    }

    /// The person joins a room, has joined it, or could not. The row keeps its place.
    pub fn stand(&mut self, room: RoomId, standing: Standing) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == room) {
            entry.standing = standing;
        }
    }

    /// A room of the list.
    #[must_use]
    pub fn entry(&self, room: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| *entry.id.to_string() == *room)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use shared::{
        cursor::{Cursor, Epoch, Offset},
        member::Circle,
        room::{Directory, Room},
        text::{RoomName, RoomTopic},
    };

    use super::*;

    fn id(number: u8) -> RoomId {
        RoomId::from_entropy([number; 12])
    }

    fn page(numbers: &[u8], next: Option<u32>) -> Directory {
        let room = |number: u8| Room {
            id: id(number),
            slug: format!("room-{number}"),
            name: RoomName::parse(format!("room {number}")).unwrap(),
            kind: RoomKind::Open,
            topic: RoomTopic::default(),
            archived: false,
            posting: Circle::Everyone,
            moderator: None,
            member_count: 2,
            people: vec![],
            last_offset: Offset::ZERO,
            rev: Offset::ZERO,
        };
        let entry = |number: &u8| DirectoryEntry { room: room(*number), joined: *number == 1, last_posted_at: None };
        let as_of = Cursor { epoch: Epoch::from_entropy([1; 8]), offset: Offset(9) };
        Directory { rooms: numbers.iter().map(entry).collect(), total: 9, next, as_of }
    }

    fn numbers(rooms: &Rooms) -> Vec<u8> {
        let number = |entry: &Entry| (0..9).find(|number| id(*number) == entry.id).unwrap();
        rooms.entries.iter().map(number).collect()
    }

    #[test]
    fn pages_follow_one_another_and_an_old_answer_is_not_looked_at() {
        let mut rooms = Rooms::default();
        let first = rooms.ask(Show::All, " tea ");
        assert_eq!((first.query.as_str(), rooms.more(Show::All, "tea")), ("tea", None));
        rooms.answered(&first, Some(page(&[1, 2], Some(2))));
        let more = rooms.more(Show::All, "tea").unwrap();
        assert_eq!((more.after, rooms.more(Show::All, "tea")), (Some(2), None));
        rooms.answered(&more, Some(page(&[2, 3], None)));
        assert_eq!((numbers(&rooms), rooms.total), (vec![1, 2, 3], Some(9)));
        assert_eq!(rooms.more(Show::All, "tea"), None);

        let (second, third) = (rooms.ask(Show::Open, ""), rooms.ask(Show::Archived, ""));
        assert_eq!(numbers(&rooms), [1, 2, 3], "what is there stays until the answer");
        rooms.answered(&third, Some(page(&[4], None)));
        rooms.answered(&second, Some(page(&[5], None)));
        assert_eq!(numbers(&rooms), [4]);
    }

    #[test]
    fn joining_turns_the_row_in_its_place() {
        let mut rooms = Rooms::default();
        let wish = rooms.ask(Show::All, "");
        rooms.answered(&wish, Some(page(&[1, 2, 3], None)));
        rooms.stand(id(2), Standing::Joining);
        rooms.stand(id(2), Standing::In);
        assert_eq!(rooms.entry(&id(2).to_string()).map(|entry| entry.standing), Some(Standing::In));
        assert_eq!(rooms.entries.iter().map(|entry| entry.standing).collect::<Vec<_>>()[..2], [Standing::In; 2]);
        assert_eq!(numbers(&rooms), [1, 2, 3]);
    }

    #[test]
    fn a_page_that_does_not_come_can_be_asked_for_again() {
        let mut rooms = Rooms::default();
        let wish = rooms.ask(Show::All, "");
        rooms.answered(&wish, None);
        assert!(rooms.failed && rooms.total.is_none());
        let again = rooms.ask(Show::All, "");
        rooms.answered(&again, Some(page(&[1], Some(1))));
        let more = rooms.more(Show::All, "").unwrap();
        rooms.answered(&more, None);
        assert!(rooms.failed && rooms.more(Show::All, "").is_some());
    }
}
