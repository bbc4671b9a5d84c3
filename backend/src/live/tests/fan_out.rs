//! Who hears what, once, in order.

use shared::{cursor::Offset, event::Event, stream::kind};

use crate::{
    domain::audience::Audience,
    live::{
        Start,
        testing::{Scene, member, room, session, subscriber},
    },
};

#[tokio::test(start_paused = true)]
async fn a_stream_begins_with_hello_and_last_values() {
    let scene = Scene::start().await;
    scene.post(Audience::Workspace);
    scene.settle().await;
    let mut reader = scene.open(1, Start::Now).await;

    let hello = reader.next().await;
    assert_eq!((hello.event.as_str(), hello.id.as_deref(), hello.retry), ("hello", Some("epoch000.1"), Some(2000)));
    let json = hello.json();
    assert_eq!(json["you"]["id"], member(1).to_string());
    assert_eq!(json["resume"], "live");
    assert_eq!(json["behind"], 0);
    assert_eq!(json["heartbeat_ms"], 15_000);
    assert_eq!(json["events"], serde_json::json!(Event::KINDS));

    let state = reader.next().await;
    assert_eq!((state.event.as_str(), state.id.as_deref()), ("state", None));
    assert!(reader.is_silent().await);
}

#[tokio::test(start_paused = true)]
async fn a_hundred_readers_cost_one_encoding() {
    let scene = Scene::start().await;
    let mut readers = Vec::new();
    for seed in 0..100 {
        readers.push(scene.open(seed, Start::Now).await);
    }
    let posted = scene.post(Audience::Workspace);
    for reader in &mut readers {
        assert_eq!(reader.facts(1).await, [posted]);
    }
    assert_eq!((scene.hub.metrics().facts_encoded(), scene.hub.metrics().facts_delivered()), (1, 100));
}

#[tokio::test(start_paused = true)]
async fn readers_share_the_bytes_themselves() {
    let scene = Scene::start().await;
    let mut streams = Vec::new();
    for seed in 0..2 {
        let mut stream = scene.hub.subscribe(subscriber(seed), Start::Now).await;
        for _greeting in 0..2 {
            stream.next().await.unwrap();
        }
        streams.push(stream);
    }
    scene.post(Audience::Workspace);
    let first = streams[0].next().await.unwrap().into_chunks();
    let second = streams[1].next().await.unwrap().into_chunks();
    assert_eq!((first.as_ptr(), first.len()), (second.as_ptr(), second.len()));
}

#[tokio::test(start_paused = true)]
async fn a_fact_reaches_exactly_its_audience() {
    let scene = Scene::start().await;
    let (tea, salt) = (room(1), room(2));
    scene.log.join(member(1), tea);
    scene.log.join(member(2), tea);
    scene.log.join(member(2), salt);
    scene.settle().await;
    let mut readers = Vec::new();
    for seed in [1, 2, 3] {
        readers.push(scene.open(seed, Start::Now).await);
    }
    let posted = [
        Audience::Room(tea),
        Audience::Room(salt),
        Audience::Room(room(3)),
        Audience::Member(member(1)),
        Audience::Member(member(4)),
        Audience::Admins,
        Audience::Nobody,
        Audience::Workspace,
    ]
    .map(|audience| scene.post(audience));
    let heard = [vec![0, 3, 7], vec![0, 1, 7], vec![7]];
    for (reader, heard) in readers.iter_mut().zip(heard) {
        let expected: Vec<Offset> = heard.iter().map(|&index: &usize| posted[index]).collect();
        assert_eq!(reader.facts(expected.len()).await, expected);
        assert!(reader.is_silent().await);
    }
}

#[tokio::test(start_paused = true)]
async fn the_owner_hears_what_is_for_administrators() {
    let scene = Scene::start().await;
    let mut owner = subscriber(1);
    owner.member.role = shared::member::Role::Owner;
    let mut reader = crate::live::testing::Reader::of(scene.hub.subscribe(owner, Start::Now).await);
    let posted = scene.post(Audience::Admins);
    assert_eq!(reader.facts(1).await, [posted]);
}

