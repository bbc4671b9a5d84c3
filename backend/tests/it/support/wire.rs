//! HTTP/1.1 by hand: a request is exactly the bytes that the test wrote, which a library would not send.

use std::{fmt, net::SocketAddr};

use serde::de::DeserializeOwned;
use serde_json::Value;
use shared::problem::{Problem, ProblemCode};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::DEADLINE;

/// A request under construction. It asks for the connection to be closed, so that the answer ends with it.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    method: String,
    target: String,
    host: Option<String>,
    is_last: bool,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(method: &str, target: impl Into<String>) -> Self {
        let (method, target) = (method.to_owned(), target.into());
        Self {
            method,
            target,
            host: Some("localhost".to_owned()),
            is_last: true,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// Another `Host` than `localhost`.
    pub(crate) fn host(self, host: &str) -> Self {
        Self { host: Some(host.to_owned()), ..self }
    }

    /// Leaves the connection open, as a stream wants it.
    pub(crate) fn kept_alive(self) -> Self {
        Self { is_last: false, ..self }
    }

    pub(crate) fn without_host(self) -> Self {
        Self { host: None, ..self }
    }

    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    pub(crate) fn cookie(self, token: &str) -> Self {
        self.header("cookie", format!("sid={token}"))
    }

    /// As our own page sends it.
    pub(crate) fn sent_by_own_page(self) -> Self {
        self.header("sec-fetch-site", "same-origin")
    }

    /// A JSON body, declared as such.
    pub(crate) fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    /// A body of any bytes, with its length.
    pub(crate) fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// The bytes that go over the wire.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        if let Some(host) = &self.host {
            bytes.extend_from_slice(format!("host: {host}\r\n").as_bytes());
        }
        for (name, value) in &self.headers {
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        }
        if !self.body.is_empty() {
            bytes.extend_from_slice(format!("content-length: {}\r\n", self.body.len()).as_bytes());
        }
        bytes.extend_from_slice(if self.is_last { b"connection: close\r\n\r\n" } else { b"\r\n" });
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// Sends it and reads the answer.
    ///
    /// # Panics
    /// When there is no whole answer in time: every test expects one.
    pub(crate) async fn send(&self, to: SocketAddr) -> Answer {
        self.try_send(to).await.unwrap_or_else(|| panic!("no answer to {} {}", self.method, self.target))
    }

    /// The same, `None` when the connection breaks before a whole answer: what a killed server leaves.
    pub(crate) async fn try_send(&self, to: SocketAddr) -> Option<Answer> {
        timeout(DEADLINE, exchange(to, &self.bytes())).await.expect("an answer in time")
    }
}

/// Sends bytes and reads an answer until the connection ends.
pub(crate) async fn exchange(to: SocketAddr, bytes: &[u8]) -> Option<Answer> {
    exchange_over(TcpStream::connect(to).await.ok()?, bytes).await
}

/// The same over any connection.
pub(crate) async fn exchange_over(mut socket: impl AsyncRead + AsyncWrite + Unpin, bytes: &[u8]) -> Option<Answer> {
    // A server that has seen enough answers before it has read everything.
    let _ = socket.write_all(bytes).await;
    let mut answer = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        match socket.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(count) => answer.extend_from_slice(&buffer[..count]),
        }
    }
    Answer::parse(&answer)
}

/// A whole answer.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let (head, rest) = split_head(bytes)?;
        let (status, headers) = parse_head(head)?;
        let mut answer = Self { status, headers, body: Vec::new() };
        let length = answer.header("content-length").and_then(|length| length.parse::<usize>().ok());
        answer.body = match length {
            Some(length) if rest.len() < length && !rest.is_empty() => return None,
            _ if answer.header("transfer-encoding") == Some("chunked") => unchunk(rest)?,
            _ => rest.to_vec(),
        };
        Some(answer)
    }

    /// The value of a header; several of one name are joined by commas.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        values.next()
    }

    /// Every value of a header.
    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
    }

    /// The body as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a body in UTF-8")
    }

    /// The body as a wire type, after a look at the status.
    #[track_caller]
    pub(crate) fn json<T: DeserializeOwned>(&self, status: u16) -> T {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json; charset=utf-8"), "{self:?}");
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body as a problem, after a look at everything a problem promises.
    #[track_caller]
    pub(crate) fn problem(&self) -> Problem {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let problem: Problem = serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        assert_eq!(problem.status, self.status);
        assert_eq!(problem.code.status(), self.status);
        assert_eq!(problem.kind, format!("urn:teahouse:problem:{}", problem.code.as_str()));
        assert_eq!(problem.title, problem.code.title());
        assert_eq!(Some(problem.request_id.as_str()), self.header("x-request-id"));
        if matches!(self.status, 429 | 503) {
            assert!(self.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().is_ok()));
        }
        problem
    }

    /// Demands this problem.
    #[track_caller]
    pub(crate) fn refuses(&self, code: ProblemCode) -> Problem {
        let problem = self.problem();
        assert_eq!(problem.code, code, "{self:?}");
        problem
    }

    /// Demands this problem, of this field.
    #[track_caller]
    pub(crate) fn refuses_field(&self, code: ProblemCode, field: &str) {
        assert_eq!(self.refuses(code).field.as_deref(), Some(field), "{self:?}");
    }

    /// The secret in the session's cookie.
    pub(crate) fn session_cookie(&self) -> Option<String> {
        let pair = self.header("set-cookie")?.split(';').next()?;
        pair.split_once('=').map(|(_, value)| value.to_owned())
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?} {}", self.status, self.headers, String::from_utf8_lossy(&self.body))
    }
}

/// Splits the head of an answer, without its empty line, from what follows.
pub(crate) fn split_head(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some((&bytes[..end], &bytes[end + 4..]))
}

/// Names come out in lower case.
pub(crate) fn parse_head(head: &[u8]) -> Option<(u16, Vec<(String, String)>)> {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let header = |line: &str| line.split_once(':').map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
    Some((status, lines.filter_map(header).collect()))
}

/// The content of chunks up to the last one; `None` when that has not come.
fn unchunk(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    loop {
        let line = bytes.windows(2).position(|window| window == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..line]).ok()?, 16).ok()?;
        let chunk = bytes.get(line + 2..line + 2 + size)?;
        if size == 0 {
            return Some(content);
        }
        content.extend_from_slice(chunk);
        bytes = bytes.get(line + 4 + size..)?;
    }
}
