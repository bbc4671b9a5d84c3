//! Where one is signed in, and how to be signed in on one more device: a link that works once and is gone with the page.

use std::{sync::Arc, time::Duration};

use leptos::{prelude::*, task::spawn_local};
use shared::session::{LinkMade, SessionInfo};

use crate::{
    api,
    browser::{
        prefs::{lang, w},
        time,
    },
    components::{alert::alert, icon::icon, link_made::picture, phrase::phrase},
    dom::{El, button, effect, el},
    i18n::fill,
    pages::wrong::Wrongs,
    state::{time::left_words, view::Own},
};

/// How often to look whether the other device has come in, in milliseconds.
const LOOK_MS: u64 = 2_000;

pub(super) fn devices(own: &Arc<Own>, sign_out: Callback<()>, failed: Signal<Option<String>>) -> Vec<El> {
    let list = RwSignal::new(Vec::<SessionInfo>::new());
    let wrongs = Wrongs::new();
    let load = Callback::new(move |()| {
        spawn_local(async move {
            match api::sessions().await {
                Ok(answer) => {
                    list.try_set(answer.sessions);
                }
                Err(error) => wrongs.take(&error),
            }
        });
    });
    effect(move || load.run(()));
    let others = move || list.with(|list| list.iter().any(|session| !session.current));
    let everywhere = move || {
        wrongs.clear();
        spawn_local(async move {
            if let Err(error) = api::end_other_sessions().await {
                wrongs.take(&error);
            }
            load.run(());
        });
    };
    let all = move || {
        let leave = button("btn btn--danger").child(icon("#leave")).text(w().dev_all).press(everywhere);
        others().then(|| el("p").child(leave))
    };
    let lines = move || list.get().iter().map(|session| line(session, sign_out, wrongs)).collect();
    let page = el("div")
        .child(move_box(own, list))
        .child(el("p").class("settings__lead").text(w().dev_lead))
        .child(el("ul").swap_all(lines))
        .swap_on(others, move || untrack(all));
    vec![alert(alert(page, wrongs.any_of()), failed)]
}

/// A device and what it was last used for, and the button that ends it there.
fn line(session: &SessionInfo, sign_out: Callback<()>, wrongs: Wrongs) -> El {
    let (id, ended) = (session.id, RwSignal::new(false));
    let name = session.device.clone().unwrap_or_else(|| w().dev_unknown.to_owned());
    let used = time::parse(&session.last_used_at.0).map(|at| time::short_moment(lang(), at)).unwrap_or_default();
    let end = move || {
        wrongs.clear();
        spawn_local(async move {
            match api::end_session(id).await {
                Ok(()) => {
                    ended.try_set(true);
                }
                Err(error) => wrongs.take(&error),
            }
        });
    };
    let used = match &session.address {
        Some(place) => fill(w().dev_sub, &[("place", place), ("t", &used)]),
        None => fill(w().dev_sub_at, &[("t", &used)]),
    };
    if session.current {
        return this_device(&name, Some(&used), sign_out);
    }
    let words = el("div").child(el("bdi").text(&name)).child(el("small").text(&used));
    let leave = move || {
        Some(if ended.get() {
            el("span").class("quiet").attr("role", "status").text(w().dev_ended)
        } else {
            button("btn btn--small")
                .attr("aria-label", &*fill(w().dev_out_of, &[("what", &name)]))
                .text(w().dev_out)
                .press(end)
        })
    };
    el("li").class("device").children([icon("#device"), words]).swap(leave)
}

fn this_device(name: &str, used: Option<&str>, sign_out: Callback<()>) -> El {
    let words = el("div").child(el("bdi").text(name)).child(used.map(|used| el("small").text(used)));
    let here = used.map(|_| el("span").class("person__is").text(w().dev_here));
    let leave = button("btn btn--small").id("sign-out").text(w().dev_out).press(move || sign_out.run(()));
    let does = el("span").class("device__do").child(here).child(leave);
    el("li").class("device").flag("data-here", true).children([icon("#laptop"), words, does])
}

/// What has become of the link to the other device.
#[derive(Clone, PartialEq)]
enum Move {
    None,
    Open(Arc<LinkMade>),
    Over,
    /// The device that came in.
    Done(String),
}

