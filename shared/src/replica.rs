//! The pure model of a client: a snapshot, and the facts folded into it (ARCHITECTURE, "the reducer").
//!
//! The web client keeps one of these and draws it; the server's tests keep one and compare it with a fresh snapshot
//! after every command: *old snapshot + emitted events = new snapshot*. It does no IO and knows no time. Optimistic
//! rows are not in here: they belong to the sender's outbox until the fact arrives.
//! Read [`window`] next: which part of a room's history is loaded, and how pages merge with live facts.

pub mod window;

use crate::{
    cursor::Cursor,
    event::{Envelope, Event, MessagePosted, RoomMemberJoined},
    id::{MemberId, RoomId},
    member::{Member, Workspace},
    message::MessagePage,
    room::{ReadPosition, Room},
    session::Snapshot,
    sorted::SortedMap,
};
use window::{PageAt, Window};

/// What became of a fact that was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// The model changed.
    Changed,
    /// The fact was known already: it came a second time, or a page brought it first.
    Known,
    /// The fact is about a room that is not the reader's.
    NotMine,
}

/// A room of the reader's: what it is, and the part of its history that is loaded.
#[derive(Debug, Clone, PartialEq)]
pub struct RoomReplica {
    /// The room.
    pub room: Room,
    /// The loaded part of its history.
    pub window: Window,
    /// How far the reader has read.
    pub read: ReadPosition,
}

/// Everything a client knows, valid at [`cursor`](Self::cursor).
#[derive(Debug, Clone, PartialEq)]
pub struct Replica {
    /// Every fact up to here is in.
    pub cursor: Cursor,
    /// The reader.
    pub me: Member,
    /// The workspace.
    pub workspace: Workspace,
    rooms: SortedMap<RoomId, RoomReplica>,
    members: SortedMap<MemberId, Member>,
}

impl Replica {
    /// Begins with a snapshot; no history is loaded yet.
    #[must_use]
    pub fn from_snapshot(snapshot: Snapshot) -> Self {
        let rooms = snapshot.rooms.into_iter().map(|room| {
            let read = snapshot.reads.iter().find(|read| read.room == room.id);
            let read = read.copied().unwrap_or_else(|| unread_nothing(&room));
            (room.id, RoomReplica { room, window: Window::default(), read })
        });
        Self {
            cursor: snapshot.cursor,
            me: snapshot.me,
            workspace: snapshot.workspace,
            rooms: rooms.collect(),
            members: snapshot.members.into_iter().map(|member| (member.id, member)).collect(),
        }
    }

    /// The reader's rooms, in the order of their ids.
    pub fn rooms(&self) -> impl Iterator<Item = &RoomReplica> {
        self.rooms.values()
    }

    /// One room, if it is the reader's.
    #[must_use]
    pub fn room(&self, room: RoomId) -> Option<&RoomReplica> {
        self.rooms.get(&room)
    }

    /// One room by its slug, if it is the reader's.
    #[must_use]
    pub fn room_by_slug(&self, slug: &str) -> Option<&RoomReplica> {
        self.rooms.values().find(|held| held.room.slug == slug)
    }

    /// The people known so far, in the order of their ids.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    /// One person. `None` for an author not met yet: the client fetches them, it is no error.
    #[must_use]
    pub fn member(&self, member: MemberId) -> Option<&Member> {
        self.members.get(&member)
    }

    /// Adds a person that was fetched by id.
    pub fn insert_member(&mut self, member: Member) {
        self.members.insert(member.id, member);
    }

    /// Applies the next fact of the stream. A fact at or before [`cursor`](Self::cursor) changes nothing, so a replay
    /// that overlaps what the reader has is harmless.
    pub fn apply(&mut self, envelope: &Envelope) -> Applied {
        if envelope.cursor.offset <= self.cursor.offset {
            return Applied::Known;
        }
        self.cursor = envelope.cursor;
        match &envelope.event {
            Event::MemberJoined(fact) => {
                self.members.insert(fact.member.id, fact.member.clone());
                Applied::Changed
            }
            Event::RoomJoined(fact) => self.join_room(&fact.room, envelope),
            Event::RoomMemberJoined(fact) => self.count_member(fact, envelope),
            Event::MessagePosted(fact) => self.post(fact),
        }
    }

