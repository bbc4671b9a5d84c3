//! What lies over the place: settings, invitations, and the notices that stop everything until the person acts.

use leptos::{prelude::*, task::spawn_local};
use shared::request::CreateInvite;

use super::wrong::{Part, Wrongs};
use crate::{
    api,
    app::JustLeft,
    browser::{address::use_address, focus, page, prefs::w, time},
    chat::use_chat,
    components::{
        doctor::doctor,
        invite::{Made, invite},
        notice::{signed_out_notice, too_old_notice},
        settings::settings,
    },
    dom::{El, effect},
    later::{self, Screen, use_later},
    state::view::Notice,
};

/// All dialogs of the place; three of them are opened from elsewhere.
pub(super) fn overlays(
    settings_open: RwSignal<bool>,
    invite_open: RwSignal<bool>,
    doctor_open: RwSignal<bool>,
) -> Vec<El> {
    let (chat, later) = (use_chat(), use_later());
    let too_old = Signal::derive(move || chat.notice.get() == Some(Notice::TooOld) || later.is_gone());
    let over = |open: RwSignal<bool>, screen: fn(RwSignal<bool>) -> Screen| {
        later::part(move || open.get(), Some(Callback::new(move |()| open.set(false))), move || screen(open))
    };
    vec![
        over(settings_open, Screen::Settings),
        over(invite_open, Screen::Invite),
        over(doctor_open, Screen::Doctor),
        later::part(move || chat.notice.get() == Some(Notice::SignedOut), None, || Screen::SignedOut),
        too_old_notice(too_old, Callback::new(|()| page::reload())),
    ]
}

/// The settings, and leaving this device.
pub(crate) fn settings_overlay(open: RwSignal<bool>) -> El {
    let (chat, address) = (use_chat(), use_address());
    let just_left = use_context::<JustLeft>();
    let failed = RwSignal::new(None);
    let sign_out = Callback::new(move |()| {
        spawn_local(async move {
            match chat.sign_out().await {
                Ok(()) => {
                    open.set(false);
                    if let Some(left) = just_left {
                        left.0.set(true);
                    }
                    address.go("/signin", true);
                }
                Err(_) => failed.set(Some(w().dev_out_failed.to_owned())),
            }
        });
    });
    effect(move || {
        if open.get() {
            failed.set(None);
        }
    });
    settings(open, failed.into(), sign_out)
}

/// An invite, made and shown.
pub(crate) fn invite_overlay(open: RwSignal<bool>) -> El {
    let chat = use_chat();
    let wrongs = Wrongs::new();
    let (made, busy) = (RwSignal::new(None), RwSignal::new(false));
    let make = Callback::new(move |()| {
        wrongs.clear();
        busy.set(true);
        spawn_local(async move {
            let answer = api::make_invite(&CreateInvite::default()).await;
            busy.set(false);
            match answer {
                Ok(invite) => made.set(Some(Made { until_ms: time::parse(&invite.expires_at.0), url: invite.url })),
                Err(error) => wrongs.take(&error),
            }
        });
    });
    invite(open, chat.place, made, busy.into(), wrongs.of(Part::Whole), make)
}

/// The connection doctor, who examines while the dialog is open.
pub(crate) fn doctor_overlay(open: RwSignal<bool>) -> El {
    let chat = use_chat();
    effect(move || chat.examine(open.get()));
    doctor(open, chat.exam, Callback::new(move |()| chat.try_now()))
}

/// The form to sign in again without leaving the page.
pub(crate) fn sign_in_again() -> El {
    let chat = use_chat();
    let wrongs = Wrongs::new();
    let (name, password, busy) = (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(false));
    let open = Signal::derive(move || chat.notice.get() == Some(Notice::SignedOut));
    effect(move || {
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
    let (secret, whole) = (wrongs.of(Part::Password), wrongs.of(Part::Whole));
    let wrong = Signal::derive(move || secret.get().or_else(|| whole.get()));
    signed_out_notice(open, name, password, busy.into(), wrong, send)
}
