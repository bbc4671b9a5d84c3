//! Certificates that are made for one test, and clients that trust only those.

use std::{fs, net::SocketAddr, path::Path, sync::Arc};

use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

/// A certificate for `localhost` and the loopback addresses, signed by its own key.
pub(crate) struct Certificate {
    der: CertificateDer<'static>,
    pub(crate) pem: String,
    pub(crate) key_pem: String,
}

impl Certificate {
    pub(crate) fn new() -> Self {
        let names = ["localhost", "127.0.0.1"].map(str::to_owned);
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        Self { der: made.cert.der().clone(), pem: made.cert.pem(), key_pem: made.signing_key.serialize_pem() }
    }

    /// Writes `tls.crt` and `tls.key`.
    pub(crate) fn write(&self, directory: &Path) {
        fs::write(directory.join("tls.crt"), &self.pem).unwrap();
        fs::write(directory.join("tls.key"), &self.key_pem).unwrap();
    }

    /// The options that name those two files.
    pub(crate) fn options(directory: &Path) -> Vec<String> {
        let path = |name| directory.join(name).to_str().unwrap().to_owned();
        vec!["--tls-cert".to_owned(), path("tls.crt"), "--tls-key".to_owned(), path("tls.key")]
    }

    /// Connects, trusts this certificate and no other, and speaks one of these protocols.
    pub(crate) async fn connect(&self, to: SocketAddr, protocols: &[&str]) -> std::io::Result<TlsStream<TcpStream>> {
        self.greet(TcpStream::connect(to).await?, protocols).await
    }

    /// The same on a connection that is there.
    pub(crate) async fn greet(&self, tcp: TcpStream, protocols: &[&str]) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.der.clone()).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        TlsConnector::from(Arc::new(config)).connect("localhost".try_into().unwrap(), tcp).await
    }
}
