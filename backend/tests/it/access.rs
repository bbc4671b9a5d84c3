//! Who may call what: the matrix of `access.txt`, every route × every kind of caller (security.md A1).

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::{
    request::MessagePosted,
    route,
    session::{InviteCreated, LinkMade, SessionList},
};

use crate::support::{
    actor::{Actor, PASSWORD, new_client_id},
    app::TestApp,
    wire::Request,
};

const TABLE: &str = include_str!("access.txt");

/// The kinds of callers, in the order of the table's columns.
const CALLERS: [&str; 8] = ["anon", "owner", "admin", "mate", "other", "former", "guest", "bot"];

/// One line of the table.
struct Row {
    method: &'static str,
    path: &'static str,
    statuses: Vec<u16>,
}

fn rows() -> Vec<Row> {
    let lines = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let row = |line: &'static str| {
        let mut words = line.split_whitespace();
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        let statuses: Vec<u16> = words.map(|word| word.parse().unwrap()).collect();
        assert_eq!(statuses.len(), CALLERS.len(), "{line}");
        Row { method, path, statuses }
    };
    lines.map(row).collect()
}

/// What each call sends.
fn body(method: &str, path: &str) -> Option<Value> {
    let place = path.rsplit('/').next().unwrap_or_default();
    Some(match (method, place) {
        ("POST", "setup") => json!({"workspace": "w", "name": "n", "password": PASSWORD}),
        ("POST", "session") => json!({"name": "nobody", "password": PASSWORD}),
        ("POST", "invites") | ("PUT", "me" | "{someone}") => json!({}),
        ("POST", "{code}") => json!({"name": "olga", "password": PASSWORD}),
        ("POST", "rooms") => json!({"name": "Another", "kind": "open"}),
        ("POST", "messages") => json!({"client_id": new_client_id(), "body": "x"}),
        ("PATCH", "{someone}") => json!({"display_name": "Olga"}),
        ("PATCH", "{victim}" | "{stranger}") => json!({"active": false}),
        ("PUT", "ban") => json!({}),
        ("PUT", "password") => json!({"current": PASSWORD, "new": PASSWORD}),
        ("POST", "guests") => json!({"name": "visitor"}),
        ("POST", "tokens") => json!({"label": "Kiln sensor"}),
        ("PATCH", _) => json!({"topic": "changed"}),
        ("PUT", "involvement") => json!({"level": "nothing"}),
        ("POST", "typing") => json!({"typing": true}),
        ("POST", "presence") => json!({"level": "active"}),
        ("PUT", "read") => json!({"offset": 1, "rev": 0}),
        _ => return None,
    })
}

/// The people of the table, and what their calls are about.
struct Scene {
    app: TestApp,
    admin: Actor,
    guest: Actor,
    bot: Actor,
    mate: Actor,
    other: Actor,
    former: Actor,
    invite: InviteCreated,
}

impl Scene {
    async fn new() -> Self {
        let app = TestApp::start_with(&["--budget-factor", "0"]).await;
        let bot = app.user("bot").await;
        let app = app.restart_with_bots(&[&bot]).await;
        let bot = bot.at(app.address);
        let (mate, other, former) = (app.user("mate").await, app.user("other").await, app.user("former").await);
        let (admin, guest) = (app.user("admin").await, app.user("guest").await);
        for (person, role) in [(&admin, "admin"), (&guest, "guest")] {
            app.owner().changes(person, &json!({"role": role})).await.json::<Value>(200);
        }
        let invite = app.owner().invites(json!({})).await;
        Self { app, admin, guest, bot, mate, other, former, invite }
    }

    /// Fills a path in: with rooms, and a message, that no other call has touched.
    async fn fill(&self, path: &str) -> String {
        let owner = self.app.owner();
        let mut filled = path
            .replace("{general}", "general")
            .replace("{room}", "general")
            .replace("{code}", &self.invite.code)
            .replace("{someone}", &owner.me.id.to_string());
        for word in ["{victim}", "{stranger}"].into_iter().filter(|word| path.contains(word)) {
            let person = self.app.user(&format!("someone new {}", new_client_id())).await;
            if word == "{stranger}" {
                assert_eq!(person.delete("/api/rooms/general/members/me").await.status, 204);
            }
            filled = filled.replace(word, &person.me.id.to_string());
        }
        if path.contains("{session}") {
            let session = owner.in_another_browser().await;
            let current: SessionList = session.get(route::SESSIONS).await.json(200);
            filled = filled.replace("{session}", &current.sessions[0].id.to_string());
        }
        if path.contains("{token}") {
            filled = filled.replace("{token}", &owner.makes_token("read").await.1.id.to_string());
        }
        if path.contains("{device}") {
            let link: LinkMade = owner.post(route::DEVICE_LINKS, &json!({})).await.json(201);
            filled = filled.replace("{device}", &link.code);
        }
        if path.contains("{reset}") {
            let link: LinkMade = owner.post(route::reset_link(self.mate.me.id), &json!({})).await.json(201);
            filled = filled.replace("{reset}", &link.code);
        }
        if path.contains("{invite}") {
            filled = filled.replace("{invite}", &owner.invites(json!({})).await.id.to_string());
        }
        for (word, kind) in [("{tea}", "open"), ("{plot}", "closed"), ("{said}", "closed")] {
            if !path.contains(word) {
                continue;
            }
            let room = owner.makes_room(word, kind, &[&self.mate, &self.former]).await;
            owner.removes(&self.former, &room).await;
            let value = if word == "{said}" {
                self.mate.post_to(&room.slug, "x").await.json::<MessagePosted>(201).message.id.to_string()
            } else {
                room.id.to_string()
            };
            filled = filled.replace(word, &value);
        }
        filled
    }

