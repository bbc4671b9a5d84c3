//! The foot of the rail: who one is, and the truth about the connection.

use leptos::prelude::*;
use shared::presence::PresenceLevel;

use super::{
    icon::icon,
    presence::{dot, said},
    seal::seal,
};
use crate::{
    browser::prefs::{first as w, lang},
    dom::{El, button, el},
    i18n::{Lang, fill},
    state::view::{Link, Person},
};

/// The foot: the person at this screen, and the state of the stream.
#[must_use]
pub fn rail_foot(
    me: ReadSignal<Option<Person>>,
    level: Callback<(), Option<PresenceLevel>>,
    link: ReadSignal<Link>,
    settings: Callback<()>,
    doctor: Callback<()>,
) -> El {
    let name = move || me.get().map(|me| me.name).unwrap_or_default();
    let live = button("live")
        .attr_of("data-is", move || live_is(link.get()))
        .children([
            el("span").text_of(move || live_words(lang(), link.get())),
            el("span").class("sr").text(w().live_open),
        ])
        .press(move || doctor.run(()));
    let level = move || level.run(());
    let name = el("div").class("clip").child(el("b").child(el("bdi").text_of(name))).child(said(level));
    let sign = move || me.get().map(|me| seal(&me, Some("m")).child(dot(level)));
    el("div").class("me").swap(sign).children([
        el("div").class("me__text").children([name, live]),
        button("tool").attr("aria-label", w().nav_settings).child(icon("#gear")).press(move || settings.run(())),
    ])
}

/// The dot's shape: a disc when live, a ring while it is being mended, a square when it is not.
fn live_is(link: Link) -> Option<&'static str> {
    match link {
        Link::Live { .. } | Link::Replaying { .. } => None,
        Link::Opening | Link::Silent | Link::Waiting { .. } | Link::Restarting { .. } => Some("wait"),
        Link::Offline => Some("off"),
    }
}

fn live_words(lang: Lang, link: Link) -> String {
    let words = lang.first();
    let plain = match link {
        Link::Live { rtt_ms: Some(ms) } => return fill(words.live_ok, &[("ms", &ms.to_string())]),
        // A break of less than two seconds says nothing: only the dot becomes a ring.
        Link::Live { rtt_ms: None } | Link::Silent => words.live_bare,
        Link::Opening => words.live_opening,
        Link::Waiting { .. } => words.live_wait,
        Link::Replaying { .. } => words.live_replay,
        Link::Offline => words.live_off,
        Link::Restarting { .. } => words.live_stop,
    };
    plain.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_foot_says_only_what_was_measured() {
        assert_eq!(live_words(Lang::En, Link::Live { rtt_ms: Some(38) }), "Live · 38 ms");
        assert_eq!(live_words(Lang::Zh, Link::Live { rtt_ms: None }), "实时");
        assert_eq!(live_words(Lang::En, Link::Offline), "Offline");
        assert_eq!(live_is(Link::Live { rtt_ms: None }), None);
        assert_eq!(live_is(Link::Silent), Some("wait"));
    }
}