fn move_box(own: &Arc<Own>, list: RwSignal<Vec<SessionInfo>>) -> El {
    let (state, busy, wrongs) = (RwSignal::new(Move::None), RwSignal::new(false), Wrongs::new());
    let name = own.member.display_name.to_string();
    let make = Callback::new(move |()| {
        wrongs.clear();
        busy.set(true);
        spawn_local(async move {
            let answer = api::make_device_link().await;
            busy.try_set(false);
            match answer {
                Ok(link) => {
                    state.try_set(Move::Open(Arc::new(link)));
                }
                Err(error) => wrongs.take(&error),
            }
        });
    });
    let maker = move |words: &'static str, sign: &'static str| {
        button("btn").flag_of("data-busy", move || busy.get()).child(icon(sign)).text(words).press(move || make.run(()))
    };
    let part = move || match state.get() {
        Move::None => Some(maker(w().dev_move, "#device")),
        Move::Open(link) => Some(open_link(&name, &link, state, list, maker(w().dev_move_new, "#again"))),
        Move::Over => Some(
            el("div")
                .class("made__do")
                .children([el("p").attr("role", "status").text(w().dev_move_over), maker(w().dev_move_new, "#again")]),
        ),
        Move::Done(device) => {
            Some(phrase(el("p").class("done").attr("role", "status"), w().dev_move_done, &[("device", &device)]))
        }
    };
    alert(el("div").class("moving").swap(part), wrongs.any_of())
}

fn open_link(
    name: &str,
    link: &Arc<LinkMade>,
    state: RwSignal<Move>,
    list: RwSignal<Vec<SessionInfo>>,
    again: El,
) -> El {
    let until = time::parse(&link.expires_at.0).unwrap_or_default();
    let left = RwSignal::new(seconds_left(until));
    // In five minutes or less: the link may have been made a moment ago.
    let whole = left_words(left.get_untracked());
    count_down(until, left, state, link.clone());
    look_for_it(state, list, link.clone());
    let time_left = move || fill(w().dev_move_left, &[("t", &left_words(left.get()))]);
    let field = el("input")
        .class("input made__link")
        .flag("readonly", true)
        .attr("aria-label", w().invite_link)
        .attr("value", &*link.url);
    let (copied, source) = (RwSignal::new(false), field.clone());
    let copy = move || {
        copied.set(false);
        let field = source.node();
        spawn_local(async move { copied.set(crate::browser::clipboard::copy_field(field).await) });
    };
    let said = move || if copied.get() { w().invite_copied.to_owned() } else { String::new() };
    let words = el("div").children([
        el("h4").text(w().dev_move),
        phrase(el("p"), w().dev_move_note, &[("a", name), ("t", &whole)]),
        // Not a live region: it changes every second.
        el("p").class("moving__left num").text_of(time_left),
        field,
        el("small").class("quiet").text(w().dev_move_warn),
        el("div").class("made__do").children([
            button("btn").child(icon("#copy")).text(w().invite_copy).press(copy),
            again,
            el("span").class("quiet").attr("role", "status").text_of(said),
        ]),
    ]);
    el("div").class("made").children([picture(&link.qr), words])
}

fn seconds_left(until: i64) -> u32 {
    u32::try_from((until - time::now_ms()).max(0) / 1_000).unwrap_or(u32::MAX)
}

/// Counts while this link is the one that is shown; the page may be gone.
fn count_down(until: i64, left: RwSignal<u32>, state: RwSignal<Move>, link: Arc<LinkMade>) {
    set_timeout(
        move || {
            if state.try_with_untracked(|state| *state == Move::Open(link.clone())) != Some(true) {
                return;
            }
            let seconds = seconds_left(until);
            if seconds == 0 {
                state.try_set(Move::Over);
            } else {
                left.try_set(seconds);
                count_down(until, left, state, link.clone());
            }
        },
        Duration::from_secs(1),
    );
}

/// Looks for a session that was not there when the link was made.
fn look_for_it(state: RwSignal<Move>, list: RwSignal<Vec<SessionInfo>>, link: Arc<LinkMade>) {
    set_timeout(
        move || {
            if state.try_with_untracked(|state| *state == Move::Open(link.clone())) != Some(true) {
                return;
            }
            spawn_local(async move {
                let answer = api::sessions().await;
                let known = list.try_get_untracked().unwrap_or_default();
                if let Ok(answer) = answer {
                    let new = |session: &&SessionInfo| !known.iter().any(|known| known.id == session.id);
                    if let Some(device) = answer.sessions.iter().find(new) {
                        let device = device.device.clone().unwrap_or_else(|| w().dev_unknown.to_owned());
                        state.try_set(Move::Done(device));
                        list.try_set(answer.sessions);
                        return;
                    }
                }
                look_for_it(state, list, link);
            });
        },
        Duration::from_millis(LOOK_MS),
    );
}
