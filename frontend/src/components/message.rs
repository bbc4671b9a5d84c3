//! One message: seal, name and time for the first of a group, the hour in the gutter for those that follow.

use std::sync::Arc;

use leptos::prelude::*;

use super::{
    icon::icon, message_body::message_body, message_menu::MessageActs, message_status::message_status, seal::seal,
};
use crate::{
    browser::{
        prefs::{first as w, lang},
        time,
    },
    dom::{El, button, el},
    state::view::{MessageRow, Row, Status},
};

/// A row of the timeline. It changes in place: from being sent to sent, or when the message is edited.
#[derive(Clone, Copy)]
pub(super) struct Cell(pub(super) RwSignal<Arc<Row>>);

impl Cell {
    /// Something of the message, tracked. A key never changes its kind, so a row that is none has nothing to say.
    fn get<T: Default>(self, of: impl FnOnce(&MessageRow) -> T) -> T {
        self.0.with(|row| if let Row::Message(message) = &**row { of(message) } else { T::default() })
    }

    /// The same, drawn from: not tracked.
    fn draw<T: Default>(self, of: impl FnOnce(&MessageRow) -> T) -> T {
        self.0.with_untracked(|row| if let Row::Message(message) = &**row { of(message) } else { T::default() })
    }
}

/// The row of the message `key`, with what can be done when it was not sent, or deleted just now.
pub(super) fn message(key: &Arc<str>, cell: Cell, acts: MessageActs) -> El {
    let by = move || cell.get(|row| (row.head, row.at_ms, Some(row.author.clone())));
    let said = move || cell.get(|row| (row.gone, row.undo_s.is_some(), row.body.clone(), row.html.clone()));
    let ids = ["by-", "said-", "at-"].map(|part| [part, key].concat());
    let row = el("li")
        .attr_of("class", move || Some(cell.get(class)))
        .attr("data-key", &**key)
        .flag_of("data-head", move || cell.get(|row| row.head))
        .attr("tabindex", "-1")
        .attr("aria-labelledby", &*ids.join(" "));
    let [by_id, said_id, at_id] = ids;
    let (hour_id, head_id, failed, deleted) = (at_id.clone(), at_id, key.clone(), key.clone());
    let body = move || {
        if cell.draw(|row| row.undo_s.is_some()) {
            return Some(undo(&deleted, &said_id, cell, acts));
        }
        cell.draw(|row| Some(body(row, &said_id)))
    };
    let main = el("div")
        .class("msg__main")
        .swap_on(by, move || cell.draw(|row| Some(author(row, &by_id, &head_id))))
        .swap_on(said, body)
        .swap_on(move || cell.get(|row| row.edited_ms), move || cell.draw(|row| row.edited_ms.map(edited)))
        .swap_on(
            move || cell.get(|row| Some(row.status)),
            move || cell.draw(|row| message_status(&failed, row.status, acts.remedies)),
        );
    row.swap_on(by, move || cell.draw(|row| Some(gutter(row, &hour_id)))).child(main)
}

fn class(row: &MessageRow) -> &'static str {
    match (row.status, row.gone) {
        (_, true) => "msg msg--gone",
        (Status::Slow | Status::Queued, _) => "msg msg--quiet",
        (Status::Failed(_), _) => "msg msg--failed",
        _ => "msg",
    }
}

fn gutter(row: &MessageRow, at_id: &str) -> El {
    if row.head {
        return seal(&row.author, None).attr("data-person", &*row.author.id);
    }
    moment(row.at_ms, at_id, &time::short_hour(lang(), row.at_ms)).class("msg__hour")
}

fn author(row: &MessageRow, by_id: &str, at_id: &str) -> El {
    let name = el("bdi").text(&row.author.name);
    if !row.head {
        return el("span").class("sr").id(by_id).child(name).text(", ");
    }
    let at = moment(row.at_ms, at_id, &time::hour(lang(), row.at_ms));
    // One tab stop is the whole list: the name is reached from its message, with →.
    let who = button("who").attr("tabindex", "-1").attr("data-person", &*row.author.id).child(name);
    el("div").class("msg__by").children([el("b").id(by_id).child(who), at])
}

/// The moment of a message, with the full date as its title.
fn moment(at_ms: i64, id: &str, hour: &str) -> El {
    el("time").id(id).attr("datetime", &*time::machine(at_ms)).attr("title", &*time::full(lang(), at_ms)).text(hour)
}

/// "(edited)", with the moment as its title.
fn edited(at_ms: i64) -> El {
    el("span").class("tag").attr("title", &*time::full(lang(), at_ms)).text("(").text(w().msg_edited).text(")")
}

/// What it says, or what is left of it when it was deleted.
fn body(row: &MessageRow, id: &str) -> El {
    if !row.gone {
        return message_body(id, &row.body, row.html.as_deref());
    }
    el("div").class("said").id(id).children([icon("#trash"), el("span").text(w().msg_deleted)])
}

/// It has just been deleted here: for a few seconds that can be undone. The number is for the eye.
fn undo(key: &Arc<str>, id: &str, cell: Cell, acts: MessageActs) -> El {
    let seconds = move || cell.get(|row| row.undo_s).map(|left| left.to_string()).unwrap_or_default();
    let key = key.clone();
    let back = button("btn btn--small btn--text")
        .child(icon("#again"))
        .text(w().del_undo)
        .press(move || acts.undo.run(key.clone()));
    el("div").class("said undo").id(id).children([
        icon("#trash"),
        el("span").attr("role", "status").text(w().del_done),
        back,
        el("span").class("num").attr("aria-hidden", "true").text_of(seconds),
    ])
}
