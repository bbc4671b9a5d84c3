//! Who is here, as readers hear it: once, at the right time, and only of whom they may know.

use std::time::Duration;

use shared::{
    member::Role,
    presence::{Presence, PresenceLevel, PresenceList},
    stream::{State, kind},
};
use tokio::time::advance;

use crate::live::{
    Start, Subscriber,
    hub::Tuning,
    presence::CHANGES_MAX,
    testing::{MemoryLog, NOON_MS, Reader, Scene, Sse, member, room, session, subscriber},
};
use PresenceLevel::{Active, Away, Offline};

/// So many people, of whom those with a higher number than `members` are guests. All are in the room with their number
/// modulo two.
async fn scene(members: u8, guests: u8) -> Scene {
    let log = MemoryLog::with_people(members + guests);
    for seed in 1..=members + guests {
        if seed > members {
            log.stand(member(seed), Role::Guest, true);
        }
        log.join(member(seed), room(seed % 2));
    }
    Scene::on(log, Tuning::default()).await
}

fn guest(seed: u8) -> Subscriber {
    let mut subscriber = subscriber(seed);
    subscriber.member.role = Role::Guest;
    subscriber
}

/// Lets a second pass, on both clocks.
async fn second(scene: &Scene) {
    scene.clock.advance(1_000);
    advance(Duration::from_millis(1_000)).await;
}

fn presence(event: &Sse) -> Vec<(u8, PresenceLevel)> {
    let list: PresenceList = serde_json::from_str(&event.data).unwrap();
    pairs(&list.presence)
}

fn pairs(presence: &[Presence]) -> Vec<(u8, PresenceLevel)> {
    let seed = |here: &Presence| (1..36).find(|seed| member(*seed) == here.member).unwrap_or_default();
    let mut pairs: Vec<_> = presence.iter().map(|here| (seed(here), here.level)).collect();
    pairs.sort_unstable_by_key(|(seed, _)| *seed);
    pairs
}

/// What `state` says of who is here.
async fn state(reader: &mut Reader) -> Option<Vec<(u8, PresenceLevel)>> {
    let state: State = serde_json::from_str(&reader.next_of(kind::STATE).await.data).unwrap();
    state.presence.map(|presence| pairs(&presence))
}

/// Whether the reader hears nothing of who is here, whatever else comes.
async fn hears_none(reader: &mut Reader) -> bool {
    reader.drain().await.iter().all(|event| event.event != kind::PRESENCE)
}

/// What the reader hears next of who is here.
async fn heard(reader: &mut Reader) -> Vec<(u8, PresenceLevel)> {
    presence(&reader.next_of(kind::PRESENCE).await)
}

#[tokio::test(start_paused = true)]
async fn who_comes_and_goes_is_heard_within_two_seconds() {
    let scene = scene(3, 0).await;
    let mut ana = scene.open(1, Start::Now).await;
    assert_eq!(state(&mut ana).await, Some(vec![(1, Active)]), "oneself is here before it is told");
    second(&scene).await;
    assert_eq!(heard(&mut ana).await, [(1, Active)]);
    let (bo, tab) = (scene.open(2, Start::Now).await, scene.open(2, Start::Now).await);
    second(&scene).await;
    assert_eq!(heard(&mut ana).await, [(2, Active)]);
    let mut cleo = scene.open(3, Start::Now).await;
    assert_eq!(state(&mut cleo).await, Some(vec![(1, Active), (2, Active), (3, Active)]));
    drop(bo);
    second(&scene).await;
    assert_eq!(heard(&mut ana).await, [(3, Active)], "another tab is open");
    drop(tab);
    second(&scene).await;
    assert_eq!(heard(&mut ana).await, [(2, Offline)]);
    assert_eq!(scene.hub.last_seen(), [(member(2), NOON_MS + 4_000)]);
}

#[tokio::test(start_paused = true)]
async fn a_device_is_away_when_it_says_so_or_nothing() {
    let scene = scene(2, 0).await;
    let mut ana = scene.open(1, Start::Now).await;
    let asleep = Subscriber { level: Away, ..subscriber(2) };
    let _bo = Reader::of(scene.hub.subscribe(asleep, Start::Now).await);
    second(&scene).await;
    assert_eq!(heard(&mut ana).await, [(1, Active), (2, Away)]);
    scene.hub.set_level(member(2), session(2), Active);
    second(&scene).await;
    assert_eq!(heard(&mut ana).await, [(2, Active)]);
    scene.hub.set_level(member(2), session(2), Away);
    second(&scene).await;
    assert_eq!(heard(&mut ana).await, [(2, Away)]);
    scene.clock.advance(300_000);
    second(&scene).await;
    assert_eq!(heard(&mut ana).await, [(1, Away)]);
    scene.hub.set_level(member(1), session(2), Active);
    second(&scene).await;
    assert!(hears_none(&mut ana).await, "that is no device of hers");
}

