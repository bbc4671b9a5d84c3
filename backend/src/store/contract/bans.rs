//! Bans, and what goes with them.

use shared::{
    audit::AuditAct, cursor::Offset, limits::UNREAD_MAX, member::Role, replica::window::PageAt, room::RoomKind,
};

use super::{
    fixture::*,
    people::{acts, told},
};
use crate::{
    domain::{DomainError, audience::Audience},
    store::{AuditQuery, BanMember, PeopleQuery, PeopleShow, PostMessage, PurgeSince, RoomRef, Store},
};

/// Deletes to the end; how many pieces it took, and what was rewritten.
async fn purge(store: &dyn Store, batch: u32) -> (usize, Vec<Offset>) {
    let (mut pieces, mut rewritten) = (0, vec![]);
    loop {
        let purged = store.purge(day(3), batch).await.unwrap();
        rewritten.extend(purged.rewritten);
        pieces += 1;
        if !purged.more {
            return (pieces, rewritten);
        }
    }
}

pub(in crate::store) async fn a_ban_puts_a_person_out_until_it_is_lifted(store: &dyn Store) {
    let people = people(store, 2).await;
    let (owner, bo) = (people[0].id, people[1].id);
    let before = head(store).await;
    let made = store.ban(ban(owner, bo)).await.unwrap();
    assert_eq!((made.member.active, made.count, made.cursor.offset), (false, 0, head(store).await));
    // The line of the audit log ends the streams, so it comes first.
    let expected = [(Audience::Admins, "audit_logged".to_owned()), (Audience::Workspace, "member_changed".to_owned())];
    assert_eq!(told(store, before).await, expected);
    let entry = store.audit(owner, AuditQuery { limit: 1, ..AuditQuery::default() }).await.unwrap().entries.remove(0);
    assert_eq!((entry.act, entry.member, entry.count), (AuditAct::Banned, Some(bo), None));
    assert_eq!(entry.reason.unwrap().as_str(), "spam");
    assert_eq!(store.session(secret(1, 2), NOW_MS).await.unwrap(), None);
    assert!(store.credentials("person 2").await.unwrap().unwrap().banned);
    assert_eq!(store.person(owner, bo).await.unwrap().banned, Some(true));
    assert_refused(store.change_person(set_active(owner, bo, true)).await, DomainError::Forbidden);
    let list = async |filter| {
        store.people(owner, filter, PeopleQuery { limit: 9, ..PeopleQuery::default() }).await.unwrap().people
    };
    assert_eq!((list(PeopleShow::Banned).await.len(), list(PeopleShow::Inactive).await.len()), (1, 0));
    // A second ban tells what it adds, and nobody is put out twice.
    let before = head(store).await;
    store.ban(ban(owner, bo)).await.unwrap();
    assert_eq!(told(store, before).await, [(Audience::Admins, "audit_logged".to_owned())]);

    assert!(store.lift_ban(by(owner), bo).await.unwrap().member.active);
    assert_eq!(store.person(owner, bo).await.unwrap().banned, Some(false));
    store.create_session(bo, new_session(20)).await.unwrap();
    let before = head(store).await;
    assert!(store.lift_ban(by(owner), bo).await.unwrap().member.active);
    assert_eq!(head(store).await, before);
    assert_eq!(acts(store, owner).await, [AuditAct::Unbanned, AuditAct::Banned, AuditAct::Banned]);
}

pub(in crate::store) async fn a_blocked_address_makes_no_account(store: &dyn Store) {
    let people = people(store, 2).await;
    let (owner, bo) = (people[0].id, people[1].id);
    assert_eq!(store.ban_preview(owner, bo, day(1)).await.unwrap().addresses, ["203.0.113.2"]);
    let newcomer = |number| {
        let mut command = newcomer(number);
        command.session.place.address = Some(address(2));
        command
    };
    store.ban(ban(owner, bo)).await.unwrap();
    store.join(newcomer(3)).await.unwrap();
    store.ban(BanMember { addresses: true, ..ban(owner, bo) }).await.unwrap();
    assert!(store.ban_preview(owner, bo, day(1)).await.unwrap().banned);
    let before = head(store).await;
    assert_refused(store.join(newcomer(4)).await, DomainError::AddressBlocked);
    assert_eq!(head(store).await, before);
    // Who is in stays in, from wherever; other addresses are free, and so is this one once the ban is lifted.
    let mut session = new_session(20);
    session.place.address = Some(address(2));
    store.create_session(owner, session).await.unwrap();
    let mut elsewhere = newcomer(4);
    elsewhere.session.place.address = Some(address(5));
    store.join(elsewhere).await.unwrap();
    store.lift_ban(by(owner), bo).await.unwrap();
    store.join(newcomer(5)).await.unwrap();
}

