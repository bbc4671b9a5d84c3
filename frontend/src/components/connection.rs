//! The connection strip: nothing while all is well, else what is wrong and that one can go on writing (`ux.md` §10).
//!
//! It is not a live region: the countdown would be read out every second. The announcer says the change once.

use std::time::Duration;

use leptos::prelude::*;

use super::icon::icon;
use crate::{
    browser::{
        prefs::{first as w, lang},
        time,
    },
    dom::{El, button, effect, el},
    i18n::{Lang, fill, fill_n},
    state::view::Link,
};

/// Once shown, it stays this long, so that nothing flickers.
const SHOWN_AT_LEAST_MS: f64 = 1200.0;
/// Fewer missed facts than this are caught up with without a word.
const REPLAY_WORTH_SAYING: u32 = 10;

/// The strip, while there is something to say about the `link`; `retry` hears of "try now", `why` of "what is wrong?".
#[must_use]
pub fn connection_strip(link: ReadSignal<Link>, retry: Callback<()>, why: Option<Callback<()>>) -> El {
    let shown = use_steady(link);
    let of = move || kind(shown.get());
    el("div").swap_on(of, move || kind(shown.get_untracked()).map(|kind| strip(kind, shown, retry, why)))
}

fn strip(kind: Kind, shown: RwSignal<Link>, retry: Callback<()>, why: Option<Callback<()>>) -> El {
    let (sign, is) = match kind {
        Kind::Wait | Kind::Stop => ("#again", "wait"),
        Kind::Replay => ("#cup", "replay"),
        Kind::Off => ("#stop", "off"),
    };
    let words = move || sentence(lang(), shown.get());
    let strip = el("div").class("conn").attr("data-is", is).children([icon(sign), el("p").text_of(words)]);
    let why = why.map(|why| button("btn btn--small btn--text").text(w().conn_why).press(move || why.run(())));
    match kind {
        Kind::Wait => strip.child(button("btn btn--small").text(w().conn_now).press(move || retry.run(()))).child(why),
        Kind::Replay => {
            let count = move |part: fn(u32, u32) -> u32| match shown.get() {
                Link::Replaying { seen, behind } => Some(part(seen, behind).to_string()),
                _ => Some("1".to_owned()),
            };
            strip.child(
                el("progress")
                    .attr_text_of("max", move || count(|_, behind| behind))
                    .attr_text_of("value", move || count(|seen, _| seen))
                    .attr_text_of("aria-label", move || Some(words())),
            )
        }
        Kind::Off => strip.child(why),
        Kind::Stop => strip,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Wait,
    Replay,
    Off,
    Stop,
}

fn kind(link: Link) -> Option<Kind> {
    match link {
        Link::Opening | Link::Live { .. } | Link::Silent => None,
        Link::Waiting { .. } => Some(Kind::Wait),
        Link::Replaying { behind, .. } => (behind >= REPLAY_WORTH_SAYING).then_some(Kind::Replay),
        Link::Offline => Some(Kind::Off),
        Link::Restarting { .. } => Some(Kind::Stop),
    }
}

/// The sentence for a state; empty for those that have none.
pub(super) fn sentence(lang: Lang, link: Link) -> String {
    let words = lang.first();
    match (kind(link), link) {
        (_, Link::Waiting { seconds: 0 }) => words.conn_trying.to_owned(),
        (_, Link::Waiting { seconds }) => fill(words.conn_wait, &[("s", &seconds.to_string())]),
        (_, Link::Restarting { seconds }) => fill(words.bye_stop, &[("s", &seconds.to_string())]),
        (Some(_), Link::Replaying { seen, .. }) => fill_n(words.conn_replay, u64::from(seen)),
        (_, Link::Offline) => words.conn_off.to_owned(),
        _ => String::new(),
    }
}

/// Follows the link, but holds a shown strip for its least time when all is well again.
fn use_steady(link: ReadSignal<Link>) -> RwSignal<Link> {
    let shown = RwSignal::new(link.get_untracked());
    let mut since = 0.0;
    let mut waiting: Option<TimeoutHandle> = None;
    effect(move || {
        if let Some(handle) = waiting.take() {
            handle.clear();
        }
        let (now, next, last) = (time::now(), link.get(), shown.get_untracked());
        if kind(next).is_some() && kind(last).is_none() {
            since = now;
        }
        let left = since + SHOWN_AT_LEAST_MS - now;
        if kind(next).is_some() || kind(last).is_none() || left <= 0.0 {
            shown.set(next);
        } else {
            // The strip may be gone by then.
            let rest = move || {
                shown.try_set(next);
            };
            waiting = set_timeout_with_handle(rest, Duration::from_millis(left as u64)).ok();
        }
    });
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strip_is_silent_unless_something_is_wrong() {
        for quiet in [Link::Opening, Link::Live { rtt_ms: None }, Link::Silent, Link::Replaying { seen: 3, behind: 9 }]
        {
            assert_eq!(sentence(Lang::En, quiet), "");
        }
        assert!(sentence(Lang::En, Link::Waiting { seconds: 3 }).contains("3 s"));
        assert!(sentence(Lang::Zh, Link::Replaying { seen: 26, behind: 42 }).contains("26"));
        assert!(sentence(Lang::En, Link::Restarting { seconds: 8 }).contains("8 s"));
    }
}
