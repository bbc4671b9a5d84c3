//! `/setup`: the first person names the place and becomes its owner.

use leptos::{prelude::*, task::spawn_local};
use shared::{
    problem::ProblemCode,
    request,
    text::{Password, SignInName, WorkspaceName},
};

use super::{
    Draw,
    wrong::{Part, Wrongs},
};
use crate::{
    api,
    browser::{focus, page, prefs::doors as w},
    chat::use_chat,
    components::{
        door::{self, door, end},
        field::{Field, Kind},
        preview::place_preview,
    },
    dom::{El, effect, el},
};

/// The page.
#[must_use]
pub fn set_up() -> Draw {
    let chat = use_chat();
    let form = Form::new();
    let (busy, done, code_needed) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    effect(move || {
        focus::focus_soon("place");
        spawn_local(async move {
            if let Ok(state) = api::setup_state().await {
                code_needed.set(state.code_needed);
                done.set(!state.needed);
            }
        });
    });
    let send = Callback::new(move |()| {
        let Some(request) = form.read() else { return };
        busy.set(true);
        spawn_local(async move {
            let answer = api::set_up(&request).await;
            busy.set(false);
            match answer {
                Ok(signed_in) => chat.signed_in(signed_in),
                Err(error) if error.code() == Some(ProblemCode::SetupDone) => done.set(true),
                Err(error) => {
                    // Asked from elsewhere than the machine itself, and the page did not know.
                    code_needed.update(|needed| *needed |= error.code() == Some(ProblemCode::WrongSetupCode));
                    form.wrongs.take(&error);
                }
            }
        });
    });
    Box::new(move || {
        page::set_title(w().setup_title);
        vec![if done.get() { already_open() } else { set_up_form(form, busy, code_needed, send) }]
    })
}

fn set_up_form(form: Form, busy: RwSignal<bool>, code_needed: RwSignal<bool>, send: Callback<()>) -> El {
    let wrongs = form.wrongs;
    let judge = Callback::new(move |()| form.judge_password());
    let password = Field {
        note: Some(w().setup_pw_note),
        left: Some(judge),
        ..Field::new("password", w().in_password, Kind::Password, "new-password")
    };
    let name = Field { note: Some(w().in_name_note), ..Field::new("name", w().setup_you, Kind::Name, "username") };
    let code = move || {
        let code = Field::new("code", w().setup_code, Kind::Code, "one-time-code");
        let code = Field { note: Some(w().setup_code_where), ..code };
        code_needed.get().then(|| code.draw(form.code, wrongs.of(Part::Code)))
    };
    let fields = door::form(busy.into(), send).children([
        Field::new("place", w().setup_team, Kind::Text, "organization").draw(form.place, wrongs.of(Part::Place)),
        name.draw(form.name, wrongs.of(Part::Name)),
        password.draw(form.password, wrongs.of(Part::Password)),
    ]);
    let fields = fields.swap(code);
    let inside = vec![
        el("h1").text(w().setup_title),
        el("p").class("door__lead").text(w().setup_lead2),
        end(fields, wrongs.of(Part::Whole), w().setup_next, busy.into()),
        el("p").class("door__note").text(w().setup_step2),
    ];
    door(Signal::stored(String::new()), Some(place_preview(form.place)), inside)
}

/// Somebody was quicker.
fn already_open() -> El {
    let inside = vec![
        el("h1").text(w().in_title_bare),
        el("p").class("door__lead").attr("role", "status").text(w().setup_done),
        el("a").class("btn").attr("href", "/signin").text(w().in_go),
    ];
    door(Signal::stored(String::new()), None, inside)
}

/// What is typed, and what is wrong with it.
#[derive(Clone, Copy)]
struct Form {
    place: RwSignal<String>,
    name: RwSignal<String>,
    password: RwSignal<String>,
    code: RwSignal<String>,
    wrongs: Wrongs,
}

impl Form {
    fn new() -> Self {
        let empty = || RwSignal::new(String::new());
        Self { place: empty(), name: empty(), password: empty(), code: empty(), wrongs: Wrongs::new() }
    }

    /// Length is judged on leaving the field, and an empty one not before it is sent.
    fn judge_password(self) {
        let password = self.password.get_untracked();
        if !password.is_empty() {
            self.wrongs.judge_password(&password);
        }
    }

    /// The request, or nothing and what is wrong beside the fields.
    fn read(self) -> Option<request::Setup> {
        let (place, name, password) =
            (self.place.get_untracked(), self.name.get_untracked(), self.password.get_untracked());
        self.wrongs.clear();
        self.wrongs.judge_name(Part::Place, &place);
        self.wrongs.judge_name(Part::Name, &name);
        self.wrongs.judge_password(&password);
        let code = self.code.get_untracked().trim().to_owned();
        Some(request::Setup {
            workspace: WorkspaceName::parse(place).ok()?,
            name: SignInName::parse(name).ok()?,
            password: Password::parse(password).ok()?,
            code: (!code.is_empty()).then_some(code),
        })
    }
}
