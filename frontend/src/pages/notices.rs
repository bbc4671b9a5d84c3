//! What lies over the place: settings, invitations, and the notices that stop everything until the person acts.

use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::wrong::{Part, Wrongs};
use crate::{
    api,
    app::JustLeft,
    browser::{focus, page, time},
    chat::use_chat,
    components::{
        invite::{Invite, Made},
        notice::{SignedOutNotice, TooOldNotice},
        settings::Settings,
    },
    state::view::Notice,
};

/// All dialogs of the place.
#[component]
pub fn Overlays(
    /// The settings are open.
    settings: RwSignal<bool>,
    /// The invitations are open.
    invite: RwSignal<bool>,
) -> impl IntoView {
    let chat = use_chat();
    let too_old = move || chat.notice.get() == Some(Notice::TooOld);
    view! {
        <SettingsOverlay open=settings/>
        <InviteOverlay open=invite/>
        <SignInAgain/>
        <TooOldNotice open=Signal::derive(too_old) on_reload=Callback::new(|()| page::reload())/>
    }
}

#[component]
fn SettingsOverlay(open: RwSignal<bool>) -> impl IntoView {
    let chat = use_chat();
    let navigate = use_navigate();
    let just_left = use_context::<JustLeft>();
    let failed = RwSignal::new(false);
    let sign_out = Callback::new(move |()| {
        let navigate = navigate.clone();
        spawn_local(async move {
            match chat.sign_out().await {
                Ok(()) => {
                    open.set(false);
                    if let Some(left) = just_left {
                        left.0.set(true);
                    }
                    navigate("/signin", NavigateOptions { replace: true, ..Default::default() });
                }
                Err(_) => failed.set(true),
            }
        });
    });
    Effect::new(move |_| {
        if open.get() {
            failed.set(false)
        }
    });
    view! { <Settings open failed on_sign_out=sign_out/> }
}

#[component]
fn InviteOverlay(open: RwSignal<bool>) -> impl IntoView {
    let chat = use_chat();
    let wrongs = Wrongs::new();
    let (made, busy) = (RwSignal::new(None), RwSignal::new(false));
    let make = Callback::new(move |()| {
        wrongs.clear();
        busy.set(true);
        spawn_local(async move {
            let answer = api::make_invite().await;
            busy.set(false);
            match answer {
                Ok(invite) => made.set(Some(Made { until_ms: time::parse(&invite.expires_at.0), url: invite.url })),
                Err(error) => wrongs.take(&error),
            }
        });
    });
    view! { <Invite open place=chat.place made busy=busy.into() wrong=wrongs.of(Part::Whole) on_make=make/> }
}

#[component]
fn SignInAgain() -> impl IntoView {
    let chat = use_chat();
    let wrongs = Wrongs::new();
    let (name, password, busy) = (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(false));
    let open = Signal::derive(move || chat.notice.get() == Some(Notice::SignedOut));
    Effect::new(move |_| {
        if open.get() {
            name.set(chat.my_name.get());
            wrongs.clear();
            focus::focus_soon("out-password");
        }
    });
    let send = Callback::new(move |()| {
        wrongs.clear();
        busy.set(true);
        spawn_local(async move {
            let answer = api::sign_in(&name.get_untracked(), &password.get_untracked()).await;
            busy.set(false);
            password.set(String::new());
            match answer {
                Ok(signed_in) => chat.signed_in(signed_in),
                Err(error) => {
                    wrongs.take(&error);
                    focus::focus_soon("out-password");
                }
            }
        });
    });
    let wrong = {
        let (password, whole) = (wrongs.of(Part::Password), wrongs.of(Part::Whole));
        Signal::derive(move || password.get().or_else(|| whole.get()))
    };
    view! { <SignedOutNotice open name password busy=busy.into() wrong on_send=send/> }
}
