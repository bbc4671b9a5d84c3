//! The composer: a text that grows, and one button. It is never disabled: offline, messages wait.

use leptos::{
    ev::{CompositionEvent, Event, KeyboardEvent, PointerEvent},
    prelude::*,
};
use shared::{limits::BODY_MAX_BYTES, text::MessageBody};

use super::icon::icon;
use crate::{
    browser::{
        focus,
        keys::{self, Enter, Hands},
        page,
        prefs::first as w,
        time,
    },
    dom::{El, button, effect, el},
    i18n::{fill, fill_n},
};

/// What is typed is kept this long after the last key, in milliseconds.
const DRAFT_AFTER_MS: u64 = 300;

/// What the composer reports.
#[derive(Clone, Copy, Debug)]
pub struct ComposerEvents {
    /// A text to send, exactly as typed.
    pub send: Callback<String>,
    /// The draft as it is now.
    pub draft: Callback<String>,
    /// The person has changed the text to this.
    pub typed: Callback<String>,
}

/// The composer of one room, by its title, with that room's `draft`. A text to put back comes with a number that is raised each time;
/// `typed_at` is when something was last typed, in Unix milliseconds: the announcer waits for silence.
#[must_use]
pub fn composer(
    room: Signal<String>,
    draft: String,
    put_back: RwSignal<(u32, String)>,
    typed_at: StoredValue<f64>,
    events: ComposerEvents,
) -> El {
    let value = RwSignal::new(draft);
    let hands = StoredValue::new(Hands::default());
    use_draft(value, events.draft);
    use_put_back(put_back, value);
    let sendable = Memo::new(move |_| value.with(|value| MessageBody::parse(without_controls(value)).is_ok()));
    let field = el("textarea").id("compose");
    let send = {
        let field = field.clone();
        move || {
            if sendable.get_untracked() {
                events.send.run(without_controls(&value.get_untracked()));
                value.set(String::new());
                events.draft.run(String::new());
            }
            focus::focus_element(&field.node());
        }
    };
    let too_much = move || value.with(|value| over(value));
    let label = move || Some(fill(w().comp_label, &[("room", &room.get())]));
    let field = field
        .attr_text_of("rows", move || Some(value.with(|value| rows(value))))
        .attr_text_of("aria-label", label)
        .attr_text_of("placeholder", label)
        .attr("autocapitalize", "sentences")
        .attr("enterkeyhint", "enter")
        .bind(value)
        .on("input", move |_: Event| {
            typed_at.set_value(time::now());
            events.typed.run(value.get_untracked());
        })
        .on("keydown", pressed(hands, value, send.clone()))
        .on("compositionend", move |_: CompositionEvent| hands.update_value(Hands::composition_ended));
    let go = button("tool send")
        .attr("aria-label", w().comp_send)
        .true_of("aria-disabled", move || !sendable.get())
        .child(icon("#up"))
        .press(send);
    el("div")
        .class("compose")
        .on("pointerdown", move |event: PointerEvent| hands.update_value(|hands| hands.pointer(&event.pointer_type())))
        .children([
            el("div").class("compose__box").children([field, go]),
            el("div").class("compose__help").swap_all_on(too_much, move || help(untrack(too_much))),
        ])
}

/// What keys do in the field.
fn pressed(
    hands: StoredValue<Hands>,
    value: RwSignal<String>,
    send: impl Fn() + 'static,
) -> impl FnMut(KeyboardEvent) + 'static {
    move |event| {
        hands.update_value(|hands| hands.key(&event.key()));
        let hands = hands.get_value();
        if hands.is_composing(&event) {
            // The Enter that took a word, sent after the composition: by itself it would break the line.
            if event.key() == "Enter" && !event.is_composing() {
                event.prevent_default();
            }
            return;
        }
        let command = event.ctrl_key() || event.meta_key();
        match event.key().as_str() {
            "Enter" if keys::enter(event.shift_key(), command, hands.enter_breaks_line()) == Enter::Send => {
                event.prevent_default();
                send();
            }
            "ArrowUp" if event.shift_key() && value.with_untracked(String::is_empty) => {
                event.prevent_default();
                focus::focus("timeline");
            }
            _ => {}
        }
    }
}

/// How many bytes there are too many.
fn over(text: &str) -> usize {
    text.len().saturating_sub(BODY_MAX_BYTES)
}

/// Below the field: what can be written, or that it is too much.
fn help(over: usize) -> Vec<El> {
    match over {
        0 => vec![
            el("span").class("compose__marks").attr("translate", "no").text(w().comp_help),
            el("span").class("end").text(w().comp_keys),
        ],
        n => vec![el("span").class("compose__over").attr("role", "alert").text(&fill_n(w().comp_over, n as u64))],
    }
}

/// Pasted control characters would be refused by the server; nobody can see them, so they go.
fn without_controls(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\u{85}')).collect()
}

/// Lines of the text, for browsers that do not grow a field by its content (`field-sizing`).
fn rows(text: &str) -> String {
    text.split('\n').count().clamp(1, 8).to_string()
}

/// Keeps the draft 0.3 s after the last key, and at once when the composer, or the page, goes away.
fn use_draft(value: RwSignal<String>, keep: Callback<String>) {
    let mut kept = value.get_untracked();
    let mut waiting: Option<TimeoutHandle> = None;
    effect(move || {
        if let Some(handle) = waiting.take() {
            handle.clear();
        }
        let text = value.get();
        if kept == text {
            return;
        }
        kept.clone_from(&text);
        // The room may be left before: then it was kept at that moment, and the callback is gone.
        let later = move || {
            keep.try_run(text);
        };
        waiting = set_timeout_with_handle(later, std::time::Duration::from_millis(DRAFT_AFTER_MS)).ok();
    });
    let keep_now = move || {
        if let Some(text) = value.try_get_untracked() {
            keep.run(text);
        }
    };
    on_cleanup(keep_now);
    // A page that goes away does not clean up, and one that is hidden may never come back.
    page::on_hiding(keep_now);
}

/// A text that comes back goes before what is being typed, which is kept.
fn use_put_back(put_back: RwSignal<(u32, String)>, value: RwSignal<String>) {
    let mut seen = put_back.with_untracked(|(number, _)| *number);
    effect(move || {
        let (number, text) = put_back.get();
        if seen != number {
            seen = number;
            value.update(|value| {
                if !value.is_empty() {
                    value.insert(0, '\n');
                }
                value.insert_str(0, &text);
            });
            focus::focus_soon("compose");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_not_sent() {
        assert_eq!(without_controls("a\0b\u{1b}[31m\tc\nd\u{7f}"), "ab[31m\tc\nd");
        assert_eq!(rows("a\nb\nc"), "3");
        assert_eq!(rows(&"\n".repeat(40)), "8");
    }
}
