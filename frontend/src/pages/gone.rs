//! What stands in a room's place: that it is gone, that it was just left, that it is open and could be joined, or that there
//! is none of that name.

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};
use shared::room::{Room, RoomKind};

use super::{chat::FIRST_ROOM, trouble::trouble};
use crate::{
    api,
    browser::{address::use_address, clipboard, focus, prefs::w},
    chat::{Chat, use_chat},
    components::instead::{Draft, Instead, instead, outside},
    dom::{El, el},
    i18n::fill,
    state::view::{Farewell, GoneRoom, Parting, RoomRow},
};

/// What stands in the place of the room `named`, of which `room` is what the person has of it.
pub(crate) fn in_its_place(room: Memo<Option<RoomRow>>, named: Memo<Option<String>>, back: Callback<()>) -> Vec<El> {
    let chat = use_chat();
    let Some(name) = named.get_untracked() else { return Vec::new() };
    if let Some((row, farewell)) = room.get_untracked().and_then(|row| Some((row.clone(), row.farewell?))) {
        return parted(chat, room, &row, farewell, back);
    }
    let gone = chat.gone.get_untracked();
    match gone.filter(|gone| gone.slug == name || gone.id == name) {
        Some(gone) => is_gone(chat, &gone, back),
        None => look_for(name, back),
    }
}

/// The room was left or archived here a moment ago.
fn parted(chat: Chat, room: Memo<Option<RoomRow>>, row: &RoomRow, farewell: Farewell, back: Callback<()>) -> Vec<El> {
    let words = if farewell.parting == Parting::Left { w().room_left_t } else { w().room_archived_t };
    let id: Arc<str> = row.id.as_str().into();
    let seconds = Signal::derive(move || room.with(|room| room.as_ref()?.farewell?.undo_s));
    let undone = id.clone();
    let undo = (seconds, Callback::new(move |()| chat.undo_last(&undone)));
    // Going on means it.
    on_cleanup(move || chat.leave_room(&id));
    focus::focus_soon("instead");
    instead(Instead { title: fill(words, &[("room", &row.title())]), undo: Some(undo), ..standard(chat, back) })
}

/// The room is not the person's any more.
fn is_gone(chat: Chat, gone: &GoneRoom, back: Callback<()>) -> Vec<El> {
    let words = if gone.left { w().room_left_t } else { w().gone_t };
    let note = match (gone.left, gone.kind) {
        (true, RoomKind::Open) => w().gone_b_open,
        _ => w().gone_b,
    };
    // The composer has kept it when it went away, also what was typed in its last moment.
    let kept = chat.draft(&gone.id);
    let draft = (!kept.is_empty()).then(|| {
        let text = kept.clone();
        let copy = Callback::new(move |()| {
            let text = text.clone();
            spawn_local(async move {
                clipboard::copy_plain(&text).await;
            });
        });
        Draft { text: kept.clone(), copy }
    });
    focus::focus_soon("instead");
    let title = fill(words, &[("room", &gone.title())]);
    instead(Instead { title, note: Some(note), draft, ..standard(chat, back) })
}

/// Asks the server for a room that is not among the person's: an open one can be joined, an old address leads on.
fn look_for(name: String, back: Callback<()>) -> Vec<El> {
    let address = use_address();
    let found = RwSignal::new(None::<Option<Arc<Room>>>);
    spawn_local(async move {
        let answer = api::room_by_slug(&name).await;
        match answer {
            Ok(view) if view.joined => address.go(&["/rooms/", &view.room.slug].concat(), true),
            Ok(view) => drop(found.try_set(Some(Some(Arc::new(view.room))))),
            Err(_) => drop(found.try_set(Some(None))),
        }
    });
    let pane = el("div").class("room__whole").swap_all(move || match found.get() {
        None => Vec::new(),
        Some(Some(room)) => outside_of(&room, back),
        Some(None) => nowhere(back),
    });
    vec![pane]
}

/// There is nothing at this address that the person may see.
pub(crate) fn nowhere(back: Callback<()>) -> Vec<El> {
    let title = w().room_gone_t.to_owned();
    instead(Instead { title, note: Some(w().room_gone_b), announced: true, ..standard(use_chat(), back) })
}

/// An open room, from outside.
fn outside_of(room: &Arc<Room>, back: Callback<()>) -> Vec<El> {
    let (busy, wrong) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let id = room.id;
    let join = Callback::new(move |()| {
        busy.set(true);
        wrong.set(None);
        spawn_local(async move {
            // The room comes with its fact, and takes this place.
            if let Err(error) = api::join_room(id).await {
                wrong.set(Some(trouble(&error)));
                busy.set(false);
            }
        });
    });
    outside(room, busy.into(), wrong.into(), join, back)
}

/// With the way to the first of the person's rooms.
fn standard(chat: Chat, back: Callback<()>) -> Instead {
    let first = Signal::derive(move || {
        let first = |rooms: &Vec<RoomRow>| {
            let listed = || rooms.iter().filter(|room| room.listed && room.farewell.is_none());
            let first = listed().find(|room| room.slug == FIRST_ROOM).or_else(|| listed().next());
            first.map(|room| (room.path(), room.title()))
        };
        chat.rooms.with(first)
    });
    Instead { title: String::new(), note: None, draft: None, undo: None, announced: false, go: first, back }
}
