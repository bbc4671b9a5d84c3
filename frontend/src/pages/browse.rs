//! `/rooms`: all rooms that the person is in or could join, with a filter, and joining in place.

use std::time::Duration;

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};
use shared::{id::RoomId, policy::WorkspaceAction};

use super::wrong::Wrong;
use crate::{
    api,
    browser::{focus, prefs::lang},
    chat::use_chat,
    components::rooms_page::{RoomsPage, rooms_page},
    dom::{El, effect},
    state::directory::{Rooms, Show, Standing, Wish},
};

/// What is typed is asked for so long after the last letter, in milliseconds.
const TYPED_MS: u64 = 150;

/// The page. `new_room` opens the dialog, `back` leads to the person's own rooms, on a phone.
pub(crate) fn browse(new_room: RwSignal<bool>, back: Callback<()>) -> Vec<El> {
    let chat = use_chat();
    let (rooms, query) = (RwSignal::new(Rooms::default()), RwSignal::new(String::new()));
    let (show, wrong) = (RwSignal::new(Show::All), RwSignal::new(None::<Wrong>));
    let load = Callback::new(move |wish: Wish| {
        spawn_local(async move {
            let page = api::directory(wish.show.word(), &wish.query, wish.after).await.ok();
            rooms.try_update(|rooms| rooms.answered(&wish, page));
        });
    });
    let ask = Callback::new(move |()| {
        let (show, query) = (show.get_untracked(), query.get_untracked());
        if let Some(wish) = rooms.try_update(|rooms| rooms.ask(show, &query)) {
            load.run(wish);
        }
    });
    let more = Callback::new(move |()| {
        let (show, query) = (show.get_untracked(), query.get_untracked());
        if let Some(wish) = rooms.try_update(|rooms| rooms.more(show, &query)).flatten() {
            load.run(wish);
        }
    });
    let join = Callback::new(move |room: RoomId| {
        wrong.set(None);
        rooms.update(|rooms| rooms.stand(room, Standing::Joining));
        spawn_local(async move {
            let answer = api::join_room(room).await;
            let stands = if answer.is_ok() { Standing::In } else { Standing::Outside };
            rooms.try_update(|rooms| rooms.stand(room, stands));
            if let Err(error) = answer {
                wrong.try_set(Some(Wrong::of(&error)));
            }
        });
    });
    let (mut shown, mut waiting) = (None, None::<TimeoutHandle>);
    effect(move || {
        query.track();
        let turned = shown.replace(show.get()) != Some(show.get());
        if let Some(waiting) = waiting.take() {
            waiting.clear();
        }
        if turned {
            return ask.run(());
        }
        let later = move || {
            ask.try_run(());
        };
        waiting = set_timeout_with_handle(later, Duration::from_millis(TYPED_MS)).ok();
    });
    focus::focus_soon("browse-title");
    let make = Signal::derive(move || chat.may(WorkspaceAction::MakeRoom));
    let wrong = Signal::derive(move || wrong.get().map(|wrong| wrong.sentence(lang())));
    let new_room = Callback::new(move |()| new_room.set(true));
    rooms_page(RoomsPage { rooms, query, show, wrong, make, new_room, join, more, again: ask, back })
}
