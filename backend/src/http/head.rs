//! The headers that every response carries, whoever writes it.
//!
//! A taken-over stream leaves the router before any layer sees its response; so the layers and the stream's own writer
//! call the same [`ResponseHead::apply`]. It is made once for each request and travels in the request's extensions.

use std::{
    mem,
    sync::{Arc, LazyLock},
};

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, CACHE_CONTROL,
        CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY, X_CONTENT_TYPE_OPTIONS,
    },
};

use super::origin::Requester;

/// Names the request in the answer and in the log.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// No inline script or style anywhere, hence no nonce (design §6). Kept on one line: it is a header.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    manifest-src 'self'; worker-src 'self'; img-src 'self' blob: data:; connect-src 'self'; font-src 'self'; \
    object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// On every response, errors and 304 too. Put together once, since to copy a map costs less than to make it.
static ALWAYS: LazyLock<HeaderMap> = LazyLock::new(|| {
    let headers = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not `no-referrer`: that makes browsers send `Origin: null` with forms, which could not be told from a foreign page.
        (REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    let mut always = HeaderMap::with_capacity(HEADERS_MAX);
    always.extend(headers.map(|(name, value)| (name, HeaderValue::from_static(value))));
    always
});

/// More headers than most responses have: room for so many is made at once.
const HEADERS_MAX: usize = 24;

/// One year (RFC 6797 §6.1.1). No `includeSubDomains`: the neighbours are not ours.
const HSTS: &str = "max-age=31536000";

/// What a request's response must carry besides its own headers.
#[derive(Debug, Clone)]
pub struct ResponseHead {
    /// The request's id.
    pub request_id: Arc<str>,
    /// Who asked.
    pub requester: Requester,
    /// Whether people reach this server over HTTPS.
    pub https: bool,
}

impl ResponseHead {
    /// Adds the headers, once. What the response has said about caching stays; what has said nothing is not to be stored.
    pub fn apply(&self, headers: &mut HeaderMap) {
        if headers.contains_key(X_REQUEST_ID) {
            return;
        }
        let own = mem::replace(headers, ALWAYS.clone());
        headers.extend(own);
        if self.https {
            headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
        }
        if let Ok(id) = HeaderValue::from_str(&self.request_id) {
            headers.insert(X_REQUEST_ID, id);
        }
        if headers.contains_key(CACHE_CONTROL) {
            add_origin_to_vary(headers);
        } else {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            headers.insert(VARY, HeaderValue::from_static("Cookie, Authorization, Origin"));
        }
        // Never `*`, never for an origin that the operator did not list (WHATWG Fetch §3.2.3).
        if let Requester::Listed(origin) = &self.requester {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("x-request-id, retry-after"));
        }
    }
}

/// Every answer depends on who asked from where. On one line with what it varies by already: of several `Vary` headers,
/// nginx before 1.23 heeds only the last, and its cache would hand Brotli to someone who cannot read it.
fn add_origin_to_vary(headers: &mut HeaderMap) {
    let own = headers.get(VARY).and_then(|vary| vary.to_str().ok());
    let all = own.and_then(|own| HeaderValue::try_from(format!("{own}, Origin")).ok());
    headers.insert(VARY, all.unwrap_or(HeaderValue::from_static("Origin")));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(requester: Requester, https: bool) -> HeaderMap {
        let mut headers = HeaderMap::new();
        ResponseHead { request_id: "abc".into(), requester, https }.apply(&mut headers);
        headers
    }

    #[test]
    fn a_listed_origin_is_named_and_no_other() {
        let listed = HeaderValue::from_static("https://a.example");
        let headers = applied(Requester::Listed(listed.clone()), false);
        assert_eq!(headers.get(ACCESS_CONTROL_ALLOW_ORIGIN), Some(&listed));
        for requester in [Requester::Own, Requester::Foreign, Requester::Silent] {
            assert!(!applied(requester, false).contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
        }
    }

    #[test]
    fn what_an_answer_varies_by_is_one_line() {
        let check = |own: &[(HeaderName, &'static str)], expected: &str| {
            let mut headers: HeaderMap =
                own.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
            ResponseHead { request_id: "abc".into(), requester: Requester::Own, https: false }.apply(&mut headers);
            assert_eq!(headers.get_all(VARY).iter().collect::<Vec<_>>(), [expected]);
        };
        check(&[], "Cookie, Authorization, Origin");
        check(&[(CACHE_CONTROL, "no-store")], "Origin");
        check(&[(CACHE_CONTROL, "no-cache"), (VARY, "Accept-Encoding")], "Accept-Encoding, Origin");
    }

    #[test]
    fn the_policy_is_strict() {
        let headers = applied(Requester::Own, true);
        let policy = headers[CONTENT_SECURITY_POLICY].to_str().expect("ASCII");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'") && !policy.contains("  "));
        assert!(headers.contains_key(STRICT_TRANSPORT_SECURITY));
        assert!(!applied(Requester::Own, false).contains_key(STRICT_TRANSPORT_SECURITY));
    }
}
