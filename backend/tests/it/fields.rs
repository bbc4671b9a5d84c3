//! What an event says, field by field, and who hears it: the golden list of `fields.txt` (security.md R9, R10).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use shared::{request::MessagePosted, route};

use crate::support::{app::TestApp, sse::SseReader};

/// Each event's viewers and fields.
type Said = BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)>;

fn golden() -> Said {
    let lines = include_str!("fields.txt").lines().filter(|line| !line.starts_with('#'));
    let read = |line: &str| {
        let mut words = line.split(' ').map(str::to_owned);
        let (kind, viewers) = (words.next().unwrap(), words.next().unwrap());
        (kind, (viewers.split(',').map(str::to_owned).collect(), words.collect()))
    };
    lines.map(read).collect()
}

fn fields(value: &Value, path: &str, all: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                all.insert(path.clone());
                fields(member, &path, all);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| fields(item, &format!("{path}[]"), all)),
        _ => {}
    }
}

/// Takes in what a viewer hears up to and with an event of this kind.
async fn listen(said: &mut Said, viewer: &str, stream: &mut SseReader, until: &str) {
    loop {
        let event = stream.next_but_ticks().await.expect("the stream goes on");
        let entry = said.entry(event.kind.clone()).or_default();
        entry.0.insert(viewer.to_owned());
        fields(&event.json(), "", &mut entry.1);
        if event.kind == until {
            return;
        }
    }
}

#[tokio::test]
async fn no_event_says_more_than_it_should() {
    let app = TestApp::start().await;
    let (owner, mate) = (app.owner(), app.user("mate").await);
    let mut heard = Said::new();
    let mut of_owner = owner.open_chat().await.with_passing();
    listen(&mut heard, "owner", &mut of_owner, "presence").await;
    let mut of_mate = mate.open_chat().await.with_passing();
    listen(&mut heard, "mate", &mut of_mate, "presence").await;
    for (typist, viewer, stream) in [(&mate, "owner", &mut of_owner), (owner, "mate", &mut of_mate)] {
        assert_eq!(typist.post("/api/rooms/general/typing", &json!({"typing": true})).await.status, 204);
        listen(&mut heard, viewer, stream, "typing").await;
        app.clock.advance(1_000);
    }
    app.user("late").await;
    let said: MessagePosted = mate.says("to be deleted").await;
    owner.delete(route::message(said.message.id)).await.json::<Value>(200);
    let offset = said.message.offset;
    mate.put("/api/rooms/general/read", &json!({"offset": offset, "rev": 0, "set": true})).await.json::<Value>(200);
    let tea = owner.makes_room("Tea", "closed", &[&mate]).await;
    owner.patch(route::room(tea.id), &json!({"topic": "leaves", "kind": "open"})).await.json::<Value>(200);
    mate.put(route::involvement(tea.id), &json!({"level": "hidden"})).await.json::<Value>(200);
    mate.changes(&mate, &json!({"bio": "Reads slowly.", "language": "zh-CN"})).await.json::<Value>(200);
    owner.patch(route::WORKSPACE, &json!({"rooms_by": "admins"})).await.json::<Value>(200);
    owner.removes(&mate, &tea).await;
    owner.settled().await;
    mate.delete(route::SESSION).await;

    listen(&mut heard, "mate", &mut of_mate, "bye").await;
    // The removal is the last that the owner hears: after the invite, the deletion, the conversion and the new rule.
    for _ in 0..5 {
        listen(&mut heard, "owner", &mut of_owner, "audit_logged").await;
    }
    for (kind, expected) in &golden() {
        assert_eq!(heard.get(kind), Some(expected), "{kind}");
    }
    let unknown: Vec<_> = heard.keys().filter(|kind| !golden().contains_key(*kind)).collect();
    assert!(unknown.is_empty(), "no line for {unknown:?}");
}

/// A guest hears of their rooms, the people in them and the workspace itself, and nothing else (security.md R9, A9).
#[tokio::test]
async fn a_guest_hears_of_shared_rooms_and_nothing_else() {
    let app = TestApp::start().await;
    let (owner, mate, guest, far) =
        (app.owner(), app.user("mate").await, app.user("guest").await, app.user("far").await);
    assert_eq!(far.delete("/api/rooms/general/members/me").await.status, 204);
    owner.changes(&guest, &json!({"role": "guest"})).await.json::<Value>(200);
    guest.settled().await;
    let mut stream = guest.open_chat().await;
    let late = app.user("late").await;
    let tea = owner.makes_room("Tea", "open", &[&mate]).await;
    mate.post_to("tea", "not for guests").await.json::<Value>(201);
    for person in [&far, &mate] {
        person.changes(person, &json!({"bio": "Reads slowly.", "language": "zh-CN"})).await.json::<Value>(200);
    }
    owner.patch(route::WORKSPACE, &json!({"rooms_by": "admins"})).await.json::<Value>(200);
    mate.says("for all").await;
    owner.settled().await;
    guest.delete(route::SESSION).await;

    let mut heard = Said::new();
    loop {
        let event = stream.next_but_ticks().await.expect("the stream goes on");
        for secret in [far.me.id.to_string(), tea.id.to_string(), "not for guests".to_owned()] {
            assert!(!event.data.contains(&secret), "{event:?}");
        }
        fields(&event.json(), "", &mut heard.entry(event.kind.clone()).or_default().1);
        if event.kind == "bye" {
            break;
        }
    }
    let kinds: Vec<_> = heard.keys().map(String::as_str).collect();
    let expected =
        ["bye", "hello", "member_changed", "message_posted", "room_member_joined", "state", "workspace_changed"];
    assert_eq!(kinds, expected);
    for (kind, (_, said)) in &heard {
        let allowed = &golden()[kind].1;
        assert!(said.is_subset(allowed), "{kind}: {said:?}");
    }
    assert_eq!(late.snapshot().await.people_count, 5);
}
