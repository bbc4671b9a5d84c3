//! What is not in the first download: the doors, the dialogs, and every screen that reading and writing does without.
//!
//! The program is cut in two when it is bundled (decision 0011). Functions that only [`draw`] leads to, and the texts and
//! tables that only they use, are fetched on their first use, or when the page has been idle for a moment. Nothing says so
//! at the functions themselves: whatever is called from anywhere else is in the first download, and `cargo xtask lint`
//! shows by how much.
//!
//! A screen is put here in three places: a variant of [`Screen`] with what it is given, its arm in [`draw`], and where it is
//! shown [`page`] for a whole page, or [`part`] for what lies over or in one:
//!
//! ```text
//! later::part(move || open.get(), Some(close), move || Screen::Settings(open))
//! ```
//!
//! While the file is under way, [`page`] leaves the skeleton of `index.html` where it is and [`part`] says that it is being
//! fetched. A file that does not come is said too, with a button to try again; one that is not there any more, because the
//! server has a new version, leads to the notice that asks to reload. Without the feature `split` (`cargo xtask dev`, tests)
//! the program is one file, and everything is there at once.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use leptos::{
    prelude::{Get, GetUntracked, Memo, Owner, RwSignal, Set, expect_context, provide_context, set_timeout, untrack},
    reactive::callback::{Callable, Callback},
    task::spawn_local,
};

use crate::{
    browser::{page as browser_page, people::Pressed, prefs::first as w},
    components::{delete_message::Asked, icon::icon},
    dom::{El, button, effect, el},
    pages::{
        Draw, audit, barred, browse, cards,
        chat::Overlays,
        gone, guest, invites, join,
        link::{self, Purpose},
        moderation::{self, Moderation},
        new_direct, new_room, notices, panel, people, room, room_settings, setup, signin, workspace,
    },
    state::view::RoomRow,
};

/// The page has been shown for so long when what comes later is fetched without being asked for, in milliseconds.
const IDLE_MS: u64 = 3_000;

/// What comes later, with what it is given.
#[derive(Debug)]
pub enum Screen {
    /// The first person's door.
    SetUp,
    /// The door of those who have an account.
    SignIn,
    /// The door of an invite, with its code.
    Join(String),
    /// The door of a link that signs in, with its code.
    Link(Purpose, String),
    /// The page of those whose account is barred.
    Barred,
    /// The people, in the room's place; the callback leads to the rooms, on a phone.
    People(Callback<()>, Moderation),
    /// The audit log, in the room's place.
    Audit(Callback<()>),
    /// What admins are asked and told about somebody.
    Moderation(Moderation),
    /// The settings dialog.
    Settings,
    /// The invite dialog.
    Invite,
    /// The dialog with the place's own settings.
    Workspace,
    /// The dialog in which a guest makes an account.
    Account,
    /// The connection doctor's dialog.
    Doctor(RwSignal<bool>),
    /// The dialog over a page whose session has ended.
    SignedOut,
    /// All rooms: the signal opens the dialog of a new one, the callback leads back.
    Browse(RwSignal<bool>, Callback<()>),
    /// The dialog of a new room, and the way to it.
    NewRoom(RwSignal<bool>, Callback<(String, bool)>),
    /// The dialog of a new direct message, and the way to it.
    NewDirect(RwSignal<bool>, Callback<(String, bool)>),
    /// The settings of the open room.
    RoomSettings(RwSignal<bool>, Memo<Option<RoomRow>>),
    /// What is beside the open room.
    Panel(panel::Panel, Memo<Option<RoomRow>>, Overlays),
    /// Somebody's card: who was pressed, in which room, and the way to a conversation.
    Card(RwSignal<Option<Pressed>>, Memo<Option<RoomRow>>, Callback<(String, bool)>),
    /// What stands in a room's place, whose name the address has; the callback leads back.
    Instead(Memo<Option<RoomRow>>, Memo<Option<String>>, Callback<()>),
    /// That there is nothing at this address; the callback leads to the rooms, on a phone.
    Nowhere(Callback<()>),
    /// The question before someone else's message is deleted.
    Deletion(RwSignal<Option<Asked>>),
}

