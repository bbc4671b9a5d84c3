//! The accept loop: sockets in, requests to the router, stream sockets out of hyper again.
//!
//! It is our own because `axum::serve` sets no header time-out, has a backlog of 1024, and cannot give a socket back
//! (decision "the takeover"). Each connection is one task. While it speaks HTTP the task holds hyper's state; once a
//! stream takes the socket over that state is dropped, and the task is a few hundred bytes around a mailbox.

mod admission;
mod connection;
mod http1;
mod http2;
mod socket;
#[cfg(test)]
mod tests;
pub mod tls;
pub mod write_deadline;

use std::{
    collections::VecDeque,
    future::poll_fn,
    io,
    net::{Ipv6Addr, SocketAddr},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::Router;
use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::{JoinError, JoinSet, coop::unconstrained},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

pub use self::{admission::ConnectionCaps, http2::Standing, tls::Tls};

/// How long the TLS handshake may take, and then each request's head, from the connection's beginning or the end of the
/// last answer.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a write may make no progress.
const WRITE_STALL_MAX: Duration = Duration::from_secs(10);

/// An idle connection is asked for a sign of life after this time: those of HTTP/1.1 end before, those of HTTP/2 and
/// streams ask by themselves, so it is for what neither of them covers.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Connections that wait to be accepted. With the usual 1024 a burst of 10,000 took 33 s instead of 0.3 s: what does not
/// fit is dropped by the kernel and comes back a second later.
const BACKLOG: i32 = 4096;

/// Accepted connections that wait to be greeted at most: the burst that is promised. The kernel's room is bounded by
/// [`BACKLOG`], and to take one out of it costs a fraction of what a task costs.
const WAITING_MAX: usize = 10_000;

/// Connections greeted before the kernel is asked for more, some milliseconds; in that time it never runs full.
const GREETED_AT_ONCE: usize = 64;

/// Connections greeted before the others get their turn again.
const GREETED_IN_A_TURN: usize = 10_000;

/// Data that is not acknowledged for so long ends the connection (TCP_USER_TIMEOUT): with a heartbeat every 15 s a peer
/// that has vanished is noticed within 35 s (guarantee G7).
const UNACKNOWLEDGED_MAX: Duration = Duration::from_secs(20);

/// First pause after the system had nothing left for a new connection; doubled up to [`ACCEPT_PAUSE_MAX`].
const ACCEPT_PAUSE_MIN: Duration = Duration::from_millis(20);

/// Longest such pause.
const ACCEPT_PAUSE_MAX: Duration = Duration::from_secs(1);

/// How long a stop waits for what is under way; with the rest of the shutdown it stays below 10 s (guarantee G8).
const DRAIN_MAX: Duration = Duration::from_secs(8);

/// Opens the listening socket. SO_REUSEADDR, so that a restart need not wait for old connections to be forgotten; never
/// SO_REUSEPORT, with which a second server would quietly take half of the connections.
///
/// # Errors
/// The address is taken, not ours, or not allowed.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    if address.ip() == Ipv6Addr::UNSPECIFIED {
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// What is served, and to whom.
pub struct Serving {
    /// Answers the requests.
    pub app: Router,
    /// Encrypts, if it is there.
    pub tls: Option<Arc<Tls>>,
    /// How many may connect.
    pub caps: ConnectionCaps,
    /// Ends it all.
    pub shutdown: CancellationToken,
    /// Turns for first requests.
    openings: Arc<Semaphore>,
}

impl Serving {
    /// Serves `app` until `shutdown`.
    #[must_use]
    pub fn new(app: Router, tls: Option<Arc<Tls>>, caps: ConnectionCaps, shutdown: CancellationToken) -> Self {
        Self { app, tls, caps, shutdown, openings: Arc::new(Semaphore::new(connection::OPENINGS)) }
    }

    /// Plain HTTP/1.1 to everyone.
    #[must_use]
    pub fn plain(app: Router, shutdown: CancellationToken) -> Self {
        Self::new(app, None, ConnectionCaps::none(), shutdown)
    }
}

/// Serves until the shutdown, and then until every connection has ended, at most 8 s.
///
/// Each request carries the peer's address as [`axum::extract::ConnectInfo`], and over HTTP/1.1 a
/// [`super::takeover::Slot`] among its extensions. On shutdown the loop stops accepting, running requests finish, idle
/// connections are closed; streams end by themselves, since the hub watches the same token.
///
/// **Cancel-safety.** Dropping the future drops every connection.
pub async fn serve(listener: TcpListener, serving: Serving) {
    let serving = Arc::new(serving);
    let mut connections = JoinSet::new();
    serving.shutdown.run_until_cancelled(unconstrained(accept(&listener, &serving, &mut connections))).await;
    drop(listener);
    let drained = timeout(DRAIN_MAX, async {
        while let Some(ended) = connections.join_next().await {
            report(ended);
        }
    });
    if drained.await.is_err() {
        tracing::warn!(connections = connections.len(), "these did not end in time and are cut");
    }
}

/// A connection that was accepted, and who is at its other end.
type Accepted = (TcpStream, SocketAddr);

/// Accepts for ever. What the kernel holds is taken before anyone is greeted, without regard to the runtime's budget: in a
/// burst the turns of a busy runtime are too far apart for the backlog, and a connection that it has no room for comes back
/// after a second.
async fn accept(listener: &TcpListener, serving: &Arc<Serving>, connections: &mut JoinSet<()>) {
    let mut waiting = VecDeque::new();
    let (mut pause, mut greeted) = (ACCEPT_PAUSE_MIN, 0);
    loop {
        let taken = tokio::select! {
            taken = poll_fn(|context| poll_take(listener, &mut waiting, context)) => taken,
            Some(ended) = connections.join_next() => {
                report(ended);
                continue;
            }
        };
        let some = if taken.is_ok() { waiting.len().min(GREETED_AT_ONCE) } else { waiting.len() };
        greeted += some;
        waiting.drain(..some).for_each(|(tcp, peer)| greet(tcp, peer, serving, connections));
        match taken {
            Ok(()) => pause = ACCEPT_PAUSE_MIN,
            Err(error) => {
                if pause == ACCEPT_PAUSE_MIN {
                    tracing::error!(%error, "no connection can be accepted; those that are open live on");
                }
                sleep(pause).await;
                pause = (pause * 2).min(ACCEPT_PAUSE_MAX);
            }
        }
        if greeted >= GREETED_IN_A_TURN {
            greeted = 0;
            tokio::task::yield_now().await;
        }
    }
}

/// Takes what the kernel holds. Pending while nobody waits; an error is one that would come again at once.
fn poll_take(
    listener: &TcpListener,
    waiting: &mut VecDeque<Accepted>,
    context: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    while waiting.len() < WAITING_MAX {
        match listener.poll_accept(context) {
            Poll::Ready(Ok(accepted)) => waiting.push_back(accepted),
            Poll::Ready(Err(error)) if is_of_one_connection(&error) => {
                tracing::debug!(%error, "a connection was gone at once");
            }
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Pending => break,
        }
    }
    if waiting.is_empty() { Poll::Pending } else { Poll::Ready(Ok(())) }
}

/// Serves a connection, or turns it away.
fn greet(tcp: TcpStream, peer: SocketAddr, serving: &Arc<Serving>, connections: &mut JoinSet<()>) {
    if let Some(place) = serving.caps.enter(peer) {
        set_options(&tcp);
        connections.spawn(connection::serve(tcp, peer, Arc::clone(serving), place));
    } else {
        tracing::debug!(%peer, "a connection was turned away");
        serving.caps.turn_away(tcp, serving.tls.is_none());
    }
}

/// A socket without these still works: a failure is the peer's, which is gone already.
fn set_options(tcp: &TcpStream) {
    let socket = SockRef::from(tcp);
    let set =
        socket.set_tcp_nodelay(true).and_then(|()| socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED_MAX))).and_then(
            |()| socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE / 3)),
        );
    if let Err(error) = set {
        tracing::debug!(%error, "the options of a socket were not set");
    }
}

/// Whether the error is about the connection that was to be accepted, and not about accepting (accept(2), "Error
/// handling"). Everything else, such as EMFILE, would come again at once.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

fn report(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "a connection's task panicked; it alone is lost");
    }
}
