//! Posting: offsets in commit order without gaps, and at most one message per key, for ever.

use futures_util::future::join_all;
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use shared::{
    cursor::Offset,
    event::MessagePosted,
    id::{ClientId, RoomId},
    limits::{BODY_MAX_BYTES, EVENT_MAX_BYTES},
    replica::window::PageAt,
    text::MessageBody,
};

use super::fixture::*;
use crate::{
    domain::DomainError,
    store::{RoomRef, Store, StoreError},
};

pub(in crate::store) async fn a_post_takes_the_next_offset(store: &dyn Store) {
    let people = people(store, 2).await;
    let before = head(store).await;
    for number in 1..=5 {
        let posted = store.post_message(new_post(number, people[1].id)).await.unwrap();
        assert!(posted.created);
        let message = &posted.answer.message;
        assert_eq!(message.offset, Offset(before.0 + number));
        assert_eq!((message.rev, posted.answer.cursor.offset), (message.offset, message.offset));
        assert_eq!(Some(posted.answer.cursor.epoch), store.log_bounds().await.unwrap().epochs.last().map(|e| e.epoch));
        assert_eq!((message.author, message.room), (people[1].id, general_id()));
        assert_eq!(message.body, format!("message {number}"));
        assert_eq!(message.posted_at, day(2));
        let row = store.read_log(Offset(message.offset.0 - 1), 1).await.unwrap().remove(0);
        let fact: MessagePosted = serde_json::from_slice(&row.payload).unwrap();
        assert_eq!(fact, MessagePosted { room: general_id(), message: message.clone() });
    }
    assert_eq!(store.room(people[0].id, &general()).await.unwrap().room.last_offset, Offset(before.0 + 5));
}

/// 64 posts at once, one of them not allowed: 63 are stored, without a gap.
pub(in crate::store) async fn a_refusal_takes_no_offset(store: &dyn Store) {
    let people = people(store, 2).await;
    let before = head(store).await;
    let answers = join_all((1..=64).map(|number| {
        let author = if number == 31 { member_id(99) } else { people[1].id };
        store.post_message(new_post(number, author))
    }))
    .await;
    let (stored, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!(refused.len(), 1);
    refused.into_iter().for_each(assert_not_found);
    let mut offsets: Vec<_> = stored.into_iter().map(|posted| posted.unwrap().answer.message.offset.0).collect();
    offsets.sort_unstable();
    assert_eq!(offsets, (before.0 + 1..=before.0 + 63).collect::<Vec<_>>());
    assert_eq!(head(store).await, Offset(before.0 + 63));
    let rows = store.read_log(before, 100).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.offset.0).collect::<Vec<_>>(), offsets);

    for room in [RoomRef::Id(RoomId::from_entropy(entropy(9))), RoomRef::Slug("nowhere".to_owned())] {
        let mut command = new_post(65, people[1].id);
        command.room = room;
        assert_not_found(store.post_message(command).await);
    }
    assert_eq!(head(store).await, Offset(before.0 + 63));
}

pub(in crate::store) async fn a_retry_finds_the_first_post(store: &dyn Store) {
    let people = people(store, 1).await;
    let first = store.post_message(new_post(1, people[0].id)).await.unwrap();
    post(store, 2, people[0].id).await;
    // A retry draws a new message id and comes later; only key and request are the same.
    let mut again = new_post(1, people[0].id);
    again.id = new_post(77, people[0].id).id;
    again.at = day(9);
    let before = head(store).await;
    for _ in 0..3 {
        let found = store.post_message(again.clone()).await.unwrap();
        assert!(!found.created);
        assert_eq!(found.answer, first.answer);
    }
    assert_eq!(head(store).await, before);
}

pub(in crate::store) async fn a_key_is_one_request_of_one_author(store: &dyn Store) {
    let people = people(store, 2).await;
    post(store, 1, people[0].id).await;
    let mut other = new_post(2, people[0].id);
    other.client_id = new_post(1, people[0].id).client_id;
    let before = head(store).await;
    assert_refused(store.post_message(other.clone()).await, DomainError::ClientIdReused);
    // Also when the room of the second request is none of the author's: the key says more than the room may.
    other.room = RoomRef::Slug("nowhere".to_owned());
    assert_refused(store.post_message(other.clone()).await, DomainError::ClientIdReused);
    assert_eq!(head(store).await, before);
    other.room = general();
    other.author = people[1].id;
    assert!(store.post_message(other).await.unwrap().created, "another author's key is another key");
}

