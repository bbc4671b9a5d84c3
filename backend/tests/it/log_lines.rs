//! What the log must never hold, and what it always does.

use serde_json::json;
use shared::{
    problem::ProblemCode,
    route,
    session::{InviteCreated, LinkMade, SignedIn},
    stream::Resume,
};

use crate::support::{
    actor::{Actor, PASSWORD},
    process::Process,
    wire::Request,
};

#[tokio::test]
async fn no_secret_and_no_message_is_ever_logged() {
    let directory = tempfile::tempdir().unwrap();
    let server = Process::start_with(directory.path(), &["--log", "trace"]).await;
    let owner = Actor::owner(server.address, "olga").await;
    let invite: InviteCreated = owner.post(route::INVITES, &json!({})).await.json(201);
    let ana = owner.joined("ana").await;
    let cursor = owner.snapshot().await.cursor;
    ana.says("a secret between friends").await;
    owner.settled().await;
    let mut stream = owner.open_chat_after(cursor).await;
    stream.hello(Resume::Replay).await;
    stream.until("message_posted").await;
    let query = format!("{}?token=query-secret", route::SNAPSHOT);
    owner.get(query).await;
    let answer = Request::new("GET", "/x\u{1b}]52;c;evil\u{7}")
        .header("user-agent", "agent\u{9b}31m")
        .send(server.address)
        .await;
    assert!(matches!(answer.status, 400 | 404));
    let wrong = json!({"name": "olga", "password": "a wrong guess"});
    let answer = Request::new("POST", route::SESSION).json(&wrong).send(server.address).await;
    let problem = answer.refuses(ProblemCode::WrongCredentials);
    // Names are what people type, and some type their password there.
    let typed = "typed into the wrong field";
    let named = json!({"name": format!("{typed}\u{9b}\u{202e}"), "password": PASSWORD});
    Request::new("POST", route::SESSION).json(&named).send(server.address).await;
    let device: LinkMade = owner.post(route::DEVICE_LINKS, &json!({})).await.json(201);
    let reset: LinkMade = owner.post(route::reset_link(ana.me.id), &json!({})).await.json(201);
    for path in [route::join_page(&invite.code), route::device_page(&device.code), route::reset(&reset.code)] {
        Request::new("GET", path).header("referer", format!("https://x/{}", reset.code)).send(server.address).await;
    }
    let new = json!({"password": "a new secret sentence"});
    Request::new("POST", route::reset(&reset.code)).json(&new).send(server.address).await.json::<SignedIn>(200);
    let moved = Request::new("POST", route::device_link(&device.code)).send(server.address).await;
    moved.json::<SignedIn>(200);

    let errors = server.terminate().await.errors;
    let secrets = [
        PASSWORD,
        &owner.token,
        &ana.token,
        &invite.code,
        &device.code,
        &reset.code,
        &moved.session_cookie().unwrap(),
        typed,
        "a new secret sentence",
        "a secret between",
        "query-secret",
        "a wrong guess",
        "]52;c",
    ];
    for secret in secrets {
        assert!(!errors.contains(secret), "{secret:?} is in the log:\n{errors}");
    }
    assert!(errors.contains(&problem.request_id), "the request's id leads to its line");
    let control = |c: char| c.is_control() && c != '\n';
    assert!(!errors.contains(control), "no control character comes through");
}

#[tokio::test]
async fn each_request_and_each_stream_leaves_a_line() {
    let directory = tempfile::tempdir().unwrap();
    let server = Process::start_with(directory.path(), &["--log-format", "json"]).await;
    let owner = Actor::owner(server.address, "olga").await;
    owner.get("/api/rooms/general").await;
    let mut stream = owner.open_chat().await;
    stream.hello(Resume::Live).await;
    drop(stream);
    crate::support::eventually("the end of the stream is logged", || async {
        server.errors().await.contains("client_gone").then_some(())
    })
    .await;
    let errors = server.terminate().await.errors;
    let lines: Vec<serde_json::Value> =
        errors.lines().filter(|line| line.starts_with('{')).map(|line| serde_json::from_str(line).unwrap()).collect();
    let answered =
        lines.iter().find(|line| line["span"]["route"] == "/api/rooms/{room}").expect("a line for the request");
    assert_eq!((&answered["status"], &answered["span"]["method"]), (&json!(200), &json!("GET")));
    assert_eq!(answered["span"]["member"], owner.me.id.to_string());
}

