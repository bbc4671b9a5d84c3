//! One message: seal, name and time for the first of a group, the hour in the gutter for those that follow.

use std::sync::Arc;

use leptos::prelude::*;

use super::{
    icon::Icon,
    message_body::MessageBody,
    message_status::{MessageStatus, Remedies},
    phrase::Phrase,
    seal::Seal,
};
use crate::{
    browser::{
        prefs::{t, use_prefs},
        time,
    },
    state::view::{MessageRow, Status},
};

/// A row of the timeline. Its signal changes in place: from being sent to sent, or when the message is edited.
#[component]
pub fn Message(
    /// The message.
    row: Signal<Arc<MessageRow>>,
    /// What can be done when it was not sent.
    remedies: Remedies,
) -> impl IntoView {
    let key = row.with_untracked(|row| row.key.clone());
    let ids = ["by-", "said-", "at-"].map(|part| [part, &key].concat());
    let name = ids.join(" ");
    let [by_id, said_id, at_id] = ids;
    let head = Memo::new(move |_| row.with(|row| row.head));
    let said = Memo::new(move |_| row.with(|row| (row.gone, row.body.clone(), row.html.clone())));
    let status = Memo::new(move |_| row.with(|row| row.status));
    let class = move || match (status.get(), said.with(|said| said.0)) {
        (_, true) => "msg msg--gone",
        (Status::Slow | Status::Queued, _) => "msg msg--quiet",
        (Status::Failed(_), _) => "msg msg--failed",
        _ => "msg",
    };
    let author = move || row.with(|row| row.author.name.clone());
    let person = Signal::derive(move || row.with(|row| (*row.author).clone()));
    let gone_key = key.clone();
    view! {
        <li
            class=class
            data-key=key.to_string()
            data-head=move || head.get().then_some("")
            tabindex="-1"
            aria-labelledby=name
        >
            {move || if head.get() {
                view! { <Seal person/> }.into_any()
            } else {
                view! { <Moment row id=at_id.clone() class="msg__hour" short=true/> }.into_any()
            }}
            <div class="msg__main">
                {move || if head.get() {
                    let at_id = at_id_of(&gone_key);
                    view! {
                        <div class="msg__by"><b id=by_id.clone()><bdi>{author}</bdi></b><Moment row id=at_id class="" short=false/></div>
                    }.into_any()
                } else {
                    view! { <span class="sr" id=by_id.clone()><bdi>{author}</bdi>", "</span> }.into_any()
                }}
                {move || {
                    let (gone, body, html) = said.get();
                    let id = said_id.clone();
                    if gone { view! { <Gone id author=person/> }.into_any() } else { view! { <MessageBody id body html/> }.into_any() }
                }}
                {move || row.with(|row| row.edited_ms).map(|at| view! { <Edited at/> })}
                {
                    let key = key.clone();
                    move || view! { <MessageStatus key=key.clone() status=status.get() remedies/> }
                }
            </div>
        </li>
    }
}

fn at_id_of(key: &str) -> String {
    ["at-", key].concat()
}

/// The moment of a message, with the full date as its title.
#[component]
fn Moment(row: Signal<Arc<MessageRow>>, id: String, class: &'static str, short: bool) -> impl IntoView {
    let prefs = use_prefs();
    let at = Memo::new(move |_| row.with(|row| row.at_ms));
    let hour =
        move || if short { time::short_hour(prefs.lang(), at.get()) } else { time::hour(prefs.lang(), at.get()) };
    view! {
        <time class=class id=id datetime=move || time::machine(at.get()) title=move || time::full(prefs.lang(), at.get())>{hour}</time>
    }
}

/// "(edited)", with the moment as its title.
#[component]
fn Edited(at: i64) -> impl IntoView {
    let prefs = use_prefs();
    view! { <span class="tag" title=move || time::full(prefs.lang(), at)>"("{t(|w| w.msg_edited)}")"</span> }
}

/// What is left of a deleted message.
#[component]
fn Gone(id: String, author: Signal<crate::state::view::Person>) -> impl IntoView {
    let values = Signal::derive(move || vec![("a", author.with(|author| author.name.clone()))]);
    view! {
        <div class="said" id=id><Icon of="#trash"/><span><Phrase of=|w| w.msg_deleted values/></span></div>
    }
}
