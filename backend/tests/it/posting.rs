//! Posting: once, however often the request comes, and in one order for everyone.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::{
    limits::{BODY_MAX_BYTES, REQUEST_MAX_BYTES},
    problem::ProblemCode,
    request::MessagePosted,
    route,
};

use crate::support::{
    actor::{Actor, new_client_id},
    app::TestApp,
    wire::{Answer, Request},
};

async fn post(actor: &Actor, body: &Value) -> Answer {
    actor.post(route::messages("general"), body).await
}

#[tokio::test]
async fn a_message_is_kept_as_it_was_written() {
    let app = TestApp::start().await;
    let posted = app.owner().says("**hello** <b>you</b>\nsecond line").await;
    assert_eq!(posted.message.body, "**hello** <b>you</b>\nsecond line");
    let html = posted.message.html.unwrap();
    assert!(html.contains("<strong>hello</strong>") && !html.contains("<b>"), "{html}");
    assert_eq!(posted.cursor.offset, posted.message.offset);
    assert_eq!(app.owner().history().await.messages, [app.owner().history().await.messages[0].clone()]);
}

#[tokio::test]
async fn the_same_request_again_is_the_same_message() {
    let app = TestApp::start().await;
    let request = json!({"client_id": new_client_id(), "body": "once"});
    let first: MessagePosted = post(app.owner(), &request).await.json(201);
    for _ in 0..3 {
        assert_eq!(post(app.owner(), &request).await.json::<MessagePosted>(200), first);
    }
    let room = first.message.room.to_string();
    let by_id = app.owner().post(route::messages(&room), &request).await;
    assert_eq!(by_id.json::<MessagePosted>(200), first, "the room's other name is still the same room");

    let app = app.restart().await;
    assert_eq!(post(app.owner(), &request).await.json::<MessagePosted>(200), first, "a restart forgets nothing");
    assert_eq!(app.owner().history().await.messages.len(), 1);
}

