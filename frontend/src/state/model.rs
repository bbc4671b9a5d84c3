//! The whole client as one value: the replica, the outbox, and what is open on screen.
//!
//! Everything that happens is a method; what is to be done about it comes out of [`Model::take_effects`], and what is
//! to be seen out of [`Model::rooms`] and [`Model::timeline`]. There is no IO in here, so a test can play server,
//! network and person in any order.
//!
//! The parts: [`opened`] (what a room's view adds to the replica), `pages` (which part of the history is loaded),
//! `reading` (how far the person has read), `rooms` (the rail), `acts` (what can be undone). `chat` drives it in the browser.

mod acts;
pub mod opened;
mod pages;
mod reading;
mod rooms;
mod sending;

use std::sync::Arc;

use shared::{
    cursor::{Cursor, Offset},
    event::{Envelope, Event, MemberChanged, MemberJoined},
    id::{MemberId, MessageId, RoomId},
    member::{Member, Settings, Workspace},
    message::Message,
    policy::RoomAction,
    presence::Typing,
    replica::{Applied, Replica, window::PageAt},
    room::ReadPosition,
    session::Snapshot,
    sorted::SortedMap,
};

use self::opened::Opened;
pub use self::pages::PageFailure;
use super::{
    outbox::{Account, Outbox, Step},
    pending::{Act, Pending},
    presence::Presence,
    time::{Moment, earlier},
    timeline::{Source, World},
    view::{GoneRoom, Person, Rights, TimelineView},
};

/// What the driver has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Something about a message on its way.
    Outbox(Step),
    /// Load a page of history, then say [`Model::page_answered`].
    LoadPage(PageWish),
    /// Tell the server how far the person has read, then say [`Model::read_answered`].
    MoveRead(ReadPosition),
    /// Move the position back to here, wherever it is, then say [`Model::read_answered`].
    SetRead(ReadPosition),
    /// Ask whether these people are here, then say it to [`Model::presence`].
    AskPresence(Vec<MemberId>),
    /// Load a person that is not known, then say [`Model::meet`].
    FetchMember(MemberId),
    /// Tell the server what was done, then say [`Model::act_answered`].
    Tell(Act),
    /// The room is not the reader's any more: forget what was shown of it.
    Drop(RoomId),
}

/// A page that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageWish {
    /// Of which room.
    pub room: RoomId,
    /// Which page.
    pub at: PageAt,
    /// At most so many messages.
    pub limit: u32,
    /// Which replica wished it: an answer to an earlier one's wish fits nothing.
    era: u32,
}

/// The client.
#[derive(Debug, Default)]
pub struct Model {
    replica: Option<Replica>,
    era: u32,
    outbox: Outbox,
    opened: SortedMap<RoomId, Opened>,
    open: Option<RoomId>,
    gone: Option<GoneRoom>,
    pending: Pending,
    drafts: SortedMap<RoomId, String>,
    people: SortedMap<MemberId, Arc<Person>>,
    asked_for: Vec<MemberId>,
    live: bool,
    /// Who is here, and who types.
    pub presence: Presence,
    effects: Vec<Effect>,
    people_changes: u32,
}

impl Model {
    /// Begins, or begins anew, with a snapshot. Returns the account whose kept things are to be read, if it is not the
    /// one that was here before; nothing of another account's stays.
    pub fn begin(&mut self, snapshot: Snapshot, now: Moment) -> Option<Account> {
        let account = Account { member: snapshot.me.id };
        let same = self.account().as_ref() == Some(&account);
        if same {
            self.part_with_others(&snapshot);
        }
        let before = self.replica.replace(Replica::from_snapshot(snapshot));
        self.era += 1;
        self.people.clear();
        self.asked_for.clear();
        self.pending.forget_told();
        if same {
            self.reopen(before, now);
            None
        } else {
            self.outbox = Outbox::default();
            self.opened.clear();
            self.drafts.clear();
            self.pending = Pending::default();
            (self.open, self.gone) = (None, None);
            Some(account)
        }
    }

