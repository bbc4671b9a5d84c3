//! Links that work once: to sign in on another device, and to set a new password (security.md AU12, H4).

use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::{
    audit::{AuditAct, AuditPage},
    problem::ProblemCode,
    route,
    session::{LinkMade, LinkPreview, SignedIn},
    stream::{Bye, ByeReason, Resume},
};

use crate::support::{
    actor::{Actor, PASSWORD},
    app::TestApp,
    wire::{Answer, Request},
};

/// Another password that nobody else has.
const NEW_PASSWORD: &str = "staple battery horse correct";

async fn device_link(by: &Actor) -> LinkMade {
    by.post(route::DEVICE_LINKS, &json!({})).await.json(201)
}

async fn reset_link(by: &Actor, of: &Actor) -> LinkMade {
    by.post(route::reset_link(of.me.id), &json!({})).await.json(201)
}

/// What somebody without a session sends.
async fn send(app: &TestApp, method: &str, path: String) -> Answer {
    Request::new(method, path).send(app.address).await
}

async fn reset(app: &TestApp, code: &str, password: &str) -> Answer {
    let request = Request::new("POST", route::reset(code)).json(&json!({"password": password}));
    request.send(app.address).await
}

async fn sign_in(app: &TestApp, name: &str, password: &str) -> Answer {
    let body = json!({"name": name, "password": password});
    Request::new("POST", route::SESSION).json(&body).send(app.address).await
}

#[tokio::test]
async fn a_session_moves_to_another_device() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let link = device_link(&ana).await;
    assert_eq!(link.url, format!("http://{}/move/{}", app.address, link.code));
    assert_eq!(link.qr, teahouse::domain::qr::svg(&link.url));
    assert_eq!(link.expires_at.0, "2026-11-22T12:05:00.000Z");
    // Looking, as a preview of a chat does, uses nothing up.
    for _ in 0..3 {
        let shown: LinkPreview = send(&app, "GET", route::device_link(&link.code)).await.json(200);
        assert_eq!((shown.member, shown.workspace.name.as_str()), (ana.me.clone(), "Blue Kettle"));
    }
    let answer = send(&app, "POST", route::device_link(&link.code)).await;
    let me = answer.json::<SignedIn>(200).me;
    let there = Actor { address: app.address, token: answer.session_cookie().unwrap(), me };
    assert_eq!((there.snapshot().await.me, ana.snapshot().await.me), (ana.me.clone(), ana.me.clone()));
    for method in ["GET", "POST"] {
        send(&app, method, route::device_link(&link.code)).await.refuses(ProblemCode::LinkInvalid);
    }
}

#[tokio::test]
async fn of_many_who_open_a_link_one_is_let_in() {
    let app = TestApp::start().await;
    let link = device_link(app.owner()).await;
    let answers = join_all((0..15).map(|_| send(&app, "POST", route::device_link(&link.code)))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.refuses(ProblemCode::LinkInvalid);
        assert_eq!(answer.header("set-cookie"), None);
    }
}

#[tokio::test]
async fn a_link_that_does_not_work_is_always_the_same_answer() {
    let app = TestApp::start().await;
    let (owner, ana) = (app.owner(), app.user("ana").await);
    let expired = (device_link(&ana).await, reset_link(owner, &ana).await);
    app.clock.advance(3_600_000);
    let replaced = (device_link(&ana).await, reset_link(owner, &ana).await);
    let withdrawn = (device_link(&ana).await, reset_link(owner, &ana).await);
    assert_eq!(ana.delete(route::DEVICE_LINKS).await.status, 204);
    let invite = owner.invites(json!({})).await;
    let mut codes = vec![expired.0.code, expired.1.code, replaced.0.code, replaced.1.code, withdrawn.0.code];
    // A code of the one kind opens nothing of the other.
    codes.extend([invite.code, owner.token.clone(), "x".to_owned(), "0".repeat(26), "%27%20OR%201=1".to_owned()]);
    for code in &codes {
        send(&app, "GET", route::device_link(code)).await.refuses(ProblemCode::LinkInvalid);
        send(&app, "GET", route::reset(code)).await.refuses(ProblemCode::LinkInvalid);
    }
    send(&app, "POST", route::device_link(&withdrawn.1.code)).await.refuses(ProblemCode::LinkInvalid);
    let computed = app.app.passwords.computed();
    reset(&app, &codes[0], NEW_PASSWORD).await.refuses(ProblemCode::LinkInvalid);
    assert_eq!(app.app.passwords.computed(), computed, "nothing is hashed for nobody");
    send(&app, "GET", route::reset(&withdrawn.1.code)).await.json::<LinkPreview>(200);
}

