//! Read positions: moved by one tab, heard by all of the person's, by nobody else.

use serde_json::json;
use shared::{problem::ProblemCode, request::ReadMoved, room::ReadPosition, route, stream::Resume};

use crate::support::app::TestApp;

#[tokio::test]
async fn every_tab_of_the_reader_hears_of_it() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let room = ana.snapshot().await.rooms[0].id;
    let first = app.owner().says("one").await.message.offset;
    app.owner().says("two").await;

    let mut tab = ana.open_chat().await;
    tab.hello(Resume::Live).await;
    let mut stranger = app.owner().open_chat().await;
    stranger.hello(Resume::Live).await;
    stranger.until("state").await;

    let moved: ReadMoved = ana.put(route::read(room), &json!({"offset": first, "rev": 0})).await.json(200);
    assert_eq!((moved.read.offset, moved.read.unread), (first, 1));
    assert_eq!(tab.until("read").await.json::<ReadPosition>(), moved.read);
    stranger.stays_silent().await;
    assert_eq!(ana.snapshot().await.reads, [moved.read]);
}

#[tokio::test]
async fn it_moves_forward_unless_it_is_set() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let (first, second) = (app.owner().says("one").await, app.owner().says("two").await);
    let path = route::messages("general").replace("messages", "read");
    let moves = async |offset, rev: u64, set: bool| {
        let body = json!({"offset": offset, "rev": rev, "set": set});
        let moved: ReadMoved = ana.put(&path, &body).await.json(200);
        (moved.read.offset, moved.read.rev)
    };
    let (first, second) = (first.message.offset, second.message.offset);
    assert_eq!(moves(second, 0, false).await, (second, 0));
    assert_eq!(moves(first, 0, false).await, (second, 0));
    assert_eq!(moves(first, 0, true).await, (first, 1));
    assert_eq!(moves(second, 0, false).await, (first, 1), "an older rev has not seen that it was set");
    assert_eq!(moves(second, 1, false).await, (second, 1));
}

#[tokio::test]
async fn only_ones_own_rooms_can_be_read() {
    let app = TestApp::start().await;
    let body = json!({"offset": 1, "rev": 0});
    app.owner().put("/api/rooms/r_000000000000/read", &body).await.refuses(ProblemCode::NotFound);
    for wrong in
        [json!({}), json!({"offset": -1, "rev": 0}), json!({"offset": "1", "rev": 0}), json!({"offset": 1.5, "rev": 0})]
    {
        app.owner().put("/api/rooms/general/read", &wrong).await.refuses(ProblemCode::InvalidField);
    }
}
