//! The database is put back to an older copy: everyone notices, and agrees with the server afterwards (guarantee G5).

use std::{fs, path::Path};

use futures_util::future::join_all;
use shared::{
    cursor::Cursor,
    replica::{Replica, window::PageAt},
    stream::Resume,
};

use crate::support::{actor::Actor, process::Process};

/// Copies the database while nobody has it open.
fn copy(from: &Path, to: &Path) {
    fs::copy(from.join("teahouse.db"), to.join("teahouse.db")).unwrap();
}

/// Puts an older copy in place, as an operator does.
fn put_back(copy: &Path, data: &Path) {
    fs::copy(copy.join("teahouse.db"), data.join("teahouse.db")).unwrap();
    for beside in ["teahouse.db-wal", "teahouse.db-shm"] {
        let _ = fs::remove_file(data.join(beside));
    }
}

/// A client that comes back with a cursor, is told to begin anew, and does.
async fn recovers(actor: &Actor, cursor: Cursor) -> Replica {
    let mut stream = actor.open_chat_after(cursor).await;
    let head = stream.hello(Resume::Reset).await.cursor();
    let snapshot = actor.snapshot().await;
    assert_eq!(snapshot.cursor, head);
    let room = snapshot.rooms[0].id;
    let mut replica = Replica::from_snapshot(snapshot);
    replica.begin_page(room);
    replica.merge_page(room, PageAt::Latest, actor.history().await);
    replica
}

#[tokio::test]
async fn every_reader_begins_anew_and_agrees() {
    let (directory, backup) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = Process::start(directory.path()).await;
    let owner = Actor::owner(server.address, "olga").await;
    let mut people = vec![owner.clone()];
    for name in ["ana", "ben", "mei"] {
        people.push(owner.joined(name).await);
    }
    owner.says("kept").await;
    let kept_at = owner.settled().await;
    server.terminate().await;
    copy(directory.path(), backup.path());

    let server = Process::start(directory.path()).await;
    for person in &people {
        person.at(server.address).says("to be forgotten").await;
    }
    let places = join_all(people.iter().map(|person| async { person.at(server.address).settled().await })).await;
    server.terminate().await;
    put_back(backup.path(), directory.path());

    let server = Process::start(directory.path()).await;
    // The log grows past where the readers were, so that only the epoch can tell.
    for number in 0..10 {
        owner.at(server.address).says(&format!("after {number}")).await;
    }
    for (number, (person, place)) in people.iter().zip(places).enumerate() {
        let person = person.at(server.address);
        person.settled().await;
        let mut replica = recovers(&person, place).await;
        let bodies: Vec<_> = replica.rooms().flat_map(|room| room.window.messages()).map(|m| m.body.clone()).collect();
        assert_eq!((bodies.len(), bodies[0].as_str()), (11 + number, "kept"), "{bodies:?}");
        // From there on it is a client like any other.
        let mut stream = person.open_chat_after(replica.cursor).await;
        stream.hello(Resume::Live).await;
        owner.at(server.address).says("now").await;
        let fact = stream.until("message_posted").await.fact().unwrap();
        replica.apply(&fact);
        assert_eq!(replica.cursor, person.snapshot().await.cursor);
    }
    // What lies before the copy was made is the same log still.
    let mut stream = owner.at(server.address).open_chat_after(kept_at).await;
    stream.hello(Resume::Replay).await;
}
