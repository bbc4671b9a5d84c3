//! The foot of the rail: who one is, and the truth about the connection.

use leptos::prelude::*;

use super::{icon::Icon, seal::Seal};
use crate::{
    browser::prefs::{t, text},
    i18n::{Lang, fill},
    state::view::{Link, Person},
};

/// The foot.
#[component]
pub fn RailFoot(
    /// The person at this screen.
    me: Signal<Person>,
    /// The state of the stream.
    link: Signal<Link>,
    /// The settings were asked for.
    on_settings: Callback<()>,
) -> impl IntoView {
    let words = text(move |lang| live_words(lang, link.get()));
    view! {
        <div class="me">
            <Seal person=me size="m"/>
            <div class="me__text">
                <div class="clip"><b><bdi>{move || me.with(|me| me.name.clone())}</bdi></b></div>
                <span class="live" data-is=move || live_is(link.get())>{words}</span>
            </div>
            <button type="button" class="tool" aria-label=t(|w| w.nav_settings) on:click=move |_| on_settings.run(())>
                <Icon of="#gear"/>
            </button>
        </div>
    }
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
    let words = lang.words();
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