#[tokio::test(start_paused = true)]
async fn guests_hear_of_those_they_share_a_room_with() {
    let scene = scene(2, 2).await;
    let mut ana = scene.open(1, Start::Now).await;
    let mut bo = scene.open(2, Start::Now).await;
    let mut gus = Reader::of(scene.hub.subscribe(guest(3), Start::Now).await);
    let mut gil = Reader::of(scene.hub.subscribe(guest(4), Start::Now).await);
    assert_eq!(state(&mut gil).await, Some(vec![(4, Active)]));
    second(&scene).await;
    for reader in [&mut ana, &mut bo] {
        assert_eq!(heard(reader).await, [(1, Active), (2, Active), (3, Active), (4, Active)]);
    }
    assert_eq!(heard(&mut gus).await, [(1, Active), (3, Active)]);
    assert_eq!(heard(&mut gil).await, [(2, Active), (4, Active)]);
    let everyone: Vec<_> = (1..=5).map(member).collect();
    let levels = |seed, role| pairs(&scene.hub.levels(member(seed), role, &everyone));
    assert_eq!(levels(3, Role::Guest), [(1, Active), (3, Active)]);
    assert_eq!(levels(1, Role::Member), [(1, Active), (2, Active), (3, Active), (4, Active)], "and of nobody else");

    // Who comes into the room of a guest is told of, whom a guest comes to is told.
    scene.log.join(member(2), room(1));
    scene.settle().await;
    second(&scene).await;
    assert_eq!(heard(&mut gus).await, [(2, Active)]);
    scene.log.leave(member(4), room(0));
    scene.log.join(member(4), room(1));
    scene.settle().await;
    assert_eq!(state(&mut gil).await, Some(vec![(1, Active), (2, Active), (3, Active), (4, Active)]));
    scene.log.leave(member(4), room(1));
    scene.settle().await;
    drop(ana);
    second(&scene).await;
    assert_eq!(heard(&mut gus).await, [(1, Offline)], "and not of him who came and went");
    gil.next_of("room_gone").await;
    assert!(hears_none(&mut gil).await, "nothing of a room that one was taken out of");
}

#[tokio::test(start_paused = true)]
async fn who_does_not_share_it_is_not_told_of() {
    let log = MemoryLog::with_people(3);
    log.share(member(2), false, true);
    let scene = Scene::on(log, Tuning::default()).await;
    let mut ana = scene.open(1, Start::Now).await;
    let (_bo, cleo) = (scene.open(2, Start::Now).await, scene.open(3, Start::Now).await);
    second(&scene).await;
    assert_eq!(heard(&mut ana).await, [(1, Active), (3, Active)], "what was chosen before the start counts");
    scene.log.share(member(3), false, true);
    scene.settle().await;
    assert_eq!(pairs(&scene.hub.levels(member(1), Role::Owner, &[member(3)])), [(3, Offline)], "at once, for all");
    second(&scene).await;
    assert_eq!(heard(&mut ana).await, [(3, Offline)]);
    drop(cleo);
    scene.log.share(member(2), true, true);
    scene.settle().await;
    second(&scene).await;
    assert_eq!(heard(&mut ana).await, [(2, Active)]);
    second(&scene).await;
    assert_eq!(scene.hub.last_seen(), []);
}

/// Issue 4: five thousand people who come within ten seconds are less than two events a second for each reader.
#[tokio::test(start_paused = true)]
async fn thousands_who_come_are_one_event_a_second() {
    let scene = scene(1, 0).await;
    let mut ana = scene.open(1, Start::Now).await;
    let many: Vec<_> = (0..5_000).map(crowd).collect();
    for person in &many {
        scene.log.stand(person.member.id, Role::Member, true);
    }
    scene.settle().await;
    let ids: Vec<_> = many.iter().map(|person| person.member.id).collect();
    assert_eq!(scene.hub.levels(member(1), Role::Member, &ids).len(), 5_000);
    let (mut streams, mut told) = (Vec::new(), 0);
    for (at, people) in many.chunks(500).enumerate() {
        for person in people {
            streams.push(scene.hub.subscribe(person.clone(), Start::Now).await);
        }
        second(&scene).await;
        told += heard(&mut ana).await.len();
        assert!(hears_none(&mut ana).await, "one event in second {at}");
    }
    let rest = (5_000 - told).div_ceil(CHANGES_MAX);
    for _ in 0..rest {
        second(&scene).await;
        told += heard(&mut ana).await.len();
    }
    assert_eq!((told, rest), (5_000, 15));
    second(&scene).await;
    assert!(hears_none(&mut ana).await);
}

