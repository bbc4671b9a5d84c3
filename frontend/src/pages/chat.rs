//! `/` and what is below `/rooms`: the place itself. The rail stays while rooms and pages change beside it.

use leptos::prelude::*;
use shared::policy::WorkspaceAction;

use super::{
    Draw,
    keyboard::{KeyActions, use_keyboard},
    moderation::Moderation,
    notices::overlays,
    panel::Panel,
    place::Place,
    room::{LeftAt, Pane, room_pane},
};
use crate::{
    browser::{
        address::{decoded, use_address},
        focus, page, people,
        prefs::{first as w, use_prefs},
        swipe, viewport,
    },
    chat::use_chat,
    components::{
        rail::{Rail, RailDoors, rail},
        skip_links::skip_links,
    },
    dom::{effect, el},
    i18n::Lang,
    later::{self, Screen},
    state::view::RoomRow,
};

/// The slug of the room that everyone joins first.
pub(super) const FIRST_ROOM: &str = shared::room::FIRST_ROOM_SLUG;

/// What lies over the place, by what opens it.
#[derive(Clone, Copy, Debug)]
pub struct Overlays {
    pub(super) doctor: RwSignal<bool>,
    pub(super) new_room: RwSignal<bool>,
    pub(super) new_direct: RwSignal<bool>,
    pub(super) room_settings: RwSignal<bool>,
}

