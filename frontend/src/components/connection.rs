//! The connection strip: nothing while all is well, else what is wrong and that one can go on writing (`ux.md` §10).
//!
//! It is not a live region: the countdown would be read out every second. The announcer says the change once.

use std::time::Duration;

use leptos::prelude::*;

use super::icon::Icon;
use crate::{
    browser::{
        prefs::{t, text},
        time,
    },
    i18n::{Lang, fill, fill_n},
    state::view::Link,
};

/// Once shown, it stays this long, so that nothing flickers.
const SHOWN_AT_LEAST_MS: f64 = 1200.0;
/// Fewer missed facts than this are caught up with without a word.
const REPLAY_WORTH_SAYING: u32 = 10;

/// The strip.
#[component]
pub fn ConnectionStrip(
    /// The state of the stream.
    link: Signal<Link>,
    /// "Try now".
    on_retry: Callback<()>,
) -> impl IntoView {
    let shown = use_steady(link);
    move || {
        let kind = kind(shown.get())?;
        let (icon, is) = match kind {
            Kind::Wait | Kind::Stop => ("#again", "wait"),
            Kind::Replay => ("#cup", "replay"),
            Kind::Off => ("#stop", "off"),
        };
        let words = text(move |lang| sentence(lang, shown.get()));
        Some(view! {
            <div class="conn" data-is=is>
                <Icon of=icon/>
                <p>{words}</p>
                {(kind == Kind::Wait).then(|| view! {
                    <button type="button" class="btn btn--small" on:click=move |_| on_retry.run(())>{t(|w| w.conn_now)}</button>
                })}
                {(kind == Kind::Replay).then(|| view! {
                    <progress
                        max=move || if let Link::Replaying { behind, .. } = shown.get() { behind } else { 1 }
                        prop:value=move || if let Link::Replaying { seen, .. } = shown.get() { f64::from(seen) } else { 1.0 }
                        aria-label=words
                    />
                })}
            </div>
        })
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
    let words = lang.words();
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
fn use_steady(link: Signal<Link>) -> Signal<Link> {
    let shown = RwSignal::new(link.get_untracked());
    let since = StoredValue::new(0.0);
    Effect::new(move |waiting: Option<Option<TimeoutHandle>>| {
        if let Some(handle) = waiting.flatten() {
            handle.clear();
        }
        let (now, next, last) = (time::now(), link.get(), shown.get_untracked());
        if kind(next).is_some() {
            if kind(last).is_none() {
                since.set_value(now);
            }
            shown.set(next);
            return None;
        }
        let left = since.get_value() + SHOWN_AT_LEAST_MS - now;
        if kind(last).is_none() || left <= 0.0 {
            shown.set(next);
            return None;
        }
        set_timeout_with_handle(move || shown.set(next), Duration::from_millis(left as u64)).ok()
    });
    shown.into()
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