/// L3: who tried what, with the request and the time.
#[tokio::test]
async fn what_an_operator_looks_for_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let server = Process::start_with(directory.path(), &["--log-format", "json"]).await;
    let owner = Actor::owner(server.address, "olga").await;
    let ana = owner.joined("ana").await;
    let wrong = json!({"name": "olga", "password": "a wrong guess"});
    let sign_in = || Request::new("POST", route::SESSION).json(&wrong);
    let mut slowed = None;
    for _ in 0..50 {
        slowed = Some(sign_in().send(server.address).await).filter(|answer| answer.status == 429);
        if slowed.is_some() {
            break;
        }
    }
    let slowed = slowed.expect("nothing slows it").refuses(ProblemCode::RateLimited);
    let denied = ana.post(route::INVITES, &json!({"role": "admin"})).await.refuses(ProblemCode::Forbidden);
    let again = ana.signed_in_again().await;
    let invite = owner.invites(json!({})).await;
    assert_eq!(owner.delete(route::invite_by_id(invite.id)).await.status, 204);
    let errors = server.terminate().await.errors;

    let lines = errors.lines().filter(|line| line.starts_with('{'));
    let lines: Vec<serde_json::Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let line = |message: &str, id: Option<&str>| {
        let fits =
            |line: &&serde_json::Value| line["message"] == message && id.is_none_or(|id| line["span"]["id"] == id);
        lines.iter().find(fits).unwrap_or_else(|| panic!("no line {message:?} of {id:?}")).clone()
    };
    for (message, id) in [
        ("sign-in refused", None),
        ("signed in", None),
        ("too often", Some(slowed.request_id.as_str())),
        ("answered", Some(denied.request_id.as_str())),
        ("invite made", None),
        ("invite withdrawn", None),
    ] {
        let line = line(message, id);
        assert!(line["timestamp"].as_str().is_some_and(|at| at.ends_with('Z')), "{line}");
        assert!(line["span"]["id"].is_string() && line["span"]["client"] == "127.0.0.1", "{line}");
    }
    let denial = line("answered", Some(&denied.request_id));
    assert_eq!((&denial["status"], &denial["span"]["member"]), (&json!(403), &json!(ana.me.id)));
    assert_eq!(line("signed in", None)["member"], json!(again.me.id));
    assert_eq!(line("invite withdrawn", None)["invite"], json!(invite.id));
}

/// Who came in and who did not, who was refused and who did what: each with the request and the person (security.md L3).
#[tokio::test]
async fn who_did_what_is_logged() {
    let directory = tempfile::tempdir().unwrap();
    let server = Process::start_with(directory.path(), &["--log-format", "json"]).await;
    let owner = Actor::owner(server.address, "olga").await;
    let ana = owner.joined("ana").await;
    ana.get(route::AUDIT).await.refuses(ProblemCode::Forbidden);
    owner.changes(&ana, &json!({"role": "admin"})).await.json::<serde_json::Value>(200);
    let (narrow, _) = owner.makes_token("read").await;
    narrow.post(route::TOKENS, &json!({"label": "x"})).await.refuses(ProblemCode::TokenTooNarrow);
    let wrong = json!({"current": "a wrong guess", "new": "another long sentence"});
    owner.put(route::PASSWORD, &wrong).await.refuses(ProblemCode::WrongPassword);
    owner.bans(&ana, &json!({"reason": "a reason for admins"})).await;
    let sign_in = json!({"name": "ana", "password": PASSWORD});
    Request::new("POST", route::SESSION).json(&sign_in).send(server.address).await.refuses(ProblemCode::Banned);
    owner.delete(route::ban(ana.me.id)).await.json::<serde_json::Value>(200);

    let errors = server.terminate().await.errors;
    for secret in ["a wrong guess", "another long sentence", "a reason for admins", PASSWORD, &narrow.token] {
        assert!(!errors.contains(secret), "{secret:?} is in the log");
    }
    let lines: Vec<serde_json::Value> =
        errors.lines().filter(|line| line.starts_with('{')).map(|line| serde_json::from_str(line).unwrap()).collect();
    let (olga, ana) = (owner.me.id.to_string(), ana.me.id.to_string());
    for (message, route, member) in [
        ("workspace opened", "/api/setup", None),
        ("joined by invite", "/api/join/{code}", None),
        ("role set", "/api/people/{member}", Some(&olga)),
        ("token made", "/api/tokens", Some(&olga)),
        ("refused: the token may not do that", "/api/tokens", Some(&olga)),
        ("password not changed: the current one was wrong", "/api/password", Some(&olga)),
        ("banned", "/api/people/{member}/ban", Some(&olga)),
        ("sign-in refused", "/api/session", None),
        ("ban lifted", "/api/people/{member}/ban", Some(&olga)),
    ] {
        let line = lines.iter().find(|line| line["message"] == message && line["span"]["route"] == route);
        let line = line.unwrap_or_else(|| panic!("no line for {message}:\n{errors}"));
        assert_eq!(line["span"]["id"].as_str().map(str::len), Some(12), "{line}");
        assert_eq!(line["span"]["member"].as_str(), member.map(String::as_str), "{line}");
    }
    let denied = lines.iter().find(|line| line["status"] == 403 && line["span"]["route"] == route::AUDIT);
    assert_eq!(denied.expect("a refusal leaves a line")["span"]["member"], ana);
}