/// The page.
#[must_use]
pub fn chat() -> Draw {
    let (chat, address) = (use_chat(), use_address());
    let phone = viewport::use_phone();
    viewport::follow_keyboard();
    let place = Memo::new(move |_| Place::of(&address.path()));
    let named = Memo::new(move |_| place.with(|place| place.room().map(decoded)));
    let room = Memo::new(move |_| {
        let named = named.get()?;
        chat.rooms.with(|rooms| rooms.iter().find(|room| room.slug == named || room.id == named).cloned())
    });
    let open = Memo::new(move |_| room.with(|room| room.as_ref().map(|room| room.id.clone())));
    let browsing = Memo::new(move |_| place.with(|place| *place == Place::Browse));
    let at = Memo::new(move |_| place.with(Place::at));
    let whole_page = Signal::derive(move || phone.get() && place.with(|place| *place == Place::Rooms));
    let go = Callback::new(move |(path, replace): (String, bool)| address.go(&path, replace));
    let panel = Panel::new(phone, place, room, go);
    let [doctor, new_room, new_direct, room_settings] = [false; 4].map(RwSignal::new);
    let over = Overlays { doctor, new_room, new_direct, room_settings };
    let moderation = Moderation::new();
    let pressed = people::use_pressed();
    let settled = RwSignal::new(0_u32);
    let left = LeftAt::default();
    use_first_room(place, phone, go);
    use_title(room, place);
    use_own_words();
    use_keys(open, settled, panel, go);
    let back = Callback::new(move |()| go.run(("/".to_owned(), false)));
    let doors = Signal::derive(move || RailDoors {
        browse: chat.may(WorkspaceAction::Browse),
        browsing: browsing.get(),
        make_room: chat.may(WorkspaceAction::MakeRoom),
        make_direct: chat.may(WorkspaceAction::MakeDirect),
    });
    let may = move |place: &Place| {
        let Some(needs) = place.needs() else { return false };
        chat.own.with(|own| own.as_ref().is_none_or(|own| own.may(needs)))
    };
    let allowed = move || Some(place.get()).filter(may);
    let pane = move || {
        match untrack(allowed) {
            // What one may is not known yet.
            Some(_) if chat.own.with_untracked(Option::is_none) => return Vec::new(),
            Some(Place::People) => {
                return vec![later::part(|| true, None, move || Screen::People(back, moderation))];
            }
            Some(Place::Audit) => return vec![later::part(|| true, None, move || Screen::Audit(back))],
            None if place.with_untracked(|place| place.needs().is_some()) => {
                return vec![later::part(|| true, None, move || Screen::Nowhere(back))];
            }
            _ => {}
        }
        if browsing.get_untracked() {
            return vec![later::part(|| true, None, move || Screen::Browse(over.new_room, back))];
        }
        let Some(first) = room.get_untracked().filter(|room| room.farewell.is_none()) else {
            // At `/` nothing is: the first room is about to be opened, or the rail is the page.
            let missed = named.get_untracked().is_some();
            let part = || later::part(|| true, None, move || Screen::Instead(room, named, back));
            return missed.then(part).into_iter().collect();
        };
        // While the room is leaving, the last thing known of it is still drawn.
        let room = Signal::derive(move || room.get().unwrap_or_else(|| first.clone()));
        let focus_composer = !phone.get_untracked();
        room_pane(Pane { room, focus_composer, settled, left, at, back, panel, why: over.doctor })
    };
    let skip = move || if open.with_untracked(Option::is_some) { skip_links() } else { Vec::new() };
    let shown = move || Some(place.with(|at| if *at == Place::Rooms { "rooms" } else { "room" }));
    Box::new(move || {
        provide_context(moderation);
        let raise = |open: RwSignal<bool>| Callback::new(move |()| open.set(true));
        let rail = rail(Rail {
            place: chat.place,
            me: chat.me,
            my_level: Callback::new(move |()| chat.my_level()),
            rooms: chat.rooms,
            open,
            doors,
            link: chat.link,
            whole_page,
            own: chat.own,
            go: Callback::new(move |path: &'static str| address.go(path, false)),
            over: Callback::new(move |part: &'static str| address.open(part)),
            doctor: raise(over.doctor),
            new_room: raise(over.new_room),
            new_direct: raise(over.new_direct),
        });
        // What is open, or that nothing is, and what stands there instead.
        let parting = move || room.with(|room| room.as_ref().is_some_and(|room| room.farewell.is_some()));
        let known = move || chat.own.with(Option::is_some);
        let of = move || (open.get(), named.get(), browsing.get(), parting(), allowed(), known());
        let main = swipe::draw_aside(el("main").class("room").swap_all_on(of, pane), phone, back);
        let beside = move || {
            let there = panel.side().get_untracked().is_some() && open.get_untracked().is_some() && !untrack(parting);
            there.then(|| later::part(|| true, None, move || Screen::Panel(panel, room, over)))
        };
        let app = el("div").class("app").attr_of("data-view", shown).children([rail, main]);
        let mut parts = vec![
            el("div").swap_all_on(move || open.with(Option::is_some), skip),
            app.swap_on(move || (panel.side().get(), open.get(), parting()), beside),
        ];
        parts.extend(overlays(over.doctor, moderation));
        let dialog = |open: RwSignal<bool>, screen: fn(RwSignal<bool>, Callback<(String, bool)>) -> Screen| {
            let close = Callback::new(move |()| open.set(false));
            later::part(move || open.get(), Some(close), move || screen(open, go))
        };
        let settings = over.room_settings;
        let close = Callback::new(move |()| settings.set(false));
        parts.extend([
            dialog(over.new_room, Screen::NewRoom),
            dialog(over.new_direct, Screen::NewDirect),
            later::part(move || settings.get(), Some(close), move || Screen::RoomSettings(settings, room)),
            later::part(move || pressed.with(Option::is_some), None, move || Screen::Card(pressed, room, go)),
        ]);
        parts
    })
}

/// `/` is the last room of this device, else the first one. On a phone `/` is also the page of rooms: the first visit
/// goes on to the room, so that "back" leads to the rooms, and later visits stay.
fn use_first_room(place: Memo<Place>, phone: Signal<bool>, go: Callback<(String, bool)>) {
    let (chat, address) = (use_chat(), use_address());
    let mut begun = false;
    effect(move || {
        if place.with(|place| *place != Place::Rooms) {
            begun = true;
            return;
        }
        let path = chat.rooms.with(|rooms| {
            let known = |slug: &str| rooms.iter().find(|room| room.slug == slug).map(RoomRow::path);
            let last = chat.last_room().and_then(|slug| known(&slug));
            last.or_else(|| known(FIRST_ROOM)).or_else(|| rooms.first().map(RoomRow::path))
        });
        let Some(path) = path else { return };
        if !(phone.get() && begun) {
            begun = true;
            // What lies over the page stays there.
            let part = untrack(|| address.part());
            let over = if part.is_empty() { String::new() } else { ["#", &part].concat() };
            go.run(([path, over].concat(), !phone.get_untracked()));
        }
    });
}

/// The language and the hours that the person has set, on every device.
fn use_own_words() {
    let (chat, prefs) = (use_chat(), use_prefs());
    let mut had = None;
    effect(move || {
        chat.own.with(|own| {
            let Some(settings) = own.as_ref().map(|own| &own.settings) else { return };
            prefs.set_hours(settings.hours);
            let lang = settings.language.as_deref().and_then(Lang::from_tag);
            // Who has set none is spoken to as this device chose, or as the browser asks once the choice is taken back.
            if lang.is_some() || std::mem::replace(&mut had, lang).is_some() {
                prefs.choose_lang(lang);
            }
            had = lang;
        });
    });
}

fn use_title(room: Memo<Option<RoomRow>>, at: Memo<Place>) {
    let chat = use_chat();
    effect(move || {
        let place = chat.place.get();
        let title = match at.get() {
            // They name themselves.
            Place::People | Place::Audit => return,
            Place::Browse => Some(w().browse_title.to_owned()),
            Place::Rooms | Place::Room { .. } => room.with(|room| room.as_ref().map(RoomRow::title)),
        };
        let title = match title {
            Some(title) => [&title, " · ", &place].concat(),
            None => place,
        };
        page::set_title(&title);
    });
}

fn use_keys(open: Memo<Option<String>>, settled: RwSignal<u32>, panel: Panel, go: Callback<(String, bool)>) {
    let chat = use_chat();
    use_keyboard(KeyActions {
        settle: Callback::new(move |()| {
            // What is innermost closes first: the panel, while it has the focus.
            if focus::is_inside("side") {
                panel.close();
            } else {
                settled.update(|count| *count += 1);
                focus::focus("compose");
            }
        }),
        step_room: Callback::new(move |(step, unread)| {
            let rooms = chat.rooms.get_untracked();
            if let Some(path) = step_room(&rooms, open.get_untracked().as_deref(), step, unread) {
                go.run((path, false));
            }
        }),
    });
}

/// The room so many rows away in the rail, without going round; with `unread`, the next one that has news.
fn step_room(rooms: &[RoomRow], open: Option<&str>, step: isize, unread: bool) -> Option<String> {
    let rows: Vec<&RoomRow> = rooms.iter().filter(|room| room.listed).collect();
    let mut at = rows.iter().position(|room| Some(room.id.as_str()) == open);
    // From outside the rail's rooms: the first or the last.
    if at.is_none() {
        let end = if step > 0 { 0 } else { rows.len().checked_sub(1)? };
        if !unread || rows.get(end)?.counted() > 0 {
            return rows.get(end).map(|room| room.path());
        }
        at = Some(end);
    }
    loop {
        at = at.and_then(|at| at.checked_add_signed(step));
        let room = rows.get(at?)?;
        if !unread || room.counted() > 0 {
            return Some(room.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::{
        member::Circle,
        room::{Level, RoomKind},
    };

    use super::*;
    use crate::state::view::Rights;

    fn room(name: &str, unread: u32, listed: bool) -> RoomRow {
        RoomRow {
            id: name.to_owned(),
            slug: name.to_owned(),
            name: name.to_owned(),
            kind: RoomKind::Open,
            topic: String::new(),
            archived: false,
            posting: Circle::Everyone,
            members: 1,
            people: Vec::new(),
            presence: None,
            level: Level::Mentions,
            rights: Rights::default(),
            listed,
            unread,
            draft: false,
            unsent: false,
            farewell: None,
        }
    }

    #[test]
    fn arrows_step_through_the_rows_of_the_rail() {
        let rooms = [room("a", 0, true), room("hidden", 5, false), room("b", 0, true), room("c", 2, true)];
        let step = |open, step, unread| step_room(&rooms, open, step, unread);
        let path = |name: &str| Some(["/rooms/", name].concat());
        assert_eq!(step(Some("a"), 1, false), path("b"));
        assert_eq!(step(Some("c"), 1, false), None);
        assert_eq!(step(Some("a"), 1, true), path("c"));
        assert_eq!(step(Some("c"), -1, true), None);
        assert_eq!(step(None, 1, false), path("a"));
        assert_eq!(step(None, 1, true), path("c"));
        assert_eq!(step_room(&[], None, -1, false), None);
    }
}
