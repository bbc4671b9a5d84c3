//! A socket as the fan-out sees it: something that takes bytes at once or not at all.

use std::io::{self, IoSlice};

use rustix::net::{self, SendFlags};
use tokio::net::TcpStream;

/// The near end of a reader's connection. Whoever has something for a reader that waits for nothing else writes it here
/// straight away; nobody is woken for it.
///
/// Calls never block. One mailbox makes them one at a time, under its lock.
pub trait Sink: Send + Sync + 'static {
    /// Takes the beginning of `bytes`. Returns how much.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] when nothing can be taken now; any other when the connection is over.
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize>;

    /// The same for several pieces that follow each other.
    ///
    /// # Errors
    /// The same.
    fn try_write_vectored(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize>;
}

/// Without waiting, and without SIGPIPE when the other side is gone (send(2)).
const NOW: SendFlags = SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL);

/// By the system call alone: tokio's own `try_write` looks first at what it knows of the socket's readiness, which costs a
/// cache line per delivery. When the call says that it would block, the reader's task asks tokio, which then takes note.
impl Sink for TcpStream {
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        Ok(net::send(self, bytes, NOW)?)
    }

    fn try_write_vectored(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        Ok(net::sendmsg(self, pieces, &mut net::SendAncillaryBuffer::default(), NOW)?)
    }
}