/// Makes a screen. The only way to all of them: what this calls, and nothing else does, comes later.
fn draw(screen: Screen) -> Draw {
    let all = |parts: Vec<El>| -> Draw { Box::new(move || parts.clone()) };
    let one = |part: El| all(vec![part]);
    match screen {
        Screen::SetUp => setup::set_up(),
        Screen::SignIn => signin::sign_in(),
        Screen::Join(code) => join::join(code),
        Screen::Link(purpose, code) => link::link(purpose, code),
        Screen::Barred => barred::barred(),
        Screen::People(back, moderation) => Box::new(move || people::people_pane(back, moderation)),
        Screen::Audit(back) => Box::new(move || audit::audit_pane(back)),
        Screen::Moderation(moderation) => Box::new(move || moderation::moderation_overlays(moderation)),
        Screen::Settings => one(notices::own_settings()),
        Screen::Invite => one(invites::invite_overlay()),
        Screen::Workspace => one(workspace::workspace_overlay()),
        Screen::Account => one(guest::account_overlay()),
        Screen::Doctor(open) => one(notices::doctor_overlay(open)),
        Screen::SignedOut => one(notices::sign_in_again()),
        Screen::Browse(new_room, back) => all(browse::browse(new_room, back)),
        Screen::NewRoom(open, go) => one(new_room::new_room_overlay(open, go)),
        Screen::NewDirect(open, go) => one(new_direct::new_direct_overlay(open, go)),
        Screen::RoomSettings(open, room) => one(room_settings::room_settings_overlay(open, room)),
        Screen::Panel(panel, room, over) => all(panel::side_panel(panel, room, over).into_iter().collect()),
        Screen::Instead(room, named, back) => all(gone::in_its_place(room, named, back)),
        Screen::Nowhere(back) => all(gone::nowhere(back)),
        Screen::Deletion(asked) => one(room::deletion(asked)),
        Screen::Card(pressed, room, go) => one(cards::card_overlay(pressed, room, go)),
    }
}

/// How far what comes later is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nobody has asked for it.
    Away,
    /// On its way.
    Coming,
    /// It can be drawn.
    Here,
    /// It did not come: the network, most likely.
    Missing,
    /// The server does not have it: its version is another one by now.
    Gone,
}

/// What comes later, as the application holds it.
#[derive(Clone, Copy, Debug)]
pub struct Later(RwSignal<Stage>);

/// What comes later, as [`Later::provide`] put it into the context.
#[must_use]
pub fn use_later() -> Later {
    expect_context()
}

impl Later {
    /// Puts it into the context.
    pub fn provide() -> Self {
        let later = Self(RwSignal::new(Stage::Away));
        provide_context(later);
        later
    }

    /// Fetches it, unless it is here or on its way.
    pub fn fetch(self) {
        if !matches!(self.0.get_untracked(), Stage::Away | Stage::Missing) {
            return;
        }
        self.0.set(Stage::Coming);
        spawn_local(async move {
            let came = cut::arrived().await;
            self.0.set(match came {
                true => Stage::Here,
                false if browser_page::is_outdated() => Stage::Gone,
                false => Stage::Missing,
            });
        });
    }

    /// Fetches it when the page has been idle for a moment.
    pub fn fetch_when_idle(self) {
        set_timeout(move || self.fetch(), Duration::from_millis(IDLE_MS));
    }

    /// Whether a page of it can be shown, or that it cannot be had.
    #[must_use]
    pub fn is_settled(self) -> bool {
        !matches!(self.0.get(), Stage::Away | Stage::Coming)
    }

    /// Whether the server has another version by now.
    #[must_use]
    pub fn is_gone(self) -> bool {
        self.0.get() == Stage::Gone
    }
}

