//! What is one's own: sessions, tokens, the password.

use serde_json::{Value, json};
use shared::{
    limits::OWN_MAX,
    problem::ProblemCode,
    route,
    session::{SessionInfo, SessionList, TokenIssued, TokenList},
    stream::{Bye, ByeReason, Resume},
};
use teahouse::service::uses;

use crate::support::{
    actor::{Actor, FIREFOX, PASSWORD, new_client_id},
    app::TestApp,
    wire::Request,
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

async fn sessions(actor: &Actor) -> Vec<SessionInfo> {
    actor.get(route::SESSIONS).await.json::<SessionList>(200).sessions
}

async fn tokens(actor: &Actor) -> TokenList {
    actor.get(route::TOKENS).await.json(200)
}

/// Sessions are seen and ended by their owner, and by nobody else (security.md AU7).
#[tokio::test]
async fn sessions_are_ones_own_to_see_and_end() {
    let app = TestApp::start().await;
    let (ana, bo) = (app.user("ana").await, app.user("bo").await);
    app.clock.advance(60_000);
    let elsewhere = ana.in_another_browser().await;
    let mut stream = elsewhere.open_chat().await;
    stream.hello(Resume::Live).await;
    let list = sessions(&ana).await;
    assert_eq!(list.len(), 2);
    assert!(list[0].current && !list[1].current);
    assert_eq!((list[1].device.as_deref(), list[1].address.as_deref()), (Some("Firefox on Linux"), Some("127.0.0.1")));
    assert_eq!(sessions(&elsewhere).await[0].id, list[1].id);

    let path = route::own_session(list[1].id);
    bo.delete(&path).await.refuses(ProblemCode::NotFound);
    app.owner().delete(&path).await.refuses(ProblemCode::NotFound);
    assert_eq!(sessions(&elsewhere).await.len(), 2);
    assert_eq!(ana.delete(&path).await.status, 204);
    assert_eq!(stream.until("bye").await.json::<Bye>().reason, ByeReason::SessionEnded);
    assert_eq!(stream.next().await, None);
    elsewhere.get(route::SNAPSHOT).await.refuses(ProblemCode::NotSignedIn);
    assert_eq!(sessions(&ana).await.len(), 1);
    ana.delete(&path).await.refuses(ProblemCode::NotFound);
    ana.delete(route::own_session(sessions(&bo).await[0].id)).await.refuses(ProblemCode::NotFound);
}

#[tokio::test]
async fn the_last_use_of_a_session_is_kept() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let made = sessions(&ana).await[0].last_used_at.clone();
    app.clock.advance(3_600_000);
    ana.snapshot().await;
    // In memory first: a request writes nothing.
    assert_eq!(sessions(&ana).await[0].last_used_at, made);
    uses::record(&app.app).await.unwrap();
    assert_eq!(sessions(&ana).await[0].last_used_at.0, "2026-11-22T13:00:00.000Z");
    let before = app.owner().settled().await;
    uses::record(&app.app).await.unwrap();
    assert_eq!(app.owner().settled().await, before, "it is no fact");
}

/// An unused session ends, although its stream is open, and a used one lives on, its stream too (security.md AU6).
#[tokio::test]
async fn an_open_stream_is_no_use_of_a_session() {
    let app = TestApp::start().await;
    let (idle, used) = (app.user("ana").await, app.user("bo").await);
    let (mut of_idle, mut of_used) = (idle.open_chat().await, used.open_chat().await);
    for stream in [&mut of_idle, &mut of_used] {
        stream.hello(Resume::Live).await;
    }
    for _ in 0..3 {
        app.clock.advance(6 * DAY_MS);
        used.snapshot().await;
        // Nor is opening a stream again, as every page does by itself.
        app.owner().get(route::SESSION).await;
        drop(crate::support::sse::SseReader::open(app.address, &idle.chat()).await);
        uses::record(&app.app).await.unwrap();
    }
    assert_eq!(of_idle.until("bye").await.json::<Bye>().reason, ByeReason::SessionEnded);
    idle.get(route::SNAPSHOT).await.refuses(ProblemCode::NotSignedIn);
    app.owner().says("still here?").await;
    assert_eq!(of_used.bodies(1).await, ["still here?"]);
    // Whatever is done with it, it ends.
    app.clock.advance(12 * DAY_MS);
    assert_eq!(of_used.until("bye").await.json::<Bye>().reason, ByeReason::SessionEnded);
    used.get(route::SNAPSHOT).await.refuses(ProblemCode::NotSignedIn);
}

