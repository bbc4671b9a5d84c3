//! A server that answers by script: one request per connection, answered by a closure that holds the socket.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use serde_json::Value;

/// A request as it came.
#[derive(Debug, Clone)]
pub(super) struct Request {
    /// `GET /api/snapshot`: the first line without the version.
    pub(super) line: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    /// A header's value.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body, which must be JSON.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    fn read(socket: &TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(socket);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let mut lines = lines.into_iter();
        let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned())))
            .collect();
        let mut request = Self { line, headers, body: Vec::new() };
        let length = request.header("content-length").map_or(0, |length| length.parse().expect("a length"));
        request.body.resize(length, 0);
        reader.read_exact(&mut request.body).ok()?;
        Some(request)
    }
}

/// The connection that waits for an answer; it closes when this is dropped.
pub(super) struct Answer(TcpStream);

impl Answer {
    /// Answers with JSON and further header lines.
    pub(super) fn json(&mut self, status: u16, headers: &str, body: &Value) {
        let kind = if status < 400 { "application/json" } else { "application/problem+json" };
        let body = body.to_string();
        self.write(&format!(
            "HTTP/1.1 {status} x\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}",
            body.len()
        ));
    }

    /// Answers with the head of a stream and its first bytes.
    pub(super) fn stream(&mut self, text: &str) {
        self.write(&format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nconnection: close\r\n\r\n{text}"
        ));
    }

    /// Writes bytes as they are. The client may be gone, as it is when a test ends.
    pub(super) fn write(&mut self, text: &str) {
        let _ = self.0.write_all(text.as_bytes());
    }

    /// Keeps the connection open until the client closes it.
    pub(super) fn hold(&mut self) {
        let _ = self.0.read(&mut [0]);
    }
}

/// The server; its threads end with the test's process.
pub(super) struct Script {
    /// `http://127.0.0.1:PORT`.
    pub(super) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Script {
    /// Starts to answer. `play` gets each request, and its number among those with the same first line, from 0.
    pub(super) fn start(play: impl Fn(&Request, usize, &mut Answer) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (play, seen) = (Arc::new(play), Arc::clone(&requests));
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let (play, seen) = (Arc::clone(&play), Arc::clone(&seen));
                thread::spawn(move || {
                    let Some(request) = Request::read(&socket) else { return };
                    let number = {
                        let mut seen = seen.lock().expect("no test panics while it holds this");
                        seen.push(request.clone());
                        seen.iter().filter(|other| other.line == request.line).count() - 1
                    };
                    play(&request, number, &mut Answer(socket));
                });
            }
        });
        Self { url, requests }
    }

    /// The requests so far whose first line is this one.
    pub(super) fn requests(&self, line: &str) -> Vec<Request> {
        let requests = self.requests.lock().expect("no test panics while it holds this");
        requests.iter().filter(|request| request.line == line).cloned().collect()
    }
}
