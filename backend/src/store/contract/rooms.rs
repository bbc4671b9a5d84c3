//! Rooms: making them, changing them, who is in them and who may know of them.

use shared::{
    audit::AuditAct,
    event::Event,
    id::MemberId,
    limits::UNREAD_MAX,
    member::Circle,
    replica::window::PageAt,
    request::{ChangeRoom, MoveRead},
    room::{GoneReason, Level, RoomKind},
    text::{RoomName, RoomTopic},
};

use super::fixture::*;
use crate::{
    domain::{DomainError, audience::Audience},
    store::{DirectoryQuery, DirectoryShow, PeopleQuery, RoomPlan, RoomRef, Store},
};

fn at(number: u64) -> RoomRef {
    RoomRef::Id(room_id(number))
}

/// The facts after an offset, each with its audience.
async fn facts(store: &dyn Store, after: shared::cursor::Offset) -> Vec<(String, Audience)> {
    let rows = store.read_log(after, usize::MAX).await.unwrap();
    rows.into_iter().map(|row| (row.kind, row.audience)).collect()
}

/// The slugs that a person finds in the directory.
async fn found(store: &dyn Store, member: MemberId, show: DirectoryShow, text: &str) -> Vec<String> {
    let query = DirectoryQuery { show, text: text.to_owned(), after: 0, limit: 100 };
    let page = store.directory(member, query).await.unwrap();
    assert_eq!((page.total as usize, page.next), (page.rooms.len(), None));
    page.rooms.into_iter().map(|entry| entry.room.slug).collect()
}

pub(in crate::store) async fn a_new_room_is_told_to_its_people_only(store: &dyn Store) {
    let people = people(store, 4).await;
    let before = head(store).await;
    let refused = store.create_room(shared_room(2, people[0].id, RoomKind::Open, &[member_id(99)])).await;
    assert_refused(refused, DomainError::UnknownMember);
    assert_eq!(head(store).await, before);

    let made = store.create_room(shared_room(1, people[0].id, RoomKind::Closed, &[people[1].id, people[2].id])).await;
    let made = made.unwrap();
    assert!(made.created);
    let room = made.answer.room;
    assert_eq!((room.slug.as_str(), room.kind, room.member_count), ("room-1", RoomKind::Closed, 3));
    assert_eq!((room.moderator, room.rev), (Some(people[0].id), before.next()));
    let told: Vec<_> = facts(store, before).await;
    let expected = people[..3].iter().map(|member| ("room_joined".to_owned(), Audience::Member(member.id)));
    assert_eq!(told, expected.collect::<Vec<_>>());
    for member in &people[..3] {
        assert_eq!(store.room(member.id, &at(1)).await.unwrap().room, room);
        assert!(store.rooms(member.id).await.unwrap().rooms.contains(&room));
    }
    assert_not_found(store.room(people[3].id, &at(1)).await);
    assert_not_found(store.room(people[3].id, &RoomRef::Slug("room-1".to_owned())).await);
}

pub(in crate::store) async fn a_direct_room_is_one_for_its_people(store: &dyn Store) {
    let people = people(store, 4).await;
    let pair = [people[0].id, people[1].id];
    let made = store.create_room(direct_room(1, &pair)).await.unwrap();
    assert!(made.created);
    let room = made.answer.room;
    let mut sorted = pair.to_vec();
    sorted.sort_unstable();
    assert_eq!((room.kind, &room.people, room.moderator, room.member_count), (RoomKind::Direct, &sorted, None, 2));
    assert_eq!(room.slug, room.id.to_string());

    // Whoever asks again, in whatever order, gets the same one; another set is another room.
    let head = head(store).await;
    let again = store.create_room(direct_room(2, &[people[1].id, people[0].id])).await.unwrap();
    assert_eq!((again.created, &again.answer.room, again.answer.cursor.offset), (false, &room, head));
    let three = [people[0].id, people[1].id, people[2].id];
    assert!(store.create_room(direct_room(3, &three)).await.unwrap().created);

    // It is never widened, narrowed, renamed, opened or left.
    for actor in pair {
        assert_refused(store.add_member(membership(actor, at(1), people[2].id)).await, DomainError::Forbidden);
        assert_refused(store.remove_member(membership(actor, at(1), pair[0])).await, DomainError::Forbidden);
        assert_refused(store.remove_member(membership(actor, at(1), actor)).await, DomainError::Forbidden);
        assert_refused(store.change_room(renamed(1, actor, at(1))).await, DomainError::Forbidden);
        let open = ChangeRoom { kind: Some(RoomKind::Open), ..ChangeRoom::default() };
        assert_refused(store.change_room(changed(actor, at(1), open)).await, DomainError::Forbidden);
    }
    assert_not_found(store.add_member(membership(people[3].id, at(1), people[3].id)).await);
    assert_not_found(store.room(people[3].id, &at(1)).await);
    assert_eq!(found(store, people[0].id, DirectoryShow::Current, "").await, ["general"]);
}

