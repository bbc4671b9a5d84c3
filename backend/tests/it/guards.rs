//! Who may ask from where: host names, foreign pages, other origins, forged addresses.

use serde_json::{Value, json};
use shared::{problem::ProblemCode, route, session::SignedIn};

use crate::support::{
    actor::{PASSWORD, new_client_id},
    app::TestApp,
    wire::{Answer, Request, exchange},
};

const LISTED: &str = "https://listed.example";

fn message() -> Value {
    json!({"client_id": new_client_id(), "body": "hello"})
}

/// A post with the owner's cookie.
fn post_by_cookie(app: &TestApp) -> Request {
    Request::new("POST", route::messages("general")).cookie(&app.owner().token).json(&message())
}

#[tokio::test]
async fn a_change_by_cookie_comes_from_our_own_page() {
    let app = TestApp::start().await;
    let send = async |request: Request| request.send(app.address).await;
    assert_eq!(send(post_by_cookie(&app).header("sec-fetch-site", "same-origin")).await.status, 201);
    assert_eq!(send(post_by_cookie(&app).header("origin", "http://localhost")).await.status, 201);
    let with_port = post_by_cookie(&app).host("localhost:8080").header("origin", "http://localhost:8080");
    assert_eq!(send(with_port).await.status, 201);

    send(post_by_cookie(&app)).await.refuses(ProblemCode::CrossSite);
    for origin in [
        "https://evil.example",
        "null",
        "https://localhost",
        "http://localhost:81",
        "http://localhost.evil.example",
        "http://evil.example/http://localhost",
        "http://127.0.0.1",
        "",
    ] {
        send(post_by_cookie(&app).header("origin", origin)).await.refuses(ProblemCode::CrossSite);
    }
    for site in ["cross-site", "same-site", "nonsense"] {
        let request = post_by_cookie(&app).header("origin", "http://localhost").header("sec-fetch-site", site);
        send(request).await.refuses(ProblemCode::CrossSite);
    }
    assert_eq!(app.owner().history().await.messages.len(), 3);
}

#[tokio::test]
async fn on_https_the_scheme_and_the_port_count() {
    let app = TestApp::start_with(&["--public-url", "https://good.example"]).await;
    let send = async |origin: &str| {
        let request = Request::new("POST", route::messages("general")).host("good.example").json(&message());
        let request = request.header("cookie", format!("__Host-sid={}", app.owner().token));
        request.header("origin", origin).send(app.address).await
    };
    assert_eq!(send("https://good.example").await.status, 201);
    for origin in [
        "http://good.example",
        "https://good.example:8443",
        "https://good.evil.example",
        "https://goodXexample",
        "https://sub.good.example",
        "https://good.example.evil",
    ] {
        send(origin).await.refuses(ProblemCode::CrossSite);
    }
}

#[tokio::test]
async fn a_program_needs_no_page() {
    let app = TestApp::start().await;
    let request = Request::new("POST", route::messages("general")).bearer(&app.owner().token).json(&message());
    assert_eq!(request.send(app.address).await.status, 201);
}

#[tokio::test]
async fn nobody_is_signed_in_or_invited_by_a_foreign_page() {
    let app = TestApp::start().await;
    let sign_in = json!({"name": "olga", "password": PASSWORD});
    let request = || Request::new("POST", route::SESSION).json(&sign_in);
    request().header("origin", "https://evil.example").send(app.address).await.refuses(ProblemCode::CrossSite);
    request().header("sec-fetch-site", "cross-site").send(app.address).await.refuses(ProblemCode::CrossSite);
    request().sent_by_own_page().send(app.address).await.json::<SignedIn>(200);
    let sign_out = Request::new("DELETE", route::SESSION).cookie(&app.owner().token);
    sign_out.header("origin", "https://evil.example").send(app.address).await.refuses(ProblemCode::CrossSite);
    app.owner().snapshot().await;
}

#[tokio::test]
async fn reading_changes_nothing_whatever_it_claims() {
    let app = TestApp::start().await;
    for method in ["GET", "HEAD", "OPTIONS"] {
        let request = Request::new(method, format!("{}?_method=DELETE", route::SESSION)).cookie(&app.owner().token);
        request.header("x-http-method-override", "DELETE").send(app.address).await;
    }
    app.owner().snapshot().await;
}

#[tokio::test]
async fn a_listed_origin_may_read_and_no_other() {
    let app = TestApp::start_with(&["--allow-origin", LISTED]).await;
    let get = async |origin: &str| {
        let request = Request::new("GET", route::SNAPSHOT).bearer(&app.owner().token).header("origin", origin);
        request.send(app.address).await
    };
    let answer = get(LISTED).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some(LISTED));
    assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
    for origin in [
        "https://evil.example",
        "null",
        "https://listed.example.evil",
        "http://listed.example",
        "https://LISTED.example",
    ] {
        assert_no_cors(&get(origin).await);
    }
    // A refusal can be read by the listed page too.
    let refused = Request::new("GET", route::SNAPSHOT).header("origin", LISTED).send(app.address).await;
    refused.refuses(ProblemCode::NotSignedIn);
    assert_eq!(refused.header("access-control-allow-origin"), Some(LISTED));
    for answer in [get(LISTED).await, get("https://evil.example").await] {
        assert!(answer.headers("vary").iter().any(|vary| vary.contains("Origin")));
    }
}

