//! How streams end: with a word to the reader, a line in the log, and a number.

use std::time::Duration;

use shared::stream::kind;
use tokio::time::{Instant, sleep};

use crate::{
    domain::audience::Audience,
    live::{
        Start,
        ending::EndReason,
        hub::Tuning,
        testing::{MemoryLog, Scene, offsets, session},
    },
};

#[tokio::test(start_paused = true)]
async fn a_shutdown_sends_what_waits_then_says_goodbye_with_spread_retries() {
    let scene = Scene::start().await;
    let mut readers = Vec::new();
    for seed in 0..50 {
        let mut reader = scene.open(seed, Start::Now).await;
        reader.next_of(kind::STATE).await;
        assert!(reader.is_silent().await);
        readers.push(reader);
    }
    let posted = scene.post(Audience::Workspace);
    scene.settle().await;
    scene.shutdown.cancel();
    let mut retries = Vec::new();
    for reader in &mut readers {
        assert_eq!(reader.facts(1).await, [posted]);
        let bye = reader.next().await;
        assert_eq!((bye.event.as_str(), bye.json()["reason"].as_str()), ("bye", Some("shutdown")));
        assert_eq!(bye.json()["retry_ms"].as_u64(), bye.retry);
        assert_eq!(reader.next_or_end().await, None);
        retries.extend(bye.retry);
    }
    retries.sort_unstable();
    assert!(retries[0] < 800 && retries[49] > 2_200 && retries[49] <= 2_500, "{retries:?}");
    drop(readers);
    assert_eq!(scene.hub.metrics().ended(EndReason::Shutdown), 50);
    assert_eq!(scene.hub.metrics().open_streams(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_interrupts_a_replay() {
    let scene = Scene::start().await;
    let missed = scene.post_many(500, Audience::Workspace);
    scene.settle().await;
    let mut reader = scene.open_after(1, missed[0]).await;
    reader.facts(10).await;
    scene.shutdown.cancel();
    sleep(Duration::from_millis(10)).await;
    let bye = reader.next_of(kind::BYE).await;
    assert_eq!(bye.json()["reason"], "shutdown");
}

#[tokio::test(start_paused = true)]
async fn who_comes_during_a_shutdown_is_sent_away_kindly() {
    let scene = Scene::start().await;
    scene.shutdown.cancel();
    sleep(Duration::from_millis(10)).await;
    let mut late = scene.open(1, Start::Now).await;
    assert_eq!(late.next().await.event, "hello");
    assert_eq!(late.next().await.event, "bye");
    assert_eq!(late.next_or_end().await, None);
}

#[tokio::test(start_paused = true)]
async fn signing_out_ends_the_streams_of_that_session_and_no_other() {
    let scene = Scene::start().await;
    let mut one = scene.open(1, Start::Now).await;
    let mut two = scene.open(1, Start::Now).await;
    let mut other = scene.open(2, Start::Now).await;
    for reader in [&mut one, &mut two, &mut other] {
        reader.next_of(kind::STATE).await;
        assert!(reader.is_silent().await);
    }
    scene.post(Audience::Workspace);
    scene.settle().await;
    scene.hub.end_sessions(&[session(1)]);
    let after = scene.post(Audience::Workspace);
    for reader in [&mut one, &mut two] {
        let bye = reader.next().await;
        assert_eq!((bye.event.as_str(), bye.json()["reason"].as_str()), ("bye", Some("session_ended")));
        assert_eq!(reader.next_or_end().await, None, "nothing after the end of the session");
    }
    assert_eq!(other.facts(2).await.last(), Some(&after));
    drop((one, two));
    assert_eq!(scene.hub.metrics().ended(EndReason::SessionEnded), 2);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_expires_ends_its_streams_within_two_seconds() {
    let scene = Scene::start().await;
    let mut reader = scene.open(1, Start::Now).await;
    reader.next_of(kind::STATE).await;
    scene.clock.advance(3_599_999);
    reader.next_of(kind::TICK).await;
    scene.clock.advance(1);
    let began = Instant::now();
    let bye = reader.next().await;
    assert_eq!((bye.event.as_str(), bye.json()["reason"].as_str()), ("bye", Some("session_ended")));
    assert!(began.elapsed() <= Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_a_day_old_comes_again() {
    // A step of the ticker is a minute here: a day has few enough.
    let hour = Duration::from_secs(3_600);
    let scene = Scene::on(MemoryLog::new(), Tuning { heartbeat: hour, ..Tuning::default() }).await;
    let mut reader = scene.open(1, Start::Now).await;
    let began = Instant::now();
    let last = loop {
        let events = reader.subscription.next().await.expect("a farewell before the end").into_events();
        if events.starts_with(b"retry: ") && began.elapsed() > hour {
            break String::from_utf8(events.to_vec()).unwrap();
        }
    };
    assert!((24 * hour..24 * hour + Duration::from_secs(300)).contains(&began.elapsed()), "{:?}", began.elapsed());
    assert!(last.contains(r#"data: {"reason":"renew","retry_ms":"#), "{last}");
    assert!(reader.subscription.next().await.is_none());
    drop(reader);
    assert_eq!(scene.hub.metrics().ended(EndReason::Renewed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_dropped_leaves_nothing_behind() {
    let scene = Scene::start().await;
    let reader = scene.open(1, Start::Now).await;
    assert_eq!(scene.hub.metrics().open_streams(), 1);
    drop(reader);
    assert_eq!(scene.hub.metrics().open_streams(), 0);
    assert_eq!(scene.hub.metrics().ended(EndReason::ClientGone), 1);
    scene.post(Audience::Workspace);
    scene.settle().await;
    assert_eq!(scene.hub.metrics().facts_delivered(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_ends_while_another_panics_is_counted_apart() {
    let scene = Scene::start().await;
    let reader = scene.open(1, Start::Now).await;
    let task = tokio::spawn(async move {
        let _reader = reader;
        panic!("on purpose");
    });
    assert!(task.await.is_err());
    assert_eq!(scene.hub.metrics().ended(EndReason::Panicked), 1);
    let mut other = scene.open(2, Start::Now).await;
    let posted = scene.post(Audience::Workspace);
    assert_eq!(offsets(&[other.next_of("message_posted").await]), [posted]);
}