    /// Forgets everything: the person signed out.
    pub fn end(&mut self) {
        *self = Self { era: self.era + 1, ..Self::default() };
    }

    /// Whose client this is.
    #[must_use]
    pub fn account(&self) -> Option<Account> {
        self.replica.as_ref().map(|replica| Account { member: replica.me.id })
    }

    /// The reader.
    #[must_use]
    pub fn me(&self) -> Option<&Member> {
        self.replica.as_ref().map(|replica| &replica.me)
    }

    /// The workspace: its name and its rules.
    #[must_use]
    pub fn workspace(&self) -> Option<&Workspace> {
        self.replica.as_ref().map(|replica| &replica.workspace)
    }

    /// What the reader has set for themself.
    #[must_use]
    pub fn settings(&self) -> Option<&Settings> {
        self.replica.as_ref().map(|replica| &replica.my)
    }

    /// Someone by id, if they are known here.
    #[must_use]
    pub fn member(&self, member: MemberId) -> Option<&Member> {
        self.replica.as_ref()?.member(member)
    }

    /// How often a fact has changed something about the people of the place: lists that were asked for are older then.
    #[must_use]
    pub fn people_changes(&self) -> u32 {
        self.people_changes
    }

    /// Everything that was written here and is not sent: what waits in composers, and in the outbox.
    #[must_use]
    pub fn unsent_texts(&self) -> Vec<String> {
        let drafts = self.drafts.values().cloned();
        drafts.chain(self.outbox.texts()).collect()
    }

    /// A room's name in addresses.
    #[must_use]
    pub fn slug(&self, room: RoomId) -> Option<&str> {
        self.replica.as_ref()?.room(room).map(|held| held.room.slug.as_str())
    }

    /// Where the stream is to be continued.
    #[must_use]
    pub fn cursor(&self) -> Option<Cursor> {
        self.replica.as_ref().map(|replica| replica.cursor)
    }

    /// The stream is open.
    pub fn connected(&mut self, now: Moment) {
        self.live = true;
        self.outbox.connected(now);
        self.pending.retry();
        self.retry_pages(now);
        self.retry_reads(now);
    }

    /// The stream is gone.
    pub fn disconnected(&mut self) {
        self.live = false;
        self.outbox.disconnected();
        self.presence.lose();
    }

    /// The session has ended; everything stays as it is until the same person is back.
    pub fn pause(&mut self) {
        self.live = false;
        self.outbox.pause();
        self.presence.lose();
    }

    /// Takes in the next fact of the stream.
    pub fn apply(&mut self, envelope: &Envelope) {
        self.note_parting(envelope);
        let Some(replica) = &mut self.replica else { return };
        let applied = replica.apply(envelope);
        let (cursor, me) = (replica.cursor.offset, replica.me.id);
        match &envelope.event {
            Event::MessagePosted(fact) if fact.message.author == me => self.outbox.arrived(fact.message.client_id),
            Event::MessagePosted(fact) => self.note_arrival(fact.room, fact.message.offset),
            Event::MemberJoined(MemberJoined { member, .. }) | Event::MemberChanged(MemberChanged { member }) => {
                self.people.remove(&member.id);
                self.people_changes += 1;
            }
            Event::RoomGone(fact) => self.presence.forget_room(fact.room),
            Event::MessageDeleted(fact) => {
                self.pending.forget(Act::Delete { room: fact.room, message: fact.message });
            }
            Event::RoomChanged(fact) if fact.room.archived => self.pending.forget(Act::Archive(fact.room.id)),
            _ => {}
        }
        if let Event::MessagePosted(fact) = &envelope.event {
            self.presence.posted(fact.message.author, fact.room);
        }
        self.outbox.caught_up(cursor);
        if let Event::MessagePosted(fact) = &envelope.event
            && applied == Applied::Changed
        {
            self.trim_arrivals(fact.room);
        }
    }

