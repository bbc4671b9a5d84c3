//! The accept loop and the takeover on real sockets. Time is paused: it jumps when nobody has anything left to do, so a
//! time-out of ten seconds costs none.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod http2;
mod raw;

use std::{collections::BTreeMap, io, time::Duration};

use axum::{
    Extension, Router,
    extract::Request,
    routing::{get, post},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body_util::BodyExt;
use tokio::{
    net::TcpStream,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use tower::ServiceExt;

use self::raw::{Client, DATE};
use super::*;
use crate::{
    domain::audience::Audience,
    http::{caps::StreamPlace, chat, takeover::Slot},
    live::{
        Start,
        ending::EndReason,
        testing::{Scene, session, subscriber},
    },
};

/// A server with the stream, a page, and a request that takes two seconds.
struct Server {
    scene: Scene,
    address: std::net::SocketAddr,
    serving: JoinHandle<()>,
}

impl Server {
    async fn start() -> Self {
        Self::of(Scene::start().await)
    }

    fn of(scene: Scene) -> Self {
        let serving = Serving::plain(router(&scene), scene.shutdown.clone());
        Self::serving(scene, serving)
    }

    fn serving(scene: Scene, serving: Serving) -> Self {
        let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        Self { scene, address, serving: tokio::spawn(serve(listener, serving)) }
    }

    async fn connect(&self) -> Client {
        Client::of(TcpStream::connect(self.address).await.unwrap())
    }

    async fn ask(&self, request: &str) -> Client {
        let mut client = self.connect().await;
        client.send(request).await;
        client
    }

    /// Waits until a stream has ended for this reason.
    async fn ended(&self, reason: EndReason) {
        let ended = async {
            while self.scene.hub.metrics().ended(reason) == 0 {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(Duration::from_secs(60), ended).await.unwrap_or_else(|_| panic!("no stream ended: {reason:?}"));
    }
}

fn router(scene: &Scene) -> Router {
    let (hub, clock) = (scene.hub.clone(), scene.clock.clone());
    let open = move |request: Request| async move {
        let (parts, _) = request.into_parts();
        chat::answer(&hub, &*clock, &parts, subscriber(1), common(), StreamPlace::default()).await
    };
    let slow = || async {
        sleep(Duration::from_secs(2)).await;
        "done"
    };
    let large = || async { "x".repeat(8 << 20) };
    let peer = |Extension(axum::extract::ConnectInfo(peer)): Extension<axum::extract::ConnectInfo<SocketAddr>>| async move {
        peer.to_string()
    };
    Router::new()
        .route("/chat", get(open))
        .route("/page", get(async || "hello"))
        .route("/peer", get(peer))
        .route("/large", get(large))
        .route("/slow", post(slow))
}

/// What the layers add to every answer, in these tests.
fn common() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("x-request-id", HeaderValue::from_static("q1"));
    headers.insert("vary", HeaderValue::from_static("Origin"));
    headers.append("vary", HeaderValue::from_static("Cookie"));
    headers
}

const GET_CHAT: &str = "GET /chat HTTP/1.1\r\nHost: a\r\n\r\n";

#[tokio::test(start_paused = true)]
async fn a_stream_is_taken_over_and_carries_facts() {
    let server = Server::start().await;
    let mut client = server.ask(GET_CHAT).await;
    let head = client.head().await;
    assert_eq!(head.status, 200);
    assert_eq!(head.headers["content-type"], ["text/event-stream; charset=utf-8"]);
    assert_eq!(head.headers["transfer-encoding"], ["chunked"]);
    assert_eq!(client.event().await.event, "hello");
    assert_eq!(client.event().await.event, "state");
    let posted = server.scene.post_many(100, Audience::Workspace);
    for offset in posted {
        assert_eq!(client.event().await.offset(), offset);
    }
    // Whatever a client says now is ignored.
    client.send("GET /page HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let posted = server.scene.post(Audience::Workspace);
    assert_eq!(client.event().await.offset(), posted);
    server.scene.hub.end_sessions(&[session(1)]);
    assert_eq!(client.event().await.event, "bye");
    assert!(client.ends_well().await, "the last chunk, then the end");
    server.ended(EndReason::SessionEnded).await;
}

/// Both drivers make the same head, but for what belongs to the connection.
#[tokio::test(start_paused = true)]
async fn the_heads_of_all_carriers_are_the_same() {
    let server = Server::start().await;
    let of_connection = ["transfer-encoding", "connection", "date"];
    let end_to_end = |mut headers: BTreeMap<String, Vec<String>>| {
        headers.retain(|name, _| !of_connection.contains(&name.as_str()));
        headers
    };
    let taken_over = server.ask(GET_CHAT).await.head().await;
    let body = server.ask("GET /chat HTTP/1.0\r\nHost: a\r\n\r\n").await.head().await;
    let head_alone = server.ask("HEAD /chat HTTP/1.1\r\nHost: a\r\n\r\n").await.head().await;
    assert_eq!(taken_over.headers.keys().filter(|name| of_connection.contains(&name.as_str())).count(), 3);
    assert!(DATE.is_match_of(&taken_over.headers["date"][0]), "{:?}", taken_over.headers["date"]);
    let expected = end_to_end(taken_over.headers);
    assert_eq!(expected["vary"], ["Origin", "Cookie"]);
    assert_eq!(end_to_end(body.headers), expected);
    assert_eq!(end_to_end(head_alone.headers), expected);

    let request = Request::get("/chat").body(axum::body::Body::empty()).unwrap();
    let direct = router(&server.scene).oneshot(request).await.unwrap();
    assert_eq!(direct.status(), StatusCode::OK);
    let mut headers = BTreeMap::<_, Vec<_>>::new();
    for (name, value) in direct.headers() {
        headers.entry(name.to_string()).or_default().push(value.to_str().unwrap().to_owned());
    }
    assert_eq!(headers, expected);
    let first = direct.into_body().frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(first.starts_with(b"retry: 2000\nevent: hello\n"));
}

#[tokio::test(start_paused = true)]
async fn an_http_1_0_peer_gets_a_plain_body_ended_by_close() {
    let server = Server::start().await;
    let mut client = server.ask("GET /chat HTTP/1.0\r\n\r\n").await;
    let head = client.head().await;
    assert!(!head.headers.contains_key("transfer-encoding"), "{head:?}");
    assert_eq!(client.plain_event().await.event, "hello");
    assert_eq!(client.plain_event().await.event, "state");
    let posted = server.scene.post(Audience::Workspace);
    assert_eq!(client.plain_event().await.offset(), posted);
    server.scene.hub.end_sessions(&[session(1)]);
    assert_eq!(client.plain_event().await.event, "bye");
    assert!(client.is_closed().await);
}

#[tokio::test(start_paused = true)]
async fn a_head_request_opens_no_stream_and_keeps_the_connection() {
    let server = Server::start().await;
    let mut client = server.ask("HEAD /chat HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let head = client.head().await;
    assert!(!head.headers.contains_key("content-length"), "a stream has none: {head:?}");
    client.send("GET /page HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(client.head().await.status, 200);
    assert_eq!(client.take(5).await, b"hello");
    assert_eq!(server.scene.hub.metrics().open_streams(), 0);
}

#[tokio::test(start_paused = true)]
async fn answers_to_earlier_requests_come_first() {
    let server = Server::start().await;
    let mut client = Client::of(raw::connect_with_small_buffer(server.address).await);
    client.send(&format!("GET /large HTTP/1.1\r\nHost: a\r\n\r\n{GET_CHAT}")).await;
    sleep(Duration::from_secs(1)).await; // the server has written what it could, and read both requests
    assert_eq!(client.head().await.status, 200);
    let body = client.take(8 << 20).await;
    assert!(body.iter().all(|&byte| byte == b'x'));
    assert_eq!(client.head().await.status, 200);
    assert_eq!(client.event().await.event, "hello");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_away_is_counted() {
    let server = Server::start().await;
    let mut client = server.ask(GET_CHAT).await;
    client.head().await;
    assert_eq!(server.scene.hub.metrics().open_streams(), 1);
    drop(client);
    server.ended(EndReason::ClientGone).await;
    assert_eq!(server.scene.hub.metrics().open_streams(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_away_is_logged_in_one_line() {
    let log = raw::CapturedLog::default();
    let _guard = log.install();
    let server = Server::start().await;
    let mut client = server.ask(GET_CHAT).await;
    client.head().await;
    client.event().await;
    client.event().await;
    let posted = server.scene.post(Audience::Workspace);
    assert_eq!(client.event().await.offset(), posted);
    drop(client);
    server.ended(EndReason::ClientGone).await;
    let lines = log.lines_with("stream ended");
    assert_eq!(lines.len(), 1, "{lines:?}");
    for field in ["member=u_", "session=s_", "reason=\"client_gone\"", "duration_ms=", "facts=1", "bytes="] {
        assert!(lines[0].contains(field), "{field} in {}", lines[0]);
    }
}

/// A reader that reads nothing, with a small receive buffer, while 8 MB of facts come.
#[tokio::test(start_paused = true)]
async fn a_client_that_reads_nothing_is_cut_and_nobody_else_notices() {
    let server = Server::start().await;
    let mut stuck = Client::of(raw::connect_with_small_buffer(server.address).await);
    stuck.send(GET_CHAT).await;
    let mut quick = server.ask(GET_CHAT).await;
    quick.head().await;
    let large: Vec<_> = (0..160).map(|_| server.scene.log.commit_large(Audience::Workspace, 50_000)).collect();
    server.scene.hub.wake(server.scene.log.head());
    let mut heard = Vec::new();
    while heard.len() < large.len() {
        let event = quick.event().await;
        if event.is_fact() {
            heard.push(event.offset());
        }
    }
    assert_eq!(heard, large);
    let began = Instant::now();
    server.ended(EndReason::WriteStalled).await;
    assert!(began.elapsed() <= Duration::from_secs(12), "{:?}", began.elapsed());
    assert_eq!(server.scene.hub.metrics().open_streams(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_sign_out_cuts_even_a_write_that_waits() {
    let server = Server::start().await;
    let mut stuck = Client::of(raw::connect_with_small_buffer(server.address).await);
    stuck.send(GET_CHAT).await;
    stuck.head().await;
    for _ in 0..160 {
        server.scene.log.commit_large(Audience::Workspace, 50_000);
    }
    server.scene.hub.wake(server.scene.log.head());
    sleep(Duration::from_secs(3)).await;
    let began = Instant::now();
    server.scene.hub.end_sessions(&[session(1)]);
    server.ended(EndReason::SessionEnded).await;
    assert!(began.elapsed() <= Duration::from_secs(2), "{:?}", began.elapsed());
}

/// What an idle stream costs beside its socket is this task, its mailbox and its entry in the registry.
#[tokio::test(start_paused = true)]
async fn the_task_of_a_stream_is_small() {
    let scene = Scene::start().await;
    let subscription = scene.hub.subscribe(subscriber(1), Start::Now).await;
    let slot = Slot::default();
    slot.hand_over(Bytes::new(), subscription, StreamPlace::default());
    let (near, _far) = tokio::io::duplex(64);
    let near = write_deadline::WriteDeadline::new(near, Duration::from_secs(10), slot.write_flag());
    let stream = size_of_val(&slot.take().unwrap().drive(near));
    let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let tcp = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let peer = tcp.peer_addr().unwrap();
    let whole = {
        let serving = Serving::plain(router(&scene), scene.shutdown.clone());
        let place = serving.caps.enter(peer).unwrap();
        size_of_val(&connection::serve(tcp, peer, Arc::new(serving), place))
    };
    assert!(stream <= 768 && whole <= 1024, "{stream} bytes, {whole} with its socket");
}

#[tokio::test(start_paused = true)]
async fn a_slow_head_is_given_up_after_ten_seconds() {
    let server = Server::start().await;
    let check = async |mut client: Client, what: &str| {
        let began = Instant::now();
        assert!(client.is_closed().await);
        let elapsed = began.elapsed().as_secs_f64();
        assert!((9.9..10.5).contains(&elapsed), "{what:?}: {elapsed} s");
    };
    for beginning in ["", "GET /page HTTP/1.1\r\nHos"] {
        check(server.ask(beginning).await, beginning).await;
    }
    let mut idle = server.ask("GET /page HTTP/1.1\r\nHost: a\r\n\r\n").await;
    idle.head().await;
    assert_eq!(idle.take(5).await, b"hello");
    check(idle, "between two requests").await;
}

#[tokio::test(start_paused = true)]
async fn a_head_that_is_too_large_is_431() {
    let server = Server::start().await;
    let check = async |header: String, status| {
        let mut client = server.ask(&format!("GET /page HTTP/1.1\r\nHost: a\r\n{header}\r\n\r\n")).await;
        assert_eq!(client.head().await.status, status, "{} bytes", header.len());
    };
    check(format!("x: {}", "a".repeat(15 * 1024)), 200).await;
    check(format!("x: {}", "a".repeat(16 * 1024)), 431).await;
    check(format!("x: {}", "a".repeat(64 * 1024)), 431).await;
    check("x: a\r\n".repeat(200) + "y: b", 431).await;
    check(format!("Last-Event-ID: {}", "a".repeat(8 * 1024)), 200).await;
}

#[tokio::test(start_paused = true)]
async fn a_cursor_of_eight_kilobytes_is_reset() {
    let server = Server::start().await;
    let nonsense = "a".repeat(8 * 1024);
    let mut client = server.ask(&format!("GET /chat HTTP/1.1\r\nHost: a\r\nLast-Event-ID: {nonsense}\r\n\r\n")).await;
    assert_eq!(client.head().await.status, 200);
    assert_eq!(client.event().await.json()["resume"], "reset");
}

#[tokio::test(start_paused = true)]
async fn requests_know_who_is_at_the_other_end() {
    let server = Server::start().await;
    let mut client = server.ask("GET /peer HTTP/1.1\r\nHost: a\r\n\r\n").await;
    client.head().await;
    let own = client.address();
    assert_eq!(client.take(own.len()).await, own.as_bytes());
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_ends_streams_finishes_requests_and_closes_the_rest() {
    let server = Server::start().await;
    let mut reserve = server.connect().await;
    let mut idle = server.ask("GET /page HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(idle.head().await.status, 200);
    assert_eq!(idle.take(5).await, b"hello");
    let mut stream = server.ask(GET_CHAT).await;
    stream.head().await;
    let mut slow = server.ask("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").await;
    sleep(Duration::from_millis(100)).await;

    let began = Instant::now();
    server.scene.shutdown.cancel();
    assert!(reserve.is_closed().await && idle.is_closed().await);
    assert_eq!(stream.event_of("bye").await.json()["reason"], "shutdown");
    assert!(stream.ends_well().await);
    assert!(began.elapsed() < Duration::from_secs(1));
    assert_eq!(slow.head().await.status, 200);
    assert_eq!(slow.take(4).await, b"done");
    timeout(Duration::from_secs(10), server.serving).await.unwrap().unwrap();
    let refused = TcpStream::connect(server.address).await.unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_does_not_wait_for_ever() {
    let server = Server::start().await;
    let mut stuck = Client::of(raw::connect_with_small_buffer(server.address).await);
    // An answer that nobody reads; its write fails only after ten seconds without progress.
    stuck.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n").await;
    stuck.head().await;
    let began = Instant::now();
    server.scene.shutdown.cancel();
    server.serving.await.unwrap();
    assert!(began.elapsed() <= Duration::from_secs(9), "{:?}", began.elapsed());
}

#[tokio::test]
async fn the_listening_socket_is_set_up_for_bursts() {
    let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    assert!(SockRef::from(&listener).reuse_address().unwrap());
    assert!(!SockRef::from(&listener).reuse_port().unwrap());
    assert_eq!(bind(address).unwrap_err().kind(), io::ErrorKind::AddrInUse);
    let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
    let (tcp, _) = accepted.unwrap();
    set_options(&tcp);
    assert!(tcp.nodelay().unwrap());
    assert_eq!(SockRef::from(&tcp).tcp_user_timeout().unwrap(), Some(UNACKNOWLEDGED_MAX));
    drop(client);
}

#[test]
fn only_errors_of_one_connection_are_passed_over() {
    let is_passed_over = |code| is_of_one_connection(&io::Error::from_raw_os_error(code));
    let (econnaborted, econnreset, eintr) = (103, 104, 4);
    let (enfile, emfile, enobufs, enomem) = (23, 24, 105, 12);
    assert!([econnaborted, econnreset, eintr].into_iter().all(is_passed_over));
    assert!(![enfile, emfile, enobufs, enomem].into_iter().any(is_passed_over));
}

#[tokio::test(start_paused = true)]
async fn other_methods_have_no_stream() {
    let server = Server::start().await;
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let mut client = server.ask(&format!("{method} /chat HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")).await;
        assert_eq!(client.head().await.status, 405);
    }
    let mut reader = server.scene.open(1, Start::Now).await;
    assert_eq!(reader.next().await.event, "hello");
}
