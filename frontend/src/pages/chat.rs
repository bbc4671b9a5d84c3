//! `/` and `/rooms/{room}`: the place itself. The rail stays while rooms change beside it.

use leptos::prelude::*;
use shared::policy::WorkspaceAction;

use super::{
    Draw,
    keyboard::{KeyActions, use_keyboard},
    moderation::Moderation,
    notices::overlays,
    room::{LeftAt, room_pane},
};
use crate::{
    browser::{
        address::{decoded, use_address},
        page,
        prefs::{first as w, use_prefs},
        swipe, viewport,
    },
    chat::{Chat, use_chat},
    components::{
        icon::icon,
        rail::{Rail, rail},
        skip_links::skip_links,
    },
    dom::{El, button, effect, el},
    i18n::{Lang, fill},
    later::{self, Screen},
    state::view::RoomRow,
};

/// The slug of the room that everyone joins first.
const FIRST_ROOM: &str = shared::room::FIRST_ROOM_SLUG;

/// A page in the room's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aside {
    People,
    Audit,
}

impl Aside {
    /// What one must be allowed to do; to others the page does not exist.
    fn needs(self) -> WorkspaceAction {
        match self {
            Self::People => WorkspaceAction::Browse,
            Self::Audit => WorkspaceAction::Audit,
        }
    }
}

fn aside(path: &str) -> Option<Aside> {
    match path {
        "/people" => Some(Aside::People),
        "/audit" => Some(Aside::Audit),
        _ => None,
    }
}

/// The room an address names: a slug, or an id from an old link. `None` at `/`.
fn named_room(path: &str) -> Option<&str> {
    path.strip_prefix("/rooms/").filter(|room| !room.is_empty())
}

