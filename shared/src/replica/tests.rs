//! The reducer against a small honest server: whatever the order of pages, facts and breaks, the replica ends where a
//! fresh snapshot begins.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use proptest::prelude::*;

use super::*;
use crate::{
    cursor::{Epoch, Offset},
    event::{
        InvolvementChanged, MemberChanged, MemberJoined, MessagePosted, RoomChanged, RoomGone, RoomJoined,
        RoomMemberJoined, RoomMemberLeft, WorkspaceChanged,
    },
    id::{ClientId, MessageId},
    member::{Circle, Role, Timestamp},
    message::Message,
    room::{GoneReason, RoomKind},
    text::{Bio, DisplayName, RoomName, RoomTopic, SignInName, WorkspaceName},
};

const NOW: &str = "2026-11-22T12:00:00.000Z";

fn member(number: u8) -> Member {
    Member {
        id: MemberId::from_entropy([number; 12]),
        name: SignInName::parse(format!("person {number}")).unwrap(),
        display_name: DisplayName::parse(format!("Person {number}")).unwrap(),
        role: Role::Member,
        joined_at: Timestamp(NOW.to_owned()),
        bio: Bio::default(),
        active: true,
    }
}

/// A server in miniature: one room, a log, and pages cut from it.
struct Server {
    epoch: Epoch,
    log: Vec<Envelope>,
    messages: Vec<Message>,
    members: Vec<Member>,
    room: Room,
    me: Member,
    workspace: Workspace,
    level: Level,
    read: ReadPosition,
}

impl Server {
    fn new() -> Self {
        let room = Room {
            id: RoomId::from_entropy([1; 12]),
            slug: "general".to_owned(),
            name: RoomName::parse("general").unwrap(),
            kind: RoomKind::Open,
            topic: RoomTopic::default(),
            archived: false,
            posting: Circle::Everyone,
            moderator: None,
            member_count: 1,
            people: vec![],
            last_offset: Offset::ZERO,
            rev: Offset::ZERO,
        };
        let read = unread_nothing(&room);
        Self {
            epoch: Epoch::from_entropy([3; 8]),
            log: vec![],
            messages: vec![],
            members: vec![member(0)],
            room,
            me: member(0),
            workspace: Workspace {
                name: WorkspaceName::parse("Longjing Works").unwrap(),
                rooms_by: Circle::Everyone,
                invites_by: Circle::Everyone,
                guests: false,
            },
            level: Level::Mentions,
            read,
        }
    }

    fn head(&self) -> Cursor {
        Cursor { epoch: self.epoch, offset: Offset(self.log.len() as u64) }
    }

    fn log(&mut self, event: impl Into<Event>) {
        let cursor = Cursor { offset: self.head().offset.next(), ..self.head() };
        self.log.push(Envelope { cursor, event: event.into() });
    }

    fn post(&mut self, author: u8) {
        let offset = self.head().offset.next();
        let message = Message {
            id: MessageId::from_entropy([u8::try_from(offset.0).unwrap(); 12]),
            room: self.room.id,
            author: member(author).id,
            client_id: ClientId::from([u8::try_from(offset.0).unwrap(); 16]),
            offset,
            rev: offset,
            body: format!("message {offset}"),
            html: None,
            posted_at: Timestamp(NOW.to_owned()),
            deleted: false,
        };
        self.room.last_offset = offset;
        self.messages.push(message.clone());
        self.read.as_of = offset;
        if author != 0 {
            self.read.unread += 1;
        }
        self.log(MessagePosted { room: self.room.id, message });
    }

    fn join(&mut self) {
        let newcomer = member(u8::try_from(self.members.len()).unwrap());
        self.members.push(newcomer.clone());
        self.log(MemberJoined { member: newcomer.clone(), invited_by: Some(self.me.id) });
        self.room.member_count += 1;
        self.room.rev = self.head().offset.next();
        let fact = RoomMemberJoined { room: self.room.id, member: newcomer.id, member_count: self.room.member_count };
        self.log(fact);
    }

    /// Deletes the message that is `which` of all, unless it is deleted already. As the store does, it also rewrites the
    /// fact of its posting.
    fn delete(&mut self, which: usize) {
        let count = self.messages.len();
        let Some(message) = self.messages.get_mut(which % count.max(1)).filter(|message| !message.deleted) else {
            return;
        };
        let rev = Offset(self.log.len() as u64 + 1);
        message.bury(rev);
        let message = message.clone();
        let posting = self.log.iter_mut().find(|fact| fact.cursor.offset == message.offset).unwrap();
        posting.event = MessagePosted { room: self.room.id, message: message.clone() }.into();
        if message.author != self.me.id && message.offset > self.read.offset {
            self.read.unread -= 1;
        }
        self.read.as_of = rev;
        let (message, author, offset) = (message.id, message.author, message.offset);
        self.log(MessageDeleted { room: self.room.id, message, author, offset });
    }

    fn leave(&mut self) {
        self.room.member_count -= 1;
        self.room.rev = self.head().offset.next();
        let member_count = self.room.member_count;
        self.log(RoomMemberLeft { room: self.room.id, member: member(9).id, member_count });
    }

