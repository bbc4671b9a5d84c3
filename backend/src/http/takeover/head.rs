//! The head of the stream's answer, made in one place for every carrier.
//!
//! No layer sees the answer on a socket that was taken over, so whatever a layer adds to an ordinary one comes in here as
//! `common`. A test compares the two heads byte by byte.

use bytes::{BufMut, Bytes, BytesMut};
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, DATE, TRANSFER_ENCODING},
};

/// nginx passes an answer with this through as it comes.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The headers of the stream: `common` (request id, security, CORS), and its own on top.
#[must_use]
pub fn headers(mut common: HeaderMap) -> HeaderMap {
    common.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    common.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store, no-transform"));
    common.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    common
}

/// The whole head as HTTP/1.1 sends it (RFC 9112 §2.1), with what hyper would add itself.
#[must_use]
pub fn encode(headers: &HeaderMap, now_ms: i64) -> Bytes {
    let mut head = BytesMut::with_capacity(1024);
    head.put_slice(b"HTTP/1.1 200 OK\r\n");
    let (chunked, keep_alive) = (HeaderValue::from_static("chunked"), HeaderValue::from_static("keep-alive"));
    let date = HeaderValue::from_str(&http_date(now_ms)).expect("a date is visible ASCII");
    let framing = [(&TRANSFER_ENCODING, &chunked), (&CONNECTION, &keep_alive), (&DATE, &date)];
    for (name, value) in headers.iter().chain(framing) {
        head.put_slice(name.as_str().as_bytes());
        head.put_slice(b": ");
        head.put_slice(value.as_bytes());
        head.put_slice(b"\r\n");
    }
    head.put_slice(b"\r\n");
    head.freeze()
}

/// A date as HTTP writes it (RFC 9110 §5.6.7).
fn http_date(at_ms: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(at_ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_is_the_bytes_that_http_says() {
        let mut common = HeaderMap::new();
        common.insert("x-request-id", HeaderValue::from_static("q1"));
        common.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let head = encode(&headers(common), 1_795_348_800_000);
        let expected = "HTTP/1.1 200 OK\r\n\
             x-request-id: q1\r\n\
             cache-control: no-cache, no-store, no-transform\r\n\
             content-type: text/event-stream; charset=utf-8\r\n\
             x-accel-buffering: no\r\n\
             transfer-encoding: chunked\r\n\
             connection: keep-alive\r\n\
             date: Sun, 22 Nov 2026 12:00:00 GMT\r\n\r\n";
        assert_eq!(head, expected);
    }
}
