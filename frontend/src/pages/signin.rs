//! `/signin`: a name and a password; where the place lets guests in at the door, a name alone.

mod guest_door;

use leptos::{prelude::*, task::spawn_local};

use self::guest_door::GuestDoor;
use super::{
    Draw,
    wrong::{Part, Wrongs},
};
use crate::{
    api,
    app::JustLeft,
    browser::{focus, page, prefs::doors as w},
    chat::use_chat,
    components::{
        door::{door, end, form},
        field::{Field, Kind},
    },
    dom::{effect, el},
    i18n::fill,
};

/// The page.
#[must_use]
pub fn sign_in() -> Draw {
    let chat = use_chat();
    // Followed, since another tab can bring this page here before the sign-out that is under way in this one is through.
    let left = use_context::<JustLeft>();
    let (name, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (wrongs, busy) = (Wrongs::new(), RwSignal::new(false));
    let guest = GuestDoor::new();
    effect(|| focus::focus_soon("name"));
    let send = Callback::new(move |()| {
        if wrongs.must_wait() {
            return;
        }
        wrongs.clear();
        busy.set(true);
        spawn_local(async move {
            let answer = api::sign_in(&name.get_untracked(), &password.get_untracked()).await;
            busy.set(false);
            match answer {
                Ok(signed_in) => chat.signed_in(signed_in),
                Err(error) => {
                    wrongs.take(&error);
                    // Emptied, and focused, so that the next thing typed is the next try.
                    password.set(String::new());
                    focus::focus_soon("password");
                }
            }
        });
    });
    let waiting = Signal::derive(move || busy.get() || wrongs.must_wait());
    Box::new(move || {
        let title = move || match chat.place.get() {
            place if place.is_empty() => w().in_title_bare.to_owned(),
            place => fill(w().in_title, &[("team", &place)]),
        };
        effect(move || page::set_title(&title()));
        let lead = move || if left.is_some_and(|left| left.0.get()) { w().in_again } else { w().in_lead2 }.to_owned();
        let with_account = move || {
            let fields = vec![
                Field::new("name", w().in_name, Kind::Name, "username").draw(name, wrongs.of(Part::Name)),
                Field::new("password", w().in_password, Kind::Password, "current-password")
                    .draw(password, wrongs.of(Part::Password)),
            ];
            vec![
                el("h1").text_of(title),
                el("p").class("door__lead").text_of(lead),
                end(form(waiting, send).children(fields), wrongs.of(Part::Whole), w().in_go, waiting),
                el("p").class("door__note").text(w().in_forgot),
            ]
        };
        let side = move || if guest.is_open() { guest.draw() } else { with_account() };
        let inside = el("div").class("door__inside").swap_all(side).child(guest.way());
        vec![door(chat.place, None, vec![inside])]
    })
}