    /// Takes note that every fact up to `cursor` has been received: a tick, or a fact of an unknown kind.
    pub fn advance(&mut self, cursor: Cursor) {
        if let Some(replica) = &mut self.replica {
            replica.advance(cursor);
            self.outbox.caught_up(replica.cursor.offset);
        }
    }

    /// A person that was asked for. `None`: the server does not know them, or did not answer; asked for again with
    /// the next replica.
    pub fn meet(&mut self, member: Option<Member>) {
        if let (Some(replica), Some(member)) = (&mut self.replica, member) {
            self.people.remove(&member.id);
            replica.insert_member(member);
        }
    }

    /// The stream said who types in a room.
    pub fn types(&mut self, typing: Typing, now_ms: u64) {
        if let Some(replica) = &self.replica {
            for typist in &typing.members {
                person_of(replica, &mut self.people, &mut self.asked_for, &mut self.effects, *typist);
            }
        }
        self.presence.types(typing, now_ms);
    }

    /// The names of those who type in a room, those who began first coming first. Somebody who is not known yet is named when
    /// the stream says it the next time.
    #[must_use]
    pub fn typists(&self, room: RoomId) -> Vec<String> {
        let known = self.presence.typists(room).iter().filter_map(|typist| self.member(*typist));
        known.map(|member| member.display_name.to_string()).collect()
    }

    /// Everything that is to be done at `now`, in order.
    pub fn take_effects(&mut self, now: Moment) -> Vec<Effect> {
        let steps = self.outbox.take_steps(now);
        self.effects.extend(steps.into_iter().map(Effect::Outbox));
        if self.live {
            self.effects.extend(self.pending.take_due(now).into_iter().map(Effect::Tell));
        }
        self.send_reads(now);
        self.ask_overdue_pages(now);
        self.presence.wake(now.mono_ms);
        self.effects.extend(self.presence.ask(now.mono_ms).map(Effect::AskPresence));
        std::mem::take(&mut self.effects)
    }

    /// When [`take_effects`](Self::take_effects) or a row's look changes by the mere passing of time (monotonic ms).
    #[must_use]
    pub fn next_wake(&self, now: Moment) -> Option<u64> {
        let due = earlier(self.next_read_at(), self.presence.next_wake());
        let acts = self.pending.next_wake(now).filter(|_| self.live);
        earlier(earlier(acts, self.outbox.next_wake(now)), earlier(due, self.next_page_at()))
    }

    /// A room's timeline, if it changed since it was last asked for. `zone`: see [`World::zone`].
    pub fn timeline(&mut self, room: RoomId, now: Moment, zone: impl Fn(i64) -> i32) -> Option<TimelineView> {
        let replica = self.replica.as_ref()?;
        let held = replica.room(room)?;
        let opened = self.opened.get_mut(&room)?;
        opened.undrawn = 0;
        let outbox: Vec<_> = self.outbox.of_room(room).collect();
        // While a new replica loads its first page, what the old one had stays on screen.
        let window = opened.held_over.as_ref().filter(|_| !held.window.is_loaded()).unwrap_or(&held.window);
        let rights = Rights::of(replica.me_as_actor(), &held.room);
        let loading = opened.opening || (!window.is_loaded() && opened.latest.is_under_way());
        let source = Source {
            messages: if loading { &[] } else { window.messages() },
            reaches_start: window.reaches_start() && window.is_loaded() && !loading,
            // A room that is not loaded yet still shows what was written to it.
            reaches_end: window.reaches_end() || !window.is_loaded(),
            outbox: &outbox,
            new_after: opened.new_after,
            pending: &self.pending,
            deletes: (rights.allow(RoomAction::DeleteOwn), rights.allow(RoomAction::DeleteOthers)),
            me: replica.me.id,
            live: self.live,
            now,
        };
        let mut town = Town {
            replica,
            people: &mut self.people,
            asked_for: &mut self.asked_for,
            effects: &mut self.effects,
            zone,
        };
        let changed = opened.timeline.build(&source, &mut town);
        let jump = opened.jump.and_then(|(number, offset)| Some((number, opened.timeline.key_at(offset)?)));
        let jumped = jump.is_some() && !std::mem::replace(&mut opened.jump_shown, jump.is_some());
        let frame = (loading, opened.older_state(window), window.reaches_end() || !window.is_loaded());
        let reframed = opened.shown.replace(frame) != Some(frame);
        (changed || reframed || jumped).then(|| TimelineView {
            rows: opened.timeline.rows().to_vec(),
            loading,
            older: frame.1,
            newest_loaded: frame.2,
            jump,
        })
    }

