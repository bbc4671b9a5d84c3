//! `/join/{code}`: an invitation, what waits behind it, and the way in: a new account, a guest's name, or the account that
//! one has. Opening it uses nothing up, and nobody is joined to anything by opening a page.

mod member;
mod newcomer;

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};
use shared::{member::Role, problem::ProblemCode, session::InvitePreview};

use self::{member::MemberForm, newcomer::NewcomerForm};
use super::Draw;
use crate::{
    api,
    browser::{
        page,
        prefs::{doors as w, lang},
        time,
    },
    chat::use_chat,
    components::{door::door, preview_room::room_preview},
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
    let (newcomer, member) = (NewcomerForm::new(code.clone()), MemberForm::new(code.clone()));
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
        Invite::Good(preview) if chat.session.get() == Session::In => vec![framed(&preview, member.draw(&preview))],
        Invite::Good(preview) => vec![framed(&preview, newcomer.draw(&preview))],
    })
}

fn person(member: &shared::member::Member) -> Person {
    Person { id: member.id.to_string(), name: member.display_name.to_string() }
}

/// How the room behind the link is called in a sentence.
fn room_name(preview: &InvitePreview) -> String {
    ["#\u{a0}", preview.room.name.as_str()].concat()
}

/// The form, and beside it what is seen of the room. A room that shows nothing, or in which nothing was said, leaves the page
/// to the form.
fn framed(preview: &InvitePreview, mut inside: Vec<El>) -> El {
    if let Some(until) = time::parse(&preview.expires_at.0) {
        let words = fill(w().join_valid, &[("date", &time::date_words(lang(), until))]);
        inside.push(el("p").class("door__note").text(&words));
    }
    let side = (!preview.messages.is_empty() && preview.role != Role::Guest).then(|| room_preview(preview));
    door(Signal::stored(preview.workspace.name.to_string()), side, inside)
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

/// The server did not say what is behind the link; `retry` asks again.
pub(super) fn unanswered(retry: Callback<()>) -> El {
    let inside = vec![
        el("h1").text(w().live_off),
        el("p").class("door__lead").attr("role", "alert").text(w().err_offline),
        button("btn").text(w().msg_retry).press(move || retry.run(())),
    ];
    door(Signal::stored(String::new()), None, inside)
}
