//! `teahouse tail`: what it prints, where it resumes, when it gives up.

use serde_json::{Value, json};

use super::{
    ROOM, ana, message, page, problem,
    process::{Home, Running},
    room,
    script::{Answer, Request, Script},
    snapshot,
};

const CHAT: &str = "GET /chat";
const ANCHOR: &str = "GET /api/rooms/r_000000000001/messages?before=6&limit=1";
const LAST_PAGE: &str = "GET /api/rooms/r_000000000001/messages?limit=100";

fn event(kind: &str, id: &str, data: &Value) -> String {
    format!("event: {kind}\nid: {id}\ndata: {data}\n\n")
}

/// `hello` with a reconnection time that does not keep a test waiting.
fn hello(resume: &str, id: &str, heartbeat_ms: u64) -> String {
    let data = json!({ "protocol": 1, "version": "0.1.0", "you": ana(), "resume": resume, "behind": 0,
        "heartbeat_ms": heartbeat_ms, "events": ["message_posted"] });
    format!("retry: 20\n{}", event("hello", id, &data))
}

fn posted(id: &str, message: &Value) -> String {
    event("message_posted", id, &json!({ "room": ROOM, "message": message }))
}

fn shown(body: &str) -> String {
    format!("2026-11-22 12:00:00 #general Ana: {body}")
}

/// Answers everything but the stream: someone who has seen 5 facts, the last of them message 5.
fn serve(chat: impl Fn(&Request, usize, &mut Answer) + Send + Sync + 'static) -> Script {
    Script::start(move |request, number, answer| match request.line.as_str() {
        "GET /api/snapshot" => answer.json(200, "", &snapshot("aaaaaaaa.5", 5)),
        "GET /api/rooms" => answer.json(200, "", &json!({ "rooms": [room(9)], "as_of": "aaaaaaaa.9" })),
        ANCHOR => answer.json(200, "", &page(&[message(5, "old")], true)),
        CHAT => chat(request, number, answer),
        other => answer.json(404, "", &problem(404, "not_found", other)),
    })
}

fn tail(server: &Script, arguments: &[&str]) -> Running {
    Home::signed_in(&server.url).start(&[&["tail"], arguments].concat())
}

fn places(server: &Script) -> Vec<String> {
    server.requests(CHAT).iter().map(|request| request.header("last-event-id").unwrap_or("none").to_owned()).collect()
}

#[test]
fn it_resumes_where_it_was_and_prints_nothing_twice() {
    let server = serve(|_, number, answer| match number {
        // An id holds beyond its block, also one without data; the last event is cut in half.
        0 => answer.stream(
            &(hello("replay", "aaaaaaaa.5", 15_000)
                + &posted("aaaaaaaa.6", &message(6, "six"))
                + "id: aaaaaaaa.7\n\n"
                + "event: message_posted\nid: aaaaaaaa.8\ndata: {\"room\":"),
        ),
        1 => {} // Closed without an answer.
        2 => answer.json(503, "retry-after: 0\r\n", &problem(503, "unavailable", "Later.")),
        // A replay that overlaps.
        _ => {
            answer.stream(
                &(hello("replay", "aaaaaaaa.7", 15_000)
                    + &posted("aaaaaaaa.6", &message(6, "six"))
                    + &posted("aaaaaaaa.8", &message(8, "eight\nline two"))),
            );
            answer.hold();
        }
    });
    let tail = tail(&server, &["general"]);
    assert_eq!(tail.line(), "hello Ana: catching up, at most 0 events");
    assert_eq!(tail.line(), shown("six"));
    assert_eq!(tail.line(), "hello Ana: catching up, at most 0 events");
    assert_eq!(tail.line(), shown("eight"));
    assert_eq!(tail.line(), "    line two");
    assert_eq!(places(&server), ["aaaaaaaa.5", "aaaaaaaa.7", "aaaaaaaa.7", "aaaaaaaa.7"]);
    assert!(tail.notice().contains("the connection was closed; trying again in "));
}

