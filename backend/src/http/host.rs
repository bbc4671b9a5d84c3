//! Which host a request was meant for. Names that this server does not go by are refused: so a page elsewhere whose name
//! was made to point here (DNS rebinding) gets nothing, and no link is ever built from what a client sent.

use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use http::{
    HeaderMap, Uri,
    header::{self, HeaderName},
    uri::Authority,
};
use shared::problem::ProblemCode;

use crate::config::Origin;

/// Headers by which a proxy says that it passed a request on.
const FORWARDING: [HeaderName; 6] = [
    header::FORWARDED,
    header::VIA,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-real-ip"),
];

/// What this server is called.
#[derive(Debug, Clone)]
pub struct OwnNames {
    /// The address it listens on.
    pub listener: SocketAddr,
    /// Whether it speaks HTTPS there.
    pub is_tls: bool,
    /// The address that people open, when it is another one.
    pub public: Option<Origin>,
}

/// The host of a request that this server goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnHost {
    /// Whether the name means "this machine".
    pub is_loopback: bool,
    /// The listener as the request called it; none for the public address.
    listener: Option<Authority>,
}

impl OwnNames {
    /// Recognises the host of a request.
    ///
    /// # Errors
    /// [`ProblemCode::WrongHost`] when it is missing, doubled, malformed, at odds with the request target, or not ours.
    pub fn recognise(&self, uri: &Uri, headers: &HeaderMap) -> Result<OwnHost, ProblemCode> {
        let authority = requested(uri, headers).ok_or(ProblemCode::WrongHost)?;
        let (host, port) = split(&authority).ok_or(ProblemCode::WrongHost)?;
        if self.public.as_ref().is_some_and(|public| public.answers_to(host, port)) {
            return Ok(OwnHost { is_loopback: false, listener: None });
        }
        let listener = self.listener.ip();
        // A name of this machine itself needs no protection: no page elsewhere can be called that. A listener on all
        // addresses is reached by it too, a container's health check for one.
        let is_loopback = is_loopback_name(host) && (listener.is_loopback() || listener.is_unspecified());
        if is_loopback || bare_ip(host).is_some_and(|ip| ip == listener) {
            return Ok(OwnHost { is_loopback, listener: Some(authority) });
        }
        Err(ProblemCode::WrongHost)
    }

    /// This server's origin as a request addressed it, as a browser would write it in `Origin`.
    #[must_use]
    pub fn origin(&self, host: &OwnHost) -> String {
        let Some(authority) = &host.listener else {
            return self.public.as_ref().map(ToString::to_string).unwrap_or_default();
        };
        let (scheme, default_port) = if self.is_tls { ("https", ":443") } else { ("http", ":80") };
        let authority = authority.as_str().to_ascii_lowercase();
        let authority = authority.strip_suffix(default_port).unwrap_or(&authority);
        format!("{scheme}://{authority}")
    }

    /// Whether the caller sits at the machine itself: listener, peer and host are loopback, and no proxy passed it on.
    #[must_use]
    pub fn is_at_the_machine(&self, host: &OwnHost, peer: SocketAddr, headers: &HeaderMap) -> bool {
        self.listener.ip().is_loopback()
            && peer.ip().to_canonical().is_loopback()
            && host.is_loopback
            && !FORWARDING.iter().any(|name| headers.contains_key(name))
    }
}

/// The authority that the request names: in the target (HTTP/2, absolute form) or in exactly one `Host` (RFC 9112 §3.2).
fn requested(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().map(|host| host.to_str().ok().and_then(|host| Authority::from_str(host).ok()));
    match (uri.authority(), host, hosts.next()) {
        (_, _, Some(_)) | (_, Some(None), _) | (None, None, None) => None,
        (None, Some(Some(host)), None) => Some(host),
        (Some(target), None, None) => Some(target.clone()),
        (Some(target), Some(Some(host)), None) => (*target == host).then_some(host),
    }
}

