//! The client behind a connection: its other end, unless a trusted proxy stands between.
//!
//! Whose quota is charged follows from it, so a client must not be able to choose it. That is why only one header is
//! believed: a proxy that writes X-Forwarded-For passes on whatever `Forwarded` or X-Real-IP its client made up.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName};
use ipnet::IpNet;

/// Where proxies list the addresses that a request came through, the nearest last.
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client's address: the rightmost one that is not a trusted proxy's. What an untrusted peer claims is ignored.
#[must_use]
pub fn client(peer: SocketAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |ip: &IpAddr| trusted.iter().any(|net| net.contains(ip));
    let mut client = peer.ip().to_canonical();
    if !is_trusted(&client) {
        return client;
    }
    let lines: Vec<&str> = headers.get_all(X_FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok()).collect();
    for claimed in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        // Whatever stands left of something that is no address came from someone who writes nonsense.
        let Some(ip) = address(claimed.trim()) else { break };
        client = ip.to_canonical();
        if !is_trusted(&client) {
            break;
        }
    }
    client
}

/// The client's address, among the extensions of each request.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

/// An address as proxies write it: bare, or with the port that some add.
fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|with_port| with_port.ip()))
}

/// Where quotas end: an IPv4 address, or the /64 that an IPv6 host can roam in as it likes (RFC 7934 §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AddressBlock(u64);

impl From<IpAddr> for AddressBlock {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            // No IPv6 network begins with 32 zero bits (RFC 4291 §2.4), so the two kinds stay apart.
            IpAddr::V4(v4) => Self(u64::from(v4.to_bits())),
            IpAddr::V6(v6) => Self(u64::try_from(v6.to_bits() >> 64).expect("64 bits are left")),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn a_forwarded_address_is_believed_only_from_a_trusted_proxy() {
        let check = |peer: &str, forwarded: &[&str], expected: &str| {
            let mut headers = HeaderMap::new();
            for line in forwarded {
                headers.append(X_FORWARDED_FOR, line.parse().unwrap());
            }
            let trusted = ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
            let client = client(peer.parse().unwrap(), &headers, &trusted);
            assert_eq!(client.to_string(), expected, "{peer:?} {forwarded:?}");
        };
        check("203.0.113.7:1", &["1.2.3.4"], "203.0.113.7");
        check("10.0.0.1:1", &[], "10.0.0.1");
        check("10.0.0.1:1", &["1.2.3.4"], "1.2.3.4");
        check("10.0.0.1:1", &["6.6.6.6, 1.2.3.4, 10.0.0.2"], "1.2.3.4");
        check("10.0.0.1:1", &["6.6.6.6", "1.2.3.4"], "1.2.3.4");
        check("10.0.0.1:1", &["1.2.3.4, nonsense"], "10.0.0.1");
        check("[::ffff:10.0.0.1]:1", &["1.2.3.4"], "1.2.3.4");
        check("[::1]:1", &["2001:db8::1"], "2001:db8::1");
        check("10.0.0.1:1", &["1.2.3.4:5678"], "1.2.3.4");
        check("10.0.0.1:1", &["[2001:db8::1]:443, 10.0.0.2:80"], "2001:db8::1");
        check("10.0.0.1:1", &["1.2.3.4, "], "10.0.0.1");
    }

    #[test]
    fn a_quota_is_of_an_ipv4_address_or_of_an_ipv6_network() {
        let block = |address: &str| AddressBlock::from(address.parse::<IpAddr>().unwrap());
        assert_eq!(block("2001:db8:1:2::1"), block("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(block("2001:db8:1:2::1"), block("2001:db8:1:3::1"));
        assert_eq!(block("::ffff:1.2.3.4"), block("1.2.3.4"));
        assert_ne!(block("1.2.3.4"), block("1.2.3.5"));
    }
}
