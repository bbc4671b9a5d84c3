//! TLS: the certificate, which can be exchanged while the server runs, and the handshake.
//!
//! rustls with ring, TLS 1.2 and 1.3. A handshake offers HTTP/2 and HTTP/1.1 (ALPN, RFC 7301). On SIGHUP the two files are
//! read again: new handshakes get the new certificate, open connections keep what they have; files that do not fit leave
//! everything as it is. Tickets for resumption are sealed by a key that changes by itself and kept nowhere.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    signal::unix::{SignalKind, signal},
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::sync::CancellationToken;

use super::socket::Tcp;

/// What a client calls HTTP/2 in its hello (RFC 9113 §3.2).
pub(super) const ALPN_HTTP2: &[u8] = b"h2";

/// And HTTP/1.1 (RFC 7301 §6).
const ALPN_HTTP1: &[u8] = b"http/1.1";

/// The first byte of every TLS connection: a record of the handshake (RFC 8446 §5.1).
const HANDSHAKE_RECORD: u8 = 22;

/// For somebody who speaks plain HTTP here.
const NOT_ENCRYPTED: &[u8] = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\n\
    Content-Length: 53\r\n\r\nThis port speaks HTTPS. Begin the address with https:\n";

/// Why a certificate cannot be used. Each text says which file.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or is not PEM.
    #[error("{} cannot be read: {cause}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: pem::Error,
    },
    /// There is no certificate in the file.
    #[error("{} holds no certificate", .0.display())]
    Empty(PathBuf),
    /// Certificate and key are not a pair, or of a kind that is not supported.
    #[error("{} and {} do not fit together: {cause}", .certificate.display(), .key.display())]
    Pair {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What rustls said.
        cause: rustls::Error,
    },
    /// The library refuses its own defaults.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
}

/// See the module.
pub struct Tls {
    acceptor: TlsAcceptor,
    certificate: Arc<Certificate>,
}

/// The certificate of new handshakes.
#[derive(Debug)]
struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Tls {
    /// Reads a certificate chain and its key from PEM files.
    ///
    /// # Errors
    /// [`TlsError`], naming the file.
    pub fn load(chain: &Path, key: &Path) -> Result<Self, TlsError> {
        let current = RwLock::new(Arc::new(read(chain, key)?));
        let certificate = Arc::new(Certificate { chain: chain.to_owned(), key: key.to_owned(), current });
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&certificate) as _);
        config.alpn_protocols = vec![ALPN_HTTP2.to_vec(), ALPN_HTTP1.to_vec()];
        config.ticketer = ring::Ticketer::new()?;
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), certificate })
    }

    /// Reads the files again.
    ///
    /// # Errors
    /// [`TlsError`]; the certificate stays the one it was.
    pub fn reload(&self) -> Result<(), TlsError> {
        let new = read(&self.certificate.chain, &self.certificate.key)?;
        *self.certificate.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
        Ok(())
    }

    /// Reads the files again on each SIGHUP, until `shutdown`.
    ///
    /// # Errors
    /// The signal cannot be watched.
    pub fn reload_on_hangup(self: &Arc<Self>, shutdown: CancellationToken) -> io::Result<()> {
        let mut hangup = signal(SignalKind::hangup())?;
        let tls = Arc::clone(self);
        tokio::spawn(async move {
            while let Some(Some(())) = shutdown.run_until_cancelled(hangup.recv()).await {
                match tls.reload() {
                    Ok(()) => tracing::info!("the certificate was read again"),
                    Err(error) => tracing::error!(%error, "the certificate was not read again; the old one stays"),
                }
            }
        });
        Ok(())
    }

    /// Greets a client, within `limit`; `None` when that comes to nothing, whatever the reason.
    pub(super) async fn handshake(
        &self,
        tcp: TcpStream,
        wrap: impl FnOnce(TcpStream) -> Tcp,
        limit: Duration,
    ) -> Option<TlsStream<Tcp>> {
        let greeted = timeout(limit, async {
            let mut first = [0];
            tcp.peek(&mut first).await?;
            match first {
                [HANDSHAKE_RECORD] => self.acceptor.accept(wrap(tcp)).await,
                _ => Err(turn_away(wrap(tcp)).await),
            }
        });
        let failed = match greeted.await {
            Ok(Ok(tls)) => return Some(tls),
            Ok(Err(error)) => error,
            Err(late) => late.into(),
        };
        tracing::debug!(error = %failed, "no handshake");
        None
    }
}

/// Tells a client of plain HTTP, as far as it is one, what is wrong.
async fn turn_away(mut tcp: Tcp) -> io::Error {
    let told = async {
        tcp.write_all(NOT_ENCRYPTED).await?;
        tcp.shutdown().await?;
        // What it has sent is read: a socket closed with unread bytes resets, and the answer would be lost with it.
        tokio::io::copy(&mut tcp, &mut tokio::io::sink()).await
    };
    told.await.err().unwrap_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the client does not speak TLS"))
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn read(chain_path: &Path, key_path: &Path) -> Result<CertifiedKey, TlsError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        |cause| TlsError::File { path, cause }
    };
    let chain = CertificateDer::pem_file_iter(chain_path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(failed(chain_path))?;
    if chain.is_empty() {
        return Err(TlsError::Empty(chain_path.to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(key_path).map_err(failed(key_path))?;
    CertifiedKey::from_der(chain, key, &ring::default_provider()).map_err(|cause| TlsError::Pair {
        certificate: chain_path.to_owned(),
        key: key_path.to_owned(),
        cause,
    })
}
