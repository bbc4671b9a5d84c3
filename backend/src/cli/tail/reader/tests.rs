//! The reader, event by event: its place, what it knows, and the holes it remembers.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use super::*;
use crate::cli::tail::fixture::{ANA, ROOM, hello, message, posted};

fn reader_at(cursor: &str) -> Reader {
    Reader::new(cursor.parse().unwrap())
}

/// What a step is, in a word.
fn word(step: &Step) -> &'static str {
    match step {
        Step::Hello(_) => "hello",
        Step::Fact(Some(_)) => "fact",
        Step::Fact(None) => "unknown fact",
        Step::Known => "known",
        Step::Lost => "lost",
        Step::Bye(_) => "bye",
        Step::Other => "other",
    }
}

fn place(reader: &Reader) -> String {
    reader.cursor().to_string()
}

#[test]
fn every_event_moves_the_place_and_means_one_thing() {
    let mut reader = reader_at("aaaaaaaa.10");
    let tick = |sent: u64| format!(r#"{{"sent":{sent},"now":"2026-11-22T12:00:00.000Z"}}"#);
    let rows = [
        ("hello", Some("aaaaaaaa.10"), hello("replay", 3), "hello", "aaaaaaaa.10"),
        ("state", None, r#"{"reads":[]}"#.to_owned(), "other", "aaaaaaaa.10"),
        ("message_posted", Some("aaaaaaaa.11"), posted(11, "a"), "fact", "aaaaaaaa.11"),
        // A replay that overlaps, also across an ordinary restart's new epoch.
        ("message_posted", Some("aaaaaaaa.11"), posted(11, "a"), "known", "aaaaaaaa.11"),
        ("message_posted", Some("bbbbbbbb.12"), posted(12, "b"), "fact", "bbbbbbbb.12"),
        ("of_a_later_version", Some("bbbbbbbb.13"), "{}".to_owned(), "unknown fact", "bbbbbbbb.13"),
        ("message_posted", Some("bbbbbbbb.14"), "{}".to_owned(), "unknown fact", "bbbbbbbb.14"),
        ("tick", Some("bbbbbbbb.20"), tick(5), "other", "bbbbbbbb.20"),
        ("typing", None, "{}".to_owned(), "other", "bbbbbbbb.20"),
        ("message_posted", Some("nonsense"), posted(21, "c"), "other", "bbbbbbbb.20"),
        ("tick", Some("bbbbbbbb.21"), tick(6), "lost", "bbbbbbbb.21"),
        ("tick", Some("bbbbbbbb.21"), tick(6), "other", "bbbbbbbb.21"),
        ("bye", None, r#"{"reason":"shutdown","retry_ms":700}"#.to_owned(), "bye", "bbbbbbbb.21"),
        ("bye", None, "?".to_owned(), "other", "bbbbbbbb.21"),
    ];
    for (name, id, data, meaning, after) in rows {
        let step = reader.take(name, id, &data);
        assert_eq!((word(&step), place(&reader).as_str()), (meaning, after), "{name} {id:?}");
    }
    assert!(reader.has_missed(), "the count did not agree once");
}

#[test]
fn a_hole_ends_at_a_known_message_that_nothing_was_lost_before() {
    let mut reader = reader_at("aaaaaaaa.4");
    for offset in [4, 6, 8] {
        reader.note(message(offset, "").id);
    }
    let check = |reader: &Reader, ends: &[u64]| {
        let got: Vec<_> = (1..=9).filter(|&offset| reader.ends_hole(&message(offset, ""))).collect();
        assert_eq!(got, ends);
    };
    // Agreed at 6, then one fact too few.
    reader.take("tick", Some("aaaaaaaa.6"), r#"{"sent":0,"now":""}"#);
    reader.take("tick", Some("aaaaaaaa.9"), r#"{"sent":1,"now":""}"#);
    check(&reader, &[4, 6]);
    // A reset on top of it does not make the hole less deep.
    reader.take("hello", Some("cccccccc.7"), &hello("reset", 0));
    check(&reader, &[4, 6]);
    reader.filled();
    reader.take("hello", Some("cccccccc.7"), &hello("reset", 0));
    check(&reader, &[4, 6, 8]);
}

#[test]
fn a_block_without_data_moves_the_place_too() {
    let mut reader = reader_at("aaaaaaaa.10");
    for (id, after) in [(Some("aaaaaaaa.12"), 12), (None, 12), (Some(""), 12), (Some("x"), 12)] {
        reader.take_id(id);
        assert_eq!(reader.cursor().offset.0, after, "{id:?}");
    }
}

#[test]
fn after_a_rollback_the_same_offsets_are_new_and_the_same_messages_are_not() {
    let mut reader = reader_at("aaaaaaaa.0");
    for offset in 1..=10 {
        let id = format!("aaaaaaaa.{offset}");
        assert_eq!(word(&reader.take("message_posted", Some(&id), &posted(offset, "x"))), "fact");
    }
    // The copy held 5 of them; two others were posted to it since.
    assert_eq!(word(&reader.take("hello", Some("cccccccc.7"), &hello("reset", 0))), "hello");
    assert!(reader.has_missed());
    assert_eq!(place(&reader), "cccccccc.7");
    reader.filled();
    let other = posted(8, "y").replace("m_000000000008", "m_00000000000z");
    assert_eq!(word(&reader.take("message_posted", Some("cccccccc.8"), &other)), "fact");
    let again = posted(9, "x").replace("m_000000000009", "m_000000000003");
    assert_eq!(word(&reader.take("message_posted", Some("cccccccc.9"), &again)), "known");
}

#[test]
fn a_hole_stays_until_it_is_filled() {
    let mut reader = reader_at("aaaaaaaa.10");
    reader.take("hello", Some("cccccccc.7"), &hello("reset", 0));
    reader.take("hello", Some("cccccccc.7"), &hello("live", 0));
    assert!(reader.has_missed());
}

#[test]
fn the_count_of_facts_begins_anew_with_each_connection() {
    let mut reader = reader_at("aaaaaaaa.0");
    reader.take("message_posted", Some("aaaaaaaa.1"), &posted(1, "x"));
    reader.take("hello", Some("aaaaaaaa.1"), &hello("live", 0));
    assert_eq!(word(&reader.take("tick", Some("aaaaaaaa.1"), r#"{"sent":0,"now":""}"#)), "other");
}

#[test]
fn memory_is_bounded() {
    let mut reader = reader_at("aaaaaaaa.0");
    for offset in 0..=REMEMBERED as u64 {
        reader.note(message(offset, "").id);
        reader.note(message(offset, "").id);
    }
    assert!(!reader.knows(message(0, "").id));
    assert!(reader.knows(message(1, "").id));
    assert_eq!((reader.known.len(), reader.order.len()), (REMEMBERED, REMEMBERED));
}

#[test]
fn a_room_hears_of_itself_and_of_the_connection() {
    let room = ROOM.parse().unwrap();
    let whole = format!(r#"{{"room":{{"id":"{ROOM}","slug":"general"}}}}"#);
    for (name, data, expected) in [
        ("message_posted", posted(1, "x").as_str(), true),
        ("message_posted", &posted(1, "x").replace(ROOM, "r_000000000002"), false),
        ("room_joined", &whole, true),
        ("member_joined", &format!(r#"{{"member":{{"id":"{ANA}"}}}}"#), false),
        ("hello", "{}", true),
        ("tick", "{}", true),
        ("bye", "{}", true),
        ("state", "{}", false),
        ("of_a_later_version", "not json", false),
    ] {
        assert_eq!(concerns(name, data, room), expected, "{name} {data}");
    }
}
