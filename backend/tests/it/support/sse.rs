//! What comes down a stream: the raw bytes, unchunked and parsed as a browser does (WHATWG HTML §9.2.6).

use std::{net::SocketAddr, time::Duration};

use serde::de::DeserializeOwned;
use shared::{
    cursor::Cursor,
    event::{Envelope, Event, MessagePosted},
    stream::{Hello, Resume, Tick, kind},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{
    DEADLINE,
    wire::{Request, parse_head, split_head},
};

/// One block of the stream, dispatched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SseEvent {
    /// The `event` field.
    pub(crate) kind: String,
    /// The `id` field of this very block.
    pub(crate) id: Option<String>,
    /// The `data` lines, joined.
    pub(crate) data: String,
    /// The `retry` field.
    pub(crate) retry: Option<String>,
}

impl SseEvent {
    /// The data as a wire type.
    #[track_caller]
    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.data).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The id as a cursor.
    #[track_caller]
    pub(crate) fn cursor(&self) -> Cursor {
        self.id.as_deref().and_then(|id| id.parse().ok()).unwrap_or_else(|| panic!("no cursor: {self:?}"))
    }

    /// The fact, if this is one that the reducer knows.
    pub(crate) fn fact(&self) -> Option<Envelope> {
        let payload = &mut serde_json::Deserializer::from_str(&self.data);
        let event = Event::read(&self.kind, payload).unwrap_or_else(|error| panic!("{error}: {self:?}"))?;
        Some(Envelope { cursor: self.cursor(), event })
    }
}

/// A connection, plain or encrypted.
pub(crate) trait Connected: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connected for T {}

type Wire = Box<dyn Connected>;

/// A stream that is open.
pub(crate) struct SseReader {
    socket: Wire,
    /// The status and headers of the answer, names in lower case.
    pub(crate) head: (u16, Vec<(String, String)>),
    /// Bytes of chunks that have not been unchunked.
    raw: Vec<u8>,
    /// Text of the stream that has not become an event.
    text: Vec<u8>,
    has_ended: bool,
    hears_passing: bool,
}

impl SseReader {
    /// Sends the request and reads the head of the answer.
    pub(crate) async fn open(to: SocketAddr, request: &Request) -> Self {
        Self::exchange(to, &request.clone().kept_alive().bytes()).await
    }

    /// The status and headers of the answer to these bytes.
    pub(crate) async fn head_of(to: SocketAddr, bytes: &[u8]) -> (u16, Vec<(String, String)>) {
        Self::exchange(to, bytes).await.head
    }

    async fn exchange(to: SocketAddr, bytes: &[u8]) -> Self {
        Self::over(TcpStream::connect(to).await.expect("a connection"), bytes).await
    }

    /// Sends the bytes of a request over any connection, and reads the head of the answer.
    pub(crate) async fn over(socket: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, bytes: &[u8]) -> Self {
        let mut socket: Wire = Box::new(socket);
        socket.write_all(bytes).await.expect("the request is sent");
        let mut raw = Vec::new();
        let head = loop {
            if let Some((head, rest)) = split_head(&raw) {
                let head = parse_head(head).expect("a head");
                raw = rest.to_vec();
                break head;
            }
            assert!(read_more(&mut socket, &mut raw).await, "the answer broke off: {}", String::from_utf8_lossy(&raw));
        };
        Self { socket, head, raw, text: Vec::new(), has_ended: false, hears_passing: false }
    }

    /// The value of a header of the answer.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.1.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The same stream, with what passes by: presence and typing come when it suits them, and no other test wants them
    /// between what it looks at.
    pub(crate) fn with_passing(self) -> Self {
        Self { hears_passing: true, ..self }
    }

