//! A new direct message: choosing people begins nothing, *Start* does (`ux.md` §15).

use leptos::{prelude::*, task::spawn_local};
use shared::{id::MemberId, limits::DIRECT_PEOPLE_MAX};

use super::{cards::direct_path, room_people::source, wrong::Wrong};
use crate::{
    browser::{focus, prefs::lang},
    chat::use_chat,
    components::direct_form::{NewDirect, new_direct},
    dom::{El, effect},
    state::names::Names,
};

/// The dialog.
pub(crate) fn new_direct_overlay(open: RwSignal<bool>, go: Callback<(String, bool)>) -> El {
    let chat = use_chat();
    let (names, busy) = (RwSignal::new(Names::default()), RwSignal::new(false));
    let wrong = RwSignal::new(None::<Wrong>);
    effect(move || {
        if open.get() {
            names.set(Names::default());
            wrong.set(None);
            focus::focus_soon("direct-names");
        }
    });
    let leads_to = move |path: String| {
        open.set(false);
        go.run((path, false));
    };
    // A room where nothing was said yet is one for whoever opens it again, and none for anybody else.
    let there = Signal::derive(move || {
        chat.rooms.track();
        names.with(|names| !names.chosen.is_empty()) && chat.direct_room(&names.with(Names::ids)).is_some()
    });
    let start = Callback::new(move |()| {
        let people = names.with_untracked(Names::ids);
        if people.is_empty() || people.len() >= DIRECT_PEOPLE_MAX {
            return;
        }
        busy.set(true);
        wrong.set(None);
        spawn_local(async move {
            let answer = direct_path(chat, people).await;
            busy.set(false);
            match answer {
                Ok(path) => leads_to(path),
                Err(error) => wrong.set(Some(Wrong::of(&error))),
            }
        });
    });
    let me = Signal::derive(move || {
        let me = chat.me.with(|me| me.as_ref().and_then(|me| me.id.parse::<MemberId>().ok()));
        me.into_iter().collect::<Vec<_>>()
    });
    let wrong = Signal::derive(move || wrong.get().map(|wrong| wrong.sentence(lang())));
    new_direct(NewDirect { open, names, source: source(me), there, busy: busy.into(), wrong, start })
}
