//! HTTP/2 through TLS, with a client that can hold a stream still.

use h2::client::{self, SendRequest};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsConnector;

use super::*;
use crate::live::testing::{Sse, take_events};

/// A server that speaks HTTPS, and the one client that trusts it.
struct Secure {
    server: Server,
    trusting: TlsConnector,
}

impl Secure {
    async fn start() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let (certificate, key) = (directory.path().join("crt"), directory.path().join("key"));
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let tls = Some(Arc::new(Tls::load(&certificate, &key).unwrap()));
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).unwrap();
        let mut trusting = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        trusting.alpn_protocols = vec![tls::ALPN_HTTP2.to_vec()];
        let scene = Scene::start().await;
        let serving = Serving { tls, ..Serving::plain(router(&scene), scene.shutdown.clone()) };
        Self { server: Server::serving(scene, serving), trusting: TlsConnector::from(Arc::new(trusting)) }
    }

    /// A client of HTTP/1.1 with room for little.
    async fn connect_without_room(&self) -> tokio_rustls::client::TlsStream<TcpStream> {
        let mut config = ClientConfig::clone(self.trusting.config());
        config.alpn_protocols = Vec::new();
        let tcp = raw::connect_with_small_buffer(self.server.address).await;
        TlsConnector::from(Arc::new(config)).connect("localhost".try_into().unwrap(), tcp).await.unwrap()
    }

    /// A client whose streams may each be sent this many bytes before it has read any, and the task that drives it.
    async fn connect(&self, window: u32) -> (SendRequest<Bytes>, JoinHandle<Result<(), h2::Error>>) {
        let tcp = TcpStream::connect(self.server.address).await.unwrap();
        let tls = self.trusting.connect("localhost".try_into().unwrap(), tcp).await.unwrap();
        let mut builder = client::Builder::new();
        builder.initial_window_size(window).initial_connection_window_size(8 << 20);
        let (send, connection) = builder.handshake(tls).await.unwrap();
        (send, tokio::spawn(connection))
    }
}

/// The answer to a GET.
async fn get(client: &SendRequest<Bytes>, path: &str) -> http::Response<h2::RecvStream> {
    let request = http::Request::get(format!("https://localhost{path}")).body(()).unwrap();
    let (answer, _) = client.clone().ready().await.unwrap().send_request(request, true).unwrap();
    answer.await.unwrap()
}

/// Events of a stream; whoever reads them gives the window back.
struct Events {
    body: h2::RecvStream,
    text: Vec<u8>,
    ready: std::collections::VecDeque<Sse>,
}

impl Events {
    async fn open(client: &SendRequest<Bytes>) -> Self {
        let mut events = Self { body: get(client, "/chat").await.into_body(), text: Vec::new(), ready: [].into() };
        assert_eq!(events.next().await.unwrap().event, "hello");
        assert_eq!(events.next().await.unwrap().event, "state");
        events
    }

