//! The limit: one thread, one `send(2)` for each subscriber and message, and nothing else.
//!
//! No HTTP library, no sessions, no back-pressure beyond a buffer for what a socket does not take. Whoever writes to each
//! socket one message at a time cannot be cheaper.

use std::{
    collections::HashMap,
    io::{self, Read, Write},
    net::SocketAddr,
    os::fd::AsRawFd as _,
};

use anyhow::{Context as _, Result};
use mio::{Events, Interest, Poll, Token, net::TcpListener, net::TcpStream};
use socket2::{Domain, Socket, Type};

use crate::load::api::REFERENCE_STREAM;

const LISTENER: Token = Token(usize::MAX);
/// As many as Teahouse lets wait.
const BACKLOG: i32 = 4096;
const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n\
Transfer-Encoding: chunked\r\n\r\n17\r\nevent: hello\ndata: {}\n\n\r\n";
const DONE: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

struct Peer {
    socket: TcpStream,
    request: Vec<u8>,
    is_subscribed: bool,
    /// What the socket did not take.
    waiting: Vec<u8>,
}

/// The sockets and how many messages there were.
struct Server {
    poll: Poll,
    peers: HashMap<usize, Peer>,
    /// The subscribers' sockets, in the order of their coming.
    subscribers: Vec<usize>,
    messages: u64,
}

/// Listens on a free port of the loopback interface and prints where.
///
/// # Errors
/// It cannot listen.
pub fn listen() -> Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM.nonblocking(), None)?;
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
    socket.listen(BACKLOG)?;
    let listener: std::net::TcpListener = socket.into();
    println!("listening on http://{}", listener.local_addr()?);
    Ok(listener)
}

/// Serves until the process ends.
///
/// # Errors
/// The system gives no epoll.
pub fn serve(listener: std::net::TcpListener) -> Result<()> {
    let mut listener = TcpListener::from_std(listener);
    let poll = Poll::new()?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut server = Server { poll, peers: HashMap::new(), subscribers: Vec::new(), messages: 0 };
    let mut events = Events::with_capacity(1024);
    loop {
        server.poll.poll(&mut events, None).or_else(interrupted)?;
        for event in &events {
            match event.token() {
                LISTENER => server.accept(&listener)?,
                Token(peer) => server.serve(peer),
            }
        }
    }
}

fn interrupted(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::Interrupted { Ok(()) } else { Err(error) }
}

impl Server {
    fn accept(&mut self, listener: &TcpListener) -> Result<()> {
        loop {
            let mut socket = match listener.accept() {
                Ok((socket, _)) => socket,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error).context("accepting"),
            };
            socket.set_nodelay(true)?;
            let key = usize::try_from(socket.as_raw_fd())?;
            self.poll.registry().register(&mut socket, Token(key), Interest::READABLE | Interest::WRITABLE)?;
            self.peers.insert(key, Peer { socket, request: Vec::new(), is_subscribed: false, waiting: Vec::new() });
        }
    }

    /// Writes what waits, reads, and does what was asked.
    fn serve(&mut self, key: usize) {
        let Some(peer) = self.peers.get_mut(&key) else { return };
        if peer.flush().and_then(|()| peer.read()).is_err() {
            self.peers.remove(&key);
            self.subscribers.retain(|subscriber| *subscriber != key);
            return;
        }
        let Some(body) = peer.whole_request() else { return };
        if peer.request.starts_with(format!("GET {REFERENCE_STREAM} ").as_bytes()) {
            peer.is_subscribed = true;
            peer.send(HEAD);
            self.subscribers.push(key);
        } else {
            let event = self.event(key, body);
            for subscriber in &self.subscribers {
                if let Some(peer) = self.peers.get_mut(subscriber) {
                    peer.send(&event);
                }
            }
            if let Some(peer) = self.peers.get_mut(&key) {
                peer.send(DONE);
            }
        }
        if let Some(peer) = self.peers.get_mut(&key) {
            peer.request.clear();
        }
    }

    /// The body of a post as an event in one chunk.
    fn event(&mut self, key: usize, body: usize) -> Vec<u8> {
        self.messages += 1;
        let text = String::from_utf8_lossy(&self.peers[&key].request[body..]).into_owned();
        let event = format!("event: message_posted\nid: {}\ndata: {text}\n\n", self.messages);
        format!("{:x}\r\n{event}\r\n", event.len()).into_bytes()
    }
}

impl Peer {
    fn read(&mut self) -> io::Result<()> {
        let mut buffer = [0; 4096];
        loop {
            match self.socket.read(&mut buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) if self.is_subscribed => {}
                Ok(length) => self.request.extend_from_slice(&buffer[..length]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Where the body begins, when all of the request is there.
    fn whole_request(&self) -> Option<usize> {
        let end = memchr::memmem::find(&self.request, b"\r\n\r\n")? + 4;
        let head = std::str::from_utf8(&self.request[..end]).ok()?;
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).map_or(Ok(0), str::parse);
        (self.request.len() - end >= length.ok()?).then_some(end)
    }

    /// One `send(2)`; what is not taken waits. A broken socket is noticed when it is read.
    fn send(&mut self, bytes: &[u8]) {
        let taken = if self.waiting.is_empty() { self.socket.write(bytes).unwrap_or(0) } else { 0 };
        self.waiting.extend_from_slice(&bytes[taken..]);
    }

    fn flush(&mut self) -> io::Result<()> {
        while !self.waiting.is_empty() {
            match self.socket.write(&self.waiting) {
                Ok(taken) => drop(self.waiting.drain(..taken)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
