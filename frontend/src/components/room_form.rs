//! The fields of a room: its name, its address that follows the name, its kind as two rows with their consequence.

use leptos::{ev::Event, prelude::*};
use shared::room::RoomKind;

use super::{
    alert::alert,
    dialog::dialog,
    door::form,
    field::{Field, Kind},
    names::{NamesField, names_field},
};
use crate::{
    browser::prefs::w,
    dom::{El, button, el},
    state::names::Names,
};

/// Whether an address can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Free {
    /// Nobody has asked yet.
    Unknown,
    /// It can.
    Free,
    /// A room that the person can see has it.
    Taken,
}

/// What the dialog holds.
#[derive(Clone, Copy, Debug)]
pub struct NewRoom {
    /// It is open.
    pub open: RwSignal<bool>,
    /// The name.
    pub name: RwSignal<String>,
    /// The address.
    pub slug: RwSignal<String>,
    /// It was changed by hand, and follows the name no more.
    pub edited: RwSignal<bool>,
    /// What it is about.
    pub topic: RwSignal<String>,
    /// Who may find and join it.
    pub kind: RwSignal<RoomKind>,
    /// Whether the address can be had.
    pub free: Signal<Free>,
    /// Who is in it from the start.
    pub names: RwSignal<Names>,
    /// Whom the field offers.
    pub source: Callback<RwSignal<Names>>,
    /// It is being made.
    pub busy: Signal<bool>,
    /// What is wrong with the name,
    pub wrong_name: Signal<Option<String>>,
    /// the address,
    pub wrong_slug: Signal<Option<String>>,
    /// the topic,
    pub wrong_topic: Signal<Option<String>>,
    /// or nothing in particular.
    pub wrong: Signal<Option<String>>,
    /// Makes the room.
    pub send: Callback<()>,
}

/// The dialog.
#[must_use]
pub fn new_room(room: NewRoom) -> El {
    let closed = Callback::new(move |()| room.open.set(false));
    dialog("new-room", w().room_new_t, room.open.into(), Some(closed), move || {
        let name = Field::new("room-new-name", w().room_name, Kind::Text, "off").draw(room.name, room.wrong_name);
        let topic = Field { optional: true, ..Field::new("room-new-topic", w().room_topic, Kind::Text, "off") };
        let topic = topic.draw(room.topic, room.wrong_topic);
        let people = NamesField {
            id: "room-new-people",
            label: w().room_who,
            hint: w().room_who_ph,
            labelled: true,
            listed: false,
            names: room.names,
            offer: room.source,
        };
        let address = address(
            "room-new-address",
            room.slug,
            Some(room.edited),
            Signal::derive(move || room.wrong_slug.get().or_else(|| taken(room.free.get()))),
            Signal::derive(move || room.free.get() == Free::Free),
        );
        let form = form(room.busy, room.send).class("form").id("new-room-form");
        let form = form.children([name, address, kinds(room.kind), topic]).children(names_field(people));
        let foot = el("footer").class("dialog__foot dialog__do").children([
            button("btn push").text(w().room_cancel).press(move || room.open.set(false)),
            submit("new-room-form", w().room_make, room.busy),
        ]);
        vec![alert(form, room.wrong), foot]
    })
    .class("ask--wide")
}

fn taken(free: Free) -> Option<String> {
    (free == Free::Taken).then(|| w().room_taken.to_owned())
}

/// The button that sends a form it does not stand in.
#[must_use]
pub fn submit(form: &'static str, words: &'static str, busy: Signal<bool>) -> El {
    el("button")
        .class("btn btn--main")
        .attr("form", form)
        .true_of("aria-busy", move || busy.get())
        .flag_of("data-busy", move || busy.get())
        .text(words)
}

/// The address of a room: `/rooms/` and what follows. `edited` is raised when it is changed by hand.
#[must_use]
pub fn address(
    id: &'static str,
    slug: RwSignal<String>,
    edited: Option<RwSignal<bool>>,
    wrong: Signal<Option<String>>,
    free: Signal<bool>,
) -> El {
    let note = [id, "-note"].concat();
    let below = {
        let note = note.clone();
        move || {
            let below = el("small").id(&note);
            match wrong.get() {
                Some(wrong) => Some(below.class("why").attr("role", "alert").text(&wrong)),
                None if free.get() => Some(below.text(w().room_addr_free)),
                None => Some(below.text(w().room_addr_note)),
            }
        }
    };
    let input = el("input")
        .class("input")
        .id(id)
        .attr("autocomplete", "off")
        .attr("autocapitalize", "off")
        .attr("spellcheck", "false")
        .true_of("aria-invalid", move || wrong.with(Option::is_some))
        .attr("aria-describedby", &*note)
        .bind(slug)
        .on("input", move |_: Event| {
            if let Some(edited) = edited {
                // Emptied, it follows the name again.
                edited.set(slug.with_untracked(|slug| !slug.is_empty()));
            }
        });
    el("div")
        .class("field")
        .flag_of("data-bad", move || wrong.with(Option::is_some))
        .child(el("label").attr("for", id).text(w().room_addr))
        .child(el("div").class("withtail").children([el("span").class("lead").text("/rooms/"), input]))
        .swap(below)
}

/// Open or closed, each with what follows from it.
fn kinds(kind: RwSignal<RoomKind>) -> El {
    let row = |of: RoomKind, name: &'static str, note: &'static str| {
        let radio = el("input")
            .attr("type", "radio")
            .attr("name", "kind")
            .checked_of(move || kind.get() == of)
            .on("change", move |_: Event| kind.set(of));
        el("label").children([radio, el("span").text(name).child(el("small").text(note))])
    };
    let rows = el("div").class("pick").children([
        row(RoomKind::Open, w().room_open, w().room_open_note),
        row(RoomKind::Closed, w().room_closed, w().room_closed_note),
    ]);
    el("fieldset").class("field").child(el("legend").class("label").text(w().room_kind)).child(rows)
}
