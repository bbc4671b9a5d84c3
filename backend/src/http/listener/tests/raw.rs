//! A client that sees the raw bytes of HTTP/1.1, and a log that can be read.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tracing_subscriber::fmt::MakeWriter;

use crate::live::testing::{Sse, take_events};

/// The head of an answer.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) headers: BTreeMap<String, Vec<String>>,
}

/// See the module.
pub(super) struct Client {
    socket: TcpStream,
    received: Vec<u8>,
    /// Bytes of the stream, out of their chunks.
    events: Vec<u8>,
}

impl Client {
    pub(super) fn of(socket: TcpStream) -> Self {
        Self { socket, received: Vec::new(), events: Vec::new() }
    }

    pub(super) fn address(&self) -> String {
        self.socket.local_addr().unwrap().to_string()
    }

    pub(super) async fn send(&mut self, bytes: &str) {
        self.socket.write_all(bytes.as_bytes()).await.unwrap();
    }

    /// Reads more. Returns false at the end.
    async fn fill(&mut self) -> bool {
        let reading = self.socket.read_buf(&mut self.received);
        match timeout(Duration::from_secs(30), reading).await.expect("the server says something") {
            Ok(length) => length > 0,
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => false,
            Err(error) => panic!("{error}"),
        }
    }

    /// Takes that many bytes.
    pub(super) async fn take(&mut self, length: usize) -> Vec<u8> {
        while self.received.len() < length {
            assert!(self.fill().await, "ended after {} of {length} bytes", self.received.len());
        }
        self.received.drain(..length).collect()
    }

    /// Takes up to and with the next CR LF, which is left out.
    async fn line(&mut self) -> String {
        loop {
            if let Some(end) = self.received.windows(2).position(|pair| pair == b"\r\n") {
                let line = self.take(end + 2).await;
                return String::from_utf8(line[..end].to_vec()).unwrap();
            }
            assert!(self.fill().await, "ended inside of {:?}", String::from_utf8_lossy(&self.received));
        }
    }

    /// The head of the next answer.
    pub(super) async fn head(&mut self) -> Head {
        let line = self.line().await;
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("{line:?}"));
        let mut headers = BTreeMap::<_, Vec<_>>::new();
        loop {
            let line = self.line().await;
            let Some((name, value)) = line.split_once(": ") else {
                assert_eq!(line, "");
                return Head { status, headers };
            };
            headers.entry(name.to_ascii_lowercase()).or_default().push(value.to_owned());
        }
    }

    /// The next event of a chunked answer.
    pub(super) async fn event(&mut self) -> Sse {
        loop {
            let mut events = take_events(&mut self.events);
            if !events.is_empty() {
                assert_eq!(events.len(), 1, "one event, one chunk");
                return events.remove(0);
            }
            let chunk = self.chunk().await;
            assert!(!chunk.is_empty(), "the stream has ended");
            self.events.extend(chunk);
        }
    }

    /// The next event of that name.
    pub(super) async fn event_of(&mut self, name: &str) -> Sse {
        loop {
            let event = self.event().await;
            if event.event == name {
                return event;
            }
        }
    }

    /// The next event of an answer that is not chunked.
    pub(super) async fn plain_event(&mut self) -> Sse {
        loop {
            let complete = self.received.windows(2).position(|pair| pair == b"\n\n");
            if let Some(end) = complete {
                let mut event = self.take(end + 2).await;
                return take_events(&mut event).remove(0);
            }
            assert!(self.fill().await, "ended inside of {:?}", String::from_utf8_lossy(&self.received));
        }
    }

    async fn chunk(&mut self) -> Vec<u8> {
        let size = usize::from_str_radix(&self.line().await, 16).unwrap();
        let chunk = self.take(size).await;
        assert_eq!(self.take(2).await, b"\r\n");
        chunk
    }

    /// Whether the last chunk comes next, and then the end.
    pub(super) async fn ends_well(&mut self) -> bool {
        self.chunk().await.is_empty() && self.is_closed().await
    }

    /// Whether the server closes without another byte.
    pub(super) async fn is_closed(&mut self) -> bool {
        self.received.is_empty() && !self.fill().await
    }
}

/// A connection that holds only a few kilobytes for a reader that does not come.
pub(super) async fn connect_with_small_buffer(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(address).await.unwrap()
}

/// The shape of a date in HTTP.
pub(super) struct HttpDate;

/// See [`HttpDate`].
pub(super) const DATE: HttpDate = HttpDate;

impl HttpDate {
    pub(super) fn is_match_of(&self, date: &str) -> bool {
        jiff::fmt::strtime::parse("%a, %d %b %Y %H:%M:%S GMT", date).is_ok()
    }
}

/// What was logged on this thread.
#[derive(Clone, Default)]
pub(super) struct CapturedLog(Arc<Mutex<Vec<u8>>>);

impl CapturedLog {
    /// Captures until the guard is dropped.
    pub(super) fn install(&self) -> tracing::subscriber::DefaultGuard {
        let subscriber = tracing_subscriber::fmt().with_writer(self.clone()).with_ansi(false).finish();
        tracing::subscriber::set_default(subscriber)
    }

    pub(super) fn lines_with(&self, text: &str) -> Vec<String> {
        let log = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        log.lines().filter(|line| line.contains(text)).map(str::to_owned).collect()
    }
}

impl Write for CapturedLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for CapturedLog {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
