//! `/join/{code}`: an invitation, what waits behind it, and the form that makes an account. Opening it uses nothing up.

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map},
};
use shared::{
    problem::ProblemCode,
    request,
    session::InvitePreview,
    text::{Password, SignInName},
};

use super::wrong::{Part, Wrongs};
use crate::{
    api,
    browser::{
        page,
        prefs::{t, text},
        time,
    },
    chat::use_chat,
    components::{
        door::{Door, DoorForm},
        door_people::DoorPeople,
        field::{Field, Kind},
        phrase::Phrase,
        preview_room::RoomPreview,
    },
    i18n::fill,
    state::view::{Person, Session},
};

/// What is known of the invite.
#[derive(Clone)]
enum Invite {
    Asking,
    Good(Arc<InvitePreview>),
    Dead,
    Unanswered,
}

/// The page.
#[component]
pub fn Join() -> impl IntoView {
    let chat = use_chat();
    let params = use_params_map();
    let code = Memo::new(move |_| params.with(|params| params.get("code")).unwrap_or_default());
    let invite = RwSignal::new(Invite::Asking);
    let ask = move || {
        let code = code.get();
        spawn_local(async move {
            invite.set(match api::invite(&code).await {
                Ok(preview) => Invite::Good(Arc::new(preview)),
                Err(error) if matches!(error.code(), Some(ProblemCode::InviteInvalid | ProblemCode::NotFound)) => {
                    Invite::Dead
                }
                Err(_) => Invite::Unanswered,
            });
        });
    };
    Effect::new(move |_| ask());
    move || match invite.get() {
        Invite::Asking => ().into_any(),
        Invite::Dead => view! { <Dead/> }.into_any(),
        Invite::Unanswered => view! { <Unanswered on_retry=Callback::new(move |()| ask())/> }.into_any(),
        Invite::Good(preview) if chat.session.get() == Session::In => {
            let place = preview.workspace.name.to_string();
            view! { <SignedInAlready place/> }.into_any()
        }
        Invite::Good(preview) => view! { <JoinForm preview code/> }.into_any(),
    }
}

fn person(member: &shared::member::Member) -> Person {
    Person { id: member.id.to_string(), name: member.display_name.to_string() }
}

