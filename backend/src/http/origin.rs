//! Who is asking: our own page, a listed site's page, a foreign page, or a program.
//!
//! One judgement serves three guards, so that they cannot disagree: the CSRF check of requests that change something,
//! the `Sec-Fetch-Site` check of the stream, and the CORS headers. The algorithm is that of Go's `CrossOriginProtection`
//! (Filippo Valsorda, "Cross-Site Request Forgery", 2025), with two things that tower-http's `csrf` layer does not know:
//! the scheme counts when origins are compared, and a cookie that comes with neither header is refused.

use http::{HeaderMap, HeaderValue, Method, header};

use crate::config::Origin;

/// A request header that browsers set and pages cannot (Fetch Metadata, W3C).
const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// Who made a request, as far as a browser tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requester {
    /// A page of this server, or the person who typed the address.
    Own,
    /// A page of an origin that the operator allowed; the value is to be echoed.
    Listed(HeaderValue),
    /// A page of any other site.
    Foreign,
    /// Neither header came: a program, or a browser too old to say.
    Silent,
}

impl Requester {
    /// Judges by `Origin` and `Sec-Fetch-Site`. `own` says this server's origin as the request addressed it; programs send
    /// nothing that it would have to be compared with.
    #[must_use]
    pub fn judge(headers: &HeaderMap, own: impl FnOnce() -> String, listed: &[Origin]) -> Self {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let origin = origins.next();
        if origins.next().is_some() {
            return Self::Foreign;
        }
        if let Some(origin) = origin.filter(|origin| listed.iter().any(|listed| listed.as_str() == *origin)) {
            return Self::Listed(origin.clone());
        }
        // What the browser itself says of the pair comes first: behind a proxy that rewrites `Host`, only it is right.
        match (headers.get(SEC_FETCH_SITE).map(HeaderValue::as_bytes), origin) {
            (Some(b"same-origin" | b"none"), _) => Self::Own,
            (Some(_), _) => Self::Foreign,
            (None, Some(origin)) => {
                if *origin == own() {
                    Self::Own
                } else {
                    Self::Foreign
                }
            }
            (None, None) => Self::Silent,
        }
    }

    /// Whether a request may change something. `bearer` says that it carries a token in `Authorization`, which no page
    /// can make a browser add; `cookie`, that it carries cookies, which a browser adds by itself.
    #[must_use]
    pub fn may_change(&self, method: &Method, bearer: bool, cookie: bool) -> bool {
        let safe = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        safe || bearer
            || match self {
                Self::Own | Self::Listed(_) => true,
                Self::Foreign => false,
                Self::Silent => !cookie,
            }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    const OWN: &str = "https://good.example";

    fn judge(headers: &[(&'static str, &str)]) -> Requester {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        Requester::judge(&map, || OWN.to_owned(), &["https://listed.example".parse().unwrap()])
    }

    #[test]
    fn only_the_very_same_origin_is_our_own() {
        assert_eq!(judge(&[("origin", OWN)]), Requester::Own);
        assert_eq!(judge(&[]), Requester::Silent);
        for foreign in [
            "https://evil.example",
            "null",
            "",
            "https://good.evil.example",
            "https://goodXexample",
            "http://good.example",
            "https://good.example:8443",
            "https://good.example/",
            "HTTPS://good.example",
            "https://listed.example.evil",
            "http://listed.example",
        ] {
            assert_eq!(judge(&[("origin", foreign)]), Requester::Foreign, "{foreign:?}");
        }
        assert_eq!(judge(&[("origin", OWN), ("origin", "https://evil.example")]), Requester::Foreign);
    }

    #[test]
    fn the_browser_knows_best_whether_it_crossed_sites() {
        assert_eq!(judge(&[("sec-fetch-site", "same-origin"), ("origin", "http://rewritten")]), Requester::Own);
        assert_eq!(judge(&[("sec-fetch-site", "none")]), Requester::Own);
        for site in ["cross-site", "same-site", "", "SAME-ORIGIN"] {
            assert_eq!(judge(&[("sec-fetch-site", site), ("origin", OWN)]), Requester::Foreign, "{site:?}");
        }
        let listed = judge(&[("sec-fetch-site", "cross-site"), ("origin", "https://listed.example")]);
        assert_eq!(listed, Requester::Listed(HeaderValue::from_static("https://listed.example")));
    }

    #[test]
    fn a_change_needs_more_than_a_cookie() {
        let check = |requester: Requester, bearer, cookie, expected| {
            assert_eq!(
                requester.may_change(&Method::POST, bearer, cookie),
                expected,
                "{requester:?} {bearer} {cookie}"
            );
            assert!(requester.may_change(&Method::GET, bearer, cookie));
        };
        check(Requester::Own, false, true, true);
        check(Requester::Foreign, false, true, false);
        check(Requester::Foreign, false, false, false);
        check(Requester::Foreign, true, false, true);
        check(Requester::Silent, false, true, false);
        check(Requester::Silent, true, true, true);
        check(Requester::Silent, false, false, true);
    }
}
