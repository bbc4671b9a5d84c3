//! Deleting: a tombstone for everyone, the text for nobody, and nothing of it left in the files.

use shared::{
    event::Event,
    message::{MessagePage, MessageRemoved},
    problem::ProblemCode,
    request::MessagePosted,
    route,
    stream::Resume,
};

use crate::support::app::TestApp;

#[tokio::test]
async fn who_may_deletes_and_everyone_sees_the_tombstone() {
    let app = TestApp::start().await;
    let (ana, bo) = (app.user("ana").await, app.user("bo").await);
    let before = bo.settled().await;
    let said = ana.says("a secret that slipped").await.message;
    let mut stream = bo.open_chat().await;
    stream.hello(Resume::Live).await;
    bo.delete(route::message(said.id)).await.refuses(ProblemCode::Forbidden);
    let gone: MessageRemoved = ana.delete(route::message(said.id)).await.json(200);
    assert_eq!((gone.message.deleted, gone.message.body.as_str(), gone.message.offset), (true, "", said.offset));
    let fact = stream.until("message_deleted").await;
    assert_eq!(fact.cursor(), gone.cursor);
    assert!(!fact.data.contains("secret"), "{}", fact.data);
    assert_eq!(ana.delete(route::message(said.id)).await.json::<MessageRemoved>(200), gone);
    // A retry of the posting finds the message as it is now.
    let retry = serde_json::json!({"client_id": said.client_id, "body": "a secret that slipped"});
    let retried: MessagePosted = ana.post(route::messages("general"), &retry).await.json(200);
    assert_eq!(retried.message, gone.message);
    // History, replay and counts: no text anywhere, and nothing unread that is not there.
    let page: MessagePage = bo.history().await;
    assert_eq!(page.messages.last(), Some(&gone.message));
    bo.settled().await;
    let mut replay = bo.open_chat_after(before).await;
    replay.hello(Resume::Replay).await;
    let (facts, _) = replay.facts_until_tick().await;
    let posted = facts.iter().find_map(|fact| match &fact.event {
        Event::MessagePosted(posted) => Some(&posted.message),
        _ => None,
    });
    assert_eq!(posted, Some(&gone.message));
    assert_eq!(bo.snapshot().await.reads[0].unread, 0);
}

#[tokio::test]
async fn a_moderator_deletes_what_others_said() {
    let app = TestApp::start().await;
    let (ana, bo) = (app.user("ana").await, app.user("bo").await);
    let tea = ana.makes_room("Tea", "open", &[&bo]).await;
    let said: MessagePosted = bo.post_to("tea", "spam").await.json(201);
    let mut owner = app.owner().open_chat().await;
    ana.delete(route::message(said.message.id)).await.json::<MessageRemoved>(200);
    let entry = owner.until("audit_logged").await;
    assert!(entry.data.contains("message_deleted") && entry.data.contains(&tea.id.to_string()), "{}", entry.data);
    assert!(entry.data.contains("\"address\":\"127.0.0.1\""), "{}", entry.data);
    // After leaving it is nobody's any more to delete.
    let own: MessagePosted = bo.post_to("tea", "mine").await.json(201);
    ana.removes(&bo, &tea).await;
    bo.delete(route::message(own.message.id)).await.refuses(ProblemCode::Forbidden);
}

/// guarantees.md: a deleted text is nowhere in the database once the WAL is emptied.
#[tokio::test]
async fn a_deleted_text_is_in_no_file() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    // One that lies beside others on a page, and one that fills pages of its own.
    let needles = ["needle-in-the-haystack", "needle-so-long"];
    for number in 0..50 {
        ana.says(&format!("hay {number}")).await;
    }
    let short = ana.says(needles[0]).await.message.id;
    let long = ana.says(&format!("{} ", needles[1]).repeat(900)).await.message.id;
    for message in [short, long] {
        ana.delete(route::message(message)).await.json::<MessageRemoved>(200);
    }
    app.app.store.checkpoint().await.unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(app.data()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        files += 1;
        for needle in needles {
            assert!(!bytes.windows(needle.len()).any(|window| window == needle.as_bytes()), "{needle}");
        }
    }
    assert!(files > 0);
}
