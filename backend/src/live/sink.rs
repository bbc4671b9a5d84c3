//! A socket as the fan-out sees it: something that takes bytes at once or not at all.

use std::io::{self, IoSlice};

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

impl Sink for tokio::net::TcpStream {
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        Self::try_write(self, bytes)
    }

    fn try_write_vectored(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        Self::try_write_vectored(self, pieces)
    }
}
