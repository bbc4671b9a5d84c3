//! The byte stream under a connection, plain or encrypted, with the deadline for write progress below the encryption: what
//! counts as progress is what the network takes, not what a buffer of the TLS session does.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::server::TlsStream;

use super::{tls, write_deadline::WriteDeadline};
use crate::{
    http::takeover::{StreamSocket, shared_tcp::SharedTcp},
    live::Sink,
};

/// A TCP connection whose writes fail when they make no progress.
pub(super) type Tcp = WriteDeadline<SharedTcp>;

/// See the module. The TLS session is some kilobytes, and so behind a pointer: most streams have none.
#[derive(Debug)]
pub(super) enum Socket {
    /// As it is.
    Plain(Tcp),
    /// Inside TLS.
    Encrypted(Box<TlsStream<Tcp>>),
}

impl Socket {
    /// Whether the handshake settled on HTTP/2. Plain TCP is always HTTP/1.1.
    pub(super) fn is_http2(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Encrypted(tls) => tls.get_ref().1.alpn_protocol() == Some(tls::ALPN_HTTP2),
        }
    }
}

impl StreamSocket for Socket {
    fn sink(&self) -> Option<Arc<dyn Sink>> {
        match self {
            Self::Plain(tcp) => tcp.sink(),
            Self::Encrypted(_) => None,
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Self::Encrypted(tls) => Pin::new(tls).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Self::Encrypted(tls) => Pin::new(tls).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_write_vectored(cx, bufs),
            Self::Encrypted(tls) => Pin::new(tls).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(tcp) => tcp.is_write_vectored(),
            Self::Encrypted(tls) => tls.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Self::Encrypted(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Self::Encrypted(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}