/// The page.
#[must_use]
pub fn chat() -> Draw {
    let (chat, address) = (use_chat(), use_address());
    let phone = viewport::use_phone();
    viewport::follow_keyboard();
    let named = Memo::new(move |_| named_room(&address.path()).map(decoded));
    let room = Memo::new(move |_| {
        let named = named.get()?;
        chat.rooms.with(|rooms| rooms.iter().find(|room| room.slug == named || room.id == named).cloned())
    });
    let open = Memo::new(move |_| room.with(|room| room.as_ref().map(|room| room.id.clone())));
    let aside = Memo::new(move |_| aside(&address.path()));
    // A page is asked for, whether there is one or not; otherwise the rooms are the page.
    let asked = Memo::new(move |_| named.with(Option::is_some) || aside.with(Option::is_some));
    let whole_page = Signal::derive(move || phone.get() && !asked.get());
    let doctor = RwSignal::new(false);
    let moderation = Moderation::new();
    let settled = RwSignal::new(0_u32);
    let left = LeftAt::default();
    let go = Callback::new(move |(path, replace): (String, bool)| address.go(&path, replace));
    use_first_room(asked, phone, go);
    use_title(room, aside);
    use_own_words();
    use_keyboard(KeyActions {
        settle: Callback::new(move |()| settled.update(|count| *count += 1)),
        step_room: Callback::new(move |step| {
            step_room(&chat.rooms.get_untracked(), open.get_untracked().as_deref(), step, go);
        }),
    });
    let back = Callback::new(move |()| go.run(("/".to_owned(), false)));
    let may = move |aside: &Aside| chat.own.with(|own| own.as_ref().is_none_or(|own| own.may(aside.needs())));
    let allowed = move || aside.get().filter(may);
    let pane = move || {
        match untrack(allowed) {
            // What one may is not known yet.
            Some(_) if chat.own.with_untracked(Option::is_none) => return Vec::new(),
            Some(Aside::People) => {
                return vec![later::part(|| true, None, move || Screen::People(back, moderation))];
            }
            Some(Aside::Audit) => return vec![later::part(|| true, None, move || Screen::Audit(back))],
            None => {}
        }
        let Some(first) = room.get_untracked() else { return no_room(chat, asked, back) };
        // While the room is leaving, the last thing known of it is still drawn.
        let room = Signal::derive(move || room.get().unwrap_or_else(|| first.clone()));
        room_pane(room, !phone.get_untracked(), settled, left, back, Callback::new(move |()| doctor.set(true)))
    };
    let skip = move || if open.with_untracked(Option::is_some) { skip_links() } else { Vec::new() };
    let shown = move || Some(if asked.get() { "room" } else { "rooms" });
    Box::new(move || {
        provide_context(moderation);
        let rail = rail(Rail {
            place: chat.place,
            me: chat.me,
            rooms: chat.rooms,
            open,
            link: chat.link,
            whole_page,
            own: chat.own,
            go: Callback::new(move |path: &'static str| address.go(path, false)),
            over: Callback::new(move |part: &'static str| address.open(part)),
            doctor: Callback::new(move |()| doctor.set(true)),
        });
        // What is open, or that nothing is, and whether something ought to be.
        let of = move || (open.get(), asked.get(), allowed(), chat.own.with(Option::is_some));
        let room = swipe::draw_aside(el("main").class("room").swap_all_on(of, pane), phone, back);
        let mut parts = vec![
            el("div").swap_all_on(move || open.with(Option::is_some), skip),
            el("div").class("app").attr_of("data-view", shown).children([rail, room]),
        ];
        parts.extend(overlays(doctor, moderation));
        parts
    })
}

/// `/` is the last room of this device, else the first one. On a phone `/` is also the page of rooms: the first visit
/// goes on to the room, so that "back" leads to the rooms, and later visits stay.
fn use_first_room(asked: Memo<bool>, phone: Signal<bool>, go: Callback<(String, bool)>) {
    let (chat, address) = (use_chat(), use_address());
    let mut begun = false;
    effect(move || {
        if asked.get() {
            begun = true;
            return;
        }
        let slug = chat.rooms.with(|rooms| {
            let known = |slug: &str| rooms.iter().any(|room| room.slug == slug);
            let last = chat.last_room().filter(|slug| known(slug));
            last.or_else(|| known(FIRST_ROOM).then(|| FIRST_ROOM.to_owned()))
                .or_else(|| rooms.first().map(|room| room.slug.clone()))
        });
        let Some(slug) = slug else { return };
        if !(phone.get() && begun) {
            begun = true;
            // What lies over the page stays there.
            let part = untrack(|| address.part());
            let over = if part.is_empty() { String::new() } else { ["#", &part].concat() };
            go.run((["/rooms/", &slug, &over].concat(), !phone.get_untracked()));
        }
    });
}

/// The language and the hours that the person has set, on every device.
fn use_own_words() {
    let (chat, prefs) = (use_chat(), use_prefs());
    effect(move || {
        chat.own.with(|own| {
            let Some(settings) = own.as_ref().map(|own| &own.settings) else { return };
            prefs.set_hours(settings.hours);
            if let Some(lang) = settings.language.as_deref().and_then(Lang::from_tag) {
                prefs.set_lang(lang);
            }
        });
    });
}

fn use_title(room: Memo<Option<RoomRow>>, aside: Memo<Option<Aside>>) {
    let chat = use_chat();
    effect(move || {
        let place = chat.place.get();
        if aside.with(Option::is_some) {
            return;
        }
        let title = match room.with(|room| room.as_ref().map(|room| room.name.clone())) {
            Some(room) => ["# ", &room, " · ", &place].concat(),
            None => place,
        };
        page::set_title(&title);
    });
}

/// Opens the room so many rows away, without going round.
fn step_room(rooms: &[RoomRow], open: Option<&str>, step: isize, go: Callback<(String, bool)>) {
    let at = rooms.iter().position(|room| Some(room.id.as_str()) == open);
    if let Some(room) = at.and_then(|at| at.checked_add_signed(step)).and_then(|at| rooms.get(at)) {
        go.run((["/rooms/", &room.slug].concat(), false));
    }
}

/// No room is open: none is named yet, or the one that is named is not here.
fn no_room(chat: Chat, asked: Memo<bool>, back: Callback<()>) -> Vec<El> {
    if !asked.get_untracked() {
        return Vec::new();
    }
    let go = move || {
        let first = |rooms: &Vec<RoomRow>| {
            rooms
                .iter()
                .find(|room| room.slug == FIRST_ROOM)
                .or(rooms.first())
                .map(|room| (room.slug.clone(), room.name.clone()))
        };
        chat.rooms.with(first).map(|(slug, name)| {
            let words = fill(w().gone_go, &[("room", &["# ", &name].concat())]);
            el("a").class("btn btn--main").attr("href", &*["/rooms/", &slug].concat()).text(&words)
        })
    };
    let lead = button("tool").attr("aria-label", w().nav_back).child(icon("#back")).press(move || back.run(()));
    let gone = el("div").class("gone").attr("role", "status").children([
        icon("#leave"),
        el("h1").text(w().room_gone_t),
        el("p").text(w().room_gone_b),
    ]);
    vec![el("header").class("bar").child(el("span").class("bar__lead").child(lead)), el("div"), gone.swap(go)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_pages_beside_the_rail() {
        for (path, expected) in
            [("/people", Some(Aside::People)), ("/audit", Some(Aside::Audit)), ("/", None), ("/rooms/people", None)]
        {
            assert_eq!(aside(path), expected, "{path}");
        }
    }

    #[test]
    fn addresses_name_rooms() {
        for (path, room) in [
            ("/", None),
            ("/rooms", None),
            ("/rooms/general", Some("general")),
            ("/rooms/%E5%A4%A7", Some("%E5%A4%A7")),
            ("/signin", None),
        ] {
            assert_eq!(named_room(path), room, "{path}");
        }
    }
}