    /// The next event; `None` at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<SseEvent> {
        assert_eq!(self.head.0, 200, "{:?}", self.head);
        loop {
            if let Some(event) = self.take_event() {
                if !self.hears_passing && matches!(event.kind.as_str(), kind::PRESENCE | kind::TYPING) {
                    continue;
                }
                return Some(event);
            }
            if self.has_ended {
                return None;
            }
            if !read_more(&mut self.socket, &mut self.raw).await {
                self.has_ended = true;
            }
            self.unchunk();
        }
    }

    /// Reads until an event of this kind, and returns it.
    pub(crate) async fn until(&mut self, kind: &str) -> SseEvent {
        loop {
            let event = self.next().await.unwrap_or_else(|| panic!("the stream ended before {kind}"));
            if event.kind == kind {
                return event;
            }
        }
    }

    /// The greeting, which must come first.
    pub(crate) async fn hello(&mut self, resume: Resume) -> SseEvent {
        let event = self.next().await.expect("a first event");
        assert_eq!(event.kind, "hello", "{event:?}");
        assert_eq!(event.json::<Hello>().resume, resume, "{event:?}");
        event
    }

    /// Reads up to and including the next tick; returns the facts before it.
    pub(crate) async fn facts_until_tick(&mut self) -> (Vec<Envelope>, Tick) {
        let mut facts = Vec::new();
        loop {
            let event = self.next().await.expect("a tick before the end");
            if event.kind == "tick" {
                return (facts, event.json());
            }
            facts.extend(event.fact());
        }
    }

    /// The bodies of the next `count` messages.
    pub(crate) async fn bodies(&mut self, count: usize) -> Vec<String> {
        let mut bodies = Vec::new();
        while bodies.len() < count {
            bodies.push(self.until("message_posted").await.json::<MessagePosted>().message.body);
        }
        bodies
    }

    /// The next event that is no heartbeat.
    pub(crate) async fn next_but_ticks(&mut self) -> Option<SseEvent> {
        loop {
            let event = self.next().await?;
            if event.kind != "tick" {
                return Some(event);
            }
        }
    }

    /// Demands that nothing but heartbeats comes for a moment. Only for what must *not* happen; what must is waited for.
    pub(crate) async fn stays_silent(&mut self) {
        if let Ok(event) = timeout(Duration::from_millis(150), self.next_but_ticks()).await {
            panic!("{event:?}");
        }
    }

    /// Moves the content of whole chunks from `raw` to `text`.
    fn unchunk(&mut self) {
        loop {
            let Some(line) = self.raw.windows(2).position(|window| window == b"\r\n") else { return };
            let size =
                std::str::from_utf8(&self.raw[..line]).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
            let size = size.unwrap_or_else(|| panic!("no chunk size: {}", String::from_utf8_lossy(&self.raw)));
            let end = line + 2 + size;
            if self.raw.len() < end + 2 {
                return;
            }
            assert_eq!(&self.raw[end..end + 2], b"\r\n", "a chunk ends where it says");
            self.text.extend_from_slice(&self.raw[line + 2..end]);
            self.has_ended |= size == 0;
            self.raw.drain(..end + 2);
        }
    }

    /// The first whole block that is an event. A line could end with CR too; this server's never do.
    fn take_event(&mut self) -> Option<SseEvent> {
        assert!(!self.text.contains(&b'\r'), "{}", String::from_utf8_lossy(&self.text));
        loop {
            let end = self.text.windows(2).position(|window| window == b"\n\n")?;
            let block: Vec<u8> = self.text.drain(..end + 2).collect();
            if let Some(event) = parse_block(std::str::from_utf8(&block).expect("a stream in UTF-8")) {
                return Some(event);
            }
        }
    }
}

fn parse_block(block: &str) -> Option<SseEvent> {
    let (mut kind, mut id, mut retry, mut data) = (String::from("message"), None, None, Vec::new());
    for line in block.split('\n') {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value).to_owned();
        match name {
            "event" => kind = value,
            "id" => id = Some(value),
            "retry" => retry = Some(value),
            "data" => data.push(value),
            _ => {}
        }
    }
    (!data.is_empty()).then(|| SseEvent { kind, id, retry, data: data.join("\n") })
}

/// Reads what is there; `false` at the end of the connection.
async fn read_more(socket: &mut Wire, into: &mut Vec<u8>) -> bool {
    let mut buffer = [0; 16 * 1024];
    let read = timeout(DEADLINE, socket.read(&mut buffer)).await.expect("something comes in time");
    let count = read.unwrap_or(0);
    into.extend_from_slice(&buffer[..count]);
    count > 0
}
