//! Who is taken out of a room hears nothing more of it, on the stream that is open and on every later one (security.md R3
//! to R7, A8).

use std::sync::Arc;

use serde_json::json;
use shared::{event::Event, message::MessagePage, problem::ProblemCode, room::Room, route, stream::Resume};

use crate::support::{actor::Actor, app::TestApp, sse::SseEvent};

/// Whether an event says anything of a room but that it is gone.
fn betrays(event: &SseEvent, room: &Room) -> bool {
    event.kind != "room_gone" && event.data.contains(&room.id.to_string())
}

#[tokio::test]
async fn who_is_taken_out_hears_nothing_more() {
    let app = TestApp::start().await;
    let (ana, bo) = (app.user("ana").await, app.user("bo").await);
    let plot = ana.makes_room("The plot", "closed", &[&bo]).await;
    let before = bo.settled().await;
    let mut stream = bo.open_chat().await;
    stream.hello(Resume::Live).await;
    stream.until("state").await;
    let said: shared::request::MessagePosted = ana.post_to("the-plot", "all here?").await.json(201);
    assert_eq!(stream.bodies(1).await, ["all here?"]);
    ana.removes(&bo, &plot).await;
    ana.post_to("the-plot", "now we are alone").await.json::<serde_json::Value>(201);
    ana.delete(route::message(said.message.id)).await.json::<serde_json::Value>(200);
    ana.patch(route::room(plot.id), &json!({"topic": "who talked?"})).await.json::<serde_json::Value>(200);
    ana.says("in the open").await;
    let gone = stream.next_but_ticks().await.unwrap();
    assert_eq!(
        (gone.kind.as_str(), gone.json::<serde_json::Value>()["reason"].as_str()),
        ("room_gone", Some("removed"))
    );
    let next = stream.next_but_ticks().await.unwrap();
    assert_eq!(next.kind, "message_posted", "{next:?}");
    assert!(next.data.contains("in the open") && !betrays(&next, &plot));

    // Nor by a replay from before, on which it was theirs; nor by asking.
    bo.settled().await;
    let mut replay = bo.open_chat_after(before).await;
    loop {
        let event = replay.next().await.unwrap();
        assert!(!betrays(&event, &plot), "{event:?}");
        if event.kind == "tick" {
            break;
        }
    }
    for path in [route::room(plot.id), route::messages(plot.id), route::members(plot.id)] {
        bo.get(path).await.refuses(ProblemCode::NotFound);
    }
    // A cursor of someone else opens nothing that is not one's own (R7).
    let mut foreign = bo.open_chat_after(ana.settled().await).await;
    ana.post_to("the-plot", "still alone").await.json::<serde_json::Value>(201);
    ana.says("hello").await;
    assert_eq!(foreign.bodies(1).await, ["hello"]);
}

#[tokio::test]
async fn who_is_let_in_sees_the_room_appear_with_its_history() {
    let app = TestApp::start().await;
    let (ana, bo) = (app.user("ana").await, app.user("bo").await);
    let plot = ana.makes_room("The plot", "closed", &[]).await;
    ana.post_to("the-plot", "first").await.json::<serde_json::Value>(201);
    let before = bo.settled().await;
    let mut stream = bo.open_chat().await;
    stream.hello(Resume::Live).await;
    stream.until("state").await;
    ana.adds(&bo, &plot).await.json::<serde_json::Value>(200);
    ana.post_to("the-plot", "second").await.json::<serde_json::Value>(201);
    let joined = stream.next_but_ticks().await.unwrap().fact().unwrap();
    assert!(matches!(&joined.event, Event::RoomJoined(fact) if fact.room.id == plot.id), "{joined:?}");
    assert_eq!(stream.bodies(1).await, ["second"]);
    let page: MessagePage = bo.get(route::messages(plot.id)).await.json(200);
    assert_eq!(page.messages.iter().map(|message| message.body.as_str()).collect::<Vec<_>>(), ["first", "second"]);

    bo.settled().await;
    let mut replay = bo.open_chat_after(before).await;
    replay.hello(Resume::Replay).await;
    let (facts, _) = replay.facts_until_tick().await;
    let kinds: Vec<_> = facts.iter().map(|fact| fact.event.kind()).collect();
    assert_eq!(kinds, ["room_joined", "room_member_joined", "message_posted"], "nothing from before the joining");
}

/// A8: of a thousand posts that race with the removal of their author, none is in the room after the removal.
#[tokio::test]
async fn nobody_acts_after_their_removal_was_acknowledged() {
    let app = TestApp::start_with(&["--post-rate", "0"]).await;
    let (ana, bo) = (app.user("ana").await, app.user("bo").await);
    let tea = Arc::new(ana.makes_room("Tea", "closed", &[&bo]).await);
    let mut stream = bo.open_chat().await;
    stream.hello(Resume::Live).await;
    for _ in 0..10 {
        let posts = (0..100).map(|number| {
            let (bo, tea) = (bo.clone(), Arc::clone(&tea));
            async move { bo.post_to(&tea.slug, &number.to_string()).await.status }
        });
        let removal = async {
            tokio::task::yield_now().await;
            ana.removes(&bo, &tea).await;
        };
        let (statuses, ()) = tokio::join!(futures_util::future::join_all(posts), removal);
        assert!(statuses.iter().all(|status| [201, 404].contains(status)), "{statuses:?}");
        bo.post_to(&tea.slug, "after").await.refuses(ProblemCode::NotFound);
        assert_eq!(left_at(&app, &bo).await, None, "a message of someone who was out");
        ana.adds(&bo, &tea).await.json::<serde_json::Value>(200);
    }
    // On the stream, too: between being out and being in again there is nothing of the room.
    ana.says("the end").await;
    let mut is_in = true;
    loop {
        let event = stream.next_but_ticks().await.unwrap();
        match event.kind.as_str() {
            "room_joined" => is_in = true,
            "room_gone" => is_in = false,
            _ if event.data.contains("the end") => break,
            _ => assert!(is_in || !betrays(&event, &tea), "{event:?}"),
        }
    }
}

/// The first message that someone posted to a closed room while the log says they were out of it.
async fn left_at(app: &TestApp, who: &Actor) -> Option<String> {
    let rows = app.app.store.read_log(shared::cursor::Offset(0), usize::MAX).await.unwrap();
    let mut is_in = false;
    for row in rows {
        let event = Event::read(&row.kind, &mut serde_json::Deserializer::from_slice(&row.payload)).unwrap();
        match event {
            Some(Event::RoomJoined(_)) if row.audience.to_string() == who.me.id.to_string() => is_in = true,
            Some(Event::RoomGone(_)) if row.audience.to_string() == who.me.id.to_string() => is_in = false,
            Some(Event::MessagePosted(fact)) if fact.message.author == who.me.id && !is_in => {
                return Some(fact.message.body);
            }
            _ => {}
        }
    }
    None
}
