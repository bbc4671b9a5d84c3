//! The application: providers, which page an address is, and which door is open to whom.

use leptos::prelude::*;

use crate::{
    browser::{
        address::{Address, decoded, use_address},
        focus, page,
        prefs::Prefs,
    },
    chat::{Chat, use_chat},
    components::connection::connection_strip,
    dom::{El, effect, el},
    later::{self, Door, Later},
    pages::{Draw, link::Purpose},
    state::view::Session,
};

/// Whether the person has just signed out here, which the sign-in page says.
#[derive(Clone, Copy, Debug)]
pub struct JustLeft(pub RwSignal<bool>);

/// Puts everything on screen into the page's body.
///
/// A page is opened once for as long as it is the page, and drawn again when the language changes or when a signal
/// changes that its drawing reads: what was typed is kept by the page, and focus comes back to where it was by its id.
pub fn app(body: El) {
    let (prefs, address) = (Prefs::provide(), Address::provide());
    Chat::provide();
    let later = Later::provide();
    provide_context(JustLeft(RwSignal::new(false)));
    send_to_doors();
    let (session, path) = (use_chat().session, address);
    let page = Memo::new(move |_| page_of(session.get(), &path.path()));
    effect(move || {
        let there = page.with(|page| match page {
            Page::Unknown => false,
            Page::Chat => later.has_room(),
            _ => later.has_doors(),
        });
        if there {
            page::remove_skeleton();
        }
    });
    let root = Owner::current().expect("the application has an owner");
    let mut opened: Option<(Page, Owner, Draw)> = None;
    drop(body.swap_all(move || {
        let now = page.get();
        let _redrawn_on = prefs.lang();
        let again = opened.as_ref().is_some_and(|(of, ..)| *of == now);
        let focused = if again { focus::focused() } else { None };
        if !again {
            if let Some((_, old, _)) = opened.take() {
                old.cleanup();
            }
            let owner = root.child();
            let draw = owner.with(|| untrack(|| open(now.clone())));
            opened = Some((now, owner, draw));
        }
        let parts = opened.as_ref().map(|(.., draw)| draw()).unwrap_or_default();
        if let Some(id) = focused {
            // After the effects of what was drawn, which open its dialogs.
            effect(move || {
                focus::focus(&id);
            });
        }
        parts
    }));
}

/// The pages.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Page {
    /// The server has not said who is there: the skeleton of `index.html` stays.
    Unknown,
    SetUp,
    SignIn,
    /// With the invite's code.
    Join(String),
    /// With the code of a link that signs in.
    Link(Purpose, String),
    Chat,
    /// The account that was signed in here cannot be used any more.
    Barred,
}

/// The page of an address. Until everyone is where they must go, and until the server has said who is there, nothing is
/// drawn that would have to be taken back.
fn page_of(session: Session, path: &str) -> Page {
    if session == Session::Barred {
        return Page::Barred;
    }
    if session == Session::Unknown || redirect(session, path).is_some() {
        return Page::Unknown;
    }
    if let Some((purpose, code)) = link_of(path) {
        return Page::Link(purpose, code.to_owned());
    }
    match path.strip_prefix("/join/") {
        Some(code) => Page::Join(code.to_owned()),
        None if path == "/setup" => Page::SetUp,
        None if path == "/signin" => Page::SignIn,
        None => Page::Chat,
    }
}

/// What a link that signs in does, and its code.
fn link_of(path: &str) -> Option<(Purpose, &str)> {
    let moved = path.strip_prefix("/move/").map(|code| (Purpose::Move, code));
    moved.or_else(|| path.strip_prefix("/reset/").map(|code| (Purpose::Reset, code)))
}

fn open(page: Page) -> Draw {
    match page {
        Page::Unknown => unanswered(),
        Page::SetUp => later::door(Door::SetUp),
        Page::SignIn => later::door(Door::SignIn),
        Page::Join(code) => later::door(Door::Join(decoded(&code))),
        Page::Link(purpose, code) => later::door(Door::Link(purpose, decoded(&code))),
        Page::Chat => later::room(),
        Page::Barred => later::door(Door::Barred),
    }
}

/// Over the skeleton, when the server does not say who is there: that it is tried again, and when.
fn unanswered() -> Draw {
    let chat = use_chat();
    let retry = Callback::new(move |()| chat.try_now());
    Box::new(move || vec![el("aside").class("unanswered").child(connection_strip(chat.link, retry, None))])
}

/// Sends everyone to the door that is theirs.
fn send_to_doors() {
    let (chat, address) = (use_chat(), use_address());
    effect(move || {
        if let Some(to) = redirect(chat.session.get(), &address.path()) {
            address.go(to, true);
        }
    });
}

/// Where somebody in this state must go instead; `None` when the address is theirs.
fn redirect(session: Session, path: &str) -> Option<&'static str> {
    let joining = path.starts_with("/join/") || link_of(path).is_some();
    match session {
        Session::Unknown | Session::Barred => None,
        Session::SetupNeeded => (path != "/setup").then_some("/setup"),
        Session::SignedOut => (path != "/signin" && !joining).then_some("/signin"),
        Session::In => matches!(path, "/setup" | "/signin").then_some("/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_page() {
        for (session, path, page) in [
            (Session::Unknown, "/", Page::Unknown),
            (Session::SignedOut, "/", Page::Unknown),
            (Session::SignedOut, "/signin", Page::SignIn),
            (Session::SetupNeeded, "/setup", Page::SetUp),
            (Session::SignedOut, "/join/abc", Page::Join("abc".to_owned())),
            (Session::In, "/join/abc", Page::Join("abc".to_owned())),
            (Session::SignedOut, "/move/abc", Page::Link(Purpose::Move, "abc".to_owned())),
            (Session::In, "/reset/abc", Page::Link(Purpose::Reset, "abc".to_owned())),
            (Session::SetupNeeded, "/move/abc", Page::Unknown),
            (Session::In, "/", Page::Chat),
            (Session::In, "/rooms/general", Page::Chat),
            (Session::Barred, "/rooms/general", Page::Barred),
            (Session::Barred, "/signin", Page::Barred),
        ] {
            assert_eq!(page_of(session, path), page, "{session:?} {path}");
        }
    }

    #[test]
    fn everyone_is_sent_to_their_door() {
        for (session, path, to) in [
            (Session::Unknown, "/rooms/general", None),
            (Session::SetupNeeded, "/", Some("/setup")),
            (Session::SetupNeeded, "/setup", None),
            (Session::SignedOut, "/", Some("/signin")),
            (Session::SignedOut, "/setup", Some("/signin")),
            (Session::SignedOut, "/join/abc", None),
            (Session::SignedOut, "/move/abc", None),
            (Session::In, "/reset/abc", None),
            (Session::In, "/signin", Some("/")),
            (Session::In, "/join/abc", None),
            (Session::In, "/rooms/general", None),
            (Session::Barred, "/rooms/general", None),
        ] {
            assert_eq!(redirect(session, path), to, "{session:?} {path}");
        }
    }
}
