//! People: the list, the card of one, and what is changed of them, live too.

use serde_json::{Value, json};
use shared::{
    event::Event,
    member::{PeoplePage, Role},
    problem::ProblemCode,
    request::PersonChanged,
    route,
    session::{LinkMade, MemberView},
    stream::{Bye, ByeReason, Hello, Resume},
};

use crate::support::{
    actor::{Actor, PASSWORD},
    app::TestApp,
    wire::Request,
};

#[tokio::test]
async fn a_member_sees_another() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let seen: MemberView = app.owner().get(route::person(ana.me.id)).await.json(200);
    assert_eq!(seen.member, ana.me);
    assert_eq!(seen.shared_rooms, [app.owner().snapshot().await.rooms[0].id]);
}

#[tokio::test]
async fn what_is_nobody_is_not_found() {
    let app = TestApp::start().await;
    for path in ["/api/people/u_000000000000", "/api/people/x", "/api/people/r_000000000000", "/api/people/%ff"] {
        app.owner().get(path).await.refuses(ProblemCode::NotFound);
        Request::new("GET", path).send(app.address).await.refuses(ProblemCode::NotSignedIn);
    }
}

/// What a person is shown with, to whom: the golden list of the interface (security.md R9).
#[tokio::test]
async fn a_person_is_shown_with_these_fields_and_no_others() {
    let app = TestApp::start().await;
    let (ana, bo, guest) = (app.user("ana").await, app.user("bo").await, app.user("guest").await);
    ana.changes(&ana, &json!({"time_zone": "Asia/Shanghai", "language": "zh-CN"})).await.json::<Value>(200);
    app.owner().changes(&guest, &json!({"role": "guest"})).await.json::<Value>(200);
    let fields = |value: &Value| value.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>().join(" ");
    for shares in [true, false] {
        ana.changes(&ana, &json!({"shows_presence": shares})).await.json::<Value>(200);
        let seen = if shares { "last_seen_at " } else { "" };
        for (viewer, before, invited, after) in
            [(app.owner(), "banned ", "invited_by ", " room_count"), (&bo, "", "invited_by ", ""), (&guest, "", "", "")]
        {
            let shown: Value = viewer.get(route::person(ana.me.id)).await.json(200);
            assert_eq!(fields(&shown), format!("{before}{seen}member shared_rooms time_zone"));
            assert_eq!(fields(&shown["member"]), "active bio display_name id joined_at name role");
            let list: Value = viewer.get(format!("{}?query=ana", route::PEOPLE)).await.json(200);
            assert_eq!(fields(&list["people"][0]), format!("{before}{invited}{seen}member{after}"));
        }
    }
}

async fn names(viewer: &Actor, query: &str) -> Vec<String> {
    let page: PeoplePage = viewer.get(format!("{}{query}", route::PEOPLE)).await.json(200);
    page.people.into_iter().map(|person| person.member.name.to_string()).collect()
}

/// A guest cannot enumerate people outside of the rooms they share (security.md A10).
#[tokio::test]
async fn a_guest_finds_nobody_outside_of_shared_rooms() {
    let app = TestApp::start().await;
    let (ana, bo, guest) = (app.user("ana").await, app.user("bo").await, app.user("gus").await);
    let tea = ana.makes_room("Tea", "closed", &[&guest]).await;
    app.owner().changes(&guest, &json!({"role": "guest"})).await.json::<Value>(200);
    assert_eq!(guest.delete("/api/rooms/general/members/me").await.status, 204);
    assert_eq!(names(&guest, "").await, ["ana", "gus"]);
    assert_eq!(names(&guest, "?query=bo").await, Vec::<String>::new());
    for person in [&bo, app.owner()] {
        guest.get(route::person(person.me.id)).await.refuses(ProblemCode::NotFound);
        guest.changes(person, &json!({"active": false})).await.refuses(ProblemCode::NotFound);
    }
    assert_eq!(names(&ana, "?show=").await, ["ana", "bo", "gus", "olga"]);
    assert_eq!(names(&ana, "?show=guests").await, ["gus"]);
    assert_eq!(names(&ana, "?show=admins&limit=1").await, ["olga"]);
    ana.get(format!("{}?show=everyone", route::PEOPLE)).await.refuses_field(ProblemCode::InvalidQuery, "show");
    ana.get(format!("{}?show=banned", route::PEOPLE)).await.refuses(ProblemCode::Forbidden);
    ana.removes(&guest, &tea).await;
    assert_eq!(names(&guest, "").await, Vec::<String>::new());
}

