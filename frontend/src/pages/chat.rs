//! `/` and `/rooms/{room}`: the place itself. The rail stays while rooms change beside it.

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};

use super::{
    keyboard::{KeyActions, use_keyboard},
    notices::Overlays,
    room::{LeftAt, RoomPane},
};
use crate::{
    browser::{
        page,
        prefs::{t, text},
        viewport,
    },
    chat::use_chat,
    components::{icon::Icon, rail::Rail, skip_links::SkipLinks},
    i18n::fill,
    state::view::{Person, RoomRow},
};

/// The slug of the room that everyone joins first.
const FIRST_ROOM: &str = shared::room::FIRST_ROOM_SLUG;

/// The room an address names: a slug, or an id from an old link. `None` at `/`.
fn named_room(path: &str) -> Option<&str> {
    path.strip_prefix("/rooms/").map(|rest| rest.trim_end_matches('/')).filter(|room| !room.is_empty())
}

/// The page.
#[component]
pub fn ChatPage() -> impl IntoView {
    let chat = use_chat();
    let path = use_location().pathname;
    let phone = viewport::use_phone();
    viewport::follow_keyboard();
    let named = Memo::new(move |_| path.with(|path| named_room(path).map(decoded)));
    let room = Memo::new(move |_| {
        let named = named.get()?;
        chat.rooms.with(|rooms| rooms.iter().find(|room| room.slug == named || room.id == named).cloned())
    });
    let open = Memo::new(move |_| room.with(|room| room.as_ref().map(|room| room.id.clone())));
    let whole_page = Signal::derive(move || phone.get() && named.with(Option::is_none));
    let (settings, invite, settled) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(0_u32));
    let left = LeftAt::default();
    let go = use_go();
    use_first_room(named, phone, go);
    use_title(room);
    use_keyboard(KeyActions {
        settle: Callback::new(move |()| settled.update(|count| *count += 1)),
        step_room: Callback::new(move |step| {
            step_room(&chat.rooms.get_untracked(), open.get_untracked().as_deref(), step, go)
        }),
    });
    let me = Signal::derive(move || chat.me.get().unwrap_or(Person { id: String::new(), name: String::new() }));
    let back = Callback::new(move |()| go.run(("/".to_owned(), false)));
    let pane = move || {
        let Some(_) = open.get() else {
            return view! { <NoRoom missing=Signal::derive(move || named.with(Option::is_some)) on_back=back/> }
                .into_any();
        };
        let Some(first) = room.get_untracked() else { return ().into_any() };
        // While the room is leaving, the last thing known of it is still drawn.
        let room = Signal::derive(move || room.get().unwrap_or_else(|| first.clone()));
        view! { <RoomPane room focus_composer=!phone.get_untracked() settled left on_back=back/> }.into_any()
    };
    view! {
        <Show when=move || open.with(Option::is_some)><SkipLinks/></Show>
        <div class="app" data-view=move || if named.with(Option::is_some) { "room" } else { "rooms" }>
            <Rail
                place=chat.place
                me
                rooms=chat.rooms
                open=open.into()
                link=chat.link
                whole_page
                on_invite=Callback::new(move |()| invite.set(true))
                on_settings=Callback::new(move |()| settings.set(true))
            />
            <main class="room">{pane}</main>
        </div>
        <Overlays settings invite/>
    }
}

/// Slugs may hold letters of any script, which an address carries percent-encoded.
fn decoded(room: &str) -> String {
    js_sys::decode_uri_component(room).map_or_else(|_| room.to_owned(), String::from)
}

/// Goes to an address; `true` puts it in the place of the present one.
fn use_go() -> Callback<(String, bool)> {
    let navigate = use_navigate();
    Callback::new(move |(path, replace): (String, bool)| {
        navigate(&path, NavigateOptions { replace, scroll: false, ..Default::default() });
    })
}

/// `/` is the last room of this device, else the first one. On a phone `/` is also the page of rooms: the first visit
/// goes on to the room, so that "back" leads to the rooms, and later visits stay.
fn use_first_room(named: Memo<Option<String>>, phone: Signal<bool>, go: Callback<(String, bool)>) {
    let chat = use_chat();
    let begun = StoredValue::new(false);
    Effect::new(move |_| {
        if named.with(Option::is_some) {
            begun.set_value(true);
            return;
        }
        let slug = chat.rooms.with(|rooms| {
            let known = |slug: &str| rooms.iter().any(|room| room.slug == slug);
            let last = chat.last_room().filter(|slug| known(slug));
            last.or_else(|| known(FIRST_ROOM).then(|| FIRST_ROOM.to_owned()))
                .or_else(|| rooms.first().map(|room| room.slug.clone()))
        });
        let Some(slug) = slug else { return };
        if !(phone.get() && begun.get_value()) {
            begun.set_value(true);
            go.run((["/rooms/", &slug].concat(), !phone.get_untracked()));
        }
    });
}

fn use_title(room: Memo<Option<RoomRow>>) {
    let chat = use_chat();
    Effect::new(move |_| {
        let place = chat.place.get();
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
#[component]
fn NoRoom(missing: Signal<bool>, on_back: Callback<()>) -> impl IntoView {
    let chat = use_chat();
    let first =
        move || chat.rooms.with(|rooms| rooms.iter().find(|room| room.slug == FIRST_ROOM).or(rooms.first()).cloned());
    let go = move || {
        first().map(|room| {
            let label = ["# ", &room.name].concat();
            let words = text(move |lang| fill(lang.words().gone_go, &[("room", &label)]));
            view! { <a class="btn btn--main" href=["/rooms/", &room.slug].concat()>{words}</a> }
        })
    };
    move || {
        missing.get().then(|| {
            view! {
                <header class="bar">
                    <span class="bar__lead">
                        <button type="button" class="tool" aria-label=t(|w| w.nav_back) on:click=move |_| on_back.run(())><Icon of="#back"/></button>
                    </span>
                </header>
                <div></div>
                <div class="gone" role="status">
                    <Icon of="#leave"/>
                    <h1>{t(|w| w.room_gone_t)}</h1>
                    <p>{t(|w| w.room_gone_b)}</p>
                    {go}
                </div>
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_rooms() {
        for (path, room) in [
            ("/", None),
            ("/rooms/", None),
            ("/rooms/general", Some("general")),
            ("/rooms/general/", Some("general")),
            ("/rooms/%E5%A4%A7", Some("%E5%A4%A7")),
            ("/signin", None),
        ] {
            assert_eq!(named_room(path), room, "{path}");
        }
    }
}