#[tokio::test(start_paused = true)]
async fn a_room_is_heard_from_the_joining_on() {
    let scene = Scene::start().await;
    let mut reader = scene.open(1, Start::Now).await;
    scene.post(Audience::Room(room(1)));
    let joined = scene.log.join(member(1), room(1));
    let after = scene.post(Audience::Room(room(1)));
    assert_eq!(reader.facts(2).await, [joined, after]);
}

#[tokio::test(start_paused = true)]
async fn both_streams_of_a_person_hear_the_same() {
    let scene = Scene::start().await;
    let mut phone = scene.open(1, Start::Now).await;
    let mut desk = scene.open(1, Start::Now).await;
    let posted = scene.post(Audience::Member(member(1)));
    assert_eq!((phone.facts(1).await, desk.facts(1).await), (vec![posted], vec![posted]));
    drop(phone);
    let posted = scene.post(Audience::Member(member(1)));
    assert_eq!(desk.facts(1).await, [posted]);
}

#[tokio::test(start_paused = true)]
async fn last_values_go_to_one_person_and_have_no_place() {
    let scene = Scene::start().await;
    let mut ana = scene.open(1, Start::Now).await;
    let mut bo = scene.open(2, Start::Now).await;
    scene.hub.send_to_member(member(1), kind::READ, &serde_json::json!({"offset": 5}));
    let read = ana.next_of(kind::READ).await;
    assert_eq!((read.id, read.data.as_str()), (None, r#"{"offset":5}"#));
    bo.next_of(kind::STATE).await;
    assert!(bo.is_silent().await);
}

#[tokio::test(start_paused = true)]
async fn ticks_come_every_heartbeat_and_count_what_was_sent() {
    let scene = Scene::start().await;
    let mut reader = scene.open(1, Start::Now).await;
    reader.next_of(kind::TICK).await;
    let began = tokio::time::Instant::now();
    scene.post(Audience::Workspace);
    let hidden = scene.post(Audience::Member(member(2)));
    let tick = reader.next_of(kind::TICK).await;
    assert_eq!(began.elapsed().as_secs(), 15);
    assert_eq!(tick.offset(), hidden, "a quiet reader's cursor stays young");
    assert_eq!(tick.data, r#"{"sent":1,"now":"2026-11-22T12:00:00.000Z"}"#);
    scene.post_many(3, Audience::Workspace);
    assert_eq!(reader.next_of(kind::TICK).await.json()["sent"], 4);
}

#[tokio::test(start_paused = true)]
async fn heartbeats_are_spread_over_their_interval() {
    let scene = Scene::start().await;
    let mut moments = Vec::new();
    let mut readers = Vec::new();
    for seed in 0..60 {
        readers.push(scene.open(seed, Start::Now).await);
    }
    let began = tokio::time::Instant::now();
    let ticking = readers.into_iter().map(|mut reader| async move {
        reader.next_of(kind::TICK).await;
        began.elapsed().as_millis()
    });
    moments.extend(futures_util::future::join_all(ticking).await);
    moments.sort_unstable();
    moments.dedup();
    assert_eq!(moments.len(), 60, "each in a step of its own");
}

#[tokio::test(start_paused = true)]
async fn a_lost_hint_costs_at_most_a_second() {
    let scene = Scene::start().await;
    let mut reader = scene.open(1, Start::Now).await;
    reader.next_of(kind::STATE).await;
    let began = tokio::time::Instant::now();
    let committed = scene.log.commit(Audience::Workspace);
    assert_eq!(reader.facts(1).await, [committed]);
    assert!(began.elapsed().as_millis() <= 1_001, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_session_that_ended_before_registering_gets_nothing() {
    let scene = Scene::start().await;
    scene.hub.end_sessions(&[session(1)]);
    let mut late = scene.open(1, Start::Now).await;
    assert_eq!(late.next().await.event, "hello");
    assert_eq!(late.next().await.event, "bye");
    assert_eq!(late.next_or_end().await, None);
}
