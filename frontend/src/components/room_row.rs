//! One room in the rail. What it carries is also said in words, for those who cannot see weight and icons.

use leptos::prelude::*;
use leptos_router::components::A;

use super::icon::Icon;
use crate::{
    browser::prefs::{t, text},
    i18n::fill_n,
    state::view::RoomRow,
};

/// Above this many the badge says so instead of counting (`ux.md` §11).
const COUNT_MAX: u32 = 99;

/// The row of the room `id`, which follows its changes without being made again.
#[component]
pub fn RoomLink(
    /// Which room.
    id: String,
    /// All rooms.
    rooms: Signal<Vec<RoomRow>>,
    /// The id of the open one.
    open: Signal<Option<String>>,
) -> impl IntoView {
    let wanted = id.clone();
    let room = Memo::new(move |last: Option<&RoomRow>| {
        rooms.with(|rooms| rooms.iter().find(|room| room.id == wanted).or(last).cloned()).unwrap_or_else(|| RoomRow {
            id: wanted.clone(),
            slug: String::new(),
            name: String::new(),
            members: 0,
            closed: false,
            unread: 0,
            draft: false,
            unsent: false,
        })
    });
    let current = move || open.with(|open| open.as_deref() == Some(id.as_str())).then_some("page");
    let unread = move || room.with(|room| room.unread);
    let unread_words = text(move |lang| {
        let n = u64::from(unread());
        fill_n(lang.plural(n, lang.words().row_unread_one, lang.words().row_unread), n)
    });
    view! {
        <li>
            <A
                href=move || room.with(|room| ["/rooms/", &room.slug].concat())
                attr:class="row"
                attr:aria-current=current
                attr:data-unread=move || (unread() > 0).then_some("")
            >
                <Icon of=Signal::derive(move || if room.with(|room| room.closed) { "#lock" } else { "#hash" })/>
                <span class="row__name clip"><bdi>{move || room.with(|room| room.name.clone())}</bdi></span>
                {move || room.with(|room| room.closed).then(|| view! { <span class="sr">", "{t(|w| w.row_private)}</span> })}
                {move || room.with(|room| room.unsent).then(|| view! {
                    <span class="sr">", "{t(|w| w.row_unsent)}</span>
                    <svg class="icon row__tag" aria-hidden="true" data-bad=""><use_ href="#stop"/></svg>
                })}
                {move || room.with(|room| room.draft && !room.unsent).then(|| view! {
                    <span class="sr">", "{t(|w| w.row_draft)}</span>
                    <Icon of="#pen" class="icon row__tag"/>
                })}
                {move || (unread() > 0).then(|| view! {
                    <span class="count" aria-hidden="true">{count(unread())}</span>
                    <span class="sr">", "{unread_words}</span>
                })}
            </A>
        </li>
    }
}

fn count(n: u32) -> String {
    if n > COUNT_MAX { "99+".to_owned() } else { n.to_string() }
}
