//! A server in fifty lines, and a client that talks to it when the test says so.

use std::{collections::BTreeMap, sync::Arc};

use shared::{
    cursor::{Cursor, Epoch, Offset},
    event::{Envelope, Event, MessagePosted},
    id::{ClientId, MemberId, MessageId, RoomId},
    member::{Circle, Member, Role, Settings, Timestamp, Workspace},
    message::{Message, MessagePage},
    replica::window::PageAt,
    room::{ReadPosition, Room, RoomKind},
    session::Snapshot,
    text::{Bio, DisplayName, RoomName, RoomTopic, SignInName, WorkspaceName},
};

use super::super::{Effect, Model, Moment, PageFailure, PageWish};
use crate::state::{
    outbox::{Kept, Outcome, Step},
    view::{RoomRow, Row, Status, TimelineView},
};

pub(super) const ME: u8 = 1;
pub(super) const ANA: u8 = 2;

pub(super) fn room() -> RoomId {
    RoomId::from_entropy([0; 12])
}

fn id(number: u8) -> MemberId {
    MemberId::from_entropy([number; 12])
}

/// One room, whose log is its messages: the message at index `i` has the offset `i + 1`.
#[derive(Default)]
pub(super) struct Server {
    pub(super) messages: Vec<Message>,
    pub(super) read: Offset,
    pub(super) times_told: u32,
    /// The snapshot does not name the people.
    pub(super) strangers: bool,
}

impl Server {
    /// Someone posts a text of their own.
    pub(super) fn says(&mut self, author: u8) {
        let number = self.messages.len() as u64 + 1;
        let mut bytes = [0xee; 16];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        self.post(author, ClientId::from_entropy(bytes), &number.to_string());
    }

    /// Posts once per client id.
    fn post(&mut self, author: u8, client_id: ClientId, body: &str) -> Offset {
        if let Some(before) = self.messages.iter().find(|message| message.client_id == client_id) {
            return before.offset;
        }
        let offset = Offset(self.messages.len() as u64 + 1);
        let mut entropy = [0; 12];
        for (digit, place) in entropy.iter_mut().zip(0..6) {
            *digit = u8::try_from(offset.0 / 36_u64.pow(place) % 36).unwrap();
        }
        self.messages.push(Message {
            id: MessageId::from_entropy(entropy),
            room: room(),
            author: id(author),
            client_id,
            offset,
            rev: offset,
            body: body.to_owned(),
            html: None,
            posted_at: Timestamp("2026-11-22T12:00:00.000Z".to_owned()),
            deleted: false,
        });
        offset
    }

    fn cursor(&self, offset: Offset) -> Cursor {
        Cursor { epoch: Epoch::from_entropy([1; 8]), offset }
    }

    fn head(&self) -> Cursor {
        self.cursor(Offset(self.messages.len() as u64))
    }

    pub(super) fn last(&self) -> Option<u64> {
        self.messages.last().map(|message| message.offset.0)
    }

    pub(super) fn unread(&self) -> u32 {
        let new = self.messages.iter().filter(|message| message.author != id(ME) && message.offset > self.read);
        u32::try_from(new.count()).unwrap()
    }

    /// How many messages were written by the client under test.
    pub(super) fn written_here(&self) -> usize {
        self.messages.iter().filter(|message| message.body.starts_with('w')).count()
    }

    pub(super) fn key_of(&self, offset: Offset) -> String {
        self.messages.iter().find(|message| message.offset == offset).unwrap().id.to_string()
    }

    pub(super) fn member(&self, number: u8) -> Member {
        let name = if number == ME { "Me" } else { "Ana" };
        Member {
            id: id(number),
            name: SignInName::parse(name).unwrap(),
            display_name: DisplayName::parse(name).unwrap(),
            role: Role::Member,
            joined_at: Timestamp("2026-11-22T12:00:00.000Z".to_owned()),
            bio: Bio::default(),
            active: true,
        }
    }

    fn read_position(&self) -> ReadPosition {
        let as_of = Offset(self.messages.len() as u64);
        ReadPosition { room: room(), offset: self.read, rev: 0, unread: self.unread(), as_of }
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let general = Room {
            id: room(),
            slug: "general".to_owned(),
            name: RoomName::parse("general").unwrap(),
            kind: RoomKind::Open,
            topic: RoomTopic::default(),
            archived: false,
            posting: Circle::Everyone,
            moderator: None,
            member_count: 2,
            people: vec![],
            last_offset: Offset(self.messages.len() as u64),
            rev: Offset::ZERO,
        };
        Snapshot {
            cursor: self.head(),
            me: self.member(ME),
            workspace: Workspace {
                name: WorkspaceName::parse("Tea").unwrap(),
                rooms_by: Circle::Everyone,
                invites_by: Circle::Everyone,
                guests: false,
            },
            rooms: vec![general],
            members: vec![self.member(ME)],
            people_count: 2,
            reads: vec![self.read_position()],
            involvements: vec![],
            my: Settings::default(),
        }
    }

