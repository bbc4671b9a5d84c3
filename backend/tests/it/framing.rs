//! Text of users arrives as exactly that text, and is never taken for a part of the stream, of JSON or of a page.

use serde_json::{Value, json};
use shared::{
    problem::ProblemCode,
    room::{Room, RoomAnswer},
    route,
    session::SignedIn,
    stream::Resume,
};

use crate::support::{actor::PASSWORD, app::TestApp, wire::Request};

/// Texts that end a line, a field or a block for somebody.
const TEXTS: [&str; 22] = [
    "a\nb",
    "\nevent: x",
    "a\n\nevent: x\ndata: {}\n\nb",
    "\n\nid: 0\nretry: 1\n\n:",
    "data: x",
    "event: message_posted",
    "id: 1",
    "retry: 1",
    ": comment",
    " leading",
    "a\u{85}b\u{85}\u{85}event: x",
    "a\u{2028}b\u{2028}\u{2028}event: x",
    "a\u{2029}b\u{2029}\u{2029}event: x",
    "\u{feff}marked",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</script><svg/onload=alert(1)>",
    "\"},\"room\":\"r_000000000000\"",
    "\\u0000\\n\\\"",
    "\u{202e}gnp.exe\u{2066}",
    "z\u{300}\u{301}\u{302}\u{303}algo",
    "茶馆 👨‍👩‍👧‍👦 hello",
];

#[tokio::test]
async fn a_message_arrives_as_it_was_typed() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let mut stream = ana.open_chat().await;
    stream.hello(Resume::Live).await;
    stream.until("state").await;
    for text in TEXTS {
        let posted = app.owner().says(text).await;
        assert_eq!(posted.message.body, text, "in the answer");
        let event = stream.next_but_ticks().await.unwrap();
        assert_eq!((event.kind.as_str(), event.retry.as_ref()), ("message_posted", None), "{text:?}");
        assert_eq!(event.cursor(), posted.cursor, "{text:?}");
        assert_eq!(event.json::<Value>()["message"]["body"], text, "on the stream");
        assert!(
            !event.data.contains(['\n', '\u{85}', '\u{2028}', '\u{2029}']),
            "one line for every splitter: {text:?}"
        );
    }
    stream.stays_silent().await;
    let page = ana.history().await;
    let bodies: Vec<_> = page.messages.iter().map(|message| message.body.as_str()).collect();
    assert_eq!(bodies, TEXTS, "in the history");
    for message in page.messages {
        let html = message.html.unwrap_or_default();
        for tag in ["<script", "<img", "<svg", "onerror=alert(1)>"] {
            assert!(!html.contains(tag), "{html}");
        }
    }
}

#[tokio::test]
async fn a_replay_is_framed_like_the_live_stream() {
    let app = TestApp::start().await;
    let start = app.owner().snapshot().await.cursor;
    for text in TEXTS {
        app.owner().says(text).await;
    }
    app.owner().settled().await;
    let mut stream = app.owner().open_chat_after(start).await;
    stream.hello(Resume::Replay).await;
    assert_eq!(stream.bodies(TEXTS.len()).await, TEXTS);
}

#[tokio::test]
async fn a_name_arrives_as_it_was_typed() {
    let app = TestApp::start().await;
    let mut stream = app.owner().open_chat().await;
    stream.hello(Resume::Live).await;
    for (number, text) in TEXTS.iter().enumerate() {
        // Made different, since some of them are the same name once they are folded.
        let name = format!("{text}{number}");
        let ana = app.user(&name).await;
        assert_eq!(ana.me.name.as_str(), name);
        let event = stream.until("member_joined").await;
        assert_eq!(event.json::<Value>()["member"]["name"], name.as_str());
        let body = json!({"name": name, "password": PASSWORD});
        let answer = Request::new("POST", route::SESSION).json(&body).send(app.address).await;
        assert_eq!(answer.json::<SignedIn>(200).me.name.as_str(), name);
    }
}

#[tokio::test]
async fn a_rooms_name_and_topic_arrive_as_they_were_typed() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let tea = app.owner().makes_room("Tea", "open", &[&ana]).await;
    let mut stream = ana.open_chat().await;
    stream.hello(Resume::Live).await;
    stream.until("state").await;
    for text in TEXTS {
        let change = json!({"name": text, "topic": text});
        let changed: RoomAnswer = app.owner().patch(route::room(tea.id), &change).await.json(200);
        let event = stream.next_but_ticks().await.unwrap();
        assert_eq!((event.kind.as_str(), event.retry.as_ref()), ("room_changed", None), "{text:?}");
        assert_eq!(event.cursor(), changed.cursor, "{text:?}");
        let room: Room = serde_json::from_value(event.json::<Value>()["room"].clone()).unwrap();
        assert_eq!((room.name.as_str(), room.topic.as_str()), (text, text), "on the stream");
        assert_eq!(room, changed.room, "in the answer");
        assert!(
            !event.data.contains(['\n', '\u{85}', '\u{2028}', '\u{2029}']),
            "one line for every splitter: {text:?}"
        );
    }
    stream.stays_silent().await;
    for (field, text) in [("name", "a\0b"), ("topic", "a\0b"), ("name", "a\u{1b}b"), ("topic", "\u{7f}")] {
        let refused = app.owner().patch(route::room(tea.id), &json!({field: text})).await;
        refused.refuses_field(ProblemCode::ControlCharacter, field);
    }
}

#[tokio::test]
async fn a_carriage_return_before_a_newline_is_dropped() {
    let app = TestApp::start().await;
    assert_eq!(app.owner().says("a\r\nb\r\n\r\nevent: x").await.message.body, "a\nb\n\nevent: x");
}