    /// The room that is on screen.
    #[must_use]
    pub fn open(&self) -> Option<RoomId> {
        self.open
    }

    /// How many messages arrived in the open room since its rows were asked for last.
    #[must_use]
    pub fn undrawn(&self) -> usize {
        self.open.and_then(|room| self.opened.get(&room)).map_or(0, |opened| opened.undrawn)
    }

    /// Whether the open room is held at its foot, so that of a long run of arrivals only the last are worth drawing.
    #[must_use]
    pub fn is_followed(&self) -> bool {
        self.open.and_then(|room| self.opened.get(&room)).is_none_or(|opened| opened.at_foot)
    }

    /// How many messages wait to be sent.
    #[must_use]
    pub fn unsent(&self) -> usize {
        self.outbox.unsent()
    }

    /// The text waiting in a room's composer.
    #[must_use]
    pub fn draft(&self, room: RoomId) -> &str {
        self.drafts.get(&room).map_or("", String::as_str)
    }

    /// Takes over the text in a room's composer.
    pub fn set_draft(&mut self, room: RoomId, text: String) {
        if text.is_empty() {
            self.drafts.remove(&room);
        } else {
            self.drafts.insert(room, text);
        }
    }

    /// The loaded message that a row's key names.
    fn message_of(&self, room: RoomId, key: &str) -> Option<&Message> {
        let replica = self.replica.as_ref()?;
        let messages = replica.room(room)?.window.messages();
        let named: Box<dyn Fn(&Message) -> bool> = match key.parse::<MessageId>() {
            Ok(id) => Box::new(move |message| message.id == id),
            Err(_) => {
                let client_id = key.parse().ok()?;
                let me = replica.me.id;
                Box::new(move |message| message.author == me && message.client_id == client_id)
            }
        };
        messages.iter().rev().find(|message| named(message))
    }

    /// The offset of the loaded message that a row's key names.
    fn offset_of(&self, room: RoomId, key: &str) -> Option<Offset> {
        self.message_of(room, key).map(|message| message.offset)
    }
}

/// The people of a replica as the rows and the rail draw them. One that is not known is asked for, once.
struct Town<'a, Zone> {
    replica: &'a Replica,
    people: &'a mut SortedMap<MemberId, Arc<Person>>,
    asked_for: &'a mut Vec<MemberId>,
    effects: &'a mut Vec<Effect>,
    zone: Zone,
}

impl<Zone: Fn(i64) -> i32> World for Town<'_, Zone> {
    fn person(&mut self, member: MemberId) -> Arc<Person> {
        person_of(self.replica, self.people, self.asked_for, self.effects, member)
    }

    fn zone(&self, at_ms: i64) -> i32 {
        (self.zone)(at_ms)
    }
}

/// A person to draw, the same `Arc` each time.
fn person_of(
    replica: &Replica,
    people: &mut SortedMap<MemberId, Arc<Person>>,
    asked_for: &mut Vec<MemberId>,
    effects: &mut Vec<Effect>,
    member: MemberId,
) -> Arc<Person> {
    let draw = || {
        let known = replica.member(member);
        if known.is_none() && !asked_for.contains(&member) {
            asked_for.push(member);
            effects.push(Effect::FetchMember(member));
        }
        let name = known.map_or_else(|| "…".to_owned(), |known| known.display_name.to_string());
        Arc::new(Person { id: member.to_string(), name })
    };
    Arc::clone(people.get_or_insert_with(member, draw))
}

#[cfg(test)]
mod tests;
