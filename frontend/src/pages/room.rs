//! The open room: header, strip, timeline and composer, joined with the state of that room.

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};
use shared::policy::RoomAction;

use super::{guest::guest_strip, panel::Panel, trouble::trouble};
use crate::{
    browser::{clipboard, focus, page, prefs::first as w, scroll::anchor::Held},
    chat::{Chat, use_chat},
    components::{
        announcer::announcer,
        composer::{ComposerEvents, composer},
        connection::connection_strip,
        delete_message::{Asked, delete_message},
        message_menu::MessageActs,
        message_status::Remedies,
        read_only::read_only,
        room_header::{HeaderEvents, room_header},
        timeline::{TimelineEvents, timeline},
        timeline_rows::Beginning,
        typing_line::typing_line,
    },
    dom::{El, effect, el},
    later::{self, Screen},
    state::view::{Deletable, RoomRow},
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

/// What the pane of a room is made of.
#[derive(Clone, Copy)]
pub(super) struct Pane {
    pub(super) room: Signal<RoomRow>,
    /// Focus goes to the composer: where that raises no keyboard.
    pub(super) focus_composer: bool,
    /// Raised by one when the room has been read (Escape).
    pub(super) settled: RwSignal<u32>,
    pub(super) left: LeftAt,
    /// The place of the message that the address leads to.
    pub(super) at: Memo<Option<u64>>,
    /// Leads to the rooms, on a phone.
    pub(super) back: Callback<()>,
    pub(super) panel: Panel,
    /// Opens the connection doctor.
    pub(super) why: RwSignal<bool>,
}

/// One room. For another room it is made anew.
pub(super) fn room_pane(pane: Pane) -> Vec<El> {
    let chat = use_chat();
    let Pane { room, left, back, why, .. } = pane;
    let id: Arc<str> = room.with_untracked(|room| room.id.as_str().into());
    chat.open_room(&id, pane.at.get_untracked());
    use_jumps(chat, id.clone(), pane.at);
    on_cleanup({
        let id = id.clone();
        move || {
            // What stands in its place while it can be undone leaves it when the person goes on.
            if room.with_untracked(|room| room.farewell.is_none()) {
                chat.leave_room(&id);
            }
        }
    });
    // What can be undone cannot be once the page is gone.
    page::on_hiding(move || chat.seal());
    let view = chat.timeline(&id);
    let title = Signal::derive(move || room.with(RoomRow::title));
    let about = Signal::derive(move || {
        room.with(|room| match room.topic.is_empty() && room.may(RoomAction::Change) {
            true => w().empty_room_b.to_owned(),
            false => room.topic.clone(),
        })
    });
    let to_foot = RwSignal::new(0_u32);
    let put_back = RwSignal::new((0_u32, String::new()));
    let typed_at = StoredValue::new(0.0);
    let (asked, said, said_no) = (RwSignal::new(None), RwSignal::new(String::new()), RwSignal::new(None));
    use_settled(chat, id.clone(), pane.settled, to_foot);
    if pane.focus_composer
        && pane.at.get_untracked().is_none()
        && room.with_untracked(|room| room.may(RoomAction::Post))
    {
        focus::focus_soon("compose");
    }
    let (sent, drafted, typed, chosen) = (id.clone(), id.clone(), id.clone(), id.clone());
    let events = ComposerEvents {
        send: Callback::new(move |text| {
            chat.clear_new_line(&sent);
            chat.send(&sent, text);
            to_foot.update(|asked| *asked += 1);
        }),
        draft: Callback::new(move |text| chat.save_draft(&drafted, text)),
        typed: Callback::new(move |text: String| chat.wrote(&typed, &text)),
    };
    let level = Callback::new(move |level| {
        let room = chosen.clone();
        said_no.set(None);
        spawn_local(
            async move { said_no.set(chat.set_involvement(&room, level).await.err().map(|error| trouble(&error))) },
        );
    });
    let header = HeaderEvents { back, side: pane.panel.toggle(), level };
    let acts = acts(chat, &id, put_back, asked, said);
    let typists = id.clone();
    let typing = typing_line(move || chat.typists(&typists));
    let write = {
        let id = id.clone();
        let draft = move || chat.draft(&id);
        let may = move || room.with(|room| (room.may(RoomAction::Post), room.archived));
        let restore = restore(chat, room, said_no);
        el("div").class("foot").child(typing).swap_on(may, move || {
            Some(match untrack(may) {
                (true, _) => composer(title, draft(), put_back, typed_at, events),
                (false, _) => read_only(room, restore),
            })
        })
    };
    let volatile = move || chat.volatile.get().then(|| el("p").class("compose__volatile").text(w().comp_volatile));
    let wrong = move || {
        let words: Option<String> = said_no.get();
        words.map(|words| el("p").class("compose__volatile").attr("role", "alert").text(&words))
    };
    let (again, why) = (Callback::new(move |()| chat.try_now()), Callback::new(move |()| why.set(true)));
    let strip = connection_strip(chat.link, again, Some(why));
    let mut parts = vec![
        room_header(room, pane.panel.side(), header),
        el("div").children([strip, guest_strip()]),
        timeline(view, Beginning { title, about }, left.take(&id), to_foot, timeline_events(chat, &id, left), acts),
        write.swap(volatile).swap(wrong),
        later::part(move || asked.with(Option::is_some), None, move || Screen::Deletion(asked)),
        el("div").class("sr").attr("role", "status").text_of(move || said.get()),
    ];
    parts.extend(announcer(view, title, chat.link, typed_at));
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

/// What can be done to the room's messages. `asked` opens the question before someone else's is deleted, `said` is what is
/// read out.
fn acts(
    chat: Chat,
    room: &Arc<str>,
    put_back: RwSignal<(u32, String)>,
    asked: RwSignal<Option<Asked>>,
    said: RwSignal<String>,
) -> MessageActs {
    let on = |act: fn(Chat, &str, &str)| {
        let room = room.clone();
        Callback::new(move |key: Arc<str>| act(chat, &room, &key))
    };
    let copy = |what: fn(Chat, &str, &str) -> Option<String>| {
        let room = room.clone();
        Callback::new(move |key: Arc<str>| {
            let Some(text) = what(chat, &room, &key) else { return };
            said.set(String::new());
            spawn_local(async move {
                if clipboard::copy_plain(&text).await {
                    said.set(w().invite_copied.to_owned());
                }
            });
        })
    };
    let (deleted, undone) = (room.clone(), room.clone());
    MessageActs {
        remedies: remedies(chat, put_back),
        copy_text: copy(|chat, room, key| chat.message_text(room, key)),
        copy_link: copy(|chat, room, key| Some([&*page::origin(), &chat.message_path(room, key)?].concat())),
        unread: on(|chat, room, key| chat.mark_unread(room, key)),
        delete: Callback::new(move |key: Arc<str>| match chat.deletable(&deleted, &key) {
            (Deletable::Own, _) => chat.delete_message(&deleted, &key),
            (Deletable::Others, author) => {
                let text = chat.message_text(&deleted, &key).unwrap_or_default();
                asked.set(Some(Asked { room: deleted.clone(), key, author, text }));
            }
            (Deletable::No, _) => {}
        }),
        undo: on(|chat, room, key| chat.undelete_message(room, key)),
        undo_last: Callback::new(move |()| chat.undo_last(&undone)),
    }
}

/// The question before someone else's message is deleted.
pub(crate) fn deletion(asked: RwSignal<Option<Asked>>) -> El {
    let chat = use_chat();
    let (busy, wrong) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let delete = Callback::new(move |()| {
        let Some(Asked { room, key, .. }) = asked.get_untracked() else { return };
        busy.set(true);
        wrong.set(None);
        spawn_local(async move {
            let answer = chat.remove_message(&room, &key).await;
            // The room may have been left meanwhile.
            busy.try_set(false);
            match answer {
                Ok(()) => drop(asked.try_set(None)),
                Err(error) => drop(wrong.try_set(Some(trouble(&error)))),
            }
        });
    });
    delete_message(asked, busy.into(), wrong.into(), delete)
}

/// Takes the room out of the archive.
fn restore(chat: Chat, room: Signal<RoomRow>, said_no: RwSignal<Option<String>>) -> Callback<()> {
    Callback::new(move |()| {
        let id = room.with_untracked(|room| room.id.clone());
        said_no.set(None);
        spawn_local(async move { said_no.set(chat.restore_room(&id).await.err().map(|error| trouble(&error))) });
    })
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

/// Another link into the same room.
fn use_jumps(chat: Chat, room: Arc<str>, at: Memo<Option<u64>>) {
    let mut before = at.get_untracked();
    effect(move || {
        let now = at.get();
        let same = std::mem::replace(&mut before, now) == now;
        if let Some(at) = now.filter(|_| !same) {
            chat.jump(&room, at);
        }
    });
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