/// A profile is everybody's to see, settings are nobody's but one's own (security.md R11).
#[tokio::test]
async fn a_profile_goes_to_all_and_settings_to_oneself() {
    let app = TestApp::start().await;
    let (ana, bo) = (app.user("ana").await, app.user("bo").await);
    let (mut of_ana, mut of_bo) = (ana.open_chat().await, bo.open_chat().await);
    for stream in [&mut of_ana, &mut of_bo] {
        stream.until("state").await;
    }
    let change = json!({"display_name": "Ana B", "time_zone": "Asia/Shanghai", "language": "zh-CN", "hours": "h12"});
    let changed: PersonChanged = ana.changes(&ana, &change).await.json(200);
    assert_eq!(changed.settings.unwrap().time_zone.as_deref(), Some("Asia/Shanghai"));
    app.owner().says("the end").await;
    let mut kinds = [vec![], vec![]];
    for (stream, kinds) in [&mut of_ana, &mut of_bo].into_iter().zip(&mut kinds) {
        loop {
            let event = stream.next_but_ticks().await.unwrap();
            if event.kind == "message_posted" {
                break;
            }
            if let Some(Event::MemberChanged(fact)) = event.fact().map(|fact| fact.event) {
                assert_eq!(fact.member, changed.member);
            }
            kinds.push(event.kind);
        }
    }
    assert_eq!(kinds, [vec!["settings_changed", "member_changed"], vec!["member_changed"]]);
    assert_eq!(
        bo.get(route::person(ana.me.id)).await.json::<MemberView>(200).time_zone.as_deref(),
        Some("Asia/Shanghai")
    );
}

#[tokio::test]
async fn a_change_of_a_person_is_checked_field_by_field() {
    let app = TestApp::start().await;
    let (ana, bo) = (app.user("ana").await, app.user("bo").await);
    for (change, field) in [
        (json!({"language": "not a language"}), "language"),
        (json!({"time_zone": "../etc/passwd"}), "time_zone"),
        (json!({"active": "no"}), "active"),
    ] {
        ana.changes(&ana, &change).await.refuses_field(ProblemCode::InvalidField, field);
    }
    ana.changes(&ana, &json!({"display_name": " "})).await.refuses_field(ProblemCode::Blank, "display_name");
    ana.changes(&ana, &json!({"name": "BO"})).await.refuses_field(ProblemCode::NameTaken, "name");
    ana.changes(&bo, &json!({"bio": "mine"})).await.refuses(ProblemCode::Forbidden);
    // What is nobody's to give is not taken from a body (security.md A7).
    let forged =
        json!({"bio": "x", "id": bo.me.id, "joined_at": "1970-01-01T00:00:00.000Z", "is_bot": true, "banned": true});
    let changed: PersonChanged = ana.changes(&ana, &forged).await.json(200);
    assert_eq!((changed.member.id, &changed.member.joined_at), (ana.me.id, &ana.me.joined_at));
    ana.changes(&ana, &json!({"role": "owner"})).await.refuses(ProblemCode::Forbidden);
    // A new sign-in name signs in, the old one is free at once.
    ana.changes(&ana, &json!({"name": "anita"})).await.json::<Value>(200);
    let sign_in = |name| Request::new("POST", route::SESSION).json(&json!({"name": name, "password": PASSWORD}));
    sign_in("ana").send(app.address).await.refuses(ProblemCode::WrongCredentials);
    assert_eq!(sign_in("anita").send(app.address).await.status, 200);
    assert_ne!(app.user("ana").await.me.id, ana.me.id);
}

