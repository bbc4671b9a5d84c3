//! `teahouse say`: one message, whatever happens to its answer.

use serde_json::json;
use shared::limits::BODY_MAX_BYTES;

use super::{
    message, problem,
    process::Home,
    script::{Answer, Script},
};

const POST: &str = "POST /api/rooms/general/messages";

fn created(answer: &mut Answer) {
    answer.json(201, "", &json!({ "message": message(7, "hello"), "cursor": "aaaaaaaa.7" }));
}

#[test]
fn a_message_is_posted_in_silence() {
    let server = Script::start(|_, _, answer| created(answer));
    let home = Home::signed_in(&server.url);
    let ended = home.run(&["say", "#general", "hello", "there"]);
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(0), "", ""));
    let sent = &server.requests(POST)[0];
    assert_eq!(sent.json()["body"], "hello there");
    assert_eq!(sent.header("authorization"), Some("Bearer t0k3n"));
    let client_id = sent.json()["client_id"].as_str().expect("a key").to_owned();
    assert_eq!(client_id.as_bytes()[14], b'7', "a UUID of version 7");
}

#[test]
fn a_pipe_is_one_message() {
    let server = Script::start(|_, _, answer| created(answer));
    let home = Home::signed_in(&server.url);
    let ended = home.run_with_input(&["say", "general", "-", "--json"], "one\n\n  two 茶\n");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let sent = server.requests(POST)[0].json();
    assert_eq!(sent["body"], "one\n\n  two 茶");
    let printed: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!(printed, json!({ "cursor": "aaaaaaaa.7", "id": "m_000000000007", "client_id": sent["client_id"] }));
}

#[test]
fn a_lost_answer_and_a_busy_server_are_tried_again_with_the_same_key() {
    let server = Script::start(|_, number, answer| match number {
        0 => {} // The connection closes without an answer.
        1 => answer.write("HTTP/1.1 201 Created\r\ncontent-length: 500\r\n\r\n{\"mess"),
        2 => answer.json(503, "", &problem(503, "unavailable", "Later.")),
        3 => answer.json(429, "retry-after: 1\r\n", &problem(429, "rate_limited", "Slower.")),
        _ => created(answer),
    });
    let ended = Home::signed_in(&server.url).run(&["say", "general", "hello"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""));
    assert_eq!(ended.stderr.matches("; trying again in ").count(), 4, "{ended:?}");
    let requests = server.requests(POST);
    assert_eq!(requests.len(), 5);
    assert!(requests.iter().all(|request| request.json() == requests[0].json()));
}

#[test]
fn a_wait_beyond_the_minute_is_not_waited() {
    let far = "retry-after: 3600\r\n";
    for (status, code, said) in [
        (429, "rate_limited", "the message was not stored"),
        (503, "unavailable", "it is not known whether the message was stored. The same command with --client-id "),
    ] {
        let server = Script::start(move |_, _, answer| answer.json(status, far, &problem(status, code, "Later.")));
        let ended = Home::signed_in(&server.url).run(&["say", "general", "hello"]);
        assert_eq!(ended.code, Some(3), "{status}: {ended:?}");
        assert!(ended.stderr.contains(said), "{status}: {ended:?}");
    }
}

#[test]
fn a_refusal_is_final_and_said() {
    for (status, code, exit) in [
        (400, "blank", 1),
        (401, "not_signed_in", 4),
        (403, "forbidden", 1),
        (404, "not_found", 1),
        (409, "client_id_reused", 1),
        (413, "payload_too_large", 1),
    ] {
        let server = Script::start(move |_, _, answer| answer.json(status, "", &problem(status, code, "A reason.")));
        let ended = Home::signed_in(&server.url).run(&["say", "general", "hello"]);
        assert_eq!(ended.code, Some(exit), "{status}: {ended:?}");
        assert_eq!(server.requests(POST).len(), 1, "{status}");
        if exit == 1 {
            assert_eq!(ended.stderr, "teahouse: A reason.\n");
        } else {
            assert!(ended.stderr.contains(&format!("run `teahouse login {}/`", server.url)), "{ended:?}");
        }
    }
}

#[test]
fn what_cannot_be_a_message_is_not_sent() {
    let server = Script::start(|_, _, answer| created(answer));
    let home = Home::signed_in(&server.url);
    let long = "x".repeat(BODY_MAX_BYTES + 1);
    for (words, input) in [
        (vec!["say", "general", " \u{200b}"], ""),
        (vec!["say", "general", "\u{1b}[31m"], ""),
        (vec!["say", "general", "-"], ""),
        (vec!["say", "general", "-"], "a\0b"),
        (vec!["say", "general", "-"], long.as_str()),
        (vec!["say", "general"], ""),
    ] {
        assert_eq!(home.run_with_input(&words, input).code, Some(2), "{words:?}");
    }
    let ended = Home::new().run(&["say", "general", "hello"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(ended.stderr.starts_with("teahouse: not signed in"), "{ended:?}");
    assert!(server.requests(POST).is_empty());
}

#[test]
fn a_key_of_ones_own_is_sent_as_it_is() {
    let server = Script::start(|_, _, answer| created(answer));
    let key = "0192f0c1-7a10-7cc0-8d6b-0a1b2c3d4e5f";
    let ended = Home::signed_in(&server.url).run(&["say", "general", "hello", "--client-id", key]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(server.requests(POST)[0].json()["client_id"], key);
}
