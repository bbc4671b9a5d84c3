//! Who may connect: caps on connections, in all and from one address.
//!
//! A connection that is one too many is answered 503 before it has said anything, as far as its few bytes of buffer go,
//! and closed. Those that are open are never touched.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use ipnet::IpNet;
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};

use crate::{
    config::Config,
    http::{
        caps::{Cap, Everyone, Place},
        peer::AddressBlock,
    },
};

/// For somebody who is one too many. There is no request yet, and so no problem document with its id.
const FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// How long one that is turned away may take to read that.
const FAREWELL_MAX: Duration = Duration::from_secs(1);

/// How many may do so at once; beyond that, connections are just closed.
const FAREWELLS_MAX: u32 = 256;

/// The caps on connections.
#[derive(Debug)]
pub struct ConnectionCaps {
    in_all: Option<Arc<Cap<Everyone>>>,
    of_address: Option<Arc<Cap<AddressBlock>>>,
    /// Everyone's connections come from these.
    trusted_proxies: Vec<IpNet>,
    farewells: Option<Arc<Cap<Everyone>>>,
}

/// What an open connection holds. A pointer, as with [`StreamPlace`](crate::http::caps::StreamPlace).
#[derive(Debug)]
pub(super) struct ConnectionPlace {
    _places: Option<Box<Places>>,
}

#[derive(Debug)]
struct Places {
    _in_all: Option<Place<Everyone>>,
    _of_address: Option<Place<AddressBlock>>,
}

impl ConnectionCaps {
    /// As the operator said.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            in_all: Cap::new(config.max_connections),
            of_address: Cap::new(config.max_connections_per_address),
            trusted_proxies: config.trusted_proxy.clone(),
            farewells: Cap::new(FAREWELLS_MAX),
        }
    }

    /// No caps.
    #[must_use]
    pub const fn none() -> Self {
        Self { in_all: None, of_address: None, trusted_proxies: Vec::new(), farewells: None }
    }

    /// A place for one more connection; `None` when there is none.
    pub(super) fn enter(&self, peer: SocketAddr) -> Option<ConnectionPlace> {
        let ip = peer.ip().to_canonical();
        let of_address = self.of_address.as_ref().filter(|_| !self.trusted_proxies.iter().any(|net| net.contains(&ip)));
        if self.in_all.is_none() && of_address.is_none() {
            return Some(ConnectionPlace { _places: None });
        }
        let places = Places { _of_address: enter(of_address, ip.into())?, _in_all: enter(self.in_all.as_ref(), ())? };
        Some(ConnectionPlace { _places: Some(Box::new(places)) })
    }

    /// Says so to one for whom there was no place. Over TLS nothing can be said, and the connection is just closed.
    pub(super) fn turn_away(&self, mut tcp: TcpStream, is_plain: bool) {
        let Some(place) = self.farewells.as_ref().filter(|_| is_plain).and_then(|cap| cap.enter(())) else { return };
        tokio::spawn(timeout(FAREWELL_MAX, async move {
            let _held = place;
            tcp.write_all(FULL).await?;
            tcp.shutdown().await?;
            // What it has sent is read: a socket closed with unread bytes resets, and the answer would be lost with it.
            tokio::io::copy(&mut tcp, &mut tokio::io::sink()).await
        }));
    }
}

/// A place under a cap, or none where there is no cap; `None` when the cap is reached.
fn enter<K: Copy + Eq + std::hash::Hash>(cap: Option<&Arc<Cap<K>>>, key: K) -> Option<Option<Place<K>>> {
    match cap {
        None => Some(None),
        Some(cap) => cap.enter(key).map(Some),
    }
}
