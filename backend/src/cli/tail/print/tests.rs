//! What is printed, to the byte, for people and for programs.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use serde_json::json;

use super::*;
use crate::cli::tail::{
    fixture::{ANA, ROOM, hello, message, posted},
    reader::Reader,
};

fn names() -> Names {
    let ana = json!({ "id": ANA, "name": "ana", "display_name": "Ana\u{1b}[2J", "role": "member", "joined_at": "", "bio": "",
        "active": true });
    let room = json!({ "id": ROOM, "slug": "茶室", "name": "Tea", "kind": "open", "member_count": 2, "last_offset": 0,
        "rev": 0, "topic": "", "archived": false, "posting": "everyone", "moderator": null, "people": [] });
    // A control character cannot be in a parsed name; the printer must not rely on that.
    let ana = ana.to_string().replace("\\u001b", "\u{202e}");
    Names::new(&[serde_json::from_str(&ana).unwrap()], &[serde_json::from_value(room).unwrap()])
}

fn human(colour: bool) -> Printer {
    Printer::Human { zone: TimeZone::fixed(jiff::tz::offset(8)), colour }
}

#[test]
fn a_message_is_a_line_that_no_text_can_forge() {
    for (body, expected) in [
        ("hello 你好", "2026-11-22 20:00:00 #茶室 Ana\\u{202e}[2J: hello 你好\n"),
        (
            "one\n2026-11-22 20:00:00 #茶室 boss: forged\n",
            "2026-11-22 20:00:00 #茶室 Ana\\u{202e}[2J: one\n    2026-11-22 20:00:00 #茶室 boss: forged\n    \n",
        ),
        ("\tx\u{1b}]0;t\u{7}\u{85}", "2026-11-22 20:00:00 #茶室 Ana\\u{202e}[2J: \tx\\u{1b}]0;t\\u{7}\\u{85}\n"),
    ] {
        assert_eq!(human(false).missed(&message(1, body), &names()), expected, "{body:?}");
    }
}

#[test]
fn what_is_unknown_is_shown_as_it_came() {
    let mut odd = message(1, "x");
    odd.posted_at.0 = "yesterday\n".to_owned();
    let shown = human(false).missed(&odd, &Names::default());
    assert_eq!(shown, format!("yesterday\\u{{a}} #{ROOM} {ANA}: x\n"));
}

#[test]
fn colours_only_surround() {
    let painted = human(true).missed(&message(1, "x"), &Names::default());
    assert_eq!(painted, format!("\x1b[2m2026-11-22 20:00:00\x1b[0m \x1b[36m#{ROOM}\x1b[0m \x1b[1m{ANA}\x1b[0m: x\n"));
}

#[test]
fn people_read_hello_and_messages_programs_read_everything() {
    let mut reader = Reader::new("aaaaaaaa.0".parse().unwrap());
    let tick = r#"{"now":"","sent":1}"#;
    let rows = [
        ("hello", Some("aaaaaaaa.0"), hello("replay", 2), "hello Ana: catching up, at most 2 events\n"),
        ("message_posted", Some("aaaaaaaa.1"), posted(1, "hi"), "2026-11-22 20:00:00 #茶室 Ana\\u{202e}[2J: hi\n"),
        ("tick", Some("aaaaaaaa.1"), tick.to_owned(), ""),
        ("state", None, r#"{"reads":[]}"#.to_owned(), ""),
        ("hello", Some("aaaaaaaa.1"), hello("live", 0), "hello Ana: live\n"),
        ("hello", Some("bbbbbbbb.0"), hello("reset", 0), "hello Ana: starting over\n"),
    ];
    for (kind, id, data, expected) in rows {
        let step = reader.take(kind, id, &data);
        assert_eq!(human(false).block(kind, id, &data, &step, &names()), expected, "{kind}");
        let line = Printer::json().block(kind, id, &data, &step, &names());
        let (object, end) = line.split_at(line.len() - 1);
        assert_eq!(end, "\n");
        let value: Value = serde_json::from_str(object).unwrap();
        assert_eq!(value, json!({ "event": kind, "id": id, "data": serde_json::from_str::<Value>(&data).unwrap() }));
    }
}

#[test]
fn json_is_one_line_whatever_came() {
    assert_eq!(json_line("x", None, "a\nb\u{9b}"), "{\"event\":\"x\",\"id\":null,\"data\":\"a\\nb\\u009b\"}\n");
    let line = Printer::json().missed(&message(3, "a\nb"), &Names::default());
    let value: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((line.matches('\n').count(), &value["id"], &value["data"]["room"]), (1, &Value::Null, &json!(ROOM)));
}
