//! `/join/{code}`: an invitation, what waits behind it, and the form that makes an account. Opening it uses nothing up.

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};
use shared::{
    problem::ProblemCode,
    request,
    session::InvitePreview,
    text::{Password, SignInName},
};

use super::{
    Draw,
    wrong::{Part, Wrongs},
};
use crate::{
    api,
    browser::{
        address::{Address, use_address},
        page,
        prefs::{lang, w},
        time,
    },
    chat::use_chat,
    components::{
        door::{self, door, end},
        door_people::door_people,
        field::{Field, Kind},
        phrase::phrase,
        preview_room::room_preview,
    },
    dom::{El, button, effect, el},
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

/// The page of the invite with this code.
#[must_use]
pub fn join(code: String) -> Draw {
    let chat = use_chat();
    let code: Arc<str> = code.into();
    let invite = RwSignal::new(Invite::Asking);
    let form = JoinForm::new(code.clone());
    let ask = Callback::new(move |()| {
        let code = code.clone();
        spawn_local(async move {
            invite.set(match api::invite(&code).await {
                Ok(preview) => Invite::Good(Arc::new(preview)),
                Err(error) if matches!(error.code(), Some(ProblemCode::InviteInvalid | ProblemCode::NotFound)) => {
                    Invite::Dead
                }
                Err(_) => Invite::Unanswered,
            });
        });
    });
    effect(move || ask.run(()));
    Box::new(move || match invite.get() {
        Invite::Asking => Vec::new(),
        Invite::Dead => vec![dead()],
        Invite::Unanswered => vec![unanswered(ask)],
        Invite::Good(preview) if chat.session.get() == Session::In => vec![signed_in_already(&preview)],
        Invite::Good(preview) => vec![join_form(&preview, form)],
    })
}

fn person(member: &shared::member::Member) -> Person {
    Person { id: member.id.to_string(), name: member.display_name.to_string() }
}

/// What is typed, and what comes of it.
#[derive(Clone, Copy)]
struct JoinForm {
    name: RwSignal<String>,
    password: RwSignal<String>,
    wrongs: Wrongs,
    busy: RwSignal<bool>,
    send: Callback<()>,
}

impl JoinForm {
    fn new(code: Arc<str>) -> Self {
        let (chat, address) = (use_chat(), use_address());
        let (name, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
        let (wrongs, busy) = (Wrongs::new(), RwSignal::new(false));
        let send = Callback::new(move |()| {
            wrongs.clear();
            let (typed, secret) = (name.get_untracked(), password.get_untracked());
            wrongs.judge_name(Part::Name, &typed);
            wrongs.judge_password(&secret);
            let (Ok(name), Ok(password)) = (SignInName::parse(typed), Password::parse(secret)) else { return };
            busy.set(true);
            let code = code.clone();
            spawn_local(async move {
                let answer = api::join(&code, &request::Join { name: Some(name), password: Some(password) }).await;
                busy.set(false);
                match answer {
                    Ok(signed_in) => {
                        chat.signed_in(signed_in);
                        // In the same turn: with a session, this address is the page of those who had an account before.
                        address.go("/", true);
                    }
                    Err(error) => wrongs.take(&error),
                }
            });
        });
        Self { name, password, wrongs, busy, send }
    }

    fn judge_password(self) {
        self.password.with_untracked(|password| {
            if !password.is_empty() {
                self.wrongs.judge_password(password);
            }
        });
    }
}

fn join_form(preview: &InvitePreview, form: JoinForm) -> El {
    let wrongs = form.wrongs;
    let name = Field::new("name", w().setup_you, Kind::Name, "username");
    let password = Field::new("password", w().in_password, Kind::Password, "new-password");
    let left = Callback::new(move |()| form.judge_password());
    let fields = [
        Field { note: Some(w().in_name_note), ..name }.draw(form.name, wrongs.of(Part::Name)),
        Field { note: Some(w().setup_pw_note), left: Some(left), ..password }
            .draw(form.password, wrongs.of(Part::Password)),
    ];
    let after = el("a").class("btn btn--wide").attr("href", "/signin").text(w().join_have);
    let mut inside = invitation(preview);
    let busy = form.busy.into();
    let fields = door::form(busy, form.send).children(fields);
    inside.push(end(fields, wrongs.of(Part::Whole), w().join_go, busy).child(after));
    if let Some(until) = time::parse(&preview.expires_at.0) {
        let words = fill(w().join_valid, &[("date", &time::date_words(lang(), until))]);
        inside.push(el("p").class("door__note").text(&words));
    }
    // A room that shows nothing, or in which nothing was said, leaves the page to the form.
    let side = (!preview.messages.is_empty()).then(|| room_preview(preview));
    door(Signal::stored(preview.workspace.name.to_string()), side, inside)
}

/// Who invites, where to, and whom one will meet.
fn invitation(preview: &InvitePreview) -> Vec<El> {
    let room = ["#\u{a0}", preview.room.name.as_str()].concat();
    let title = [("a", preview.inviter.display_name.as_str()), ("room", &*room)];
    page::set_title(&fill(w().join_title, &title));
    let people: Vec<Person> = preview.people.iter().map(person).collect();
    let count = preview.people_count;
    let lead = if count == 1 { w().join_lead_one } else { w().join_lead };
    let values = [("n", &*count.to_string()), ("team", preview.workspace.name.as_str())];
    vec![
        door_people(&person(&preview.inviter), &people, count),
        phrase(el("h1"), w().join_title, &title),
        phrase(el("p").class("door__lead"), lead, &values),
    ]
}

/// Used up, expired, withdrawn, mistyped: the server answers the same to all, and so does the page.
fn dead() -> El {
    page::set_title(w().join_dead_t);
    let inside = vec![
        el("h1").text(w().join_dead_t),
        el("p").class("door__lead").text(w().join_dead_b),
        el("a").class("btn").attr("href", "/signin").text(w().join_dead_in),
    ];
    door(Signal::stored(String::new()), None, inside)
}

fn unanswered(retry: Callback<()>) -> El {
    let inside = vec![
        el("h1").text(w().live_off),
        el("p").class("door__lead").attr("role", "alert").text(w().err_offline),
        button("btn").text(w().msg_retry).press(move || retry.run(())),
    ];
    door(Signal::stored(String::new()), None, inside)
}

/// An invite makes an account; whoever is signed in here has one, and is not joined to anything by opening a page.
fn signed_in_already(preview: &InvitePreview) -> El {
    let (chat, address): (_, Address) = (use_chat(), use_address());
    let name = chat.me.get().map(|me| me.name).unwrap_or_default();
    let inside = vec![
        phrase(el("h1"), w().join_in_t, &[("a", &name)]),
        el("p").class("door__lead").text(w().join_in_b),
        button("btn btn--main").text(w().join_in_go).press(move || address.go("/", false)),
    ];
    door(Signal::stored(preview.workspace.name.to_string()), None, inside)
}
