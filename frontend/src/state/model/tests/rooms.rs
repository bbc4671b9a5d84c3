//! Rooms that come, change and go, and what can be undone in them.

use shared::{
    cursor::{Cursor, Epoch, Offset},
    event::{
        Envelope, Event, InvolvementChanged, MessageDeleted, MessagePosted, RoomChanged, RoomGone, RoomJoined,
        RoomMemberLeft,
    },
    id::{ClientId, MemberId, MessageId, RoomId},
    member::{Circle, Member, Role, Settings, Timestamp, Workspace},
    message::{Message, MessagePage},
    policy::RoomAction,
    presence::{Presence as Here, PresenceLevel, Typing},
    room::{GoneReason, Involvement, Level, Room, RoomKind},
    session::Snapshot,
    text::{Bio, DisplayName, RoomName, RoomTopic, SignInName, WorkspaceName},
};

use super::super::{Effect, Model, Moment};
use crate::state::{
    pending::{Act, Told},
    view::{Deletable, Farewell, MessageRow, Parting, RoomRow, Row},
};

fn person(number: u8) -> MemberId {
    MemberId::from_entropy([number; 12])
}

fn room_id(number: u8) -> RoomId {
    RoomId::from_entropy([number; 12])
}

fn member(number: u8, name: &str) -> Member {
    Member {
        id: person(number),
        name: SignInName::parse(name).unwrap(),
        display_name: DisplayName::parse(name).unwrap(),
        role: Role::Member,
        joined_at: Timestamp("2026-11-22T12:00:00.000Z".to_owned()),
        bio: Bio::default(),
        active: true,
    }
}

fn room(number: u8, name: &str, kind: RoomKind) -> Room {
    Room {
        id: room_id(number),
        slug: name.to_lowercase(),
        name: RoomName::parse(name).unwrap(),
        kind,
        topic: RoomTopic::default(),
        archived: false,
        posting: Circle::Everyone,
        moderator: None,
        member_count: 2,
        people: vec![],
        last_offset: Offset::ZERO,
        rev: Offset::ZERO,
    }
}

fn direct(number: u8, others: &[u8], last: u64) -> Room {
    let people = std::iter::once(1).chain(others.iter().copied()).map(person).collect();
    Room { people, last_offset: Offset(last), ..room(number, "direct", RoomKind::Direct) }
}

fn at(mono_ms: u64) -> Moment {
    Moment { mono_ms, wall_ms: 1_795_348_800_000 }
}

/// The reader is number 1; Mei Lin is 2 and Jun Park 3. Both are known.
struct Scene {
    model: Model,
    offset: u64,
}

impl Scene {
    fn of(rooms: Vec<Room>) -> Self {
        let mut model = Model::default();
        model.begin(snapshot(100, rooms), at(0));
        model.connected(at(0));
        Self { model, offset: 100 }
    }

    fn happens(&mut self, event: impl Into<Event>) {
        self.offset += 1;
        let cursor = Cursor { epoch: Epoch::from_entropy([1; 8]), offset: Offset(self.offset) };
        self.model.apply(&Envelope { cursor, event: event.into() });
    }

    /// Someone writes into a room; the key of the row.
    fn says(&mut self, number: u8, room: u8) -> String {
        let offset = Offset(self.offset + 1);
        let entropy = [u8::try_from(self.offset - 90).unwrap(); 12];
        let message = Message {
            id: MessageId::from_entropy(entropy),
            room: room_id(room),
            author: person(number),
            client_id: ClientId::from_entropy([entropy[0]; 16]),
            offset,
            rev: offset,
            body: "Morning.".to_owned(),
            html: None,
            posted_at: Timestamp("2026-11-22T12:00:00.000Z".to_owned()),
            deleted: false,
        };
        let key = if number == 1 { message.client_id.to_string() } else { message.id.to_string() };
        self.happens(MessagePosted { room: room_id(room), message });
        key
    }

    /// Opens a room that has no history.
    fn opens(&mut self, room: u8) {
        self.model.open_room(room_id(room), None, at(0));
        self.model.watching(room_id(room), true, true);
        let cursor = self.model.cursor().unwrap();
        for effect in self.model.take_effects(at(0)) {
            if let Effect::LoadPage(wish) = effect {
                let page = MessagePage { messages: vec![], as_of: cursor, more_before: false, more_after: false };
                self.model.page_answered(wish, Ok(page), at(0));
            }
        }
    }

