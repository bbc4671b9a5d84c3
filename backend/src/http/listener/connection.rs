//! One connection, from its first byte to its last: TLS if there is any, HTTP in the version that was settled on, and
//! perhaps a stream that takes the socket.

use std::{net::SocketAddr, sync::Arc};

use tokio::net::TcpStream;

use super::{HEAD_TIMEOUT, Serving, WRITE_STALL_MAX, admission::ConnectionPlace, http1, http2, socket::Socket};
use crate::http::{
    listener::write_deadline::WriteDeadline,
    takeover::{Slot, TakenStream},
};

/// Serves a connection to its end; it keeps its `place` until then.
///
/// The part that speaks HTTP is boxed, and dropped before the stream begins: a task keeps the size of its largest moment,
/// and hyper's is far larger than a stream's.
pub(super) fn serve(
    tcp: TcpStream,
    peer: SocketAddr,
    serving: Arc<Serving>,
    place: ConnectionPlace,
) -> impl Future<Output = ()> + Send {
    let http = Box::pin(speak_http(tcp, peer, serving));
    async move {
        let _held = place;
        let taken = http.await;
        if let Some((socket, stream)) = taken {
            stream.drive(socket).await;
        }
    }
}

/// Speaks HTTP until the connection ends, or a stream takes the socket over.
async fn speak_http(tcp: TcpStream, peer: SocketAddr, serving: Arc<Serving>) -> Option<(Socket, TakenStream)> {
    let slot = Slot::default();
    let wrap = |tcp| WriteDeadline::new(tcp, WRITE_STALL_MAX, slot.write_flag());
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