fn assert_no_cors(answer: &Answer) {
    for name in ["origin", "credentials", "methods", "headers"] {
        assert_eq!(answer.header(&format!("access-control-allow-{name}")), None, "{answer:?}");
    }
}

#[tokio::test]
async fn a_preflight_is_answered_for_the_listed() {
    let app = TestApp::start_with(&["--allow-origin", LISTED]).await;
    let preflight = async |origin: &str| {
        let request = Request::new("OPTIONS", route::messages("general")).header("origin", origin);
        let request = request.header("access-control-request-method", "POST");
        request.header("access-control-request-headers", "authorization,content-type").send(app.address).await
    };
    let answer = preflight(LISTED).await;
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert_eq!(answer.header("access-control-allow-origin"), Some(LISTED));
    assert!(answer.header("access-control-allow-methods").is_some_and(|methods| methods.contains("POST")));
    assert!(answer.header("access-control-allow-headers").is_some_and(|headers| headers.contains("authorization")));
    let refused = preflight("https://evil.example").await;
    refused.refuses(ProblemCode::CrossSite);
    assert_no_cors(&refused);
}

#[tokio::test]
async fn a_listed_page_posts_with_its_cookie() {
    let app = TestApp::start_with(&["--allow-origin", LISTED]).await;
    let request = post_by_cookie(&app).header("origin", LISTED).header("sec-fetch-site", "same-site");
    assert_eq!(request.send(app.address).await.status, 201);
}

#[tokio::test]
async fn a_foreign_page_cannot_open_the_stream() {
    let app = TestApp::start_with(&["--allow-origin", LISTED]).await;
    let chat = || Request::new("GET", route::CHAT).cookie(&app.owner().token);
    for request in [
        chat().header("origin", "https://evil.example"),
        chat().header("origin", "null"),
        chat().header("sec-fetch-site", "cross-site"),
        chat().header("sec-fetch-site", "same-site"),
        app.owner().chat().header("origin", "https://evil.example"),
    ] {
        let answer = request.send(app.address).await;
        answer.refuses(ProblemCode::CrossSite);
        assert_no_cors(&answer);
    }
    for request in [chat().sent_by_own_page(), chat().header("origin", LISTED), chat()] {
        let mut stream = crate::support::sse::SseReader::open(app.address, &request).await;
        assert_eq!(stream.next().await.unwrap().kind, "hello");
    }
}

#[tokio::test]
async fn only_our_own_names_are_answered() {
    let app = TestApp::start_with(&["--public-url", "https://chat.example"]).await;
    let healthz = async |request: Request| request.send(app.address).await;
    for host in [
        "localhost",
        "LocalHost:1",
        "127.0.0.1",
        "127.0.0.1:8080",
        "[::1]",
        "[::1]:8080",
        "chat.example",
        "CHAT.example:443",
    ] {
        assert_eq!(healthz(Request::new("GET", "/healthz").host(host)).await.status, 200, "{host}");
    }
    for host in [
        "evil.example",
        "chat.example.evil",
        "evil.chat.example",
        "chat.example:8443",
        "localhost:99999",
        "localhost.evil",
        "user@localhost",
        "0.0.0.0",
        "2130706433",
        "127.1",
        "",
        "localhost/",
        "local host",
        "[::1",
        "chat.example.",
    ] {
        let answer = healthz(Request::new("GET", "/healthz").host(host)).await;
        assert_eq!(answer.status, 421, "{host:?}");
        answer.refuses(ProblemCode::WrongHost);
    }
    healthz(Request::new("GET", "/healthz").without_host()).await.refuses(ProblemCode::WrongHost);
    healthz(Request::new("GET", "/healthz").header("host", "localhost")).await.refuses(ProblemCode::WrongHost);
    healthz(Request::new("GET", "http://evil.example/healthz")).await.refuses(ProblemCode::WrongHost);
    healthz(Request::new("GET", "http://localhost/healthz").host("evil.example")).await.refuses(ProblemCode::WrongHost);
    assert_eq!(healthz(Request::new("GET", "http://localhost/healthz")).await.status, 200);
}

#[tokio::test]
async fn odd_methods_and_raw_nonsense_are_refused() {
    let app = TestApp::start().await;
    for method in ["TRACE", "FOO", "get", "PROPFIND", "PATCH"] {
        let answer = Request::new(method, route::SESSION).bearer(&app.owner().token).send(app.address).await;
        answer.refuses(ProblemCode::MethodNotAllowed);
    }
    let raw: [&[u8]; 8] = [
        b"GET /healthz\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nhost : localhost\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n folded: x\r\n\r\n",
        b"POST /api/session HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello",
        b"POST /api/session HTTP/1.1\r\nhost: localhost\r\ncontent-length: +5\r\n\r\nhello",
        b"POST /api/session HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nhost: local\0host\r\n\r\n",
    ];
    for bytes in raw {
        let answer = exchange(app.address, &[bytes, b"\r\n\r\n"].concat()).await;
        let status = answer.map(|answer| answer.status);
        assert!(matches!(status, None | Some(400 | 415 | 421)), "{status:?}: {}", String::from_utf8_lossy(bytes));
    }
    app.owner().snapshot().await;
}
