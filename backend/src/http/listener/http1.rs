//! HTTP/1.1 by hyper, until the connection ends or a stream takes the socket.

use std::{
    convert::Infallible,
    future::poll_fn,
    net::SocketAddr,
    pin::{Pin, pin},
    task::Poll,
};

use axum::extract::ConnectInfo;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use shared::limits::HEAD_MAX_BYTES;
use tower::Service;

use super::{HEAD_TIMEOUT, Serving, socket::Socket};
use crate::http::takeover::{Slot, TakenStream};

/// Answers requests until the connection ends, or gives the socket back to the stream that takes it over.
pub(super) async fn serve(
    socket: Socket,
    peer: SocketAddr,
    slot: Slot,
    serving: &Serving,
) -> Option<(Socket, TakenStream)> {
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(slot.clone());
        let mut app = serving.app.clone();
        async move { Ok::<_, Infallible>(app.call(request).await.unwrap_or_else(|never| match never {})) }
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_header_size(HEAD_MAX_BYTES)
        .serve_connection(TokioIo::new(socket), service);

    let mut stop = pin!(serving.shutdown.cancelled());
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