    /// Takes note that every fact up to `cursor` has been received (a tick).
    pub fn advance(&mut self, cursor: Cursor) {
        if cursor.offset >= self.cursor.offset {
            self.cursor = cursor;
        }
    }

    /// Takes over a read position, unless a newer one is known. Returns whether it did.
    pub fn move_read(&mut self, read: ReadPosition) -> bool {
        let Some(held) = self.rooms.get_mut(&read.room) else { return false };
        // The same position with another count: the server counted anew, so its count holds.
        let recounted = (held.read.rev, held.read.offset) == (read.rev, read.offset) && held.read != read;
        let newer = held.read.is_superseded_by(&read) || recounted;
        if newer {
            // An answer that was overtaken by facts does not count them; what is loaded tells which they are.
            let overtaken = held.window.count_of_others(self.me.id, read.as_of.max(read.offset), held.read.as_of);
            let as_of = read.as_of.max(held.read.as_of);
            held.read = ReadPosition { unread: read.unread + overtaken, as_of, ..read };
        }
        newer
    }

    /// Notes that a page of a room's history has been asked for. Until [`merge_page`](Self::merge_page) or
    /// [`abandon_page`](Self::abandon_page), facts of the room are kept beside it.
    pub fn begin_page(&mut self, room: RoomId) {
        if let Some(held) = self.rooms.get_mut(&room) {
            held.window.begin_page();
        }
    }

    /// Merges a page that was asked for at `at`. Returns whether it fitted: the window may have moved meanwhile.
    pub fn merge_page(&mut self, room: RoomId, at: PageAt, page: MessagePage) -> bool {
        self.rooms.get_mut(&room).is_some_and(|held| held.window.merge(at, page))
    }

    /// Notes that a page that was asked for will not come.
    pub fn abandon_page(&mut self, room: RoomId) {
        if let Some(held) = self.rooms.get_mut(&room) {
            held.window.abandon_page();
        }
    }

    /// The loaded part of a room's history, to drop what is far from the view.
    pub fn window_mut(&mut self, room: RoomId) -> Option<&mut Window> {
        self.rooms.get_mut(&room).map(|held| &mut held.window)
    }

    fn join_room(&mut self, room: &Room, envelope: &Envelope) -> Applied {
        if self.rooms.contains_key(&room.id) {
            return Applied::Known;
        }
        let read = ReadPosition { offset: envelope.offset(), ..unread_nothing(room) };
        self.rooms.insert(room.id, RoomReplica { room: room.clone(), window: Window::default(), read });
        Applied::Changed
    }

    fn count_member(&mut self, fact: &RoomMemberJoined, envelope: &Envelope) -> Applied {
        let Some(held) = self.rooms.get_mut(&fact.room) else { return Applied::NotMine };
        held.room.member_count = fact.member_count;
        held.room.rev = envelope.offset();
        Applied::Changed
    }

    fn post(&mut self, fact: &MessagePosted) -> Applied {
        let Some(held) = self.rooms.get_mut(&fact.room) else { return Applied::NotMine };
        let message = &fact.message;
        held.room.last_offset = held.room.last_offset.max(message.offset);
        let read = &mut held.read;
        if message.author != self.me.id && message.offset > read.offset.max(read.as_of) {
            read.unread += 1;
        }
        read.as_of = read.as_of.max(message.offset);
        if held.window.apply(message) { Applied::Changed } else { Applied::Known }
    }
}

/// The position of a reader who has seen everything there is.
fn unread_nothing(room: &Room) -> ReadPosition {
    ReadPosition { room: room.id, offset: room.last_offset, rev: 0, unread: 0, as_of: room.last_offset }
}

#[cfg(test)]
mod tests;
