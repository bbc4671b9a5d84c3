//! A log that cannot be read for a while: streams wait, nothing is lost.

use std::time::Duration;

use shared::stream::kind;
use tokio::time::sleep;

use crate::{
    domain::audience::Audience,
    live::{
        Start,
        testing::{Scene, member},
    },
};

#[tokio::test(start_paused = true)]
async fn live_streams_wait_for_the_log_and_miss_nothing() {
    let scene = Scene::start().await;
    let mut reader = scene.open(1, Start::Now).await;
    reader.next_of(kind::STATE).await;
    scene.log.set_failing(true);
    let posted = scene.post_many(5, Audience::Workspace);
    let tick = reader.next_of(kind::TICK).await;
    assert_eq!(tick.json()["sent"], 0, "the heart beats on");
    scene.log.set_failing(false);
    assert_eq!(reader.facts(5).await, posted);
}

#[tokio::test(start_paused = true)]
async fn a_failing_log_is_asked_less_and_less_often() {
    let scene = Scene::start().await;
    scene.log.set_failing(true);
    let before = scene.log.reads();
    sleep(Duration::from_secs(60)).await;
    let asked = scene.log.reads() - before;
    assert!((25..=45).contains(&asked), "{asked} times in a minute");
}

#[tokio::test(start_paused = true)]
async fn a_replay_waits_for_the_log() {
    let scene = Scene::start().await;
    let missed = scene.post_many(5, Audience::Workspace);
    scene.settle().await;
    scene.log.set_failing(true);
    let mut reader = scene.open_after(1, missed[0]).await;
    assert_eq!(reader.next().await.json()["resume"], "replay", "hello does not wait");
    assert!(reader.is_silent().await);
    scene.log.set_failing(false);
    assert_eq!(reader.facts(4).await, missed[1..]);
}

#[tokio::test(start_paused = true)]
async fn rows_that_vanish_before_they_are_sent_end_every_stream() {
    let scene = Scene::start().await;
    let mut reader = scene.open(1, Start::Now).await;
    reader.next_of(kind::STATE).await;
    scene.log.set_failing(true);
    let posted: Vec<_> = (0..10).map(|_| scene.log.commit(Audience::Workspace)).collect();
    scene.log.prune(posted[5]);
    scene.log.set_failing(false);
    while let Some(event) = reader.next_or_end().await {
        assert!(!event.is_fact(), "{event:?} after a gap");
    }
    scene.settle().await;
    let mut again = scene.open(1, Start::After("epoch000.0".parse().unwrap())).await;
    assert_eq!(again.next().await.json()["resume"], "reset");
    let next = scene.post(Audience::Member(member(1)));
    assert_eq!(again.facts(1).await, [next]);
}
