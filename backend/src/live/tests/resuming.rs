//! Coming back: exactly what was missed, or a clear word that it cannot be had.

use shared::{cursor::Offset, stream::kind};
use tokio::time::timeout;

use crate::{
    domain::audience::Audience,
    live::{
        Start,
        hub::Tuning,
        testing::{Scene, Sse, member, offsets, room, subscriber, take_events},
    },
};

#[tokio::test(start_paused = true)]
async fn a_replay_gives_what_was_missed_and_ends_with_a_tick() {
    let scene = Scene::start().await;
    let posted = scene.post_many(300, Audience::Workspace);
    scene.settle().await;
    let mut reader = scene.open_after(1, posted[99]).await;
    let events = reader.until_tick().await;
    assert_eq!(events[0].json()["resume"], "replay");
    assert_eq!(events[0].json()["behind"], 200);
    assert_eq!(events[0].offset(), posted[99], "a break after hello loses nothing");
    assert_eq!(events[1].event, kind::STATE);
    assert_eq!(offsets(&events), posted[100..]);
    let tick = events.last().unwrap();
    assert_eq!((tick.offset(), tick.json()["sent"].as_u64()), (posted[299], Some(200)));
    let next = scene.post(Audience::Workspace);
    assert_eq!(reader.facts(1).await, [next]);
}

#[tokio::test(start_paused = true)]
async fn what_is_posted_between_registering_and_reading_comes_once() {
    let scene = Scene::start().await;
    let missed = scene.post_many(3, Audience::Workspace);
    scene.settle().await;
    let held = scene.log.hold_last_values();
    let mut reader = scene.open_after(1, missed[0]).await;
    assert_eq!(reader.next().await.event, "hello");
    // It is registered, and has read nothing yet.
    assert!(reader.is_silent().await);
    let meanwhile = scene.post_many(3, Audience::Workspace);
    assert!(reader.is_silent().await);
    drop(held);
    assert_eq!(offsets(&reader.until_tick().await), missed[1..]);
    assert_eq!(reader.facts(3).await, meanwhile);
    assert!(reader.is_silent().await);
}

