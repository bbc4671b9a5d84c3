//! Guests: people who are let in by a name alone, into one room.

use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::{
    member::{PeoplePage, Role},
    problem::ProblemCode,
    room::RoomAnswer,
    route,
    session::{InvitePreview, SetupState, SignedIn},
};

use crate::support::{
    actor::{Actor, PASSWORD},
    app::TestApp,
    eventually,
    process::Process,
    wire::{Answer, Request},
};

/// Says whether the workspace allows guests.
async fn allow(app: &TestApp, guests: bool) {
    app.owner().patch(route::WORKSPACE, &json!({"guests": guests})).await.json::<Value>(200);
}

async fn join(app: &TestApp, code: &str, body: &Value) -> Answer {
    Request::new("POST", route::join(code)).json(body).send(app.address).await
}

/// Whoever an answer let in.
fn let_in(app: &TestApp, answer: &Answer) -> Actor {
    let me = answer.json::<SignedIn>(201).me;
    Actor { address: app.address, token: answer.session_cookie().unwrap(), me }
}

async fn enter(app: &TestApp, name: &str) -> Answer {
    Request::new("POST", route::GUESTS).json(&json!({"name": name})).send(app.address).await
}

async fn sign_in(app: &TestApp, name: &str, password: &str) -> Answer {
    let body = json!({"name": name, "password": password});
    Request::new("POST", route::SESSION).json(&body).send(app.address).await
}

#[tokio::test]
async fn a_name_is_enough_behind_a_guest_link() {
    let app = TestApp::start().await;
    allow(&app, true).await;
    let (owner, ana) = (app.owner(), app.user("ana").await);
    let tasting = owner.makes_room("Tasting", "closed", &[]).await;
    owner.makes_room("Plot", "open", &[]).await;
    owner.post_to(&tasting.slug, "welcome").await;
    let invite = owner.invites(json!({"role": "guest", "room": tasting.id})).await;
    let shown: InvitePreview = Request::new("GET", route::invite(&invite.code)).send(app.address).await.json(200);
    assert_eq!((shown.role, shown.room.id), (Role::Guest, tasting.id));

    let computed = app.app.passwords.computed();
    let ada = let_in(&app, &join(&app, &invite.code, &json!({"name": "Ada"})).await);
    assert_eq!(app.app.passwords.computed(), computed, "there is no password");
    assert_eq!(ada.me.role, Role::Guest);
    // That room, its history and its people, and nothing else.
    let snapshot = ada.snapshot().await;
    assert_eq!(snapshot.rooms.iter().map(|room| room.id).collect::<Vec<_>>(), [tasting.id]);
    let known: Vec<_> = snapshot.members.iter().map(|member| member.id).collect();
    assert_eq!(known, [owner.me.id, ada.me.id]);
    assert_eq!(ada.get(route::PEOPLE).await.json::<PeoplePage>(200).total, 2);
    ada.get(route::person(ana.me.id)).await.refuses(ProblemCode::NotFound);
    for room in ["general", "plot"] {
        ada.get(route::room(room)).await.refuses(ProblemCode::NotFound);
        ada.put(route::room_member(room, "me"), &json!({})).await.refuses(ProblemCode::NotFound);
    }
    ada.post_to(&tasting.slug, "May I bring my sister?").await.json::<Value>(201);
    ada.post(route::INVITES, &json!({"room": tasting.id})).await.refuses(ProblemCode::Forbidden);
    ada.post(route::ROOMS, &json!({"name": "Mine", "kind": "open"})).await.refuses(ProblemCode::Forbidden);
}

#[tokio::test]
async fn guests_come_only_where_the_workspace_allows_them() {
    let app = TestApp::start_with(&["--guests"]).await;
    let owner = app.owner();
    // Who starts a new place with the option wants them.
    let state = async || Request::new("GET", route::SETUP).send(app.address).await.json::<SetupState>(200);
    assert!(state().await.guests && owner.snapshot().await.workspace.guests);
    let invite = owner.invites(json!({"role": "guest"})).await;
    let_in(&app, &enter(&app, "Ada").await).snapshot().await;

    allow(&app, false).await;
    assert!(!state().await.guests);
    enter(&app, "Bea").await.refuses(ProblemCode::Forbidden);
    join(&app, &invite.code, &json!({"name": "Bea"})).await.refuses(ProblemCode::InviteInvalid);
    owner.post(route::INVITES, &json!({"role": "guest"})).await.refuses(ProblemCode::Forbidden);

    allow(&app, true).await;
    let_in(&app, &join(&app, &invite.code, &json!({"name": "Bea"})).await);
}