pub(in crate::store) async fn an_open_room_is_joined_and_a_closed_one_is_not(store: &dyn Store) {
    let people = people(store, 3).await;
    store.create_room(shared_room(1, people[0].id, RoomKind::Open, &[])).await.unwrap();
    store.create_room(shared_room(2, people[0].id, RoomKind::Closed, &[])).await.unwrap();
    post_in(store, 1, people[0].id, at(1)).await;

    // From outside an open room can be looked at, not read.
    assert!(!store.room(people[1].id, &at(1)).await.unwrap().joined);
    assert_refused(store.messages(people[1].id, &at(1), PageAt::Latest, 5).await, DomainError::Forbidden);
    let mut early = new_post(2, people[1].id);
    early.room = at(1);
    assert_refused(store.post_message(early).await, DomainError::Forbidden);
    for refused in [at(2), RoomRef::Slug("room-2".to_owned()), at(99)] {
        assert_not_found(store.add_member(membership(people[1].id, refused.clone(), people[1].id)).await);
        assert_not_found(store.messages(people[1].id, &refused, PageAt::Latest, 5).await);
        assert_not_found(store.remove_member(membership(people[1].id, refused, people[1].id)).await);
    }

    let before = head(store).await;
    let answer = store.add_member(membership(people[1].id, at(1), people[1].id)).await.unwrap();
    assert_eq!((answer.room.member_count, answer.cursor.offset), (2, head(store).await));
    let told = facts(store, before).await;
    assert_eq!(
        told,
        [
            ("room_joined".to_owned(), Audience::Member(people[1].id)),
            ("room_member_joined".to_owned(), Audience::Room(room_id(1)))
        ]
    );
    let page = store.messages(people[1].id, &at(1), PageAt::Latest, 5).await.unwrap();
    assert_eq!(page.messages.len(), 1, "the whole history is theirs");
    assert_eq!(store.reads(people[1].id).await.unwrap()[1].unread, 0, "and counts as read");
    // Once more is no error and no fact.
    let before = head(store).await;
    store.add_member(membership(people[1].id, at(1), people[1].id)).await.unwrap();
    store.add_member(membership(people[0].id, at(1), people[1].id)).await.unwrap();
    assert_eq!(head(store).await, before);
    // Whoever is in a room brings others in, also into a closed one.
    store.add_member(membership(people[0].id, at(2), people[1].id)).await.unwrap();
    store.add_member(membership(people[1].id, at(2), people[2].id)).await.unwrap();
    assert_eq!(store.room(people[2].id, &at(2)).await.unwrap().room.member_count, 3);
}

pub(in crate::store) async fn who_goes_is_told_first_and_hears_no_more(store: &dyn Store) {
    let people = people(store, 3).await;
    let everyone: Vec<_> = people.iter().map(|member| member.id).collect();
    store.create_room(shared_room(1, people[1].id, RoomKind::Closed, &everyone)).await.unwrap();
    store.set_involvement(people[2].id, &at(1), Level::Nothing, day(2)).await.unwrap();

    let before = head(store).await;
    store.remove_member(membership(people[1].id, at(1), people[2].id)).await.unwrap();
    let rows = store.read_log(before, 10).await.unwrap();
    let kinds: Vec<_> = rows.iter().map(|row| (row.kind.as_str(), row.audience)).collect();
    assert_eq!(
        kinds,
        [
            ("room_gone", Audience::Member(people[2].id)),
            ("room_member_left", Audience::Room(room_id(1))),
            ("audit_logged", Audience::Admins)
        ]
    );
    let event = Event::read(&rows[0].kind, &mut serde_json::Deserializer::from_slice(&rows[0].payload));
    assert!(matches!(event, Ok(Some(Event::RoomGone(gone))) if gone.reason == GoneReason::Removed));
    assert_not_found(store.room(people[2].id, &at(1)).await);
    assert_not_found(store.messages(people[2].id, &at(1), PageAt::Latest, 5).await);
    assert!(store.reads(people[2].id).await.unwrap().iter().all(|read| read.room != room_id(1)));
    let memberships = store.rights().await.unwrap().memberships;
    assert!(!memberships.iter().any(|held| (held.member, held.room) == (people[2].id, room_id(1))));
    // Twice is no error; back in, nothing of what was chosen before is left.
    store.remove_member(membership(people[1].id, at(1), people[2].id)).await.unwrap();
    store.add_member(membership(people[0].id, at(1), people[2].id)).await.unwrap();
    assert_eq!(store.snapshot(people[2].id).await.unwrap().involvements, []);

    // A member does not take out the owner; who moderated it and goes moderates it no more.
    assert_refused(store.remove_member(membership(people[1].id, at(1), people[0].id)).await, DomainError::Forbidden);
    assert_refused(store.remove_member(membership(people[2].id, at(1), people[1].id)).await, DomainError::Forbidden);
    store.remove_member(membership(people[1].id, at(1), people[1].id)).await.unwrap();
    let room = store.room(people[2].id, &at(1)).await.unwrap().room;
    assert_eq!((room.moderator, room.member_count), (None, 2));
}