    /// The token of a caller; a session of its own where the call ends it.
    async fn token(&self, caller: &str, ends_session: bool) -> Option<String> {
        let actor = match caller {
            "owner" => self.app.owner(),
            "admin" => &self.admin,
            "guest" => &self.guest,
            "bot" => &self.bot,
            "mate" => &self.mate,
            "other" => &self.other,
            "former" => &self.former,
            _ => return None,
        };
        Some(if ends_session { actor.signed_in_again().await.token } else { actor.token.clone() })
    }
}

#[tokio::test]
async fn every_route_has_its_audience() {
    let scene = Scene::new().await;
    let mut wrong = Vec::new();
    for Row { method, path, statuses } in rows() {
        for (caller, expected) in CALLERS.into_iter().zip(statuses) {
            // A stream does not end: its head says all.
            let request = Request::new(if path == "/chat" { "HEAD" } else { method }, scene.fill(path).await);
            let request = body(method, path).map_or(request.clone(), |body| request.json(&body));
            let request = match scene.token(caller, method == "DELETE" && path == "/api/session").await {
                Some(token) => request.bearer(&token),
                None => {
                    let refused = request.clone().bearer("x").send(scene.app.address).await.status;
                    assert!(refused == expected, "a wrong token: {method} {path} gives {refused}");
                    request
                }
            };
            let status = request.send(scene.app.address).await.status;
            if status != expected {
                wrong.push(format!("{caller}: {method} {path} gives {status}, the table says {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The methods and paths of the router, read from its source, with every variable segment as `{}`.
fn routes() -> BTreeSet<(String, String)> {
    let source = include_str!("../../src/http.rs");
    let router = source.split("pub fn router").nth(1).unwrap().split("pub fn metrics_router").next().unwrap();
    let constants = include_str!("../../../shared/src/route.rs");
    let constant = |name: &str| {
        let value = constants.split(&format!("const {name}: &str = \"")).nth(1).unwrap();
        value.split('"').next().unwrap().to_owned()
    };
    let mut routes = BTreeSet::new();
    let pages = router.split("let pages = [").nth(1).unwrap().split(']').next().unwrap();
    for page in pages.split('"').skip(1).step_by(2) {
        routes.insert(("GET".to_owned(), plain(page)));
    }
    for route in router.split(".route(").skip(1) {
        let (path, handlers) = route.split_once(',').unwrap();
        let path = match path.trim() {
            literal if literal.starts_with('"') => literal.trim_matches('"').to_owned(),
            name if name.starts_with("route::") => constant(name.trim_start_matches("route::")),
            _ => continue,
        };
        for method in ["get", "post", "put", "patch", "delete"] {
            let called = handlers.split('(').any(|call| call.rsplit([' ', '.', '\n']).next() == Some(method));
            if called {
                routes.insert((method.to_uppercase(), plain(&path)));
            }
        }
    }
    routes
}

/// A path with every variable segment as `{}`.
fn plain(path: &str) -> String {
    let segment =
        |segment: &str| if segment.starts_with('{') || segment == "me" { "{}".to_owned() } else { segment.to_owned() };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

#[test]
fn no_route_is_missing_from_the_table() {
    let table: BTreeSet<_> = rows().iter().map(|row| (row.method.to_owned(), plain(row.path))).collect();
    let routes = routes();
    assert!(routes.len() > 20, "the router was not found: {routes:?}");
    assert_eq!(routes.difference(&table).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "say who may call it");
    assert_eq!(
        table.difference(&routes).collect::<Vec<_>>(),
        Vec::<&(String, String)>::new(),
        "there is no such route"
    );
}
