//! The terminal client as a process of its own: `login`, `say` and `tail` against a server that answers by script, so
//! that answers no real server gives on demand (lost, late, wrong, cut in half) are given at the right moment.
//!
//! The same program against the real server, killed and rolled back: `e2e/clients/tail.test.mjs`.

mod login;
mod process;
mod say;
mod script;
mod tail;

use serde_json::{Value, json};

/// The only person.
const ANA: &str = "u_000000000001";
/// The only room, whose slug is `general`.
const ROOM: &str = "r_000000000001";

fn ana() -> Value {
    json!({ "id": ANA, "name": "ana", "display_name": "Ana", "role": "owner", "joined_at": "2026-11-22T12:00:00.000Z",
        "bio": "", "active": true })
}

fn room(last_offset: u64) -> Value {
    json!({ "id": ROOM, "slug": "general", "name": "General", "kind": "open", "member_count": 1,
        "last_offset": last_offset, "rev": 1, "topic": "", "archived": false, "posting": "everyone", "moderator": null, "people": [] })
}

fn snapshot(cursor: &str, last_offset: u64) -> Value {
    let workspace = json!({ "name": "Kitchen", "rooms_by": "everyone", "invites_by": "everyone", "guests": false });
    let my =
        json!({ "language": null, "time_zone": null, "hours": "auto", "shows_presence": true, "shows_typing": true });
    json!({ "cursor": cursor, "me": ana(), "workspace": workspace, "rooms": [room(last_offset)], "members": [ana()],
        "people_count": 1, "reads": [], "involvements": [], "my": my })
}

/// Message `offset`; its id follows from the offset.
fn message(offset: u64, body: &str) -> Value {
    json!({ "id": format!("m_{offset:012}"), "room": ROOM, "author": ANA, "offset": offset, "rev": offset,
        "client_id": "0192f0c1-7a10-7cc0-8d6b-0a1b2c3d4e5f", "body": body, "html": null,
        "posted_at": "2026-11-22T12:00:00.000Z", "deleted": false })
}

fn page(messages: &[Value], more_before: bool) -> Value {
    json!({ "messages": messages, "as_of": "aaaaaaaa.9", "more_before": more_before, "more_after": false })
}

fn problem(status: u16, code: &str, title: &str) -> Value {
    json!({ "type": format!("urn:teahouse:problem:{code}"), "title": title, "status": status, "code": code,
        "request_id": "q1" })
}
