//! Who is typing, as the people of a room hear it, and nobody else.

use std::time::Duration;

use shared::{presence::Typing, stream::kind};
use tokio::time::advance;

use crate::live::{
    Start,
    hub::Tuning,
    testing::{MemoryLog, Reader, Scene, member, room},
};

const NONE: [u8; 0] = [];

/// Three people in the first room, a fourth outside of it.
async fn scene() -> (Scene, [Reader; 4]) {
    let log = MemoryLog::new();
    for seed in 1..=3 {
        log.join(member(seed), room(1));
    }
    log.join(member(4), room(2));
    let scene = Scene::on(log, Tuning::default()).await;
    let mut readers = Vec::new();
    for seed in 1..=4 {
        let mut reader = scene.open(seed, Start::Now).await;
        reader.next_of(kind::STATE).await;
        readers.push(reader);
    }
    (scene, readers.try_into().ok().unwrap())
}

/// Lets time pass, on both clocks.
async fn pass(scene: &Scene, ms: i64) {
    scene.clock.advance(ms);
    advance(Duration::from_millis(ms.unsigned_abs())).await;
}

async fn heard(reader: &mut Reader) -> Vec<u8> {
    let typing: Typing = serde_json::from_str(&reader.next_of(kind::TYPING).await.data).unwrap();
    assert_eq!(typing.room, room(1));
    typing.members.iter().map(|typist| (1..=9).find(|seed| member(*seed) == *typist).unwrap()).collect()
}

/// Whether the reader hears of no typing, whatever else comes.
async fn hears_none(reader: &mut Reader) -> bool {
    reader.drain().await.iter().all(|event| event.event != kind::TYPING)
}

#[tokio::test(start_paused = true)]
async fn the_room_hears_it_but_not_the_typist_nor_anyone_else() {
    let (scene, [mut ana, mut bo, mut cleo, mut dan]) = scene().await;
    scene.hub.set_typing(member(1), room(1), true);
    pass(&scene, 250).await;
    for reader in [&mut bo, &mut cleo] {
        assert_eq!(heard(reader).await, [1]);
    }
    scene.hub.set_typing(member(2), room(1), true);
    pass(&scene, 1_000).await;
    assert_eq!(heard(&mut ana).await, [2]);
    assert!(hears_none(&mut bo).await, "ana types still");
    assert_eq!(heard(&mut cleo).await, [1, 2]);
    scene.hub.set_typing(member(1), room(1), false);
    pass(&scene, 1_000).await;
    assert_eq!(heard(&mut bo).await, NONE);
    assert_eq!(heard(&mut cleo).await, [2]);
    pass(&scene, 6_000).await;
    assert_eq!(heard(&mut ana).await, NONE, "the lease has ended by itself");
    assert!(hears_none(&mut dan).await);
}

#[tokio::test(start_paused = true)]
async fn who_is_taken_out_hears_nothing_of_it_and_types_no_more() {
    let (scene, [mut ana, mut bo, mut cleo, _dan]) = scene().await;
    scene.hub.set_typing(member(1), room(1), true);
    scene.hub.set_typing(member(2), room(1), true);
    pass(&scene, 250).await;
    assert_eq!(heard(&mut cleo).await, [1, 2]);
    assert_eq!(heard(&mut bo).await, [1]);
    assert_eq!(heard(&mut ana).await, [2]);
    scene.log.leave(member(2), room(1));
    scene.settle().await;
    bo.next_of("room_gone").await;
    pass(&scene, 1_000).await;
    assert_eq!(heard(&mut cleo).await, [1]);
    assert_eq!(heard(&mut ana).await, NONE);
    for _ in 0..8 {
        pass(&scene, 1_000).await;
        assert!(hears_none(&mut bo).await);
    }
}

/// What was queued for a reader before the removal is not sent after it, even if the reader went back to the log meanwhile.
#[tokio::test(start_paused = true)]
async fn a_reader_who_read_of_the_removal_in_the_log_hears_no_typing_after_it() {
    let log = MemoryLog::new();
    for seed in 1..=2 {
        log.join(member(seed), room(1));
    }
    let scene = Scene::on(log, Tuning { mailbox_max_bytes: 400, ..Tuning::default() }).await;
    let mut bo = scene.open(2, Start::Now).await;
    bo.next_of(kind::STATE).await;
    scene.hub.set_typing(member(1), room(1), true);
    pass(&scene, 250).await;
    scene.log.leave(member(2), room(1));
    scene.post_many(20, crate::domain::audience::Audience::Workspace);
    scene.settle().await;
    let mut is_out = false;
    for event in bo.drain().await {
        is_out |= event.event == "room_gone";
        assert!(!is_out || event.event != kind::TYPING);
    }
    assert!(is_out && scene.hub.metrics().mailbox_overflows() > 0);
}

#[tokio::test(start_paused = true)]
async fn who_does_not_share_it_is_not_seen_typing() {
    let (scene, [_ana, _bo, mut cleo, _dan]) = scene().await;
    scene.log.share(member(1), true, false);
    scene.settle().await;
    scene.hub.set_typing(member(1), room(1), true);
    pass(&scene, 1_000).await;
    assert!(hears_none(&mut cleo).await);
    scene.hub.set_typing(member(2), room(1), true);
    pass(&scene, 1_000).await;
    assert_eq!(heard(&mut cleo).await, [2]);
    scene.log.share(member(2), true, false);
    scene.settle().await;
    pass(&scene, 1_000).await;
    assert_eq!(heard(&mut cleo).await, NONE, "at once");
}
