//! The last messages of the room that an invite leads to, as its members see them.

use shared::{message::Message, session::InvitePreview};

use super::{icon::icon, message_body::message_body, preview::side, seal::seal};
use crate::{
    browser::{
        prefs::{doors as w, lang},
        time,
    },
    dom::{El, el},
    state::view::Person,
};

/// The room, as far as the server tells of it.
#[must_use]
pub fn room_preview(preview: &InvitePreview) -> El {
    let room = preview.room.name.as_str();
    let title = el("span").class("bar__title").children([icon("#hash"), el("bdi").class("clip").text(room)]);
    let rows: Vec<El> = preview.messages.iter().map(|message| row(preview, message)).collect();
    let sheet = el("figure").class("sheet").children([
        el("div").class("bar").child(title),
        el("div").class("sheet__said").child(el("ol").children(rows)),
        el("figcaption").child(icon("#eye")).text(w().join_preview),
    ]);
    side(&["# ", room].concat(), sheet)
}

fn row(preview: &InvitePreview, message: &Message) -> El {
    let mut members = preview.people.iter().chain(&preview.authors).chain([&preview.inviter]);
    let author = members.find(|member| member.id == message.author);
    let name = author.map(|member| member.display_name.to_string()).unwrap_or_default();
    let hour = time::parse(&message.posted_at.0)
        .map(|at| el("time").attr("datetime", &*time::machine(at)).text(&time::hour(lang(), at)));
    let by = el("div").class("msg__by").child(el("b").child(el("bdi").text(&name))).child(hour);
    let id = ["peek-", &message.id.to_string()].concat();
    let body = message_body(&id, message.body.as_str(), message.html.as_deref());
    el("li").class("msg").flag("data-head", true).children([
        seal(&Person { id: message.author.to_string(), name }, None),
        el("div").class("msg__main").children([by, body]),
    ])
}