    /// Changes something about everything that can be changed.
    fn rename(&mut self) {
        let number = self.head().offset;
        self.members[0].bio = Bio::parse(format!("bio {number}")).unwrap();
        self.me = self.members[0].clone();
        self.log(MemberChanged { member: self.me.clone() });
        self.log(MemberChanged { member: Member { id: MemberId::from_entropy([99; 12]), ..self.me.clone() } });
        self.workspace.guests = !self.workspace.guests;
        self.log(WorkspaceChanged { workspace: self.workspace.clone() });
        self.level = if self.level == Level::Hidden { Level::Everything } else { Level::Hidden };
        self.log(InvolvementChanged { involvement: Involvement { room: self.room.id, level: self.level } });
        self.room.topic = RoomTopic::parse(format!("topic {number}")).unwrap();
        self.room.rev = self.head().offset.next();
        self.log(RoomChanged { room: self.room.clone() });
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot {
            cursor: self.head(),
            me: self.me.clone(),
            workspace: self.workspace.clone(),
            rooms: vec![self.room.clone()],
            members: self.members.clone(),
            people_count: u32::try_from(self.members.len()).unwrap(),
            reads: vec![self.read],
            involvements: vec![Involvement { room: self.room.id, level: self.level }],
            my: Settings::default(),
        }
    }

    fn page(&self, at: PageAt, limit: usize) -> MessagePage {
        let total = self.messages.len();
        let place = |offset: Offset| self.messages.partition_point(|message| message.offset < offset);
        let (from, to) = match at {
            PageAt::Latest => (total.saturating_sub(limit), total),
            PageAt::Before(offset) => (place(offset).saturating_sub(limit), place(offset)),
            PageAt::After(offset) => (place(offset.next()), (place(offset.next()) + limit).min(total)),
            PageAt::Around(offset) => (place(offset).saturating_sub(limit), (place(offset) + limit).min(total)),
        };
        let (more_before, more_after) = (from > 0, to < total);
        MessagePage { messages: self.messages[from..to].to_vec(), as_of: self.head(), more_before, more_after }
    }
}

#[test]
fn a_fact_is_applied_once() {
    let mut server = Server::new();
    let mut replica = Replica::from_snapshot(server.snapshot());
    server.post(1);
    assert_eq!(replica.apply(&server.log[0]), Applied::Known, "nothing is loaded, so only counts change");
    assert_eq!(replica.room(server.room.id).unwrap().read.unread, 1);
    assert_eq!(replica.apply(&server.log[0]), Applied::Known);
    assert_eq!(replica.room(server.room.id).unwrap().read.unread, 1);
    assert_eq!(replica, Replica::from_snapshot(server.snapshot()));
}

#[test]
fn a_room_becomes_mine_with_its_fact() {
    let mut server = Server::new();
    let room = std::mem::replace(&mut server.room, Room { id: RoomId::from_entropy([2; 12]), ..Server::new().room });
    let mut replica = Replica::from_snapshot(server.snapshot());
    server.log(RoomMemberJoined { room: room.id, member: server.me.id, member_count: 2 });
    server.log(RoomJoined { room: room.clone() });
    assert_eq!(replica.apply(&server.log[0]), Applied::NotMine);
    assert_eq!(replica.apply(&server.log[1]), Applied::Changed);
    assert_eq!(replica.room(room.id).unwrap().room, room);
}

#[test]
fn a_room_goes_with_all_that_was_loaded_of_it() {
    let mut server = Server::new();
    server.post(1);
    let mut replica = Replica::from_snapshot(server.snapshot());
    server.log(RoomGone { room: server.room.id, reason: GoneReason::Removed });
    server.post(1);
    server.log(RoomJoined { room: server.room.clone() });
    assert_eq!(replica.apply(&server.log[1]), Applied::Changed);
    assert_eq!(replica.apply(&server.log[2]), Applied::NotMine);
    assert_eq!(replica.rooms().count(), 0);
    assert_eq!(replica.apply(&server.log[3]), Applied::Changed);
    let held = replica.room(server.room.id).unwrap();
    assert_eq!((held.read.unread, held.read.offset, held.window.is_loaded()), (0, Offset(4), false));
}

#[test]
fn an_older_copy_never_replaces_a_newer_one() {
    let mut server = Server::new();
    server.post(1);
    let mut replica = Replica::from_snapshot(server.snapshot());
    let mut newer = server.page(PageAt::Latest, 5);
    newer.messages[0].rev = Offset(9);
    newer.messages[0].body = "edited".to_owned();
    for page in [newer, server.page(PageAt::Latest, 5)] {
        replica.begin_page(server.room.id);
        assert!(replica.merge_page(server.room.id, PageAt::Latest, page));
    }
    assert_eq!(replica.room(server.room.id).unwrap().window.messages()[0].body, "edited");
}

