//! Rooms over the wire: making, finding, joining, changing, leaving; and what is said of those that cannot be seen.

use serde_json::json;
use shared::{
    message::MessagePage,
    problem::ProblemCode,
    request::InvolvementSet,
    room::{Directory, Level, RoomAnswer, RoomKind, RoomMembers},
    route,
    session::RoomView,
};

use crate::support::app::TestApp;

#[tokio::test]
async fn a_room_is_made_found_joined_and_left() {
    let app = TestApp::start().await;
    let (ana, bo) = (app.user("ana").await, app.user("bo").await);
    let tea = ana.makes_room("Tea & Talk", "open", &[]).await;
    assert_eq!((tea.slug.as_str(), tea.kind, tea.member_count), ("tea-talk", RoomKind::Open, 1));

    let directory: Directory = bo.get(format!("{}?query=tea", route::DIRECTORY)).await.json(200);
    assert_eq!((directory.rooms.len(), directory.rooms[0].joined), (1, false));
    assert!(!bo.get(route::room("tea-talk")).await.json::<RoomView>(200).joined);
    bo.get(route::messages("tea-talk")).await.refuses(ProblemCode::Forbidden);
    let joined: RoomAnswer = bo.put(route::room_member("tea-talk", "me"), &json!({})).await.json(200);
    assert_eq!((joined.room.member_count, joined.cursor), (2, bo.snapshot().await.cursor));
    bo.post_to("tea-talk", "hello").await.json::<serde_json::Value>(201);
    let members: RoomMembers = ana.get(route::members("tea-talk")).await.json(200);
    let names: Vec<_> = members.members.iter().map(|member| member.name.as_str()).collect();
    assert_eq!(names, ["ana", "bo"]);
    let some: RoomMembers = ana.get(format!("{}?query=B&limit=1", route::members(tea.id))).await.json(200);
    assert_eq!((some.members, some.next), (vec![bo.me.clone()], None));

    assert_eq!(bo.delete(route::room_member(tea.id, "me")).await.status, 204);
    bo.get(route::messages(tea.id)).await.refuses(ProblemCode::Forbidden);
    assert_eq!(bo.snapshot().await.rooms.len(), 1);
}

#[tokio::test]
async fn the_same_people_have_one_conversation() {
    let app = TestApp::start().await;
    let (ana, bo) = (app.user("ana").await, app.user("bo").await);
    let ask = |people: serde_json::Value| json!({"kind": "direct", "members": people});
    let made: RoomAnswer = ana.post(route::ROOMS, &ask(json!([bo.me.id]))).await.json(201);
    assert_eq!((made.room.kind, made.room.people.len()), (RoomKind::Direct, 2));
    for (who, people) in [(&bo, json!([ana.me.id])), (&ana, json!([bo.me.id, ana.me.id, bo.me.id]))] {
        let again: RoomAnswer = who.post(route::ROOMS, &ask(people)).await.json(200);
        assert_eq!(again.room, made.room);
    }
    // Two who ask at once get the same room too.
    let people = ask(json!([bo.me.id, app.owner().me.id]));
    let answers = futures_util::future::join_all((0..8).map(|_| ana.post(route::ROOMS, &people))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    let rooms: Vec<_> = answers.iter().map(|answer| answer.json::<RoomAnswer>(answer.status).room.id).collect();
    assert!(rooms.iter().all(|room| *room == rooms[0]), "{rooms:?}");
    for wrong in [json!([]), json!([ana.me.id]), json!(["u_000000000000"])] {
        ana.post(route::ROOMS, &ask(wrong)).await.refuses_field(ProblemCode::InvalidField, "members");
    }
    let ten: Vec<_> = (0..10).map(|digit| format!("u_{digit:012}")).collect();
    ana.post(route::ROOMS, &ask(json!(ten))).await.refuses_field(ProblemCode::InvalidField, "members");
    app.owner().get(route::room(made.room.id)).await.refuses(ProblemCode::NotFound);
}

#[tokio::test]
async fn a_room_is_changed_and_its_old_address_still_leads_there() {
    let app = TestApp::start().await;
    let (ana, bo) = (app.user("ana").await, app.user("bo").await);
    let tea = ana.makes_room("Tea", "open", &[&bo]).await;
    let change = json!({"name": "Kettles", "slug": "kettles", "topic": "What boils", "posting": "admins"});
    let changed: RoomAnswer = ana.patch(route::room("tea"), &change).await.json(200);
    assert_eq!((changed.room.slug.as_str(), changed.room.topic.as_str()), ("kettles", "What boils"));
    for address in ["tea", "kettles"] {
        assert_eq!(bo.get(route::room(address)).await.json::<RoomView>(200).room.id, tea.id);
    }
    bo.post_to("kettles", "x").await.refuses(ProblemCode::Forbidden);
    bo.patch(route::room("tea"), &json!({"topic": "mine"})).await.refuses(ProblemCode::Forbidden);
    bo.patch(route::room("tea"), &json!({"archived": true})).await.refuses(ProblemCode::Forbidden);
    ana.patch(route::room("tea"), &json!({"slug": "Not A Slug"}))
        .await
        .refuses_field(ProblemCode::InvalidField, "slug");
    ana.patch(route::room("tea"), &json!({"slug": "general"})).await.refuses_field(ProblemCode::SlugTaken, "slug");
    ana.patch(route::room("tea"), &json!({"kind": "direct"})).await.refuses(ProblemCode::Forbidden);
    let closed: RoomAnswer = ana.patch(route::room("tea"), &json!({"kind": "closed"})).await.json(200);
    assert_eq!(closed.room.kind, RoomKind::Closed);
    app.owner().get(route::room("tea")).await.refuses(ProblemCode::NotFound);
    ana.patch(route::room("tea"), &json!({"posting": "everyone", "archived": true})).await.json::<RoomAnswer>(200);
    ana.post_to("tea", "x").await.refuses(ProblemCode::RoomArchived);
    // Nothing that was not asked for is taken from a body (security.md A7).
    let forged =
        json!({"archived": false, "id": "r_000000000000", "member_count": 99, "moderator": bo.me.id, "rev": 0});
    let room = ana.patch(route::room("tea"), &forged).await.json::<RoomAnswer>(200).room;
    assert_eq!((room.id, room.member_count, room.moderator), (tea.id, 2, Some(ana.me.id)));
}

#[tokio::test]
async fn what_one_hears_of_a_room_is_ones_own_choice() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let path = format!("{}/general/involvement", route::ROOMS);
    let set: InvolvementSet = ana.put(&path, &json!({"level": "nothing"})).await.json(200);
    assert_eq!(set.involvement.level, Level::Nothing);
    assert_eq!(ana.snapshot().await.involvements, [set.involvement]);
    assert_eq!(app.owner().snapshot().await.involvements, []);
}

