//! The composer: a text that grows, and one button. It is never disabled: offline, messages wait.

use leptos::{
    ev::{CompositionEvent, KeyboardEvent, PointerEvent},
    html,
    prelude::*,
};
use shared::{limits::BODY_MAX_BYTES, text::MessageBody};

use super::icon::Icon;
use crate::{
    browser::{
        focus,
        keys::{self, Enter, Hands},
        prefs::{t, text},
        time,
    },
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
}

/// The composer of one room. For another room it is made anew, with that room's draft.
#[component]
pub fn Composer(
    /// The room's name.
    room: Signal<String>,
    /// What was typed here before.
    draft: String,
    /// A text to put back, with a number that is raised each time.
    #[prop(into)]
    put_back: Signal<(u32, String)>,
    /// When something was last typed, in Unix milliseconds: the announcer waits for silence.
    typed_at: StoredValue<f64>,
    /// What it reports.
    events: ComposerEvents,
) -> impl IntoView {
    let node = NodeRef::<html::Textarea>::new();
    let value = RwSignal::new(draft);
    let hands = StoredValue::new(Hands::default());
    use_draft(value, events.draft);
    use_put_back(put_back, value);
    let over = move || value.with(|value| value.len()).saturating_sub(BODY_MAX_BYTES);
    let sendable = Memo::new(move |_| value.with(|value| MessageBody::parse(without_controls(value)).is_ok()));
    let send = move || {
        if sendable.get_untracked() {
            events.send.run(without_controls(&value.get_untracked()));
            value.set(String::new());
            events.draft.run(String::new());
        }
        if let Some(node) = node.get_untracked() {
            let _ = node.focus();
        }
    };
    let pressed = move |event: KeyboardEvent| {
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
    };
    let typed = move |event| {
        typed_at.set_value(time::now());
        value.set(event_target_value(&event));
    };
    let label = text(move |lang| fill(lang.words().comp_label, &[("room", &["# ", &room.get()].concat())]));
    let help = move || {
        match over() {
        0 => view! {
            <span class="compose__marks" translate="no">{t(|w| w.comp_help)}</span><span class="end">{t(|w| w.comp_keys)}</span>
        }
        .into_any(),
        n => view! { <span class="compose__over" role="alert">{text(move |lang| fill_n(lang.words().comp_over, n as u64))}</span> }.into_any(),
    }
    };
    view! {
        <div class="compose" on:pointerdown=move |event: PointerEvent| hands.update_value(|hands| hands.pointer(&event.pointer_type()))>
            <div class="compose__box">
                <textarea
                    id="compose"
                    node_ref=node
                    rows=move || value.with(|value| rows(value))
                    aria-label=label
                    placeholder=label
                    autocapitalize="sentences"
                    enterkeyhint="enter"
                    prop:value=value
                    on:input=typed
                    on:keydown=pressed
                    on:compositionend=move |_: CompositionEvent| hands.update_value(Hands::composition_ended)
                ></textarea>
                <button
                    type="button"
                    class="tool send"
                    aria-label=t(|w| w.comp_send)
                    aria-disabled=move || (!sendable.get()).then_some("true")
                    on:click=move |_| send()
                >
                    <Icon of="#up"/>
                </button>
            </div>
            <div class="compose__help">{help}</div>
        </div>
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
    let first = StoredValue::new(value.get_untracked());
    Effect::new(move |waiting: Option<Option<TimeoutHandle>>| {
        if let Some(handle) = waiting.flatten() {
            handle.clear();
        }
        let text = value.get();
        if first.with_value(|first| *first == text) {
            return None;
        }
        first.set_value(text.clone());
        // The room may be left before: then it was kept at that moment, and the callback is gone.
        let later = move || {
            keep.try_run(text);
        };
        set_timeout_with_handle(later, std::time::Duration::from_millis(DRAFT_AFTER_MS)).ok()
    });
    let keep_now = move || {
        if let Some(text) = value.try_get_untracked() {
            keep.run(text);
        }
    };
    on_cleanup(keep_now);
    // A page that goes away does not clean up, and one that is hidden may never come back.
    for hiding in ["pagehide", "visibilitychange"] {
        let listener = window_event_listener_untyped(hiding, move |_| keep_now());
        on_cleanup(move || listener.remove());
    }
}

/// A text that comes back goes before what is being typed, which is kept.
fn use_put_back(put_back: Signal<(u32, String)>, value: RwSignal<String>) {
    Effect::new(move |seen: Option<u32>| {
        let (number, text) = put_back.get();
        if seen.is_some_and(|seen| seen != number) {
            value.update(|value| {
                if !value.is_empty() {
                    value.insert(0, '\n');
                }
                value.insert_str(0, &text);
            });
            focus::focus_soon("compose");
        }
        number
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
