//! All sockets of a measurement and the loop that serves them.

use std::{
    collections::VecDeque,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::atomic::{AtomicU8, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use mio::{Events, Interest, Poll, Token, net::TcpStream};
use socket2::{Domain, Socket, Type};

use super::{
    Api, Ledger,
    posting::{Due, Pace, Poster, Received},
    scan::{CARRY_MAX, Scanner},
    stream::{Got, Phase, Stream},
};

/// Tokens of posters begin here; below it they are indexes of streams.
const POSTERS: usize = 1 << 24;
/// Streams from one address, far below the 28,000 ports there are.
const STREAMS_PER_ADDRESS: usize = 4_000;
/// Fleets made by this process. Each has addresses of its own: ports of the last one rest for a minute (TIME_WAIT), and
/// looking for those that do not took this client seconds.
static FLEETS: AtomicU8 = AtomicU8::new(0);
/// One read: many coalesced events.
const BUFFER_BYTES: usize = 256 * 1024;
/// Events taken from the kernel at once.
const EVENTS_AT_ONCE: usize = 1024;
/// Longest wait of one turn.
const TURN_MAX: Duration = Duration::from_millis(50);

/// See the module.
pub struct Fleet {
    poll: Poll,
    events: Events,
    buffer: Vec<u8>,
    scanner: Scanner,
    /// The third byte of the addresses that streams come from.
    network: u8,
    server: SocketAddr,
    api: Api,
    streams: Vec<Stream>,
    posters: Vec<Poster>,
    /// Posters without a request under way, the one that has rested longest first: none rests until it is closed.
    idle: VecDeque<usize>,
    due: Due,
    pace: Pace,
    open: usize,
    /// What was posted and how long it took to arrive.
    pub ledger: Ledger,
}

impl Fleet {
    /// No sockets yet.
    ///
    /// # Errors
    /// The system gives no epoll.
    pub fn new(server: SocketAddr, api: Api) -> Result<Self> {
        Ok(Self {
            poll: Poll::new()?,
            events: Events::with_capacity(EVENTS_AT_ONCE),
            buffer: vec![0; CARRY_MAX + BUFFER_BYTES],
            scanner: Scanner::default(),
            network: FLEETS.fetch_add(1, Ordering::Relaxed),
            server,
            api,
            streams: Vec::new(),
            posters: Vec::new(),
            idle: VecDeque::new(),
            due: Due::default(),
            pace: Pace::Silent,
            open: 0,
            ledger: Ledger::default(),
        })
    }

    /// Streams whose first bytes have come.
    #[must_use]
    pub const fn open(&self) -> usize {
        self.open
    }

    /// Opens `count` streams and waits until each has its first bytes, at most `at_once` of them under way. Returns how
    /// long that took.
    ///
    /// # Errors
    /// One was refused or broke, or they were not all open in time.
    pub fn open_streams(
        &mut self,
        count: usize,
        at_once: usize,
        after: Option<&str>,
        within: Duration,
    ) -> Result<Duration> {
        let (began, wanted) = (Instant::now(), self.streams.len() + count);
        while self.open < wanted {
            while self.streams.len() < wanted && self.streams.len() - self.open < at_once {
                self.start_stream(after)?;
                // A burst is a burst, but what has come meanwhile is read: both sides work at once.
                if self.streams.len().is_multiple_of(64) {
                    break;
                }
            }
            let wait = if self.streams.len() < wanted && self.streams.len() - self.open < at_once {
                Duration::ZERO
            } else {
                TURN_MAX
            };
            self.turn(wait)?;
            ensure!(began.elapsed() < within, "only {} of {wanted} streams were open after {within:?}", self.open);
        }
        Ok(began.elapsed())
    }

    fn start_stream(&mut self, after: Option<&str>) -> Result<()> {
        let index = self.streams.len();
        let socket = Socket::new(Domain::for_address(self.server), Type::STREAM.nonblocking(), None)?;
        let address = u8::try_from(1 + index / STREAMS_PER_ADDRESS).context("too many streams")?;
        let source = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 1, self.network, address)), 0);
        socket.bind(&source.into()).context("a source address for a stream")?;
        // Over loopback it usually stands at once; else epoll tells.
        let _in_progress = socket.connect(&self.server.into());
        let socket = TcpStream::from_std(socket.into());
        let mut stream = Stream::new(socket, self.api.stream_request(self.server, index, after));
        self.poll.registry().register(stream.socket(), Token(index), Interest::READABLE | Interest::WRITABLE)?;
        stream.send()?;
        self.streams.push(stream);
        Ok(())
    }

    /// Opens connections that post.
    ///
    /// # Errors
    /// The server takes none.
    pub fn add_posters(&mut self, count: usize) -> Result<()> {
        for _ in 0..count {
            let (index, mut poster) = (self.posters.len(), Poster::connect(self.server)?);
            self.poll.registry().register(&mut poster.socket, Token(POSTERS + index), Interest::READABLE)?;
            self.posters.push(poster);
            self.idle.push_back(index);
        }
        Ok(())
    }

    /// Posts at this pace from now on.
    pub fn set_pace(&mut self, pace: Pace) {
        self.pace = pace;
        self.due.restart(self.ledger.now_us());
    }

    /// Posts so many, as fast as they are answered.
    pub fn post_at_once(&mut self, count: usize) {
        for _ in 0..count {
            let number = self.ledger.post(self.ledger.now_us());
            self.due.waiting.push_back(number);
        }
    }

    /// Whether every stream has at least `count` messages.
    #[must_use]
    pub fn have_all(&self, count: usize) -> bool {
        self.streams.iter().all(|stream| stream.tally.count >= count as u64)
    }

    /// Works for so long.
    ///
    /// # Errors
    /// A stream or a post failed.
    pub fn run_for(&mut self, time: Duration) -> Result<()> {
        let end = Instant::now() + time;
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            self.turn(left.min(TURN_MAX))?;
        }
        Ok(())
    }

    /// Stops posting and waits until every post is answered and every stream has every message.
    ///
    /// # Errors
    /// A message was lost or came twice, or one has not arrived within `within`.
    pub fn settle(&mut self, within: Duration) -> Result<()> {
        self.pace = Pace::Silent;
        let end = Instant::now() + within;
        while !(self.due.waiting.is_empty()
            && self.idle.len() == self.posters.len()
            && self.have_all(self.ledger.posted()))
        {
            ensure!(Instant::now() < end, "{}", self.missing(within));
            self.turn(TURN_MAX)?;
        }
        // What comes twice would come now.
        self.run_for(Duration::from_millis(100))?;
        let expected = self.ledger.expected();
        match self.streams.iter().position(|stream| stream.tally != expected) {
            Some(index) => bail!("stream {index} got {:?} instead of {expected:?}", self.streams[index].tally),
            None => Ok(()),
        }
    }

    fn missing(&self, within: Duration) -> String {
        let count = self.ledger.posted() as u64;
        let late = self.streams.iter().filter(|stream| stream.tally.count < count);
        let missing: u64 = late.clone().map(|stream| count - stream.tally.count).sum();
        let busy = self.posters.len() - self.idle.len();
        format!("after {within:?} {} streams still missed {missing} messages, {busy} posts had no answer", late.count())
    }

    /// Messages that have arrived, over all streams.
    #[must_use]
    pub fn deliveries(&self) -> u64 {
        self.streams.iter().map(|stream| stream.tally.count).sum()
    }

    /// Posts what is due, waits for events at most `wait`, and serves them.
    fn turn(&mut self, wait: Duration) -> Result<()> {
        let wait = self.post_what_is_due(wait)?;
        if let Err(error) = self.poll.poll(&mut self.events, Some(wait)) {
            ensure!(error.kind() == std::io::ErrorKind::Interrupted, "waiting for events: {error}");
            return Ok(());
        }
        let events: Vec<(usize, bool)> =
            self.events.iter().map(|event| (event.token().0, event.is_readable())).collect();
        for (token, is_readable) in events {
            if token >= POSTERS {
                self.read_answer(token - POSTERS)?;
            } else {
                self.serve_stream(token, is_readable)?;
            }
        }
        Ok(())
    }

    fn serve_stream(&mut self, index: usize, is_readable: bool) -> Result<()> {
        let stream = &mut self.streams[index];
        if stream.phase == Phase::Connecting {
            stream.send()?;
        }
        let mut more = is_readable;
        while more {
            let before = stream.phase;
            let (got, full) = stream.receive(&mut self.buffer)?;
            more = full;
            let Got::Body(length) = got else { continue };
            self.open += usize::from(before != Phase::Open);
            let (now_us, ledger, tally) = (self.ledger.now_us(), &mut self.ledger, &mut stream.tally);
            let mut unknown = None;
            self.scanner.scan(&mut stream.carry, &mut self.buffer, length, |number| {
                if !ledger.arrived(tally, number, now_us) {
                    unknown = Some(number);
                }
            });
            ensure!(unknown.is_none(), "stream {index} got message {unknown:?}, which was never posted");
        }
        Ok(())
    }

    fn read_answer(&mut self, index: usize) -> Result<()> {
        let poster = &mut self.posters[index];
        match poster.receive(&mut self.buffer)? {
            Received::Nothing => {}
            Received::Answer(number) => {
                self.ledger.answered(number);
                self.idle.push_back(index);
            }
            Received::Closed => {
                poster.reconnect(self.server)?;
                let (registry, token) = (self.poll.registry(), Token(POSTERS + index));
                registry.register(&mut poster.socket, token, Interest::READABLE)?;
            }
        }
        Ok(())
    }

    /// Sends what is due on the connections that are idle; how long to wait for events.
    fn post_what_is_due(&mut self, wait: Duration) -> Result<Duration> {
        let mut wait = wait;
        match self.pace {
            Pace::Silent => {}
            Pace::EverySecond(rate) => {
                let now_us = self.ledger.now_us();
                for due_us in self.due.until(now_us, rate) {
                    let number = self.ledger.post(due_us);
                    self.due.waiting.push_back(number);
                }
                wait = wait.min(Duration::from_micros(self.due.next_us().saturating_sub(now_us)));
            }
            Pace::AsAnswered => {
                for _ in self.due.waiting.len()..self.idle.len() {
                    let number = self.ledger.post(self.ledger.now_us());
                    self.due.waiting.push_back(number);
                }
            }
        }
        while let Some(index) = self.idle.front().copied()
            && let Some(number) = self.due.waiting.pop_front()
        {
            self.idle.pop_front();
            let request = self.api.post_request(self.server, index, number);
            debug_assert!(self.posters[index].is_idle(), "it was among the idle ones");
            self.posters[index].send(number, &request)?;
        }
        Ok(wait)
    }
}
