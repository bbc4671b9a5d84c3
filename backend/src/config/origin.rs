//! An origin as an operator writes it: `https://chat.example.org`, `http://192.168.1.5:8080`.

use std::{fmt, str::FromStr};

use url::Url;

/// A scheme, a host and a port (RFC 6454). Prints as a browser writes the `Origin` header: in lower case, the host in
/// its ASCII form, without a port that is the scheme's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    text: String,
    host: String,
    port: u16,
}

/// A text that is not an origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an address such as https://chat.example.org, without a path")]
pub struct InvalidOrigin;

impl Origin {
    /// As the `Origin` header spells it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the connection to it is encrypted.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.text.starts_with("https:")
    }

    /// Whether a `Host` of this name and port means this origin. A proxy may leave the port out.
    #[must_use]
    pub fn answers_to(&self, host: &str, port: Option<u16>) -> bool {
        self.host.eq_ignore_ascii_case(host) && port.is_none_or(|port| port == self.port)
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let url: Url = text.parse().map_err(|_| InvalidOrigin)?;
        let bare = matches!(url.scheme(), "http" | "https")
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let (Some(host), Some(port), true) = (url.host_str(), url.port_or_known_default(), bare) else {
            return Err(InvalidOrigin);
        };
        Ok(Self { text: url.origin().ascii_serialization(), host: host.to_owned(), port })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_prints_as_a_browser_spells_it() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(text.parse::<Origin>().ok().map(|origin| origin.to_string()).as_deref(), expected, "{text}");
        };
        check("https://Chat.Example.org", Some("https://chat.example.org"));
        check("https://chat.example.org:443/", Some("https://chat.example.org"));
        check("http://192.168.1.5:8080", Some("http://192.168.1.5:8080"));
        check("http://[::1]:80", Some("http://[::1]"));
        check("https://茶馆.example", Some("https://xn--cl1ay07b.example"));
        for wrong in [
            "",
            "*",
            "null",
            "chat.example.org",
            "ftp://a.example",
            "https://a.example/x",
            "https://u@a.example",
            "https://a.example?x",
            "https://a.example#x",
            "file:///a",
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn a_host_is_compared_whole() {
        let origin: Origin = "https://good.example:8443".parse().expect("an origin");
        assert!(origin.answers_to("GOOD.example", Some(8443)));
        assert!(origin.answers_to("good.example", None));
        assert!(!origin.answers_to("good.example", Some(443)));
        assert!(!origin.answers_to("not-good.example", None));
        assert!(!origin.answers_to("good.example.evil", None));
    }
}
