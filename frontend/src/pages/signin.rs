//! `/signin`: a name and a password.

use leptos::{prelude::*, task::spawn_local};

use super::wrong::{Part, Wrongs};
use crate::{
    api,
    app::JustLeft,
    browser::{
        focus, page,
        prefs::{t, text},
    },
    chat::use_chat,
    components::{
        door::{Door, DoorForm},
        field::{Field, Kind},
    },
    i18n::fill,
};

/// The page.
#[component]
pub fn SignIn() -> impl IntoView {
    let chat = use_chat();
    let left = use_context::<JustLeft>().is_some_and(|left| left.0.get_untracked());
    let (name, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let wrongs = Wrongs::new();
    let busy = RwSignal::new(false);
    let title = text(move |lang| match chat.place.get() {
        place if place.is_empty() => lang.words().in_title_bare.to_owned(),
        place => fill(lang.words().in_title, &[("team", &place)]),
    });
    Effect::new(move |_| page::set_title(&title.get()));
    Effect::new(move |_| focus::focus_soon("name"));
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
    view! {
        <Door place=chat.place>
            <h1>{title}</h1>
            <p class="door__lead">{t(if left { |w| w.in_again } else { |w| w.in_lead2 })}</p>
            <DoorForm go=t(|w| w.in_go) busy=Signal::derive(move || busy.get() || wrongs.must_wait()) wrong=wrongs.of(Part::Whole) on_send=send>
                <Field id="name" label=t(|w| w.in_name) value=name kind=Kind::Name autocomplete="username" wrong=wrongs.of(Part::Name)/>
                <Field
                    id="password"
                    label=t(|w| w.in_password)
                    value=password
                    kind=Kind::Password
                    autocomplete="current-password"
                    wrong=wrongs.of(Part::Password)
                />
            </DoorForm>
        </Door>
    }
}
