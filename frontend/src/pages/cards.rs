//! The card of a person: what is known here at once, what the server adds to it, and what its buttons do.

use leptos::{prelude::*, task::spawn_local};
use shared::{
    id::{MemberId, RoomId},
    member::{Member, Role},
    policy::{RoomAction, WorkspaceAction, may_remove},
    request::CreateRoom,
    room::RoomKind,
    session::MemberView,
    text::RoomTopic,
};

use super::{moderation::admin_block, wrong::Wrong};
use crate::{
    api::{self, ApiError},
    browser::{
        people::Pressed,
        prefs::{lang, w},
        time,
    },
    chat::{Chat, use_chat},
    components::card::{Card, CardEvents, card},
    dom::{El, effect, el},
    state::view::{Person, RoomRow},
};

/// The card of whoever was pressed. `room` is the open room, of which a person may be taken out.
pub(crate) fn card_overlay(
    pressed: RwSignal<Option<Pressed>>,
    room: Memo<Option<RoomRow>>,
    go: Callback<(String, bool)>,
) -> El {
    let chat = use_chat();
    let who = Memo::new(move |_| pressed.with(|pressed| pressed.as_ref()?.person.parse::<MemberId>().ok()));
    let (view, wrong) = (RwSignal::new(None::<MemberView>), RwSignal::new(None::<Wrong>));
    // A memo: who comes and goes elsewhere does not draw this card anew, under a hand.
    let shown = Memo::new(move |_| {
        let who = who.get()?;
        let answered = view.get().filter(|view| view.member.id == who);
        let member = answered.as_ref().map(|view| view.member.clone()).or_else(|| chat.member(who))?;
        let listed = pressed.with(|pressed| pressed.as_ref().is_some_and(|pressed| pressed.listed));
        Some(card_of(chat, &member, answered.as_ref(), room.get().as_ref(), listed))
    });
    effect(move || {
        let Some(person) = who.get() else { return };
        wrong.set(None);
        view.set(None);
        chat.show_presence_of(&[person]);
        spawn_local(async move {
            if let Ok(answer) = api::card(person).await {
                chat.meet(answer.member.clone());
                view.set(Some(answer));
            }
        });
    });
    let message = Callback::new(move |()| {
        let Some(person) = who.get_untracked() else { return };
        spawn_local(async move {
            match direct_path(chat, vec![person]).await {
                Ok(path) => {
                    pressed.set(None);
                    go.run((path, false));
                }
                Err(error) => wrong.set(Some(Wrong::of(&error))),
            }
        });
    });
    let remove = Callback::new(move |()| {
        let id = room.with_untracked(|room| room.as_ref().and_then(|room| room.id.parse::<RoomId>().ok()));
        let (Some(person), Some(id)) = (who.get_untracked(), id) else { return };
        spawn_local(async move {
            match api::remove_member(id, person).await {
                Ok(()) => pressed.set(None),
                Err(error) => wrong.set(Some(Wrong::of(&error))),
            }
        });
    });
    let closed = Callback::new(move |()| pressed.set(None));
    let wrong = Signal::derive(move || wrong.get().map(|wrong| wrong.sentence(lang())));
    let admin = Box::new(move |card: Card| {
        // Of an account that is not in use it is to be known why.
        if !card.active && card.banned.is_none() {
            return None;
        }
        let member = chat.member(card.person.id.parse().ok()?)?;
        let block = admin_block(&member, card.banned == Some(true), closed);
        // Nothing can be done to the last one who may do everything, which is worth a sentence.
        let last = card.own
            && card.role == Role::Owner
            && chat.knows_everybody()
            && chat.people().iter().all(|other| other.role != Role::Owner);
        block.or_else(|| last.then(|| el("p").class("card__bio").text(w().role_last)))
    });
    card(shown.into(), wrong, admin, CardEvents { closed, message, remove })
}

/// What the card says. `listed`: it was opened from the list of the room's people.
fn card_of(chat: Chat, member: &Member, view: Option<&MemberView>, room: Option<&RoomRow>, listed: bool) -> Card {
    let own = chat.me.with(|me| me.as_ref().is_some_and(|me| me.id == member.id.to_string()));
    let titles = |shared: &Vec<RoomId>| {
        let title = |id: &RoomId| {
            let id = id.to_string();
            chat.rooms.with(|rooms| {
                rooms.iter().find(|room| room.id == id && room.kind != RoomKind::Direct).map(RoomRow::title)
            })
        };
        shared.iter().filter_map(title).collect()
    };
    let may = |room: &&RoomRow| {
        room.may(RoomAction::Remove) && !own && chat.my_role().is_some_and(|role| may_remove(role, member.role))
    };
    let in_room = |room: &&RoomRow| {
        listed || view.is_some_and(|view| view.shared_rooms.iter().any(|shared| shared.to_string() == room.id))
    };
    Card {
        person: Person { id: member.id.to_string(), name: member.display_name.to_string() },
        name: member.name.to_string(),
        role: member.role,
        active: member.active,
        banned: view.and_then(|view| view.banned),
        level: chat.level(member.id),
        bio: member.bio.to_string(),
        since_ms: time::parse(&member.joined_at.0),
        zone: view.and_then(|view| view.time_zone.clone()),
        seen_ms: view.and_then(|view| view.last_seen_at.as_ref()).and_then(|at| time::parse(&at.0)),
        shared: view.map(|view| titles(&view.shared_rooms)).unwrap_or_default(),
        own,
        message: chat.may(WorkspaceAction::MakeDirect),
        remove_from: room.filter(may).filter(in_room).map(RoomRow::title),
    }
}

/// The address of the conversation with these people, which is begun if there is none.
///
/// # Errors
/// [`ApiError`] when it could not be.
pub(super) async fn direct_path(chat: Chat, people: Vec<MemberId>) -> Result<String, ApiError> {
    if let Some(slug) = chat.direct_room(&people) {
        return Ok(["/rooms/", &slug].concat());
    }
    let request =
        CreateRoom { name: None, kind: RoomKind::Direct, slug: None, topic: RoomTopic::default(), members: people };
    let made = api::make_room(&request).await?;
    Ok(["/rooms/", &made.room.slug].concat())
}