pub(in crate::store) async fn a_purge_deletes_what_was_said_before_it(store: &dyn Store) {
    let people = people(store, 3).await;
    let (owner, bo, ana) = (people[0].id, people[1].id, people[2].id);
    let plot = RoomRef::Id(room_id(1));
    store.create_room(shared_room(1, bo, RoomKind::Closed, &[ana])).await.unwrap();
    for number in 1..=30 {
        let (author, room) = match number % 3 {
            0 => (ana, general()),
            1 => (bo, plot.clone()),
            _ => (bo, general()),
        };
        let at = if number < 10 { day(1) } else { day(2) };
        store.post_message(PostMessage { room, at, ..new_post(number, author) }).await.unwrap();
    }
    store.delete_message(deletion(29, bo)).await.unwrap();
    let preview = store.ban_preview(owner, bo, day(2)).await.unwrap();
    assert_eq!((preview.messages_day, preview.messages_all), (13, 19));
    let made = store.ban(BanMember { purge: PurgeSince::Moment(day(2)), ..ban(owner, bo) }).await.unwrap();
    assert_eq!(made.count, 13);
    let entry = store.audit(owner, AuditQuery { limit: 1, ..AuditQuery::default() }).await.unwrap().entries.remove(0);
    assert_eq!((entry.count, entry.detail.as_deref()), (Some(13), Some("day")));
    let (pieces, rewritten) = purge(store, 4).await;
    assert_eq!((pieces, rewritten.len()), (4, 13), "three of four messages each, and one of one");
    assert_eq!(purge(store, 4).await, (1, vec![]));
    // The rest, and what is said after a lifted ban is not touched.
    store.ban(BanMember { purge: PurgeSince::Beginning, ..ban(owner, bo) }).await.unwrap();
    store.lift_ban(by(owner), bo).await.unwrap();
    let later = post(store, 40, bo).await;
    assert_eq!(purge(store, 100).await.1.len(), 6);
    for (member, room) in [(owner, general()), (ana, plot)] {
        let page = store.messages(member, &room, PageAt::Latest, 100).await.unwrap();
        for message in page.messages {
            let stays = message.author == ana || message.id == later.id;
            assert_eq!((message.deleted, message.body.is_empty()), (!stays, !stays), "{message:?}");
        }
    }
    // Nothing of it is left in the log, and nothing of it counts as unread.
    for row in store.read_log(Offset(0), usize::MAX).await.unwrap() {
        let text = String::from_utf8(row.payload.to_vec()).unwrap();
        assert!(!text.contains("message 1\"") && !text.contains("message 28"), "{text}");
    }
    let unread = store.reads(owner).await.unwrap()[0].unread;
    assert_eq!(unread, 11, "ten of ana's, one of bo's");
    assert!(unread < UNREAD_MAX);
}

pub(in crate::store) async fn who_may_be_banned(store: &dyn Store) {
    let people = people(store, 4).await;
    let id = |number: usize| people[number - 1].id;
    store.change_person(given_role(id(1), id(2), Role::Admin)).await.unwrap();
    for (actor, target) in [(3, 4), (3, 3), (2, 1), (2, 2), (1, 1)] {
        assert_refused(store.ban(ban(id(actor), id(target))).await, DomainError::Forbidden);
        assert_refused(store.lift_ban(by(id(actor)), id(target)).await, DomainError::Forbidden);
        assert_refused(store.ban_preview(id(actor), id(target), day(1)).await, DomainError::Forbidden);
    }
    assert_not_found(store.ban(ban(id(1), member_id(99))).await);
    store.ban(ban(id(2), id(3))).await.unwrap();
    store.ban(ban(id(1), id(2))).await.unwrap();
    assert_refused(store.ban(ban(id(2), id(4))).await, DomainError::Forbidden);
}
