//! The dialog of a room's settings. What the person may not change is not in it.

use leptos::prelude::*;
use shared::{member::Circle, policy::RoomAction, room::RoomKind};

use super::{
    alert::alert,
    dialog::dialog,
    door::form,
    field::{Field, Kind},
    icon::icon,
    room_form::{address, submit},
    segments::{Segment, segments},
};
use crate::{
    browser::prefs::{lang, w},
    dom::{El, button, el},
    i18n::fill_n,
    state::view::RoomRow,
};

/// What the dialog holds.
#[derive(Clone, Copy, Debug)]
pub struct RoomSettings {
    /// It is open.
    pub open: RwSignal<bool>,
    /// The room.
    pub room: Memo<Option<RoomRow>>,
    /// Its name,
    pub name: RwSignal<String>,
    /// address,
    pub slug: RwSignal<String>,
    /// topic,
    pub topic: RwSignal<String>,
    /// kind,
    pub kind: RwSignal<RoomKind>,
    /// and who may post.
    pub posting: RwSignal<Circle>,
    /// Something differs from the room.
    pub changed: Signal<bool>,
    /// What closing the room means has been said; saving again does it.
    pub warned: Signal<bool>,
    /// It is being saved.
    pub busy: Signal<bool>,
    /// What is wrong with the name,
    pub wrong_name: Signal<Option<String>>,
    /// the address,
    pub wrong_slug: Signal<Option<String>>,
    /// the topic,
    pub wrong_topic: Signal<Option<String>>,
    /// or nothing in particular.
    pub wrong: Signal<Option<String>>,
    /// Saves.
    pub save: Callback<()>,
    /// Forgets what was changed.
    pub reset: Callback<()>,
    /// Archives the room.
    pub archive: Callback<()>,
    /// Takes it out of the archive.
    pub restore: Callback<()>,
    /// Leaves it.
    pub leave: Callback<()>,
}

/// The dialog.
#[must_use]
pub fn room_settings(set: RoomSettings) -> El {
    let closed = Callback::new(move |()| set.open.set(false));
    dialog("room-settings", w().room_set_t, set.open.into(), Some(closed), move || {
        let Some(room) = set.room.get_untracked() else { return Vec::new() };
        let may = |action| room.may(action);
        let mut fields = Vec::new();
        if may(RoomAction::Change) {
            fields.extend(words(set));
        }
        let mut lines = Vec::new();
        if may(RoomAction::Convert) {
            lines.push(kind(set));
        }
        if may(RoomAction::Change) {
            lines.push(posting(set));
        }
        let act = |class, sign, words: &str, act: Callback<()>| {
            button(class).child(icon(sign)).text(words).press(move || act.run(()))
        };
        if may(RoomAction::Leave) {
            let leave = act("btn", "#leave", w().room_leave, set.leave);
            lines.push(line(w().room_leave, el("small").text(w().room_leave_note), leave));
        }
        if may(RoomAction::Archive) {
            let archive = act("btn btn--danger", "#archive", w().room_arch, set.archive);
            lines.push(line(w().room_arch, el("small").text(w().room_arch_note), archive));
        }
        if may(RoomAction::Restore) {
            let restore = act("btn", "#again", w().room_restore, set.restore);
            lines.push(line(w().room_restore, el("small").text(w().room_restore_note), restore));
        }
        let form = form(set.busy, set.save).class("form").id("room-settings-form").children(fields);
        let form = alert(form.child(el("div").children(lines)), set.wrong);
        let mut parts = vec![form];
        if may(RoomAction::Change) || may(RoomAction::Convert) {
            parts.push(foot(set, room.members));
        }
        parts
    })
    .class("wide")
}

fn words(set: RoomSettings) -> [El; 3] {
    let topic = Field { optional: true, ..Field::new("room-set-topic", w().room_topic, Kind::Text, "off") };
    [
        Field::new("room-set-name", w().room_name, Kind::Text, "off").draw(set.name, set.wrong_name),
        topic.draw(set.topic, set.wrong_topic),
        address("room-set-address", set.slug, None, set.wrong_slug, Signal::stored(false)),
    ]
}

/// A line of the dialog: what it does, what follows from it, and the control.
fn line(label: &'static str, note: El, control: El) -> El {
    el("div").class("set").children([el("div").text(label).child(note), control])
}

fn kind(set: RoomSettings) -> El {
    const KINDS: [RoomKind; 2] = [RoomKind::Open, RoomKind::Closed];
    let choice = |id, label, icon| Segment { id, label, icon: Some(icon), lang: None };
    let choices = [choice("kind-open", w().room_open, "#hash"), choice("kind-closed", w().room_closed, "#lock")];
    let chosen = move || KINDS.iter().position(|kind| *kind == set.kind.get()).unwrap_or_default();
    let choose = Callback::new(move |at: usize| set.kind.set(KINDS[at]));
    let note = move || {
        let words = if set.kind.get() == RoomKind::Open { w().room_open_note } else { w().room_closed_note };
        words.to_owned()
    };
    line(w().room_kind, el("small").text_of(note), segments("room-kind", w().room_kind, &choices, chosen, choose))
}

fn posting(set: RoomSettings) -> El {
    const CIRCLES: [Circle; 2] = [Circle::Everyone, Circle::Admins];
    let choice = |id, label| Segment { id, label, icon: None, lang: None };
    let choices = [choice("post-all", w().room_post_all), choice("post-admins", w().room_post_admins)];
    let chosen = move || CIRCLES.iter().position(|circle| *circle == set.posting.get()).unwrap_or_default();
    let choose = Callback::new(move |at: usize| set.posting.set(CIRCLES[at]));
    let control = segments("room-posting", w().room_post, &choices, chosen, choose);
    line(w().room_post, el("small").text(w().room_post_note), control)
}

fn foot(set: RoomSettings, members: u32) -> El {
    let n = u64::from(members);
    let warning = move || {
        let words = fill_n(lang().plural(n, w().room_close_warn_one, w().room_close_warn), n);
        set.warned.get_untracked().then(|| {
            el("p").class("set__warn").id("room-close-warn").attr("tabindex", "-1").attr("role", "alert").text(&words)
        })
    };
    let cancel = button("btn push").text(w().room_cancel).press(move || {
        set.reset.run(());
        set.open.set(false);
    });
    let save =
        submit("room-settings-form", w().room_save, set.busy).true_of("aria-disabled", move || !set.changed.get());
    el("footer").class("dialog__foot dialog__do").swap_on(move || set.warned.get(), warning).children([cancel, save])
}