    /// The next event; `None` at a good end.
    async fn next(&mut self) -> Result<Sse, Option<h2::Error>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(event);
            }
            let read = timeout(Duration::from_secs(60), self.body.data()).await.expect("something comes, or the end");
            let bytes = read.ok_or(None)?.map_err(Some)?;
            self.body.flow_control().release_capacity(bytes.len()).unwrap();
            self.text.extend_from_slice(&bytes);
            self.ready.extend(take_events(&mut self.text));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_over_http_2_is_an_ordinary_body_under_the_same_head() {
    let secure = Secure::start().await;
    let scene = &secure.server.scene;
    let (client, driver) = secure.connect(1 << 20).await;
    let answer = get(&client, "/chat").await;
    assert_eq!((answer.status(), answer.version()), (StatusCode::OK, http::Version::HTTP_2));
    let direct = router(scene).oneshot(Request::get("/chat").body(axum::body::Body::empty()).unwrap()).await.unwrap();
    let mut head = answer.headers().clone();
    assert!(head.remove("date").is_some());
    assert_eq!(&head, direct.headers());
    drop((answer, direct));

    let mut events = Events::open(&client).await;
    for offset in scene.post_many(100, Audience::Workspace) {
        assert_eq!(events.next().await.unwrap().offset(), offset);
    }
    let page = get(&client, "/page").await.into_body().data().await.unwrap().unwrap();
    assert_eq!(page, "hello", "requests go on beside the stream");
    secure.server.scene.shutdown.cancel();
    assert_eq!(events.next().await.unwrap().json()["reason"], "shutdown");
    assert!(matches!(events.next().await, Err(None)), "a good end");
    drop((client, events));
    driver.await.unwrap().unwrap();
    timeout(Duration::from_secs(1), secure.server.serving).await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_stands_still_is_reset_and_its_neighbour_lives() {
    let secure = Secure::start().await;
    let scene = &secure.server.scene;
    let (client, _driver) = secure.connect(16 * 1024).await;
    let mut live = Events::open(&client).await;
    let mut still = Events::open(&client).await;
    assert_eq!(scene.hub.metrics().open_streams(), 2);
    let began = Instant::now();
    for _ in 0..20 {
        let posted = scene.log.commit_large(Audience::Workspace, 50_000);
        scene.hub.wake(scene.log.head());
        let mut event = live.next().await.unwrap();
        while !event.is_fact() {
            event = live.next().await.unwrap();
        }
        assert_eq!(event.offset(), posted);
    }
    secure.server.ended(EndReason::WriteStalled).await;
    let elapsed = began.elapsed();
    assert!((Duration::from_secs(9)..Duration::from_secs(13)).contains(&elapsed), "{elapsed:?}");
    assert_eq!(scene.hub.metrics().open_streams(), 1);
    let reset = loop {
        if let Err(end) = still.next().await {
            break end.expect("not a good end");
        }
    };
    assert_eq!(reset.reason(), Some(h2::Reason::CANCEL), "{reset:?}");
    let posted = scene.post(Audience::Workspace);
    let mut event = live.next().await.unwrap();
    while !event.is_fact() {
        event = live.next().await.unwrap();
    }
    assert_eq!(event.offset(), posted);
}

/// Something leaves of it all the time, so that it does not stand still; but what waits for it grows old.
#[tokio::test(start_paused = true)]
async fn a_stream_that_dribbles_is_ended_by_the_ticker() {
    let secure = Secure::start().await;
    let scene = &secure.server.scene;
    let (client, _driver) = secure.connect(16 * 1024).await;
    let mut slow = Events::open(&client).await;
    for _ in 0..20 {
        scene.log.commit_large(Audience::Workspace, 50_000);
    }
    scene.hub.wake(scene.log.head());
    let (began, mut held, mut taken) = (Instant::now(), 0, 0);
    let end = loop {
        match timeout(Duration::from_secs(1), slow.body.data()).await {
            Ok(Some(Ok(bytes))) => (held, taken) = (held + bytes.len(), taken + bytes.len()),
            Ok(Some(Err(error))) => break error,
            Ok(None) => panic!("a good end"),
            Err(_) => {
                let freed = held.min(1_500);
                slow.body.flow_control().release_capacity(freed).unwrap();
                held -= freed;
            }
        }
    };
    let elapsed = began.elapsed();
    assert!((Duration::from_secs(10)..Duration::from_secs(15)).contains(&elapsed), "{elapsed:?}");
    assert!(taken > 16 * 1024, "it took {taken} bytes");
    assert_eq!(end.reason(), Some(h2::Reason::CANCEL), "{end:?}");
    secure.server.ended(EndReason::WriteStalled).await;
}

#[tokio::test(start_paused = true)]
async fn a_sign_out_ends_even_a_stream_that_stands_still() {
    let secure = Secure::start().await;
    let scene = &secure.server.scene;
    let (client, _driver) = secure.connect(16 * 1024).await;
    let _still = Events::open(&client).await;
    scene.log.commit_large(Audience::Workspace, 50_000);
    scene.hub.wake(scene.log.head());
    sleep(Duration::from_millis(100)).await;
    let began = Instant::now();
    scene.hub.end_sessions(&[crate::live::testing::session(1)]);
    secure.server.ended(EndReason::SessionEnded).await;
    assert!(began.elapsed() <= Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_no_answer_is_cut() {
    let secure = Secure::start().await;
    // Both what hyper still holds, and what it has handed to h2 as a whole.
    for window in [0, 1024] {
        let (client, driver) = secure.connect(window).await;
        let began = Instant::now();
        let mut answer = get(&client, "/large").await.into_body();
        let cut = loop {
            match timeout(Duration::from_secs(30), answer.data()).await.expect("it is cut") {
                Some(Ok(_)) => {}
                Some(Err(error)) => break Some(error),
                None => break None,
            }
        };
        assert!(cut.is_some(), "a window of {window}");
        let elapsed = began.elapsed();
        assert!((Duration::from_secs(9)..Duration::from_secs(14)).contains(&elapsed), "{window}: {elapsed:?}");
        drop((client, answer));
        driver.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_without_requests_is_ended_and_one_with_a_stream_is_not() {
    let secure = Secure::start().await;
    let silent_for = async |client: (SendRequest<Bytes>, JoinHandle<Result<(), h2::Error>>)| {
        let began = Instant::now();
        timeout(Duration::from_secs(120), client.1).await.expect("it is ended").unwrap().unwrap();
        began.elapsed().as_secs()
    };
    let unused = secure.connect(1 << 20).await;
    assert!((10..12).contains(&silent_for(unused).await));
    let used = secure.connect(1 << 20).await;
    get(&used.0, "/page").await.into_body().data().await.unwrap().unwrap();
    assert!((60..62).contains(&silent_for(used).await));
    let (client, _driver) = secure.connect(1 << 20).await;
    let mut events = Events::open(&client).await;
    sleep(Duration::from_secs(100)).await;
    assert_eq!(events.next().await.unwrap().event, "tick");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_answers_no_ping_is_gone() {
    let secure = Secure::start().await;
    let (client, driver) = secure.connect(1 << 20).await;
    let events = Events::open(&client).await;
    driver.abort();
    let _ = driver.await;
    let began = Instant::now();
    secure.server.ended(EndReason::ClientGone).await;
    assert!(began.elapsed() <= Duration::from_secs(45), "{:?}", began.elapsed());
    drop((client, events));
}

/// What the TLS session holds back is not taken for progress.
#[tokio::test(start_paused = true)]
async fn a_client_inside_tls_that_reads_nothing_is_cut() {
    let secure = Secure::start().await;
    let scene = &secure.server.scene;
    let mut stuck = secure.connect_without_room().await;
    stuck.write_all(GET_CHAT.as_bytes()).await.unwrap();
    while scene.hub.metrics().open_streams() == 0 {
        sleep(Duration::from_millis(10)).await;
    }
    for _ in 0..160 {
        scene.log.commit_large(Audience::Workspace, 50_000);
    }
    scene.hub.wake(scene.log.head());
    let began = Instant::now();
    secure.server.ended(EndReason::WriteStalled).await;
    assert!(began.elapsed() <= Duration::from_secs(12), "{:?}", began.elapsed());
}