#[tokio::test(start_paused = true)]
async fn a_cursor_ahead_of_the_fan_out_is_no_reset() {
    let scene = Scene::start().await;
    scene.settle().await;
    // Committed, known to the client from its own post, not fanned out: nobody has woken the hub.
    let own = scene.log.commit(Audience::Workspace);
    let mut reader = scene.open_after(1, own).await;
    let hello = reader.next().await;
    assert_eq!((hello.json()["resume"].as_str(), hello.offset()), (Some("live"), own));
    let next = scene.post(Audience::Workspace);
    assert_eq!(reader.facts(1).await, [next], "the own post is not sent again");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_resumed_is_reset_to_the_head() {
    let scene = Scene::start().await;
    scene.post_many(10, Audience::Workspace);
    scene.settle().await;
    scene.log.prune(Offset(5));
    let check = async |start: Start, resume: &str, offset: u64| {
        let hello = scene.open(1, start).await.next().await;
        let got = (hello.json()["resume"].as_str().map(str::to_owned), hello.offset());
        assert_eq!(got, (Some(resume.to_owned()), Offset(offset)), "{start:?}");
    };
    let after = |text: &str| Start::After(text.parse().unwrap());
    check(Start::Unreadable, "reset", 10).await;
    check(after("epoch001.10"), "reset", 10).await;
    check(after("epoch000.11"), "reset", 10).await;
    check(after("epoch000.4"), "replay", 4).await;
    check(after("epoch000.10"), "live", 10).await;
}

#[tokio::test(start_paused = true)]
async fn rows_pruned_under_a_replay_end_it_and_then_reset() {
    let scene = Scene::start().await;
    let posted = scene.post_many(10, Audience::Workspace);
    scene.settle().await;
    let held = scene.log.hold_last_values();
    let mut reader = scene.open_after(1, posted[0]).await;
    assert_eq!(reader.next().await.json()["resume"], "replay");
    scene.log.prune(posted[5]);
    scene.hub.forget(&posted); // so that they are read again
    drop(held);
    assert_eq!(reader.next().await.event, kind::STATE);
    assert_eq!(reader.next_or_end().await, None, "silence would be loss");
    let mut again = scene.open_after(1, posted[0]).await;
    assert_eq!(again.next().await.json()["resume"], "reset");
}

#[tokio::test(start_paused = true)]
async fn a_restart_resumes_in_the_old_epoch() {
    let mut scene = Scene::start().await;
    let before = scene.post_many(3, Audience::Workspace);
    scene.settle().await;
    scene.restart(Tuning::default()).await;
    let mut at_head = scene.open(1, Start::After("epoch000.3".parse().unwrap())).await;
    let hello = at_head.next().await;
    assert_eq!((hello.json()["resume"].as_str(), hello.id.as_deref()), (Some("live"), Some("epoch000.3")));
    scene.post(Audience::Workspace);
    assert_eq!(at_head.next_of("message_posted").await.id.as_deref(), Some("epoch001.4"));
    let mut behind = scene.open_after(1, before[0]).await;
    let ids: Vec<_> = behind.until_tick().await.into_iter().filter(Sse::is_fact).filter_map(|event| event.id).collect();
    assert_eq!(ids, ["epoch000.2", "epoch000.3", "epoch001.4"]);
}

#[tokio::test(start_paused = true)]
async fn a_replay_gives_nothing_of_a_room_before_the_joining_nor_of_others() {
    let scene = Scene::start().await;
    let start = scene.post(Audience::Workspace);
    scene.post(Audience::Room(room(1)));
    let joined = scene.log.join(member(1), room(1));
    let heard = scene.post(Audience::Room(room(1)));
    scene.post(Audience::Room(room(2)));
    scene.log.join(member(2), room(2));
    scene.post(Audience::Member(member(2)));
    scene.post(Audience::Nobody);
    let own = scene.post(Audience::Member(member(1)));
    scene.settle().await;
    let mut reader = scene.open_after(1, start).await;
    assert_eq!(offsets(&reader.until_tick().await), [joined, heard, own]);
}

#[tokio::test(start_paused = true)]
async fn a_long_log_of_others_is_passed_over() {
    let scene = Scene::start().await;
    let start = scene.post(Audience::Workspace);
    scene.post_many(1000, Audience::Member(member(2)));
    scene.settle().await;
    let mut reader = scene.open_after(1, start).await;
    let events = reader.until_tick().await;
    assert_eq!(offsets(&events), []);
    assert_eq!(events.last().unwrap().offset(), scene.log.head());
}

#[tokio::test(start_paused = true)]
async fn a_replay_of_large_rows_is_handed_out_in_bounded_pieces() {
    let scene = Scene::start().await;
    let start = scene.post(Audience::Workspace);
    let large: Vec<_> = (0..40).map(|_| scene.log.commit_large(Audience::Workspace, 50_000)).collect();
    scene.settle().await;
    let mut stream = scene.hub.subscribe(subscriber(1), Start::After(scene.log.cursor(start))).await;
    let mut heard = Vec::new();
    while heard.len() < large.len() {
        let bytes = stream.next().await.unwrap().into_events();
        assert!(bytes.len() <= 2 * 64 * 1024, "{} bytes at once", bytes.len());
        heard.extend(offsets(&take_events(&mut bytes.to_vec())));
    }
    assert_eq!(heard, large);
}

#[tokio::test(start_paused = true)]
async fn a_row_that_cannot_be_sent_is_passed_over_live_and_in_replay() {
    let scene = Scene::start().await;
    let mut live = scene.open(1, Start::Now).await;
    let first = scene.log.commit(Audience::Workspace);
    let poisoned = scene.log.commit(Audience::Workspace);
    scene.log.poison(poisoned, b"{\"a\":\n}");
    let last = scene.post(Audience::Workspace);
    assert_eq!(live.facts(2).await, [first, last]);
    let mut replayed = scene.open_after(2, Offset::ZERO).await;
    assert_eq!(offsets(&replayed.until_tick().await), [first, last]);
    assert_eq!(scene.hub.metrics().rows_poisoned(), 1);
}

/// The stream is cut after each of its bytes in turn; the client goes on from the last id it got whole.
#[tokio::test(start_paused = true)]
async fn a_break_after_any_byte_loses_nothing_and_doubles_nothing() {
    let scene = Scene::start().await;
    let start = scene.post(Audience::Workspace);
    scene.post_many(2, Audience::Workspace);
    scene.post(Audience::Member(member(2)));
    scene.post_many(2, Audience::Workspace);
    scene.settle().await;
    let expected = scene.log.visible(member(1), start);
    let mut cut = 0;
    loop {
        let (mut heard, mut cursor) = (Vec::new(), scene.log.cursor(start));
        let whole = {
            let mut stream = scene.hub.subscribe(subscriber(1), Start::After(cursor)).await;
            let mut bytes = Vec::new();
            while let Ok(Some(batch)) = timeout(std::time::Duration::from_millis(10), stream.next()).await {
                bytes.extend_from_slice(&batch.into_events());
            }
            bytes
        };
        let mut received = whole[..cut].to_vec();
        for event in take_events(&mut received) {
            if event.is_fact() {
                heard.push(event.offset());
            }
            cursor = event.id.map_or(cursor, |id| id.parse().unwrap());
        }
        let mut again = scene.open(1, Start::After(cursor)).await;
        assert_ne!(again.next().await.json()["resume"], "reset", "cut at {cut}");
        heard.extend(again.facts(expected.len() - heard.len()).await);
        assert_eq!(heard, expected, "cut at {cut}");
        if cut == whole.len() {
            break;
        }
        cut += 1;
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_readers_from_one_place_read_the_log_once() {
    let mut scene = Scene::start().await;
    let posted = scene.post_many(200, Audience::Workspace);
    scene.settle().await;
    scene.restart(Tuning::default()).await; // nothing is kept any more
    let before = scene.log.reads();
    let mut readers = Vec::new();
    for seed in 0..1_000_u32 {
        readers.push(scene.open_after(u8::try_from(seed % 250).unwrap(), posted[9]).await);
    }
    let heard = futures_util::future::join_all(readers.iter_mut().map(|reader| reader.facts(190))).await;
    assert!(heard.iter().all(|heard| heard == &posted[10..]));
    // Rows 11 to 200 lie on four pages of 64; the tail has looked once or twice in between.
    let reads = scene.log.reads() - before;
    assert!((4..=8).contains(&reads), "{reads}");
}

#[tokio::test(start_paused = true)]
async fn what_was_just_said_is_not_read_again() {
    let scene = Scene::start().await;
    let posted = scene.post_many(100, Audience::Workspace);
    scene.settle().await;
    let before = scene.log.reads();
    let mut reader = scene.open_after(1, posted[0]).await;
    assert_eq!(reader.facts(99).await, posted[1..]);
    assert_eq!(scene.log.reads(), before);
}

#[tokio::test(start_paused = true)]
async fn a_row_that_was_rewritten_is_replayed_as_it_is_now() {
    let scene = Scene::start().await;
    let posted = scene.post_many(70, Audience::Workspace);
    scene.settle().await;
    scene.log.poison(posted[5], b"{\"deleted\":true}");
    scene.hub.forget(&[posted[5]]);
    scene.post(Audience::Workspace);
    let mut reader = scene.open_after(1, posted[4]).await;
    assert_eq!(reader.next_of("message_posted").await.data, "{\"deleted\":true}");
    assert_eq!(reader.facts(65).await[..64], posted[6..]);
}
