//! What is beside the room: its details, or its people. On a desk it is remembered for this device; on a phone it is a page of
//! its own, with an address, so that "back" leads to the room.

use leptos::prelude::*;

use super::{
    chat::Overlays,
    place::{Place, side_path},
    room_people::{People, use_people},
};
use crate::{
    browser::{focus, page, viewport},
    chat::use_chat,
    components::{
        details::{DetailsEvents, details},
        members::members,
        room_header::Side,
    },
    dom::El,
    state::view::RoomRow,
};

/// What this device last had beside the room.
const KEPT: &str = "teahouse.panel";

/// What is beside the room, and how that changes.
#[derive(Clone, Copy, Debug)]
pub struct Panel {
    desk: RwSignal<Option<Side>>,
    side: Signal<Option<Side>>,
    phone: Signal<bool>,
    room: Memo<Option<RoomRow>>,
    go: Callback<(String, bool)>,
}

impl Panel {
    /// As it was left on this device: where the window is wide, at first open.
    pub(super) fn new(
        phone: Signal<bool>,
        place: Memo<Place>,
        room: Memo<Option<RoomRow>>,
        go: Callback<(String, bool)>,
    ) -> Self {
        let kept = match page::stored(KEPT).as_deref() {
            Some("members") => Some(Side::Members),
            Some("none") => None,
            _ => Some(Side::Details),
        };
        let desk = RwSignal::new(kept.filter(|_| viewport::is_wide()));
        let side = Signal::derive(move || if phone.get() { place.with(Place::side) } else { desk.get() });
        Self { desk, side, phone, room, go }
    }

    /// What is open.
    pub(super) fn side(self) -> Signal<Option<Side>> {
        self.side
    }

    /// Opens a panel, or closes the one that is open.
    pub(super) fn toggle(self) -> Callback<Side> {
        Callback::new(move |side| {
            if self.side.get_untracked() == Some(side) {
                self.close();
            } else {
                self.show(Some(side));
            }
        })
    }

    fn show(self, side: Option<Side>) {
        if self.phone.get_untracked() {
            let Some(path) = self.room.with_untracked(|room| room.as_ref().map(RoomRow::path)) else { return };
            self.go.run((side.map_or_else(|| path.clone(), |side| side_path(&path, side)), false));
            return;
        }
        self.desk.set(side);
        page::store(
            KEPT,
            Some(match side {
                Some(Side::Details) => "details",
                Some(Side::Members) => "members",
                None => "none",
            }),
        );
    }

    /// Closes it; focus returns to what opens it.
    pub(super) fn close(self) {
        let opener = match self.side.get_untracked() {
            Some(Side::Members) => "open-members",
            _ => "open-details",
        };
        self.show(None);
        focus::focus_soon(opener);
    }
}

/// The panel that is open beside a room.
pub(crate) fn side_panel(panel: Panel, room: Memo<Option<RoomRow>>, over: Overlays) -> Option<El> {
    let side = panel.side.get_untracked()?;
    let first = room.get_untracked().filter(|room| room.farewell.is_none())?;
    // While the room is leaving, the last thing known of it is still drawn.
    let of = Signal::derive(move || room.get().unwrap_or_else(|| first.clone()));
    let People { present, filter, more, find, add } = use_people(of);
    let close = Callback::new(move |()| panel.close());
    Some(match side {
        Side::Details => {
            let chat = use_chat();
            let leave = move || chat.leave_for_good(&of.with_untracked(|room| room.id.clone()));
            let events = DetailsEvents {
                close,
                all: Callback::new(move |()| panel.show(Some(Side::Members))),
                settings: Callback::new(move |()| over.room_settings.set(true)),
                leave: Callback::new(move |()| leave()),
            };
            details(of, present, events)
        }
        Side::Members => members(of, present, filter, find, more, add, close),
    })
}
