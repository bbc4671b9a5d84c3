//! The last messages of the room that an invite leads to, as its members see them.

use std::{collections::HashMap, sync::Arc};

use leptos::prelude::*;
use shared::{member::Member, session::InvitePreview};

use super::{icon::Icon, message_body::MessageBody, seal::Seal};
use crate::{
    browser::{
        prefs::{t, use_prefs},
        time,
    },
    state::view::Person,
};

/// The room.
#[component]
pub fn RoomPreview(
    /// What the server tells of it.
    preview: Arc<InvitePreview>,
) -> impl IntoView {
    let room = preview.room.name.to_string();
    let label = ["# ", &room].concat();
    let members = preview.people.iter().chain(&preview.authors).chain([&preview.inviter]);
    let names: HashMap<_, &Member> = members.map(|member| (member.id, member)).collect();
    let messages = preview.messages.iter().map(|message| {
        let name = names.get(&message.author).map(|member| member.display_name.to_string()).unwrap_or_default();
        let person = Person { id: message.author.to_string(), name: name.clone() };
        let at = time::parse(&message.posted_at.0);
        let html = message.html.as_deref().map(Arc::from);
        view! {
            <li class="msg" data-head="">
                <Seal person=Signal::stored(person)/>
                <div class="msg__main">
                    <div class="msg__by"><b><bdi>{name}</bdi></b>{at.map(|at| view! { <Hour at/> })}</div>
                    <MessageBody id=["peek-", &message.id.to_string()].concat() body=message.body.as_str().into() html/>
                </div>
            </li>
        }
    });
    view! {
        <aside class="door__side" aria-label=label>
            <figure class="sheet">
                <div class="bar"><span class="bar__title"><Icon of="#hash"/><bdi class="clip">{room}</bdi></span></div>
                <div class="sheet__said"><ol>{messages.collect_view()}</ol></div>
                <figcaption><Icon of="#eye"/>{t(|w| w.join_preview)}</figcaption>
            </figure>
        </aside>
    }
}

#[component]
fn Hour(at: i64) -> impl IntoView {
    let prefs = use_prefs();
    view! { <time datetime=time::machine(at)>{move || time::hour(prefs.lang(), at)}</time> }
}