pub(in crate::store) async fn a_room_is_changed_part_by_part(store: &dyn Store) {
    let people = people(store, 2).await;
    store.create_room(shared_room(1, people[1].id, RoomKind::Open, &[people[0].id])).await.unwrap();
    let change = |change: ChangeRoom| store.change_room(changed(people[1].id, at(1), change));
    let before = head(store).await;
    let answer = change(ChangeRoom { posting: Some(Circle::Admins), ..ChangeRoom::default() }).await.unwrap();
    assert_eq!(
        (answer.room.posting, answer.room.rev, answer.cursor.offset),
        (Circle::Admins, before.next(), before.next())
    );
    let same = change(ChangeRoom { posting: Some(Circle::Admins), ..ChangeRoom::default() }).await.unwrap();
    assert_eq!((&same.room, head(store).await), (&answer.room, before.next()), "no change, no fact");
    let mut early = new_post(1, people[1].id);
    early.room = at(1);
    assert_refused(store.post_message(early).await, DomainError::Forbidden);
    post_in(store, 2, people[0].id, at(1)).await;

    // Archived it is read, and that is all; one command takes it out and changes it.
    change(ChangeRoom { archived: Some(true), ..ChangeRoom::default() }).await.unwrap();
    let mut late = new_post(3, people[0].id);
    late.room = at(1);
    assert_refused(store.post_message(late).await, DomainError::RoomArchived);
    assert_refused(store.add_member(membership(people[0].id, at(1), people[1].id)).await, DomainError::RoomArchived);
    assert_refused(store.delete_message(deletion(2, people[0].id)).await, DomainError::RoomArchived);
    assert_refused(
        change(ChangeRoom { kind: Some(RoomKind::Closed), ..ChangeRoom::default() }).await,
        DomainError::RoomArchived,
    );
    store.messages(people[1].id, &at(1), PageAt::Latest, 5).await.unwrap();
    let topic = Some(RoomTopic::parse("back again").unwrap());
    let back = change(ChangeRoom { archived: Some(false), topic, ..ChangeRoom::default() }).await.unwrap().room;
    assert_eq!((back.archived, back.topic.as_str()), (false, "back again"));
    let acts = audit_acts(store).await;
    assert_eq!(acts, [AuditAct::RoomArchived, AuditAct::RoomRestored]);
}

/// What was done to rooms and messages; the invite of the people is no part of it.
async fn audit_acts(store: &dyn Store) -> Vec<AuditAct> {
    let rows = store.read_log(shared::cursor::Offset(0), usize::MAX).await.unwrap();
    let read = |row: crate::store::LogRow| match Event::read(
        &row.kind,
        &mut serde_json::Deserializer::from_slice(&row.payload),
    ) {
        Ok(Some(Event::AuditLogged(fact))) if fact.entry.act != AuditAct::InviteMade => Some(fact.entry.act),
        _ => None,
    };
    rows.into_iter().filter_map(read).collect()
}