/// A page that comes later. Nothing is drawn, and so nothing replaces the skeleton, until it is here.
#[must_use]
pub fn page(screen: Screen) -> Draw {
    let later = use_later();
    later.fetch();
    let owner = Owner::current().expect("pages are opened under an owner");
    let (screen, drawn) = (Cell::new(Some(screen)), RefCell::new(None::<Draw>));
    Box::new(move || {
        match later.0.get() {
            Stage::Here => {}
            Stage::Missing => {
                let name = el("h1").class("sr").text(w().app_name);
                return vec![el("main").children([name, missing(later, None)])];
            }
            Stage::Away | Stage::Coming | Stage::Gone => return Vec::new(),
        }
        if let Some(screen) = screen.take() {
            drawn.replace(Some(owner.with(|| untrack(|| cut::draw(screen)))));
        }
        drawn.borrow().as_ref().map(|draw| draw()).unwrap_or_default()
    })
}

/// What lies over a page or in it, and comes later: nothing before `wanted` holds for the first time. `dismiss` hears that
/// the person does not want to wait for it.
#[must_use]
pub fn part(
    wanted: impl Fn() -> bool + 'static,
    dismiss: Option<Callback<()>>,
    screen: impl Fn() -> Screen + 'static,
) -> El {
    part_boxed(Box::new(wanted), dismiss, Box::new(screen))
}

fn part_boxed(wanted: Box<dyn Fn() -> bool>, dismiss: Option<Callback<()>>, screen: Box<dyn Fn() -> Screen>) -> El {
    let later = use_later();
    // At once if it can be: a page that is drawn anew gives the focus back after this.
    let at_once = untrack(|| later.0.get() == Stage::Here && wanted());
    let (asked, is_wanted) = (RwSignal::new(at_once), RwSignal::new(at_once));
    effect(move || {
        let wanted = wanted();
        is_wanted.set(wanted);
        if wanted {
            later.fetch();
            asked.set(true);
        }
    });
    let drawn = move || match (later.0.get(), asked.get(), is_wanted.get()) {
        (Stage::Here, true, _) => Shown::Drawn,
        (Stage::Coming, _, true) => Shown::Coming,
        (Stage::Missing, _, true) => Shown::Missing,
        _ => Shown::Nothing,
    };
    let shown = drawn;
    el("div").class("later").swap_all_on(drawn, move || match untrack(shown) {
        Shown::Drawn => cut::draw(screen())(),
        Shown::Coming => vec![el("p").class("later__wait").attr("role", "status").text(w().later_wait)],
        Shown::Missing => vec![missing(later, dismiss)],
        Shown::Nothing => Vec::new(),
    })
}

/// What stands where a part of the page will be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    Coming,
    Missing,
    Drawn,
}

/// It did not come, and can be asked for again.
fn missing(later: Later, dismiss: Option<Callback<()>>) -> El {
    let close = dismiss.map(|dismiss| {
        button("tool").attr("aria-label", w().panel_close).child(icon("#x")).press(move || dismiss.run(()))
    });
    let again = button("btn").id("later-again").text(w().msg_retry).press(move || later.fetch());
    el("aside")
        .class("later__missing")
        .child(el("p").attr("role", "alert").text(w().later_missing))
        .child(again)
        .child(close)
}

/// The cut itself.
#[cfg(feature = "split")]
mod cut {
    use std::{
        future::Future,
        pin::pin,
        task::{Context, Poll, Waker},
    };

    use leptos::wasm_split::{SplitLoaderError, wasm_split};

    use super::{Draw, Screen};

    #[wasm_split(later, wasm_split_path = leptos::wasm_split, preload(bring), fallible)]
    fn draw_later(screen: Screen) -> Result<Draw, SplitLoaderError> {
        Ok(super::draw(screen))
    }

    /// Whether what comes later is here, once that is known.
    pub(super) async fn arrived() -> bool {
        bring().await.is_ok()
    }

    /// Makes a screen, which is here.
    pub(super) fn draw(screen: Screen) -> Draw {
        match pin!(draw_later(screen)).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(draw)) => draw,
            _ => Box::new(Vec::new),
        }
    }
}

/// One file: everything is here.
#[cfg(not(feature = "split"))]
mod cut {
    pub(super) use super::draw;

    pub(super) async fn arrived() -> bool {
        true
    }
}