    fn page(&self, wish: PageWish) -> MessagePage {
        let (count, limit) = (self.messages.len(), wish.limit as usize);
        let at = |Offset(offset): Offset| usize::try_from(offset).unwrap();
        let (from, to) = match wish.at {
            PageAt::Latest => (count.saturating_sub(limit), count),
            PageAt::Before(before) => ((at(before) - 1).saturating_sub(limit), at(before) - 1),
            PageAt::After(after) => (at(after), (at(after) + limit).min(count)),
            PageAt::Around(around) => (at(around).saturating_sub(limit / 2), (at(around) + limit / 2).min(count)),
        };
        MessagePage {
            messages: self.messages[from..to].to_vec(),
            as_of: self.head(),
            more_before: from > 0,
            more_after: to < count,
        }
    }
}

/// The client under test, its device, and what is on its way to the server.
pub(super) struct Client {
    pub(super) model: Model,
    pub(super) now: Moment,
    pub(super) device: BTreeMap<ClientId, Kept>,
    view: TimelineView,
    under_way: Vec<Effect>,
    connected: bool,
    written: u8,
}

impl Client {
    pub(super) fn start(server: &Server) -> Self {
        let now = Moment { mono_ms: 1_000, wall_ms: 1_795_348_800_000 };
        let mut model = Model::default();
        model.begin(server.snapshot(), now);
        if !server.strangers {
            model.meet(Some(server.member(ANA)));
        }
        let (view, device) = (TimelineView::default(), BTreeMap::new());
        let mut client = Self { model, now, device, view, under_way: vec![], connected: false, written: 0 };
        client.connect();
        client
    }

    pub(super) fn connect(&mut self) {
        self.connected = true;
        self.model.connected(self.now);
    }

    pub(super) fn disconnect(&mut self) {
        self.connected = false;
        self.model.disconnected();
    }

    pub(super) fn pass(&mut self, ms: u64) {
        self.now.mono_ms += ms;
        self.now.wall_ms += i64::try_from(ms).unwrap();
    }

    pub(super) fn writes(&mut self, body: &str) {
        self.written += 1;
        self.model.send(room(), ClientId::from_entropy([self.written; 16]), body, self.now);
    }

    /// The stream delivers the next fact after the replica's cursor.
    pub(super) fn receive_one(&mut self, server: &Server) {
        let Some(Cursor { offset, .. }) = self.model.cursor() else { return };
        let next = server.messages.iter().find(|message| message.offset > offset).filter(|_| self.connected);
        if let Some(message) = next {
            let event = Event::MessagePosted(MessagePosted { room: room(), message: message.clone() });
            self.model.apply(&Envelope { cursor: server.cursor(message.offset), event });
        }
    }

    pub(super) fn receive(&mut self, server: &mut Server) {
        while self.connected && self.model.cursor().is_some_and(|cursor| cursor.offset < server.head().offset) {
            self.receive_one(server);
        }
        if self.connected {
            self.model.advance(server.head());
        }
    }

    /// Delivers and answers everything.
    pub(super) fn settle(&mut self, server: &mut Server) {
        for _ in 0..2_000 {
            self.receive(server);
            self.look();
            self.take_effects();
            if self.under_way.is_empty() {
                return;
            }
            self.answer_one(server);
        }
        panic!("it never comes to rest: {:?}", self.under_way);
    }

    fn take_effects(&mut self) {
        for effect in self.model.take_effects(self.now) {
            match effect {
                Effect::Outbox(Step::Keep(kept)) => {
                    let client_id = kept.client_id;
                    self.device.insert(client_id, kept);
                    self.model.stored(client_id, self.now);
                }
                Effect::Outbox(Step::Forget(client_id)) => drop(self.device.remove(&client_id)),
                other => self.under_way.push(other),
            }
        }
        // Being kept made something ready to be sent.
        self.under_way.extend(self.model.take_effects(self.now));
    }

    /// The pages asked for, taken off the way.
    pub(super) fn wishes(&mut self) -> Vec<PageWish> {
        self.take_effects();
        let effects = std::mem::take(&mut self.under_way).into_iter();
        effects.filter_map(|effect| if let Effect::LoadPage(wish) = effect { Some(wish) } else { None }).collect()
    }

    pub(super) fn pages_under_way(&mut self) -> usize {
        self.take_effects();
        self.under_way.iter().filter(|effect| matches!(effect, Effect::LoadPage(_))).count()
    }

