//! Connections that post, each with one request under way at a time.

use std::{
    collections::VecDeque,
    io::{self, Read, Write},
    net::SocketAddr,
};

use anyhow::{Context as _, Result, bail, ensure};
use mio::net::TcpStream;

use super::Api;

/// The number of a message apart: the highest of ten digits.
const APART: u64 = 9_999_999_999;

/// When posts are due.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// None.
    Silent,
    /// So many each second, whether or not earlier ones were answered: a slow server gets no rest, and its answers count
    /// from the moment when they were due.
    EverySecond(f64),
    /// Each connection posts again as soon as it has its answer.
    AsAnswered,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Poster {
    pub(super) socket: TcpStream,
    answer: Vec<u8>,
    under_way: Option<u64>,
}

/// What came of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Received {
    /// Not a whole answer yet.
    Nothing,
    /// The answer to the post of this number.
    Answer(u64),
    /// The server has closed a connection on which nothing was asked: it may, at any time (RFC 9112 §9.3), and servers do
    /// so when a connection has rested for some seconds.
    Closed,
}

fn open(server: SocketAddr) -> Result<TcpStream> {
    let socket = std::net::TcpStream::connect(server).context("connecting to post")?;
    socket.set_nodelay(true)?;
    socket.set_nonblocking(true)?;
    Ok(TcpStream::from_std(socket))
}

impl Poster {
    /// Connects; blocks until the connection stands.
    pub(super) fn connect(server: SocketAddr) -> Result<Self> {
        Ok(Self { socket: open(server)?, answer: Vec::new(), under_way: None })
    }

    /// Connects anew.
    pub(super) fn reconnect(&mut self, server: SocketAddr) -> Result<()> {
        self.socket = open(server)?;
        Ok(())
    }

    pub(super) const fn is_idle(&self) -> bool {
        self.under_way.is_none()
    }

    /// Sends a post. The connection is idle, so all of it fits the socket's buffer.
    pub(super) fn send(&mut self, number: u64, request: &[u8]) -> Result<()> {
        let sent = self.socket.write(request).context("posting")?;
        ensure!(sent == request.len(), "half of a post was taken");
        self.under_way = Some(number);
        Ok(())
    }

    /// Reads.
    pub(super) fn receive(&mut self, buffer: &mut [u8]) -> Result<Received> {
        match self.socket.read(buffer) {
            Ok(0) if self.is_idle() => return Ok(Received::Closed),
            Ok(0) => bail!("the server closed a connection instead of answering the post on it"),
            Ok(length) => self.answer.extend_from_slice(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Received::Nothing),
            Err(error) => bail!("reading the answer to a post: {error}"),
        }
        let Some(status) = whole_answer(&self.answer) else { return Ok(Received::Nothing) };
        ensure!(
            (200..300).contains(&status),
            "a post was answered with {status}: {}",
            String::from_utf8_lossy(&self.answer)
        );
        self.answer.clear();
        Ok(self.under_way.take().map_or(Received::Nothing, Received::Answer))
    }
}

/// Posts one message that no ledger knows, and blocks until its answer is there, which is returned.
///
/// # Errors
/// It was not answered with success.
pub fn post_apart(server: SocketAddr, api: &Api) -> Result<Vec<u8>> {
    let mut socket = std::net::TcpStream::connect(server).context("connecting to post")?;
    socket.write_all(&api.post_request(server, 0, APART))?;
    let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let length = socket.read(&mut buffer)?;
        ensure!(length > 0, "the server closed a connection that posts");
        answer.extend_from_slice(&buffer[..length]);
        if let Some(status) = whole_answer(&answer) {
            ensure!((200..300).contains(&status), "a post was answered with {status}");
            return Ok(answer);
        }
    }
}

/// The status of an answer that is there to its end (RFC 9112 §6).
fn whole_answer(bytes: &[u8]) -> Option<u16> {
    let end = memchr::memmem::find(bytes, b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let status: u16 = head.split(' ').nth(1)?.parse().ok()?;
    let body = &bytes[end + 4..];
    let field = |name: &str| {
        head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    let is_whole = match field("content-length").and_then(|length| length.parse::<usize>().ok()) {
        Some(length) => body.len() >= length,
        None if field("transfer-encoding").is_some() => body.ends_with(b"0\r\n\r\n"),
        None => true,
    };
    is_whole.then_some(status)
}

/// Posts that are due and have no connection yet.
#[derive(Debug, Default)]
pub(super) struct Due {
    pub(super) waiting: VecDeque<u64>,
    next_us: f64,
}

impl Due {
    /// Begins to count at `now_us`.
    pub(super) fn restart(&mut self, now_us: u64) {
        self.next_us = to_float(now_us);
    }

    /// The moments at which posts became due until now, oldest first.
    pub(super) fn until(&mut self, now_us: u64, rate: f64) -> Vec<u64> {
        let mut due = Vec::new();
        while self.next_us <= to_float(now_us) {
            due.push(to_whole(self.next_us));
            self.next_us += 1e6 / rate;
        }
        due
    }

    /// When the next one will be.
    pub(super) fn next_us(&self) -> u64 {
        to_whole(self.next_us)
    }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a run stay far below 2^53")]
const fn to_float(us: u64) -> f64 {
    us as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "microseconds of a run stay far below 2^53"
)]
const fn to_whole(us: f64) -> u64 {
    us as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_body_is() {
        let check = |bytes: &str, expected| assert_eq!(whole_answer(bytes.as_bytes()), expected, "{bytes:?}");
        check("", None);
        check("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n", None);
        check("HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n", None);
        check("HTTP/1.1 201 Created\r\nX: y\r\ncontent-length: 2\r\n\r\nok", Some(201));
        check("HTTP/1.1 204 No Content\r\n\r\n", Some(204));
        check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", None);
        check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", Some(200));
        check("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n", Some(429));
    }

    #[test]
    fn posts_become_due_at_their_rate() {
        let mut due = Due::default();
        due.restart(1_000_000);
        assert_eq!(due.until(1_000_000, 4.0), [1_000_000]);
        assert_eq!(due.until(1_200_000, 4.0), [0; 0]);
        assert_eq!(due.next_us(), 1_250_000);
        assert_eq!(due.until(1_800_000, 4.0), [1_250_000, 1_500_000, 1_750_000]);
    }
}
