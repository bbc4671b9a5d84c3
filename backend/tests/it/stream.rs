//! The stream as a client lives with it: live, resumed, replayed, reset; never silent about a loss.

use shared::{
    cursor::Cursor,
    event::Event,
    problem::ProblemCode,
    replica::{Replica, window::PageAt},
    route,
    stream::{Bye, ByeReason, Hello, Resume},
};

use crate::support::{actor::Actor, app::TestApp, sse::SseReader, wire::Request};

/// The words of a hello that came for these headers and this query.
async fn resume_of(actor: &Actor, query: &str, last_event_ids: &[&[u8]]) -> (Resume, Cursor) {
    let request = Request::new("GET", format!("{}{query}", route::CHAT)).bearer(&actor.token);
    let request = last_event_ids.iter().fold(request, |request, id| request.header("last-event-id", id));
    let mut stream = SseReader::open(actor.address, &request).await;
    let hello = stream.next().await.expect("a hello");
    assert_eq!(hello.kind, "hello");
    (hello.json::<Hello>().resume, hello.cursor())
}

#[tokio::test]
async fn everyone_hears_what_is_said_once_and_in_order() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let mut streams = [ana.open_chat().await, app.owner().open_chat().await];
    for stream in &mut streams {
        assert_eq!(stream.header("content-type"), Some("text/event-stream; charset=utf-8"));
        assert_eq!(stream.header("cache-control"), Some("no-cache, no-store, no-transform"));
        assert_eq!(stream.header("x-accel-buffering"), Some("no"));
        stream.hello(Resume::Live).await;
    }
    for number in 0..20 {
        let author = if number % 2 == 0 { &ana } else { app.owner() };
        author.says(&number.to_string()).await;
    }
    let expected: Vec<_> = (0..20).map(|number| number.to_string()).collect();
    for stream in &mut streams {
        assert_eq!(stream.bodies(20).await, expected);
    }
}

#[tokio::test]
async fn hello_says_who_and_where_and_how() {
    let app = TestApp::start().await;
    let mut stream = app.owner().open_chat().await;
    let event = stream.hello(Resume::Live).await;
    let hello: Hello = event.json();
    assert_eq!(hello.you, app.owner().me);
    assert_eq!((hello.protocol, hello.behind, hello.heartbeat_ms), (1, 0, 15_000));
    assert_eq!(hello.events, Event::KINDS);
    assert_eq!(event.retry.as_deref(), Some("2000"));
    assert_eq!(event.cursor(), app.owner().settled().await);
    assert_eq!(stream.next().await.unwrap().kind, "state");
}

#[tokio::test]
async fn who_comes_back_hears_what_was_missed_and_then_what_happens() {
    let app = TestApp::start().await;
    let mut stream = app.owner().open_chat().await;
    let seen = stream.hello(Resume::Live).await.cursor();
    drop(stream);
    for number in 0..5 {
        app.owner().says(&number.to_string()).await;
    }
    app.owner().settled().await;
    let mut stream = app.owner().open_chat_after(seen).await;
    let hello = stream.hello(Resume::Replay).await;
    assert_eq!((hello.cursor(), hello.json::<Hello>().behind), (seen, 5));
    let (facts, tick) = stream.facts_until_tick().await;
    assert_eq!((facts.len(), tick.sent), (5, 5));
    app.owner().says("live").await;
    assert_eq!(stream.bodies(1).await, ["live"]);

    app.owner().settled().await;
    // The same by a query, as the web client does it on a new EventSource.
    let request = Request::new("GET", format!("{}?after={seen}", route::CHAT)).bearer(&app.owner().token);
    let mut stream = SseReader::open(app.address, &request).await;
    stream.hello(Resume::Replay).await;
    assert_eq!(stream.facts_until_tick().await.0.len(), 6);
}

