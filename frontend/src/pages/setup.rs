//! `/setup`: the first person names the place and becomes its owner.

use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_navigate;
use shared::{
    problem::ProblemCode,
    request,
    text::{Password, SignInName, WorkspaceName},
};

use super::wrong::{Part, Wrongs};
use crate::{
    api,
    browser::{focus, page, prefs::t},
    chat::use_chat,
    components::{
        door::{Door, DoorForm},
        field::{Field, Kind},
        preview::PlacePreview,
    },
};

/// The page.
#[component]
pub fn SetUp() -> impl IntoView {
    let chat = use_chat();
    let form = Form::new();
    let (busy, done, code_needed) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    Effect::new(move |_| page::set_title(t(|w| w.setup_title).get()));
    Effect::new(move |_| {
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
    move || {
        if done.get() {
            return view! { <AlreadyOpen/> }.into_any();
        }
        view! { <SetUpForm form busy code_needed send/> }.into_any()
    }
}

#[component]
fn SetUpForm(form: Form, busy: RwSignal<bool>, code_needed: RwSignal<bool>, send: Callback<()>) -> impl IntoView {
    let wrongs = form.wrongs;
    let side = Some(view! { <PlacePreview name=form.place.into()/> }.into_any());
    view! {
        <Door place=Signal::stored(String::new()) side>
            <h1>{t(|w| w.setup_title)}</h1>
            <p class="door__lead">{t(|w| w.setup_lead2)}</p>
            <DoorForm go=t(|w| w.setup_next) busy=busy.into() wrong=wrongs.of(Part::Whole) on_send=send>
                <Field id="place" label=t(|w| w.setup_team) value=form.place kind=Kind::Text autocomplete="organization" wrong=wrongs.of(Part::Place)/>
                <Field id="name" label=t(|w| w.setup_you) value=form.name kind=Kind::Name autocomplete="username" note=t(|w| w.in_name_note) wrong=wrongs.of(Part::Name)/>
                <Field
                    id="password"
                    label=t(|w| w.in_password)
                    value=form.password
                    kind=Kind::Password
                    autocomplete="new-password"
                    note=t(|w| w.setup_pw_note)
                    wrong=wrongs.of(Part::Password)
                    on_leave=Callback::new(move |()| form.judge_password())
                />
                {move || code_needed.get().then(|| view! {
                    <Field id="code" label=t(|w| w.setup_code) value=form.code kind=Kind::Code autocomplete="one-time-code" note=t(|w| w.setup_code_where) wrong=wrongs.of(Part::Code)/>
                })}
            </DoorForm>
            <p class="door__note">{t(|w| w.setup_step2)}</p>
        </Door>
    }
}

/// Somebody was quicker.
#[component]
fn AlreadyOpen() -> impl IntoView {
    let navigate = use_navigate();
    view! {
        <Door place=Signal::stored(String::new())>
            <h1>{t(|w| w.in_title_bare)}</h1>
            <p class="door__lead" role="status">{t(|w| w.setup_done)}</p>
            <a class="btn" href="/signin" on:click=move |event| { event.prevent_default(); navigate("/signin", Default::default()) }>
                {t(|w| w.in_go)}
            </a>
        </Door>
    }
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
