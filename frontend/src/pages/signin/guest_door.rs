//! The other side of `/signin`, where the place lets guests in at the door: a name alone.

use leptos::{prelude::*, task::spawn_local};
use shared::text::SignInName;

use crate::{
    api,
    browser::{focus, prefs::doors as w},
    chat::use_chat,
    components::{
        door::{end, form},
        field::{Field, Kind},
    },
    dom::{El, button, el},
    pages::wrong::{Part, Wrongs},
};

/// What is typed, and what comes of it.
#[derive(Clone, Copy)]
pub(super) struct GuestDoor {
    /// The place lets guests in.
    allowed: RwSignal<bool>,
    /// This side of the door is shown.
    open: RwSignal<bool>,
    name: RwSignal<String>,
    wrongs: Wrongs,
    busy: RwSignal<bool>,
}

impl GuestDoor {
    /// Asks whether the place lets guests in; until it has said so nothing offers it.
    pub(super) fn new() -> Self {
        let (allowed, open) = (RwSignal::new(false), RwSignal::new(false));
        spawn_local(async move {
            if let Ok(state) = api::setup_state().await {
                allowed.try_set(state.guests);
            }
        });
        Self { allowed, open, name: RwSignal::new(String::new()), wrongs: Wrongs::new(), busy: RwSignal::new(false) }
    }

    pub(super) fn is_open(self) -> bool {
        self.open.get()
    }

    /// Leads from one side to the other.
    pub(super) fn way(self) -> El {
        let turn = move |open: bool| {
            self.wrongs.clear();
            self.open.set(open);
            focus::focus_soon("name");
        };
        let way = move || {
            let (open, allowed) = (self.open.get(), self.allowed.get());
            let words = if open { w().join_have } else { w().guest_door };
            (open || allowed).then(|| button("btn btn--wide").text(words).press(move || turn(!open)))
        };
        el("div").swap(way)
    }

    pub(super) fn draw(self) -> Vec<El> {
        let chat = use_chat();
        let send = Callback::new(move |()| {
            if self.wrongs.must_wait() {
                return;
            }
            self.wrongs.clear();
            let typed = self.name.get_untracked();
            self.wrongs.judge_name(Part::Name, &typed);
            let Ok(name) = SignInName::parse(typed) else { return };
            self.busy.set(true);
            spawn_local(async move {
                let answer = api::enter_as_guest(name).await;
                self.busy.set(false);
                match answer {
                    Ok(signed_in) => chat.signed_in(signed_in),
                    Err(error) => {
                        self.wrongs.take(&error);
                        focus::focus_soon("name");
                    }
                }
            });
        });
        let waits = Signal::derive(move || self.busy.get() || self.wrongs.must_wait());
        let name =
            Field::new("name", w().setup_you, Kind::Name, "username").draw(self.name, self.wrongs.of(Part::Name));
        vec![
            el("h1").text(w().guest_door),
            el("p").class("door__lead").text(w().guest_door_b),
            end(form(waits, send).child(name), self.wrongs.of(Part::Whole), w().join_guest_go, waits),
        ]
    }
}