#[tokio::test]
async fn each_place_of_a_replay_can_be_resumed() {
    let app = TestApp::start().await;
    let start = app.owner().snapshot().await.cursor;
    for number in 0..6 {
        app.owner().says(&number.to_string()).await;
    }
    app.owner().settled().await;
    let mut stream = app.owner().open_chat_after(start).await;
    stream.hello(Resume::Replay).await;
    let (facts, _) = stream.facts_until_tick().await;
    for (index, fact) in facts.iter().enumerate() {
        let mut stream = app.owner().open_chat_after(fact.cursor).await;
        let rest = if index + 1 == facts.len() {
            stream.hello(Resume::Live).await;
            Vec::new()
        } else {
            stream.hello(Resume::Replay).await;
            stream.facts_until_tick().await.0
        };
        assert_eq!(rest, facts[index + 1..]);
    }
}

#[tokio::test]
async fn a_restart_is_no_loss() {
    let app = TestApp::start().await;
    let before = app.owner().snapshot().await.cursor;
    app.owner().says("before").await;
    let app = app.restart().await;
    app.owner().says("after").await;
    let mut stream = app.owner().open_chat_after(before).await;
    stream.hello(Resume::Replay).await;
    assert_eq!(stream.bodies(2).await, ["before", "after"]);
    assert_ne!(app.owner().snapshot().await.cursor.epoch, before.epoch, "each start begins an epoch");
}

#[tokio::test]
async fn a_cursor_that_cannot_be_resumed_says_so() {
    let app = TestApp::start().await;
    app.owner().says("hello").await;
    let head = app.owner().settled().await;
    let ahead = Cursor { offset: shared::cursor::Offset(head.offset.0 + 5), ..head };
    let long = "9".repeat(8 * 1024);
    let (ahead, known) = (ahead.to_string(), head.to_string());
    let words = [
        "0",
        "-1",
        "+1",
        " ",
        "007",
        "1.5",
        "0x10",
        "١٢٣",
        "18446744073709551616",
        "latest",
        "null",
        "undefined",
        "zzzzzzzz.1",
        &"9".repeat(40),
        &long,
        &ahead,
        &format!("{}.-1", head.epoch),
        &format!("{}.01", head.epoch),
        &format!("{known}.1"),
        &known.to_uppercase(),
        &format!("{}.18446744073709551616", head.epoch),
        "' OR 1=1 --",
        "{\"a\":1}",
    ];
    for word in words {
        let (resume, cursor) = resume_of(app.owner(), "", &[word.as_bytes()]).await;
        // White space around a header's value is not part of it, so a blank one is absent (RFC 9110 §5.5).
        let expected = if word.trim().is_empty() { Resume::Live } else { Resume::Reset };
        assert_eq!((resume, cursor), (expected, head), "{word:.60}");
    }
    assert_eq!(resume_of(app.owner(), "", &[b"\xff\xfe"]).await.0, Resume::Reset);
    assert_eq!(resume_of(app.owner(), "", &[known.as_bytes(), known.as_bytes()]).await.0, Resume::Reset);
    for query in [
        "?after=0",
        "?after=-1",
        "?after=%00",
        "?after=%0d%0aevent:%20x",
        "?after=%ff",
        "?after=%zz",
        "?after=x&after=y",
    ] {
        assert_eq!(resume_of(app.owner(), query, &[]).await, (Resume::Reset, head), "{query}");
    }
}

#[tokio::test]
async fn an_empty_cursor_is_none_and_the_header_counts_before_the_query() {
    let app = TestApp::start().await;
    let start = app.owner().snapshot().await.cursor;
    app.owner().says("hello").await;
    let head = app.owner().settled().await;
    assert_eq!(resume_of(app.owner(), "?after=", &[b""]).await, (Resume::Live, head));
    assert_eq!(resume_of(app.owner(), "?after=nonsense", &[head.to_string().as_bytes()]).await.0, Resume::Live);
    assert_eq!(resume_of(app.owner(), &format!("?after={start}"), &[b""]).await, (Resume::Replay, start));
}

