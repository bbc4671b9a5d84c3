//! The frame of a dialog: a native modal `<dialog>` with a heading and, unless the person must act, a closing button.

use leptos::{ev::Event, prelude::*};

use super::icon::icon;
use crate::{
    browser::{self, prefs::first as w},
    dom::{El, button, effect, el},
};

/// A dialog whose heading is a text that changes, or that has something before its heading.
pub struct Sheet {
    /// The dialog's id, unique on the page.
    pub id: &'static str,
    /// Its classes.
    pub class: &'static str,
    /// Its heading.
    pub title: Box<dyn Fn() -> String>,
    /// What stands before the heading.
    pub lead: Option<El>,
    /// Whether it is open.
    pub open: Signal<bool>,
    /// Hears of Escape and of the closing button.
    pub closed: Callback<()>,
}

impl Sheet {
    /// The dialog, in which focus begins at the heading.
    #[must_use]
    pub fn draw(self, inside: impl Fn() -> Vec<El> + 'static) -> El {
        let heading = [self.id, "-t"].concat();
        let title = el("h2").id(&heading).attr("tabindex", "-1").flag("autofocus", true).text_of(self.title);
        frame(self.id, self.lead, title, self.open, Some(self.closed), Box::new(inside)).class(self.class)
    }
}

/// A modal dialog that is open while `open` holds; what is in it is drawn when it opens. Its heading has the id
/// `{id}-t`. `closed` hears of Escape and of the button; without it the dialog cannot be closed: the page cannot go on
/// as it is.
#[must_use]
pub fn dialog(
    id: &'static str,
    title: &'static str,
    open: Signal<bool>,
    closed: Option<Callback<()>>,
    inside: impl Fn() -> Vec<El> + 'static,
) -> El {
    let title = el("h2").id(&[id, "-t"].concat()).attr("tabindex", "-1").text(title);
    frame(id, None, title, open, closed, Box::new(inside))
}

fn frame(
    id: &'static str,
    lead: Option<El>,
    title: El,
    open: Signal<bool>,
    closed: Option<Callback<()>>,
    inside: Box<dyn Fn() -> Vec<El>>,
) -> El {
    let frame = el("dialog").id(id).attr("aria-labelledby", &*[id, "-t"].concat());
    let shut = frame.clone();
    let close = closed.map(|_| {
        button("tool")
            .attr("aria-label", w().panel_close)
            .child(icon("#x"))
            .press(move || browser::dialog::close(&shut.node()))
    });
    let head = el("header").class("dialog__head").child(lead).child(title).child(close);
    let shown = frame.clone();
    effect(move || {
        if open.get() {
            browser::dialog::show(&shown.node());
        } else {
            browser::dialog::close(&shown.node());
        }
    });
    let part = move || if open.get_untracked() { inside() } else { Vec::new() };
    stay_open(frame, open, closed).child(head).swap_all_on(move || open.get(), part)
}

/// Says that the dialog was closed, or keeps it open.
///
/// Chromium closes on the second Escape in a row whatever `cancel` says (HTML, close watchers); `closedby` forbids that
/// where it is known, and elsewhere the dialog opens again.
fn stay_open(frame: El, open: Signal<bool>, closed: Option<Callback<()>>) -> El {
    let again = frame.clone();
    let cancelled = move |event: Event| {
        if closed.is_none() {
            event.prevent_default();
        }
    };
    let has_closed = move |_: Event| match closed {
        Some(closed) => closed.run(()),
        None if open.get_untracked() => browser::dialog::show(&again.node()),
        None => {}
    };
    frame.attr("closedby", closed.is_none().then_some("none")).on("cancel", cancelled).on("close", has_closed)
}
