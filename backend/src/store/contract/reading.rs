//! Read positions and what is counted behind them.

use futures_util::future::join_all;
use shared::{cursor::Offset, id::MemberId, request::MoveRead, room::ReadPosition};

use super::fixture::*;
use crate::store::Store;

async fn read_of(store: &dyn Store, member: MemberId) -> ReadPosition {
    let reads = store.reads(member).await.unwrap();
    assert_eq!(reads, store.snapshot(member).await.unwrap().reads);
    assert_eq!(reads.len(), 1);
    reads[0]
}

async fn move_read(store: &dyn Store, member: MemberId, offset: Offset, rev: u64, set: bool) -> ReadPosition {
    let moved = store.move_read(member, &general(), MoveRead { offset, rev, set }).await.unwrap();
    assert_eq!(moved, read_of(store, member).await);
    moved
}

pub(in crate::store) async fn counts_are_of_others_behind_the_mark(store: &dyn Store) {
    let people = people(store, 2).await;
    let (ana, ben) = (people[0].id, people[1].id);
    assert_eq!((read_of(store, ana).await.unread, read_of(store, ben).await.unread), (0, 0));
    post(store, 1, ana).await;
    let second = post(store, 2, ben).await;
    post(store, 3, ben).await;
    assert_eq!((read_of(store, ana).await.unread, read_of(store, ben).await.unread), (2, 1));
    assert_eq!(move_read(store, ana, second.offset, 0, false).await.unread, 1);

    let late = store.join(newcomer(3)).await.unwrap().id;
    assert_eq!(read_of(store, late).await.unread, 0, "what was said before is not unread to a newcomer");
    post(store, 4, ana).await;
    assert_eq!((read_of(store, ana).await.unread, read_of(store, late).await.unread), (1, 1));
    let start = move_read(store, late, Offset(0), 0, true).await;
    assert_eq!((start.offset, start.unread), (Offset(0), 4));
}

pub(in crate::store) async fn a_mark_moves_forward_unless_it_is_set(store: &dyn Store) {
    let people = people(store, 2).await;
    let (ana, ben) = (people[0].id, people[1].id);
    let mut places = vec![];
    for number in 1..=4 {
        places.push(post(store, number, ben).await.offset);
    }
    let before = head(store).await;
    let at = |read: ReadPosition| (read.offset, read.rev, read.unread);
    assert_eq!(at(move_read(store, ana, places[2], 0, false).await), (places[2], 0, 1));
    assert_eq!(at(move_read(store, ana, places[0], 0, false).await), (places[2], 0, 1), "never back by reading");
    assert_eq!(at(move_read(store, ana, places[0], 0, true).await), (places[0], 1, 3), "back on purpose");
    assert_eq!(at(move_read(store, ana, places[3], 0, false).await), (places[0], 1, 3), "an old tab undoes nothing");
    assert_eq!(at(move_read(store, ana, places[3], 0, true).await), (places[0], 1, 3));
    assert_eq!(
        at(move_read(store, ana, Offset(u64::MAX), 1, false).await),
        (places[3], 1, 0),
        "nothing unposted is read"
    );
    post(store, 5, ben).await;
    assert_eq!(read_of(store, ana).await.unread, 1);

    assert_eq!(head(store).await, before.next(), "a position is no fact");
    let to = MoveRead { offset: places[0], rev: 0, set: false };
    assert_not_found(store.move_read(member_id(99), &general(), to).await);
    assert_not_found(store.move_read(ana, &crate::store::RoomRef::Slug("nowhere".to_owned()), to).await);
    assert_eq!(store.reads(member_id(99)).await.unwrap(), []);
    assert_eq!(read_of(store, ben).await.rev, 0, "each has an own position");
}

pub(in crate::store) async fn racing_marks_end_at_the_farthest(store: &dyn Store) {
    let people = people(store, 2).await;
    let (ana, ben) = (people[0].id, people[1].id);
    let mut last = Offset(0);
    for number in 1..=20 {
        last = post(store, number, ben).await.offset;
    }
    let moves = (0..20).map(|back| {
        let to = MoveRead { offset: Offset(last.0 - (back * 7) % 20), rev: 0, set: false };
        async move { store.move_read(ana, &general(), to).await.unwrap() }
    });
    let answers = join_all(moves).await;
    assert!(answers.is_sorted_by_key(|read| read.offset), "answers come in the order in which they were queued");
    let end = read_of(store, ana).await;
    assert_eq!((end.offset, end.unread), (last, 0));
}
