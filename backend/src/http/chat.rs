//! `GET /chat`: where the stream begins and what carries it (PROTOCOL §1, §2). Who may open it is for
//! [`stream`](super::stream).
//!
//! Only a GET over HTTP/1.1 on our own listener takes the socket over; any other GET gets the same stream as an ordinary
//! body, and HEAD gets the head alone. Rights are not decided here but fact by fact, in `live`.

use std::{convert::Infallible, future::pending};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, Version, request::Parts};

use super::takeover::{Slot, head};
use crate::{
    clock::Clock,
    live::{Hub, Start, Subscriber},
};

/// Where `EventSource` says what it saw last (WHATWG HTML §9.2.4).
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Opens the stream. `common` is what the layers add to every other answer: request id, security headers, CORS.
///
/// On a socket that is taken over this never returns; the connection drops it.
pub async fn answer(
    hub: &Hub,
    clock: &dyn Clock,
    request: &Parts,
    subscriber: Subscriber,
    common: HeaderMap,
) -> Response {
    let headers = head::headers(common);
    if request.method == Method::HEAD {
        // A body of unknown length, so that nobody adds a length that a GET does not have.
        return response(headers, Body::from_stream(stream::empty::<Result<Bytes, Infallible>>()));
    }
    let subscription = hub.subscribe(subscriber, start_of(&request.headers, &request.uri)).await;
    match request.extensions.get::<Slot>() {
        Some(slot) if request.version == Version::HTTP_11 => {
            slot.hand_over(head::encode(&headers, clock.now_ms()), subscription);
            pending().await
        }
        _ => response(headers, Body::from_stream(subscription.into_events().map(Ok::<_, Infallible>))),
    }
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