#[tokio::test]
async fn a_token_may_do_what_it_was_made_for_and_no_more() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let message = || json!({"client_id": new_client_id(), "body": "28 °C"});
    let path = route::messages("general");
    for (access, posts, makes) in [("read", false, false), ("post", true, false), ("all", true, true)] {
        let (token, info) = ana.makes_token(access).await;
        assert_eq!((info.label.as_str(), info.access.as_str(), info.expires_at), ("Kiln sensor", access, None));
        token.snapshot().await;
        token.open_chat().await.hello(Resume::Live).await;
        let answer = token.post(&path, &message()).await;
        let made = token.post(route::TOKENS, &json!({"label": "another"})).await;
        let changed = token.changes(&token, &json!({"bio": "a sensor"})).await;
        for (answer, may, status) in [(answer, posts, 201), (made, makes, 201), (changed, makes, 200)] {
            if may {
                assert_eq!(answer.status, status);
            } else {
                answer.refuses(ProblemCode::TokenTooNarrow);
            }
        }
    }
    // An access that this version does not know is the least.
    assert_eq!(ana.makes_token("everything").await.1.access.as_str(), "read");
    ana.post(route::TOKENS, &json!({"label": " "})).await.refuses_field(ProblemCode::Blank, "label");
}

#[tokio::test]
async fn a_revoked_token_is_dead_and_its_stream_too() {
    let app = TestApp::start().await;
    let (ana, bo) = (app.user("ana").await, app.user("bo").await);
    let (token, info) = ana.makes_token("all").await;
    assert_eq!(tokens(&ana).await.tokens, std::slice::from_ref(&info));
    assert_eq!(tokens(&bo).await.tokens, []);
    let mut stream = token.open_chat().await;
    stream.hello(Resume::Live).await;
    bo.delete(route::token(info.id)).await.refuses(ProblemCode::NotFound);
    assert_eq!(ana.delete(route::token(info.id)).await.status, 204);
    assert_eq!(stream.until("bye").await.json::<Bye>().reason, ByeReason::SessionEnded);
    token.get(route::SNAPSHOT).await.refuses(ProblemCode::NotSignedIn);
    // A narrow one can at least end itself.
    let (narrow, _) = ana.makes_token("read").await;
    assert_eq!(narrow.delete(route::SESSION).await.status, 204);
    assert_eq!(tokens(&ana).await.tokens, []);
}

#[tokio::test]
async fn a_token_that_came_by_signing_in_is_on_the_list_and_ends() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let sign_in = json!({"name": "ana", "password": PASSWORD, "as": "token"});
    let request = Request::new("POST", route::SESSION).header("user-agent", "teahouse/0.1.0").json(&sign_in);
    let issued: TokenIssued = request.send(app.address).await.json(200);
    let listed = tokens(&ana).await.tokens;
    assert_eq!((listed[0].label.as_str(), listed[0].access.as_str()), ("teahouse", "all"));
    assert_eq!(listed[0].expires_at.as_ref().unwrap().0, "2026-12-22T12:00:00.000Z");
    assert_eq!(sessions(&ana).await.len(), 1, "it is no session");
    let token = Actor { token: issued.token, ..ana.clone() };
    app.clock.advance(29 * DAY_MS);
    token.snapshot().await;
    app.clock.advance(DAY_MS);
    token.get(route::SNAPSHOT).await.refuses(ProblemCode::NotSignedIn);
}

#[tokio::test]
async fn nobody_has_more_tokens_than_there_may_be() {
    let app = TestApp::start_with(&["--budget-factor", "0"]).await;
    for _ in 0..OWN_MAX {
        app.owner().makes_token("read").await;
    }
    app.owner().post(route::TOKENS, &json!({"label": "x"})).await.refuses(ProblemCode::LimitReached);
    app.user("ana").await.makes_token("read").await;
}

