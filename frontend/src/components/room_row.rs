//! One room in the rail. What it carries is also said in words, for those who cannot see weight and icons.

use std::sync::Arc;

use leptos::prelude::*;
use shared::room::RoomKind;

use super::{
    icon::{icon, icon_in},
    presence::{dot, said},
    seal::{crowd, seal},
};
use crate::{
    browser::prefs::{first as w, lang},
    dom::{El, el},
    i18n::fill_n,
    state::view::RoomRow,
};

/// Above this many the badge says so instead of counting (`ux.md` §11).
const COUNT_MAX: u32 = 99;

/// The row of the room `id`, which follows its changes; `open` is the id of the open room.
#[must_use]
pub fn room_row(id: Arc<str>, rooms: ReadSignal<Vec<RoomRow>>, open: Memo<Option<String>>) -> El {
    let wanted = id.clone();
    // A room that has left the list is drawn no more: its row leaves in the same turn.
    let room = Memo::new(move |_| rooms.with(|rooms| rooms.iter().find(|room| *room.id == *wanted).cloned()));
    let has = move |what: fn(&RoomRow) -> bool| room.with(|room| room.as_ref().is_some_and(what));
    let link = el("a")
        .class("row")
        .attr_text_of("href", move || room.get().map(|room| room.path()))
        .attr_of("aria-current", move || open.with(|open| open.as_deref() == Some(&*id)).then_some("page"))
        .flag_of("data-unread", move || has(|room| room.counted() > 0))
        .flag_of("data-muted", move || has(RoomRow::is_muted))
        .swap_all(move || room.get().map(|room| inside(&room)).unwrap_or_default());
    el("li").child(link)
}

/// What stands before a room's name: the lock of a closed one, the number sign, the seals of a direct one.
#[must_use]
pub fn room_icon(room: &RoomRow) -> El {
    match (room.kind, &room.people[..]) {
        (RoomKind::Closed, _) => icon("#lock"),
        (RoomKind::Open, _) => icon("#hash"),
        (RoomKind::Direct, [one]) => seal(one, Some("s")),
        (RoomKind::Direct, people) => crowd(&room.id, people.len()),
    }
}

fn inside(room: &RoomRow) -> Vec<El> {
    let also = |words: &str| el("span").class("sr").text(", ").text(words);
    let level = room.presence;
    let sign = match level {
        Some(_) => room_icon(room).child(dot(move || level)),
        None => room_icon(room),
    };
    let mut parts = vec![sign, el("span").class("row__name clip").child(el("bdi").text(&room.name))];
    parts.extend(level.map(|level| said(move || Some(level))));
    if room.kind == RoomKind::Closed {
        parts.push(also(w().row_private));
    }
    if room.unsent {
        parts.extend([also(w().row_unsent), icon_in("icon row__tag", "#stop").flag("data-bad", true)]);
    } else if room.draft {
        parts.extend([also(w().row_draft), icon_in("icon row__tag", "#pen")]);
    }
    if room.is_muted() {
        parts.extend([also(w().row_muted), icon_in("icon row__tag", "#belloff")]);
    }
    if room.counted() > 0 {
        let n = u64::from(room.unread);
        let words = fill_n(lang().plural(n, w().row_unread_one, w().row_unread), n);
        // What is said to the person alone asks for them.
        let class = if room.kind == RoomKind::Direct { "count count--you" } else { "count" };
        parts.extend([el("span").class(class).attr("aria-hidden", "true").text(&count(room.unread)), also(&words)]);
    }
    parts
}

fn count(n: u32) -> String {
    if n > COUNT_MAX { "99+".to_owned() } else { n.to_string() }
}