#[tokio::test]
async fn a_new_password_puts_everyone_else_out() {
    let app = TestApp::start().await;
    let (owner, ana) = (app.owner(), app.user("ana").await);
    let elsewhere = ana.signed_in_again().await;
    let mut streams = [ana.open_chat().await, elsewhere.open_chat().await];
    for stream in &mut streams {
        stream.hello(Resume::Live).await;
    }
    let (device, link) = (device_link(&ana).await, reset_link(owner, &ana).await);
    assert_eq!(link.url, format!("http://{}/reset/{}", app.address, link.code));
    assert_eq!(link.expires_at.0, "2026-11-22T13:00:00.000Z");
    let shown: LinkPreview = send(&app, "GET", route::reset(&link.code)).await.json(200);
    assert_eq!(shown.member, ana.me);

    // What cannot be a password uses nothing up.
    for weak in ["12345678", "Teahouse1", "blue kettle", "anaana12"] {
        reset(&app, &link.code, weak).await.refuses_field(ProblemCode::PasswordTooCommon, "password");
    }
    reset(&app, &link.code, "short").await.refuses_field(ProblemCode::PasswordTooShort, "password");

    let answer = reset(&app, &link.code, NEW_PASSWORD).await;
    let there = Actor { token: answer.session_cookie().unwrap(), ..ana.clone() };
    assert_eq!(answer.json::<SignedIn>(200).me, ana.me);
    for stream in &mut streams {
        assert_eq!(stream.until("bye").await.json::<Bye>().reason, ByeReason::SessionEnded);
        assert_eq!(stream.next().await, None);
    }
    for gone in [&ana, &elsewhere] {
        gone.get(route::SNAPSHOT).await.refuses(ProblemCode::NotSignedIn);
    }
    there.snapshot().await;
    sign_in(&app, "ana", PASSWORD).await.refuses(ProblemCode::WrongCredentials);
    sign_in(&app, "ana", NEW_PASSWORD).await.json::<SignedIn>(200);
    reset(&app, &link.code, NEW_PASSWORD).await.refuses(ProblemCode::LinkInvalid);
    send(&app, "POST", route::device_link(&device.code)).await.refuses(ProblemCode::LinkInvalid);

    let audit: AuditPage = owner.get(format!("{}?act=reset_link_made", route::AUDIT)).await.json(200);
    let entry = &audit.entries[0];
    assert_eq!((entry.act, entry.by, entry.member), (AuditAct::ResetLinkMade, owner.me.id, Some(ana.me.id)));
}

#[tokio::test]
async fn a_changed_password_ends_the_links() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let (device, link) = (device_link(&ana).await, reset_link(app.owner(), &ana).await);
    let change = json!({"current": PASSWORD, "new": NEW_PASSWORD});
    assert_eq!(ana.put(route::PASSWORD, &change).await.status, 204);
    send(&app, "POST", route::device_link(&device.code)).await.refuses(ProblemCode::LinkInvalid);
    reset(&app, &link.code, PASSWORD).await.refuses(ProblemCode::LinkInvalid);
}

#[tokio::test]
async fn links_are_made_by_those_who_may() {
    let app = TestApp::start().await;
    let (owner, admin, ana) = (app.owner(), app.user("admin").await, app.user("ana").await);
    owner.changes(&admin, &json!({"role": "admin"})).await.json::<Value>(200);
    for (maker, of) in [(&admin, &ana), (&ana, &admin), (owner, owner)] {
        maker.post(route::reset_link(of.me.id), &json!({})).await.refuses(ProblemCode::Forbidden);
    }
    let nobody = shared::id::MemberId::from_entropy([1; 12]);
    owner.post(route::reset_link(nobody), &json!({})).await.refuses(ProblemCode::NotFound);
    owner.post("/api/people/nonsense/reset-link", &json!({})).await.refuses(ProblemCode::NotFound);
    // A token that may do little does not become a session that may do all.
    let (narrow, _) = ana.makes_token("post").await;
    narrow.post(route::DEVICE_LINKS, &json!({})).await.refuses(ProblemCode::TokenTooNarrow);
    // Making them has a budget, and using them another.
    let mut slowed = None;
    for _ in 0..100 {
        slowed = Some(ana.post(route::DEVICE_LINKS, &json!({})).await).filter(|answer| answer.status == 429);
        if slowed.is_some() {
            break;
        }
    }
    slowed.expect("nothing slows it").refuses(ProblemCode::RateLimited);
    send(&app, "POST", route::device_link("x")).await.refuses(ProblemCode::LinkInvalid);
}

#[tokio::test]
async fn the_host_of_a_request_does_not_alter_a_link() {
    let app = TestApp::start_with(&["--public-url", "https://chat.example"]).await;
    let ana = app.user("ana").await;
    for (path, page) in [(route::DEVICE_LINKS.to_owned(), "move"), (route::reset_link(ana.me.id), "reset")] {
        let request = Request::new("POST", path).host("localhost:1").bearer(&app.owner().token);
        let request = request.header("x-forwarded-host", "evil.example").header("forwarded", "host=evil.example");
        let link: LinkMade = request.json(&json!({})).send(app.address).await.json(201);
        assert_eq!(link.url, format!("https://chat.example/{page}/{}", link.code));
    }
}

/// Neither the address bar nor the Referer of a page tells the code to anybody (I1).
#[tokio::test]
async fn the_page_of_a_link_is_the_client_and_tells_nobody() {
    let app = TestApp::start_closed(&[]).await;
    for page in [route::join_page("x"), route::device_page("x"), route::reset_page("x")] {
        for path in [page.clone(), format!("{page}/")] {
            let answer = send(&app, "GET", path.clone()).await;
            assert_eq!(answer.status, 200, "{path}");
            assert!(answer.header("content-type").unwrap().starts_with("text/html"), "{path}");
            assert!(["same-origin", "no-referrer"].contains(&answer.header("referrer-policy").unwrap()), "{path}");
        }
    }
}

/// What opens a door is nowhere in the files (AU12, I1).
#[tokio::test]
async fn the_files_hold_no_code() {
    let app = TestApp::start().await;
    let (owner, ana) = (app.owner(), app.user("ana").await);
    let codes = [owner.invites(json!({})).await.code, device_link(&ana).await.code, reset_link(owner, &ana).await.code];
    for file in std::fs::read_dir(app.data()).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for code in &codes {
            let found = bytes.windows(code.len()).any(|window| window == code.as_bytes());
            assert!(!found, "a code is in {}", path.display());
        }
    }
}
