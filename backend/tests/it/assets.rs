//! The pages of the web client, and nothing else from the disk.

use shared::problem::ProblemCode;

use crate::support::{app::TestApp, wire::Request};

#[tokio::test]
async fn every_page_is_the_client() {
    let app = TestApp::start_closed(&[]).await;
    let page = Request::new("GET", "/").send(app.address).await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(page.text().to_lowercase().contains("<!doctype html>"));
    for path in [
        "/setup",
        "/signin",
        "/join/abc",
        "/people",
        "/audit",
        "/rooms/general",
        "/rooms/r_000000000000",
        "/rooms/%E8%8C%B6",
        "/setup/",
        "/signin/",
        "/join/abc/",
        "/rooms/general/",
        "/people/",
        "/rooms",
        "/rooms/",
        "/rooms/general/members",
        "/rooms/general/1234",
        "/?next=//evil.example",
    ] {
        let answer = Request::new("GET", path).send(app.address).await;
        assert_eq!((answer.status, answer.body), (200, page.body.clone()), "{path}");
    }
}

#[tokio::test]
async fn a_mistyped_address_is_the_client_too_and_not_found() {
    let app = TestApp::start_closed(&[]).await;
    let visit = |path: &str| Request::new("GET", path).header("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
    let page = visit("/").send(app.address).await;
    for path in ["/nothing", "/rooms/a/b/c", "/join", "/%E8%8C%B6"] {
        let answer = visit(path).header("if-none-match", "*").send(app.address).await;
        assert_eq!((answer.status, answer.header("content-type")), (404, page.header("content-type")), "{path}");
        assert!(answer.body == page.body, "{path}");
        assert_eq!(answer.header("content-security-policy"), page.header("content-security-policy"), "{path}");
    }
    for path in ["/api", "/api/nothing", "/nothing.js", "/.env", "/teahouse.db", "/nothing/../.git/config"] {
        visit(path).send(app.address).await.refuses(ProblemCode::NotFound);
    }
}

#[tokio::test]
async fn what_is_not_a_file_of_the_bundle_is_not_found() {
    let app = TestApp::start_closed(&[]).await;
    let corpus = [
        "/pkg/..%2f..%2fdb.sqlite",
        "/..%2f..%2fetc/passwd",
        "/../Cargo.toml",
        "/../../etc/passwd",
        "/%2e%2e/Cargo.toml",
        "/%252e%252e/Cargo.toml",
        "/..;/Cargo.toml",
        "/\\..\\Cargo.toml",
        "/.git/config",
        "/.env",
        "/teahouse.db",
        "/teahouse.db-wal",
        "/index.html.br",
        "/index.html",
        "/a.js.",
        "/a.js%20",
        "/a.js%00",
        "//etc/passwd",
        "/./a.js",
        "/a//b.js",
        "/nothing.js",
        "/nothing.css",
        "/nothing",
        "/rooms/a/b/c",
        "/join",
        "/api",
        "/api/",
        "/api/nothing",
        "/debug",
        "/metrics",
        "/%ff",
        "/%zz",
        "/%E8%8C%B6.js",
    ];
    for path in corpus {
        Request::new("GET", path).send(app.address).await.refuses(ProblemCode::NotFound);
    }
}

#[tokio::test]
async fn a_page_is_not_posted_to() {
    let app = TestApp::start_closed(&[]).await;
    for path in ["/", "/setup", "/rooms/general"] {
        let answer = Request::new("POST", path).send(app.address).await;
        answer.refuses(ProblemCode::MethodNotAllowed);
        assert!(answer.header("allow").is_some_and(|allow| allow.contains("GET")));
    }
}
