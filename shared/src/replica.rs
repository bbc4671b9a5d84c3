//! The pure model of a client: a snapshot, and the facts folded into it (ARCHITECTURE, "the reducer").
//!
//! The web client keeps one of these and draws it; the server's tests keep one and compare it with a fresh snapshot
//! after every command: *old snapshot + emitted events = new snapshot*. It does no IO and knows no time. Optimistic
//! rows are not in here: they belong to the sender's outbox until the fact arrives.
//! Read [`window`] next: which part of a room's history is loaded, and how pages merge with live facts.

pub mod window;

use crate::{
    cursor::{Cursor, Offset},
    event::{Envelope, Event, MessageDeleted, MessagePosted},
    id::{MemberId, RoomId},
    limits::UNREAD_MAX,
    member::{Member, Settings, Workspace},
    message::MessagePage,
    policy::Actor,
    room::{Involvement, Level, ReadPosition, Room},
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
    /// The fact is about something that the model does not hold: a room that is not the reader's, a person who has not
    /// been met, the audit log.
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
    /// What the reader wants to hear of it.
    pub level: Level,
    /// Places of messages that were tombstones when they came, and whose deletion is still to come: a replay gives a
    /// deleted message as it is now, and then says that it was deleted.
    buried: Vec<Offset>,
}

impl RoomReplica {
    fn new(room: Room, read: ReadPosition, level: Level) -> Self {
        Self { room, window: Window::default(), read, level, buried: Vec::new() }
    }
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
    /// What the reader has set for themself.
    pub my: Settings,
    /// How many accounts there are that the reader may know of. For a guest it is as old as the snapshot.
    pub people_count: u32,
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
            let chosen = snapshot.involvements.iter().find(|chosen| chosen.room == room.id);
            let level = chosen.map_or(Level::default_of(room.kind), |chosen| chosen.level);
            (room.id, RoomReplica::new(room, read, level))
        });
        Self {
            cursor: snapshot.cursor,
            me: snapshot.me,
            workspace: snapshot.workspace,
            my: snapshot.my,
            people_count: snapshot.people_count,
            rooms: rooms.collect(),
            members: snapshot.members.into_iter().map(|member| (member.id, member)).collect(),
        }
    }

    /// The reader as the policy asks for them.
    #[must_use]
    pub fn me_as_actor(&self) -> Actor {
        Actor { id: self.me.id, role: self.me.role }
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
                self.people_count += 1;
                self.members.insert(fact.member.id, fact.member.clone());
                Applied::Changed
            }
            Event::MemberChanged(fact) => self.change_member(&fact.member),
            Event::SettingsChanged(fact) => {
                self.my = fact.settings.clone();
                Applied::Changed
            }
            Event::WorkspaceChanged(fact) => {
                self.workspace = fact.workspace.clone();
                Applied::Changed
            }
            Event::RoomJoined(fact) => self.join_room(&fact.room, envelope),
            Event::RoomGone(fact) => self.leave_room(fact.room),
            Event::RoomChanged(fact) => self.change_room(&fact.room, envelope),
            Event::RoomMemberJoined(fact) => self.count_members(fact.room, fact.member_count, envelope),
            Event::RoomMemberLeft(fact) => self.count_members(fact.room, fact.member_count, envelope),
            Event::InvolvementChanged(fact) => self.involve(fact.involvement),
            Event::MessagePosted(fact) => self.post(fact),
            Event::MessageDeleted(fact) => self.delete(fact, envelope),
            Event::AuditLogged(_) => Applied::NotMine,
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
            let (me, from) = (self.me.id, read.as_of.max(read.offset));
            let posted = held.window.count_of_others(me, from, held.read.as_of);
            let buried = held.window.count_of_buried_since(me, read.offset, read.as_of);
            let unread = (read.unread + posted).saturating_sub(buried).min(UNREAD_MAX);
            held.read = ReadPosition { unread, as_of: read.as_of.max(held.read.as_of), ..read };
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

    fn change_member(&mut self, member: &Member) -> Applied {
        if member.id == self.me.id {
            self.me = member.clone();
        }
        match self.members.get_mut(&member.id) {
            Some(held) => {
                *held = member.clone();
                Applied::Changed
            }
            None if member.id == self.me.id => Applied::Changed,
            None => Applied::NotMine,
        }
    }

    fn join_room(&mut self, room: &Room, envelope: &Envelope) -> Applied {
        if self.rooms.contains_key(&room.id) {
            return Applied::Known;
        }
        let at = envelope.offset();
        let read = ReadPosition { offset: at, as_of: at, ..unread_nothing(room) };
        let level = Level::default_of(room.kind);
        self.rooms.insert(room.id, RoomReplica::new(room.clone(), read, level));
        Applied::Changed
    }

    fn leave_room(&mut self, room: RoomId) -> Applied {
        let was_mine = self.rooms.contains_key(&room);
        self.rooms.remove(&room);
        if was_mine { Applied::Changed } else { Applied::NotMine }
    }

    fn change_room(&mut self, room: &Room, envelope: &Envelope) -> Applied {
        let Some(held) = self.rooms.get_mut(&room.id) else { return Applied::NotMine };
        held.room = Room { rev: envelope.offset(), ..room.clone() };
        Applied::Changed
    }

    fn count_members(&mut self, room: RoomId, member_count: u32, envelope: &Envelope) -> Applied {
        let Some(held) = self.rooms.get_mut(&room) else { return Applied::NotMine };
        held.room.member_count = member_count;
        held.room.rev = envelope.offset();
        Applied::Changed
    }

    fn involve(&mut self, involvement: Involvement) -> Applied {
        let Some(held) = self.rooms.get_mut(&involvement.room) else { return Applied::NotMine };
        held.level = involvement.level;
        Applied::Changed
    }

    fn post(&mut self, fact: &MessagePosted) -> Applied {
        let Some(held) = self.rooms.get_mut(&fact.room) else { return Applied::NotMine };
        let message = &fact.message;
        held.room.last_offset = held.room.last_offset.max(message.offset);
        let read = &mut held.read;
        // A tombstone is the posting of a message that has been deleted since, met again in a replay.
        let counts = message.author != self.me.id && !message.deleted;
        if counts && message.offset > read.offset.max(read.as_of) {
            read.unread = (read.unread + 1).min(UNREAD_MAX);
        }
        read.as_of = read.as_of.max(message.offset);
        if message.deleted {
            held.buried.push(message.offset);
        }
        if held.window.apply(message) { Applied::Changed } else { Applied::Known }
    }

    fn delete(&mut self, fact: &MessageDeleted, envelope: &Envelope) -> Applied {
        let Some(held) = self.rooms.get_mut(&fact.room) else { return Applied::NotMine };
        let (read, at) = (&mut held.read, envelope.offset());
        let tombstone = held.buried.iter().position(|place| *place == fact.offset);
        let was_tombstone = tombstone.map(|at| held.buried.swap_remove(at)).is_some();
        // A count that was made after the deletion knows of it; one at the limit may be one of many more.
        let counted = fact.author != self.me.id && fact.offset > read.offset && at > read.as_of && !was_tombstone;
        if counted && read.unread < UNREAD_MAX {
            read.unread = read.unread.saturating_sub(1);
        }
        read.as_of = read.as_of.max(at);
        if held.window.bury(fact.offset, at) { Applied::Changed } else { Applied::Known }
    }
}

/// The position of a reader who has seen everything there is.
fn unread_nothing(room: &Room) -> ReadPosition {
    ReadPosition { room: room.id, offset: room.last_offset, rev: 0, unread: 0, as_of: room.last_offset }
}

#[cfg(test)]
mod tests;
