//! Who is here and who types, over the wire: told to those who may know, gone when it is over, and never a fact.

use serde_json::{Value, json};
use shared::{
    id::MemberId,
    presence::{PresenceLevel, PresenceList, Typing},
    problem::ProblemCode,
    route,
    stream::{State, kind},
};

use crate::support::{actor::Actor, app::TestApp, eventually, sse::SseReader, wire::Request};
use PresenceLevel::{Active, Away, Offline};

/// Opens someone's stream, with what passes by.
async fn open(actor: &Actor) -> SseReader {
    let mut stream = actor.open_chat().await.with_passing();
    stream.until(kind::STATE).await;
    stream
}

/// Lets the server's time pass, a moment at a time, until the reader hears that someone is at this level.
async fn hears(app: &TestApp, stream: &mut SseReader, who: &Actor, level: PresenceLevel) {
    loop {
        let list: PresenceList = tokio::select! {
            event = stream.until(kind::PRESENCE) => event.json(),
            () = ticking(app) => unreachable!("it ticks for ever"),
        };
        if list.presence.iter().any(|here| (here.member, here.level) == (who.me.id, level)) {
            return;
        }
    }
}

/// Moves the server's clock on with the real one: leases end by the one, and are looked at by the other.
async fn ticking(app: &TestApp) {
    let mut beat = tokio::time::interval(std::time::Duration::from_millis(100));
    loop {
        beat.tick().await;
        app.clock.advance(100);
    }
}

async fn levels(caller: &Actor, of: &[&Actor]) -> Vec<(MemberId, PresenceLevel)> {
    let ids: Vec<_> = of.iter().map(|actor| actor.me.id.to_string()).collect();
    let answer = caller.get(format!("{}?members={}", route::PRESENCE, ids.join(","))).await;
    answer.json::<PresenceList>(200).presence.iter().map(|here| (here.member, here.level)).collect()
}

async fn types(actor: &Actor, room: &str, typing: bool) -> u16 {
    actor.post(format!("/api/rooms/{room}/typing"), &json!({"typing": typing})).await.status
}

#[tokio::test]
async fn who_comes_and_goes_is_told_and_can_be_asked_for() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let mut of_owner = open(app.owner()).await;
    let of_ana = open(&ana).await;
    hears(&app, &mut of_owner, &ana, Active).await;
    assert_eq!(levels(app.owner(), &[&ana]).await, [(ana.me.id, Active)]);
    let late: State = {
        let mut stream = app.owner().open_chat().await;
        stream.until(kind::STATE).await.json()
    };
    assert!(late.presence.unwrap().iter().any(|here| here.member == ana.me.id), "the first state names who is here");

    let second_tab = open(&ana).await;
    drop(of_ana);
    ana.post(route::PRESENCE, &json!({"level": "away"})).await;
    hears(&app, &mut of_owner, &ana, Away).await;
    drop(second_tab);
    hears(&app, &mut of_owner, &ana, Offline).await;
    assert_eq!(levels(&ana, &[&ana]).await, [(ana.me.id, Offline)]);
}

#[tokio::test]
async fn what_is_asked_about_presence_is_bounded_and_betrays_nobody() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let nobody = MemberId::from_entropy([7; 12]);
    app.owner().settled().await;
    let ask = async |query: String| ana.get(format!("{}{query}", route::PRESENCE)).await;
    let list: PresenceList = ask(format!("?members={nobody},x,,{0},{0}", ana.me.id)).await.json(200);
    assert_eq!(list.presence.len(), 1, "each once, and nobody who is not there");
    for query in ["", "?members=", "?members=%00", "?members=r_000000000000"] {
        assert_eq!(ask(query.to_owned()).await.json::<PresenceList>(200).presence, [], "{query}");
    }
    let many =
        |count: u8| (0..count).map(|number| MemberId::from_entropy([number; 12]).to_string()).collect::<Vec<_>>();
    ask(format!("?members={}", many(100).join(","))).await.json::<PresenceList>(200);
    let too_many = ask(format!("?members={}", many(101).join(","))).await;
    too_many.refuses_field(ProblemCode::InvalidQuery, "members");
    ask("?members=a&members=b".to_owned()).await.refuses_field(ProblemCode::InvalidQuery, "members");

    let say = async |body: Value| ana.post(route::PRESENCE, &body).await;
    assert_eq!(say(json!({"level": "active"})).await.status, 204);
    say(json!({"level": "offline"})).await.refuses_field(ProblemCode::InvalidField, "level");
    say(json!({})).await.refuses_field(ProblemCode::InvalidField, "level");
}