pub(in crate::store) async fn an_address_is_a_rooms_for_ever(store: &dyn Store) {
    let people = people(store, 2).await;
    store.create_room(shared_room(1, people[0].id, RoomKind::Open, &[])).await.unwrap();
    store.create_room(shared_room(2, people[0].id, RoomKind::Closed, &[])).await.unwrap();
    let slug = |slug: &str| ChangeRoom { slug: Some(slug.to_owned()), ..ChangeRoom::default() };
    let set = |number, wish| store.change_room(changed(people[0].id, at(number), slug(wish)));
    assert_eq!(set(1, "tea").await.unwrap().room.slug, "tea");
    for known in ["tea", "room-1"] {
        let found = store.room(people[1].id, &RoomRef::Slug(known.to_owned())).await.unwrap();
        assert_eq!(found.room.id, room_id(1), "an old address keeps working");
        assert_refused(set(2, known).await, DomainError::SlugTaken);
    }
    // Back to an address of its own.
    assert_eq!(set(1, "room-1").await.unwrap().room.slug, "room-1");
    // One of a room that cannot be seen gets a number and tells nothing; a name that was not asked for never clashes.
    let twin = |number, slug: Option<&str>| {
        let mut command = shared_room(number, people[1].id, RoomKind::Open, &[]);
        if let RoomPlan::Shared { name, slug: wish, .. } = &mut command.plan {
            *name = RoomName::parse("Room 2").unwrap();
            *wish = slug.map(str::to_owned);
        }
        store.create_room(command)
    };
    assert_eq!(twin(3, Some("room-2")).await.unwrap().answer.room.slug, "room-2-2");
    assert_eq!(twin(4, None).await.unwrap().answer.room.slug, "room-2-3");
    assert_refused(twin(5, Some("tea")).await, DomainError::SlugTaken);
}

pub(in crate::store) async fn the_directory_names_what_can_be_seen(store: &dyn Store) {
    let people = people(store, 3).await;
    for (number, maker, kind) in
        [(1, 0, RoomKind::Open), (2, 0, RoomKind::Closed), (3, 1, RoomKind::Open), (4, 1, RoomKind::Closed)]
    {
        store.create_room(shared_room(number, people[maker].id, kind, &[])).await.unwrap();
    }
    store.create_room(direct_room(5, &[people[0].id, people[1].id])).await.unwrap();
    post_in(store, 1, people[1].id, at(4)).await;
    let (ana, bo) = (people[1].id, people[2].id);
    assert_eq!(found(store, ana, DirectoryShow::Current, "").await, ["room-4", "general", "room-3", "room-1"]);
    assert_eq!(found(store, ana, DirectoryShow::Joined, "").await, ["room-4", "general", "room-3"]);
    assert_eq!(found(store, ana, DirectoryShow::Open, "").await, ["room-1"]);
    assert_eq!(found(store, bo, DirectoryShow::Current, "room").await, ["room-1", "room-3"]);
    assert_eq!(found(store, bo, DirectoryShow::Current, "4").await, Vec::<String>::new());
    assert_eq!(found(store, bo, DirectoryShow::Current, "%").await, Vec::<String>::new());
    let archive = ChangeRoom { archived: Some(true), ..ChangeRoom::default() };
    store.change_room(changed(ana, at(3), archive.clone())).await.unwrap();
    store.change_room(changed(ana, at(4), archive)).await.unwrap();
    assert_eq!(found(store, ana, DirectoryShow::Archived, "").await.len(), 2);
    assert_eq!(found(store, bo, DirectoryShow::Archived, "").await, ["room-3"]);
    // In pages, and with the moment of the newest message.
    let page = |after| store.directory(people[0].id, DirectoryQuery { after, limit: 2, ..DirectoryQuery::default() });
    let first = page(0).await.unwrap();
    assert_eq!((first.rooms.len(), first.total, first.next), (2, 3, Some(2)));
    assert_eq!(page(2).await.unwrap().next, None);
    assert!(first.rooms.iter().all(|entry| entry.joined && entry.last_posted_at.is_none()));
}

pub(in crate::store) async fn the_people_of_a_room_come_in_pages(store: &dyn Store) {
    let people = people(store, 5).await;
    let query = |text: &str, after| PeopleQuery { text: text.to_owned(), after, limit: 2 };
    let first = store.room_members(people[1].id, &general(), query("", None)).await.unwrap();
    let names = |page: &shared::room::RoomMembers| page.members.iter().map(|m| m.name.to_string()).collect::<Vec<_>>();
    assert_eq!((names(&first), first.next), (vec!["Person 1".into(), "Person 2".into()], Some(people[1].id)));
    let second = store.room_members(people[1].id, &general(), query("", first.next)).await.unwrap();
    let last = store.room_members(people[1].id, &general(), query("", second.next)).await.unwrap();
    assert_eq!((names(&last), last.next), (vec!["Person 5".into()], None));
    assert_eq!(names(&store.room_members(people[1].id, &general(), query("4", None)).await.unwrap()), ["Person 4"]);
    assert_eq!(store.room_members(people[1].id, &general(), query("rson", None)).await.unwrap().members, []);
    store.create_room(shared_room(1, people[0].id, RoomKind::Open, &[])).await.unwrap();
    store.create_room(shared_room(2, people[0].id, RoomKind::Closed, &[])).await.unwrap();
    assert_refused(store.room_members(people[1].id, &at(1), query("", None)).await, DomainError::Forbidden);
    assert_not_found(store.room_members(people[1].id, &at(2), query("", None)).await);
}

