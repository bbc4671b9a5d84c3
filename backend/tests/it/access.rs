//! Who may use which address: the whole table. A route that is not in it fails the test.

use serde_json::json;
use shared::session::InviteCreated;

use crate::support::{
    actor::{PASSWORD, new_client_id},
    app::TestApp,
    wire::Request,
};

/// One row: method, address, what a stranger gets, what a member gets.
struct Row(&'static str, String, u16, u16, Option<serde_json::Value>);

fn rows(invite: &str) -> Vec<Row> {
    let message = json!({"client_id": new_client_id(), "body": "x"});
    let sign_in = json!({"name": "olga", "password": PASSWORD});
    let setup = json!({"workspace": "w", "name": "n", "password": PASSWORD});
    let row = |method, path: &str, stranger, member| Row(method, path.to_owned(), stranger, member, None);
    let with = |method, path: &str, stranger, member, body| Row(method, path.to_owned(), stranger, member, Some(body));
    vec![
        row("GET", "/", 200, 200),
        row("GET", "/healthz", 200, 200),
        row("GET", "/readyz", 200, 200),
        row("GET", "/api/setup", 200, 200),
        with("POST", "/api/setup", 409, 409, setup),
        row("GET", "/api/session", 401, 200),
        with("POST", "/api/session", 200, 200, sign_in),
        row("POST", "/api/invites", 401, 201),
        row("GET", &format!("/api/invites/{invite}"), 200, 200),
        with("POST", &format!("/api/join/{invite}"), 409, 409, json!({"name": "olga", "password": PASSWORD})),
        row("GET", "/api/snapshot", 401, 200),
        row("GET", "/api/rooms", 401, 200),
        row("GET", "/api/rooms/general", 401, 200),
        row("GET", "/api/rooms/general/messages", 401, 200),
        with("POST", "/api/rooms/general/messages", 401, 201, message),
        with("PUT", "/api/rooms/general/read", 401, 200, json!({"offset": 1, "rev": 0})),
        row("GET", "/api/people/u_000000000000", 401, 404),
        // HEAD, since a stream does not end.
        row("HEAD", "/chat", 401, 200),
        // Last, since it ends the member's session.
        row("DELETE", "/api/session", 401, 204),
    ]
}

#[tokio::test]
async fn every_route_has_its_audience() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let invite: InviteCreated = app.owner().post("/api/invites", &json!({})).await.json(201);
    for Row(method, path, stranger, member, body) in rows(&invite.code) {
        let request = || {
            let request = Request::new(method, path.as_str());
            body.as_ref().map_or(request.clone(), |body| request.json(body))
        };
        assert_eq!(request().send(app.address).await.status, stranger, "a stranger: {method} {path}");
        assert_eq!(request().bearer("x").send(app.address).await.status, stranger, "a wrong token: {method} {path}");
        assert_eq!(request().bearer(&ana.token).send(app.address).await.status, member, "a member: {method} {path}");
    }
}

#[test]
fn no_route_is_missing_from_the_table() {
    let source = include_str!("../../src/http.rs");
    let router = source.split("pub fn router").nth(1).unwrap().split("pub fn metrics_router").next().unwrap();
    let methods = ["get(", "post(", "put(", "patch(", "delete("];
    let routes: usize = methods.iter().map(|method| router.matches(method).count()).sum();
    assert_eq!(routes, rows("x").len(), "say here who may use a new route");
}