    fn row(&mut self, room: u8) -> RoomRow {
        let id = room_id(room).to_string();
        self.model.rooms(at(0)).into_iter().find(|row| row.id == id).expect("it is the reader's")
    }

    fn names(&mut self) -> Vec<String> {
        let rooms = self.model.rooms(at(0)).into_iter();
        rooms.filter(|row| row.listed).map(|row| row.title()).collect()
    }

    fn message(&mut self, room: u8, key: &str, now: Moment) -> MessageRow {
        self.model.timeline(room_id(room), now, |_| 0);
        let opened = self.model.opened.get(&room_id(room)).unwrap();
        let row = opened.timeline.rows().iter().find_map(|row| match &**row {
            Row::Message(message) if *message.key == *key => Some(message.clone()),
            _ => None,
        });
        row.expect("it is loaded")
    }
}

fn snapshot(offset: u64, rooms: Vec<Room>) -> Snapshot {
    Snapshot {
        cursor: Cursor { epoch: Epoch::from_entropy([1; 8]), offset: Offset(offset) },
        me: member(1, "Me"),
        workspace: Workspace {
            name: WorkspaceName::parse("Tea").unwrap(),
            rooms_by: Circle::Everyone,
            invites_by: Circle::Everyone,
            guests: false,
        },
        rooms,
        members: vec![member(1, "Me"), member(2, "Mei Lin"), member(3, "Jun Park")],
        people_count: 3,
        reads: vec![],
        involvements: vec![],
        my: Settings::default(),
    }
}

#[test]
fn the_rail_has_rooms_by_name_and_then_direct_ones_by_their_newest_talk() {
    let mut scene = Scene::of(vec![
        room(1, "Zen", RoomKind::Open),
        room(2, "attic", RoomKind::Closed),
        direct(3, &[2], 20),
        direct(4, &[2, 3], 40),
        direct(5, &[3], 0),
        Room { archived: true, ..room(6, "old", RoomKind::Open) },
    ]);
    assert_eq!(scene.names(), ["# attic", "# Zen", "Mei, Jun", "Mei Lin"], "nobody sees a silent or an archived one");
    scene.says(3, 5);
    assert_eq!(scene.names()[2..], ["Jun Park", "Mei, Jun", "Mei Lin"]);
    assert_eq!(scene.model.direct_room(&[person(3), person(2)]), Some("direct"));
    assert_eq!(scene.model.direct_room(&[person(9)]), None);
}

#[test]
fn a_direct_row_says_whether_the_other_is_here() {
    let mut scene = Scene::of(vec![direct(1, &[2], 20), direct(2, &[2, 3], 20), room(3, "tea", RoomKind::Open)]);
    let presence = |scene: &mut Scene| [1, 2, 3].map(|number| scene.row(number).presence);
    assert_eq!(presence(&mut scene), [None, None, None], "nothing is known");
    scene.model.presence.begin(Some(&[Here { member: person(2), level: PresenceLevel::Away }]));
    assert_eq!(presence(&mut scene), [Some(PresenceLevel::Away), None, None], "a group is not one person");
    scene.model.disconnected();
    assert_eq!(presence(&mut scene), [None, None, None]);
    // Where there are too many to name, those in the rail are asked for.
    scene.model.connected(at(0));
    scene.model.presence.begin(None);
    assert_eq!(scene.model.take_effects(at(0)), [Effect::AskPresence(vec![person(1), person(2)])]);
}

#[test]
fn who_types_is_named_once_they_are_known() {
    let mut scene = Scene::of(vec![room(1, "tea", RoomKind::Open)]);
    let typing = || Typing { room: room_id(1), members: vec![person(3), person(9)] };
    scene.model.types(typing(), 0);
    assert_eq!(scene.model.typists(room_id(1)), ["Jun Park"]);
    assert_eq!(scene.model.take_effects(at(0)), [Effect::FetchMember(person(9))]);
    scene.model.meet(Some(member(9, "Wei Chen")));
    assert_eq!(scene.model.typists(room_id(1)), ["Jun Park", "Wei Chen"]);
    assert_eq!(scene.model.typists(room_id(2)), Vec::<String>::new());
}

#[test]
fn a_stranger_in_a_direct_room_is_asked_for_once() {
    let mut scene = Scene::of(vec![]);
    scene.happens(RoomJoined { room: direct(1, &[9], 50) });
    assert_eq!(scene.row(1).name, "…");
    scene.row(1);
    assert_eq!(scene.model.take_effects(at(0)), [Effect::FetchMember(person(9))]);
    scene.model.meet(Some(member(9, "Wei Chen")));
    assert_eq!(scene.row(1).name, "Wei Chen");
}

