//! What is not in the first download: the doors, the room, the dialogs, and every screen that reading and writing does
//! without.
//!
//! The program is cut into parts when it is bundled (decision 0011). What everything stands on is there at once: the graph,
//! the live client, what the server says. A page then needs one part, the room ([`room()`]) or the doors ([`door()`]), which
//! is fetched beside the program itself as soon as the page knows which ([`Part::next`] comes when it has been idle for a
//! moment); all other screens are a third part, fetched on their first use. Functions that only [`draw`], [`draw_door`] or
//! [`draw_room`] leads to, and the texts and tables that only they use, are in their part. Nothing says so at the functions
//! themselves: whatever is called from anywhere else is in the first download, and `cargo xtask lint` shows by how much.
//!
//! A screen is put here in three places: a variant of [`Screen`] with what it is given, its arm in [`draw`], and where it is
//! shown, as a [`part`] of a page:
//!
//! ```text
//! later::part(move || open.get(), Some(close), move || Screen::Settings(open))
//! ```
//!
//! While a file is under way, a page leaves the skeleton of `index.html` where it is and [`part`] says that it is being
//! fetched. A file that does not come is said too, with a button to try again; one that is not there any more, because the
//! server has a new version, asks to reload. Without the feature `split` (`cargo xtask dev`, tests) the program is one file,
//! and everything is there at once.

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
        chat::{Overlays, chat},
        gone, guest, invites, join,
        link::{self, Purpose},
        moderation::{self, Moderation},
        new_direct, new_room, notices, panel, people, room, room_settings, setup, signin, workspace,
    },
    state::view::RoomRow,
};

/// A page has been shown for so long when the next part is fetched without being asked for, in milliseconds.
const IDLE_MS: u64 = 3_000;

/// The parts of the program that are not in the first download.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The place itself: the rail, a room, its composer.
    Room,
    /// Where one comes in.
    Doors,
    /// All other screens.
    Rest,
}

impl Part {
    /// What is most likely wanted after it.
    fn next(self) -> Self {
        match self {
            Self::Doors => Self::Room,
            Self::Room | Self::Rest => Self::Rest,
        }
    }
}

/// The doors, with what they are given.
#[derive(Debug)]
pub enum Door {
    /// The first person's.
    SetUp,
    /// That of those who have an account.
    SignIn,
    /// That of an invite, with its code.
    Join(String),
    /// That of a link that signs in, with its code.
    Link(Purpose, String),
    /// The page of those whose account is barred.
    Barred,
}

/// Makes a door. The only way to all of them.
fn draw_door(door: Door) -> Draw {
    match door {
        Door::SetUp => setup::set_up(),
        Door::SignIn => signin::sign_in(),
        Door::Join(code) => join::join(code),
        Door::Link(purpose, code) => link::link(purpose, code),
        Door::Barred => barred::barred(),
    }
}

/// Makes the page of the rooms. The only way to it.
fn draw_room() -> Draw {
    chat()
}