pub(in crate::store) async fn racing_retries_make_one_message(store: &dyn Store) {
    let people = people(store, 1).await;
    let before = head(store).await;
    let answers = join_all((1..=32).map(|number| {
        let mut command = new_post(number, people[0].id);
        command.client_id = ClientId::from([7; 16]);
        command.request = [7; 32];
        store.post_message(command)
    }))
    .await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|posted| posted.created).count(), 1);
    assert!(answers.iter().all(|posted| posted.answer == answers[0].answer));
    assert_eq!(head(store).await, before.next());
}

pub(in crate::store) async fn answers_are_in_the_order_of_the_log(store: &dyn Store) {
    let people = people(store, 4).await;
    // Each posts one after the other, all of them at once.
    let writers = people.iter().zip(1..).map(|(author, writer)| async move {
        let mut offsets = vec![];
        for number in 0..20 {
            offsets.push(post(store, writer * 100 + number, author.id).await.offset);
        }
        (author.id, offsets)
    });
    let written = join_all(writers).await;
    let page = store.messages(people[0].id, &general(), PageAt::Latest, 100).await.unwrap();
    assert_eq!(page.messages.len(), 80);
    for (author, offsets) in written {
        assert!(offsets.is_sorted_by(|one, next| one < next));
        let stored: Vec<_> = page.messages.iter().filter(|m| m.author == author).map(|m| m.offset).collect();
        assert_eq!(stored, offsets);
    }
}

pub(in crate::store) async fn an_event_that_is_too_large_goes_without_html(store: &dyn Store) {
    let people = people(store, 1).await;
    for (number, body) in (1..).zip(["\u{85}".repeat(BODY_MAX_BYTES / 2), "x".repeat(BODY_MAX_BYTES)]) {
        let mut command = new_post(number, people[0].id);
        command.html = Some(format!("<p>{body}</p>").repeat(if number == 2 { 3 } else { 1 }));
        command.body = body;
        let message = store.post_message(command.clone()).await.unwrap().answer.message;
        assert_eq!((&message.body, &message.html), (&command.body, &None));
        let row = store.read_log(Offset(message.offset.0 - 1), 1).await.unwrap().remove(0);
        assert!(row.payload.len() < EVENT_MAX_BYTES);
        let fact: MessagePosted = serde_json::from_slice(&row.payload).unwrap();
        assert_eq!(fact.message, message);
        let page = store.messages(people[0].id, &general(), PageAt::Latest, 1).await.unwrap();
        assert_eq!(page.messages, [message]);
    }
}

/// Whatever a person may say is stored, logged on one line and read back, unchanged.
pub(in crate::store) async fn any_text_comes_back_as_it_was(store: &dyn Store) {
    let people = people(store, 1).await;
    let mut runner = TestRunner::deterministic();
    let anything = "[\\x20-\\x7e\n\t\u{85}\u{2028}\u{2029}\u{202e}\u{feff}é注𝄞👨‍👩‍👧]{1,60}";
    let texts =
        (0..64).map(|_| proptest::string::string_regex(anything).unwrap().new_tree(&mut runner).unwrap().current());
    let fixed = ["\nevent: x\ndata: y\n\n", "'; DROP TABLE events; --", "<script>", "\u{85}", "\\u0085", "\"", "a\\"];
    for (number, body) in (1..).zip(texts.chain(fixed.map(str::to_owned))) {
        if MessageBody::parse(body.as_str()).is_err() {
            continue;
        }
        let mut command = new_post(number, people[0].id);
        command.html = Some(body.clone());
        command.body = body.clone();
        let posted: Result<_, StoreError> = store.post_message(command).await;
        let message = posted.unwrap().answer.message;
        assert_eq!((&message.body, message.html.as_ref()), (&body, Some(&body)));
        let page = store.messages(people[0].id, &general(), PageAt::Latest, 1).await.unwrap();
        assert_eq!(page.messages, std::slice::from_ref(&message));
        let row = store.read_log(Offset(message.offset.0 - 1), 1).await.unwrap().remove(0);
        let line = std::str::from_utf8(&row.payload).unwrap();
        assert!(!line.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']), "{line:?}");
        assert_eq!(serde_json::from_str::<MessagePosted>(line).unwrap().message, message);
    }
}
