//! The place's own settings, for those who run it: what it is called, who may make rooms, who may invite, whether guests may
//! come in. Each acts at once; the name when its field is left.

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};
use shared::{
    member::{Circle, Workspace},
    policy::WorkspaceAction,
    request::ChangeWorkspace,
    text::WorkspaceName,
};

use super::{
    settings::Tick,
    wrong::{Part, Wrong, Wrongs},
};
use crate::{
    api,
    browser::{address::use_address, prefs::w},
    chat::use_chat,
    components::{
        alert::alert,
        dialog::Sheet,
        field::{Field, Kind},
        segments::{Segment, segments},
        switch::switch,
    },
    dom::{El, el},
};

const CIRCLES: [Circle; 2] = [Circle::Everyone, Circle::Admins];

/// The dialog, which lies over any page as `#place`.
pub(crate) fn workspace_overlay() -> El {
    let (chat, address) = (use_chat(), use_address());
    let may = move || chat.own.with(|own| own.as_ref().is_some_and(|own| own.may(WorkspaceAction::Change)));
    let open = Signal::derive(move || address.part() == "place" && may());
    let sheet = Sheet {
        id: "place-settings",
        class: "ask ask--wide",
        title: Box::new(|| w().ws_title.to_owned()),
        lead: None,
        open,
        closed: Callback::new(move |()| address.close()),
    };
    sheet.draw(move || chat.own.get_untracked().map(|own| inside(&own.workspace)).unwrap_or_default())
}

fn inside(place: &Workspace) -> Vec<El> {
    let wrongs = Wrongs::new();
    let guests = RwSignal::new(place.guests);
    let flip = move |now: bool| {
        guests.set(now);
        let change = ChangeWorkspace { guests: Some(now), ..ChangeWorkspace::default() };
        let back = Callback::new(move |()| {
            guests.try_set(!now);
        });
        send(change, wrongs, Callback::new(|()| {}), back);
    };
    let rooms = circle("ws-rooms", ["ws-rooms-1", "ws-rooms-2"], w().ws_rooms, place.rooms_by, wrongs, |circle| {
        ChangeWorkspace { rooms_by: Some(circle), ..ChangeWorkspace::default() }
    });
    let invites =
        circle("ws-invites", ["ws-invites-1", "ws-invites-2"], w().ws_invites, place.invites_by, wrongs, |circle| {
            ChangeWorkspace { invites_by: Some(circle), ..ChangeWorkspace::default() }
        });
    let form = el("div").class("form").children([
        name(place),
        el("div").children([
            rooms,
            invites,
            switch("ws-guests", w().ws_guests, Some(w().ws_guests_note), guests, flip),
        ]),
    ]);
    vec![alert(form, wrongs.any_of()), el("p").class("dialog__foot").text(w().set_saved)]
}

fn name(place: &Workspace) -> El {
    let (typed, kept) = (RwSignal::new(place.name.to_string()), RwSignal::new(place.name.to_string()));
    let (wrongs, tick) = (Wrongs::new(), Tick::new());
    let left = Callback::new(move |()| {
        let now = typed.get_untracked().trim().to_owned();
        if now == kept.get_untracked() {
            return wrongs.clear();
        }
        let Ok(name) = WorkspaceName::parse(now.clone()) else {
            return wrongs.set(Part::Place, Some(Wrong::NameBad));
        };
        let change = ChangeWorkspace { name: Some(name), ..ChangeWorkspace::default() };
        let done = Callback::new(move |()| {
            kept.try_set(now.clone());
            tick.show();
        });
        send(change, wrongs, done, Callback::new(|()| {}));
    });
    let field = Field::new("ws-name", w().ws_name, Kind::Text, "organization");
    Field { left: Some(left), ..field }.draw(typed, wrongs.any_of()).child(tick.draw())
}

/// Who may do something: two choices, of which the old one holds again when the server refuses.
fn circle(
    name: &'static str,
    ids: [&'static str; 2],
    label: &'static str,
    now: Circle,
    wrongs: Wrongs,
    change: fn(Circle) -> ChangeWorkspace,
) -> El {
    let chosen = RwSignal::new(CIRCLES.iter().position(|circle| *circle == now).unwrap_or_default());
    let choice = |id, label| Segment { id, label, icon: None, lang: None };
    let choices = [choice(ids[0], w().ws_all), choice(ids[1], w().ws_admins)];
    let choose = Callback::new(move |at: usize| {
        let before = chosen.get_untracked();
        chosen.set(at);
        let back = Callback::new(move |()| {
            chosen.try_set(before);
        });
        send(change(CIRCLES[at]), wrongs, Callback::new(|()| {}), back);
    });
    let control = segments(name, label, &choices, move || chosen.get(), choose);
    el("div").class("set").children([el("div").text(label), control])
}

fn send(change: ChangeWorkspace, wrongs: Wrongs, done: Callback<()>, back: Callback<()>) {
    wrongs.clear();
    let change = Arc::new(change);
    spawn_local(async move {
        match api::change_workspace(&change).await {
            Ok(()) => done.run(()),
            Err(error) => {
                wrongs.take(&error);
                back.run(());
            }
        }
    });
}