#[tokio::test]
async fn many_at_once_under_one_key_make_one_message() {
    let app = TestApp::start().await;
    let request = json!({"client_id": new_client_id(), "body": "once"});
    let answers = join_all((0..16).map(|_| post(app.owner(), &request))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    let messages: Vec<MessagePosted> = answers.iter().map(|answer| answer.json(answer.status)).collect();
    assert!(messages.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn a_key_means_one_request_of_one_person() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let key = new_client_id();
    let posted: MessagePosted = post(app.owner(), &json!({"client_id": key, "body": "mine"})).await.json(201);
    post(app.owner(), &json!({"client_id": key, "body": "other"})).await.refuses(ProblemCode::ClientIdReused);
    // Another spelling of a UUID is the same key; another person's is another one.
    let upper = key.to_string().to_uppercase();
    post(app.owner(), &json!({"client_id": upper, "body": "mine"})).await.json::<MessagePosted>(200);
    let hers: MessagePosted = post(&ana, &json!({"client_id": key, "body": "mine"})).await.json(201);
    assert_ne!(hers.message.id, posted.message.id);
}

#[tokio::test]
async fn of_sixty_four_at_once_one_is_forbidden_and_the_others_leave_no_hole() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let posts = (0..64).map(|number| {
        let (actor, room) = (&ana, if number == 31 { "r_000000000000" } else { "general" });
        async move { actor.post_to(room, &format!("message {number}")).await }
    });
    let answers = join_all(posts).await;
    answers[31].refuses(ProblemCode::NotFound);
    let stored = answers.iter().enumerate().filter(|(number, _)| *number != 31);
    let offsets: BTreeSet<u64> = stored.map(|(_, answer)| answer.json::<MessagePosted>(201).message.offset.0).collect();
    assert_eq!(offsets.len(), 63);
    assert_eq!(offsets.last().unwrap() - offsets.first().unwrap(), 62, "gapless: {offsets:?}");
    let page = ana.history().await;
    assert_eq!(page.messages.iter().map(|message| message.offset.0).collect::<BTreeSet<_>>(), offsets);
}

#[tokio::test]
async fn a_text_has_limits() {
    let app = TestApp::start().await;
    let owner = app.owner();
    owner.says(&"x".repeat(BODY_MAX_BYTES)).await;
    let refused = async |body: &str, code| owner.post_to("general", body).await.refuses_field(code, "body");
    refused(&"x".repeat(BODY_MAX_BYTES + 1), ProblemCode::TooLong).await;
    refused("a\0b", ProblemCode::ControlCharacter).await;
    refused("a\rb", ProblemCode::ControlCharacter).await;
    for blank in ["", " \n\t", "\u{3000}", "\u{200b}\u{2060}\u{feff}", "\u{3164}", "\u{2800}", "\u{202e}"] {
        refused(blank, ProblemCode::Blank).await;
    }
    // Hard to render is not forbidden, and not slow.
    for hard in ["[".repeat(10_000), "*a ".repeat(5_000), "> ".repeat(8_000), "`".repeat(10_000), "👨‍👩‍👧‍👦".repeat(600)]
    {
        owner.says(&hard).await;
    }
}

#[tokio::test]
async fn what_is_not_the_expected_json_is_refused() {
    let app = TestApp::start().await;
    let send = async |body: Vec<u8>| {
        let request = Request::new("POST", route::messages("general")).bearer(&app.owner().token);
        request.header("content-type", "application/json").body(body).send(app.address).await
    };
    let deep = "[".repeat(10_000);
    let good = json!({"client_id": new_client_id(), "body": "x"}).to_string();
    let wrong =
        ["x", "{", "[]", "null", "1e400", "NaN", "Infinity", &deep, &format!("{good}x"), &format!("\u{feff}{good}")];
    for body in wrong {
        send(body.as_bytes().to_vec()).await.refuses(ProblemCode::InvalidJson);
    }
    send(b"{\"body\":\"\xff\"}".to_vec()).await.refuses(ProblemCode::InvalidJson);
    send(br#"{"body":"\ud800"}"#.to_vec()).await.refuses(ProblemCode::InvalidJson);
    send(good.replace('}', r#","body":"y"}"#).into_bytes()).await.refuses_field(ProblemCode::InvalidField, "body");
    send(br#"{"body":"x"}"#.to_vec()).await.refuses_field(ProblemCode::InvalidField, "client_id");
    send(vec![b' '; REQUEST_MAX_BYTES + 1]).await.refuses(ProblemCode::PayloadTooLarge);
    // A million keys nobody asked for are ignored, as far as they fit.
    let many: String = (0..8_000).map(|number| format!("\"k{number}\":0,")).collect();
    assert_eq!(send(good.replacen('{', &format!("{{{many}"), 1).into_bytes()).await.status, 201);
}

#[tokio::test]
async fn only_declared_json_is_read() {
    let app = TestApp::start().await;
    let body = json!({"client_id": new_client_id(), "body": "x"}).to_string();
    let request = || Request::new("POST", route::messages("general")).bearer(&app.owner().token).body(body.as_str());
    request().send(app.address).await.refuses(ProblemCode::UnsupportedMediaType);
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/json;x=y",
        "text/plain; application/json",
        "application/jsonp",
        "",
    ] {
        let answer = request().header("content-type", kind).send(app.address).await;
        answer.refuses(ProblemCode::UnsupportedMediaType);
    }
    for encoding in ["gzip", "br", "zstd"] {
        let compressed = request().header("content-type", "application/json").header("content-encoding", encoding);
        compressed.send(app.address).await.refuses(ProblemCode::UnsupportedMediaType);
    }
    assert_eq!(request().header("content-type", "application/json; charset=utf-8").send(app.address).await.status, 201);
}

#[tokio::test]
async fn nothing_can_be_forged() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let forged = json!({
        "client_id": new_client_id(), "body": "x", "author": app.owner().me.id, "author_id": app.owner().me.id,
        "id": "m_000000000000", "offset": 1, "rev": 1, "room": "r_000000000000", "html": "<script>", "posted_at": "1970-01-01",
    });
    let posted: MessagePosted = post(&ana, &forged).await.json(201);
    assert_eq!(posted.message.author, ana.me.id);
    assert_ne!(posted.message.id.to_string(), "m_000000000000");
    assert!(posted.message.offset.0 > 1);
    assert_eq!(posted.message.html.as_deref(), Some("<p>x</p>\n"));
    assert_eq!(posted.message.posted_at.0, "2026-11-22T12:00:00.000Z");
}
