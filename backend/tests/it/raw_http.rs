//! Requests that no client sends, from a file of cases: each gets an answer that it may get, soon, and nothing else breaks.

use std::{net::SocketAddr, time::Duration};

use serde::Deserialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use crate::support::{
    app::TestApp,
    wire::{Request, parse_head, split_head},
};

/// No answer may take longer, and no connection that is to be closed may stay open longer (security.md §4).
const SOON: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

/// The file says what the fields mean.
#[derive(Deserialize)]
struct Case {
    name: String,
    bytes: String,
    fill: Option<(String, usize)>,
    expected: Vec<u16>,
    #[serde(default)]
    stays: bool,
}

/// What came of a case.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    status: u16,
    is_closed: bool,
}

impl Case {
    fn bytes(&self) -> Vec<u8> {
        let (text, count) = self.fill.clone().unwrap_or_default();
        let bytes = self.bytes.replace("<fill>", &text.repeat(count));
        bytes.chars().map(|char| u8::try_from(u32::from(char)).expect("a character is a byte")).collect()
    }

    async fn play(&self, to: SocketAddr) -> Outcome {
        let (mut from, mut into) = TcpStream::connect(to).await.unwrap().into_split();
        let bytes = self.bytes();
        let sending = tokio::spawn(async move {
            // A server that has seen enough need not read everything.
            let _ = into.write_all(&bytes).await;
            sleep(2 * SOON).await;
        });
        let (mut said, mut status) = (Vec::new(), None);
        let is_closed = loop {
            let mut buffer = [0; 4096];
            // Once there is an answer, a connection that stays has a moment to end nevertheless.
            let patience = if status.is_some() && self.stays { SOON / 20 } else { SOON };
            match timeout(patience, from.read(&mut buffer)).await {
                Err(_) => break false,
                Ok(Ok(0) | Err(_)) => break true,
                Ok(Ok(count)) => said.extend_from_slice(&buffer[..count]),
            }
            status = split_head(&said).and_then(|(head, _)| parse_head(head)).map(|(status, _)| status);
        };
        sending.abort();
        Outcome { status: status.unwrap_or(0), is_closed }
    }
}

#[tokio::test]
async fn every_odd_request_gets_an_answer_that_it_may_get() {
    let app = TestApp::start().await;
    let cases: Cases = toml::from_str(include_str!("fixtures/raw_http.toml")).unwrap();
    let mut playing = JoinSet::new();
    for case in cases.case {
        let to = app.address;
        playing.spawn(async move {
            let outcome = case.play(to).await;
            let is_right = case.expected.contains(&outcome.status) && (case.stays || outcome.is_closed);
            (!is_right).then(|| format!("{}: {outcome:?}, expected {:?}", case.name, case.expected))
        });
    }
    let wrong: Vec<String> = playing.join_all().await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(Request::new("GET", "/healthz").send(app.address).await.status, 200);
    app.owner().says("nothing was lost").await;
}

/// A request may come in any pieces.
#[tokio::test]
async fn one_byte_per_packet_is_a_request() {
    let app = TestApp::start().await;
    let mut socket = TcpStream::connect(app.address).await.unwrap();
    socket.set_nodelay(true).unwrap();
    for byte in Request::new("GET", "/healthz").bytes() {
        socket.write_all(&[byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    let mut answer = Vec::new();
    timeout(SOON, socket.read_to_end(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn a_thousand_requests_at_once_are_answered_in_order() {
    let app = TestApp::start().await;
    let (mut from, mut into) = TcpStream::connect(app.address).await.unwrap().into_split();
    let requests: Vec<u8> = (0..1_000)
        .flat_map(|index| {
            let path = if index % 2 == 0 { "/healthz" } else { "/no-such-thing" };
            Request::new("GET", path).kept_alive().bytes()
        })
        .collect();
    // Holds the writing half: a client that closes it has lost interest in the last answers.
    let _writing = tokio::spawn(async move { into.write_all(&requests).await.map(|()| into) });
    let mut answers = Vec::new();
    let statuses = async {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let text = String::from_utf8_lossy(&answers);
            let statuses: Vec<_> = text.match_indices("HTTP/1.1 ").map(|(at, _)| text[at + 9..].get(..3)).collect();
            if statuses.len() == 1_000 {
                return statuses.into_iter().map(|status| status.map(str::to_owned)).collect::<Vec<_>>();
            }
            let count = from.read(&mut buffer).await.unwrap();
            assert!(count > 0, "ended after {} answers", statuses.len());
            answers.extend_from_slice(&buffer[..count]);
        }
    };
    let statuses = timeout(4 * SOON, statuses).await.expect("a thousand answers in time");
    for (index, status) in statuses.iter().enumerate() {
        assert_eq!(status.as_deref(), Some(if index % 2 == 0 { "200" } else { "404" }), "answer {index}");
    }
}

/// A body that comes too slowly, or not at all, is given up; so is one that was announced with `Expect` (D2, D12).
#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let app = TestApp::start().await;
    let give_up = async |headers: &str, drip: &[u8]| {
        let (mut from, mut into) = TcpStream::connect(app.address).await.unwrap().into_split();
        let head = format!(
            "POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Sec-Fetch-Site: same-origin\r\nContent-Length: 1000\r\n{headers}\r\n"
        );
        into.write_all(head.as_bytes()).await.unwrap();
        let drip = drip.to_vec();
        let dripping = tokio::spawn(async move {
            while !drip.is_empty() && into.write_all(&drip).await.is_ok() {
                sleep(Duration::from_secs(1)).await;
            }
            sleep(10 * SOON).await;
        });
        let began = Instant::now();
        let mut answer = Vec::new();
        let _ = timeout(4 * SOON, from.read_to_end(&mut answer)).await.expect("it is given up");
        dripping.abort();
        assert!((9..15).contains(&began.elapsed().as_secs()), "{headers:?}: {:?}", began.elapsed());
        String::from_utf8(answer).unwrap()
    };
    let (silent, slow, expecting) =
        tokio::join!(give_up("", b""), give_up("", b" "), give_up("Expect: 100-continue\r\n", b""));
    for answer in [silent, slow] {
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("\"code\":\"request_timeout\""), "{answer}");
    }
    let after = expecting.strip_prefix("HTTP/1.1 100 Continue\r\n\r\n").expect("it was told to go on");
    assert!(after.starts_with("HTTP/1.1 408 "), "{after}");
}
