//! The client behind a connection: its other end, unless a trusted proxy stands between.

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
        let Ok(ip) = claimed.trim().parse::<IpAddr>() else { break };
        client = ip.to_canonical();
        if !is_trusted(&client) {
            break;
        }
    }
    client
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
    }
}
