//! The settings: a dialog of pages, each an entry of the history. On a phone first the list, then one page with a way back.
//!
//! Switches act at once, and texts when their field is left; only the password has a button. What the server refuses is said
//! on the page, and the control shows again what holds.

mod devices;
mod look;
mod password;
mod profile;
mod tokens;

use std::{sync::Arc, time::Duration};

use leptos::{ev::MouseEvent, prelude::*, task::spawn_local};
use shared::{member::Role, request::ChangePerson};

use super::wrong::Wrongs;
use crate::{
    api,
    browser::{address::use_address, focus, prefs::w, viewport},
    chat::use_chat,
    components::{alert::alert, dialog::Sheet, icon::icon},
    dom::{El, button, effect, el},
    state::view::Own,
};

/// How long a tick stands beside a text that was saved, in milliseconds.
const TICK_MS: u64 = 2_000;

/// The pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    Profile,
    Look,
    Privacy,
    Lang,
    Password,
    Devices,
    Tokens,
}

impl Page {
    const ALL: [Self; 7] =
        [Self::Profile, Self::Look, Self::Privacy, Self::Lang, Self::Password, Self::Devices, Self::Tokens];

    /// The address's fragment, and after its last part the id of the link to it.
    fn part(self) -> &'static str {
        match self {
            Self::Profile => "settings/profile",
            Self::Look => "settings/look",
            Self::Privacy => "settings/privacy",
            Self::Lang => "settings/language",
            Self::Password => "settings/password",
            Self::Devices => "settings/devices",
            Self::Tokens => "settings/tokens",
        }
    }

    fn title(self) -> &'static str {
        let words = w();
        match self {
            Self::Profile => words.set_profile,
            Self::Look => words.set_look,
            Self::Privacy => words.set_privacy,
            Self::Lang => words.set_langtime,
            Self::Password => words.set_password,
            Self::Devices => words.set_devices,
            Self::Tokens => words.set_tokens,
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Self::Profile => "#person",
            Self::Look => "#sun",
            Self::Privacy => "#eyeoff",
            Self::Lang => "#globe",
            Self::Password => "#key",
            Self::Devices => "#device",
            Self::Tokens => "#terminal",
        }
    }

    /// Whether somebody of this role has it. A guest has no password, and no device to move to but by one; a token is for
    /// those who stay.
    fn is_for(self, role: Role) -> bool {
        role != Role::Guest || !matches!(self, Self::Password | Self::Tokens)
    }
}

/// What the fragment asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Closed,
    List,
    Page(Page),
}

fn at(part: &str) -> At {
    match part {
        "settings" => At::List,
        _ => Page::ALL.into_iter().find(|page| page.part() == part).map_or(At::Closed, At::Page),
    }
}

/// The dialog. `sign_out` ends the session of this device; `failed` says that it did not reach the server.
pub(super) fn settings_overlay(sign_out: Callback<()>, failed: Signal<Option<String>>) -> El {
    let (chat, address) = (use_chat(), use_address());
    let at = Memo::new(move |_| at(&address.part()));
    let open = Signal::derive(move || at.get() != At::Closed && chat.own.with(Option::is_some));
    let up = move || address.up("settings");
    let lead = button("tool settings__back").attr("aria-label", w().set_back).child(icon("#back")).press(up);
    use_focus(at);
    let sheet = Sheet {
        id: "settings",
        class: "settings",
        title: Box::new(|| w().set_title.to_owned()),
        lead: Some(lead),
        open,
        closed: Callback::new(move |()| address.close()),
    };
    let inside = move || {
        let Some(own) = chat.own.get_untracked() else { return Vec::new() };
        let (nav, role) = (nav(at, own.member.role), own.member.role);
        // Where there is room for both, the list stands beside the first page.
        let shown = move || match at.get() {
            At::Page(page) if page.is_for(role) => page,
            _ => Page::Profile,
        };
        let page = move || {
            let own = chat.own.get_untracked()?;
            Some(draw(untrack(shown), &own, sign_out, failed))
        };
        let body = el("div").class("settings__body").child(nav).swap_on(shown, page);
        vec![body, el("p").class("dialog__foot").text(w().set_saved)]
    };
    sheet.draw(inside).attr_of("data-page", move || (!matches!(at.get(), At::Page(_))).then_some("none"))
}

