//! What changes: attributes, texts and parts that follow the signals they read.

use leptos::prelude::{Effect, Get, Owner, RenderEffect, RwSignal, untrack};
use wasm_bindgen::JsValue;
use web_sys::Text;

use super::{El, keep, put_before, set_attribute, set_property};

/// Runs in the next turn, when what is being built is on the page, and again whenever a signal that it reads changes.
pub fn effect(run: impl FnMut() + 'static) {
    effect_boxed(Box::new(run));
}

fn effect_boxed(run: Box<dyn FnMut()>) {
    Effect::new(run);
}

/// Runs now, and again whenever a signal that it reads changes.
pub(super) fn follow(mut run: Box<dyn FnMut()>) {
    keep(RenderEffect::new(move |_| run()));
}

impl El {
    /// Adds a text that follows signals.
    #[must_use]
    pub fn text_of(self, words: impl Fn() -> String + 'static) -> Self {
        let node = self.marker();
        follow_text(node, Box::new(words));
        self
    }

    /// Sets an attribute to one of a few words, or takes it away.
    #[must_use]
    pub fn attr_of(self, name: &'static str, value: impl Fn() -> Option<&'static str> + 'static) -> Self {
        self.follow_attr(name, Box::new(value))
    }

    /// Sets an attribute to a text, or takes it away.
    #[must_use]
    pub fn attr_text_of(self, name: &'static str, value: impl Fn() -> Option<String> + 'static) -> Self {
        self.follow_attr_text(name, Box::new(value))
    }

    /// Sets an attribute that has no value while it holds.
    #[must_use]
    pub fn flag_of(self, name: &'static str, holds: impl Fn() -> bool + 'static) -> Self {
        self.follow_flag(name, Box::new(holds), [Some(""), None])
    }

    /// Sets an attribute to `true` while it holds, and takes it away while it does not: `aria-busy`, `aria-invalid`.
    #[must_use]
    pub fn true_of(self, name: &'static str, holds: impl Fn() -> bool + 'static) -> Self {
        self.follow_flag(name, Box::new(holds), [Some("true"), None])
    }

    /// Sets an attribute to `true` or `false`: states that are there either way, as `aria-expanded`.
    #[must_use]
    pub fn state_of(self, name: &'static str, holds: impl Fn() -> bool + 'static) -> Self {
        self.follow_flag(name, Box::new(holds), [Some("true"), Some("false")])
    }

    /// What is typed here follows a signal. A value that is there already is left alone, and so is the caret.
    #[must_use]
    pub fn value_of(self, value: RwSignal<String>) -> Self {
        let field: web_sys::HtmlInputElement = self.node();
        follow(Box::new(move || {
            let value = value.get();
            if field.value() != value {
                field.set_value(&value);
            }
        }));
        self
    }

    /// Whether a radio button or box is checked.
    #[must_use]
    pub fn checked_of(self, holds: impl Fn() -> bool + 'static) -> Self {
        self.follow_checked(Box::new(holds))
    }

    /// Adds a part that is made anew whenever a signal that it reads changes; `None` is nothing.
    ///
    /// What the old part owned has ended when the new one is made. Read with `get_untracked` what shall not swap it.
    #[must_use]
    pub fn swap(self, draw: impl FnMut() -> Option<El> + 'static) -> Self {
        self.swap_all(one(draw))
    }

    /// The same for several elements side by side.
    #[must_use]
    pub fn swap_all(self, draw: impl FnMut() -> Vec<El> + 'static) -> Self {
        self.follow_part(Box::new(draw), None)
    }

    /// Adds a part that is made anew whenever `key` is another one than before. Only `key` is tracked.
    #[must_use]
    pub fn swap_on<K: PartialEq + 'static>(
        self,
        key: impl Fn() -> K + 'static,
        draw: impl FnMut() -> Option<El> + 'static,
    ) -> Self {
        self.swap_all_on(key, one(draw))
    }

    /// The same for several elements side by side.
    #[must_use]
    pub fn swap_all_on<K: PartialEq + 'static>(
        self,
        key: impl Fn() -> K + 'static,
        draw: impl FnMut() -> Vec<El> + 'static,
    ) -> Self {
        let mut last = None;
        let differs = move || {
            let now = Some(key());
            let differs = now != last;
            last = now;
            differs
        };
        self.follow_part(Box::new(draw), Some(Box::new(differs)))
    }

    fn follow_attr(self, name: &'static str, value: Box<dyn Fn() -> Option<&'static str>>) -> Self {
        let element = self.0.clone();
        follow(Box::new(move || set_attribute(&element, name, value())));
        self
    }

    fn follow_attr_text(self, name: &'static str, value: Box<dyn Fn() -> Option<String>>) -> Self {
        let element = self.0.clone();
        follow(Box::new(move || set_attribute(&element, name, value().as_deref())));
        self
    }

    fn follow_flag(self, name: &'static str, holds: Box<dyn Fn() -> bool>, words: [Option<&'static str>; 2]) -> Self {
        self.follow_attr(name, Box::new(move || words[usize::from(!holds())]))
    }

    fn follow_checked(self, holds: Box<dyn Fn() -> bool>) -> Self {
        let element = self.0.clone();
        follow(Box::new(move || set_property(&element, "checked", &JsValue::from_bool(holds()))));
        self
    }

    fn follow_part(self, mut draw: Draw, mut differs: Option<Box<dyn FnMut() -> bool>>) -> Self {
        let marker = self.marker();
        // Not the owner of a run of the effect, which ends with the next run: the part may stay.
        let owner = Owner::new();
        let mut shown: Vec<El> = Vec::new();
        follow(Box::new(move || {
            let new = match &mut differs {
                Some(differs) => {
                    if !differs() {
                        return;
                    }
                    owner.with_cleanup(|| untrack(&mut *draw))
                }
                None => owner.with_cleanup(&mut *draw),
            };
            for old in shown.drain(..) {
                old.0.remove();
            }
            for element in &new {
                put_before(&marker, &element.0);
            }
            shown = new;
        }));
        self
    }
}

type Draw = Box<dyn FnMut() -> Vec<El>>;

fn one(mut draw: impl FnMut() -> Option<El>) -> impl FnMut() -> Vec<El> {
    move || draw().into_iter().collect()
}

fn follow_text(node: Text, words: Box<dyn Fn() -> String>) {
    let mut last = String::new();
    follow(Box::new(move || {
        let now = words();
        if now != last {
            node.set_data(&now);
            last = now;
        }
    }));
}
