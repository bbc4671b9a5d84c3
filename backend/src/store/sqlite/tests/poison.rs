//! Rows that cannot be read (security.md D21): they are skipped or handed on raw, and take nothing else with them.

use shared::{cursor::Offset, event::Event, replica::window::PageAt};

use super::*;
use crate::{
    domain::audience::Audience,
    store::{JoinByInvite, contract::fixture::*},
};

/// Runs SQL as someone with a shell would: past every rule.
async fn inject(store: &SqliteStore, sql: &'static str) {
    store.writer.run(move |tx| Ok(tx.connection().execute_batch(sql)?)).await.unwrap();
}

#[tokio::test]
async fn a_poisoned_event_is_still_a_row() {
    let Fresh { store, dir: _dir } = Fresh::new();
    let author = people(&store, 1).await[0].id;
    for number in 1..=6 {
        post(&store, number, author).await; // Offsets 4 to 9.
    }
    inject(
        &store,
        r#"UPDATE events SET payload = 'not {json' WHERE "offset" = 4;
           UPDATE events SET kind = 'of_a_later_version' WHERE "offset" = 5;
           UPDATE events SET audience = 'everyone!' WHERE "offset" = 6;
           UPDATE events SET payload = CAST(x'fffe7b' AS TEXT), kind = CAST(x'ff' AS TEXT) WHERE "offset" = 7;
           UPDATE events SET payload = hex(zeroblob(5242880)) WHERE "offset" = 8"#,
    )
    .await;
    let rows = store.read_log(Offset(3), 100).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.offset.0).collect::<Vec<_>>(), [4, 5, 6, 7, 8, 9]);
    let room = Audience::Room(general_id());
    let heard: Vec<_> = rows.iter().map(|row| row.audience).collect();
    assert_eq!(heard, [room, room, Audience::Nobody, room, room, room]);
    assert_eq!(rows[0].payload, "not {json");
    assert_eq!((rows[3].kind.as_str(), &rows[3].payload[..]), ("\u{fffd}", &b"\xff\xfe{"[..]));
    assert_eq!(rows[4].payload.len(), 10 * 1024 * 1024);
    let last = Event::read(&rows[5].kind, &mut serde_json::Deserializer::from_slice(&rows[5].payload)).unwrap();
    assert!(last.is_some());
}

#[tokio::test]
async fn a_poisoned_message_leaves_its_page_standing() {
    let Fresh { store, dir: _dir } = Fresh::new();
    let author = people(&store, 2).await[0].id;
    for number in 1..=6 {
        post(&store, number, author).await; // Offsets 8 to 13.
    }
    inject(
        &store,
        r#"UPDATE messages SET id = 'nonsense' WHERE "offset" = 9;
           UPDATE messages SET body = CAST(x'ff' AS TEXT) WHERE "offset" = 10;
           UPDATE messages SET client_id = x'00' WHERE "offset" = 11"#,
    )
    .await;
    let offsets = async |at, limit| {
        let page = store.messages(author, &general(), at, limit).await.unwrap();
        (page.messages.iter().map(|m| m.offset.0).collect::<Vec<_>>(), page.more_before, page.more_after)
    };
    assert_eq!(offsets(PageAt::Latest, 100).await, (vec![8, 12, 13], false, false));
    assert_eq!(offsets(PageAt::Latest, 4).await, (vec![12, 13], true, false));
    assert_eq!(offsets(PageAt::After(Offset(8)), 4).await, (vec![12], true, true));
    assert_eq!(store.invite(INVITE, NOW_MS).await.unwrap().messages.len(), 2);
    post(&store, 7, author).await;
}

#[tokio::test]
async fn a_poisoned_member_leaves_the_snapshot_standing() {
    let Fresh { store, dir: _dir } = Fresh::new();
    let people = people(&store, 3).await;
    inject(
        &store,
        "PRAGMA defer_foreign_keys = ON;
         UPDATE members SET display_name = '' WHERE joined = 5;
         UPDATE members SET role = 'of a later version', name = CAST(x'ff' AS TEXT) WHERE joined = 8",
    )
    .await;
    let snapshot = store.snapshot(people[0].id).await.unwrap();
    assert_eq!(snapshot.members, [people[0].clone()]);
    let broken = store.snapshot(people[1].id).await;
    assert!(matches!(broken, Err(StoreError::Corrupt(_))), "{broken:?}");
    let newcomer: JoinByInvite = newcomer(4);
    store.join(newcomer).await.unwrap();
}