#[test]
fn what_one_hears_of_a_room_decides_how_it_stands_in_the_rail() {
    let mut scene = Scene::of(vec![room(1, "general", RoomKind::Open)]);
    let choose = |scene: &mut Scene, level| {
        scene.happens(InvolvementChanged { involvement: Involvement { room: room_id(1), level } });
    };
    scene.says(2, 1);
    assert_eq!((scene.row(1).counted(), scene.row(1).is_muted()), (1, false));
    choose(&mut scene, Level::Nothing);
    let row = scene.row(1);
    assert_eq!((row.counted(), row.unread, row.is_muted(), row.listed), (0, 1, true, true));
    scene.opens(1);
    choose(&mut scene, Level::Hidden);
    assert!(scene.row(1).listed, "it does not vanish under the pointer");
    scene.model.leave_room(room_id(1), at(0));
    assert!(!scene.row(1).listed);
}

#[test]
fn a_room_that_is_gone_while_open_leaves_its_name_and_its_draft() {
    let mut scene = Scene::of(vec![room(1, "founders", RoomKind::Closed), room(2, "general", RoomKind::Open)]);
    scene.opens(1);
    scene.says(2, 1);
    scene.model.set_draft(room_id(1), "About the rent".to_owned());
    scene.happens(RoomGone { room: room_id(1), reason: GoneReason::Removed });
    assert_eq!(scene.names(), ["# general"]);
    assert!(scene.model.take_effects(at(0)).contains(&Effect::Drop(room_id(1))));
    assert!(scene.model.timeline(room_id(1), at(0), |_| 0).is_none(), "nothing of it is drawn");
    let gone = scene.model.gone().cloned().expect("it was open");
    assert_eq!((gone.title().as_str(), gone.left, gone.draft.as_str()), ("# founders", false, "About the rent"));
    scene.opens(2);
    assert_eq!(scene.model.gone(), None);
    scene.happens(RoomJoined { room: room(1, "founders", RoomKind::Closed) });
    assert_eq!(scene.model.draft(room_id(1)), "About the rent");
}

#[test]
fn a_room_that_is_gone_elsewhere_only_leaves_the_rail() {
    let mut scene = Scene::of(vec![room(1, "founders", RoomKind::Closed), room(2, "general", RoomKind::Open)]);
    scene.opens(2);
    scene.happens(RoomGone { room: room_id(1), reason: GoneReason::Removed });
    assert_eq!((scene.names(), scene.model.gone()), (vec!["# general".to_owned()], None));
}

#[test]
fn a_snapshot_without_the_open_room_says_that_it_is_gone() {
    let mut scene = Scene::of(vec![room(1, "founders", RoomKind::Closed), room(2, "general", RoomKind::Open)]);
    scene.opens(1);
    scene.model.begin(snapshot(200, vec![room(2, "general", RoomKind::Open)]), at(0));
    assert_eq!(scene.model.gone().map(|gone| gone.title()), Some("# founders".to_owned()));
    assert_eq!(scene.model.open(), None);
}

#[test]
fn an_own_message_is_deleted_at_once_and_brought_back() {
    let mut scene = Scene::of(vec![room(1, "general", RoomKind::Open)]);
    scene.opens(1);
    let (own, other) = (scene.says(1, 1), scene.says(2, 1));
    assert_eq!(scene.message(1, &own, at(0)).deletable, Deletable::Own);
    assert_eq!(scene.message(1, &other, at(0)).deletable, Deletable::No);
    scene.model.delete_message(room_id(1), &own, at(0));
    let row = scene.message(1, &own, at(1_500));
    assert_eq!((row.gone, row.undo_s, &*row.body, row.deletable), (true, Some(5), "", Deletable::No));
    assert!(scene.model.take_effects(at(1_500)).is_empty(), "the server does not know");
    scene.model.undelete_message(room_id(1), &own);
    let row = scene.message(1, &own, at(2_000));
    assert_eq!((row.gone, row.undo_s, &*row.body), (false, None, "Morning."));
}

