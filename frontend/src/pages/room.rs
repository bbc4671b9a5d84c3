//! The open room: header, strip, timeline and composer, joined with the state of that room.

use std::sync::Arc;

use leptos::prelude::*;

use super::guest::guest_strip;
use crate::{
    browser::{focus, prefs::first as w, scroll::anchor::Held},
    chat::{Chat, use_chat},
    components::{
        announcer::announcer,
        composer::{ComposerEvents, composer},
        connection::connection_strip,
        message_status::Remedies,
        room_header::room_header,
        timeline::{TimelineEvents, timeline},
    },
    dom::{El, effect, el},
    state::view::RoomRow,
};

/// Where rooms were left, as long as the page is open: `(room, place)`, newest last.
#[derive(Clone, Copy, Debug)]
pub struct LeftAt(StoredValue<Vec<(String, Held)>>);

impl Default for LeftAt {
    /// Nothing was left yet.
    fn default() -> Self {
        Self(StoredValue::new(Vec::new()))
    }
}

impl LeftAt {
    /// The place of a room, once.
    fn take(self, room: &str) -> Option<Held> {
        self.0.try_update_value(|all| {
            let at = all.iter().position(|(left, _)| left == room)?;
            Some(all.remove(at).1)
        })?
    }

    fn put(self, room: String, held: Option<Held>) {
        if let Some(held) = held {
            self.0.update_value(|all| all.push((room, held)));
        }
    }
}

/// One room. For another room it is made anew. `focus_composer` is given where that raises no keyboard; `settled` is raised
/// by one when the room has been read (Escape); `back` leads to the rooms, on a phone; `why` to the connection doctor.
pub(super) fn room_pane(
    room: Signal<RoomRow>,
    focus_composer: bool,
    settled: RwSignal<u32>,
    left: LeftAt,
    back: Callback<()>,
    why: Callback<()>,
) -> Vec<El> {
    let chat = use_chat();
    let id: Arc<str> = room.with_untracked(|room| room.id.as_str().into());
    chat.open_room(&id);
    on_cleanup({
        let id = id.clone();
        move || chat.leave_room(&id)
    });
    let view = chat.timeline(&id);
    let name = Signal::derive(move || room.with(|room| room.name.clone()));
    let to_foot = RwSignal::new(0_u32);
    let put_back = RwSignal::new((0_u32, String::new()));
    let typed_at = StoredValue::new(0.0);
    use_settled(chat, id.clone(), settled, to_foot);
    if focus_composer {
        focus::focus_soon("compose");
    }
    let (sent, drafted) = (id.clone(), id.clone());
    let events = ComposerEvents {
        send: Callback::new(move |text| {
            chat.clear_new_line(&sent);
            chat.send(&sent, text);
            to_foot.update(|asked| *asked += 1);
        }),
        draft: Callback::new(move |text| chat.save_draft(&drafted, text)),
    };
    let volatile = move || chat.volatile.get().then(|| el("p").class("compose__volatile").text(w().comp_volatile));
    let mut parts = vec![
        room_header(room, back),
        el("div")
            .children([connection_strip(chat.link, Callback::new(move |()| chat.try_now()), Some(why)), guest_strip()]),
        timeline(view, name, left.take(&id), to_foot, timeline_events(chat, &id, left), remedies(chat, put_back)),
        el("div").child(composer(name, chat.draft(&id), put_back, typed_at, events)).swap(volatile),
    ];
    parts.extend(announcer(view, name, chat.link, typed_at));
    parts
}

fn timeline_events(chat: Chat, room: &Arc<str>, left: LeftAt) -> TimelineEvents {
    let with = |act: fn(Chat, &str)| {
        let room = room.clone();
        Callback::new(move |()| act(chat, &room))
    };
    let (seen, watched, held) = (room.clone(), room.clone(), room.clone());
    TimelineEvents {
        older: with(|chat, room| chat.load_older(room)),
        newer: with(|chat, room| chat.load_newer(room)),
        newest: with(|chat, room| chat.load_newest(room)),
        seen: Callback::new(move |key: String| chat.seen(&seen, &key)),
        watching: Callback::new(move |(at_foot, attended)| chat.watching(&watched, at_foot, attended)),
        left: Callback::new(move |place| left.put(held.to_string(), place)),
    }
}

fn remedies(chat: Chat, put_back: RwSignal<(u32, String)>) -> Remedies {
    Remedies {
        retry: Callback::new(move |key: Arc<str>| {
            chat.retry(&key);
            focus::focus_soon("compose");
        }),
        edit: Callback::new(move |key: Arc<str>| {
            if let Some(text) = chat.take_back(&key) {
                put_back.update(|(number, kept)| {
                    *number += 1;
                    *kept = text;
                });
            }
        }),
        discard: Callback::new(move |key: Arc<str>| {
            chat.discard(&key);
            focus::focus_soon("compose");
        }),
    }
}

/// Escape: the line above what is new goes, and the view goes to the foot.
fn use_settled(chat: Chat, room: Arc<str>, settled: RwSignal<u32>, to_foot: RwSignal<u32>) {
    let mut before = settled.get_untracked();
    effect(move || {
        if std::mem::replace(&mut before, settled.get()) != settled.get_untracked() {
            chat.clear_new_line(&room);
            chat.load_newest(&room);
            to_foot.update(|asked| *asked += 1);
        }
    });
}
