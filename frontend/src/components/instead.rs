//! What stands in a room's place when there is none: what happened, what was kept, what to do.

use leptos::prelude::*;
use shared::room::Room;

use super::{alert::alert, icon::icon};
use crate::{
    browser::prefs::{lang, w},
    dom::{El, button, el},
    i18n::{fill, fill_n},
};

/// The text that waited in the composer of a room that is gone.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What was typed.
    pub text: String,
    /// Copies it.
    pub copy: Callback<()>,
}

/// What is said, and what can be done.
#[derive(Clone, Debug)]
pub struct Instead {
    /// What happened; the heading.
    pub title: String,
    /// What follows from it.
    pub note: Option<&'static str>,
    /// What was kept.
    pub draft: Option<Draft>,
    /// The seconds for which it can be undone, and how.
    pub undo: Option<(Signal<Option<u32>>, Callback<()>)>,
    /// It is read out where it stands, because focus does not go to it.
    pub announced: bool,
    /// The address and the title of the room that one can go to.
    pub go: Signal<Option<(String, String)>>,
    /// Back to the rooms, on a phone.
    pub back: Callback<()>,
}

/// The notice. Its heading has the id `instead`.
#[must_use]
pub fn instead(said: Instead) -> Vec<El> {
    let Instead { title, note, draft, undo, announced, go, back } = said;
    let heading = el("h1").id("instead").attr("tabindex", "-1").text(&title);
    let ways = el("div").class("gone__do").swap(move || undo.and_then(undo_button)).swap(move || {
        go.get().map(|(path, title)| {
            let words = fill(w().gone_go, &[("room", &title)]);
            el("a").class(if undo.is_some() { "btn" } else { "btn btn--main" }).attr("href", &*path).text(&words)
        })
    });
    let kept = draft.as_ref().map(|draft| {
        el("div")
            .class("kept")
            .children([el("small").text(w().gone_draft), el("p").attr("dir", "auto").text(&draft.text)])
    });
    let copy =
        draft.map(|draft| button("btn").child(icon("#copy")).text(w().gone_copy).press(move || draft.copy.run(())));
    let gone = el("div").class("gone").attr("role", announced.then_some("status")).children([icon("#leave"), heading]);
    let gone = gone.child(note.map(|note| el("p").text(note))).child(kept).child(ways.child(copy));
    vec![bare_header(back), el("div"), gone]
}

fn undo_button((seconds, undo): (Signal<Option<u32>>, Callback<()>)) -> Option<El> {
    seconds.with(Option::is_some).then(|| {
        let left = move || seconds.get().map(|left| left.to_string()).unwrap_or_default();
        button("btn btn--main")
            .id("undo")
            .child(icon("#again"))
            .text(w().del_undo)
            .child(el("span").class("num").attr("aria-hidden", "true").text_of(left))
            .press(move || undo.run(()))
    })
}

/// An open room from outside: what it is, and *Join*.
#[must_use]
pub fn outside(
    room: &Room,
    busy: Signal<bool>,
    wrong: Signal<Option<String>>,
    join: Callback<()>,
    back: Callback<()>,
) -> Vec<El> {
    let title = ["# ", room.name.as_str()].concat();
    let n = u64::from(room.member_count);
    let count = fill_n(lang().plural(n, w().room_members_one, w().room_members), n);
    let topic = (!room.topic.as_str().is_empty()).then(|| el("p").attr("dir", "auto").text(room.topic.as_str()));
    let go = (!room.archived).then(|| {
        button("btn btn--main")
            .id("join-room")
            .flag_of("data-busy", move || busy.get())
            .true_of("aria-busy", move || busy.get())
            .text(w().browse_join)
            .press(move || {
                if !busy.get_untracked() {
                    join.run(());
                }
            })
    });
    let note = if room.archived { w().room_arch_outside } else { w().room_outside };
    let gone = el("div").class("gone").children([
        icon(if room.archived { "#archive" } else { "#hash" }),
        el("h1").id("instead").attr("tabindex", "-1").child(el("bdi").text(&title)),
    ]);
    let gone = gone.child(topic).child(el("p").text(&count).text(" · ").text(note)).child(go);
    vec![bare_header(back), el("div"), alert(gone, wrong)]
}

/// A header without a room.
#[must_use]
pub fn bare_header(back: Callback<()>) -> El {
    let lead = button("tool").attr("aria-label", w().nav_back).child(icon("#back")).press(move || back.run(()));
    el("header").class("bar").child(el("span").class("bar__lead").child(lead))
}