    pub(super) fn answer_one(&mut self, server: &mut Server) {
        self.take_effects();
        if self.under_way.is_empty() {
            return;
        }
        match self.under_way.remove(0) {
            Effect::LoadPage(wish) => self.model.page_answered(wish, Ok(server.page(wish)), self.now),
            Effect::MoveRead(read) => {
                server.times_told += 1;
                server.read = server.read.max(read.offset);
                self.model.read_answered(read.room, Ok(server.read_position()), self.now);
            }
            Effect::AskPresence(members) => self.model.presence.answered(&members, Some(&[]), self.now.mono_ms),
            Effect::SetRead(read) => {
                server.read = read.offset;
                let moved = ReadPosition { rev: read.rev + 1, ..server.read_position() };
                self.model.read_answered(read.room, Ok(moved), self.now);
            }
            Effect::FetchMember(member) => {
                let known = [ME, ANA].into_iter().find(|number| id(*number) == member);
                self.model.meet(known.map(|number| server.member(number)));
            }
            Effect::Outbox(Step::Post { client_id, body, .. }) => {
                let offset = server.post(ME, client_id, &body);
                self.model.post_answered(client_id, Outcome::Posted(offset), self.now);
            }
            Effect::Outbox(_) | Effect::Tell(_) | Effect::Drop(_) => panic!("nothing of the kind was done"),
        }
    }

    /// The oldest request gets no answer; the server may have had it all the same.
    pub(super) fn lose_one(&mut self, server: &mut Server, reached: bool) {
        self.take_effects();
        if self.under_way.is_empty() {
            return;
        }
        match self.under_way.remove(0) {
            Effect::LoadPage(wish) => self.model.page_answered(wish, Err(PageFailure::Later), self.now),
            Effect::MoveRead(read) => {
                if reached {
                    server.read = server.read.max(read.offset);
                }
                self.model.read_answered(read.room, Err(PageFailure::Later), self.now);
            }
            Effect::AskPresence(members) => self.model.presence.answered(&members, None, self.now.mono_ms),
            Effect::SetRead(read) => self.model.read_answered(read.room, Err(PageFailure::Later), self.now),
            Effect::FetchMember(_) => self.model.meet(None),
            Effect::Outbox(Step::Post { client_id, body, .. }) => {
                if reached {
                    server.post(ME, client_id, &body);
                }
                self.model.post_answered(client_id, Outcome::Unknown { wait_ms: None }, self.now);
            }
            Effect::Outbox(_) | Effect::Tell(_) | Effect::Drop(_) => panic!("nothing of the kind was done"),
        }
    }

    pub(super) fn retry_all(&mut self) {
        for client_id in self.device.keys() {
            self.model.retry(*client_id, self.now);
        }
    }

    /// The last row by the server was looked at.
    pub(super) fn see_last(&mut self) {
        let sent = |row: &Arc<Row>| match &**row {
            Row::Message(message) if message.status == Status::Sent => Some(message.key.to_string()),
            _ => None,
        };
        if let Some(key) = self.view.rows.iter().rev().find_map(sent) {
            self.model.seen(room(), &key);
        }
    }

    /// The rooms as the rail has them.
    pub(super) fn rooms(&mut self) -> Vec<RoomRow> {
        self.model.rooms(self.now)
    }

    /// What is on screen now.
    pub(super) fn look(&mut self) -> &TimelineView {
        if let Some(view) = self.model.timeline(room(), self.now, |_| 0) {
            self.view = view;
        }
        &self.view
    }

    pub(super) fn view(&self) -> &TimelineView {
        &self.view
    }

    fn messages(&self) -> impl Iterator<Item = &crate::state::view::MessageRow> {
        self.view.rows.iter().filter_map(|row| if let Row::Message(message) = &**row { Some(message) } else { None })
    }

    pub(super) fn statuses(&self) -> Vec<Status> {
        self.messages().map(|message| message.status).collect()
    }

    /// The offsets of the loaded messages.
    pub(super) fn offsets(&self) -> Vec<u64> {
        let held = self.model.replica.as_ref().and_then(|replica| replica.room(room())).unwrap();
        let opened = &self.model.opened.get(&room()).expect("it was opened");
        let window = opened.held_over.as_ref().filter(|_| !held.window.is_loaded()).unwrap_or(&held.window);
        window.messages().iter().map(|message| message.offset.0).collect()
    }

    /// No row is there twice.
    pub(super) fn check_rows(&self) {
        let mut keys: Vec<_> = self.messages().map(|message| &message.key).collect();
        let count = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), count, "a row is there twice");
    }
}
