//! The log: contiguous rows with an audience each, memberships that begin in it, and old rows that go.

use shared::{cursor::Offset, event::Event, member::Role};

use super::fixture::*;
use crate::{
    domain::audience::Audience,
    store::{LogRow, Membership, Rights, Store, cursor_at},
};

pub(in crate::store) async fn the_log_is_read_without_holes(store: &dyn Store) {
    let bounds = store.log_bounds().await.unwrap();
    assert_eq!((bounds.oldest, bounds.head), (Offset(1), Offset(0)));
    assert_eq!(bounds.epochs.len(), 1);
    assert_eq!(cursor_at(&bounds.epochs, bounds.head).map(|cursor| cursor.epoch), Some(bounds.epochs[0].epoch));
    assert_eq!(store.read_log(Offset(0), 10).await.unwrap(), []);

    let people = people(store, 3).await;
    for number in 1..=20 {
        post(store, number, people[0].id).await;
    }
    let head = head(store).await.0;
    for limit in [1, 2, 7, 100, usize::MAX] {
        let mut after = Offset(0);
        while after.0 < head {
            let rows = store.read_log(after, limit).await.unwrap();
            let expected: Vec<_> = (after.0 + 1..=head).take(limit).collect();
            assert_eq!(rows.iter().map(|row| row.offset.0).collect::<Vec<_>>(), expected);
            after = rows.last().unwrap().offset;
        }
    }
    for behind in [head, head + 1, u64::MAX] {
        assert_eq!(store.read_log(Offset(behind), 10).await.unwrap(), []);
    }
    assert_eq!(store.read_log(Offset(0), 0).await.unwrap(), []);
}

pub(in crate::store) async fn every_fact_names_its_audience(store: &dyn Store) {
    let people = people(store, 2).await;
    post(store, 1, people[1].id).await;
    let rows = store.read_log(Offset(0), 100).await.unwrap();
    let read: Vec<_> = rows.iter().map(|row| (row.kind.as_str(), row.audience)).collect();
    let room = Audience::Room(general_id());
    let came = |member: usize| {
        [
            ("member_joined", Audience::Workspace),
            ("room_joined", Audience::Member(people[member].id)),
            ("room_member_joined", room),
        ]
    };
    assert_eq!(
        read,
        [&came(0)[..], &[("audit_logged", Audience::Admins)], &came(1)[..], &[("message_posted", room)]].concat()
    );
    let is_known = |row: &LogRow| {
        Event::read(&row.kind, &mut serde_json::Deserializer::from_slice(&row.payload)).unwrap().is_some()
    };
    assert!(rows.iter().all(is_known));
}

pub(in crate::store) async fn memberships_begin_at_their_fact(store: &dyn Store) {
    assert_eq!(
        store.rights().await.unwrap(),
        Rights { at: Offset(0), memberships: vec![], people: vec![], shares: vec![] }
    );
    let people = people(store, 3).await;
    let Rights { at, mut memberships, people: mut standings, shares } = store.rights().await.unwrap();
    memberships.sort_by_key(|membership| membership.since);
    assert_eq!(at, head(store).await);
    let expected = people.iter().zip([2, 6, 9]).map(|(member, since)| Membership {
        member: member.id,
        room: general_id(),
        since: Offset(since),
    });
    assert_eq!(memberships, expected.collect::<Vec<_>>());
    standings.sort_by_key(|standing| standing.role.rank());
    assert_eq!(
        standings.iter().map(|standing| standing.role).collect::<Vec<_>>(),
        [Role::Member, Role::Member, Role::Owner]
    );
    assert!(standings.iter().all(|standing| standing.active));
    assert_eq!(shares, [], "everyone shares everything at first");
}

pub(in crate::store) async fn old_rows_are_pruned_in_order(store: &dyn Store) {
    let people = people(store, 1).await; // Offsets 1 to 3, on day 1.
    for number in 1..=9 {
        let mut command = new_post(number, people[0].id); // Offsets 4 to 12.
        // The clock jumps back at offset 8: what lies behind a young row stays, however old it says it is.
        command.at = day(if number == 5 { 1 } else { u8::try_from(number).unwrap() + 1 });
        store.post_message(command).await.unwrap();
    }
    let snapshot = store.snapshot(people[0].id).await.unwrap();
    let check = async |before, keep, batch, pruned, oldest| {
        assert_eq!(store.prune_log(before, keep, batch).await.unwrap(), pruned);
        let bounds = store.log_bounds().await.unwrap();
        assert_eq!((bounds.oldest, bounds.head), (Offset(oldest), Offset(12)));
        let rows = store.read_log(Offset(0), 100).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.offset.0).collect::<Vec<_>>(), (oldest..=12).collect::<Vec<_>>());
    };
    check(day(1), 0, 100, 0, 1).await; // Nothing is old enough.
    check(day(30), 12, 100, 0, 1).await; // All is among what is kept.
    check(day(2), 0, 2, 2, 3).await; // A batch at a time.
    check(day(2), 0, 100, 1, 4).await;
    check(day(4), 0, 100, 2, 6).await;
    check(day(5), 0, 100, 1, 7).await; // 7 is of day 5, and 8 behind it of day 1.
    check(day(30), 4, 100, 2, 9).await; // The newest four stay.
    check(day(30), 0, 100, 4, 13).await;
    check(day(30), 0, 100, 0, 13).await;
    // State and order go on as if nothing had happened.
    assert_eq!(store.snapshot(people[0].id).await.unwrap(), snapshot);
    assert_eq!(post(store, 20, people[0].id).await.offset, Offset(13));
    let bounds = store.log_bounds().await.unwrap();
    assert_eq!((bounds.oldest, bounds.head), (Offset(13), Offset(13)));
}

pub(in crate::store) async fn a_store_says_whether_it_is_ready(store: &dyn Store) {
    store.ready().await.unwrap();
    let people = people(store, 1).await;
    store.checkpoint().await.unwrap();
    post(store, 1, people[0].id).await;
    store.checkpoint().await.unwrap();
    store.ready().await.unwrap();
}