#[test]
fn a_reset_is_filled_from_the_history() {
    let server = Script::start(move |request, number, answer| match request.line.as_str() {
        LAST_PAGE if number == 0 => answer.json(503, "", &problem(503, "unavailable", "Later.")),
        // A copy from before message 7: the offsets 7 and 8 are others' now.
        LAST_PAGE => answer.json(200, "", &page(&[message(8, "new eight"), message(9, "nine")], true)),
        "GET /api/rooms/r_000000000001/messages?before=8&limit=100" => {
            let mut other = message(7, "new seven");
            other["id"] = json!("m_00000000000x");
            answer.json(200, "", &page(&[message(5, "old"), message(6, "six"), other], true));
        }
        "GET /api/snapshot" => answer.json(200, "", &snapshot("aaaaaaaa.5", 5)),
        "GET /api/rooms" => answer.json(200, "", &json!({ "rooms": [room(9)], "as_of": "bbbbbbbb.9" })),
        ANCHOR => answer.json(200, "", &page(&[message(5, "old")], true)),
        CHAT if number == 0 => answer.stream(
            &(hello("live", "aaaaaaaa.5", 15_000)
                + &posted("aaaaaaaa.6", &message(6, "six"))
                + &posted("aaaaaaaa.7", &message(7, "seven, lost later"))),
        ),
        CHAT if number == 1 => {
            answer.stream(&hello("reset", "bbbbbbbb.8", 15_000));
            answer.hold();
        }
        // After the failed load: nothing was missed on this stream, and the hole is still there.
        _ => {
            answer.stream(&hello("replay", "bbbbbbbb.8", 15_000));
            answer.write(&posted("bbbbbbbb.9", &message(9, "nine")));
            answer.write(&posted("bbbbbbbb.10", &message(10, "ten")));
            answer.hold();
        }
    });
    let tail = tail(&server, &["--json"]);
    let mut bodies = Vec::new();
    let mut ids = Vec::new();
    while bodies.last().map(String::as_str) != Some("ten") {
        let line: Value = serde_json::from_str(&tail.line()).expect("JSON");
        if line["event"] == "message_posted" {
            bodies.push(line["data"]["message"]["body"].as_str().expect("text").to_owned());
            ids.push(line["id"].as_str().unwrap_or("from the history").to_owned());
        }
    }
    assert_eq!(bodies, ["six", "seven, lost later", "new seven", "new eight", "nine", "ten"]);
    let history = "from the history";
    assert_eq!(ids, ["aaaaaaaa.6", "aaaaaaaa.7", history, history, history, "bbbbbbbb.10"]);
    assert_eq!(places(&server), ["aaaaaaaa.5", "aaaaaaaa.7", "bbbbbbbb.8"]);
}

#[test]
fn a_count_that_does_not_agree_is_filled_from_the_history() {
    let server = Script::start(move |request, _, answer| match request.line.as_str() {
        "GET /api/snapshot" => answer.json(200, "", &snapshot("aaaaaaaa.5", 5)),
        "GET /api/rooms" => answer.json(200, "", &json!({ "rooms": [room(7)], "as_of": "aaaaaaaa.7" })),
        ANCHOR => answer.json(200, "", &page(&[message(5, "old")], true)),
        LAST_PAGE => answer.json(200, "", &page(&[message(5, "old"), message(6, "six"), message(7, "seven")], false)),
        _ => {
            // Fact 6 never arrives.
            answer.stream(&hello("live", "aaaaaaaa.5", 15_000));
            answer.write(&posted("aaaaaaaa.7", &message(7, "seven")));
            answer.write(&event("tick", "aaaaaaaa.7", &json!({ "sent": 2, "now": "2026-11-22T12:00:00.000Z" })));
            answer.hold();
        }
    });
    let tail = tail(&server, &[]);
    assert_eq!(tail.line(), "hello Ana: live");
    assert_eq!(tail.line(), shown("seven"));
    assert_eq!(tail.line(), shown("six"));
}

#[test]
fn silence_and_endless_events_end_a_connection() {
    let server = serve(|_, number, answer| match number {
        // Two and a half heartbeats of 40 ms are over in 100 ms.
        0 => {
            answer.stream(&hello("live", "aaaaaaaa.5", 40));
            answer.hold();
        }
        1 => {
            answer.stream(&(hello("live", "aaaaaaaa.5", 15_000) + "data: "));
            (0..100).for_each(|_| answer.write(&"x".repeat(8 * 1024)));
            answer.hold();
        }
        2 => answer.write("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nhi"),
        _ => {
            let bye = json!({ "reason": "shutdown", "retry_ms": 5 });
            answer.stream(&(hello("live", "aaaaaaaa.5", 15_000) + &format!("event: bye\ndata: {bye}\n\n")));
            answer.hold();
        }
    });
    let tail = tail(&server, &[]);
    for expected in [
        "nothing was heard for 0 s",
        "an event is larger than 224 KiB",
        "the answer is not an event stream",
        "the server said goodbye (it stops or restarts); trying again in 0.0 s",
    ] {
        let notice = tail.notice();
        assert!(notice.contains(expected), "{notice}");
    }
}

