//! A person, or a program of theirs: what they send, as JSON, with their token.

use std::net::SocketAddr;

use serde_json::{Value, json};
use shared::{
    cursor::Cursor,
    id::ClientId,
    member::Member,
    message::MessagePage,
    request::{BanMade, MessagePosted},
    room::{Room, RoomAnswer},
    route,
    session::{InviteCreated, SignedIn, Snapshot, TokenInfo, TokenIssued, TokenMade},
    stream::Resume,
};

use super::{
    eventually,
    sse::SseReader,
    wire::{Answer, Request},
};

/// A password that nobody else has.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// What Firefox says of itself.
pub(crate) const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";

/// Someone signed in.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    /// Where the server is; it may come back elsewhere.
    pub(crate) address: SocketAddr,
    /// The session's secret, the same for a cookie and a bearer.
    pub(crate) token: String,
    /// Who they are.
    pub(crate) me: Member,
}

impl Actor {
    /// Opens the workspace.
    pub(crate) async fn owner(address: SocketAddr, name: &str) -> Self {
        let setup = json!({"workspace": "Blue Kettle", "name": name, "password": PASSWORD});
        let answer = Request::new("POST", route::SETUP).json(&setup).send(address).await;
        Self::of(address, &answer)
    }

    /// Joins by the link of someone who is in.
    pub(crate) async fn joined(&self, name: &str) -> Self {
        let invite = self.invites(json!({"uses": 1})).await;
        let join = json!({"name": name, "password": PASSWORD});
        let answer = Request::new("POST", route::join(&invite.code)).json(&join).send(self.address).await;
        Self::of(self.address, &answer)
    }

    /// Makes an invite.
    pub(crate) async fn invites(&self, wish: Value) -> InviteCreated {
        self.post(route::INVITES, &wish).await.json(201)
    }

    /// Signs in once more, with a token.
    pub(crate) async fn signed_in_again(&self) -> Self {
        let sign_in = json!({"name": self.me.name, "password": PASSWORD, "as": "token"});
        let answer = Request::new("POST", route::SESSION).json(&sign_in).send(self.address).await;
        let issued: TokenIssued = answer.json(200);
        Self { address: self.address, token: issued.token, me: issued.me }
    }

    fn of(address: SocketAddr, answer: &Answer) -> Self {
        let signed_in: SignedIn = answer.json(201);
        Self { address, token: answer.session_cookie().expect("a cookie"), me: signed_in.me }
    }

    /// The same person, at a server that has moved.
    pub(crate) fn at(&self, address: SocketAddr) -> Self {
        Self { address, ..self.clone() }
    }

    pub(crate) async fn get(&self, path: impl Into<String>) -> Answer {
        Request::new("GET", path).bearer(&self.token).send(self.address).await
    }

    pub(crate) async fn post(&self, path: impl Into<String>, body: &Value) -> Answer {
        Request::new("POST", path).bearer(&self.token).json(body).send(self.address).await
    }

    pub(crate) async fn put(&self, path: impl Into<String>, body: &Value) -> Answer {
        Request::new("PUT", path).bearer(&self.token).json(body).send(self.address).await
    }

    pub(crate) async fn patch(&self, path: impl Into<String>, body: &Value) -> Answer {
        Request::new("PATCH", path).bearer(&self.token).json(body).send(self.address).await
    }

    pub(crate) async fn delete(&self, path: impl Into<String>) -> Answer {
        Request::new("DELETE", path).bearer(&self.token).send(self.address).await
    }

    /// Signs in once more, as a browser does.
    pub(crate) async fn in_another_browser(&self) -> Self {
        let sign_in = json!({"name": self.me.name, "password": PASSWORD});
        let request = Request::new("POST", route::SESSION).header("user-agent", FIREFOX).json(&sign_in);
        let answer = request.send(self.address).await;
        let me = answer.json::<SignedIn>(200).me;
        Self { address: self.address, token: answer.session_cookie().expect("a cookie"), me }
    }

    /// Makes a token with this access.
    pub(crate) async fn makes_token(&self, access: &str) -> (Self, TokenInfo) {
        let made = self.post(route::TOKENS, &json!({"label": "Kiln sensor", "access": access})).await;
        let made: TokenMade = made.json(201);
        (Self { token: made.token, ..self.clone() }, made.info)
    }

    /// Changes somebody, or themself.
    pub(crate) async fn changes(&self, member: &Self, change: &Value) -> Answer {
        self.patch(route::person(member.me.id), change).await
    }

    /// Bans somebody.
    pub(crate) async fn bans(&self, member: &Self, ban: &Value) -> BanMade {
        self.put(route::ban(member.me.id), ban).await.json(200)
    }

    /// Makes a room of this kind with these people in it.
    pub(crate) async fn makes_room(&self, name: &str, kind: &str, members: &[&Self]) -> Room {
        let members: Vec<_> = members.iter().map(|member| member.me.id).collect();
        let made = self.post(route::ROOMS, &json!({"name": name, "kind": kind, "members": members})).await;
        made.json::<RoomAnswer>(201).room
    }

    /// Brings someone into a room.
    pub(crate) async fn adds(&self, member: &Self, room: &Room) -> Answer {
        self.put(route::room_member(room.id, member.me.id), &json!({})).await
    }

    /// Takes someone out of a room; waits for the answer.
    pub(crate) async fn removes(&self, member: &Self, room: &Room) {
        let answer = self.delete(route::room_member(room.id, member.me.id)).await;
        assert_eq!(answer.status, 204, "{}", answer.text());
    }

    /// Says something in the first room.
    pub(crate) async fn says(&self, body: &str) -> MessagePosted {
        self.post_to("general", body).await.json(201)
    }

    /// Posts to a room under a new client id.
    pub(crate) async fn post_to(&self, room: &str, body: &str) -> Answer {
        self.post(route::messages(room), &json!({"client_id": new_client_id(), "body": body})).await
    }

    pub(crate) async fn snapshot(&self) -> Snapshot {
        self.get(route::SNAPSHOT).await.json(200)
    }

    /// The last messages of the first room, at most 100.
    pub(crate) async fn history(&self) -> MessagePage {
        self.get(format!("{}?limit=100", route::messages("general"))).await.json(200)
    }

    /// Opens the stream where the log is now, as a client does that has just loaded the snapshot.
    pub(crate) async fn open_chat(&self) -> SseReader {
        self.open_chat_after(self.snapshot().await.cursor).await
    }

    /// Opens the stream after a cursor, as `EventSource` does when it reconnects.
    pub(crate) async fn open_chat_after(&self, cursor: Cursor) -> SseReader {
        SseReader::open(self.address, &self.chat().header("last-event-id", cursor.to_string())).await
    }

    /// Waits until everything that was committed has been fanned out: from then on `hello` speaks of the head.
    pub(crate) async fn settled(&self) -> Cursor {
        eventually("the fan-out has caught up", || async {
            let head = self.snapshot().await.cursor;
            let mut stream = SseReader::open(self.address, &self.chat()).await;
            (stream.hello(Resume::Live).await.cursor() == head).then_some(head)
        })
        .await
    }

    /// The request of the stream.
    pub(crate) fn chat(&self) -> Request {
        Request::new("GET", route::CHAT).bearer(&self.token)
    }
}

/// A client id that nobody has used.
pub(crate) fn new_client_id() -> ClientId {
    ClientId::from_entropy(teahouse::service::secret::entropy())
}
