//! Bans: out at once and told so, with the addresses and the messages that go with it.

use serde_json::{Value, json};
use shared::{
    audit::{AuditAct, AuditPage},
    message::MessagePage,
    problem::ProblemCode,
    request::{BanPreview, PersonChanged},
    route,
    stream::{Bye, ByeReason, Resume},
};

use crate::support::{actor::PASSWORD, app::TestApp, eventually, wire::Request};

#[tokio::test]
async fn who_is_banned_is_told_so_and_stays_out() {
    let app = TestApp::start().await;
    let (owner, bo) = (app.owner(), app.user("bo").await);
    let mut stream = bo.open_chat().await;
    stream.hello(Resume::Live).await;
    let made = owner.bans(&bo, &json!({"reason": "Links to a shop that is not ours"})).await;
    assert_eq!((made.member.active, made.count), (false, 0));
    assert_eq!(stream.until("bye").await.json::<Bye>().reason, ByeReason::Banned);
    assert_eq!(stream.next().await, None);
    bo.get(route::SESSION).await.refuses(ProblemCode::NotSignedIn);
    let sign_in =
        |password: &str| Request::new("POST", route::SESSION).json(&json!({"name": "bo", "password": password}));
    sign_in(PASSWORD).send(app.address).await.refuses(ProblemCode::Banned);
    sign_in("not the password").send(app.address).await.refuses(ProblemCode::WrongCredentials);
    owner.changes(&bo, &json!({"active": true})).await.refuses(ProblemCode::Forbidden);
    let page: AuditPage = owner.get(format!("{}?act=banned", route::AUDIT)).await.json(200);
    assert_eq!((page.total, page.entries[0].member), (1, Some(bo.me.id)));
    assert_eq!(page.entries[0].reason.as_ref().unwrap().as_str(), "Links to a shop that is not ours");

    let lifted: PersonChanged = owner.delete(route::ban(bo.me.id)).await.json(200);
    assert!(lifted.member.active);
    assert_eq!(sign_in(PASSWORD).send(app.address).await.status, 200);
}

#[tokio::test]
async fn a_blocked_address_makes_no_account_and_keeps_nobody_else_out() {
    let app = TestApp::start_with(&["--trusted-proxy", "127.0.0.1/32", "--guests"]).await;
    let (owner, bo) = (app.owner(), app.user("bo").await);
    let from = |request: Request, address: &str| request.header("x-forwarded-for", address);
    for address in ["203.0.113.24", "2001:db8:7::1", "2001:db8:7::2"] {
        from(Request::new("GET", route::SESSION).bearer(&bo.token), address).send(app.address).await.json::<Value>(200);
    }
    // Where somebody came from is written down every half minute, not by each request.
    teahouse::service::uses::record(&app.app).await.unwrap();
    let preview: BanPreview = owner.get(route::ban(bo.me.id)).await.json(200);
    let mut addresses = preview.addresses;
    addresses.sort();
    assert_eq!(
        (preview.banned, addresses),
        (false, vec!["127.0.0.1".into(), "2001:db8:7::/64".into(), "203.0.113.24".into()])
    );
    owner.bans(&bo, &json!({"addresses": true})).await;

    let invite: shared::session::InviteCreated = owner.post(route::INVITES, &json!({})).await.json(201);
    let join = |name: &str, address: &str| {
        let body = json!({"name": name, "password": PASSWORD});
        from(Request::new("POST", route::join(&invite.code)).json(&body), address)
    };
    for address in ["203.0.113.24", "2001:db8:7::ffff", "::ffff:203.0.113.24"] {
        join("eva", address).send(app.address).await.refuses(ProblemCode::AddressBlocked);
    }
    owner.patch(route::WORKSPACE, &json!({"guests": true})).await.json::<Value>(200);
    let enter = Request::new("POST", route::GUESTS).json(&json!({"name": "gus"}));
    from(enter, "203.0.113.24").send(app.address).await.refuses(ProblemCode::AddressBlocked);
    assert_eq!(join("eva", "2001:db8:8::1").send(app.address).await.status, 201);
    let sign_in = Request::new("POST", route::SESSION).json(&json!({"name": "olga", "password": PASSWORD}));
    assert_eq!(from(sign_in, "203.0.113.24").send(app.address).await.status, 200);
    owner.delete(route::ban(bo.me.id)).await.json::<Value>(200);
    assert_eq!(join("max", "203.0.113.24").send(app.address).await.status, 201);
}

#[tokio::test]
async fn a_purge_takes_everything_the_person_said() {
    let app = TestApp::start().await;
    let (owner, ana, bo) = (app.owner(), app.user("ana").await, app.user("bo").await);
    // Where the owner cannot look, too.
    bo.makes_room("The plot", "closed", &[&ana]).await;
    bo.says("spam of yesterday").await;
    app.clock.advance(25 * 60 * 60 * 1000);
    for number in 0..250 {
        bo.post_to(if number % 2 == 0 { "general" } else { "the-plot" }, "spam of today").await.json::<Value>(201);
    }
    ana.says("kept").await;
    let preview: BanPreview = owner.get(route::ban(bo.me.id)).await.json(200);
    assert_eq!((preview.messages_day, preview.messages_all), (250, 251));
    assert_eq!(owner.bans(&bo, &json!({"purge": "day"})).await.count, 250);
    let left = async |room: &str| {
        let page: MessagePage = ana.get(format!("{}?limit=100", route::messages(room))).await.json(200);
        page.messages.into_iter().filter(|message| !message.deleted).map(|message| message.body).collect::<Vec<_>>()
    };
    eventually("the messages are gone", || async {
        (left("the-plot").await.is_empty() && left("general").await.len() == 1).then_some(())
    })
    .await;
    let preview: BanPreview = owner.get(route::ban(bo.me.id)).await.json(200);
    assert_eq!((preview.banned, preview.messages_day, preview.messages_all), (true, 0, 1));
    let page: AuditPage = owner.get(route::AUDIT).await.json(200);
    let entry = &page.entries[0];
    assert_eq!((entry.act, entry.count, entry.detail.as_deref()), (AuditAct::Banned, Some(250), Some("day")));
    // The log has forgotten it too: a replay of all says nothing.
    let rows = app.app.store.read_log(shared::cursor::Offset(0), usize::MAX).await.unwrap();
    assert!(rows.iter().all(|row| !String::from_utf8_lossy(&row.payload).contains("spam of today")));
    assert_eq!(owner.bans(&bo, &json!({"purge": "all"})).await.count, 1);
}

#[tokio::test]
async fn a_purge_that_a_restart_broke_off_is_finished() {
    let app = TestApp::start().await;
    let bo = app.user("bo").await;
    for _ in 0..5 {
        bo.says("spam").await;
    }
    // As if the server had stopped right after the ban: nothing has been deleted yet.
    let by = teahouse::store::By { member: app.owner().me.id, at: bo.me.joined_at.clone(), address: None };
    let ban = teahouse::store::BanMember {
        by,
        member: bo.me.id,
        reason: shared::text::Reason::default(),
        addresses: false,
        purge: teahouse::store::PurgeSince::Beginning,
    };
    assert_eq!(app.app.store.ban(ban).await.unwrap().count, 5);
    let app = app.restart().await;
    assert_eq!(app.owner().history().await.messages.iter().filter(|message| message.deleted).count(), 0);
    teahouse::service::bans::purge(&app.app).await.unwrap();
    assert!(app.owner().history().await.messages.iter().all(|message| message.deleted));
}
