//! `kill -9` in the middle of a burst: what was acknowledged is there, once, in order (guarantees G1, G2, G4).

use std::{collections::BTreeSet, time::Duration};

use serde_json::json;
use shared::{cursor::Cursor, id::ClientId, message::MessagePage, request::MessagePosted, route, stream::Resume};
use tokio::{sync::mpsc, task::JoinHandle};

use crate::support::{
    actor::{Actor, new_client_id},
    process::Process,
    wire::Request,
};

/// Guarantee G1 asks for 30 in CI. Several in one life of the data, so that each start meets what the last one left.
const KILLS: usize = 30;
const WRITERS: usize = 4;

/// A post whose sender does not know what became of it, or does.
struct Attempt {
    client_id: ClientId,
    body: String,
    answer: Option<MessagePosted>,
}

/// Posts one message after the other until the connection breaks.
fn write_until_killed(actor: Actor, writer: usize, round: usize, acked: mpsc::Sender<()>) -> JoinHandle<Vec<Attempt>> {
    tokio::spawn(async move {
        let mut attempts = Vec::new();
        for number in 0.. {
            let (client_id, body) = (new_client_id(), format!("{round}.{writer}.{number}"));
            let request = Request::new("POST", route::messages("general")).bearer(&actor.token);
            let answer = request.json(&json!({"client_id": client_id, "body": body})).try_send(actor.address).await;
            let is_last = answer.is_none();
            let answer = answer.map(|answer| answer.json::<MessagePosted>(201));
            attempts.push(Attempt { client_id, body, answer });
            if is_last {
                break;
            }
            let _ = acked.try_send(());
        }
        attempts
    })
}

/// The whole history, oldest first, and where it is true.
async fn whole_history(actor: &Actor) -> (Vec<shared::message::Message>, Cursor) {
    let mut messages = Vec::new();
    loop {
        let after = messages.last().map_or(0, |message: &shared::message::Message| message.offset.0);
        let page: MessagePage =
            actor.get(format!("{}?after={after}&limit=100", route::messages("general"))).await.json(200);
        messages.extend(page.messages);
        if !page.more_after {
            return (messages, page.as_of);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_or_doubled() {
    let directory = tempfile::tempdir().unwrap();
    let server = Process::start(directory.path()).await;
    let owner = Actor::owner(server.address, "olga").await;
    let start = owner.snapshot().await.cursor;
    let mut server = Some(server);
    let mut all: Vec<Attempt> = Vec::new();
    let mut unknown = 0;
    for round in 0..KILLS {
        let running = match server.take() {
            Some(running) => running,
            None => Process::start(directory.path()).await,
        };
        let here = owner.at(running.address);
        let (acked, mut acks) = mpsc::channel(1024);
        let writers: Vec<_> =
            (0..WRITERS).map(|writer| write_until_killed(here.clone(), writer, round, acked.clone())).collect();
        // In the middle of the burst, each time a little elsewhere.
        for _ in 0..5 + round % 7 {
            acks.recv().await.expect("the writers run");
        }
        tokio::time::sleep(Duration::from_micros(137 * round as u64)).await;
        running.kill().await;
        for writer in writers {
            let attempts = writer.await.unwrap();
            unknown += attempts.iter().filter(|attempt| attempt.answer.is_none()).count();
            all.extend(attempts);
        }
    }
    assert!(unknown >= KILLS, "the kills hit posts under way: {unknown}");

    let server = Process::start(directory.path()).await;
    let here = owner.at(server.address);
    let (kept, as_of) = whole_history(&here).await;
    check(&all, &kept);
    here.settled().await;
    replay_agrees(&here, start, &kept).await;
    retries_send_once(&here, &all, as_of).await;
}

/// Every acknowledged message is kept as it was acknowledged; nothing is there twice; a writer's messages are in order.
fn check(all: &[Attempt], kept: &[shared::message::Message]) {
    assert!(kept.windows(2).all(|pair| pair[0].offset < pair[1].offset));
    let keys: BTreeSet<_> = kept.iter().map(|message| message.client_id).collect();
    assert_eq!(keys.len(), kept.len(), "no key made two messages");
    for attempt in all {
        let found = kept.iter().find(|message| message.client_id == attempt.client_id);
        match (&attempt.answer, found) {
            (Some(posted), found) => assert_eq!(Some(&posted.message), found, "acknowledged, then lost"),
            (None, Some(found)) => assert_eq!(found.body, attempt.body),
            (None, None) => {}
        }
    }
    let sent: BTreeSet<_> = all.iter().map(|attempt| attempt.client_id).collect();
    assert!(keys.is_subset(&sent), "nothing is there that nobody sent");
    let place = |body: &str| kept.iter().position(|message| message.body == body);
    let acknowledged: Vec<_> = all.iter().filter(|attempt| attempt.answer.is_some()).collect();
    for pair in acknowledged.windows(2) {
        let same_writer = |attempt: &Attempt| attempt.body.rsplit_once('.').map(|(writer, _)| writer.to_owned());
        if same_writer(pair[0]) == same_writer(pair[1]) {
            assert!(place(&pair[0].body) < place(&pair[1].body), "a writer's own order");
        }
    }
}

/// A reader that was away the whole time hears exactly the history.
async fn replay_agrees(actor: &Actor, start: Cursor, kept: &[shared::message::Message]) {
    actor.settled().await;
    let mut stream = actor.open_chat_after(start).await;
    stream.hello(Resume::Replay).await;
    let (facts, tick) = stream.facts_until_tick().await;
    assert_eq!(tick.sent, facts.len() as u64);
    let heard: Vec<_> = facts
        .iter()
        .filter_map(|fact| match &fact.event {
            shared::event::Event::MessagePosted(posted) => Some(posted.message.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(heard, kept);
}

/// Whoever does not know sends again, and then it is there once.
async fn retries_send_once(actor: &Actor, all: &[Attempt], as_of: Cursor) {
    for attempt in all.iter().filter(|attempt| attempt.answer.is_none()) {
        let body = json!({"client_id": attempt.client_id, "body": attempt.body});
        let answer = actor.post(route::messages("general"), &body).await;
        let posted: MessagePosted = answer.json(answer.status);
        let was_kept = posted.message.offset <= as_of.offset;
        assert_eq!(answer.status, if was_kept { 200 } else { 201 });
    }
    let (kept, _) = whole_history(actor).await;
    assert_eq!(kept.len(), all.len(), "every logical send is one message");
}
