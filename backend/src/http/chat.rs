//! `GET /chat`: where the stream begins and what carries it (PROTOCOL §1, §2). Who may open it is for
//! [`stream`](super::stream).
//!
//! Only a GET over HTTP/1.1 on our own listener takes the socket over; any other GET gets the same stream as an ordinary
//! body, and HEAD gets the head alone. Rights are not decided here but fact by fact, in `live`.

use std::{convert::Infallible, future::pending, time::Duration};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, Version, request::Parts};
use shared::presence::PresenceLevel;

use super::{
    caps::StreamPlace,
    listener::Standing,
    takeover::{Slot, head},
};
use crate::{
    clock::Clock,
    live::{BATCH_WAIT, Hub, Start, Subscriber, Subscription},
};

/// Where `EventSource` says what it saw last (WHATWG HTML §9.2.4).
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Opens the stream. `common` is what the layers add to every other answer: request id, security headers, CORS. The stream
/// keeps its `place` until it ends.
///
/// On a socket that is taken over this never returns; the connection drops it.
pub async fn answer(
    hub: &Hub,
    clock: &dyn Clock,
    request: &Parts,
    subscriber: Subscriber,
    common: HeaderMap,
    place: StreamPlace,
) -> Response {
    let headers = head::headers(common);
    if request.method == Method::HEAD {
        // A body of unknown length, so that nobody adds a length that a GET does not have.
        return response(headers, Body::from_stream(stream::empty::<Result<Bytes, Infallible>>()));
    }
    let subscription = hub.subscribe(subscriber, start_of(&request.headers, &request.uri)).await;
    let wait = batch_wait(&request.uri);
    match (wait, request.extensions.get::<Slot>()) {
        // A batch is a short answer like any other, and the connection can be used again.
        (Some(wait), _) => response(headers, body(subscription.ending_after_batch(wait), request, place)),
        (None, Some(slot)) if request.version == Version::HTTP_11 => {
            slot.hand_over(head::encode(&headers, clock.now_ms()), subscription, place);
            pending().await
        }
        (None, _) => response(headers, body(subscription, request, place)),
    }
}

/// The stream as an ordinary body.
fn body(subscription: Subscription, request: &Parts, place: StreamPlace) -> Body {
    let standing = request.extensions.get::<Standing>().cloned();
    if let Some(standing) = &standing {
        standing.end_when(subscription.is_cut());
    }
    let is_given_up = move || standing.as_ref().is_some_and(Standing::is_given_up);
    let events = subscription.into_events(is_given_up).map(move |events| {
        let _held = &place;
        Ok::<_, Infallible>(events)
    });
    Body::from_stream(events)
}

fn response(headers: HeaderMap, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.headers_mut() = headers;
    response
}

/// Where the stream begins: `Last-Event-ID`, else `?after=`, else now. An empty value counts as none; one that cannot be
/// read, or two at once, is answered with `reset`, since `EventSource` gives up for ever on any status but 200.
fn start_of(headers: &HeaderMap, uri: &Uri) -> Start {
    let from_header = only(headers.get_all(LAST_EVENT_ID).iter().map(HeaderValue::as_bytes));
    from_header.unwrap_or_else(|| {
        let query = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        let after: Vec<_> = query.filter(|(name, _)| name == "after").map(|(_, value)| value).collect();
        only(after.iter().map(|value| value.as_bytes())).unwrap_or(Start::Now)
    })
}

/// What the person does with the device: opening a stream is doing something, unless the client says that it did so by
/// itself.
pub fn level(uri: &Uri) -> PresenceLevel {
    if query_has(uri, "level", "away") { PresenceLevel::Away } else { PresenceLevel::Active }
}

/// How long a batch may wait for something to send, if the request is for a batch (PROTOCOL §11).
fn batch_wait(uri: &Uri) -> Option<Duration> {
    let wait = || if query_has(uri, "wait", "0") { Duration::ZERO } else { BATCH_WAIT };
    query_has(uri, "mode", "batch").then(wait)
}

fn query_has(uri: &Uri, name: &str, value: &str) -> bool {
    let mut query = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    query.any(|pair| (&*pair.0, &*pair.1) == (name, value))
}