/// One of thousands of people.
fn crowd(number: u16) -> Subscriber {
    let mut entropy = [35; 12];
    entropy[..2].copy_from_slice(&number.to_be_bytes().map(|byte| byte % 16));
    entropy[2..4].copy_from_slice(&number.to_be_bytes().map(|byte| byte / 16));
    let mut subscriber = subscriber(0);
    subscriber.member.id = shared::id::MemberId::from_entropy(entropy);
    subscriber.session = shared::id::SessionId::from_entropy(entropy);
    subscriber
}

#[tokio::test(start_paused = true)]
async fn a_large_workspace_tells_of_those_who_are_asked_for() {
    let scene = scene(3, 0).await;
    for number in 0..197 {
        scene.log.stand(crowd(number).member.id, Role::Member, true);
    }
    scene.settle().await;
    let mut ana = scene.open(1, Start::Now).await;
    assert_eq!(state(&mut ana).await, Some(vec![(1, Active)]));
    let bo = scene.open(2, Start::Now).await;
    second(&scene).await;
    while heard(&mut ana).await.last() != Some(&(2, Active)) {}
    scene.log.stand(crowd(200).member.id, Role::Member, true);
    scene.settle().await;
    assert_eq!(state(&mut ana).await, None, "from now on she has to ask");
    let late = scene.open(3, Start::Now).await;
    drop(bo);
    second(&scene).await;
    assert!(hears_none(&mut ana).await, "nobody was asked for");
    assert_eq!(pairs(&scene.hub.levels(member(1), Role::Member, &[member(2), member(3)])), [(2, Offline), (3, Active)]);
    drop(late);
    second(&scene).await;
    assert_eq!(heard(&mut ana).await, [(3, Offline)]);
}

#[tokio::test(start_paused = true)]
async fn presence_is_dropped_first_and_made_good() {
    let scene = Scene::with_mailbox(600).await;
    for seed in 1..=9 {
        scene.log.stand(member(seed), Role::Member, true);
        scene.log.share(member(seed), true, true);
    }
    scene.settle().await;
    let mut ana = scene.open(1, Start::Now).await;
    state(&mut ana).await;
    assert!(ana.is_silent().await);
    let mut streams = Vec::new();
    for seed in 2..=9 {
        streams.push(scene.open(seed, Start::Now).await);
        second(&scene).await;
        assert!(!streams[0].is_silent().await);
    }
    let posted = scene.post_many(4, crate::domain::audience::Audience::Workspace);
    scene.settle().await;
    assert_eq!(scene.hub.metrics().mailbox_overflows(), 0, "the facts had room");
    assert_eq!(ana.facts(4).await, posted);
    let here = state(&mut ana).await.unwrap();
    assert_eq!(here, (1..=9).map(|seed| (seed, Active)).collect::<Vec<_>>());
    drop(streams);
    second(&scene).await;
    second(&scene).await;
    assert_eq!(heard(&mut ana).await.len(), 8, "and it is live again");
}

#[tokio::test(start_paused = true)]
async fn a_reader_of_batches_is_here_between_them() {
    let scene = scene(2, 0).await;
    let mut ana = scene.open(1, Start::Now).await;
    let batch = scene.hub.subscribe(subscriber(2), Start::Now).await;
    let mut batch = Reader::of(batch.ending_after_batch(Duration::ZERO));
    while batch.next_or_end().await.is_some() {}
    drop(batch);
    second(&scene).await;
    assert_eq!(heard(&mut ana).await, [(1, Active), (2, Active)]);
    for _ in 0..3 {
        second(&scene).await;
        assert!(hears_none(&mut ana).await);
    }
    second(&scene).await;
    assert_eq!(heard(&mut ana).await, [(2, Offline)]);
}

#[tokio::test(start_paused = true)]
async fn one_encoding_serves_all_readers() {
    let scene = scene(2, 0).await;
    let mut readers = Vec::new();
    for _ in 0..59 {
        let mut reader = scene.open(1, Start::Now).await;
        reader.next_of(kind::STATE).await;
        readers.push(reader);
    }
    second(&scene).await;
    // The heartbeats of the first come at the same time.
    let later = &mut readers[30..];
    for reader in later.iter_mut() {
        reader.drain().await;
    }
    scene.hub.set_level(member(1), session(1), Away);
    second(&scene).await;
    let mut places = Vec::new();
    for reader in later {
        let event = reader.subscription.next().await.unwrap().into_events();
        assert!(event.starts_with(b"event: presence\n"));
        places.push(event.as_ptr());
    }
    places.dedup();
    assert_eq!(places.len(), 1, "the same bytes, not equal ones");
}