/// Host and port. `Authority` lets userinfo, an empty port and one beyond 65535 pass; a `Host` has none of them.
fn split(authority: &Authority) -> Option<(&str, Option<u16>)> {
    let host = authority.host();
    match authority.as_str().strip_prefix(host)? {
        "" => Some((host, None)),
        port => port.strip_prefix(':')?.parse().ok().map(|port| (host, Some(port))),
    }
}

fn is_loopback_name(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || matches!(host, "127.0.0.1" | "[::1]")
}

fn bare_ip(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    fn names(listener: &str, public: Option<&str>) -> OwnNames {
        OwnNames {
            listener: listener.parse().unwrap(),
            is_tls: false,
            public: public.map(|public| public.parse().unwrap()),
        }
    }

    fn recognise(names: &OwnNames, target: &str, hosts: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, host.parse().unwrap());
        }
        names.recognise(&target.parse().unwrap(), &headers).ok().map(|host| names.origin(&host))
    }

    #[test]
    fn a_loopback_listener_answers_to_loopback_names() {
        let names = names("127.0.0.1:8080", Some("https://chat.example"));
        let check = |host: &str, expected: Option<&str>| {
            assert_eq!(recognise(&names, "/", &[host]).as_deref(), expected, "{host:?}");
        };
        check("localhost", Some("http://localhost"));
        check("LOCALHOST:8080", Some("http://localhost:8080"));
        check("127.0.0.1:1", Some("http://127.0.0.1:1"));
        check("127.0.0.1:80", Some("http://127.0.0.1"));
        check("[::1]:8080", Some("http://[::1]:8080"));
        check("chat.example", Some("https://chat.example"));
        check("chat.example:443", Some("https://chat.example"));
        for wrong in [
            "",
            "evil.example",
            "chat.example:80",
            "localhost.",
            "localhost:99999",
            "localhost:",
            "a@localhost",
            "localhost/x",
            "127.0.0.1.evil",
            "0.0.0.0",
            "2130706433",
            "localhost:80:80",
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn a_public_listener_does_not_answer_to_loopback_names() {
        let names = names("192.168.1.5:8080", None);
        assert_eq!(recognise(&names, "/", &["192.168.1.5:8080"]).as_deref(), Some("http://192.168.1.5:8080"));
        assert_eq!(recognise(&names, "/", &["localhost:8080"]), None);
    }

    #[test]
    fn an_encrypted_listener_is_another_origin() {
        let names = OwnNames { is_tls: true, ..names("127.0.0.1:8443", None) };
        assert_eq!(recognise(&names, "/", &["localhost:443"]).as_deref(), Some("https://localhost"));
        assert_eq!(recognise(&names, "https://localhost:80/", &[]).as_deref(), Some("https://localhost:80"));
    }

    #[test]
    fn there_is_exactly_one_host() {
        let names = names("127.0.0.1:8080", None);
        assert_eq!(recognise(&names, "/", &[]), None);
        assert_eq!(recognise(&names, "/", &["localhost", "localhost"]), None);
        assert_eq!(recognise(&names, "http://localhost/", &["127.0.0.1"]), None);
        assert!(recognise(&names, "http://localhost/", &["localhost"]).is_some());
        assert!(recognise(&names, "http://localhost/", &[]).is_some());
    }

    #[test]
    fn only_a_direct_caller_is_at_the_machine() {
        let names = names("127.0.0.1:8080", None);
        let host = OwnHost { is_loopback: true, listener: None };
        let none = HeaderMap::new();
        let local: SocketAddr = "127.0.0.1:5000".parse().unwrap();
        assert!(names.is_at_the_machine(&host, local, &none));
        assert!(names.is_at_the_machine(&host, "[::ffff:127.0.0.1]:5000".parse().unwrap(), &none));
        assert!(!names.is_at_the_machine(&host, "192.168.1.9:5000".parse().unwrap(), &none));
        assert!(!names.is_at_the_machine(&OwnHost { is_loopback: false, ..host.clone() }, local, &none));
        for name in FORWARDING {
            let headers = HeaderMap::from_iter([(name, "x".parse().unwrap())]);
            assert!(!names.is_at_the_machine(&host, local, &headers));
        }
    }
}