/// A room that cannot be seen and one that is not there: the same answer, byte for byte (security.md A2, A9).
#[tokio::test]
async fn a_closed_room_is_not_there_for_others() {
    let app = TestApp::start().await;
    let (ana, bo) = (app.user("ana").await, app.user("bo").await);
    let plot = ana.makes_room("The plot", "closed", &[]).await;
    let said: shared::request::MessagePosted = ana.post_to("the-plot", "tonight").await.json(201);
    let (id, nobody) = (plot.id.to_string(), "r_zzzzzzzzzzzz".to_owned());
    for (there, nowhere) in [(id, nobody), ("the-plot".to_owned(), "no-such-room".to_owned())] {
        for (method, rest, body) in [
            ("GET", "", None),
            ("PATCH", "", Some(json!({"topic": "x"}))),
            ("GET", "/messages", None),
            ("POST", "/messages", Some(json!({"client_id": "00000000-0000-4000-8000-000000000000", "body": "x"}))),
            ("GET", "/members", None),
            ("PUT", "/members/me", Some(json!({}))),
            ("DELETE", "/members/me", None),
            ("PUT", "/read", Some(json!({"offset": 1, "rev": 0}))),
            ("PUT", "/involvement", Some(json!({"level": "hidden"}))),
        ] {
            let ask = async |room: &str| {
                let request = crate::support::wire::Request::new(method, format!("{}{rest}", route::room(room)));
                let request = body.as_ref().map_or(request.clone(), |body| request.json(body)).bearer(&bo.token);
                let mut problem = request.send(app.address).await.refuses(ProblemCode::NotFound);
                problem.request_id.clear();
                problem
            };
            assert_eq!(ask(&there).await, ask(&nowhere).await, "{method} {rest}");
        }
    }
    bo.delete(route::message(said.message.id)).await.refuses(ProblemCode::NotFound);
    let text = bo.get(format!("{}?query=plot", route::DIRECTORY)).await;
    assert_eq!(text.json::<Directory>(200).total, 0);
    // Not even its address is refused to a room of one's own.
    assert_eq!(bo.makes_room("The plot", "open", &[]).await.slug, "the-plot-2");
}

/// A message is where it is: under another room's address it is not (security.md A3). Only its own address leads to it.
#[tokio::test]
async fn a_page_of_one_room_never_shows_another() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let tea = ana.makes_room("Tea", "open", &[]).await;
    let said: shared::request::MessagePosted = ana.post_to("tea", "here").await.json(201);
    let around = format!("{}?around={}", route::messages("general"), said.message.offset);
    let page: MessagePage = ana.get(around).await.json(200);
    assert!(page.messages.iter().all(|message| message.room != tea.id));
}
