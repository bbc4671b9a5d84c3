//! Too much at once: floods of streams and of posts, and whose quota is charged for them.

use std::time::Duration;

use serde_json::json;
use shared::{problem::ProblemCode, route, stream::Resume};

use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};

use crate::support::{
    actor::{Actor, new_client_id},
    app::TestApp,
    eventually,
    sse::SseReader,
    wire::{Answer, Request},
};

/// An open stream of a person who comes from that address, by what a proxy says.
async fn stream_from(person: &Actor, address: &str) -> SseReader {
    let mut stream = SseReader::open(person.address, &person.chat().header("x-forwarded-for", address)).await;
    stream.hello(Resume::Live).await;
    stream
}

async fn refused_from(person: &Actor, address: &str) -> Answer {
    person.chat().header("x-forwarded-for", address).send(person.address).await
}

#[tokio::test]
async fn a_flood_of_streams_is_turned_away_and_open_ones_live_on() {
    let app = TestApp::start_with(&["--max-streams-per-user", "2"]).await;
    let ana = app.user("ana").await;
    let mut first = ana.open_chat().await;
    let second = ana.open_chat().await;
    for _ in 0..20 {
        ana.chat().send(app.address).await.refuses(ProblemCode::RateLimited);
    }
    // Another of the person's sessions is the same person; another person is not.
    ana.signed_in_again().await.chat().send(app.address).await.refuses(ProblemCode::RateLimited);
    let mut others = app.owner().open_chat().await;
    app.owner().says("still here").await;
    assert_eq!(first.bodies(1).await, ["still here"]);
    assert_eq!(others.bodies(1).await, ["still here"]);

    drop(second);
    eventually("the closed stream's place is free", || async {
        let stream = SseReader::open(app.address, &ana.chat()).await;
        (stream.header("content-type") == Some("text/event-stream; charset=utf-8")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_server_that_is_full_says_so() {
    let app = TestApp::start_with(&["--max-streams", "1"]).await;
    let ana = app.user("ana").await;
    let mut stream = ana.open_chat().await;
    app.owner().chat().send(app.address).await.refuses(ProblemCode::Unavailable);
    app.owner().says("heard").await;
    assert_eq!(stream.bodies(1).await, ["heard"]);
}

/// A connection that is held, and its answer when it got one without asking.
async fn connect(app: &TestApp) -> (TcpStream, Option<String>) {
    let mut socket = TcpStream::connect(app.address).await.unwrap();
    let mut said = vec![0; 1024];
    match timeout(Duration::from_millis(300), socket.read(&mut said)).await {
        Err(_) => (socket, None),
        Ok(count) => (socket, Some(String::from_utf8_lossy(&said[..count.unwrap_or(0)]).into_owned())),
    }
}

#[tokio::test]
async fn a_connection_too_many_is_told_to_come_back() {
    let open = TestApp::start().await;
    for options in [["--max-connections", "2"], ["--max-connections-per-address", "2"]] {
        let app = TestApp::start_closed(&options).await;
        let mut held = Vec::new();
        for _ in 0..2 {
            let (socket, said) = connect(&app).await;
            assert_eq!(said, None, "{options:?}");
            held.push(socket);
        }
        let (_, said) = connect(&app).await;
        let said = said.unwrap_or_else(|| panic!("{options:?}: not turned away"));
        assert!(said.starts_with("HTTP/1.1 503 ") && said.contains("\r\nRetry-After: 2\r\n"), "{said}");
        // Whoever asks at once hears it too.
        let answer = Request::new("GET", "/healthz").send(app.address).await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("2")));
        held.pop();
        eventually("the closed connection's place is free", || async { connect(&app).await.1.is_none().then_some(()) })
            .await;
        drop(held);
    }
    assert_eq!(Request::new("GET", "/healthz").send(open.address).await.status, 200);
    // All people's connections come from the proxy.
    let options = ["--max-connections-per-address", "1", "--trusted-proxy", "127.0.0.0/8"];
    let app = TestApp::start_closed(&options).await;
    let held = [connect(&app).await, connect(&app).await, connect(&app).await];
    assert!(held.iter().all(|(_, said)| said.is_none()));
}

#[tokio::test]
async fn only_a_trusted_proxy_says_whose_quota_is_charged() {
    let limits = ["--max-streams-per-address", "1"];
    let app = TestApp::start_with(&[&limits[..], &["--trusted-proxy", "127.0.0.1/32"]].concat()).await;
    let owner = app.owner();
    let _first = stream_from(owner, "203.0.113.7").await;
    refused_from(owner, "203.0.113.7").await.refuses(ProblemCode::RateLimited);
    // What stands left of the address that the proxy saw was written by its client.
    refused_from(owner, "198.51.100.1, 203.0.113.7").await.refuses(ProblemCode::RateLimited);
    let _second = stream_from(owner, "203.0.113.8").await;
    let _third = stream_from(owner, "2001:db8:0:1::1").await;
    refused_from(owner, "2001:db8:0:1:ffff::2").await.refuses(ProblemCode::RateLimited);
    let _fourth = stream_from(owner, "2001:db8:0:2::1").await;

    let app = TestApp::start_with(&limits).await;
    let _stream = stream_from(app.owner(), "203.0.113.7").await;
    for header in ["x-forwarded-for", "forwarded", "x-real-ip"] {
        let request = app.owner().chat().header(header, "203.0.113.9");
        request.send(app.address).await.refuses(ProblemCode::RateLimited);
    }
}

#[tokio::test]
async fn posts_above_the_rate_are_refused_for_that_person_alone() {
    let app = TestApp::start_with(&["--post-rate", "1"]).await;
    let ana = app.user("ana").await;
    let mut refused = 0;
    for _ in 0..20 {
        let answer = ana.post_to("general", "again").await;
        if answer.status != 201 {
            refused += 1;
            answer.refuses(ProblemCode::RateLimited);
            assert_eq!(answer.header("retry-after"), Some("1"));
        }
    }
    assert!((1..=10).contains(&refused), "ten at once, and then one a second: {refused} of 20 were refused");
    app.owner().says("unhindered").await;
    assert!(app.owner().history().await.messages.len() <= 21 - refused);
}

#[tokio::test]
async fn a_limit_of_zero_is_none() {
    let none = ["--post-rate", "0", "--max-streams", "0", "--max-streams-per-user", "0"];
    let app = TestApp::start_with(&[&none[..], &["--max-streams-per-address", "0"]].concat()).await;
    let mut streams = Vec::new();
    for _ in 0..70 {
        streams.push(app.owner().open_chat().await);
    }
    // Of one request key, so that the store is not what is tested.
    let message = json!({"client_id": new_client_id(), "body": "once"});
    for round in 0..520 {
        let answer = app.owner().post(route::messages("general"), &message).await;
        assert_eq!(answer.status, if round == 0 { 201 } else { 200 });
    }
}
