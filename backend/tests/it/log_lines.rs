//! What the log must never hold, and what it always does.

use serde_json::json;
use shared::{problem::ProblemCode, route, session::InviteCreated, stream::Resume};

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

    let errors = server.terminate().await.errors;
    let secrets = [
        PASSWORD,
        &owner.token,
        &ana.token,
        &invite.code,
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
