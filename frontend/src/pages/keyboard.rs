//! Keys that act wherever focus is (`ux.md` §7): regions, Escape, the rooms above and below, and letters that were
//! meant for the composer.

use leptos::{ev::KeyboardEvent, prelude::*};

use crate::browser::{focus, keys};

/// What the keys do that is not moving focus.
#[derive(Clone, Copy)]
pub(super) struct KeyActions {
    /// Escape with nothing open: the panel closes, or the room has been read.
    pub(super) settle: Callback<()>,
    /// Alt and an arrow: the room so many rows away; with Shift, the next one that has news.
    pub(super) step_room: Callback<(isize, bool)>,
}

/// Listens as long as the page is on screen.
pub(super) fn use_keyboard(actions: KeyActions) {
    keys::on_page(move |event| pressed(event, actions));
}

fn pressed(event: &KeyboardEvent, actions: KeyActions) {
    // An input method's keys are its own, and an open dialog or menu has all of them.
    if event.default_prevented() || event.is_composing() || focus::is_covered() {
        return;
    }
    let command = event.ctrl_key() || event.meta_key();
    match event.key().as_str() {
        "F6" => {
            event.prevent_default();
            focus::next_region(event.shift_key());
        }
        "Escape" => actions.settle.run(()),
        "ArrowUp" | "ArrowDown" if event.alt_key() && !command => {
            event.prevent_default();
            actions.step_room.run((if event.key() == "ArrowUp" { -1 } else { 1 }, event.shift_key()));
        }
        // Focus moves before the character is put in, so it arrives in the composer.
        _ if keys::types_a_character(event) && focus::is_free() => {
            focus::focus("compose");
        }
        _ => {}
    }
}
