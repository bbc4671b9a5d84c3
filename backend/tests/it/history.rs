//! A room's history, page by page.

use shared::{
    message::MessagePage,
    problem::ProblemCode,
    route,
    session::{RoomList, RoomView},
};

use crate::support::{actor::Actor, app::TestApp};

async fn page(of: &Actor, query: &str) -> MessagePage {
    of.get(format!("{}?{query}", route::messages("general"))).await.json(200)
}

fn bodies(page: &MessagePage) -> Vec<&str> {
    page.messages.iter().map(|message| message.body.as_str()).collect()
}

async fn ten_messages(app: &TestApp) -> Vec<u64> {
    let mut offsets = Vec::new();
    for number in 0..10 {
        offsets.push(app.owner().says(&number.to_string()).await.message.offset.0);
    }
    offsets
}

#[tokio::test]
async fn pages_follow_the_order_of_the_log() {
    let app = TestApp::start().await;
    let at = ten_messages(&app).await;
    let me = app.owner();

    let latest = page(me, "limit=3").await;
    assert_eq!(bodies(&latest), ["7", "8", "9"]);
    assert!(latest.more_before && !latest.more_after);
    assert_eq!(latest.as_of.offset.0, at[9]);

    let before = page(me, &format!("before={}&limit=3", at[7])).await;
    assert_eq!(bodies(&before), ["4", "5", "6"]);
    assert!(before.more_before && before.more_after);

    let after = page(me, &format!("after={}&limit=100", at[7])).await;
    assert_eq!(bodies(&after), ["8", "9"]);
    assert!(!after.more_after);

    let around = page(me, &format!("around={}&limit=5", at[5])).await;
    assert!(bodies(&around).contains(&"5") && around.more_before && around.more_after, "{around:?}");

    let first = page(me, &format!("before={}", at[0])).await;
    assert!(first.messages.is_empty() && !first.more_before);
    assert!(page(me, &format!("after={}", (1_u64 << 53) - 1)).await.messages.is_empty());
}

#[tokio::test]
async fn a_limit_is_cut_and_nonsense_is_named() {
    let app = TestApp::start().await;
    ten_messages(&app).await;
    assert_eq!(page(app.owner(), "limit=0").await.messages.len(), 1);
    assert_eq!(page(app.owner(), "limit=1000000000").await.messages.len(), 10);
    for (query, field) in [
        ("limit=-1", "limit"),
        ("limit=NaN", "limit"),
        ("limit=", "limit"),
        ("limit=1&limit=2", "limit"),
        ("before=x", "before"),
        ("before=-1", "before"),
        ("after=18446744073709551616", "after"),
        ("around=9007199254740992", "around"),
        ("before=1&after=1", "after"),
        ("before=1&before=1", "before"),
        ("before=%ff", "before"),
    ] {
        let answer = app.owner().get(format!("{}?{query}", route::messages("general"))).await;
        answer.refuses_field(ProblemCode::InvalidQuery, field);
    }
    // What nobody asked for is ignored.
    page(app.owner(), "utm_source=x&%zz=%").await;
}

#[tokio::test]
async fn a_room_is_found_by_id_and_by_slug() {
    let app = TestApp::start().await;
    let rooms: RoomList = app.owner().get(route::ROOMS).await.json(200);
    let by_id: RoomView = app.owner().get(route::room(rooms.rooms[0].id)).await.json(200);
    let by_slug: RoomView = app.owner().get(route::room("general")).await.json(200);
    assert_eq!(by_id.room, rooms.rooms[0]);
    assert_eq!(by_id, by_slug);
}

#[tokio::test]
async fn unknown_malformed_and_foreign_rooms_are_the_same_answer() {
    let app = TestApp::start().await;
    let mut answers = Vec::new();
    let wrong = [
        "r_000000000000",
        "r_x",
        "u_000000000000",
        "nowhere",
        "General",
        "a_b",
        "%e8%8c%b6",
        "%ff",
        "%00",
        "a%2fb",
        "..%2f..",
        "a.b",
        "%20",
    ];
    for room in wrong {
        for path in [route::room(room), route::messages(room)] {
            let mut problem = app.owner().get(path).await.refuses(ProblemCode::NotFound);
            problem.request_id.clear();
            answers.push(problem);
        }
        app.owner().post_to(room, "hello").await.refuses(ProblemCode::NotFound);
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
}