fn nav(at: Memo<At>, role: Role) -> El {
    let address = use_address();
    let link = |page: Page| {
        let go = move |event: MouseEvent| {
            event.prevent_default();
            address.open(page.part());
        };
        el("a")
            .class("row")
            .id(page.part())
            .attr("href", &*["#", page.part()].concat())
            .attr_of("aria-current", move || {
                let here = at.get() == At::Page(page) || (at.get() == At::List && page == Page::Profile);
                here.then_some("page")
            })
            .children([icon(page.icon()), el("span").class("row__name").text(page.title())])
            .on("click", go)
    };
    let links: Vec<El> = Page::ALL.into_iter().filter(|page| page.is_for(role)).map(link).collect();
    el("nav").class("settings__nav").attr("aria-label", w().set_title).children(links)
}

/// On a phone one of the two is gone when the other comes, and focus with it.
fn use_focus(at: Memo<At>) {
    let phone = viewport::use_phone();
    let mut before = At::Closed;
    effect(move || {
        let (from, to) = (std::mem::replace(&mut before, at.get()), at.get());
        if !phone.get_untracked() {
            return;
        }
        match (from, to) {
            (At::List, At::Page(_)) => focus::focus_soon("settings-page"),
            (At::Page(page), At::List) => focus::focus_soon(page.part()),
            _ => {}
        }
    });
}

fn draw(page: Page, own: &Arc<Own>, sign_out: Callback<()>, failed: Signal<Option<String>>) -> El {
    let saver = Saver::new(own);
    let inside = match page {
        Page::Profile => profile::profile(own, saver),
        Page::Look => look::look(),
        Page::Privacy => look::privacy(own, saver),
        Page::Lang => look::language(own, saver),
        Page::Password => password::password(own),
        Page::Devices => devices::devices(own, sign_out, failed),
        Page::Tokens => tokens::tokens(),
    };
    let heading = el("h3").id("settings-page").attr("tabindex", "-1").text(page.title());
    let body = el("div")
        .class("settings__page")
        .attr("tabindex", "0")
        .attr("role", "group")
        .attr("aria-labelledby", "settings-page")
        .child(heading)
        .children(inside);
    alert(body, saver.wrongs.any_of())
}

/// Sends changes of the person's own, and says on the page what was refused.
#[derive(Clone, Copy)]
struct Saver {
    member: shared::id::MemberId,
    wrongs: Wrongs,
}

impl Saver {
    fn new(own: &Own) -> Self {
        Self { member: own.member.id, wrongs: Wrongs::new() }
    }

    /// Sends a change. `wrongs` hears what is wrong with it, `done` whether it was taken.
    fn send(self, change: ChangePerson, wrongs: Wrongs, done: Callback<bool>) {
        self.wrongs.clear();
        wrongs.clear();
        spawn_local(async move {
            let answer = api::change_person(self.member, &change).await;
            if let Err(error) = &answer {
                wrongs.take(error);
            }
            done.run(answer.is_ok());
        });
    }

    /// A switch of the person's own: it shows the new state at once, and the old one again if it was refused.
    fn flip(self, on: RwSignal<bool>, now: bool, change: ChangePerson) {
        on.set(now);
        let back = move |taken: bool| {
            if !taken {
                on.try_set(!now);
            }
        };
        self.send(change, self.wrongs, Callback::new(back));
    }
}

/// A tick that stands for two seconds beside what was saved.
#[derive(Clone, Copy)]
pub(super) struct Tick(RwSignal<bool>);

impl Tick {
    pub(super) fn new() -> Self {
        Self(RwSignal::new(false))
    }

    pub(super) fn show(self) {
        self.0.try_set(true);
        set_timeout(
            move || {
                self.0.try_set(false);
            },
            Duration::from_millis(TICK_MS),
        );
    }

    /// The tick, in a field.
    pub(super) fn draw(self) -> El {
        let tick = move || {
            let shown = self.0.get();
            shown.then(|| el("span").children([icon("#check"), el("span").class("sr").text(w().set_tick)]))
        };
        el("span").class("field__tick").attr("role", "status").swap(tick)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_names_a_page() {
        for page in Page::ALL {
            assert_eq!(at(page.part()), At::Page(page));
            assert!(page.is_for(Role::Member));
        }
        for (part, expected) in [("", At::Closed), ("settings", At::List), ("settings/emperor", At::Closed)] {
            assert_eq!(at(part), expected, "{part}");
        }
        assert!(!Page::Tokens.is_for(Role::Guest) && Page::Profile.is_for(Role::Guest));
    }
}