#[test]
fn a_deletion_is_told_when_its_time_is_over_or_the_room_is_left() {
    let mut scene = Scene::of(vec![room(1, "general", RoomKind::Open)]);
    scene.opens(1);
    let own = scene.says(1, 1);
    let message = scene.model.message(room_id(1), &own).unwrap().clone();
    let act = Act::Delete { room: room_id(1), message: message.id };
    scene.model.delete_message(room_id(1), &own, at(0));
    scene.model.leave_room(room_id(1), at(100));
    assert!(scene.model.take_effects(at(100)).contains(&Effect::Tell(act)));
    scene.model.act_answered(act, Told::Done, at(200));
    scene.opens(1);
    assert!(scene.message(1, &own, at(300)).gone, "until the fact is here");
    scene.happens(MessageDeleted { room: room_id(1), message: message.id, author: person(1), offset: message.offset });
    let row = scene.message(1, &own, at(400));
    assert_eq!((row.gone, row.undo_s), (true, None));
    assert_eq!(scene.model.next_wake(at(400)), None);
}

#[test]
fn a_moderator_may_delete_what_others_wrote() {
    let mut scene = Scene::of(vec![Room { moderator: Some(person(1)), ..room(1, "kiln", RoomKind::Closed) }]);
    scene.opens(1);
    let other = scene.says(2, 1);
    assert_eq!(scene.message(1, &other, at(0)).deletable, Deletable::Others);
    assert!(scene.row(1).may(RoomAction::Change) && scene.row(1).may(RoomAction::Remove));
}

#[test]
fn leaving_shows_at_once_and_can_be_undone() {
    let mut scene = Scene::of(vec![room(1, "kiln", RoomKind::Closed)]);
    scene.opens(1);
    scene.model.part(Act::Leave(room_id(1)), at(0));
    assert_eq!(scene.row(1).farewell, Some(Farewell { parting: Parting::Left, undo_s: Some(6) }));
    assert!(scene.model.undo_last(room_id(1)));
    assert_eq!(scene.row(1).farewell, None);
    scene.model.part(Act::Leave(room_id(1)), at(0));
    assert_eq!(scene.model.take_effects(at(6_000)), [Effect::Tell(Act::Leave(room_id(1)))]);
    scene.happens(RoomGone { room: room_id(1), reason: GoneReason::Left });
    assert!(scene.model.gone().is_some_and(|gone| gone.left));
}

#[test]
fn an_archived_room_cannot_be_written_to() {
    let mut scene = Scene::of(vec![Room { moderator: Some(person(1)), ..room(1, "kiln", RoomKind::Open) }]);
    scene.opens(1);
    scene.model.part(Act::Archive(room_id(1)), at(0));
    scene.model.take_effects(at(6_000));
    scene.model.act_answered(Act::Archive(room_id(1)), Told::Done, at(6_000));
    let archived = Room { archived: true, moderator: Some(person(1)), ..room(1, "kiln", RoomKind::Open) };
    scene.happens(RoomChanged { room: archived });
    let row = scene.row(1);
    assert_eq!((row.farewell, row.archived), (None, true));
    assert!(!row.may(RoomAction::Post) && row.may(RoomAction::Restore) && row.may(RoomAction::Leave));
}

#[test]
fn marking_as_unread_moves_back_and_looking_changes_nothing() {
    let mut scene = Scene::of(vec![room(1, "general", RoomKind::Open)]);
    scene.opens(1);
    let (first, second) = (scene.says(2, 1), scene.says(2, 1));
    scene.model.seen(room_id(1), &second);
    scene.model.take_effects(at(0));
    scene.model.mark_unread(room_id(1), &first);
    let effects = scene.model.take_effects(at(0));
    let [Effect::SetRead(read)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(read.offset, Offset(100));
    let moved = shared::room::ReadPosition { rev: 1, unread: 2, ..*read };
    scene.model.read_answered(room_id(1), Ok(moved), at(0));
    scene.model.seen(room_id(1), &second);
    assert_eq!(scene.row(1).unread, 2);
    scene.model.leave_room(room_id(1), at(0));
    scene.opens(1);
    scene.model.seen(room_id(1), &second);
    scene.model.watching(room_id(1), false, false);
    assert_eq!(scene.row(1).unread, 0);
}

#[test]
fn people_come_and_go_in_the_header() {
    let mut scene = Scene::of(vec![room(1, "general", RoomKind::Open)]);
    scene.happens(RoomMemberLeft { room: room_id(1), member: person(2), member_count: 1 });
    assert_eq!(scene.row(1).members, 1);
}
