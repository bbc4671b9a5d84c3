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
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};

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
    pub fn hand_over(&self, head: Bytes, subscription: Subscription) {
        *self.0.stream.lock().unwrap_or_else(PoisonError::into_inner) = Some(TakenStream { head, subscription });
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
}

/// How a stream on a socket ends, when it does not end by itself.
enum Broken {
    /// The socket failed.
    Socket(io::Error),
    /// The other side closed it.
    Closed,
    /// The hub does not even wait for the write under way.
    Cut,
}

impl TakenStream {
    /// Writes the stream to its end. Writes of `socket` must fail when they make no progress for too long.
    pub(super) async fn drive(mut self, mut socket: impl StreamSocket) {
        if let Some(sink) = socket.sink() {
            self.subscription.lend(sink);
        }
        let head = std::mem::take(&mut self.head);
        match write_all(&mut socket, head, &mut self.subscription).await {
            Ok(()) => drop(socket.shutdown().await),
            Err(Broken::Socket(error)) if error.kind() == io::ErrorKind::TimedOut => {
                self.subscription.close(EndReason::WriteStalled);
            }
            Err(Broken::Socket(_) | Broken::Closed) => self.subscription.close(EndReason::ClientGone),
            Err(Broken::Cut) => {}
        }
    }
}

/// Head, events, last chunk.
async fn write_all<S>(socket: &mut S, head: Bytes, subscription: &mut Subscription) -> Result<(), Broken>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut before = head; // the head goes out with the first events, in one packet
    while let Some(chunks) = next_or_closed(socket, subscription).await? {
        write(socket, joined(std::mem::take(&mut before), chunks), subscription).await?;
    }
    write(socket, joined(before, Bytes::from_static(LAST_CHUNK)), subscription).await
}

fn joined(before: Bytes, bytes: Bytes) -> Bytes {
    if before.is_empty() {
        return bytes;
    }
    let mut joined = BytesMut::with_capacity(before.len() + bytes.len());
    joined.extend_from_slice(&before);
    joined.extend_from_slice(&bytes);
    joined.freeze()
}

/// The next chunks, unless the other side closes before there are any.
async fn next_or_closed<S>(socket: &mut S, subscription: &mut Subscription) -> Result<Option<Bytes>, Broken>
where
    S: AsyncRead + Unpin,
{
    let mut next = pin!(subscription.next());
    poll_fn(|cx| {
        if let Poll::Ready(batch) = next.as_mut().poll(cx) {
            return Poll::Ready(Ok(batch.map(|batch| batch.into_chunks())));
        }
        poll_closed(socket, cx).map(Err)
    })
    .await
}

/// Reads and ignores; a client has nothing to say here, but how the reading ends tells that it is gone.
fn poll_closed<S: AsyncRead + Unpin>(socket: &mut S, cx: &mut Context<'_>) -> Poll<Broken> {
    const READS_AT_ONCE: usize = 8;
    for _ in 0..READS_AT_ONCE {
        let mut ignored = [0; 512];
        let mut buffer = ReadBuf::new(&mut ignored);
        match ready!(Pin::new(&mut *socket).poll_read(cx, &mut buffer)) {
            Ok(()) if buffer.filled().is_empty() => return Poll::Ready(Broken::Closed),
            Ok(()) => {}
            Err(error) => return Poll::Ready(Broken::Socket(error)),
        }
    }
    cx.waker().wake_by_ref();
    Poll::Pending
}

/// Writes everything, unless the stream is cut.
async fn write<S>(socket: &mut S, bytes: Bytes, subscription: &Subscription) -> Result<(), Broken>
where
    S: AsyncWrite + Unpin,
{
    let mut writing = pin!(async {
        socket.write_all(&bytes).await?;
        socket.flush().await
    });
    poll_fn(|cx| match writing.as_mut().poll(cx) {
        Poll::Ready(written) => Poll::Ready(written.map_err(Broken::Socket)),
        Poll::Pending => subscription.poll_cut(cx).map(|()| Err(Broken::Cut)),
    })
    .await
}

#[cfg(test)]
impl StreamSocket for tokio::io::DuplexStream {}
