//! A TCP socket with two users: the task of its stream, which waits for it, and the fan-out, which never waits.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, Interest, ReadBuf},
    net::TcpStream,
};

use super::StreamSocket;
use crate::live::Sink;

/// A socket that can be written to from elsewhere too. Tokio's own [`TcpStream`] wants to be borrowed alone to be read
/// and written, though each of its calls needs less; so reads and writes are tried here, and waited for if they block.
#[derive(Debug, Clone)]
pub struct SharedTcp(Arc<TcpStream>);

impl SharedTcp {
    /// Shares a socket.
    #[must_use]
    pub fn new(tcp: TcpStream) -> Self {
        Self(Arc::new(tcp))
    }

    /// Reads. What leaves room in the buffer was all there was: the socket then counts as empty at once, without a call
    /// that would find nothing, as tokio's own reading does it. Whatever comes meanwhile makes it readable again.
    fn read_all_there_is(&self, buf: &mut ReadBuf<'_>) -> io::Result<usize> {
        let mut last = None;
        let read = self.0.try_io(Interest::READABLE, || {
            // Into what is there: writing zeros first would be 8 KiB for each request.
            let length = self.0.try_read_buf(buf)?;
            if length > 0 && buf.remaining() > 0 {
                last = Some(length);
                return Err(io::ErrorKind::WouldBlock.into());
            }
            Ok(length)
        });
        last.map_or(read, Ok)
    }

    fn poll_to_write(
        &self,
        cx: &mut Context<'_>,
        write: impl Fn(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.0.poll_write_ready(cx))?;
            match write(&self.0) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }
}

impl StreamSocket for SharedTcp {
    fn sink(&self) -> Option<Arc<dyn Sink>> {
        Some(Arc::clone(&self.0) as _)
    }
}

impl AsyncRead for SharedTcp {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.0.poll_read_ready(cx))?;
            match self.read_all_there_is(buf) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return Poll::Ready(read.map(drop)),
            }
        }
    }
}

impl AsyncWrite for SharedTcp {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_to_write(cx, |tcp| tcp.try_write(bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_to_write(cx, |tcp| tcp.try_write_vectored(pieces))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Says that nothing more comes (shutdown(2) with SHUT_WR).
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(socket2::SockRef::from(&*self.0).shutdown(std::net::Shutdown::Write))
    }
}
