//! Every error has one shape, and every code that can be provoked from outside is.

use std::collections::BTreeSet;

use serde_json::json;
use shared::{problem::ProblemCode, route};

use crate::support::{
    actor::{PASSWORD, new_client_id},
    app::TestApp,
    wire::Request,
};

#[tokio::test]
async fn every_code_is_given_as_it_is_documented() {
    let app = TestApp::start().await;
    let owner = app.owner();
    let post = |body| Request::new("POST", route::messages("general")).bearer(&owner.token).json(&body);
    let key = new_client_id();
    assert_eq!(post(json!({"client_id": key, "body": "one"})).send(app.address).await.status, 201);
    let invite: shared::session::InviteCreated = owner.post(route::INVITES, &json!({})).await.json(201);
    let join = |name, password| {
        Request::new("POST", route::join(&invite.code)).json(&json!({"name": name, "password": password}))
    };
    let (out, off) = (owner.joined("out").await, owner.joined("off").await);
    owner.changes(&off, &json!({"active": false})).await.json::<serde_json::Value>(200);
    let sign_in = |name| Request::new("POST", route::SESSION).json(&json!({"name": name, "password": PASSWORD}));
    let (narrow, _) = owner.makes_token("read").await;
    let password = json!({"current": "not the password", "new": PASSWORD});
    let requests = [
        (post(json!([])), ProblemCode::InvalidJson),
        (post(json!({"client_id": 1})), ProblemCode::InvalidField),
        (Request::new("GET", "/api/rooms/general/messages?limit=x").bearer(&owner.token), ProblemCode::InvalidQuery),
        (post(json!({"client_id": key, "body": " "})), ProblemCode::Blank),
        (post(json!({"client_id": key, "body": "\0"})), ProblemCode::ControlCharacter),
        (post(json!({"client_id": key, "body": "x".repeat(20_000)})), ProblemCode::TooLong),
        (post(json!({"client_id": key, "body": "two"})), ProblemCode::ClientIdReused),
        (join("ana", "1234567"), ProblemCode::PasswordTooShort),
        (join("ana", "qwertyuiop"), ProblemCode::PasswordTooCommon),
        (join("olga", PASSWORD), ProblemCode::NameTaken),
        (Request::new("GET", route::SNAPSHOT), ProblemCode::NotSignedIn),
        (
            Request::new("POST", route::SESSION).json(&json!({"name": "olga", "password": "x"})),
            ProblemCode::WrongCredentials,
        ),
        (
            Request::new("POST", route::ROOMS)
                .bearer(&owner.token)
                .json(&json!({"name": "x", "kind": "open", "slug": "general"})),
            ProblemCode::SlugTaken,
        ),
        (Request::new("DELETE", route::SESSION).header("origin", "https://evil.example"), ProblemCode::CrossSite),
        (Request::new("GET", "/api/nothing"), ProblemCode::NotFound),
        (Request::new("GET", route::invite("x")), ProblemCode::InviteInvalid),
        (Request::new("POST", route::device_link("x")), ProblemCode::LinkInvalid),
        (Request::new("PUT", route::SESSION), ProblemCode::MethodNotAllowed),
        (
            Request::new("POST", route::SETUP).json(&json!({"workspace": "w", "name": "n", "password": PASSWORD})),
            ProblemCode::SetupDone,
        ),
        (post(json!({"body": "x".repeat(200_000)})), ProblemCode::PayloadTooLarge),
        (Request::new("POST", route::SESSION).body("x"), ProblemCode::UnsupportedMediaType),
        (sign_in("off"), ProblemCode::Deactivated),
        (
            Request::new("POST", route::TOKENS).bearer(&narrow.token).json(&json!({"label": "x"})),
            ProblemCode::TokenTooNarrow,
        ),
        (Request::new("PUT", route::PASSWORD).bearer(&owner.token).json(&password), ProblemCode::WrongPassword),
        (
            Request::new("PATCH", route::person(owner.me.id)).bearer(&owner.token).json(&json!({"role": "member"})),
            ProblemCode::LastOwner,
        ),
        (Request::new("GET", "/").host("evil.example"), ProblemCode::WrongHost),
        (Request::new("GET", "/").header("cookie", "x".repeat(9000)), ProblemCode::HeaderTooLarge),
    ];
    let mut given = BTreeSet::new();
    for (request, code) in requests {
        request.send(app.address).await.refuses(code);
        given.insert(code.as_str());
    }
    owner.bans(&out, &json!({"addresses": true})).await;
    for (request, code) in [(sign_in("out"), ProblemCode::Banned), (join("eva", PASSWORD), ProblemCode::AddressBlocked)]
    {
        request.send(app.address).await.refuses(code);
        given.insert(code.as_str());
    }
    // These need a server that is closed, broken or crowded, ten seconds, or people who did something before;
    // other tests and the areas' own have them.
    given.extend([
        "wrong_setup_code",
        "setup_needed",
        "forbidden",
        "room_archived",
        "limit_reached",
        "request_timeout",
        "rate_limited",
        "internal",
        "unavailable",
        "storage_full",
    ]);
    let all: BTreeSet<_> = ProblemCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(given, all);
}

#[tokio::test]
async fn a_challenge_comes_with_every_401() {
    let app = TestApp::start().await;
    let answer = Request::new("GET", route::SNAPSHOT).send(app.address).await;
    answer.refuses(ProblemCode::NotSignedIn);
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
}

#[tokio::test]
async fn the_probes_answer_in_json() {
    let app = TestApp::start_closed(&[]).await;
    for (path, word) in [("/healthz", "ok"), ("/readyz", "ready")] {
        let health: serde_json::Value = Request::new("GET", path).send(app.address).await.json(200);
        assert_eq!(health, json!({"status": word}));
    }
}