#[tokio::test]
async fn the_people_of_a_room_hear_who_types_there() {
    let app = TestApp::start().await;
    let (ana, bo, cleo) = (app.user("ana").await, app.user("bo").await, app.user("cleo").await);
    let plot = ana.makes_room("The plot", "closed", &[&bo]).await;
    let (mut of_ana, mut of_bo, mut of_cleo) = (open(&ana).await, open(&bo).await, open(&cleo).await);
    assert_eq!(types(&ana, "the-plot", true).await, 204);
    let typing: Typing = of_bo.until(kind::TYPING).await.json();
    assert_eq!((typing.room, typing.members), (plot.id, vec![ana.me.id]));
    ana.post_to("the-plot", "so").await.json::<Value>(201);
    app.clock.advance(1_000);
    let typing: Typing = of_bo.until(kind::TYPING).await.json();
    assert_eq!(typing.members, [], "who has posted types no more");

    // Whoever was taken out hears nothing of it (R3), and cannot be seen typing.
    ana.removes(&bo, &plot).await;
    assert_eq!(types(&bo, "the-plot", true).await, 404);
    assert_eq!(types(&ana, "the-plot", true).await, 204);
    app.clock.advance(1_000);
    app.owner().says("the end").await;
    for stream in [&mut of_ana, &mut of_bo, &mut of_cleo] {
        loop {
            let event = stream.next().await.unwrap();
            assert!(event.kind != kind::TYPING, "{event:?}");
            if event.data.contains("the end") {
                break;
            }
        }
    }
}

#[tokio::test]
async fn typing_takes_the_right_to_post() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let tea = app.owner().makes_room("Tea", "open", &[&ana]).await;
    app.owner().patch(route::room(tea.id), &json!({"posting": "admins"})).await.json::<Value>(200);
    let say = async |actor: &Actor, body: Value| actor.post(route::typing(tea.id), &body).await;
    say(&ana, json!({"typing": true})).await.refuses(ProblemCode::Forbidden);
    assert_eq!(say(app.owner(), json!({"typing": true})).await.status, 204);
    say(&ana, json!({})).await.refuses_field(ProblemCode::InvalidField, "typing");
    app.owner().patch(route::room(tea.id), &json!({"archived": true})).await.json::<Value>(200);
    say(app.owner(), json!({"typing": true})).await.refuses(ProblemCode::RoomArchived);
}

#[tokio::test]
async fn signals_have_a_limit_of_their_own() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let mut refused = None;
    for _ in 0..40 {
        let answer = ana.post(route::PRESENCE, &json!({"level": "active"})).await;
        if answer.status != 204 {
            refused = Some(answer);
            break;
        }
    }
    refused.expect("forty at once are too many").refuses(ProblemCode::RateLimited);
    ana.says("posting has another").await;
    assert_eq!(types(app.owner(), "general", true).await, 204, "and so has everyone else");
}

#[tokio::test]
async fn neither_is_a_fact() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let before = app.owner().settled().await;
    let mut of_owner = open(app.owner()).await;
    let of_ana = open(&ana).await;
    types(&ana, "general", true).await;
    assert_eq!(of_owner.until(kind::TYPING).await.id, None);
    hears(&app, &mut of_owner, &ana, Active).await;
    drop(of_ana);
    hears(&app, &mut of_owner, &ana, Offline).await;
    assert_eq!(app.owner().snapshot().await.cursor, before);
    // A page of another site learns nothing by a request that only asks.
    let request = Request::new("GET", route::PRESENCE).send(app.address).await;
    request.refuses(ProblemCode::NotSignedIn);
}

#[tokio::test]
async fn when_someone_was_last_here_is_written_down() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let mut of_owner = open(app.owner()).await;
    let of_ana = open(&ana).await;
    hears(&app, &mut of_owner, &ana, Active).await;
    drop(of_ana);
    hears(&app, &mut of_owner, &ana, Offline).await;
    let seen = app.app.hub.last_seen();
    assert_eq!(seen.iter().map(|(member, _)| *member).collect::<Vec<_>>(), [ana.me.id]);
    teahouse::service::presence::record_last_seen(&app.app).await.unwrap();
    assert_eq!(app.app.hub.last_seen(), []);
    app.app.hub.everyone_leaves();
    let seen = app.app.hub.last_seen();
    assert_eq!(seen.iter().map(|(member, _)| *member).collect::<Vec<_>>(), [app.owner().me.id], "a stop is a leaving");
}

#[tokio::test]
async fn a_stream_may_open_without_being_active() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let request = Request::new("GET", format!("{}?level=away", route::CHAT)).bearer(&ana.token);
    let _of_ana = SseReader::open(app.address, &request).await;
    eventually("it is told", || async { (levels(app.owner(), &[&ana]).await == [(ana.me.id, Away)]).then_some(()) })
        .await;
    ana.says("here I am").await;
    eventually("who posts is active", || async {
        (levels(app.owner(), &[&ana]).await == [(ana.me.id, Active)]).then_some(())
    })
    .await;
}
