//! HTTPS: streams that are taken over inside TLS, certificates that change while people are connected, wrong greetings.

use std::time::Duration;

use serde_json::json;
use shared::{route, stream::Resume};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout},
};

use crate::support::{
    DEADLINE,
    actor::PASSWORD,
    app::TestApp,
    eventually,
    process::{Process, command, run_to_end},
    sse::SseReader,
    tls::Certificate,
    wire::{Answer, Request, exchange, exchange_over},
};

/// A server with a certificate, and the certificate.
async fn start() -> (TestApp, Certificate, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let certificate = Certificate::new();
    certificate.write(directory.path());
    let options = Certificate::options(directory.path());
    let app = TestApp::start_closed(&options.iter().map(String::as_str).collect::<Vec<_>>()).await;
    (app, certificate, directory)
}

async fn send(app: &TestApp, certificate: &Certificate, request: Request) -> Answer {
    let tls = certificate.connect(app.address, &["http/1.1"]).await.unwrap();
    timeout(DEADLINE, exchange_over(tls, &request.bytes())).await.unwrap().expect("an answer")
}

/// Opens the workspace; returns the session's token.
async fn set_up(app: &TestApp, certificate: &Certificate) -> String {
    let setup = json!({"workspace": "Blue Kettle", "name": "olga", "password": PASSWORD});
    let answer = send(app, certificate, Request::new("POST", route::SETUP).json(&setup)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-sid=") && cookie.ends_with("; Secure"), "{cookie}");
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"));
    answer.session_cookie().unwrap()
}

#[tokio::test]
async fn a_stream_is_taken_over_inside_tls() {
    let (app, certificate, _directory) = start().await;
    let token = set_up(&app, &certificate).await;
    let chat = Request::new("GET", route::CHAT).bearer(&token).kept_alive();
    let tls = certificate.connect(app.address, &["h2", "http/1.1"]).await.unwrap();
    assert_eq!(tls.get_ref().1.alpn_protocol(), Some(&b"h2"[..]), "HTTP/2 is preferred where the client has it");
    let tls = certificate.connect(app.address, &["http/1.1"]).await.unwrap();
    let mut stream = SseReader::over(tls, &chat.bytes()).await;
    assert_eq!(stream.header("transfer-encoding"), Some("chunked"));
    stream.hello(Resume::Live).await;
    for text in ["first", "second"] {
        let message = json!({"client_id": crate::support::actor::new_client_id(), "body": text});
        let post = Request::new("POST", route::messages("general")).bearer(&token).json(&message);
        assert_eq!(send(&app, &certificate, post).await.status, 201);
        assert_eq!(stream.bodies(1).await, [text]);
    }
    app.begin_to_stop();
    stream.until("bye").await;
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn the_page_of_an_encrypted_listener_is_its_own() {
    let (app, certificate, _directory) = start().await;
    let token = set_up(&app, &certificate).await;
    let post = |origin: &str| {
        let message = json!({"client_id": crate::support::actor::new_client_id(), "body": "hello"});
        let request = Request::new("POST", route::messages("general")).json(&message).header("origin", origin);
        request.header("cookie", format!("__Host-sid={token}"))
    };
    assert_eq!(send(&app, &certificate, post("https://localhost")).await.status, 201);
    assert_eq!(send(&app, &certificate, post("http://localhost")).await.status, 403);
}

#[tokio::test]
async fn who_speaks_plain_http_to_it_is_told() {
    let (app, certificate, _directory) = start().await;
    let answer = exchange(app.address, &Request::new("GET", "/").bytes()).await.unwrap();
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("https:"), "{answer:?}");
    let began = Instant::now();
    let mut nonsense = TcpStream::connect(app.address).await.unwrap();
    // A handshake that begins and breaks off, and one that is none.
    nonsense.write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 and so on").await.unwrap();
    nonsense.shutdown().await.unwrap();
    let mut said = Vec::new();
    timeout(DEADLINE, nonsense.read_to_end(&mut said)).await.unwrap().unwrap();
    assert!(began.elapsed() < Duration::from_secs(5) && !said.starts_with(b"HTTP"), "{said:?}");
    assert_eq!(send(&app, &certificate, Request::new("GET", "/healthz")).await.status, 200);
}

#[tokio::test]
async fn a_handshake_that_never_comes_is_given_up() {
    let (app, _certificate, _directory) = start().await;
    let give_up_on = async |beginning: &[u8]| {
        let began = Instant::now();
        let mut silent = TcpStream::connect(app.address).await.unwrap();
        silent.write_all(beginning).await.unwrap();
        let ended = timeout(DEADLINE, silent.read(&mut [0; 16])).await.expect("it is closed in time");
        assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
        assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
    };
    tokio::join!(give_up_on(b""), give_up_on(b"\x16\x03\x01\x02\x00\x01"));
}

#[tokio::test]
async fn a_new_certificate_is_taken_on_hangup_and_a_broken_one_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let (old, new) = (Certificate::new(), Certificate::new());
    old.write(directory.path());
    let options = Certificate::options(directory.path());
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let server = Process::start_with(&directory.path().join("data"), &options).await;
    let mut open = old.connect(server.address, &["http/1.1"]).await.unwrap();
    assert!(new.connect(server.address, &[]).await.is_err());

    new.write(directory.path());
    server.signal("HUP").await;
    eventually("the new certificate is shown", || async { new.connect(server.address, &[]).await.ok() }).await;
    assert!(old.connect(server.address, &[]).await.is_err());
    // Who was there before is not disturbed.
    open.write_all(&Request::new("GET", "/healthz").kept_alive().bytes()).await.unwrap();
    let mut first = [0; 12];
    timeout(DEADLINE, open.read_exact(&mut first)).await.unwrap().unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");

    for broken in ["", "no certificate", &old.pem] {
        std::fs::write(directory.path().join("tls.crt"), broken).unwrap();
        let before = server.errors().await.matches("the old one stays").count();
        server.signal("HUP").await;
        eventually("the failure is logged", || async {
            (server.errors().await.matches("the old one stays").count() > before).then_some(())
        })
        .await;
        new.connect(server.address, &[]).await.unwrap();
    }
    assert_eq!(server.terminate().await.code, Some(0));
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_is_named() {
    let directory = tempfile::tempdir().unwrap();
    Certificate::new().write(directory.path());
    let files = Certificate::options(directory.path());
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let check = async |options: &[&str], part: &str| {
        let ended = run_to_end(command(&directory.path().join("data"), options)).await;
        assert!(ended.code == Some(1) && ended.errors.contains(part), "{options:?}: {ended:?}");
    };
    check(&files[..2], "give both --tls-cert and --tls-key").await;
    check(&[files[0], files[1], files[2], "no-such-file"], "no-such-file cannot be read").await;
    check(&[files[0], files[3], files[2], files[3]], "tls.key holds no certificate").await;
    let plain = ["--public-url", "http://chat.example"];
    check(&[&files[..], &plain].concat(), "--public-url is http://chat.example").await;
    std::fs::write(directory.path().join("tls.key"), Certificate::new().key_pem).unwrap();
    check(&files, "do not fit together").await;
}
