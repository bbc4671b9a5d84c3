//! A deadline for write progress around a socket: hyper has none, and a peer that stops reading would hold its
//! connection for ever. The timer exists only while a write waits, so an idle connection costs one pointer.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

use crate::{http::takeover::StreamSocket, live::Sink};

/// See the module. A write that makes no progress in time fails with [`io::ErrorKind::TimedOut`].
#[derive(Debug)]
pub struct WriteDeadline<S> {
    socket: S,
    limit: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
    is_waiting: Arc<AtomicBool>,
}

impl<S> WriteDeadline<S> {
    /// Wraps a socket. `is_waiting` shows others whether the last write is still waiting.
    pub fn new(socket: S, limit: Duration, is_waiting: Arc<AtomicBool>) -> Self {
        Self { socket, limit, waiting: None, is_waiting }
    }

    /// Passes on what a write came to, unless it has been waiting for too long.
    fn watch<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            if self.waiting.take().is_some() {
                self.is_waiting.store(false, Ordering::Relaxed);
            }
            return written;
        }
        self.is_waiting.store(true, Ordering::Relaxed);
        let limit = self.limit;
        ready!(self.waiting.get_or_insert_with(|| Box::pin(sleep(limit))).as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the peer takes nothing")))
    }
}

impl<S: StreamSocket> StreamSocket for WriteDeadline<S> {
    /// A write elsewhere never waits, and so needs no deadline.
    fn sink(&self) -> Option<Arc<dyn Sink>> {
        self.socket.sink()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for WriteDeadline<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for WriteDeadline<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(cx, buf);
        self.watch(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write_vectored(cx, bufs);
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.socket).poll_flush(cx);
        self.watch(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let closed = Pin::new(&mut self.socket).poll_shutdown(cx);
        self.watch(cx, closed)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, duplex},
        time::Instant,
    };

    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn a_write_without_progress_fails_at_the_limit() {
        let (near, far) = duplex(64);
        let is_waiting = Arc::new(AtomicBool::new(false));
        let mut near = WriteDeadline::new(near, LIMIT, Arc::clone(&is_waiting));
        let began = Instant::now();
        let error = near.write_all(&[0; 65]).await.unwrap_err();
        assert_eq!((error.kind(), began.elapsed()), (io::ErrorKind::TimedOut, LIMIT));
        assert!(is_waiting.load(Ordering::Relaxed));
        drop(far);
    }

    #[tokio::test(start_paused = true)]
    async fn slow_progress_is_progress() {
        let (near, mut far) = duplex(64);
        let is_waiting = Arc::new(AtomicBool::new(false));
        let mut near = WriteDeadline::new(near, LIMIT, Arc::clone(&is_waiting));
        let reader = tokio::spawn(async move {
            for _ in 0..10 {
                sleep(LIMIT * 9 / 10).await;
                far.read_exact(&mut [0; 64]).await.unwrap();
            }
            far
        });
        near.write_all(&[0; 640]).await.unwrap();
        assert!(!is_waiting.load(Ordering::Relaxed));
        reader.await.unwrap();
    }
}