/// A new password ends all other sessions and their streams, and this one stays (security.md AU4, AU10).
#[tokio::test]
async fn a_new_password_signs_out_everywhere_else() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let (elsewhere, signed_in) = (ana.in_another_browser().await, ana.signed_in_again().await);
    let (sensor, _) = ana.makes_token("read").await;
    let mut streams = [elsewhere.open_chat().await, signed_in.open_chat().await];
    for stream in &mut streams {
        stream.hello(Resume::Live).await;
    }
    let mut own = ana.open_chat().await;
    own.hello(Resume::Live).await;
    let new = "a kettle in the morning";
    let change = |current: &str, new: &str| json!({"current": current, "new": new});
    for wrong in ["", "not the password", &"x".repeat(5_000)] {
        ana.put(route::PASSWORD, &change(wrong, new)).await.refuses_field(ProblemCode::WrongPassword, "current");
    }
    ana.put(route::PASSWORD, &change(PASSWORD, "1234567")).await.refuses_field(ProblemCode::PasswordTooShort, "new");
    ana.put(route::PASSWORD, &change(PASSWORD, "qwertyuiop"))
        .await
        .refuses_field(ProblemCode::PasswordTooCommon, "new");
    ana.put(route::PASSWORD, &json!({"new": new})).await.refuses_field(ProblemCode::InvalidField, "current");
    elsewhere.snapshot().await;

    assert_eq!(ana.put(route::PASSWORD, &change(PASSWORD, new)).await.status, 204);
    for stream in &mut streams {
        assert_eq!(stream.until("bye").await.json::<Bye>().reason, ByeReason::SessionEnded);
    }
    for gone in [&elsewhere, &signed_in] {
        gone.get(route::SNAPSHOT).await.refuses(ProblemCode::NotSignedIn);
    }
    sensor.snapshot().await;
    app.owner().says("for those who stay").await;
    assert_eq!(own.bodies(1).await, ["for those who stay"]);
    let sign_in =
        |password: &str| Request::new("POST", route::SESSION).json(&json!({"name": "ana", "password": password}));
    sign_in(PASSWORD).send(app.address).await.refuses(ProblemCode::WrongCredentials);
    assert_eq!(sign_in(new).send(app.address).await.status, 200);
}

/// The database has the hash of a token, never the token (security.md AU1).
#[tokio::test]
async fn no_secret_is_in_any_file() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let (token, _) = ana.makes_token("all").await;
    let request = Request::new("GET", route::SESSION).header("user-agent", FIREFOX).bearer(&token.token);
    request.send(app.address).await.json::<Value>(200);
    app.app.store.checkpoint().await.unwrap();
    for entry in std::fs::read_dir(app.data()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for secret in [&token.token, &ana.token, PASSWORD] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
        }
    }
}

/// A session that was never given out opens nothing, and signing in never takes one over (security.md AU2).
#[tokio::test]
async fn a_planted_session_is_never_taken_over() {
    let app = TestApp::start().await;
    let planted = "0".repeat(50);
    let request = Request::new("POST", route::SESSION).cookie(&planted).sent_by_own_page();
    let answer = request.json(&json!({"name": "olga", "password": PASSWORD})).send(app.address).await;
    let token = answer.session_cookie().unwrap();
    assert_ne!(token, planted);
    Request::new("GET", route::SESSION).cookie(&planted).send(app.address).await.refuses(ProblemCode::NotSignedIn);
    // The session before signing in again is another one than after, and signing out ends only its own.
    let again = Request::new("POST", route::SESSION).cookie(&token).sent_by_own_page();
    let again = again.json(&json!({"name": "olga", "password": PASSWORD})).send(app.address).await;
    assert_ne!(again.session_cookie().unwrap(), token);
}

/// A guest has no password; the first one needs no other before it.
#[tokio::test]
async fn a_guest_gets_a_password_by_setting_one() {
    let app = TestApp::start().await;
    app.owner().patch(route::WORKSPACE, &json!({"guests": true})).await.json::<Value>(200);
    let invite = app.owner().invites(json!({"role": "guest"})).await;
    let join = Request::new("POST", route::join(&invite.code)).json(&json!({"name": "gus"}));
    let answer = join.send(app.address).await;
    let guest = Actor { token: answer.session_cookie().unwrap(), ..app.owner().clone() };
    let change = |current: &str| json!({"current": current, "new": PASSWORD});
    guest.put(route::PASSWORD, &change("a guess")).await.refuses_field(ProblemCode::WrongPassword, "current");
    assert_eq!(guest.put(route::PASSWORD, &change("")).await.status, 204);
    guest.put(route::PASSWORD, &change("")).await.refuses_field(ProblemCode::WrongPassword, "current");
    let sign_in = Request::new("POST", route::SESSION).json(&json!({"name": "gus", "password": PASSWORD}));
    assert_eq!(sign_in.send(app.address).await.status, 200);
}
