//! How far a message is on its way: nothing, a clock, or a sentence with three ways out.

use std::sync::Arc;

use leptos::prelude::*;

use super::icon::Icon;
use crate::{
    browser::prefs::{t, words},
    state::view::{Failure, Status},
};

/// What can be done about a message that was not sent.
#[derive(Clone, Copy, Debug)]
pub struct Remedies {
    /// Try again, with the same idempotency key.
    pub retry: Callback<Arc<str>>,
    /// Take the text back into the composer.
    pub edit: Callback<Arc<str>>,
    /// Give it up.
    pub discard: Callback<Arc<str>>,
}

/// The line under a message that is waiting or was not sent.
#[component]
pub fn MessageStatus(
    /// The message's key.
    key: Arc<str>,
    /// How far it is.
    status: Status,
    /// What can be done.
    remedies: Remedies,
) -> impl IntoView {
    match status {
        Status::Sent | Status::Sending | Status::Slow => ().into_any(),
        Status::Queued => view! { <div class="msg__wait"><Icon of="#clock"/>{t(|w| w.msg_queued)}</div> }.into_any(),
        Status::Failed(failure) => {
            let act = move |callback: Callback<Arc<str>>| {
                let key = key.clone();
                move |_| callback.run(key.clone())
            };
            view! {
                <div class="fail" role="group" aria-label=move || why(failure)>
                    <Icon of="#stop"/>
                    <span>{move || why(failure)}</span>
                    <span class="fail__do">
                        <button type="button" class="btn btn--small btn--danger" on:click=act(remedies.retry)>{t(|w| w.msg_retry)}</button>
                        <button type="button" class="btn btn--small" on:click=act(remedies.edit)>{t(|w| w.msg_edit)}</button>
                        <button type="button" class="btn btn--small" on:click=act(remedies.discard)>{t(|w| w.msg_delete)}</button>
                    </span>
                </div>
            }
            .into_any()
        }
    }
}

fn why(failure: Failure) -> &'static str {
    let words = words();
    match failure {
        Failure::NoAnswer => words.msg_failed,
        Failure::Refused => words.msg_failed_refused,
        Failure::NoRoom => words.msg_failed_room,
        Failure::Stale => words.msg_failed_stale,
    }
}
