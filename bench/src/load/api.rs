//! How each server wants to be asked for a stream and for a post.

use std::net::SocketAddr;

use shared::route;

use super::scan;
use crate::seed::People;

/// Where streams of the servers compared with begin, and where posts to them go.
pub const REFERENCE_STREAM: &str = "/events";
/// See [`REFERENCE_STREAM`].
pub const REFERENCE_POST: &str = "/post";

/// What a server understands.
#[derive(Debug, Clone)]
pub enum Api {
    /// Teahouse: everybody is signed in.
    Teahouse(People),
    /// The servers compared with: they hand on the body of a post as the data of an event.
    Reference {
        /// The path of a stream.
        stream: String,
        /// The path of posts.
        post: String,
    },
    /// The bare durable post: no streams, and the same body as Teahouse gets.
    Store,
}

impl Api {
    /// What the servers of this crate understand.
    #[must_use]
    pub fn reference() -> Self {
        Self::Reference { stream: REFERENCE_STREAM.to_owned(), post: REFERENCE_POST.to_owned() }
    }

    /// The request for a stream; `after` is a cursor to resume from.
    #[must_use]
    pub fn stream_request(&self, server: SocketAddr, index: usize, after: Option<&str>) -> Vec<u8> {
        let (path, credentials) = match self {
            Self::Teahouse(people) => (route::CHAT, credentials(people, index)),
            Self::Reference { stream, .. } => (stream.as_str(), String::new()),
            Self::Store => (REFERENCE_STREAM, String::new()),
        };
        let after = after.map_or_else(String::new, |cursor| format!("Last-Event-ID: {cursor}\r\n"));
        format!("GET {path} HTTP/1.1\r\nHost: {server}\r\nAccept: text/event-stream\r\n{credentials}{after}\r\n")
            .into_bytes()
    }

    /// The request for what the first person's client begins with; none of a server without.
    #[must_use]
    pub fn snapshot_request(&self, server: SocketAddr) -> Option<Vec<u8>> {
        let Self::Teahouse(people) = self else { return None };
        let credentials = credentials(people, 0);
        Some(format!("GET {} HTTP/1.1\r\nHost: {server}\r\n{credentials}\r\n", route::SNAPSHOT).into_bytes())
    }

    /// The request that posts message `number`, by the person with this index.
    #[must_use]
    pub fn post_request(&self, server: SocketAddr, index: usize, number: u64) -> Vec<u8> {
        let (path, credentials, body) = match self {
            Self::Teahouse(people) => (route::messages(people.room), credentials(people, index), command(number)),
            Self::Reference { post, .. } => (post.clone(), String::new(), event(number)),
            Self::Store => (REFERENCE_POST.to_owned(), String::new(), command(number)),
        };
        format!(
            "POST {path} HTTP/1.1\r\nHost: {server}\r\n{credentials}Content-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }
}

/// The header that says who asks.
fn credentials(people: &People, index: usize) -> String {
    format!("Authorization: Bearer {}\r\n", people.tokens[index % people.tokens.len()])
}

/// The body of a post.
fn command(number: u64) -> String {
    format!(r#"{{"client_id":"{}","body":"{}"}}"#, client_id(number), scan::text(number))
}

/// The data of the event that Teahouse makes of the same message, so that every server sends the same bytes.
fn event(number: u64) -> String {
    let (text, id) = (scan::text(number), client_id(number));
    let html = text.replacen("**", "<strong>", 1).replacen("**", "</strong>", 1);
    format!(
        r#"{{"message":{{"id":"m_8fj2k17kq2m9","room":"r_8fj2k17kq2m9","author":"u_8fj2k17kq2m9","client_id":"{id}","offset":{number},"rev":{number},"body":"{text}","html":"<p>{html}</p>\n","posted_at":"2026-11-22T12:00:00.000Z"}}}}"#
    )
}

/// A UUID for each number.
fn client_id(number: u64) -> String {
    format!("b3c40000-0000-4000-8000-{number:012x}")
}

#[cfg(test)]
mod tests {
    use shared::id::RoomId;

    use super::*;

    #[test]
    fn requests_are_whole() {
        let server = SocketAddr::from(([127, 0, 0, 1], 8080));
        let tokens = vec!["ana".to_owned(), "bo".to_owned()];
        let teahouse = Api::Teahouse(People { tokens, room: RoomId::from_entropy([7; 12]) });
        let stream = String::from_utf8(teahouse.stream_request(server, 3, Some("e.7"))).expect("text");
        assert_eq!(
            stream,
            "GET /chat HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAccept: text/event-stream\r\nAuthorization: Bearer bo\r\n\
             Last-Event-ID: e.7\r\n\r\n"
        );
        for api in [teahouse, Api::reference(), Api::Store] {
            let post = String::from_utf8(api.post_request(server, 0, 42)).expect("text");
            let (head, body) = post.split_once("\r\n\r\n").expect("a head and a body");
            assert!(head.contains(&format!("Content-Length: {}", body.len())), "{head}");
            let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
            assert!(body.to_string().contains("\"bench 0000000042 "), "{body}");
        }
    }
}
