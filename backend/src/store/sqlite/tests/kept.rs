//! What is kept in memory is what the database says: rights to post, and the end of the log.

use futures_util::future::join;
use shared::{cursor::Offset, request, room::RoomKind};

use super::*;
use crate::{
    domain::DomainError,
    store::{PostMessage, RoomRef, contract::fixture::*},
};

/// Posts with these numbers, of the second of two people, in a room of the first.
struct Room {
    owner: shared::id::MemberId,
    guest: shared::id::MemberId,
    room: RoomRef,
}

impl Room {
    async fn new(store: &SqliteStore) -> Self {
        let people = people(store, 2).await;
        let (owner, guest) = (people[0].id, people[1].id);
        store.create_room(shared_room(1, owner, RoomKind::Closed, &[guest])).await.unwrap();
        let room = Self { owner, guest, room: RoomRef::Id(room_id(1)) };
        store.post_message(room.post(1)).await.unwrap();
        room
    }

    fn post(&self, number: u64) -> PostMessage {
        PostMessage { room: self.room.clone(), ..new_post(number, self.guest) }
    }
}

#[tokio::test]
async fn who_was_allowed_to_post_is_asked_again_after_any_change() {
    let Fresh { store, dir: _dir } = Fresh::new();
    let room = Room::new(&store).await;
    let archived = |archived| {
        let change = request::ChangeRoom { archived: Some(archived), ..request::ChangeRoom::default() };
        changed(room.owner, room.room.clone(), change)
    };
    store.change_room(archived(true)).await.unwrap();
    assert_refused(store.post_message(room.post(2)).await, DomainError::RoomArchived);
    store.change_room(archived(false)).await.unwrap();
    store.post_message(room.post(2)).await.unwrap();

    // As a person who is barred.
    let set_active = |active: bool| {
        let member = room.guest.to_string();
        store.writer.run(move |tx: &mut transaction::Tx<'_>| {
            Ok(tx
                .prepare("UPDATE members SET active = ?2 WHERE id = ?1")?
                .execute(rusqlite::params![member, active])?)
        })
    };
    set_active(false).await.unwrap();
    assert_refused(store.post_message(room.post(3)).await, DomainError::Forbidden);
    set_active(true).await.unwrap();
    store.post_message(room.post(3)).await.unwrap();

    for (number, by) in [(4, room.owner), (5, room.guest)] {
        store.remove_member(membership(by, room.room.clone(), room.guest)).await.unwrap();
        assert_not_found(store.post_message(room.post(number)).await);
        // The answer to what was posted before is theirs still.
        assert!(!store.post_message(room.post(1)).await.unwrap().created);
        store.add_member(membership(room.owner, room.room.clone(), room.guest)).await.unwrap();
        store.post_message(room.post(number)).await.unwrap();
    }
}

#[tokio::test]
async fn a_right_that_ends_in_a_transaction_ends_for_the_rest_of_it() {
    let Fresh { store, dir: _dir } = Fresh::new();
    let room = Room::new(&store).await;
    // Both wait behind a command that takes its time, and so are run together.
    let busy = store.writer.run(|tx: &mut transaction::Tx<'_>| {
        let count =
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT count(*) FROM n";
        Ok(tx.prepare(count)?.query_row([], |row| row.get::<_, u32>(0))?)
    });
    let removal = store.remove_member(membership(room.owner, room.room.clone(), room.guest));
    let (_, (removed, posted)) = join(busy, join(removal, store.post_message(room.post(2)))).await;
    removed.unwrap();
    assert_not_found(posted);
}

#[tokio::test]
async fn a_right_that_was_seen_only_in_what_was_taken_back_is_none() {
    let Fresh { store, dir: _dir } = Fresh::new();
    let room = Room::new(&store).await;
    store.remove_member(membership(room.owner, room.room.clone(), room.guest)).await.unwrap();
    // In one command, which fails in the end: the person comes back, and is found to be allowed to post.
    let (again, post) = (membership(room.owner, room.room.clone(), room.guest), room.post(2));
    let failed = store.writer.run(move |tx: &mut transaction::Tx<'_>| {
        memberships::add(tx, &again)?;
        messages::post(tx, &post)?;
        Err::<(), _>(StoreError::Unavailable("on purpose".to_owned()))
    });
    failed.await.unwrap_err();
    assert_not_found(store.post_message(room.post(2)).await);
}

#[tokio::test]
async fn the_end_of_the_log_is_what_was_written_until_it_is_rewritten() {
    let Fresh { store, dir } = Fresh::new();
    let room = Room::new(&store).await;
    let posted = store.post_message(room.post(2)).await.unwrap().answer.message.offset;
    let read = async |store: &SqliteStore| store.read_log(Offset(posted.0 - 1), 10).await.unwrap();
    let own = read(&store).await;
    assert!(own.len() == 1 && own[0].is_own);

    store.delete_message(deletion(2, room.guest)).await.unwrap();
    let rows = read(&store).await;
    assert_eq!(rows.iter().map(|row| row.offset.0).collect::<Vec<_>>(), [posted.0, posted.0 + 1]);
    assert!(!rows[0].is_own && rows[0].payload != own[0].payload, "{:?}", rows[0]);

    drop(store);
    let reopened = read(&open(dir.path(), 2)).await;
    let same =
        reopened.iter().zip(&rows).all(|(one, other)| (one.offset, &one.payload) == (other.offset, &other.payload));
    assert!(same, "{reopened:?}");
}
