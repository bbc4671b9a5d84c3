//! HTTP/2 from a client that wants no good: floods of frames that cost it nothing. Each ends in GOAWAY or in an answer, and
//! costs the server less than a second of one core (security.md D10).

use std::{fs, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{sleep, timeout},
};

use crate::support::{
    DEADLINE,
    process::Process,
    tls::Certificate,
    wire::{Request, exchange_over},
};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// GET https://localhost/healthz, in HPACK: two indexed fields and two literals (RFC 7541 §6).
const GET_HEALTHZ: &[u8] = b"\x82\x87\x44\x08/healthz\x41\x09localhost";

/// A frame (RFC 9113 §4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A server with a certificate, in a process of its own, whose time can be counted.
struct Target {
    process: Process,
    certificate: Certificate,
    _directory: tempfile::TempDir,
}

impl Target {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let certificate = Certificate::new();
        certificate.write(directory.path());
        let options = Certificate::options(directory.path());
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let process = Process::start_with(&directory.path().join("data"), &options).await;
        Self { process, certificate, _directory: directory }
    }

    /// Processor time used so far: fields 14 and 15 of /proc/PID/stat, in hundredths of a second (proc(5)).
    fn cpu(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        let after_name = stat.rsplit_once(") ").unwrap().1;
        let ticks = after_name.split(' ').skip(11).take(2).map(|field| field.parse::<u64>().unwrap());
        Duration::from_millis(ticks.sum::<u64>() * 10)
    }

    /// Sends the frames after a greeting, all at once, and returns the kinds of the frames that came back until the server
    /// ended the connection, or fell silent.
    async fn bombard(&self, frames: &[u8]) -> Vec<u8> {
        let tls = self.certificate.connect(self.process.address, &["h2"]).await.unwrap();
        let (mut from, mut to) = tokio::io::split(tls);
        let greeting = [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &frame(SETTINGS, 0, 0, &[])].concat();
        let bytes = [&greeting, frames].concat();
        let sending = tokio::spawn(async move {
            let _ = to.write_all(&bytes).await;
            let _ = to.flush().await;
            // Open until the other side is read to its end.
            sleep(DEADLINE).await;
        });
        let mut kinds = Vec::new();
        loop {
            let mut head = [0; 9];
            match timeout(Duration::from_secs(2), from.read_exact(&mut head)).await {
                Ok(Ok(_)) => {}
                Ok(Err(_)) | Err(_) => break,
            }
            kinds.push(head[3]);
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; length as usize];
            if from.read_exact(&mut payload).await.is_err() {
                break;
            }
        }
        sending.abort();
        kinds
    }

    /// Sends a flood, and demands that it is cheap and that everyone else is served.
    async fn endures(&self, name: &str, frames: &[u8]) -> Vec<u8> {
        let before = self.cpu();
        let kinds = self.bombard(frames).await;
        let cost = self.cpu() - before;
        assert!(cost <= Duration::from_secs(1), "{name} cost {cost:?}");
        let tls = self.certificate.connect(self.process.address, &["http/1.1"]).await.unwrap();
        let answer = exchange_over(tls, &Request::new("GET", "/healthz").bytes()).await.unwrap();
        assert_eq!(answer.status, 200, "after {name}");
        kinds
    }
}

#[tokio::test]
async fn a_flood_of_frames_is_cheap_and_ends_the_connection() {
    let target = Target::start().await;
    let ids = || (0..10_000).map(|index| 2 * index + 1);
    let many = |frame: Vec<u8>| frame.repeat(10_000);

    let resets = ids().flat_map(|id| {
        let request = frame(HEADERS, END_STREAM | END_HEADERS, id, GET_HEALTHZ);
        [request, frame(RST_STREAM, 0, id, &8_u32.to_be_bytes())].concat()
    });
    let kinds = target.endures("rapid reset", &resets.collect::<Vec<_>>()).await;
    assert!(kinds.contains(&GOAWAY), "rapid reset: {kinds:?}");

    // Made to be reset by us: a window that overflows.
    let overflows = ids().flat_map(|id| {
        let request = frame(HEADERS, END_HEADERS, id, GET_HEALTHZ);
        [request, frame(WINDOW_UPDATE, 0, id, &0x7fff_ffff_u32.to_be_bytes())].concat()
    });
    let kinds = target.endures("made you reset", &overflows.collect::<Vec<_>>()).await;
    assert!(kinds.contains(&GOAWAY), "made you reset: {kinds:?}");

    let begun = frame(HEADERS, END_STREAM, 1, GET_HEALTHZ);
    let padding = [&b"\x00\x01x\x7f\x81\x07"[..], &[b'a'; 256]].concat();
    let kinds =
        target.endures("continuation", &[begun.clone(), many(frame(CONTINUATION, 0, 1, &padding))].concat()).await;
    assert!(kinds.contains(&GOAWAY), "continuation: {kinds:?}");
    let kinds = target.endures("empty continuation", &[begun, many(frame(CONTINUATION, 0, 1, b""))].concat()).await;
    assert!(kinds.contains(&GOAWAY), "empty continuation: {kinds:?}");

    let kinds = target.endures("ping", &many(frame(PING, 0, 0, &[7; 8]))).await;
    assert!(kinds.iter().filter(|&&kind| kind == PING).count() <= 10_000);
    let setting = [0, 4, 0, 0, 0xff, 0xff];
    let kinds = target.endures("settings", &many(frame(SETTINGS, 0, 0, &setting))).await;
    assert!(kinds.iter().filter(|&&kind| kind == SETTINGS).count() <= 10_002, "ours, and one answer to each");

    let open = frame(HEADERS, END_HEADERS, 1, GET_HEALTHZ);
    target.endures("empty data", &[open, many(frame(DATA, 0, 1, b""))].concat()).await;
}

#[tokio::test]
async fn a_head_that_unpacks_to_much_is_refused() {
    let target = Target::start().await;
    // One field of 3,000 bytes that is remembered, and then named a thousand times by one byte each.
    let large = [&b"\x40\x01x\x7f\xb9\x16"[..], &[b'a'; 3000]].concat();
    let bomb = [GET_HEALTHZ, &large, &[0xbe; 1000]].concat();
    let kinds = target.endures("HPACK bomb", &frame(HEADERS, END_STREAM | END_HEADERS, 1, &bomb)).await;
    assert!(kinds.iter().any(|kind| [HEADERS, RST_STREAM, GOAWAY].contains(kind)), "it is answered: {kinds:?}");
}

#[tokio::test]
async fn a_thousand_requests_at_once_on_one_connection_are_bounded() {
    let target = Target::start().await;
    let ids = (0..1_000).map(|index| 2 * index + 1);
    let requests = ids.flat_map(|id| frame(HEADERS, END_STREAM | END_HEADERS, id, GET_HEALTHZ));
    let kinds = target.bombard(&requests.collect::<Vec<_>>()).await;
    let count = |wanted| kinds.iter().filter(|&&kind| kind == wanted).count();
    // Above 100 at once a stream is refused, and may be tried again (RFC 9113 §5.1.2, §8.7).
    assert!(count(GOAWAY) == 1 || count(HEADERS) + count(RST_STREAM) >= 1_000, "{kinds:?}");
}
