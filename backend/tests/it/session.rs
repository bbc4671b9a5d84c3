//! Signing in, staying in, signing out.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::{
    problem::ProblemCode,
    route,
    session::{SignedIn, TokenIssued},
    stream::{Bye, ByeReason, Resume},
};

use crate::support::{
    actor::PASSWORD,
    app::TestApp,
    sse::SseReader,
    wire::{Answer, Request},
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

async fn sign_in(app: &TestApp, body: &Value) -> Answer {
    Request::new("POST", route::SESSION).json(body).send(app.address).await
}

async fn who(app: &TestApp, request: Request) -> Answer {
    request.send(app.address).await
}

#[tokio::test]
async fn a_browser_gets_a_guarded_cookie() {
    let app = TestApp::start().await;
    let answer = sign_in(&app, &json!({"name": "Olga", "password": PASSWORD})).await;
    assert_eq!(answer.json::<SignedIn>(200).me, app.owner().me);
    let cookie = answer.header("set-cookie").unwrap();
    for part in ["sid=", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure") && !cookie.contains("Domain"), "{cookie}");
    let token = answer.session_cookie().unwrap();
    assert!(token.len() >= 44, "{token}");
    assert_ne!(token, app.owner().token, "a new session has a new secret");
    who(&app, Request::new("GET", route::SESSION).cookie(&token)).await.json::<SignedIn>(200);
}

#[tokio::test]
async fn over_https_no_neighbour_can_plant_the_cookie() {
    let app = TestApp::start_with(&["--public-url", "https://chat.example"]).await;
    let request = Request::new("POST", route::SESSION).host("chat.example");
    let answer = request.json(&json!({"name": "olga", "password": PASSWORD})).send(app.address).await;
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-sid=") && cookie.contains("; Secure") && !cookie.contains("Domain"), "{cookie}");
    let token = answer.session_cookie().unwrap();
    let get = || Request::new("GET", route::SESSION).host("chat.example");
    who(&app, get().header("cookie", format!("__Host-sid={token}"))).await.json::<SignedIn>(200);
    // The plain name is anybody's.
    who(&app, get().cookie(&token)).await.refuses(ProblemCode::NotSignedIn);
}

#[tokio::test]
async fn a_program_gets_a_token_and_no_cookie() {
    let app = TestApp::start().await;
    let answer = sign_in(&app, &json!({"name": "olga", "password": PASSWORD, "as": "token"})).await;
    assert_eq!(answer.header("set-cookie"), None);
    let issued: TokenIssued = answer.json(200);
    who(&app, Request::new("GET", route::SESSION).bearer(&issued.token)).await.json::<SignedIn>(200);
}

#[tokio::test]
async fn a_name_is_the_same_in_every_spelling() {
    let app = TestApp::start().await;
    app.user("José").await;
    for spelling in ["josé", " JOSE\u{301} ", "ｊｏｓé"] {
        sign_in(&app, &json!({"name": spelling, "password": PASSWORD})).await.json::<SignedIn>(200);
    }
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_look_the_same() {
    let app = TestApp::start().await;
    let mut answers = Vec::new();
    for (name, password) in [
        ("olga", "not the password"),
        ("nobody", PASSWORD),
        ("", PASSWORD),
        ("olga", ""),
        ("a\0b", PASSWORD),
        (&"x".repeat(5000), PASSWORD),
        ("olga", &"x".repeat(5000)),
        ("' OR 1=1 --", "' OR 1=1 --"),
    ] {
        let answer = sign_in(&app, &json!({"name": name, "password": password})).await;
        let mut problem = answer.refuses(ProblemCode::WrongCredentials);
        assert_eq!(answer.header("set-cookie"), None);
        problem.request_id.clear();
        answers.push(problem);
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn a_huge_password_is_refused_without_hashing() {
    let app = TestApp::start().await;
    let body = json!({"name": "olga", "password": "x".repeat(1 << 20)});
    let started = Instant::now();
    sign_in(&app, &body).await.refuses(ProblemCode::PayloadTooLarge);
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_sign_in_at_once_leave_the_others_alone() {
    let app = TestApp::start().await;
    let mut stream = app.owner().open_chat().await;
    stream.hello(Resume::Live).await;
    let body = json!({"name": "olga", "password": PASSWORD});
    let crowd = join_all((0..30).map(|_| sign_in(&app, &body)));
    let chat = async {
        for number in 0..10 {
            let started = Instant::now();
            app.owner().says(&number.to_string()).await;
            stream.bodies(1).await;
            assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
        }
    };
    let (answers, ()) = tokio::join!(crowd, chat);
    for answer in answers {
        answer.json::<SignedIn>(200);
    }
}

#[tokio::test]
async fn nonsense_is_not_a_session() {
    let app = TestApp::start().await;
    let token = &app.owner().token;
    let long = "x".repeat(4096);
    let values: [&[u8]; 10] = [
        b"",
        long.as_bytes(),
        b"Zm9vYmFy",
        b"\xff\xfe",
        b"' OR 1=1 --",
        b"{\"a\":1}",
        b"undefined",
        &token.as_bytes()[1..],
        b"\xe2\x98\x95",
        b"00000000000000000000000000000000000000000000000000",
    ];
    for value in values {
        let cookie = [b"sid=", value].concat();
        who(&app, Request::new("GET", route::SESSION).header("cookie", &cookie))
            .await
            .refuses(ProblemCode::NotSignedIn);
        let bearer = [b"Bearer ", value].concat();
        let request = Request::new("GET", route::SNAPSHOT).header("authorization", &bearer);
        who(&app, request).await.refuses(ProblemCode::NotSignedIn);
    }
    let doubled = format!("sid={token}; sid={token}");
    who(&app, Request::new("GET", route::SESSION).header("cookie", doubled)).await.refuses(ProblemCode::NotSignedIn);
    let in_query = format!("{}?token={token}&access_token={token}&sid={token}", route::SESSION);
    who(&app, Request::new("GET", in_query)).await.refuses(ProblemCode::NotSignedIn);
    // Good and bad together are bad: a bearer counts alone.
    let both = Request::new("GET", route::SESSION).cookie(token).bearer("nonsense");
    who(&app, both).await.refuses(ProblemCode::NotSignedIn);
}

#[tokio::test]
async fn a_cookie_above_its_limit_is_named() {
    let app = TestApp::start().await;
    let request = Request::new("GET", route::SESSION).header("cookie", format!("sid={}", "x".repeat(9000)));
    who(&app, request).await.refuses(ProblemCode::HeaderTooLarge);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_its_stream_and_no_other() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let elsewhere = ana.signed_in_again().await;
    let mut stream = ana.open_chat().await;
    stream.hello(Resume::Live).await;
    let mut other_stream = elsewhere.open_chat().await;
    other_stream.hello(Resume::Live).await;

    let started = Instant::now();
    let answer = Request::new("DELETE", route::SESSION).bearer(&ana.token).send(app.address).await;
    assert_eq!(answer.status, 204);
    assert!(answer.header("set-cookie").is_some_and(|cookie| cookie.contains("Max-Age=0")));
    let bye: Bye = stream.until("bye").await.json();
    assert_eq!(bye.reason, ByeReason::SessionEnded);
    assert_eq!(stream.next().await, None);
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());

    ana.get(route::SNAPSHOT).await.refuses(ProblemCode::NotSignedIn);
    assert_eq!(SseReader::open(app.address, &ana.chat()).await.head.0, 401);
    elsewhere.says("still here").await;
    assert_eq!(other_stream.bodies(1).await, ["still here"]);
}

#[tokio::test]
async fn a_session_ends_by_itself_whatever_is_done_with_it() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    for days in [10, 10, 9] {
        app.clock.advance(days * DAY_MS);
        ana.snapshot().await;
        teahouse::service::uses::record(&app.app).await.unwrap();
    }
    app.clock.advance(DAY_MS);
    ana.get(route::SNAPSHOT).await.refuses(ProblemCode::NotSignedIn);
    // A new one can be had.
    ana.signed_in_again().await.snapshot().await;
}

#[tokio::test]
async fn an_open_stream_does_not_outlive_its_session() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let mut stream = ana.open_chat().await;
    stream.hello(Resume::Live).await;
    app.clock.advance(31 * DAY_MS);
    assert_eq!(stream.until("bye").await.json::<Bye>().reason, ByeReason::SessionEnded);
    assert_eq!(stream.next().await, None);
    assert_eq!(SseReader::open(app.address, &ana.chat()).await.head.0, 401, "each new stream is authorised anew");
}

#[tokio::test]
async fn sessions_outlive_a_restart() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let app = app.restart().await;
    assert_eq!(ana.at(app.address).snapshot().await.me, ana.me);
}
