//! The settings of the open room: they are saved with a button, because a name changes for everyone.

use leptos::{prelude::*, task::spawn_local};
use shared::{
    member::Circle,
    request::ChangeRoom,
    room::RoomKind,
    text::{RoomName, RoomTopic},
};

use super::wrong::{Part, Wrong, Wrongs};
use crate::{
    browser::focus,
    chat::use_chat,
    components::room_settings::{RoomSettings, room_settings},
    dom::{El, effect},
    state::view::RoomRow,
};

/// The dialog. What was changed and not saved stays as long as the room does.
pub(crate) fn room_settings_overlay(open: RwSignal<bool>, room: Memo<Option<RoomRow>>) -> El {
    let chat = use_chat();
    let [name, slug, topic] = [(); 3].map(|()| RwSignal::new(String::new()));
    let (kind, posting) = (RwSignal::new(RoomKind::Open), RwSignal::new(Circle::Everyone));
    let (wrongs, busy, warned) = (Wrongs::new(), RwSignal::new(false), RwSignal::new(false));
    // Read from the room whenever another one is there, and whenever it is saved.
    let mut of = None::<String>;
    let fill_in = Callback::new(move |()| {
        let Some(room) = room.get_untracked() else { return };
        name.set(room.name);
        slug.set(room.slug);
        topic.set(room.topic);
        kind.set(room.kind);
        posting.set(room.posting);
        wrongs.clear();
        warned.set(false);
    });
    effect(move || {
        let id = room.with(|room| room.as_ref().map(|room| room.id.clone()));
        if open.get() && of != id {
            of = id;
            fill_in.run(());
        }
    });
    let changed = Signal::derive(move || {
        let now = (name.get(), slug.get(), topic.get(), kind.get(), posting.get());
        room.with(|room| {
            let Some(room) = room else { return false };
            now != (room.name.clone(), room.slug.clone(), room.topic.clone(), room.kind, room.posting)
        })
    });
    let save = Callback::new(move |()| {
        let Some(held) = room.get_untracked() else { return };
        wrongs.clear();
        wrongs.judge_name(Part::Name, &name.get_untracked());
        if RoomTopic::parse(topic.get_untracked()).is_err() {
            wrongs.set(Part::Topic, Some(Wrong::TopicLong));
        }
        if wrongs.any() {
            return;
        }
        // Whoever closes a room takes it from everybody else: asked once.
        let closes = held.kind == RoomKind::Open && kind.get_untracked() == RoomKind::Closed;
        if closes && !warned.get_untracked() {
            warned.set(true);
            return focus::focus_soon("room-close-warn");
        }
        let change = ChangeRoom {
            name: RoomName::parse(name.get_untracked()).ok().filter(|name| name.as_str() != held.name),
            slug: Some(slug.get_untracked()).filter(|slug| *slug != held.slug),
            topic: RoomTopic::parse(topic.get_untracked()).ok().filter(|topic| topic.as_str() != held.topic),
            kind: Some(kind.get_untracked()).filter(|kind| *kind != held.kind),
            posting: Some(posting.get_untracked()).filter(|posting| *posting != held.posting),
            archived: None,
        };
        busy.set(true);
        spawn_local(async move {
            let answer = chat.change_room(&held.id, change).await;
            busy.set(false);
            match answer {
                Ok(()) => {
                    warned.set(false);
                    open.set(false);
                }
                Err(error) => wrongs.take(&error),
            }
        });
    });
    let restore = Callback::new(move |()| {
        let Some(held) = room.get_untracked() else { return };
        busy.set(true);
        spawn_local(async move {
            let answer = chat.restore_room(&held.id).await;
            busy.set(false);
            match answer {
                Ok(()) => open.set(false),
                Err(error) => wrongs.take(&error),
            }
        });
    });
    let part = move |act: fn(crate::chat::Chat, &str)| {
        Callback::new(move |()| {
            let id = room.with_untracked(|room| room.as_ref().map(|room| room.id.clone()));
            open.set(false);
            if let Some(id) = id {
                act(chat, &id);
            }
        })
    };
    room_settings(RoomSettings {
        open,
        room,
        name,
        slug,
        topic,
        kind,
        posting,
        changed,
        warned: warned.into(),
        busy: busy.into(),
        wrong_name: wrongs.of(Part::Name),
        wrong_slug: wrongs.of(Part::Slug),
        wrong_topic: wrongs.of(Part::Topic),
        wrong: wrongs.of(Part::Whole),
        save,
        reset: fill_in,
        archive: part(|chat, id| chat.archive_room(id)),
        restore,
        leave: part(|chat, id| chat.leave_for_good(id)),
    })
}
