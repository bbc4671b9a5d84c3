//! Making a room: name, address, kind, topic, and who is in it from the start.

use std::time::Duration;

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};
use shared::{
    id::MemberId,
    request::CreateRoom,
    room::RoomKind,
    text::{RoomName, RoomTopic},
};

use super::{
    room_people::source,
    wrong::{Part, Wrong, Wrongs},
};
use crate::{
    api,
    browser::{focus, letters},
    chat::use_chat,
    components::room_form::{Free, NewRoom, new_room},
    dom::{El, effect},
    state::names::Names,
    text::slug::slug_of,
};

/// An address is asked for so long after the last letter, in milliseconds.
const ASK_MS: u64 = 300;

/// The dialog.
pub(crate) fn new_room_overlay(open: RwSignal<bool>, go: Callback<(String, bool)>) -> El {
    let chat = use_chat();
    let [name, slug, topic] = [(); 3].map(|()| RwSignal::new(String::new()));
    let (edited, kind) = (RwSignal::new(false), RwSignal::new(RoomKind::Open));
    let (names, free) = (RwSignal::new(Names::default()), RwSignal::new(Free::Unknown));
    let (wrongs, busy) = (Wrongs::new(), RwSignal::new(false));
    effect(move || {
        if open.get() {
            wrongs.clear();
            for text in [name, slug, topic] {
                text.set(String::new());
            }
            edited.set(false);
            kind.set(RoomKind::Open);
            names.set(Names::default());
            focus::focus_soon("room-new-name");
        }
    });
    // The address follows the name until it is edited.
    effect(move || {
        let made = slug_of(&letters::lowered(&name.get()));
        if !edited.get() {
            slug.set(made);
        }
    });
    use_free(slug, free);
    let send = Callback::new(move |()| {
        wrongs.clear();
        wrongs.judge_name(Part::Name, &name.get_untracked());
        let parsed = (RoomName::parse(name.get_untracked()), RoomTopic::parse(topic.get_untracked()));
        let (Ok(name), Ok(topic)) = parsed else {
            if RoomTopic::parse(topic.get_untracked()).is_err() {
                wrongs.set(Part::Topic, Some(Wrong::TopicLong));
            }
            return focus::focus_soon("room-new-name");
        };
        let slug = Some(slug.get_untracked()).filter(|slug| edited.get_untracked() && !slug.is_empty());
        let members = names.with_untracked(Names::ids);
        busy.set(true);
        spawn_local(async move {
            let kind = kind.get_untracked();
            let answer = api::make_room(&CreateRoom { name: Some(name), kind, slug, topic, members }).await;
            busy.set(false);
            match answer {
                Ok(made) => {
                    open.set(false);
                    go.run((["/rooms/", &made.room.slug].concat(), false));
                }
                Err(error) => wrongs.take(&error),
            }
        });
    });
    let nobody = Signal::derive(move || {
        let me = chat.me.with(|me| me.as_ref().and_then(|me| me.id.parse::<MemberId>().ok()));
        me.into_iter().collect::<Vec<_>>()
    });
    new_room(NewRoom {
        open,
        name,
        slug,
        edited,
        topic,
        kind,
        free: free.into(),
        names,
        source: source(nobody),
        busy: busy.into(),
        wrong_name: wrongs.of(Part::Name),
        wrong_slug: wrongs.of(Part::Slug),
        wrong_topic: wrongs.of(Part::Topic),
        wrong: wrongs.of(Part::Whole),
        send,
    })
}

/// Asks whether an address is free, as far as the person can see.
fn use_free(slug: RwSignal<String>, free: RwSignal<Free>) {
    let mut waiting = None::<TimeoutHandle>;
    effect(move || {
        let wanted = slug.get();
        free.set(Free::Unknown);
        if let Some(waiting) = waiting.take() {
            waiting.clear();
        }
        if wanted.is_empty() {
            return;
        }
        let ask = move || {
            spawn_local(async move {
                let found = match api::room_by_slug(&wanted).await {
                    Ok(_) => Free::Taken,
                    Err(error) if error.status() == Some(404) => Free::Free,
                    Err(_) => Free::Unknown,
                };
                // An answer about what is not typed any more says nothing.
                if slug.try_with_untracked(|slug| *slug == wanted) == Some(true) {
                    free.set(found);
                }
            });
        };
        waiting = set_timeout_with_handle(ask, Duration::from_millis(ASK_MS)).ok();
    });
}
