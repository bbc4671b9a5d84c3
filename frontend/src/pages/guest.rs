//! What a guest is told once a visit, and the way to an account that they can come back to.

use leptos::{prelude::*, task::spawn_local};
use shared::{
    member::Role,
    problem::ProblemCode,
    request::{ChangePassword, ChangePerson},
    text::{Password, SignInName},
};

use super::wrong::{Part, Wrongs};
use crate::{
    api,
    browser::{address::use_address, page, prefs::w},
    chat::use_chat,
    components::{
        dialog::Sheet,
        door::{end, form},
        field::{Field, Kind},
        icon::icon,
    },
    dom::{El, button, el},
};

/// In this tab the strip has been closed.
const CLOSED: &str = "teahouse.guest";

/// The strip above a guest's room: what they see, and that they can stay.
pub(super) fn guest_strip() -> El {
    let (chat, address) = (use_chat(), use_address());
    let closed = RwSignal::new(page::kept_in_tab(CLOSED).is_some_and(|kept| !kept.is_empty()));
    let is_guest = move || chat.own.with(|own| own.as_ref().is_some_and(|own| own.member.role == Role::Guest));
    let hide = move || {
        page::keep_in_tab(CLOSED, "1");
        closed.set(true);
    };
    let strip = move || {
        el("aside").class("guest").attr("aria-label", w().role_guest).children([
            icon("#guest"),
            el("p").text(w().guest_strip),
            button("btn btn--small").text(w().guest_make).press(move || address.open("account")),
            button("tool").attr("aria-label", w().guest_hide).child(icon("#x")).press(hide),
        ])
    };
    let shown = move || is_guest() && !closed.get();
    el("div").swap_on(shown, move || untrack(shown).then(strip))
}

/// The dialog, which lies over the room as `#account`: a name and a password, and everything written stays theirs.
pub(crate) fn account_overlay() -> El {
    let (chat, address) = (use_chat(), use_address());
    let is_guest = move || chat.own.with(|own| own.as_ref().is_some_and(|own| own.member.role == Role::Guest));
    let sheet = Sheet {
        id: "account",
        class: "ask",
        title: Box::new(|| w().guest_acc_t.to_owned()),
        lead: None,
        open: Signal::derive(move || address.part() == "account" && is_guest()),
        closed: Callback::new(move |()| address.close()),
    };
    sheet.draw(move || {
        let Some(own) = chat.own.get_untracked() else { return Vec::new() };
        let (id, before) = (own.member.id, own.member.name.clone());
        let (name, password) = (RwSignal::new(before.to_string()), RwSignal::new(String::new()));
        let (wrongs, busy) = (Wrongs::new(), RwSignal::new(false));
        let send = Callback::new(move |()| {
            wrongs.clear();
            wrongs.judge_name(Part::Name, &name.get_untracked());
            wrongs.judge_password(&password.get_untracked());
            let typed = (SignInName::parse(name.get_untracked()), Password::parse(password.get_untracked()));
            let (Ok(wished), Ok(new)) = typed else { return };
            busy.set(true);
            let renamed = (wished != before).then_some(wished);
            spawn_local(async move {
                let answer = make_account(id, renamed, new).await;
                busy.try_set(false);
                match answer {
                    Ok(()) => address.close(),
                    Err(error) if error.code() == Some(ProblemCode::PasswordTooCommon) => {
                        wrongs.take_as(Part::Password, &error);
                    }
                    Err(error) => wrongs.take(&error),
                }
            });
        });
        let fields = [
            el("p").text(w().guest_acc_b),
            Field::new("acc-name", w().in_name, Kind::Name, "username").draw(name, wrongs.of(Part::Name)),
            Field {
                note: Some(w().setup_pw_note),
                ..Field::new("acc-password", w().in_password, Kind::Password, "new-password")
            }
            .draw(password, wrongs.of(Part::Password)),
        ];
        let inside = form(busy.into(), send).class("form").children(fields);
        vec![end(inside, wrongs.of(Part::Whole), w().guest_acc_go, busy.into())]
    })
}

/// Another name, if that is wished, then the first password of an account that has none.
async fn make_account(id: shared::id::MemberId, name: Option<SignInName>, new: Password) -> Result<(), api::ApiError> {
    if name.is_some() {
        api::change_person(id, &ChangePerson { name, ..ChangePerson::default() }).await?;
    }
    api::change_password(&ChangePassword { current: String::new(), new }).await
}