#[tokio::test]
async fn a_cursor_gives_nobody_elses_events() {
    let app = TestApp::start().await;
    let start = app.owner().snapshot().await.cursor;
    let ana = app.user("ana").await;
    app.owner().says("to all").await;
    app.owner().settled().await;
    // The owner's cursor lies before Ana was invited: she hears that she joined, and nothing of the room from before it.
    let mut stream = ana.open_chat_after(start).await;
    stream.hello(Resume::Replay).await;
    let kinds: Vec<_> = stream.facts_until_tick().await.0.iter().map(|fact| fact.event.kind()).collect();
    assert_eq!(kinds, ["member_joined", "room_joined", "room_member_joined", "message_posted"]);
    let mut stream = app.owner().open_chat_after(start).await;
    stream.hello(Resume::Replay).await;
    let kinds: Vec<_> = stream.facts_until_tick().await.0.iter().map(|fact| fact.event.kind()).collect();
    assert_eq!(kinds, ["audit_logged", "member_joined", "room_member_joined", "message_posted"]);
}

#[tokio::test]
async fn snapshot_and_events_are_the_new_snapshot() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let old = app.owner().snapshot().await;
    let room = old.rooms[0].id;
    let mut replica = Replica::from_snapshot(old.clone());
    replica.begin_page(room);
    assert!(replica.merge_page(room, PageAt::Latest, app.owner().history().await));

    let mut stream = app.owner().open_chat_after(old.cursor).await;
    stream.hello(Resume::Live).await;
    ana.says("one").await;
    app.owner().says("two").await;
    app.user("ben").await.says("three").await;
    while replica.cursor.offset < app.owner().snapshot().await.cursor.offset {
        let event = stream.next().await.unwrap();
        if let Some(fact) = event.fact() {
            replica.apply(&fact);
        }
        // Ben's own `room_joined` lies between, and is for him alone: only a tick would say so.
        if replica.cursor.offset.0 + 1 == app.owner().snapshot().await.cursor.offset.0 && event.kind == "message_posted"
        {
            break;
        }
    }
    let new = app.owner().snapshot().await;
    let mut fresh = Replica::from_snapshot(new.clone());
    fresh.begin_page(room);
    fresh.merge_page(room, PageAt::Latest, app.owner().history().await);
    replica.advance(new.cursor);
    assert_eq!(replica, fresh);
}

#[tokio::test]
async fn only_the_signed_in_hear_anything() {
    let app = TestApp::start().await;
    Request::new("GET", route::CHAT).send(app.address).await.refuses(ProblemCode::NotSignedIn);
    Request::new("GET", route::CHAT).bearer("x").send(app.address).await.refuses(ProblemCode::NotSignedIn);
    Request::new("POST", route::CHAT)
        .bearer(&app.owner().token)
        .send(app.address)
        .await
        .refuses(ProblemCode::MethodNotAllowed);
}

#[tokio::test]
async fn a_head_request_has_the_head_alone() {
    let app = TestApp::start().await;
    let answer = Request::new("HEAD", route::CHAT).bearer(&app.owner().token).send(app.address).await;
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_eq!(answer.header("content-type"), Some("text/event-stream; charset=utf-8"));
}

#[tokio::test]
async fn the_head_of_a_taken_over_stream_is_that_of_any_other() {
    let app = TestApp::start_with(&["--allow-origin", "https://listed.example"]).await;
    let request = || app.owner().chat().header("origin", "https://listed.example");
    let stream = SseReader::open(app.address, &request()).await;
    let whole = String::from_utf8(request().bytes()).unwrap();
    let plain = whole.replace("HTTP/1.1", "HTTP/1.0");
    let plain = SseReader::head_of(app.address, plain.as_bytes()).await;
    let names = |head: &[(String, String)]| {
        let own = ["transfer-encoding", "connection", "date", "x-request-id"];
        let kept = head.iter().filter(|(name, _)| !own.contains(&name.as_str())).cloned();
        kept.collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(names(&stream.head.1), names(&plain.1));
    assert!(stream.header("access-control-allow-origin").is_some());
}

#[tokio::test]
async fn a_stop_says_goodbye() {
    let app = TestApp::start().await;
    let mut stream = app.owner().open_chat().await;
    stream.hello(Resume::Live).await;
    app.begin_to_stop();
    let event = stream.until("bye").await;
    let bye: Bye = event.json();
    assert_eq!(bye.reason, ByeReason::Shutdown);
    assert_eq!(event.retry, Some(bye.retry_ms.to_string()));
    assert_eq!(stream.next().await, None);
}
