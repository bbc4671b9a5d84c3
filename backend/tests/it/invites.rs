//! Invitations: links, what they show, and coming in behind one.

use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::{
    problem::ProblemCode,
    route,
    session::{InviteCreated, InvitePreview, SignedIn},
    stream::Resume,
};

use crate::support::{
    actor::{Actor, PASSWORD},
    app::TestApp,
    wire::{Answer, Request},
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

async fn invite(by: &Actor) -> InviteCreated {
    by.post(route::INVITES, &json!({})).await.json(201)
}

async fn preview(app: &TestApp, code: &str) -> Answer {
    Request::new("GET", route::invite(code)).send(app.address).await
}

async fn join(app: &TestApp, code: &str, name: &str, password: &str) -> Answer {
    let body = json!({"name": name, "password": password});
    Request::new("POST", route::join(code)).json(&body).send(app.address).await
}

#[tokio::test]
async fn a_link_shows_the_place_and_lets_one_in() {
    let app = TestApp::start().await;
    app.owner().says("hello").await;
    let invite = invite(app.owner()).await;
    assert_eq!(invite.url, format!("http://{}/join/{}", app.address, invite.code));

    let shown: InvitePreview = preview(&app, &invite.code).await.json(200);
    assert_eq!(shown.workspace.name.as_str(), "Blue Kettle");
    assert_eq!((shown.room.slug.as_str(), &shown.inviter), ("general", &app.owner().me));
    assert_eq!(shown.messages.len(), 1);

    let answer = join(&app, &invite.code, "林美", PASSWORD).await;
    let me = answer.json::<SignedIn>(201).me;
    let mei = Actor { address: app.address, token: answer.session_cookie().unwrap(), me };
    assert_eq!(mei.history().await.messages[0].body, "hello");
    assert_eq!(mei.snapshot().await.rooms[0].member_count, 2);
}

#[tokio::test]
async fn everyone_in_the_room_hears_who_came() {
    let app = TestApp::start().await;
    let mut stream = app.owner().open_chat().await;
    stream.hello(Resume::Live).await;
    let ana = app.user("ana").await;
    assert_eq!(stream.until("member_joined").await.json::<Value>()["member"]["id"], ana.me.id.to_string());
    assert_eq!(stream.until("room_member_joined").await.json::<Value>()["member_count"], 2);
}

#[tokio::test]
async fn a_link_that_does_not_work_is_always_the_same_answer() {
    let app = TestApp::start().await;
    let expired = invite(app.owner()).await;
    app.clock.advance(7 * DAY_MS);
    let mut codes = vec![expired.code.clone(), expired.code.to_uppercase(), expired.code[1..].to_owned()];
    codes.extend(["x", "0".repeat(26).as_str(), "..", "%27%20OR%201=1", "%e8%8c%b6"].map(String::from));
    for code in codes {
        preview(&app, &code).await.refuses(ProblemCode::InviteInvalid);
        join(&app, &code, "ana", PASSWORD).await.refuses(ProblemCode::InviteInvalid);
    }
}

#[tokio::test]
async fn looking_and_failing_use_nothing_up() {
    let app = TestApp::start().await;
    let invite = invite(app.owner()).await;
    for _ in 0..3 {
        preview(&app, &invite.code).await.json::<InvitePreview>(200);
    }
    join(&app, &invite.code, "OLGA ", PASSWORD).await.refuses_field(ProblemCode::NameTaken, "name");
    join(&app, &invite.code, "ana", "12345678").await.refuses_field(ProblemCode::PasswordTooCommon, "password");
    join(&app, &invite.code, "ana", "short").await.refuses_field(ProblemCode::PasswordTooShort, "password");
    join(&app, &invite.code, " ", PASSWORD).await.refuses_field(ProblemCode::Blank, "name");
    join(&app, &invite.code, "ana", PASSWORD).await.json::<SignedIn>(201);
}

#[tokio::test]
async fn a_name_goes_to_one_of_all_who_want_it() {
    let app = TestApp::start().await;
    let invite = invite(app.owner()).await;
    let answers = join_all((0..6).map(|_| join(&app, &invite.code, "ana", PASSWORD))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refuses_field(ProblemCode::NameTaken, "name");
    }
}

#[tokio::test]
async fn only_members_invite() {
    let app = TestApp::start().await;
    let request = Request::new("POST", route::INVITES).json(&json!({}));
    request.send(app.address).await.refuses(ProblemCode::NotSignedIn);
    invite(&app.user("ana").await).await;
}

#[tokio::test]
async fn a_link_begins_with_the_public_address_whatever_the_request_says() {
    let app = TestApp::start_with(&["--public-url", "https://chat.example"]).await;
    let request = Request::new("POST", route::INVITES).host("localhost:1").bearer(&app.owner().token);
    let request = request.header("x-forwarded-host", "evil.example").header("forwarded", "host=evil.example");
    let invite: InviteCreated = request.json(&json!({})).send(app.address).await.json(201);
    assert_eq!(invite.url, format!("https://chat.example/join/{}", invite.code));
}

#[tokio::test]
async fn nobody_can_give_themselves_a_role() {
    let app = TestApp::start().await;
    let invite = invite(app.owner()).await;
    let forged =
        json!({"name": "eve", "password": PASSWORD, "role": "owner", "id": app.owner().me.id, "is_admin": true});
    let answer = Request::new("POST", route::join(&invite.code)).json(&forged).send(app.address).await;
    let eve = answer.json::<SignedIn>(201).me;
    assert_eq!(eve.role, shared::member::Role::Member);
    assert_ne!(eve.id, app.owner().me.id);
}
