//! One connection, from its first byte to its last: TLS if there is any, HTTP in the version that was settled on, and
//! perhaps a stream that takes the socket.

use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use tokio::{net::TcpStream, sync::OwnedSemaphorePermit, time::timeout};

use super::{HEAD_TIMEOUT, Serving, WRITE_STALL_MAX, admission::ConnectionPlace, http1, http2, socket::Socket};
use crate::http::{
    listener::write_deadline::WriteDeadline,
    takeover::{Slot, TakenStream, shared_tcp::SharedTcp},
};

/// First requests that are worked on at the same time. A request in the making takes some 40 KB, an open stream 3: without
/// this, ten thousand clients that come at once need 400 MB for a second.
pub(super) const OPENINGS: usize = 128;

/// How long a connection may hold its turn: a peer that says half a request delays the others no longer than that.
const OPENING_MAX: Duration = Duration::from_millis(50);

/// Serves a connection to its end; it keeps its `place` until then.
///
/// The part that speaks HTTP is boxed, made only when there is something to read, and dropped before the stream begins: a
/// task keeps the size of its largest moment, and hyper's is far larger than a stream's.
pub(super) async fn serve(tcp: TcpStream, peer: SocketAddr, serving: Arc<Serving>, place: ConnectionPlace) {
    let _held = place;
    let Some((tcp, turn)) = Box::pin(turn_of(tcp, &serving)).await else { return };
    let taken = Box::pin(in_turn(turn, speak_http(tcp, peer, serving))).await;
    if let Some((socket, stream)) = taken {
        stream.drive(socket).await;
    }
}

/// Waits until the peer says something, and then for a turn. None if it says nothing for too long, or the server stops.
async fn turn_of(tcp: TcpStream, serving: &Serving) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let readable = serving.shutdown.run_until_cancelled(timeout(HEAD_TIMEOUT, tcp.readable())).await;
    readable?.ok()?.ok()?;
    let turn = Arc::clone(&serving.openings).acquire_owned().await.ok()?;
    Some((tcp, turn))
}

/// Runs a connection's HTTP, and gives the turn back when it ends, a stream begins, or the turn is over.
async fn in_turn<T>(turn: OwnedSemaphorePermit, http: impl Future<Output = T>) -> T {
    let mut http = pin!(http);
    if let Ok(ended) = timeout(OPENING_MAX, &mut http).await {
        return ended;
    }
    drop(turn);
    http.await
}

/// Speaks HTTP until the connection ends, or a stream takes the socket over.
async fn speak_http(tcp: TcpStream, peer: SocketAddr, serving: Arc<Serving>) -> Option<(Socket, TakenStream)> {
    let slot = Slot::default();
    let wrap = |tcp| WriteDeadline::new(SharedTcp::new(tcp), WRITE_STALL_MAX, slot.write_flag());
    let socket = match &serving.tls {
        None => Socket::Plain(wrap(tcp)),
        Some(tls) => {
            let greeted = serving.shutdown.run_until_cancelled(tls.handshake(tcp, wrap, HEAD_TIMEOUT));
            Socket::Encrypted(Box::new(greeted.await??))
        }
    };
    if socket.is_http2() {
        http2::serve(socket, peer, slot.write_flag(), &serving).await;
        return None;
    }
    http1::serve(socket, peer, slot, &serving).await
}
