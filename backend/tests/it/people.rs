//! Other people, one at a time.

use shared::{problem::ProblemCode, session::MemberView};

use crate::support::{app::TestApp, wire::Request};

#[tokio::test]
async fn a_member_sees_another() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let seen: MemberView = app.owner().get(shared::route::person(ana.me.id)).await.json(200);
    assert_eq!(seen.member, ana.me);
}

#[tokio::test]
async fn what_is_nobody_is_not_found() {
    let app = TestApp::start().await;
    for path in ["/api/people/u_000000000000", "/api/people/x", "/api/people/r_000000000000", "/api/people/%ff"] {
        app.owner().get(path).await.refuses(ProblemCode::NotFound);
        Request::new("GET", path).send(app.address).await.refuses(ProblemCode::NotSignedIn);
    }
}

#[tokio::test]
async fn a_person_is_shown_with_these_fields_and_no_others() {
    let app = TestApp::start().await;
    let answer = app.owner().get(shared::route::person(app.owner().me.id)).await;
    let shown: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    let mut fields: Vec<_> = shown["member"].as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(fields, ["active", "bio", "display_name", "id", "joined_at", "name", "role"]);
}