pub(in crate::store) async fn an_involvement_is_kept_where_it_is_unusual(store: &dyn Store) {
    let people = people(store, 2).await;
    store.create_room(direct_room(1, &[people[0].id, people[1].id])).await.unwrap();
    let set = |room: RoomRef, level| async move { store.set_involvement(member_id(1), &room, level, day(2)).await };
    let before = head(store).await;
    for (room, default) in [(general(), Level::Mentions), (at(1), Level::Everything)] {
        let (_, cursor) = set(room, default).await.unwrap();
        assert_eq!((cursor.offset, head(store).await), (before, before), "what it is already is no fact");
    }
    set(general(), Level::Hidden).await.unwrap();
    let (chosen, cursor) = set(at(1), Level::Nothing).await.unwrap();
    assert_eq!((chosen.level, cursor.offset.0), (Level::Nothing, before.0 + 2));
    assert_eq!(store.snapshot(people[0].id).await.unwrap().involvements.len(), 2);
    assert_eq!(store.snapshot(people[1].id).await.unwrap().involvements, []);
    set(general(), Level::Mentions).await.unwrap();
    assert_eq!(store.snapshot(people[0].id).await.unwrap().involvements, [chosen]);
    store.create_room(shared_room(2, people[1].id, RoomKind::Open, &[])).await.unwrap();
    store.create_room(shared_room(3, people[1].id, RoomKind::Closed, &[])).await.unwrap();
    assert_refused(set(at(2), Level::Hidden).await, DomainError::Forbidden);
    assert_not_found(set(at(3), Level::Hidden).await);
}

pub(in crate::store) async fn a_deleted_message_leaves_a_tombstone(store: &dyn Store) {
    let people = people(store, 3).await;
    let (owner, ana, bo) = (people[0].id, people[1].id, people[2].id);
    for number in 1..=3 {
        post(store, number, ana).await;
    }
    assert_refused(store.delete_message(deletion(1, bo)).await, DomainError::Forbidden);
    assert_not_found(store.delete_message(deletion(99, bo)).await);
    let gone = store.delete_message(deletion(1, ana)).await.unwrap();
    assert_eq!((gone.message.body.as_str(), &gone.message.html, gone.message.deleted), ("", &None, true));
    assert_eq!((gone.message.rev, gone.cursor.offset), (head(store).await, head(store).await));
    let moderated = store.delete_message(deletion(2, owner)).await.unwrap();
    // Again it is the same answer and no fact, whoever of those who may asks.
    let before = head(store).await;
    assert_eq!(store.delete_message(deletion(2, ana)).await.unwrap(), moderated);
    assert_eq!(store.post_message(new_post(1, ana)).await.unwrap().answer.message, gone.message);
    assert_eq!(head(store).await, before);
    assert_eq!(audit_acts(store).await, [AuditAct::MessageDeleted], "one's own is nobody's business");

    let unread = async |member| store.reads(member).await.unwrap()[0].unread;
    assert_eq!((unread(ana).await, unread(bo).await), (0, 1));
    let page = store.messages(bo, &general(), PageAt::Latest, 5).await.unwrap();
    assert_eq!(page.messages.iter().map(|message| message.deleted).collect::<Vec<_>>(), [true, true, false]);
    // The log says nothing of it either: its posting is the tombstone, and its deletion names it.
    for row in store.read_log(shared::cursor::Offset(0), usize::MAX).await.unwrap() {
        let text = String::from_utf8(row.payload.to_vec()).unwrap();
        assert!(!text.contains("message 1") && !text.contains("message 2"), "{text}");
    }
}

pub(in crate::store) async fn counting_stops_where_it_says_nothing_more(store: &dyn Store) {
    let people = people(store, 2).await;
    for number in 1..=u64::from(UNREAD_MAX) + 5 {
        post(store, number, people[0].id).await;
    }
    let read = store.reads(people[1].id).await.unwrap()[0];
    assert_eq!(read.unread, UNREAD_MAX);
    let to = MoveRead { offset: shared::cursor::Offset(read.as_of.0 - 7), rev: read.rev, set: false };
    assert_eq!(store.move_read(people[1].id, &general(), to).await.unwrap().unread, 7);
}