#[test]
fn it_ends_when_the_token_is_not_accepted_any_more() {
    let server = serve(|_, number, answer| match number {
        0 => answer.stream(&hello("live", "aaaaaaaa.5", 15_000)),
        _ => answer.json(401, "", &problem(401, "not_signed_in", "Sign in first.")),
    });
    let ended = tail(&server, &[]).end();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(4), "hello Ana: live\n"));
    assert!(ended.stderr.ends_with(&format!("run `teahouse login {}/`\n", server.url)), "{ended:?}");
}

#[test]
fn it_waits_for_a_server_that_is_not_there_yet() {
    let server = Script::start(|request, number, answer| match (request.line.as_str(), number) {
        ("GET /api/snapshot", 0) => answer.json(503, "", &problem(503, "unavailable", "Starting.")),
        ("GET /api/snapshot", _) => answer.json(200, "", &snapshot("aaaaaaaa.0", 0)),
        _ => {
            answer.stream(&hello("live", "aaaaaaaa.0", 15_000));
            answer.hold();
        }
    });
    let tail = tail(&server, &[]);
    assert!(tail.notice().starts_with("teahouse: Starting.; trying again in "));
    assert_eq!(tail.line(), "hello Ana: live");
}

#[test]
fn a_room_that_is_not_there_is_refused() {
    let server = serve(|_, _, answer| answer.hold());
    let ended = Home::signed_in(&server.url).run(&["tail", "#kitch\u{202e}en"]);
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.stderr, "teahouse: there is no room kitch\\u{202e}en that is yours\n");
}

#[test]
fn strangers_are_looked_up_and_their_text_is_harmless() {
    let server = Script::start(|request, _, answer| match request.line.as_str() {
        "GET /api/snapshot" => {
            let mut snapshot = snapshot("aaaaaaaa.0", 0);
            snapshot["members"] = json!([]);
            answer.json(200, "", &snapshot);
        }
        "GET /api/people/u_000000000001" => {
            let mut person = ana();
            person["display_name"] = json!("Bo\u{202e}b");
            answer.json(200, "", &json!({ "member": person, "shared_rooms": [] }));
        }
        CHAT => {
            let mut nobody = message(2, "x");
            nobody["author"] = json!("u_000000000002");
            answer.stream(
                &(hello("live", "aaaaaaaa.0", 15_000)
                    + &posted("aaaaaaaa.1", &message(1, "a\u{9b}31m\u{2028}b"))
                    + &posted("aaaaaaaa.2", &nobody)),
            );
            answer.hold();
        }
        other => answer.json(404, "", &problem(404, "not_found", other)),
    });
    let tail = tail(&server, &[]);
    assert_eq!(tail.line(), "hello Ana: live");
    assert_eq!(tail.line(), "2026-11-22 12:00:00 #general Bo\\u{202e}b: a\\u{9b}31m\\u{2028}b");
    assert_eq!(tail.line(), "2026-11-22 12:00:00 #general u_000000000002: x", "an id stands in for a name");
}

#[test]
fn one_room_is_only_that_room() {
    let server = serve(|_, _, answer| {
        let mut elsewhere = message(6, "elsewhere");
        elsewhere["room"] = json!("r_000000000002");
        let other = json!({ "room": "r_000000000002", "message": elsewhere });
        answer.stream(
            &(hello("live", "aaaaaaaa.5", 15_000)
                + &event("message_posted", "aaaaaaaa.6", &other)
                + &posted("aaaaaaaa.7", &message(7, "here"))),
        );
        answer.hold();
    });
    let tail = tail(&server, &["#general"]);
    assert_eq!(tail.line(), "hello Ana: live");
    assert_eq!(tail.line(), shown("here"));
}
