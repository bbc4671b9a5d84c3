//! Streams that end after one batch, for readers behind something that holds long answers back (PROTOCOL §11).

use std::time::Duration;

use shared::{cursor::Offset, stream::kind};
use tokio::time::{Instant, sleep};

use crate::{
    domain::audience::Audience,
    live::{
        BATCH_WAIT, Start,
        ending::EndReason,
        testing::{Reader, Scene, Sse, member, offsets, subscriber},
    },
};

async fn open(scene: &Scene, start: Start, wait: Duration) -> Reader {
    Reader::of(scene.hub.subscribe(subscriber(1), start).await.ending_after_batch(wait))
}

/// Everything up to the end.
async fn whole(mut reader: Reader) -> Vec<Sse> {
    let mut events = Vec::new();
    while let Some(event) = reader.next_or_end().await {
        events.push(event);
    }
    events
}

fn kinds(events: &[Sse]) -> Vec<&str> {
    events.iter().map(|event| &*event.event).collect()
}

#[tokio::test(start_paused = true)]
async fn what_was_missed_comes_at_once_and_a_tick_ends_it() {
    let scene = Scene::start().await;
    let posted = scene.post_many(3, Audience::Workspace);
    let hidden = scene.post(Audience::Member(member(2)));
    scene.settle().await;
    let began = Instant::now();
    let events = whole(open(&scene, Start::After(scene.log.cursor(posted[0])), BATCH_WAIT).await).await;
    assert_eq!(kinds(&events), ["hello", "state", "message_posted", "message_posted", "tick"]);
    assert_eq!((events[0].retry, events[0].json()["resume"].as_str()), (Some(2000), Some("replay")));
    assert_eq!((events[4].offset(), events[4].json()["sent"].as_u64()), (hidden, Some(2)));
    assert!(began.elapsed() < Duration::from_secs(1));
    assert_eq!(scene.hub.metrics().ended(EndReason::BatchSent), 1);
    assert_eq!(scene.hub.metrics().open_streams(), 0);
}

#[tokio::test(start_paused = true)]
async fn without_news_it_is_held_and_ends_with_the_first() {
    let scene = Scene::start().await;
    let began = Instant::now();
    let waiting = open(&scene, Start::Now, BATCH_WAIT).await;
    let (events, posted) = tokio::join!(whole(waiting), async {
        sleep(Duration::from_secs(20)).await;
        scene.post(Audience::Workspace)
    });
    assert_eq!(kinds(&events), ["hello", "state", "message_posted", "tick"], "no heartbeat between");
    assert_eq!((events[2].offset(), events[3].offset()), (posted, posted));
    assert!((20.0..20.5).contains(&began.elapsed().as_secs_f64()), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_batch_without_news_ends_in_time_and_its_place_is_young() {
    let scene = Scene::start().await;
    for wait in [BATCH_WAIT, Duration::ZERO] {
        let began = Instant::now();
        let waiting = open(&scene, Start::Now, wait).await;
        let hidden = scene.post(Audience::Member(member(2)));
        scene.settle().await;
        let events = whole(waiting).await;
        assert_eq!(kinds(&events), ["hello", "state", "tick"]);
        assert_eq!(events[2].offset(), hidden);
        assert!(began.elapsed() >= wait && began.elapsed() < wait + Duration::from_secs(1), "{:?}", began.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn last_values_end_a_batch_but_not_at_once() {
    let scene = Scene::start().await;
    let began = Instant::now();
    let mut reader = open(&scene, Start::Now, BATCH_WAIT).await;
    reader.next_of(kind::STATE).await;
    scene.hub.send_to_member(member(1), kind::READ, &1);
    assert_eq!(kinds(&whole(reader).await), ["read", "tick"]);
    assert!((1.5..2.0).contains(&began.elapsed().as_secs_f64()), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_reader_of_batches_misses_nothing() {
    let scene = Scene::with_mailbox(600).await;
    let (mut cursor, mut heard) = (scene.log.cursor(Offset::ZERO), Vec::new());
    for round in 0..30 {
        for count in 0..round {
            scene.log.commit(if count % 3 == 2 { Audience::Member(member(2)) } else { Audience::Workspace });
        }
        scene.settle().await;
        let waiting = open(&scene, Start::After(cursor), BATCH_WAIT).await;
        scene.post_many(round % 4, Audience::Workspace);
        let events = whole(waiting).await;
        assert_eq!(events.last().unwrap().event, kind::TICK);
        cursor = events.iter().rev().find(|event| event.id.is_some()).unwrap().cursor();
        heard.extend(offsets(&events));
    }
    scene.settle().await;
    heard.extend(offsets(&whole(open(&scene, Start::After(cursor), Duration::ZERO).await).await));
    assert_eq!(heard, scene.log.visible(member(1), Offset::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_ends_a_batch_that_waits() {
    let scene = Scene::start().await;
    let waiting = open(&scene, Start::Now, BATCH_WAIT).await;
    let (events, ()) = tokio::join!(whole(waiting), async {
        sleep(Duration::from_secs(1)).await;
        scene.shutdown.cancel();
    });
    assert_eq!(kinds(&events), ["hello", "state", "bye"]);
}