/// The start that the one value that is not empty means.
fn only<'a>(values: impl Iterator<Item = &'a [u8]>) -> Option<Start> {
    let mut values = values.filter(|value| !value.is_empty());
    let value = values.next()?;
    let cursor = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
    Some(match (cursor, values.next()) {
        (Some(cursor), None) => Start::After(cursor),
        _ => Start::Unreadable,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    fn check(headers: &[&[u8]], uri: &str, expected: Start) {
        let mut map = HeaderMap::new();
        for value in headers {
            map.append(LAST_EVENT_ID, HeaderValue::from_bytes(value).unwrap());
        }
        let shown: Vec<_> = headers.iter().map(|value| String::from_utf8_lossy(value)).collect();
        assert_eq!(start_of(&map, &uri.parse().unwrap()), expected, "{shown:?} {uri}");
    }

    fn after(cursor: &str) -> Start {
        Start::After(cursor.parse().unwrap())
    }

    #[test]
    fn the_header_comes_before_the_query_and_both_before_now() {
        check(&[], "/chat", Start::Now);
        check(&[b"7kq2m9xa.5"], "/chat", after("7kq2m9xa.5"));
        check(&[], "/chat?after=7kq2m9xa.6", after("7kq2m9xa.6"));
        check(&[], "/chat?x=1&after=7kq2m9xa%2E6&y", after("7kq2m9xa.6"));
        check(&[b"7kq2m9xa.5"], "/chat?after=7kq2m9xa.6", after("7kq2m9xa.5"));
        check(&[b"nonsense"], "/chat?after=7kq2m9xa.6", Start::Unreadable);
        check(&[b""], "/chat?after=7kq2m9xa.6", after("7kq2m9xa.6"));
        check(&[b""], "/chat?after=", Start::Now);
        check(&[], "/chat?after", Start::Now);
    }

    #[test]
    fn a_batch_is_asked_for_by_name() {
        let check = |uri: &str, expected| assert_eq!(batch_wait(&uri.parse().unwrap()), expected, "{uri}");
        check("/chat", None);
        check("/chat?mode=stream", None);
        check("/chat?mode=", None);
        check("/chat?wait=0", None);
        check("/chat?mode=batch", Some(BATCH_WAIT));
        check("/chat?after=7kq2m9xa.6&mode=batch", Some(BATCH_WAIT));
        check("/chat?mode=batch&wait=0", Some(Duration::ZERO));
        check("/chat?mode=batch&wait=9", Some(BATCH_WAIT));
    }

    #[test]
    fn a_stream_that_opens_by_itself_may_say_so() {
        let check = |uri: &str, expected| assert_eq!(level(&uri.parse().unwrap()), expected, "{uri}");
        check("/chat", PresenceLevel::Active);
        check("/chat?level=active", PresenceLevel::Active);
        check("/chat?level=offline", PresenceLevel::Active);
        check("/chat?after=7kq2m9xa.6&level=away", PresenceLevel::Away);
    }

    #[test]
    fn what_is_no_single_cursor_is_unreadable() {
        check(&[b"7kq2m9xa.5", b"7kq2m9xa.5"], "/chat", Start::Unreadable);
        check(&[b"7kq2m9xa.5, 7kq2m9xa.6"], "/chat", Start::Unreadable);
        check(&[], "/chat?after=7kq2m9xa.5&after=7kq2m9xa.5", Start::Unreadable);
        let nonsense: [&[u8]; 9] = [
            b"0",
            b"-1",
            b"7kq2m9xa.",
            b"7kq2m9xa.05",
            b"7kq2m9xa.0x1",
            b"7kq2m9xa.1.2",
            b"\xd9\xa1",
            b"\xff\xfe",
            b"7kq2m9xa.18446744073709551616",
        ];
        for nonsense in nonsense {
            check(&[nonsense], "/chat", Start::Unreadable);
        }
        for nonsense in ["+7kq2m9xa.5", "7kq2m9xa.5%00", "7kq2m9xa.5%0D%0A", "%ff", "%zz", "7kq2m9xa.5%20"] {
            check(&[], &format!("/chat?after={nonsense}"), Start::Unreadable);
        }
    }
}
