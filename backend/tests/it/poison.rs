//! A row of the log that says nonsense, however it came there: nobody hears of it, everybody hears the rest (D21, D22).

use shared::{event::Event, stream::Resume};

use crate::support::{actor::Actor, process::Process};

/// Writes rows into the log behind the server's back, while it is stopped.
fn poison(data: &std::path::Path, rows: &[(&str, &str, &[u8])]) {
    let database = rusqlite::Connection::open(data.join("teahouse.db")).unwrap();
    for (audience, kind, payload) in rows {
        database.execute("UPDATE log SET head = head + 1", []).unwrap();
        database
            .execute(
                r#"INSERT INTO events ("offset", audience, kind, payload, at)
                   VALUES ((SELECT head FROM log), ?1, ?2, CAST(?3 AS TEXT), '2026-11-22T12:00:00.000Z')"#,
                rusqlite::params![audience, kind, payload],
            )
            .unwrap();
    }
}

#[tokio::test]
async fn one_poisoned_row_silences_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let server = Process::start(directory.path()).await;
    let owner = Actor::owner(server.address, "olga").await;
    let start = owner.settled().await;
    owner.says("before").await;
    let room = owner.snapshot().await.rooms[0].id.to_string();
    server.terminate().await;
    let huge = format!("{{\"x\":\"{}\"}}", "x".repeat(1 << 20));
    poison(
        directory.path(),
        &[
            (&room, "message_posted", b"not json"),
            (&room, "message_posted", b"{\"body\":\"\xff\xfe\"}"),
            (&room, "message_posted", b"{}"),
            (&room, "message_posted", b""),
            (&room, "message_posted", b"{\"a\":1}\n\nevent: x\ndata: {}"),
            (&room, "evil\nevent: x", b"{}"),
            ("nobody at all", "message_posted", b"{}"),
            ("workspace", "room_joined", b"[]"),
            ("workspace", "of_a_later_version", huge.as_bytes()),
            ("workspace", "of_a_later_version", b"{\"new\":true}"),
        ],
    );

    let server = Process::start(directory.path()).await;
    let owner = owner.at(server.address);
    let mut live = owner.open_chat().await;
    live.hello(Resume::Live).await;
    owner.says("after").await;
    assert_eq!(live.bodies(1).await, ["after"]);
    owner.settled().await;

    let mut replay = owner.open_chat_after(start).await;
    replay.hello(Resume::Replay).await;
    let (mut bodies, mut unknown) = (Vec::new(), 0);
    let tick = loop {
        let event = replay.next().await.unwrap();
        match event.kind.as_str() {
            "tick" => break event,
            "of_a_later_version" => unknown += 1,
            _ => bodies.extend(event.fact().map(|fact| match fact.event {
                Event::MessagePosted(posted) => posted.message.body,
                other => panic!("{other:?}"),
            })),
        }
    };
    assert_eq!((bodies, unknown), (vec!["before".to_owned(), "after".to_owned()], 1));
    assert_eq!(tick.cursor(), owner.snapshot().await.cursor, "the place goes past them");
    assert_eq!(owner.history().await.messages.len(), 2);
    let errors = server.terminate().await.errors;
    assert!(errors.contains("nobody hears of it"), "{errors}");
}
