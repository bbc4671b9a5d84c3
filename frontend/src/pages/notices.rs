//! What lies over the place: settings, invitations, what admins are asked, and the notices that stop everything until the
//! person acts.

use leptos::{prelude::*, task::spawn_local};

use super::{
    moderation::Moderation,
    settings::settings_overlay,
    wrong::{Part, Wrongs},
};
use crate::{
    api,
    app::JustLeft,
    browser::{address::use_address, focus, page, prefs::first as w},
    chat::use_chat,
    components::{
        doctor::doctor,
        notice::{SignedOut, signed_out_notice, too_old_notice},
    },
    dom::{El, effect},
    later::{self, Screen, use_later},
    state::view::Notice,
};

/// All dialogs of the place; the doctor's is opened from elsewhere, the others are parts of the address.
pub(super) fn overlays(doctor_open: RwSignal<bool>, moderation: Moderation) -> Vec<El> {
    let (chat, address, later) = (use_chat(), use_address(), use_later());
    let too_old = Signal::derive(move || chat.notice.get() == Some(Notice::TooOld) || later.is_gone());
    let close = Callback::new(move |()| address.close());
    let over = |name: &'static str, screen: fn() -> Screen| {
        later::part(move || address.part().split('/').next() == Some(name), Some(close), screen)
    };
    let heal = Callback::new(move |()| doctor_open.set(false));
    vec![
        over("settings", || Screen::Settings),
        over("invite", || Screen::Invite),
        over("place", || Screen::Workspace),
        over("account", || Screen::Account),
        later::part(move || moderation.is_asked(), None, move || Screen::Moderation(moderation)),
        later::part(move || doctor_open.get(), Some(heal), move || Screen::Doctor(doctor_open)),
        later::part(move || chat.notice.get() == Some(Notice::SignedOut), None, || Screen::SignedOut),
        too_old_notice(too_old, Callback::new(|()| page::reload())),
    ]
}

/// The settings, and leaving this device.
pub(crate) fn own_settings() -> El {
    let (chat, address) = (use_chat(), use_address());
    let just_left = use_context::<JustLeft>();
    let failed = RwSignal::new(None);
    let sign_out = Callback::new(move |()| {
        failed.set(None);
        spawn_local(async move {
            match chat.sign_out().await {
                Ok(()) => {
                    if let Some(left) = just_left {
                        left.0.set(true);
                    }
                    address.go("/signin", true);
                }
                Err(_) => failed.set(Some(w().dev_out_failed.to_owned())),
            }
        });
    });
    settings_overlay(sign_out, failed.into())
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
        if wrongs.must_wait() {
            return;
        }
        wrongs.clear();
        busy.set(true);
        spawn_local(async move {
            let answer = api::sign_in(&name.get_untracked(), &password.get_untracked()).await;
            busy.set(false);
            password.set(String::new());
            match answer {
                Ok(signed_in) => chat.signed_in(signed_in),
                Err(error) if chat.take_barring(&error) => {}
                Err(error) => {
                    wrongs.take(&error);
                    focus::focus_soon("out-password");
                }
            }
        });
    });
    let (secret, whole) = (wrongs.of(Part::Password), wrongs.of(Part::Whole));
    let wrong = Signal::derive(move || secret.get().or_else(|| whole.get()));
    let address = use_address();
    let other = Callback::new(move |()| {
        spawn_local(async move {
            chat.make_room().await;
            address.go("/signin", true);
        });
    });
    let busy = Signal::derive(move || busy.get() || wrongs.must_wait());
    signed_out_notice(SignedOut { open, who: chat.me, name, password, busy, wrong, send, other })
}
