//! A stream's socket leaves hyper: what the handler hands over, and the task that writes it from then on.
//!
//! The `/chat` handler finds a [`Slot`] among the request's extensions, puts the response's head and the subscription in,
//! and never answers. The connection's task sees that, stops polling hyper and takes the socket back. From then on the
//! socket carries chunks that were framed once for all readers, and is read only to notice its end.

pub mod head;
pub mod shared_tcp;

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::caps::StreamPlace;
use crate::live::{Sink, Subscription, encode::LAST_CHUNK, ending::EndReason};

/// Where a handler leaves a stream for its connection. One for each connection; a handle.
#[derive(Clone, Default)]
pub struct Slot(Arc<SlotState>);

#[derive(Default)]
struct SlotState {
    stream: Mutex<Option<TakenStream>>,
    is_write_waiting: Arc<AtomicBool>,
}

impl Slot {
    /// Hands a stream over. The handler must never answer after this: its future is dropped.
    pub fn hand_over(&self, head: Bytes, subscription: Subscription, place: StreamPlace) {
        let stream = TakenStream { head, subscription, _place: place };
        *self.0.stream.lock().unwrap_or_else(PoisonError::into_inner) = Some(stream);
    }

    /// The stream that was handed over, unless bytes of an earlier answer still wait to be written: a client that sends
    /// requests without waiting for answers is owed those first.
    pub(super) fn take(&self) -> Option<TakenStream> {
        if self.0.is_write_waiting.load(Ordering::Relaxed) {
            return None;
        }
        self.0.stream.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Set while a write of the connection waits.
    pub(super) fn write_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0.is_write_waiting)
    }
}

/// A socket that can carry a stream.
pub trait StreamSocket: AsyncRead + AsyncWrite + Unpin {
    /// The same socket for whoever writes events without this task; none if bytes have to pass through more than it.
    fn sink(&self) -> Option<Arc<dyn Sink>> {
        None
    }
}

/// A stream on its way to a socket of its own.
pub(super) struct TakenStream {
    head: Bytes,
    subscription: Subscription,
    _place: StreamPlace,
}

impl TakenStream {
    /// Writes the stream to its end. Writes of `socket` must fail when they make no progress for too long.
    ///
    /// Written as one poll function rather than as nested async ones: an idle stream is not much more than this future.
    pub(super) fn drive(self, socket: impl StreamSocket) -> impl Future<Output = ()> {
        if let Some(sink) = socket.sink() {
            self.subscription.lend(sink);
        }
        let Self { head: unwritten, subscription, _place } = self;
        let mut driver = Driver { socket, subscription, unwritten, is_first: true, is_last: false, _place };
        poll_fn(move |cx| driver.poll(cx))
    }
}

/// A stream on its socket.
struct Driver<S> {
    socket: S,
    subscription: Subscription,
    /// What is to be written before the subscription is asked for more.
    unwritten: Bytes,
    /// That is the head alone. It goes out with the first events, which are there at once, in one packet.
    is_first: bool,
    /// Nothing comes after that.
    is_last: bool,
    _place: StreamPlace,
}

impl<S: StreamSocket> Driver<S> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if !self.is_first && !ready!(self.poll_write_out(cx)) {
                return Poll::Ready(());
            }
            if self.is_last {
                return Pin::new(&mut self.socket).poll_shutdown(cx).map(drop);
            }
            match self.subscription.poll_next(cx) {
                Poll::Ready(Some(batch)) => self.append(&batch.into_chunks()),
                Poll::Ready(None) => {
                    self.append(&Bytes::from_static(LAST_CHUNK));
                    self.is_last = true;
                }
                Poll::Pending => {
                    self.subscription.close(closed_by(ready!(poll_closed(&mut self.socket, cx))));
                    return Poll::Ready(());
                }
            }
            self.is_first = false;
        }
    }

    fn append(&mut self, chunks: &Bytes) {
        if self.unwritten.is_empty() {
            self.unwritten.clone_from(chunks);
        } else {
            let mut joined = BytesMut::with_capacity(self.unwritten.len() + chunks.len());
            joined.extend_from_slice(&self.unwritten);
            joined.extend_from_slice(chunks);
            self.unwritten = joined.freeze();
        }
    }

    /// Writes what is to be written. Returns whether the stream goes on: the socket may fail, and the hub may not even
    /// wait for the write under way.
    fn poll_write_out(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        while !self.unwritten.is_empty() {
            match Pin::new(&mut self.socket).poll_write(cx, &self.unwritten) {
                Poll::Ready(Ok(written)) if written > 0 => self.unwritten.advance(written),
                Poll::Ready(written) => {
                    self.subscription.close(closed_by(written.err()));
                    return Poll::Ready(false);
                }
                Poll::Pending => return self.subscription.poll_cut(cx).map(|()| false),
            }
        }
        // Encryption may hold the end of it back.
        match Pin::new(&mut self.socket).poll_flush(cx) {
            Poll::Ready(Ok(())) => Poll::Ready(true),
            Poll::Ready(Err(error)) => {
                self.subscription.close(closed_by(Some(error)));
                Poll::Ready(false)
            }
            Poll::Pending => self.subscription.poll_cut(cx).map(|()| false),
        }
    }
}

/// Why a stream ends whose socket failed, or was closed by the other side.
fn closed_by(error: Option<io::Error>) -> EndReason {
    match error {
        Some(error) if error.kind() == io::ErrorKind::TimedOut => EndReason::WriteStalled,
        _ => EndReason::ClientGone,
    }
}

/// Reads and ignores; a client has nothing to say here, but how the reading ends tells that it is gone.
fn poll_closed<S: AsyncRead + Unpin>(socket: &mut S, cx: &mut Context<'_>) -> Poll<Option<io::Error>> {
    const READS_AT_ONCE: usize = 8;
    for _ in 0..READS_AT_ONCE {
        let mut ignored = [0; 512];
        let mut buffer = ReadBuf::new(&mut ignored);
        match ready!(Pin::new(&mut *socket).poll_read(cx, &mut buffer)) {
            Ok(()) if buffer.filled().is_empty() => return Poll::Ready(None),
            Ok(()) => {}
            Err(error) => return Poll::Ready(Some(error)),
        }
    }
    cx.waker().wake_by_ref();
    Poll::Pending
}

#[cfg(test)]
impl StreamSocket for tokio::io::DuplexStream {}
