//! Keys: what a key press means in the composer, with the guards that input methods need (`ux.md` §6).

use leptos::ev::KeyboardEvent;
use wasm_bindgen::JsCast;

use super::{page, time};
use crate::dom::{Listener, keep};

/// How long after `compositionend` an Enter still belongs to the input method, in milliseconds: Safari sends the key
/// event after the composition has ended (WebKit bug 165004).
const COMPOSITION_TAIL_MS: f64 = 50.0;

/// The `keyCode` of a key that an input method has taken (UI Events §7.3).
const KEYCODE_PROCESS: u32 = 229;

/// What a person uses to type, as far as the last events show. A touch laptop is not a phone: what counts is the last
/// pointer, and whether a key has come that no on-screen keyboard has.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hands {
    last_pointer_coarse: bool,
    hardware_keys: bool,
    composition_ended_at: f64,
}

impl Hands {
    /// Notes a pointer: `kind` is its `pointerType`.
    pub fn pointer(&mut self, kind: &str) {
        self.last_pointer_coarse = kind == "touch";
        if self.last_pointer_coarse {
            self.hardware_keys = false;
        }
    }

    /// Notes a key.
    pub fn key(&mut self, key: &str) {
        self.hardware_keys |= matches!(key, "Shift" | "Control" | "Alt" | "Meta" | "Tab" | "Escape")
            || key.starts_with("Arrow")
            || key.starts_with("Page");
    }

    /// Notes that an input method has committed its text.
    pub fn composition_ended(&mut self) {
        self.composition_ended_at = time::now();
    }

    /// Whether Enter breaks the line, because the keyboard is on the screen and the button is under the thumb.
    #[must_use]
    pub fn enter_breaks_line(&self) -> bool {
        self.last_pointer_coarse && !self.hardware_keys
    }

    /// Whether a key belongs to an input method and must do nothing else: three guards, since no browser has all.
    #[must_use]
    pub fn is_composing(&self, key: &KeyboardEvent) -> bool {
        composing(key.is_composing(), key.key_code(), time::now() - self.composition_ended_at)
    }
}

fn composing(is_composing: bool, key_code: u32, since_commit_ms: f64) -> bool {
    is_composing || key_code == KEYCODE_PROCESS || since_commit_ms < COMPOSITION_TAIL_MS
}

/// Hears the keys that no element has taken, as long as the owner lives that this is called under.
pub fn on_page(pressed: impl Fn(&KeyboardEvent) + 'static) {
    keep(Listener::active(&page::window(), "keydown", move |event| pressed(event.unchecked_ref())));
}

/// What Enter does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enter {
    /// Sends the message.
    Send,
    /// Breaks the line: the browser's own action.
    Break,
}

/// What Enter does with these modifiers.
#[must_use]
pub fn enter(shift: bool, command: bool, breaks_line: bool) -> Enter {
    if command || !shift && !breaks_line { Enter::Send } else { Enter::Break }
}

/// Whether a key press types one character, without any modifier that makes it a command.
#[must_use]
pub fn types_a_character(key: &KeyboardEvent) -> bool {
    let command = key.ctrl_key() || key.meta_key() || key.alt_key();
    // Space scrolls the page; everything else that is longer than one character is the name of a key.
    !command && key.key() != " " && key.key().chars().count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_guards_against_input_methods() {
        assert!(composing(true, 13, 1e6));
        assert!(composing(false, 229, 1e6));
        assert!(composing(false, 13, 10.0));
        assert!(!composing(false, 13, 51.0));
    }

    #[test]
    fn enter_sends_unless_the_line_shall_break() {
        for (shift, command, soft, expected) in [
            (false, false, false, Enter::Send),
            (true, false, false, Enter::Break),
            (false, true, false, Enter::Send),
            (true, true, false, Enter::Send),
            (false, false, true, Enter::Break),
            (false, true, true, Enter::Send),
        ] {
            assert_eq!(enter(shift, command, soft), expected, "{shift} {command} {soft}");
        }
    }

    #[test]
    fn a_touch_laptop_is_not_a_phone() {
        let mut hands = Hands::default();
        assert!(!hands.enter_breaks_line());
        hands.pointer("touch");
        assert!(hands.enter_breaks_line());
        hands.key("Shift");
        assert!(!hands.enter_breaks_line());
        hands.pointer("touch");
        hands.key("a");
        assert!(hands.enter_breaks_line());
        hands.pointer("mouse");
        assert!(!hands.enter_breaks_line());
    }
}
