//! The rail: the place, its rooms, and the person at its foot. On a phone it is a page of its own.

use leptos::prelude::*;

use super::{icon::Icon, place_menu::PlaceMenu, rail_foot::RailFoot, room_row::RoomLink, seal::Seal};
use crate::{
    browser::prefs::t,
    state::view::{Link, Person, RoomRow},
};

/// The rail.
#[component]
pub fn Rail(
    /// The workspace's name.
    place: Signal<String>,
    /// The person at this screen.
    me: Signal<Person>,
    /// The rooms, in the order they are shown.
    rooms: Signal<Vec<RoomRow>>,
    /// The id of the open room.
    open: Signal<Option<String>>,
    /// The state of the stream.
    link: Signal<Link>,
    /// It is the whole page: a phone that shows no room.
    whole_page: Signal<bool>,
    /// "Invite people…" was chosen.
    on_invite: Callback<()>,
    /// The settings were asked for.
    on_settings: Callback<()>,
) -> impl IntoView {
    let role = move || if whole_page.get() { "main" } else { "navigation" };
    view! {
        <div class="rail" id="rail" role=role aria-label=t(|w| w.nav_rooms)>
            <div class="rail__head">
                <Icon of="#mark" class="icon mark"/>
                <PlaceMenu place heading=whole_page on_invite on_settings/>
                <button type="button" class="tool only-phone" on:click=move |_| on_settings.run(())>
                    <span class="sr">{t(|w| w.nav_settings)}</span>
                    <Seal person=me size="m"/>
                </button>
            </div>
            <div class="rail__scroll">
                <h2 class="rail__group" id="rail-rooms">{t(|w| w.nav_rooms)}</h2>
                <ul aria-labelledby="rail-rooms">
                    <For each=move || rooms.get() key=|room| room.id.clone() let(room)>
                        <RoomLink id=room.id rooms open/>
                    </For>
                </ul>
            </div>
            <RailFoot me link on_settings/>
        </div>
    }
}
