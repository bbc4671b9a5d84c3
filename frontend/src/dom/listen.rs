//! What the person does: listeners, taken away with the owner they were made under.

use std::any::Any;

use leptos::prelude::{RwSignal, Set, StoredValue};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, EventTarget, HtmlInputElement};

use super::El;

type Heard = Box<dyn FnMut(Event)>;

/// A listener that is taken away when dropped.
pub(crate) struct Listener {
    target: EventTarget,
    event: &'static str,
    closure: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Listens, and may keep the browser from doing what it does.
    pub(crate) fn active(target: &EventTarget, event: &'static str, heard: impl FnMut(Event) + 'static) -> Self {
        Self::new(target, event, Box::new(heard), false)
    }

    /// Listens without ever holding up scrolling (`passive`).
    pub(crate) fn passive(target: &EventTarget, event: &'static str, heard: impl FnMut(Event) + 'static) -> Self {
        Self::new(target, event, Box::new(heard), true)
    }

    fn new(target: &EventTarget, event: &'static str, heard: Heard, passive: bool) -> Self {
        let closure = Closure::wrap(heard);
        let options = web_sys::AddEventListenerOptions::new();
        options.set_passive(passive);
        let function = closure.as_ref().unchecked_ref();
        let _ = target.add_event_listener_with_callback_and_add_event_listener_options(event, function, &options);
        Self { target: target.clone(), event, closure }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback(self.event, self.closure.as_ref().unchecked_ref());
    }
}

/// Keeps a value as long as the owner that this is called under.
pub(crate) fn keep(value: impl Any) {
    keep_boxed(Box::new(value));
}

fn keep_boxed(value: Box<dyn Any>) {
    StoredValue::new_local(value);
}

impl El {
    /// Hears an event of this element. `E` is the event's type, which is not looked at.
    #[must_use]
    pub fn on<E: JsCast>(self, event: &'static str, mut heard: impl FnMut(E) + 'static) -> Self {
        self.listen(event, Box::new(move |event| heard(event.unchecked_into())))
    }

    /// Hears that this element was pressed, by pointer or key.
    #[must_use]
    pub fn press(self, mut pressed: impl FnMut() + 'static) -> Self {
        self.listen("click", Box::new(move |_| pressed()))
    }

    /// Hears what was chosen in a list.
    #[must_use]
    pub fn on_choice(self, mut chosen: impl FnMut(String) + 'static) -> Self {
        let field: HtmlInputElement = self.node();
        self.listen("change", Box::new(move |_| chosen(field.value())))
    }

    /// Hears that a box was checked or unchecked.
    #[must_use]
    pub fn on_toggle(self, mut flipped: impl FnMut(bool) + 'static) -> Self {
        let field: HtmlInputElement = self.node();
        self.listen("change", Box::new(move |_| flipped(field.checked())))
    }

    fn listen(self, event: &'static str, heard: Heard) -> Self {
        keep(Listener::new(&self.0, event, heard, false));
        self
    }

    /// Keeps what is typed here and a signal equal.
    #[must_use]
    pub fn bind(self, value: RwSignal<String>) -> Self {
        let field: HtmlInputElement = self.node();
        self.value_of(value).listen("input", Box::new(move |_| value.set(field.value())))
    }
}
