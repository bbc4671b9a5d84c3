//! One connection: HTTP/1.1 by hyper, until it ends or a stream takes the socket.

use std::{
    convert::Infallible,
    future::poll_fn,
    net::SocketAddr,
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use axum::{Router, extract::ConnectInfo};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use shared::limits::HEAD_MAX_BYTES;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tower::Service;

use super::write_deadline::WriteDeadline;
use crate::http::takeover::{Slot, TakenStream, shared_tcp::SharedTcp};

/// How long a request's head may take, from the connection's beginning or the end of the last answer.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a write may make no progress.
const WRITE_STALL_MAX: Duration = Duration::from_secs(10);

/// A connection's socket while it is ours.
pub(super) type Socket = WriteDeadline<SharedTcp>;

/// Serves a connection to its end.
///
/// The part that speaks HTTP is boxed, and dropped before the stream begins: a task keeps the size of its largest moment,
/// and hyper's is far larger than a stream's.
pub(super) fn serve(
    tcp: TcpStream,
    peer: SocketAddr,
    app: Router,
    shutdown: CancellationToken,
) -> impl Future<Output = ()> + Send {
    let http = Box::pin(speak_http(tcp, peer, app, shutdown));
    async move {
        let taken = http.await;
        if let Some((socket, stream)) = taken {
            stream.drive(socket).await;
        }
    }
}

/// Answers requests until the connection ends, or gives the socket back to the stream that takes it over.
async fn speak_http(
    tcp: TcpStream,
    peer: SocketAddr,
    app: Router,
    shutdown: CancellationToken,
) -> Option<(Socket, TakenStream)> {
    let slot = Slot::default();
    let socket = WriteDeadline::new(SharedTcp::new(tcp), WRITE_STALL_MAX, slot.write_flag());
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(slot.clone());
        let mut app = app.clone();
        async move { Ok::<_, Infallible>(app.call(request).await.unwrap_or_else(|never| match never {})) }
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_header_size(HEAD_MAX_BYTES)
        .serve_connection(TokioIo::new(socket), service);

    let mut stop = pin!(shutdown.cancelled());
    let mut is_stopping = false;
    let taken = poll_fn(|cx| {
        if !is_stopping && stop.as_mut().poll(cx).is_ready() {
            is_stopping = true;
            // Ends a connection that waits for a request, a browser's unused one too; lets a running request finish.
            Pin::new(&mut connection).graceful_shutdown();
        }
        match Pin::new(&mut connection).poll(cx) {
            Poll::Ready(ended) => {
                if let Err(error) = ended {
                    tracing::debug!(%peer, %error, "a connection ended");
                }
                Poll::Ready(None)
            }
            Poll::Pending => slot.take().map_or(Poll::Pending, |stream| Poll::Ready(Some(stream))),
        }
    })
    .await?;
    Some((connection.into_parts().io.into_inner(), taken))
}
