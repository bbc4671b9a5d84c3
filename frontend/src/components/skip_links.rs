//! The first two tab stops: past the rooms, to what was said and to where one writes.

use leptos::ev::MouseEvent;

use crate::{
    browser::{focus, prefs::first as w},
    dom::{El, el},
};

/// Links that are seen only when focused.
#[must_use]
pub fn skip_links() -> Vec<El> {
    let link = |id: &'static str, href: &'static str| {
        let go = move |event: MouseEvent| {
            // The address keeps its room: a fragment would be an entry of the history.
            event.prevent_default();
            focus::focus(id);
        };
        el("a").class("skip").attr("href", href).on("click", go)
    };
    vec![link("timeline", "#timeline").text(w().skip_timeline), link("compose", "#compose").text(w().skip_compose)]
}
