//! HTTP/2 by hyper, after a TLS handshake that settled on it (RFC 9113).
//!
//! `/chat` is an ordinary response body here. What a client could use against the server is bounded: streams, heads, what
//! waits for it, how long a stream may stand still ([`streams`]), how long a connection may have none. Floods of resets and
//! of frames that need an answer end in GOAWAY; h2 counts those.

mod motion;
mod streams;

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::pin,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use axum::extract::ConnectInfo;
use hyper::{Request, body::Incoming, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use shared::limits::HEAD_MAX_BYTES;
use tower::Service;

pub use self::motion::Standing;
use self::{motion::Watched, streams::Streams};
use super::{Serving, socket::Socket};

/// Requests under way on one connection; a browser's page needs a few dozen.
const STREAMS_MAX: u32 = 100;

/// What a client may send of one body before we have read it: more than the largest body's half.
const STREAM_WINDOW_BYTES: u32 = 64 * 1024;

/// The same of all bodies together.
const CONNECTION_WINDOW_BYTES: u32 = 256 * 1024;

/// What may wait for a client in one stream.
const SEND_BUFFER_BYTES: usize = 64 * 1024;

/// Streams that a client has reset and that we have not looked at yet; above it the connection ends (CVE-2023-44487).
const RESETS_PENDING_MAX: usize = 20;

/// Streams that we had to reset because the client broke the rules; above it the connection ends (CVE-2025-8671).
const RESETS_OF_OURS_MAX: usize = 128;

/// A client that has been asked for a sign of life so often …
const PING_INTERVAL: Duration = Duration::from_secs(20);

/// … gives one in this time, or is gone (guarantee G7: 40 s together).
const PING_TIMEOUT: Duration = Duration::from_secs(20);

/// Answers requests until the connection ends.
pub(super) async fn serve(socket: Socket, peer: SocketAddr, is_write_waiting: Arc<AtomicBool>, serving: &Serving) {
    let streams = Streams::new(is_write_waiting);
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let mut app = serving.app.clone();
        async move {
            let standing = Standing::of_this_stream();
            request.extensions_mut().insert(standing.clone());
            let response = app.call(request).await.unwrap_or_else(|never| match never {});
            Ok::<_, Infallible>(response.map(|body| Watched::new(body, standing)))
        }
    });
    let connection = http2::Builder::new(streams.clone())
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(u32::try_from(HEAD_MAX_BYTES).expect("16 KiB"))
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_send_buf_size(SEND_BUFFER_BYTES)
        .max_pending_accept_reset_streams(RESETS_PENDING_MAX)
        .max_local_error_reset_streams(RESETS_OF_OURS_MAX)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT)
        .serve_connection(TokioIo::new(socket), service);

    let mut connection = pin!(connection);
    let mut stop = pin!(async {
        tokio::select! {
            () = serving.shutdown.cancelled() => {}
            () = streams.idle() => {}
        }
    });
    let mut is_stopping = false;
    loop {
        tokio::select! {
            ended = &mut connection => {
                if let Err(error) = ended {
                    tracing::debug!(%peer, %error, "a connection ended");
                }
                return;
            }
            () = streams.stuck() => {
                tracing::debug!(%peer, "a connection ended: its client takes nothing");
                return;
            }
            () = &mut stop, if !is_stopping => {
                is_stopping = true;
                // GOAWAY: no new requests; those under way are finished (RFC 9113 §6.8).
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}