#[test]
fn a_page_for_a_window_that_moved_is_refused() {
    let mut server = Server::new();
    (0..9).for_each(|_| server.post(1));
    let mut replica = Replica::from_snapshot(server.snapshot());
    replica.begin_page(server.room.id);
    replica.merge_page(server.room.id, PageAt::Latest, server.page(PageAt::Latest, 4));
    replica.begin_page(server.room.id);
    let older = server.page(PageAt::Before(Offset(6)), 4);
    replica.window_mut(server.room.id).unwrap().drop_oldest(2);
    assert!(!replica.merge_page(server.room.id, PageAt::Before(Offset(6)), older));
    let window = &replica.room(server.room.id).unwrap().window;
    assert_eq!((window.first(), window.last(), window.is_loading()), (Some(Offset(8)), Some(Offset(9)), false));
}

/// One step of a history between one reader and the server.
#[derive(Debug, Clone)]
enum Step {
    Post(u8),
    Delete(usize),
    Join,
    Leave,
    Rename,
    /// The stream delivers this many facts.
    Deliver(usize),
    /// The connection breaks and resumes this many facts before the cursor, as after an unsure cut.
    Rewind(usize),
    /// A page is cut by the server now and merged later.
    Ask(u8),
    /// The oldest page under way arrives.
    Arrive,
    DropOldest(usize),
    DropNewest(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..3u8).prop_map(Step::Post),
        2 => (0..20usize).prop_map(Step::Delete),
        1 => Just(Step::Join),
        1 => Just(Step::Leave),
        1 => Just(Step::Rename),
        4 => (0..5usize).prop_map(Step::Deliver),
        1 => (0..4usize).prop_map(Step::Rewind),
        3 => (0..4u8).prop_map(Step::Ask),
        3 => Just(Step::Arrive),
        1 => (0..4usize).prop_map(Step::DropOldest),
        1 => (0..4usize).prop_map(Step::DropNewest),
    ];
    prop::collection::vec(step, 0..60)
}

proptest! {
    #[test]
    fn a_replica_ends_where_a_snapshot_begins(steps in steps()) {
        let mut server = Server::new();
        let room = server.room.id;
        let mut replica = Replica::from_snapshot(server.snapshot());
        let (mut delivered, mut under_way) = (0, std::collections::VecDeque::new());
        let deliver = |replica: &mut Replica, server: &Server, delivered: &mut usize, count: usize| {
            let to = (*delivered + count).min(server.log.len());
            server.log[*delivered..to].iter().for_each(|fact| { replica.apply(fact); });
            *delivered = to;
        };
        for step in steps {
            match step {
                Step::Post(author) => server.post(author),
                Step::Delete(which) => server.delete(which),
                Step::Join => server.join(),
                Step::Leave if server.room.member_count > 1 => server.leave(),
                Step::Leave => {}
                Step::Rename => server.rename(),
                Step::Deliver(count) => deliver(&mut replica, &server, &mut delivered, count),
                Step::Rewind(count) => delivered = delivered.saturating_sub(count),
                Step::Ask(which) => {
                    let window = &replica.room(room).unwrap().window;
                    let at = match (which, window.first(), window.last()) {
                        (1, Some(first), _) => PageAt::Before(first),
                        (2, _, Some(last)) => PageAt::After(last),
                        (3, Some(first), _) => PageAt::Around(first),
                        _ => PageAt::Latest,
                    };
                    replica.begin_page(room);
                    under_way.push_back((at, server.page(at, 3)));
                }
                Step::Arrive => if let Some((at, page)) = under_way.pop_front() {
                    replica.merge_page(room, at, page);
                },
                Step::DropOldest(count) => replica.window_mut(room).unwrap().drop_oldest(count),
                Step::DropNewest(count) => replica.window_mut(room).unwrap().drop_newest(count),
            }
        }
        for (at, page) in under_way {
            replica.merge_page(room, at, page);
        }
        deliver(&mut replica, &server, &mut delivered, usize::MAX / 2);

        // Rooms, people and counts are the server's, whatever was loaded.
        let held = replica.room(room).unwrap();
        prop_assert_eq!(&held.room, &server.room);
        prop_assert_eq!(held.read, server.read);
        prop_assert_eq!(replica.cursor, server.head());
        prop_assert_eq!(replica.members().collect::<Vec<_>>(), server.members.iter().collect::<Vec<_>>());
        prop_assert_eq!(replica.people_count as usize, server.members.len());
        prop_assert_eq!((&replica.me, &replica.workspace), (&server.me, &server.workspace));
        prop_assert_eq!(held.level, server.level);
        // The loaded run is a run of the server's history, and its ends say the truth.
        let window = &held.window;
        if let (Some(first), Some(last)) = (window.first(), window.last()) {
            let expected: Vec<_> = server.messages.iter().filter(|m| (first..=last).contains(&m.offset)).collect();
            prop_assert_eq!(window.messages().iter().collect::<Vec<_>>(), expected);
            prop_assert!(!window.reaches_start() || server.messages[0].offset == first);
            prop_assert!(!window.reaches_end() || server.messages.last().unwrap().offset == last);
        } else if window.reaches_end() && window.reaches_start() {
            prop_assert!(server.messages.is_empty());
        }
    }
}