/// A changed role is in force for the next request and for open streams (security.md R6).
#[tokio::test]
async fn a_changed_role_acts_at_once() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let mut stream = ana.open_chat().await;
    stream.hello(Resume::Live).await;
    ana.get(route::AUDIT).await.refuses(ProblemCode::Forbidden);
    app.owner().changes(&ana, &json!({"role": "admin"})).await.json::<Value>(200);
    ana.get(route::AUDIT).await.json::<Value>(200);
    assert_eq!(stream.until("bye").await.json::<Bye>().reason, ByeReason::RoleChanged);
    ana.settled().await;
    let mut stream = ana.open_chat().await;
    assert_eq!(stream.hello(Resume::Live).await.json::<Hello>().you.role, Role::Admin);
    // What an admin hears, and a member does not: the streams of both, before and after.
    app.owner().patch(route::WORKSPACE, &json!({"name": "Green Kettle"})).await.json::<Value>(200);
    stream.until("audit_logged").await;
    app.owner().changes(&ana, &json!({"role": "member"})).await.json::<Value>(200);
    assert_eq!(stream.until("bye").await.json::<Bye>().reason, ByeReason::RoleChanged);
    ana.get(route::AUDIT).await.refuses(ProblemCode::Forbidden);
}

/// Demotion against acting: nothing is done by a right that was taken before (security.md A8).
#[tokio::test]
async fn nobody_acts_after_their_demotion_was_acknowledged() {
    let app = TestApp::start_with(&["--budget-factor", "0"]).await;
    let (ana, bo) = (app.user("ana").await, app.user("bo").await);
    for _ in 0..5 {
        app.owner().changes(&ana, &json!({"role": "admin"})).await.json::<Value>(200);
        let acts =
            (0..40).map(|number| {
                let (ana, bo) = (ana.clone(), bo.clone());
                async move {
                    ana.changes(&bo, &json!({"role": if number % 2 == 0 { "guest" } else { "member" }})).await.status
                }
            });
        let demotion = async {
            tokio::task::yield_now().await;
            app.owner().changes(&ana, &json!({"role": "member"})).await.json::<Value>(200);
        };
        let (statuses, ()) = tokio::join!(futures_util::future::join_all(acts), demotion);
        assert!(statuses.iter().all(|status| [200, 403].contains(status)), "{statuses:?}");
        ana.get(route::AUDIT).await.refuses(ProblemCode::Forbidden);
    }
    // In the order of the log, no role was given between the demotion and the next promotion of its giver.
    let rows = app.app.store.read_log(shared::cursor::Offset(0), usize::MAX).await.unwrap();
    let mut is_admin = false;
    for row in rows {
        let event = Event::read(&row.kind, &mut serde_json::Deserializer::from_slice(&row.payload)).unwrap();
        match event {
            Some(Event::MemberChanged(fact)) if fact.member.id == ana.me.id => {
                is_admin = fact.member.role == Role::Admin
            }
            Some(Event::AuditLogged(fact)) => assert!(fact.entry.by != ana.me.id || is_admin, "{fact:?}"),
            _ => {}
        }
    }
}

/// A place always has somebody who answers for it (security.md A10).
#[tokio::test]
async fn the_last_owner_cannot_go() {
    let app = TestApp::start().await;
    let (owner, ana) = (app.owner(), app.user("ana").await);
    for change in [json!({"role": "admin"}), json!({"active": false})] {
        owner.changes(owner, &change).await.refuses(ProblemCode::LastOwner);
    }
    owner.changes(&ana, &json!({"role": "owner"})).await.json::<Value>(200);
    ana.put(route::ban(owner.me.id), &json!({})).await.refuses(ProblemCode::Forbidden);
    owner.changes(owner, &json!({"active": false})).await.json::<Value>(200);
    owner.get(route::SESSION).await.refuses(ProblemCode::NotSignedIn);
    ana.changes(&ana, &json!({"role": "member"})).await.refuses(ProblemCode::LastOwner);
}

