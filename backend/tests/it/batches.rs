//! The stream in batches (PROTOCOL §11): ordinary answers that end, for readers behind something that holds streams back.

use shared::{
    cursor::Cursor,
    problem::ProblemCode,
    route,
    stream::{Resume, kind},
};

use crate::support::{
    actor::Actor,
    app::TestApp,
    sse::{SseEvent, SseReader},
    wire::Request,
};

fn batch(actor: &Actor, after: Cursor, wait: &str) -> Request {
    Request::new("GET", format!("{}?after={after}&mode=batch{wait}", route::CHAT)).bearer(&actor.token)
}

/// The whole answer, event by event.
async fn read(actor: &Actor, request: &Request) -> Vec<SseEvent> {
    let mut stream = SseReader::open(actor.address, request).await;
    let mut events = Vec::new();
    while let Some(event) = stream.next().await {
        events.push(event);
    }
    events
}

fn kinds(events: &[SseEvent]) -> Vec<&str> {
    events.iter().map(|event| &*event.kind).collect()
}

#[tokio::test]
async fn a_batch_is_a_whole_document() {
    let app = TestApp::start().await;
    let start = app.owner().settled().await;
    app.owner().says("one").await;
    app.owner().says("two").await;
    let head = app.owner().settled().await;
    let events = read(app.owner(), &batch(app.owner(), start, "")).await;
    assert_eq!(kinds(&events), ["hello", "state", "message_posted", "message_posted", "tick"]);
    assert_eq!((events[4].cursor(), &*events[0].retry.clone().unwrap()), (head, "2000"));

    // What asks for it at once gets it at once, with news or without.
    let events = read(app.owner(), &batch(app.owner(), head, "&wait=0")).await;
    assert_eq!(kinds(&events), ["hello", "state", "tick"]);
    assert_eq!(events[2].cursor(), head);
}

#[tokio::test]
async fn a_batch_without_news_waits_for_them() {
    let app = TestApp::start().await;
    let head = app.owner().settled().await;
    let request = batch(app.owner(), head, "");
    let mut stream = SseReader::open(app.address, &request).await;
    stream.hello(Resume::Live).await;
    stream.until(kind::STATE).await;
    app.owner().says("late").await;
    assert_eq!(stream.bodies(1).await, ["late"]);
    assert_eq!(stream.next().await.unwrap().kind, kind::TICK);
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_through_batches() {
    let app = TestApp::start().await;
    let (mut cursor, mut heard) = (app.owner().settled().await, Vec::new());
    let writer = app.user("ana").await;
    let writing = tokio::spawn(async move {
        for count in 0..60 {
            writer.says(&count.to_string()).await;
        }
    });
    while heard.len() < 60 {
        let events = read(app.owner(), &batch(app.owner(), cursor, "")).await;
        for event in &events {
            cursor = event.id.as_ref().map_or(cursor, |_| event.cursor());
            if event.kind == "message_posted" {
                heard.push(event.json::<shared::event::MessagePosted>().message.body);
            }
        }
        assert_eq!(events.last().unwrap().kind, kind::TICK);
    }
    writing.await.unwrap();
    assert_eq!(heard, (0..60).map(|count| count.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_batch_is_guarded_counted_and_answered_like_any_stream() {
    let app = TestApp::start_with(&["--max-streams-per-user", "1"]).await;
    let head = app.owner().settled().await;
    let request = batch(app.owner(), head, "");
    let answer = Request::new("HEAD", format!("{}?mode=batch", route::CHAT)).bearer(&app.owner().token);
    let answer = answer.send(app.address).await;
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_eq!(answer.header("content-type"), Some("text/event-stream; charset=utf-8"));

    let mut waiting = SseReader::open(app.address, &request).await;
    assert_eq!(waiting.header("content-type"), Some("text/event-stream; charset=utf-8"));
    waiting.hello(Resume::Live).await;
    request.send(app.address).await.refuses(ProblemCode::RateLimited);
    Request::new("GET", format!("{}?mode=batch", route::CHAT))
        .send(app.address)
        .await
        .refuses(ProblemCode::NotSignedIn);
    app.owner().says("done").await;
    assert_eq!(waiting.facts_until_tick().await.0.len(), 1);
    assert_eq!(waiting.next().await, None);
}