#[component]
fn JoinForm(preview: Arc<InvitePreview>, code: Memo<String>) -> impl IntoView {
    let chat = use_chat();
    let (name, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let wrongs = Wrongs::new();
    let busy = RwSignal::new(false);
    let navigate = use_navigate();
    let send = Callback::new(move |()| {
        wrongs.clear();
        let (typed, secret) = (name.get_untracked(), password.get_untracked());
        wrongs.judge_name(Part::Name, &typed);
        wrongs.judge_password(&secret);
        let (Ok(name), Ok(password)) = (SignInName::parse(typed), Password::parse(secret)) else { return };
        busy.set(true);
        let navigate = navigate.clone();
        spawn_local(async move {
            let answer = api::join(&code.get_untracked(), &request::Join { name, password: Some(password) }).await;
            busy.set(false);
            match answer {
                Ok(signed_in) => {
                    chat.signed_in(signed_in);
                    // In the same turn: with a session, this address is the page of those who had an account before.
                    navigate("/", NavigateOptions { replace: true, ..Default::default() });
                }
                Err(error) => wrongs.take(&error),
            }
        });
    });
    let judge = Callback::new(move |()| {
        password.with_untracked(|password| {
            if !password.is_empty() {
                wrongs.judge_password(password)
            }
        });
    });
    // A room that shows nothing, or in which nothing was said, leaves the page to the form.
    let side = (!preview.messages.is_empty()).then(|| view! { <RoomPreview preview=preview.clone()/> }.into_any());
    let after = view! { <a class="btn btn--wide" href="/signin">{t(|w| w.join_have)}</a> }.into_any();
    view! {
        <Door place=Signal::stored(preview.workspace.name.to_string()) side=side>
            <Invitation preview=preview.clone()/>
            <DoorForm go=t(|w| w.join_go) busy=busy.into() wrong=wrongs.of(Part::Whole) on_send=send after>
                <Field id="name" label=t(|w| w.setup_you) value=name kind=Kind::Name autocomplete="username" note=t(|w| w.in_name_note) wrong=wrongs.of(Part::Name)/>
                <Field
                    id="password"
                    label=t(|w| w.in_password)
                    value=password
                    kind=Kind::Password
                    autocomplete="new-password"
                    note=t(|w| w.setup_pw_note)
                    wrong=wrongs.of(Part::Password)
                    on_leave=judge
                />
            </DoorForm>
            {time::parse(&preview.expires_at.0).map(|until| view! {
                <p class="door__note">{text(move |lang| fill(lang.words().join_valid, &[("date", &time::date_words(lang, until))]))}</p>
            })}
        </Door>
    }
}

/// Who invites, where to, and whom one will meet.
#[component]
fn Invitation(preview: Arc<InvitePreview>) -> impl IntoView {
    let inviter = preview.inviter.display_name.to_string();
    let room = ["#\u{a0}", preview.room.name.as_str()].concat();
    let place = preview.workspace.name.to_string();
    let (title, count) = (vec![("a", inviter), ("room", room)], preview.people_count);
    let page_title = title.clone();
    Effect::new(move |_| {
        let values: Vec<(&str, &str)> = page_title.iter().map(|(hole, value)| (*hole, value.as_str())).collect();
        page::set_title(&fill(t(|w| w.join_title).get(), &values));
    });
    let lead = vec![("n", count.to_string()), ("team", place)];
    view! {
        <DoorPeople inviter=person(&preview.inviter) people=preview.people.iter().map(person).collect() count/>
        <h1><Phrase of=|w| w.join_title values=Signal::stored(title)/></h1>
        <p class="door__lead">
            {if count == 1 {
                view! { <Phrase of=|w| w.join_lead_one values=Signal::stored(lead)/> }.into_any()
            } else {
                view! { <Phrase of=|w| w.join_lead values=Signal::stored(lead)/> }.into_any()
            }}
        </p>
    }
}

/// Used up, expired, withdrawn, mistyped: the server answers the same to all, and so does the page.
#[component]
fn Dead() -> impl IntoView {
    Effect::new(move |_| page::set_title(t(|w| w.join_dead_t).get()));
    view! {
        <Door place=Signal::stored(String::new())>
            <h1>{t(|w| w.join_dead_t)}</h1>
            <p class="door__lead">{t(|w| w.join_dead_b)}</p>
            <a class="btn" href="/signin">{t(|w| w.join_dead_in)}</a>
        </Door>
    }
}

#[component]
fn Unanswered(on_retry: Callback<()>) -> impl IntoView {
    view! {
        <Door place=Signal::stored(String::new())>
            <h1>{t(|w| w.live_off)}</h1>
            <p class="door__lead" role="alert">{t(|w| w.err_offline)}</p>
            <button type="button" class="btn" on:click=move |_| on_retry.run(())>{t(|w| w.msg_retry)}</button>
        </Door>
    }
}

/// An invite makes an account; whoever is signed in here has one, and is not joined to anything by opening a page.
#[component]
fn SignedInAlready(place: String) -> impl IntoView {
    let chat = use_chat();
    let navigate = use_navigate();
    let values = Signal::derive(move || vec![("a", chat.me.get().map(|me| me.name).unwrap_or_default())]);
    view! {
        <Door place=Signal::stored(place)>
            <h1><Phrase of=|w| w.join_in_t values/></h1>
            <p class="door__lead">{t(|w| w.join_in_b)}</p>
            <button type="button" class="btn btn--main" on:click=move |_| navigate("/", Default::default())>{t(|w| w.join_in_go)}</button>
        </Door>
    }
}