/// Deactivation ends everything that the account opens (security.md AU5).
#[tokio::test]
async fn who_is_deactivated_is_out_everywhere() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let (token, _) = ana.makes_token("all").await;
    let elsewhere = ana.in_another_browser().await;
    let invite: shared::session::InviteCreated = ana.post(route::INVITES, &json!({})).await.json(201);
    let mut streams = vec![ana.open_chat().await, token.open_chat().await, elsewhere.open_chat().await];
    for stream in &mut streams {
        stream.hello(Resume::Live).await;
    }
    app.owner().changes(&ana, &json!({"active": false})).await.json::<Value>(200);
    app.owner().says("without ana").await;
    for stream in &mut streams {
        loop {
            let event = stream.next_but_ticks().await.unwrap();
            assert!(!event.data.contains("without ana"));
            if event.kind == "bye" {
                assert_eq!(event.json::<Bye>().reason, ByeReason::Deactivated);
                break;
            }
        }
        assert_eq!(stream.next().await, None);
    }
    for door in [&ana, &token, &elsewhere] {
        door.get(route::SNAPSHOT).await.refuses(ProblemCode::NotSignedIn);
    }
    Request::new("GET", route::invite(&invite.code)).send(app.address).await.refuses(ProblemCode::InviteInvalid);
    // Whoever knows the password is told what is the matter; nobody else learns that the account is there.
    let sign_in =
        |password: &str| Request::new("POST", route::SESSION).json(&json!({"name": "ana", "password": password}));
    sign_in(PASSWORD).send(app.address).await.refuses(ProblemCode::Deactivated);
    sign_in("not the password").send(app.address).await.refuses(ProblemCode::WrongCredentials);
    app.owner().changes(&ana, &json!({"active": true})).await.json::<Value>(200);
    assert_eq!(sign_in(PASSWORD).send(app.address).await.status, 200);
    ana.get(route::SNAPSHOT).await.refuses(ProblemCode::NotSignedIn);
}

/// Links that were made by or for an account go out of use with it (security.md AU5).
#[tokio::test]
async fn the_links_of_who_is_deactivated_are_dead() {
    let app = TestApp::start().await;
    let (owner, ana) = (app.owner(), app.user("ana").await);
    owner.changes(&ana, &json!({"role": "owner"})).await.json::<Value>(200);
    let bo = app.user("bo").await;
    let own: LinkMade = ana.post(route::DEVICE_LINKS, &json!({})).await.json(201);
    let of_bo: LinkMade = ana.post(route::reset_link(bo.me.id), &json!({})).await.json(201);
    let of_ana: LinkMade = owner.post(route::reset_link(ana.me.id), &json!({})).await.json(201);
    owner.changes(&ana, &json!({"active": false})).await.json::<Value>(200);
    for path in [route::device_link(&own.code), route::reset(&of_bo.code), route::reset(&of_ana.code)] {
        Request::new("GET", path).send(app.address).await.refuses(ProblemCode::LinkInvalid);
    }
    // Nor does a link to a new password outlive the role that made it.
    owner.changes(&ana, &json!({"active": true})).await.json::<Value>(200);
    let ana = ana.signed_in_again().await;
    let of_bo: LinkMade = ana.post(route::reset_link(bo.me.id), &json!({})).await.json(201);
    owner.changes(&ana, &json!({"role": "admin"})).await.json::<Value>(200);
    Request::new("GET", route::reset(&of_bo.code)).send(app.address).await.refuses(ProblemCode::LinkInvalid);
}
