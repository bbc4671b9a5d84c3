//! Databases of earlier versions.

use refinery::Target;
use rusqlite::{Connection, params};
use shared::{cursor::Offset, replica::window::PageAt};

use super::*;
use crate::{
    domain::DomainError,
    store::{Bans as _, contract::fixture::*},
};

/// A database of version 3: two people in a room, four messages of the second, the last one deleted, and a purge of what
/// was said up to the second.
fn of_version_3(dir: &Path) {
    let mut old = Connection::open(dir.join("teahouse.db")).unwrap();
    schema::migrations().set_target(Target::Version(3)).run(&mut old).unwrap();
    let room = general_id().to_string();
    old.execute(
        "INSERT INTO rooms (id, slug, name, kind, member_count, rev) VALUES (?1, 'general', 'g', 'open', 2, 1)",
        [&room],
    )
    .unwrap();
    old.execute("INSERT INTO room_slugs (slug, room) VALUES ('general', ?1)", [&room]).unwrap();
    for number in 1..=2 {
        let member = member_id(number).to_string();
        let insert = "INSERT INTO members (id, name, name_key, display_name, role, password_hash, joined_at, joined)
                      VALUES (?1, ?1, ?1, ?1, ?2, '', ?3, 1)";
        let role = if number == 1 { "owner" } else { "member" };
        old.execute(insert, params![member, role, day(1).0]).unwrap();
        old.execute("INSERT INTO memberships (member, room, since) VALUES (?1, ?2, 1)", [&member, &room]).unwrap();
    }
    for number in 1..=4 {
        let post = new_post(number, member_id(2));
        let (id, author) = (post.id.to_string(), post.author.to_string());
        let insert = r#"INSERT INTO messages ("offset", id, room, author, client_id, rev, body, html, renderer, posted_at, deleted)
                        VALUES (?1, ?2, ?3, ?4, ?5, ?1, ?6, ?7, 1, ?8, ?9)"#;
        let key = post.client_id.as_bytes();
        let deleted = number == 4;
        old.execute(insert, params![number, id, room, author, key, post.body, post.html, post.at.0, deleted]).unwrap();
        let insert = r#"INSERT INTO posts (author, client_id, message, request, "offset") VALUES (?1, ?2, ?3, ?4, ?5)"#;
        old.execute(insert, params![author, key, id, post.request, number]).unwrap();
    }
    let purge = r#"INSERT INTO purges (member, since, "offset", done) VALUES (?1, '', 2, x'ff')"#;
    old.execute(purge, [member_id(2).to_string()]).unwrap();
    old.execute_batch("INSERT INTO epochs (epoch, first_offset) VALUES ('00000000', 1); UPDATE log SET head = 4")
        .unwrap();
}

#[tokio::test]
async fn a_message_and_its_key_become_one_row() {
    let dir = TempDir::new().unwrap();
    of_version_3(dir.path());
    let store = open(dir.path(), 2);
    let author = member_id(2);
    for number in 1..=4 {
        let again = store.post_message(new_post(number, author)).await.unwrap();
        let message = again.answer.message;
        assert_eq!((again.created, message.offset, message.deleted), (false, Offset(number), number == 4));
        let other = crate::store::PostMessage { request: secret(2, 9), ..new_post(number, author) };
        assert_refused(store.post_message(other).await, DomainError::ClientIdReused);
    }
    let purged = store.purge(day(3), 100).await.unwrap();
    assert_eq!((purged.rewritten, purged.more), (vec![Offset(1), Offset(2)], false));
    let page = store.messages(author, &general(), PageAt::Latest, 10).await.unwrap();
    assert_eq!(page.messages.iter().map(|message| message.deleted).collect::<Vec<_>>(), [true, true, false, true]);
    assert!(store.post_message(new_post(5, author)).await.unwrap().created);
}
