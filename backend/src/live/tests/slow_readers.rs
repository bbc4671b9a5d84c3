//! A reader that is slow costs the server nothing, the others nothing, and itself only time.

use std::time::Duration;

use shared::stream::kind;
use tokio::time::sleep;

use crate::{
    domain::audience::Audience,
    live::{
        Start,
        ending::EndReason,
        testing::{Scene, member, offsets, take_events},
    },
};

#[tokio::test(start_paused = true)]
async fn a_mailbox_of_one_event_falls_back_to_the_log() {
    let scene = Scene::with_mailbox(200).await;
    let mut reader = scene.open(1, Start::Now).await;
    reader.next_of(kind::STATE).await;
    assert!(reader.is_silent().await);
    let posted = scene.post_many(50, Audience::Workspace);
    scene.settle().await;
    assert_eq!(scene.hub.metrics().mailbox_overflows(), 1);
    let events = reader.until_tick().await;
    assert_eq!(events[0].event, kind::STATE, "what it was told of last values may be lost");
    assert_eq!(offsets(&events), posted);
    assert_eq!(events.last().unwrap().json()["sent"], 50);
    let next = scene.post(Audience::Workspace);
    assert_eq!(reader.facts(1).await, [next], "and it is live again");
}

#[tokio::test(start_paused = true)]
async fn an_overflow_during_a_replay_goes_on_with_the_log() {
    let scene = Scene::with_mailbox(200).await;
    let start = scene.post(Audience::Workspace);
    scene.post_many(100, Audience::Workspace);
    scene.settle().await;
    let mut reader = scene.open_after(1, start).await;
    let mut heard = reader.facts(1).await;
    for _ in 0..3 {
        scene.post_many(50, Audience::Workspace);
        heard.extend(reader.facts(40).await);
    }
    heard.extend(reader.facts(250 - heard.len()).await);
    assert_eq!(heard, scene.log.visible(member(1), start));
    assert!(scene.hub.metrics().mailbox_overflows() >= 1);
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_last_values_is_bounded_too() {
    let scene = Scene::with_mailbox(2_000).await;
    let mut reader = scene.open(1, Start::Now).await;
    reader.next_of(kind::STATE).await;
    for offset in 0..1_000 {
        scene.hub.send_to_member(member(1), kind::READ, &offset);
    }
    assert_eq!(scene.hub.metrics().mailbox_overflows(), 1);
    assert_eq!(reader.next().await.event, kind::STATE, "the last values, instead of each");
    assert!(reader.is_silent().await);
}

#[tokio::test(start_paused = true)]
async fn one_batch_is_never_larger_than_the_mailbox() {
    let scene = Scene::start().await;
    let mut reader = scene.open(1, Start::Now).await;
    reader.next_of(kind::STATE).await;
    let posted: Vec<_> = (0..100).map(|_| scene.log.commit_large(Audience::Workspace, 1_000)).collect();
    scene.settle().await;
    let mut heard = Vec::new();
    while heard.len() < posted.len() {
        let bytes = reader.subscription.next().await.unwrap().into_events();
        assert!(bytes.len() < 70 * 1024, "{}", bytes.len());
        heard.extend(offsets(&take_events(&mut bytes.to_vec())));
    }
    assert_eq!(heard, posted);
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_ten_seconds_ends_the_stream() {
    let scene = Scene::start().await;
    let mut stalled = scene.open(1, Start::Now).await;
    let mut quick = scene.open(2, Start::Now).await;
    stalled.next_of(kind::STATE).await;
    assert!(stalled.is_silent().await);
    scene.post(Audience::Workspace);
    quick.facts(1).await;
    sleep(Duration::from_millis(9_900)).await;
    assert!(futures_util::poll!(std::future::poll_fn(|cx| stalled.subscription.poll_cut(cx))).is_pending());
    sleep(Duration::from_millis(1_200)).await;
    assert!(futures_util::poll!(std::future::poll_fn(|cx| stalled.subscription.poll_cut(cx))).is_ready());
    assert_eq!(stalled.next_or_end().await, None);
    drop(stalled);
    assert_eq!(scene.hub.metrics().ended(EndReason::WriteStalled), 1);
    let next = scene.post(Audience::Workspace);
    assert_eq!(quick.facts(1).await, [next]);
}

#[tokio::test(start_paused = true)]
async fn a_reader_on_the_log_is_not_taken_for_stalled() {
    let scene = Scene::start().await;
    let missed: Vec<_> = (0..500).map(|_| scene.log.commit_large(Audience::Workspace, 1_000)).collect();
    scene.settle().await;
    let mut reader = scene.open_after(1, missed[0]).await;
    // Its carrier has a long way to go with each batch; meanwhile more waits in its mailbox.
    reader.facts(1).await;
    scene.post_many(3, Audience::Workspace);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(reader.facts(501).await.len(), 501);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_not_asked_for_ends() {
    use futures_util::StreamExt;

    let scene = Scene::start().await;
    let stream = scene.hub.subscribe(crate::live::testing::subscriber(1), Start::Now).await;
    let mut body = Box::pin(stream.into_events(|| false));
    body.next().await.unwrap();
    sleep(Duration::from_secs(12)).await;
    assert_eq!(body.next().await, None);
    assert_eq!(scene.hub.metrics().ended(EndReason::WriteStalled), 1);
}
