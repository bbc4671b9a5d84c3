//! The server as the terminal client sees it: typed requests, each with a time limit, and the stream.
//!
//! The only code of the client that names the HTTP library's requests. Redirections are not followed: a password or a
//! token goes to the address that the person named and to no other.

use std::{error::Error as _, time::Duration};

use reqwest::{Client, RequestBuilder, Response, StatusCode, Url, header, redirect};
use serde::de::DeserializeOwned;
use shared::{
    cursor::{Cursor, Offset},
    id::MemberId,
    member::Member,
    message::MessagePage,
    request::{MessagePosted, PostMessage, SignIn},
    room::Room,
    route,
    session::{MemberView, RoomList, Snapshot, TokenIssued},
};

use super::{
    CliError,
    credentials::Credentials,
    failure::{CallError, Refusal},
};

/// Longest time for a connection to stand.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest time for a whole answer, and for the head of the stream.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);

/// Largest problem document that is read; a Teahouse's are a few hundred bytes.
const PROBLEM_MAX_BYTES: usize = 64 * 1024;

/// One server, and the token for it if there is one. Every method can be dropped at any time; what a dropped request
/// did is unknown.
pub(crate) struct Server {
    http: Client,
    origin: Url,
    token: Option<String>,
}

impl Server {
    /// A server nobody signed in to yet.
    ///
    /// # Errors
    /// [`CliError::Local`] when the TLS of this machine cannot be set up.
    pub(crate) fn new(origin: Url) -> Result<Self, CliError> {
        let http = Client::builder()
            .user_agent(concat!("teahouse/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .build()
            .map_err(|error| CliError::Local(format!("cannot set up the connection: {}", innermost(&error))))?;
        Ok(Self { http, origin, token: None })
    }

    /// The server somebody signed in to.
    ///
    /// # Errors
    /// As [`Server::new`].
    pub(crate) fn signed_in(credentials: Credentials) -> Result<Self, CliError> {
        Ok(Self { token: Some(credentials.token), ..Self::new(credentials.url)? })
    }

    /// Its address.
    pub(crate) fn origin(&self) -> &Url {
        &self.origin
    }

    /// Signs in for a token.
    pub(crate) async fn sign_in(&self, sign_in: &SignIn) -> Result<TokenIssued, CallError> {
        self.answer(self.http.post(self.url(route::SESSION)).json(sign_in)).await
    }

    /// Everything a client needs first.
    pub(crate) async fn snapshot(&self) -> Result<Snapshot, CallError> {
        self.get(self.url(route::SNAPSHOT)).await
    }

    /// The rooms as they are now.
    pub(crate) async fn rooms(&self) -> Result<Vec<Room>, CallError> {
        self.get(self.url(route::ROOMS)).await.map(|list: RoomList| list.rooms)
    }

    /// One person.
    pub(crate) async fn person(&self, member: MemberId) -> Result<Member, CallError> {
        self.get(self.url(&route::person(member))).await.map(|view: MemberView| view.member)
    }

    /// At most `limit` messages of a room before an offset, or its newest, oldest first.
    pub(crate) async fn messages(
        &self,
        room: &str,
        before: Option<Offset>,
        limit: u32,
    ) -> Result<MessagePage, CallError> {
        let mut url = self.room_messages(room);
        if let Some(before) = before {
            url.query_pairs_mut().append_pair("before", &before.to_string());
        }
        url.query_pairs_mut().append_pair("limit", &limit.to_string());
        self.get(url).await
    }

    /// Posts a message; the room is an id or a slug.
    pub(crate) async fn post_message(&self, room: &str, post: &PostMessage) -> Result<MessagePosted, CallError> {
        self.answer(self.http.post(self.room_messages(room)).json(post)).await
    }

    /// Opens the stream after a cursor. Returns when the head of the answer is there.
    pub(crate) async fn open_chat(&self, after: Cursor) -> Result<Response, CallError> {
        let request = (self.http.get(self.url(route::CHAT)))
            .header(header::ACCEPT, "text/event-stream")
            .header("Last-Event-ID", after.to_string());
        let response = tokio::time::timeout(ANSWER_TIMEOUT, self.send(request))
            .await
            .map_err(|_| CallError::Unreachable("no answer in time".to_owned()))??;
        let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        // A proxy's or a hotel's page with status 200 is not the stream.
        match kind.map(|kind| kind.split(';').next().unwrap_or_default().trim()) {
            Some("text/event-stream") => Ok(response),
            _ => Err(CallError::Unreachable("the answer is not an event stream".to_owned())),
        }
    }

    async fn get<T: DeserializeOwned>(&self, url: Url) -> Result<T, CallError> {
        self.answer(self.http.get(url)).await
    }

    async fn answer<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, CallError> {
        let response = self.send(request.timeout(ANSWER_TIMEOUT)).await?;
        response.json().await.map_err(|error| unreachable(&error))
    }

    async fn send(&self, mut request: RequestBuilder) -> Result<Response, CallError> {
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.map_err(|error| unreachable(&error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(CallError::Refused(Box::new(refusal(response).await)))
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.origin.clone();
        url.set_path(path);
        url
    }

    /// Built from segments: a slug may hold any script, and whatever was typed stays one segment.
    fn room_messages(&self, room: &str) -> Url {
        let mut url = self.url(route::ROOMS);
        url.path_segments_mut().expect("an http address has a path").extend([room, "messages"]);
        url
    }
}

/// Reads what a server says besides success.
async fn refusal(mut response: Response) -> Refusal {
    let status = response.status();
    let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let retry_after =
        text(header::RETRY_AFTER).and_then(|seconds| seconds.trim().parse().ok()).map(Duration::from_secs);
    let location = text(header::LOCATION).filter(|_| status.is_redirection());
    let is_problem = text(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/problem+json"));
    let problem = if is_problem { read_problem(&mut response, status).await } else { None };
    Refusal { status, problem, retry_after, location }
}

/// Reads a problem document of bounded size in bounded time; one that cannot be read is as good as none.
async fn read_problem(response: &mut Response, status: StatusCode) -> Option<shared::problem::Problem> {
    let read = async {
        let mut bytes = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > PROBLEM_MAX_BYTES {
                return None;
            }
        }
        serde_json::from_slice(&bytes).ok()
    };
    let problem: shared::problem::Problem = tokio::time::timeout(ANSWER_TIMEOUT, read).await.ok()??;
    Some(problem).filter(|problem| problem.status == status.as_u16())
}

fn unreachable(error: &reqwest::Error) -> CallError {
    CallError::Unreachable(innermost(error))
}

/// The last cause of a chain: "Connection refused", not "error sending request for url (…)", which repeats the address.
pub(crate) fn innermost(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = match error.source() {
        Some(source) => source,
        None => return error.to_string(),
    };
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn a_room_stays_one_segment_whatever_was_typed() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let server = Server::new(Url::parse("http://127.0.0.1:8080").unwrap()).unwrap();
        for (room, expected) in [
            ("general", "http://127.0.0.1:8080/api/rooms/general/messages"),
            ("茶", "http://127.0.0.1:8080/api/rooms/%E8%8C%B6/messages"),
            ("a/b?c#d", "http://127.0.0.1:8080/api/rooms/a%2Fb%3Fc%23d/messages"),
        ] {
            assert_eq!(server.room_messages(room).as_str(), expected);
        }
    }
}
