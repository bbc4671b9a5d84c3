//! Invitations: links, what they show, and coming in behind one.

use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::{
    id::{InviteId, RoomId},
    member::Role,
    problem::{Problem, ProblemCode},
    room::RoomAnswer,
    route,
    session::{InviteCreated, InviteList, InvitePreview, SignedIn},
    stream::Resume,
};

use crate::support::{
    actor::{Actor, PASSWORD},
    app::TestApp,
    wire::{Answer, Request},
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

async fn invite(by: &Actor) -> InviteCreated {
    by.invites(json!({})).await
}

/// The ids in someone's list.
async fn listed(by: &Actor) -> Vec<InviteId> {
    by.get(route::INVITES).await.json::<InviteList>(200).invites.into_iter().map(|invite| invite.id).collect()
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

#[tokio::test]
async fn a_link_comes_with_its_picture() {
    let app = TestApp::start().await;
    let invite = invite(app.owner()).await;
    assert_eq!(invite.qr, teahouse::domain::qr::svg(&invite.url));
    assert!(invite.qr.starts_with("<svg xmlns=") && !invite.qr.contains(&invite.code), "{}", invite.qr);
}

#[tokio::test]
async fn a_list_never_tells_a_code() {
    let app = TestApp::start().await;
    let (ana, bo) = (app.user("ana").await, app.user("bo").await);
    let (of_ana, of_bo) = (invite(&ana).await, invite(&bo).await);
    assert_eq!((listed(&ana).await, listed(&bo).await), (vec![of_ana.id], vec![of_bo.id]));
    let mut all = listed(app.owner()).await;
    all.sort_unstable();
    let mut expected = vec![of_ana.id, of_bo.id];
    expected.sort_unstable();
    assert_eq!(all, expected, "the links by which they came are used up");

    let answer = app.owner().get(route::INVITES).await;
    let invites = answer.json::<Value>(200)["invites"].as_array().unwrap().clone();
    for invite in invites {
        let fields: Vec<_> = invite.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(fields, ["by", "expires_at", "id", "made_at", "role", "room", "used", "uses"]);
    }
    assert!(!answer.text().contains(&of_ana.code));
}

#[tokio::test]
async fn a_withdrawn_link_is_like_one_that_never_was() {
    let app = TestApp::start().await;
    let (ana, bo) = (app.user("ana").await, app.user("bo").await);
    let (first, second) = (invite(&ana).await, invite(&ana).await);
    bo.delete(route::invite_by_id(first.id)).await.refuses(ProblemCode::NotFound);
    // A code is no id: what everyone may look at, nobody withdraws by it.
    ana.delete(route::invite(&first.code)).await.refuses(ProblemCode::NotFound);
    preview(&app, &first.id.to_string()).await.refuses(ProblemCode::InviteInvalid);
    preview(&app, &first.code).await.json::<InvitePreview>(200);

    assert_eq!(ana.delete(route::invite_by_id(first.id)).await.status, 204);
    assert_eq!(app.owner().delete(route::invite_by_id(second.id)).await.status, 204);
    ana.delete(route::invite_by_id(first.id)).await.refuses(ProblemCode::NotFound);
    for code in [&first.code, &second.code, &"0".repeat(26)] {
        let (looked, joined) = (preview(&app, code).await, join(&app, code, "eve", PASSWORD).await);
        for answer in [looked, joined] {
            let problem = Problem { request_id: String::new(), ..answer.refuses(ProblemCode::InviteInvalid) };
            assert_eq!(problem, Problem::new(ProblemCode::InviteInvalid, ""), "nothing tells them apart");
        }
    }
    assert_eq!(listed(&ana).await, []);
}

#[tokio::test]
async fn a_link_works_as_often_and_as_long_as_it_says() {
    let app = TestApp::start().await;
    let owner = app.owner();
    let twice = owner.invites(json!({"uses": 2})).await;
    for name in ["ana", "bo"] {
        join(&app, &twice.code, name, PASSWORD).await.json::<SignedIn>(201);
    }
    join(&app, &twice.code, "eve", PASSWORD).await.refuses(ProblemCode::InviteInvalid);
    preview(&app, &twice.code).await.refuses(ProblemCode::InviteInvalid);

    let brief = owner.invites(json!({"expires_in_s": 60})).await;
    assert_eq!(brief.expires_at.0, "2026-11-22T12:01:00.000Z");
    app.clock.advance(59_999);
    preview(&app, &brief.code).await.json::<InvitePreview>(200);
    app.clock.advance(1);
    preview(&app, &brief.code).await.refuses(ProblemCode::InviteInvalid);

    for (field, value) in [("uses", 0), ("uses", 1_001), ("expires_in_s", 0), ("expires_in_s", -1)] {
        owner.post(route::INVITES, &json!({field: value})).await.refuses_field(ProblemCode::InvalidField, field);
    }
    let too_long = json!({"expires_in_s": 30 * DAY_MS / 1000 + 1});
    owner.post(route::INVITES, &too_long).await.refuses_field(ProblemCode::InvalidField, "expires_in_s");
}

#[tokio::test]
async fn nobody_gives_more_than_they_have() {
    let app = TestApp::start().await;
    let (owner, ana) = (app.owner(), app.user("ana").await);
    for role in ["owner", "bot", "guest"] {
        owner.post(route::INVITES, &json!({"role": role})).await.refuses(ProblemCode::Forbidden);
    }
    ana.post(route::INVITES, &json!({"role": "admin"})).await.refuses(ProblemCode::Forbidden);
    let plot = owner.makes_room("Plot", "closed", &[]).await;
    ana.post(route::INVITES, &json!({"room": plot.id})).await.refuses(ProblemCode::NotFound);
    let nowhere = RoomId::from_entropy([1; 12]);
    ana.post(route::INVITES, &json!({"room": nowhere})).await.refuses(ProblemCode::NotFound);

    let admin = owner.invites(json!({"role": "admin"})).await;
    assert_eq!(preview(&app, &admin.code).await.json::<InvitePreview>(200).role, Role::Admin);
    assert_eq!(join(&app, &admin.code, "bo", PASSWORD).await.json::<SignedIn>(201).me.role, Role::Admin);
}

#[tokio::test]
async fn a_link_into_a_closed_room_shows_what_it_must() {
    let app = TestApp::start().await;
    let (owner, ana) = (app.owner(), app.user("ana").await);
    let plot = owner.makes_room("Plot", "closed", &[]).await;
    owner.post_to(&plot.slug, "a secret").await;
    let invite = owner.invites(json!({"room": plot.id})).await;
    let shown = preview(&app, &invite.code).await;
    assert_eq!(shown.json::<InvitePreview>(200).room.id, plot.id);
    assert!(!shown.text().contains("a secret"));

    // Whoever is signed in joins by asking for it, with the account they have; looking does not do it.
    Request::new("GET", route::invite(&invite.code)).bearer(&ana.token).send(app.address).await;
    ana.get(route::room(plot.id)).await.refuses(ProblemCode::NotFound);
    let answer: RoomAnswer = ana.post(route::join(&invite.code), &json!({})).await.json(200);
    assert_eq!((answer.room.id, answer.room.member_count), (plot.id, 2));
    assert!(ana.snapshot().await.rooms.iter().any(|room| room.id == plot.id));
    assert_eq!(ana.snapshot().await.me, ana.me, "nothing else has become of them");
}

#[tokio::test]
async fn joining_without_a_name_needs_a_session() {
    let app = TestApp::start().await;
    let invite = app.owner().invites(json!({"uses": 1})).await;
    let nameless = |code: &str| Request::new("POST", route::join(code)).json(&json!({}));
    nameless(&invite.code).send(app.address).await.refuses(ProblemCode::NotSignedIn);
    nameless(&invite.code).bearer("nonsense").send(app.address).await.refuses(ProblemCode::NotSignedIn);
    nameless("x").send(app.address).await.refuses(ProblemCode::InviteInvalid);
    // A page of another site cannot do it with the person's cookie.
    let foreign = nameless(&invite.code).cookie(&app.owner().token).header("origin", "https://evil.example");
    foreign.send(app.address).await.refuses(ProblemCode::CrossSite);
    // Who is in the room already uses nothing up.
    app.owner().post(route::join(&invite.code), &json!({})).await.json::<RoomAnswer>(200);
    // A name makes a new account, also for someone who is signed in.
    let named = Request::new("POST", route::join(&invite.code)).bearer(&app.owner().token);
    let answer = named.json(&json!({"name": "ana", "password": PASSWORD})).send(app.address).await;
    assert_ne!(answer.json::<SignedIn>(201).me.id, app.owner().me.id);
    app.owner().post(route::join(&invite.code), &json!({})).await.refuses(ProblemCode::InviteInvalid);
}

#[tokio::test]
async fn a_link_of_who_was_taken_out_works_no_more() {
    let app = TestApp::start().await;
    let (owner, ana) = (app.owner(), app.user("ana").await);
    let plot = owner.makes_room("Plot", "closed", &[&ana]).await;
    let invite = ana.invites(json!({"room": plot.id})).await;
    preview(&app, &invite.code).await.json::<InvitePreview>(200);
    owner.removes(&ana, &plot).await;
    preview(&app, &invite.code).await.refuses(ProblemCode::InviteInvalid);
    join(&app, &invite.code, "eve", PASSWORD).await.refuses(ProblemCode::InviteInvalid);
}

/// I4, I5: a link is worth what whoever made it is worth when it is used.
#[tokio::test]
async fn a_link_stands_with_its_maker() {
    let app = TestApp::start().await;
    let owner = app.owner();
    let raised = async |name: &str| {
        let person = app.user(name).await;
        owner.changes(&person, &json!({"role": "admin"})).await.json::<Value>(200);
        person
    };
    let (demoted, deactivated, banned) = (raised("demoted").await, raised("deactivated").await, raised("banned").await);
    let mut codes = Vec::new();
    for maker in [&demoted, &deactivated, &banned] {
        for role in ["admin", "member"] {
            codes.push(maker.invites(json!({"role": role})).await.code);
        }
    }
    for code in &codes {
        preview(&app, code).await.json::<InvitePreview>(200);
    }
    owner.changes(&demoted, &json!({"role": "member"})).await.json::<Value>(200);
    owner.changes(&deactivated, &json!({"active": false})).await.json::<Value>(200);
    owner.bans(&banned, &json!({})).await;
    for code in &codes {
        preview(&app, code).await.refuses(ProblemCode::InviteInvalid);
        join(&app, code, "eve", PASSWORD).await.refuses(ProblemCode::InviteInvalid);
        owner.post(route::join(code), &json!({})).await.refuses(ProblemCode::InviteInvalid);
    }
    assert_eq!(listed(owner).await, []);

    // The rules of the workspace count as they are, too.
    let ana = app.user("ana").await;
    let invite = ana.invites(json!({})).await;
    owner.patch(route::WORKSPACE, &json!({"invites_by": "admins"})).await.json::<Value>(200);
    preview(&app, &invite.code).await.refuses(ProblemCode::InviteInvalid);
    ana.post(route::INVITES, &json!({})).await.refuses(ProblemCode::Forbidden);
    owner.patch(route::WORKSPACE, &json!({"invites_by": "everyone"})).await.json::<Value>(200);
    preview(&app, &invite.code).await.json::<InvitePreview>(200);
}