#[tokio::test]
async fn without_the_option_a_guest_needs_an_invite() {
    let app = TestApp::start().await;
    allow(&app, true).await;
    assert!(!Request::new("GET", route::SETUP).send(app.address).await.json::<SetupState>(200).guests);
    enter(&app, "Ada").await.refuses(ProblemCode::Forbidden);
}

#[tokio::test]
async fn the_open_door_leads_into_the_first_room_while_it_is_open() {
    let app = TestApp::start_with(&["--guests"]).await;
    let owner = app.owner();
    let ada = let_in(&app, &enter(&app, "Ada").await);
    assert_eq!(ada.me.role, Role::Guest);
    assert_eq!(ada.snapshot().await.rooms[0].slug, "general");
    enter(&app, " ADA").await.refuses_field(ProblemCode::NameTaken, "name");
    enter(&app, " ").await.refuses_field(ProblemCode::Blank, "name");
    // Somebody chose to close the room: then nobody walks in from the street.
    for change in [json!({"kind": "closed"}), json!({"kind": "open", "archived": true})] {
        owner.patch(route::room("general"), &change).await.json::<RoomAnswer>(200);
        enter(&app, "Bea").await.refuses(ProblemCode::Forbidden);
    }
}

#[tokio::test]
async fn a_guest_link_lets_in_as_many_as_it_says() {
    let app = TestApp::start_with(&["--guests"]).await;
    let invite = app.owner().invites(json!({"role": "guest", "uses": 10})).await;
    let names: Vec<_> = (0..100).map(|number| json!({"name": format!("Guest {number}")})).collect();
    let answers = join_all(names.iter().map(|body| join(&app, &invite.code, body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 10);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refuses(ProblemCode::InviteInvalid);
    }
    assert_eq!(app.owner().snapshot().await.rooms[0].member_count, 11);
}

#[tokio::test]
async fn a_guest_makes_an_account_and_keeps_what_they_said() {
    let app = TestApp::start_with(&["--guests"]).await;
    let ada = let_in(&app, &enter(&app, "Ada").await);
    ada.says("hello").await;
    // Without a password nobody signs in as them, whatever is tried, and it costs as much as anywhere.
    let computed = app.app.passwords.computed();
    for guess in ["", "Ada", PASSWORD] {
        sign_in(&app, "Ada", guess).await.refuses(ProblemCode::WrongCredentials);
    }
    assert_eq!(app.app.passwords.computed(), computed + 3);

    let weak = json!({"current": "", "new": "12345678"});
    ada.put(route::PASSWORD, &weak).await.refuses_field(ProblemCode::PasswordTooCommon, "new");
    assert_eq!(ada.put(route::PASSWORD, &json!({"current": "", "new": PASSWORD})).await.status, 204);
    let there = sign_in(&app, "ada", PASSWORD).await.json::<SignedIn>(200).me;
    assert_eq!((there.id, there.role), (ada.me.id, Role::Guest), "what they may do is not theirs to say");
    assert_eq!(app.owner().history().await.messages[0].author, ada.me.id);
    // From now on the password is asked for.
    let change = json!({"current": "", "new": "another long password"});
    ada.put(route::PASSWORD, &change).await.refuses_field(ProblemCode::WrongPassword, "current");
    app.owner().changes(&ada, &json!({"role": "member"})).await.json::<Value>(200);
    assert_eq!(ada.snapshot().await.me.role, Role::Member);
}

#[tokio::test]
async fn a_guest_comes_into_another_room_by_another_link() {
    let app = TestApp::start_with(&["--guests"]).await;
    let ada = let_in(&app, &enter(&app, "Ada").await);
    let tasting = app.owner().makes_room("Tasting", "closed", &[]).await;
    let invite = app.owner().invites(json!({"role": "member", "room": tasting.id})).await;
    ada.post(route::join(&invite.code), &json!({})).await.json::<RoomAnswer>(200);
    let snapshot = ada.snapshot().await;
    assert_eq!((snapshot.rooms.len(), snapshot.me.role), (2, Role::Guest), "a link raises nobody who is here");
}

#[tokio::test]
async fn an_option_in_vain_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let server = Process::start(directory.path()).await;
    Actor::owner(server.address, "olga").await;
    server.terminate().await;
    // The workspace is there already, and allows no guests: that is not the operator's to change.
    let server = Process::start_with(directory.path(), &["--guests"]).await;
    eventually("the operator is told", || async {
        server.errors().await.contains("--guests lets nobody in").then_some(())
    })
    .await;
    let state: SetupState = Request::new("GET", route::SETUP).send(server.address).await.json(200);
    assert!(!state.guests);
}
