//! Another password: the current one and the new one, and everywhere else one is signed out.

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};
use shared::{problem::ProblemCode, request::ChangePassword, text::Password};

use crate::{
    api,
    browser::{focus, prefs::w},
    components::{
        alert::alert,
        door::form,
        field::{Field, Kind},
    },
    dom::{El, el},
    pages::wrong::{Part, Wrong, Wrongs},
    state::view::Own,
};

pub(super) fn password(own: &Arc<Own>) -> Vec<El> {
    let (current, new) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (wrongs, busy, done) = (Wrongs::new(), RwSignal::new(false), RwSignal::new(false));
    let send = Callback::new(move |()| {
        wrongs.clear();
        done.set(false);
        let (now, next) = (current.get_untracked(), new.get_untracked());
        wrongs.judge_password(&next);
        let Ok(next) = Password::parse(next) else { return };
        busy.set(true);
        spawn_local(async move {
            let answer = api::change_password(&ChangePassword { current: now, new: next }).await;
            busy.try_set(false);
            match answer {
                Ok(()) => {
                    current.try_set(String::new());
                    new.try_set(String::new());
                    done.try_set(true);
                }
                Err(error) if error.code() == Some(ProblemCode::WrongPassword) => {
                    current.try_set(String::new());
                    wrongs.set(Part::Name, Some(Wrong::NotCurrent));
                    focus::focus_soon("pw-now");
                }
                Err(error) if error.field() == Some("new") => wrongs.take_as(Part::Password, &error),
                Err(error) => wrongs.take(&error),
            }
        });
    });
    let now = Field::new("pw-now", w().pw_now, Kind::Password, "current-password");
    let next = Field::new("pw-new", w().pw_new, Kind::Password, "new-password");
    let said = move || if done.get() { w().pw_done.to_owned() } else { String::new() };
    // For the browser's keeper of passwords: whose it is.
    let name = el("input")
        .attr("type", "text")
        .attr("autocomplete", "username")
        .attr("value", own.member.name.as_str())
        .flag("hidden", true);
    let fields = form(busy.into(), send).class("form").children([
        name,
        now.draw(current, wrongs.of(Part::Name)),
        Field { note: Some(w().setup_pw_note), ..next }.draw(new, wrongs.of(Part::Password)),
        el("p").class("quiet").text(w().pw_again),
    ]);
    let go = el("button")
        .class("btn btn--main")
        .true_of("aria-busy", move || busy.get())
        .flag_of("data-busy", move || busy.get())
        .text(w().pw_go);
    vec![
        alert(fields, wrongs.of(Part::Whole))
            .child(go)
            .child(el("p").class("done").attr("role", "status").text_of(said)),
    ]
}
