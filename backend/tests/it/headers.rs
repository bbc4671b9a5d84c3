//! What every response carries, whatever it is.

use serde_json::json;
use shared::route;

use crate::support::{
    actor::PASSWORD,
    app::TestApp,
    sse::SseReader,
    wire::{Answer, Request},
};

const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; manifest-src 'self'; \
    worker-src 'self'; img-src 'self' blob: data:; connect-src 'self'; font-src 'self'; object-src 'none'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// One request for every kind of answer there is.
async fn answers(app: &TestApp) -> Vec<Answer> {
    let token = &app.owner().token;
    let requests = [
        Request::new("GET", "/"),
        Request::new("GET", "/rooms/general"),
        Request::new("GET", "/nothing.js"),
        Request::new("GET", "/healthz"),
        Request::new("HEAD", "/healthz"),
        Request::new("GET", "/readyz"),
        Request::new("GET", route::SETUP),
        Request::new("GET", route::SESSION),
        Request::new("GET", route::SNAPSHOT).bearer(token),
        Request::new("PATCH", route::SESSION),
        Request::new("OPTIONS", "/"),
        Request::new("POST", route::SESSION).json(&json!({"name": "x", "password": "y"})),
        Request::new("POST", route::SESSION).body("x"),
        Request::new("POST", route::SESSION).cookie(token).sent_by_own_page().json(&json!({})),
        Request::new("POST", route::messages("general")).cookie(token).json(&json!({})),
        Request::new("GET", "/healthz").host("evil.example"),
        Request::new("GET", "/%ff"),
    ];
    let mut answers = Vec::new();
    for request in requests {
        answers.push(request.send(app.address).await);
    }
    answers
}

#[tokio::test]
async fn every_answer_is_guarded() {
    let app = TestApp::start().await;
    let mut statuses = std::collections::BTreeSet::new();
    for answer in answers(&app).await {
        statuses.insert(answer.status);
        for (name, value) in [
            ("content-security-policy", POLICY),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.headers(name), [value], "{answer:?}");
        }
        assert_eq!(answer.header("server"), None);
        assert_eq!(answer.header("strict-transport-security"), None, "nothing is said of HTTPS on plain HTTP");
        assert!(answer.header("x-request-id").is_some_and(|id| id.len() == 12));
    }
    assert_eq!(Vec::from_iter(statuses), [200, 400, 401, 403, 404, 405, 415, 421]);
}

#[tokio::test]
async fn nothing_but_the_bundle_may_be_stored() {
    let app = TestApp::start().await;
    for answer in answers(&app).await {
        let page = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        let expected = if page { "no-cache" } else { "no-store" };
        assert_eq!(answer.header("cache-control"), Some(expected), "{answer:?}");
        let vary = answer.headers("vary");
        assert!(page || vary == ["Cookie, Authorization, Origin"], "{answer:?}");
        assert!(vary.len() == 1 && vary[0].ends_with("Origin"), "{answer:?}");
    }
}

#[tokio::test]
async fn an_id_is_drawn_for_each_request_and_never_taken_over() {
    let app = TestApp::start().await;
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let answer = Request::new("GET", "/healthz").header("x-request-id", "chosen").send(app.address).await;
        assert!(ids.insert(answer.header("x-request-id").unwrap().to_owned()));
    }
    assert!(!ids.contains("chosen"));
}

#[tokio::test]
async fn behind_https_browsers_are_told_to_stay_with_it() {
    let app = TestApp::start_with(&["--public-url", "https://chat.example"]).await;
    let answer = Request::new("GET", "/").host("chat.example").send(app.address).await;
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"));
}

/// H6: nothing is ever redirected, so nobody is led elsewhere by an address of ours.
#[tokio::test]
async fn no_address_leads_elsewhere() {
    let app = TestApp::start().await;
    for elsewhere in
        ["//evil.example", "/\\evil.example", "https:evil.example", "%0d%0aSet-Cookie:%20x=1", "javascript:x"]
    {
        for parameter in ["next", "return_to", "url"] {
            for page in ["/", "/signin", "/setup", "/join/x"] {
                let answer = Request::new("GET", format!("{page}?{parameter}={elsewhere}")).send(app.address).await;
                assert_eq!(answer.status, 200, "{page} {elsewhere}");
                assert_eq!((answer.header("location"), answer.header("set-cookie")), (None, None));
                assert!(!answer.text().contains("evil"), "{page} {elsewhere}");
            }
        }
        let sign_in = json!({"name": "olga", "password": PASSWORD, "next": elsewhere});
        let path = format!("{}?next={elsewhere}", route::SESSION);
        let answer = Request::new("POST", path).json(&sign_in).send(app.address).await;
        assert_eq!((answer.status, answer.header("location")), (200, None));
    }
}

/// H8: what a client would rather have changes nothing about what there is.
#[tokio::test]
async fn odd_wishes_get_the_usual_answer() {
    let app = TestApp::start().await;
    let languages = "zh-CN, ".repeat(1_100);
    for (name, value) in [
        ("accept", "text/plain"),
        ("accept", "nonsense"),
        ("accept-language", languages.as_str()),
        ("accept-charset", "utf-7"),
        ("range", "bytes=0-3"),
        ("range", "bytes=9-3, 5-"),
    ] {
        let answer = Request::new("GET", route::SNAPSHOT).bearer(&app.owner().token).header(name, value);
        let answer = answer.send(app.address).await;
        answer.json::<shared::session::Snapshot>(200);
        assert_eq!((answer.header("content-range"), answer.header("accept-ranges")), (None, None));
        let stream = SseReader::open(app.address, &app.owner().chat().header(name, value)).await;
        assert_eq!((stream.head.0, stream.header("content-range")), (200, None), "{name}: {value:.40}");
    }
}