/// What comes later than doors and rooms, with what it is given.
#[derive(Debug)]
pub enum Screen {
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

/// Makes a screen. The only way to all of them: what this calls, and nothing else does, is in the last part.
fn draw(screen: Screen) -> Draw {
    let all = |parts: Vec<El>| -> Draw { Box::new(move || parts.clone()) };
    let one = |part: El| all(vec![part]);
    match screen {
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

/// How far a part is.
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

/// The parts that come later, as the application holds them.
#[derive(Clone, Copy, Debug)]
pub struct Later {
    room: RwSignal<Stage>,
    doors: RwSignal<Stage>,
    rest: RwSignal<Stage>,
}

/// What comes later, as [`Later::provide`] put it into the context.
#[must_use]
pub fn use_later() -> Later {
    expect_context()
}

impl Later {
    /// Puts it into the context.
    pub fn provide() -> Self {
        let away = || RwSignal::new(Stage::Away);
        let later = Self { room: away(), doors: away(), rest: away() };
        provide_context(later);
        later
    }

    fn stage(self, part: Part) -> RwSignal<Stage> {
        match part {
            Part::Room => self.room,
            Part::Doors => self.doors,
            Part::Rest => self.rest,
        }
    }

    /// Fetches a part, unless it is here or on its way.
    fn fetch(self, part: Part) {
        let stage = self.stage(part);
        if !matches!(stage.get_untracked(), Stage::Away | Stage::Missing) {
            return;
        }
        stage.set(Stage::Coming);
        spawn_local(async move {
            let came = cut::arrived(part).await;
            stage.set(match came {
                true => Stage::Here,
                false if browser_page::is_outdated() => Stage::Gone,
                false => Stage::Missing,
            });
        });
    }

    /// Whether a room can be shown, or that it cannot be had.
    #[must_use]
    pub fn has_room(self) -> bool {
        is_settled(self.room.get())
    }

    /// Whether a door can be shown, or that it cannot be had.
    #[must_use]
    pub fn has_doors(self) -> bool {
        is_settled(self.doors.get())
    }

    /// Whether the rest cannot be had, because the server has another version by now.
    #[must_use]
    pub fn is_gone(self) -> bool {
        self.rest.get() == Stage::Gone
    }
}

fn is_settled(stage: Stage) -> bool {
    !matches!(stage, Stage::Away | Stage::Coming)
}

/// The page of a door.
#[must_use]
pub fn door(door: Door) -> Draw {
    page(Part::Doors, Box::new(move || cut::door(door)))
}

/// The page of the rooms.
#[must_use]
pub fn room() -> Draw {
    page(Part::Room, Box::new(cut::room))
}

/// A page that comes later. Until it is here, nothing replaces the skeleton, if that is still there.
fn page(part: Part, make: Box<dyn FnOnce() -> Draw>) -> Draw {
    let later = use_later();
    later.fetch(part);
    let owner = Owner::current().expect("pages are opened under an owner");
    let (make, drawn) = (Cell::new(Some(make)), RefCell::new(None::<Draw>));
    Box::new(move || {
        let instead = match later.stage(part).get() {
            Stage::Here => {
                if let Some(make) = make.take() {
                    drawn.replace(Some(owner.with(|| untrack(make))));
                    set_timeout(move || later.fetch(part.next()), Duration::from_millis(IDLE_MS));
                }
                return drawn.borrow().as_ref().map(|draw| draw()).unwrap_or_default();
            }
            Stage::Missing => missing(later, part, None),
            Stage::Gone => {
                let go = button("btn").text(w().ver_old_go).press(browser_page::reload);
                failed(w().ver_old_b, go)
            }
            Stage::Away | Stage::Coming if browser_page::has_skeleton() => return Vec::new(),
            Stage::Away | Stage::Coming => waiting(),
        };
        vec![el("main").child(el("h1").class("sr").text(w().app_name)).child(instead)]
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
    let at_once = untrack(|| later.rest.get() == Stage::Here && wanted());
    let (asked, is_wanted) = (RwSignal::new(at_once), RwSignal::new(at_once));
    effect(move || {
        let wanted = wanted();
        is_wanted.set(wanted);
        if wanted {
            later.fetch(Part::Rest);
            asked.set(true);
        }
    });
    let drawn = move || match (later.rest.get(), asked.get(), is_wanted.get()) {
        (Stage::Here, true, _) => Shown::Drawn,
        (Stage::Coming, _, true) => Shown::Coming,
        (Stage::Missing, _, true) => Shown::Missing,
        _ => Shown::Nothing,
    };
    let shown = drawn;
    el("div").class("later").swap_all_on(drawn, move || match untrack(shown) {
        Shown::Drawn => cut::draw(screen())(),
        Shown::Coming => vec![waiting()],
        Shown::Missing => vec![missing(later, Part::Rest, dismiss)],
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

/// It is under way.
fn waiting() -> El {
    el("p").class("later__wait").attr("role", "status").text(w().later_wait)
}

/// It did not come, and can be asked for again.
fn missing(later: Later, part: Part, dismiss: Option<Callback<()>>) -> El {
    let close = dismiss.map(|dismiss| {
        button("tool").attr("aria-label", w().panel_close).child(icon("#x")).press(move || dismiss.run(()))
    });
    let again = button("btn").id("later-again").text(w().msg_retry).press(move || later.fetch(part));
    failed(w().later_missing, again).child(close)
}

fn failed(why: &str, act: El) -> El {
    el("aside").class("later__missing").child(el("p").attr("role", "alert").text(why)).child(act)
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

    use super::{Door, Draw, Part, Screen};

    type Made = Result<Draw, SplitLoaderError>;

    #[wasm_split(room, wasm_split_path = leptos::wasm_split, preload(bring_room), fallible)]
    fn room_later() -> Result<Draw, SplitLoaderError> {
        Ok(super::draw_room())
    }

    #[wasm_split(doors, wasm_split_path = leptos::wasm_split, preload(bring_doors), fallible)]
    fn door_later(door: Door) -> Result<Draw, SplitLoaderError> {
        Ok(super::draw_door(door))
    }

    #[wasm_split(later, wasm_split_path = leptos::wasm_split, preload(bring_rest), fallible)]
    fn draw_later(screen: Screen) -> Result<Draw, SplitLoaderError> {
        Ok(super::draw(screen))
    }

    /// Whether a part is here, once that is known.
    pub(super) async fn arrived(part: Part) -> bool {
        let came = match part {
            Part::Room => bring_room().await,
            Part::Doors => bring_doors().await,
            Part::Rest => bring_rest().await,
        };
        came.is_ok()
    }

    /// Makes the page of the rooms, whose part is here.
    pub(super) fn room() -> Draw {
        made(room_later())
    }

    /// Makes a door, whose part is here.
    pub(super) fn door(door: Door) -> Draw {
        made(door_later(door))
    }

    /// Makes a screen, whose part is here.
    pub(super) fn draw(screen: Screen) -> Draw {
        made(draw_later(screen))
    }

    fn made(making: impl Future<Output = Made>) -> Draw {
        match pin!(making).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(draw)) => draw,
            _ => Box::new(Vec::new),
        }
    }
}

/// One file: everything is here.
#[cfg(not(feature = "split"))]
mod cut {
    use super::Part;
    pub(super) use super::{draw, draw_door as door, draw_room as room};

    pub(super) async fn arrived(_part: Part) -> bool {
        true
    }
}
