//! The snapshot of a large workspace: few of its people, all of one's own rooms, and a size that a phone takes.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use futures_util::future::join_all;
use shared::{limits::SNAPSHOT_PEOPLE_MAX, room::RoomKind, session::Snapshot};

use super::*;
use crate::store::{Bans as _, RoomRef, contract::fixture::*};

/// People, rooms, and how many of the rooms are one's own: the figures of the promise.
const PEOPLE: u64 = 5_000;
const ROOMS: u64 = 500;
const MINE: u64 = 100;

/// The largest snapshot of such a workspace, gzipped.
const SNAPSHOT_MAX_BYTES: usize = 150 * 1024;

/// A workspace of that size: every room has 50 members, 20 messages each in one's own, ten conversations.
async fn large(store: &SqliteStore) -> shared::id::MemberId {
    let people = people(store, 1).await;
    invite(store, people[0].id).await;
    for from in (2..=PEOPLE).step_by(250) {
        for answer in join_all((from..(from + 250).min(PEOPLE + 1)).map(|number| store.join(newcomer(number)))).await {
            answer.unwrap();
        }
    }
    let me = people[0].id;
    for number in 0..ROOMS {
        let others: Vec<_> = (0..50).map(|other| member_id(2 + (number * 37 + other * 11) % (PEOPLE - 1))).collect();
        let mut command = if number < MINE - 10 {
            shared_room(number, me, RoomKind::Open, &others)
        } else if number < MINE {
            direct_room(number, &[me, others[0], others[1]])
        } else {
            shared_room(number, others[0], RoomKind::Open, &others[1..])
        };
        if let crate::store::RoomPlan::Shared { topic, .. } = &mut command.plan {
            *topic =
                shared::text::RoomTopic::parse(format!("What room {number} is about, in a line of words")).unwrap();
        }
        store.create_room(command).await.unwrap();
    }
    for number in 0..MINE * 20 {
        let room = RoomRef::Id(room_id(number % MINE));
        if number % MINE < MINE - 10 {
            let author = member_id(2 + (number % MINE * 37) % (PEOPLE - 1));
            post_in(store, number + 1, author, room).await;
        }
    }
    me
}

#[tokio::test]
async fn a_snapshot_of_a_large_workspace_is_small() {
    let Fresh { store, dir: _dir } = Fresh::new();
    let me = large(&store).await;
    let snapshot: Snapshot = store.snapshot(me).await.unwrap();
    assert_eq!((snapshot.rooms.len() as u64, snapshot.reads.len() as u64), (MINE + 1, MINE + 1));
    assert_eq!(u64::from(snapshot.people_count), PEOPLE);
    assert!(snapshot.members.len() < SNAPSHOT_PEOPLE_MAX as usize, "only those it needs: {}", snapshot.members.len());
    assert!(snapshot.members.iter().any(|member| member.id == me));
    for room in snapshot.rooms.iter().filter(|room| room.kind == RoomKind::Direct) {
        assert!(room.people.iter().all(|person| snapshot.members.iter().any(|member| member.id == *person)));
    }
    let json = serde_json::to_vec(&snapshot).unwrap();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(&json).unwrap();
    let gzipped = gzip.finish().unwrap().len();
    assert!(gzipped <= SNAPSHOT_MAX_BYTES, "{} bytes, {gzipped} gzipped", json.len());

    // No assertion on time, which belongs to the machine: a figure for people to read.
    let began = std::time::Instant::now();
    for _ in 0..20 {
        store.snapshot(me).await.unwrap();
    }
    eprintln!("a snapshot: {:?}, {} bytes, {gzipped} gzipped", began.elapsed() / 20, json.len());
}

#[tokio::test]
async fn a_long_purge_takes_many_short_turns() {
    const SAID: u64 = 5_000;
    let Fresh { store, dir: _dir } = Fresh::new();
    let people = people(&store, 2).await;
    for from in (1..=SAID).step_by(250) {
        join_all((from..from + 250).map(|number| post(&store, number, people[1].id))).await;
    }
    let ban = crate::store::BanMember { purge: crate::store::PurgeSince::Beginning, ..ban(people[0].id, people[1].id) };
    assert_eq!(store.ban(ban).await.unwrap().count, SAID);
    let (mut turns, mut gone, mut longest) = (0, 0, std::time::Duration::ZERO);
    loop {
        let began = std::time::Instant::now();
        let purged = store.purge(day(3), 100).await.unwrap();
        longest = longest.max(began.elapsed());
        assert!(purged.rewritten.len() <= 100);
        (turns, gone) = (turns + 1, gone + purged.rewritten.len() as u64);
        if !purged.more {
            break;
        }
    }
    assert_eq!((turns, gone), (SAID / 100 + 1, SAID));
    // No assertion on time, which belongs to the machine: a figure for people to read.
    eprintln!("a turn of a purge: {longest:?} at most");
}
