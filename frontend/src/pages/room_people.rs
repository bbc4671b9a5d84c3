//! The people of the open room, loaded for its panel, and adding to them.

use std::time::Duration;

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};
use shared::id::{MemberId, RoomId};

use super::wrong::Wrong;
use crate::{
    api,
    browser::prefs::lang,
    chat::{Chat, use_chat},
    components::members::{AddPeople, Present},
    dom::effect,
    state::{
        members::{self, Places, Wish},
        names::Names,
        view::RoomRow,
    },
};

/// A changed room is asked for its people this long after the change, and what is typed this long after the last letter, in
/// milliseconds.
const SETTLE_MS: u64 = 250;

/// The people of a room.
#[derive(Clone, Copy)]
pub(super) struct People {
    /// The loaded ones, and who of them is here.
    pub(super) present: Present,
    /// How the names begin that are looked for.
    pub(super) filter: RwSignal<String>,
    /// The end of the list is near.
    pub(super) more: Callback<()>,
    /// Looks again.
    pub(super) find: Callback<()>,
    /// Adding people.
    pub(super) add: AddPeople,
}

/// Loads the people of a room, and again when they change.
pub(super) fn use_people(room: Signal<RoomRow>) -> People {
    let chat = use_chat();
    let id = room.with_untracked(|room| room.id.parse::<RoomId>().ok());
    let (list, filter) = (RwSignal::new(members::People::default()), RwSignal::new(String::new()));
    let present = present(chat, list);
    let load = Callback::new(move |wish: Wish| {
        let Some(id) = id else { return };
        spawn_local(async move {
            let mut next = Some(wish);
            while let Some(wish) = next.take() {
                let page = api::members(id, &wish.query, wish.after).await.ok();
                for member in page.iter().flat_map(|page| &page.members) {
                    if chat.member(member.id).is_none() {
                        chat.meet(member.clone());
                    }
                }
                next = list.try_update(|list| list.answered(&wish, page)).flatten();
            }
        });
    });
    let find = Callback::new(move |()| {
        let query = filter.get_untracked();
        if let Some(wish) = list.try_update(|list| list.ask(&query)) {
            load.run(wish);
        }
    });
    let more = Callback::new(move |()| {
        if let Some(wish) = list.try_update(members::People::more).flatten() {
            load.run(wish);
        }
    });
    let count = Memo::new(move |_| room.with(|room| room.members));
    let (mut first, mut waiting) = (true, None::<TimeoutHandle>);
    effect(move || {
        // Read, not only tracked: a memo that nobody reads is not computed.
        count.get();
        filter.track();
        if std::mem::take(&mut first) {
            return find.run(());
        }
        if let Some(waiting) = waiting.take() {
            waiting.clear();
        }
        let later = move || {
            find.try_run(());
        };
        waiting = set_timeout_with_handle(later, Duration::from_millis(SETTLE_MS)).ok();
    });
    People { present, filter, more, find, add: add_people(chat, room, list) }
}

/// Follows who of the list is here.
fn present(chat: Chat, list: RwSignal<members::People>) -> Present {
    let (places, held) = (RwSignal::new(Places::default()), RwSignal::new(false));
    effect(move || {
        let next = list
            .with(|list| places.with_untracked(|before| list.place(before, held.get(), |person| chat.level(person))));
        if places.with_untracked(|before| *before != next) {
            places.set(next);
        }
    });
    effect(move || {
        let shown: Vec<MemberId> = list.with(|list| list.lines.iter().map(|line| line.id).collect());
        chat.show_presence_of(&shown);
    });
    Present { list, places: places.into(), level: Callback::new(move |person| chat.level(person)), held }
}

/// Adds those whom the field holds, one after the other.
fn add_people(chat: Chat, room: Signal<RoomRow>, list: RwSignal<members::People>) -> AddPeople {
    let (open, names) = (RwSignal::new(false), RwSignal::new(Names::default()));
    let (busy, wrong) = (RwSignal::new(false), RwSignal::new(None::<Wrong>));
    let left_out = Signal::derive(move || {
        let mut people: Vec<MemberId> = list.with(|list| list.lines.iter().map(|line| line.id).collect());
        people.extend(chat.me.with(|me| me.as_ref().and_then(|me| me.id.parse::<MemberId>().ok())));
        people
    });
    let send = Callback::new(move |()| {
        let Ok(id) = room.with_untracked(|room| room.id.parse::<RoomId>()) else { return };
        busy.set(true);
        wrong.set(None);
        spawn_local(async move {
            for person in names.with_untracked(Names::ids) {
                if let Err(error) = api::add_member(id, person).await {
                    wrong.try_set(Some(Wrong::of(&error)));
                    break;
                }
                names.try_update(|names| names.remove(person));
            }
            busy.try_set(false);
            if names.try_with_untracked(|names| names.chosen.is_empty()) == Some(true) {
                open.try_set(false);
            }
        });
    });
    let wrong = Signal::derive(move || wrong.get().map(|wrong| wrong.sentence(lang())));
    AddPeople { open, names, source: source(left_out), busy: busy.into(), wrong, send }
}

/// Whom a names field offers: those known here, and, where not everybody is, those whom the server finds.
pub(super) fn source(left_out: Signal<Vec<MemberId>>) -> Callback<RwSignal<Names>> {
    let chat = use_chat();
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    Callback::new(move |names: RwSignal<Names>| {
        let offer = move || {
            let (people, left_out) = (chat.people(), left_out.try_get_untracked().unwrap_or_default());
            names.try_update(|names| names.offer(people.iter(), &left_out));
        };
        offer();
        let typed = names.with_untracked(|names| names.typed.trim().to_owned());
        if typed.is_empty() || chat.knows_everybody() {
            return;
        }
        let ask = move || {
            spawn_local(async move {
                let Ok(page) = api::people("", &typed, None).await else { return };
                for person in page.people {
                    chat.meet(person.member);
                }
                offer();
            });
        };
        waiting.update_value(|waiting| {
            if let Some(before) = waiting.take() {
                before.clear();
            }
            *waiting = set_timeout_with_handle(ask, Duration::from_millis(SETTLE_MS)).ok();
        });
    })
}
