//! First run: the workspace is opened exactly once, by whoever can read the server's terminal.

use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::{
    member::Role,
    problem::ProblemCode,
    route,
    session::{SetupState, SignedIn},
};

use crate::support::{
    actor::{Actor, PASSWORD},
    app::TestApp,
    wire::{Answer, Request},
};

fn opening() -> Value {
    json!({"workspace": "Blue Kettle", "name": "olga", "password": PASSWORD})
}

async fn open(app: &TestApp, body: &Value) -> Answer {
    Request::new("POST", route::SETUP).json(body).send(app.address).await
}

async fn state(app: &TestApp, request: Request) -> SetupState {
    request.send(app.address).await.json(200)
}

#[tokio::test]
async fn the_first_visitor_opens_the_place_and_is_in() {
    let app = TestApp::start_closed(&[]).await;
    assert!(state(&app, Request::new("GET", route::SETUP)).await.needed);

    let answer = open(&app, &opening()).await;
    let signed_in: SignedIn = answer.json(201);
    assert_eq!(signed_in.workspace.name.as_str(), "Blue Kettle");
    assert_eq!((signed_in.me.name.as_str(), signed_in.me.role), ("olga", Role::Owner));

    let cookie = answer.session_cookie().unwrap();
    let session = Request::new("GET", route::SESSION).cookie(&cookie).send(app.address).await;
    assert_eq!(session.json::<SignedIn>(200), signed_in);
    assert!(!state(&app, Request::new("GET", route::SETUP)).await.needed);
}

#[tokio::test]
async fn the_owner_has_a_first_room() {
    let app = TestApp::start().await;
    let snapshot = app.owner().snapshot().await;
    let slugs: Vec<_> = snapshot.rooms.iter().map(|room| room.slug.as_str()).collect();
    assert_eq!(slugs, ["general"]);
    assert_eq!(snapshot.rooms[0].member_count, 1);
    assert_eq!(snapshot.members, [snapshot.me]);
}

#[tokio::test]
async fn it_is_opened_once_however_many_try() {
    let app = TestApp::start_closed(&[]).await;
    let body = opening();
    let answers = join_all((0..8).map(|_| open(&app, &body))).await;
    let created: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(created.len(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refuses(ProblemCode::SetupDone);
    }
    open(&app, &opening()).await.refuses(ProblemCode::SetupDone);
    // The one cookie that was given is the one owner's.
    let token = created[0].session_cookie().unwrap();
    let owner = Actor { address: app.address, token, me: created[0].json::<SignedIn>(201).me };
    assert_eq!(owner.snapshot().await.members.len(), 1);
}

#[tokio::test]
async fn whoever_comes_through_a_proxy_needs_the_code() {
    let app = TestApp::start_closed(&[]).await;
    let direct = state(&app, Request::new("GET", route::SETUP)).await;
    assert!(!direct.code_needed);
    for (name, value) in [
        ("x-forwarded-for", "203.0.113.7"),
        ("forwarded", "for=203.0.113.7"),
        ("x-forwarded-host", "localhost"),
        ("x-forwarded-proto", "https"),
        ("x-real-ip", "127.0.0.1"),
        ("via", "1.1 proxy"),
    ] {
        assert!(state(&app, Request::new("GET", route::SETUP).header(name, value)).await.code_needed, "{name}");
        let request = Request::new("POST", route::SETUP).header(name, value).json(&opening());
        request.send(app.address).await.refuses_field(ProblemCode::WrongSetupCode, "code");
    }
}

#[tokio::test]
async fn the_code_on_the_terminal_opens_the_place_from_elsewhere() {
    let app = TestApp::start_closed(&["--public-url", "https://chat.example"]).await;
    let request = |body: &Value| Request::new("POST", route::SETUP).host("chat.example").json(body);
    let with_code = |code: &str| {
        let mut body = opening();
        body["code"] = code.into();
        body
    };
    assert!(state(&app, Request::new("GET", route::SETUP).host("chat.example")).await.code_needed);
    for wrong in ["", "00000-00000", "7kq2m"] {
        request(&with_code(wrong)).send(app.address).await.refuses_field(ProblemCode::WrongSetupCode, "code");
    }
    let right = with_code(&app.app.setup_code.print());
    let signed_in: SignedIn = request(&right).send(app.address).await.json(201);
    assert_eq!(signed_in.me.role, Role::Owner);
    // It opens the place once: now it is as good as any other.
    request(&right).send(app.address).await.refuses(ProblemCode::SetupDone);
}

#[tokio::test]
async fn what_cannot_be_a_name_or_a_password_is_refused() {
    let app = TestApp::start_closed(&[]).await;
    let check = async |field: &str, value: Value, code: ProblemCode| {
        let mut body = opening();
        body[field] = value;
        open(&app, &body).await.refuses_field(code, field);
    };
    check("workspace", " \u{3000}\u{200b}".into(), ProblemCode::Blank).await;
    check("workspace", "x".repeat(65).into(), ProblemCode::TooLong).await;
    check("name", "a\0b".into(), ProblemCode::ControlCharacter).await;
    check("name", "\u{1b}[31m".into(), ProblemCode::ControlCharacter).await;
    check("password", "1234567".into(), ProblemCode::PasswordTooShort).await;
    check("password", "x".repeat(1025).into(), ProblemCode::TooLong).await;
    check("password", "Password123".into(), ProblemCode::PasswordTooCommon).await;
    check("password", "blue kettle".into(), ProblemCode::PasswordTooCommon).await;
    check("password", "teahouse1".into(), ProblemCode::PasswordTooCommon).await;
    check("password", "olgaolga".into(), ProblemCode::PasswordTooCommon).await;
    for value in [json!(1), json!(null), json!(["x"])] {
        check("name", value, ProblemCode::InvalidField).await;
    }
    // None of it has opened anything.
    open(&app, &opening()).await.json::<SignedIn>(201);
}

#[tokio::test]
async fn nobody_signs_in_before_it_is_open() {
    let app = TestApp::start_closed(&[]).await;
    let sign_in = json!({"name": "olga", "password": PASSWORD});
    let answer = Request::new("POST", route::SESSION).json(&sign_in).send(app.address).await;
    answer.refuses(ProblemCode::SetupNeeded);
    Request::new("GET", route::SESSION).send(app.address).await.refuses(ProblemCode::NotSignedIn);
}
