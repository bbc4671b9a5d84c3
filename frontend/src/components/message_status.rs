//! How far a message is on its way: nothing, a clock, or a sentence with three ways out.

use std::sync::Arc;

use leptos::prelude::*;

use super::icon::icon;
use crate::{
    browser::prefs::first as w,
    dom::{El, button, el},
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

/// The line under the message `key` that is waiting or was not sent.
#[must_use]
pub fn message_status(key: &Arc<str>, status: Status, remedies: Remedies) -> Option<El> {
    let failure = match status {
        Status::Sent | Status::Sending | Status::Slow => return None,
        Status::Queued => return Some(el("div").class("msg__wait").child(icon("#clock")).text(w().msg_queued)),
        Status::Failed(failure) => failure,
    };
    let way = |class: &'static str, words: &'static str, act: Callback<Arc<str>>| {
        let key = key.clone();
        button(class).text(words).press(move || act.run(key.clone()))
    };
    let ways = el("span").class("fail__do").children([
        way("btn btn--small btn--danger", w().msg_retry, remedies.retry),
        way("btn btn--small", w().msg_edit, remedies.edit),
        way("btn btn--small", w().msg_delete, remedies.discard),
    ]);
    let why = why(failure);
    let group = el("div").class("fail").attr("role", "group").attr("aria-label", why);
    Some(group.children([icon("#stop"), el("span").text(why), ways]))
}

fn why(failure: Failure) -> &'static str {
    match failure {
        Failure::NoAnswer => w().msg_failed,
        Failure::Refused => w().msg_failed_refused,
        Failure::NoRoom => w().msg_failed_room,
        Failure::Stale => w().msg_failed_stale,
    }
}
