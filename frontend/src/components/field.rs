//! One field of a form: label, input, and below it advice or what is wrong.

use leptos::{ev::FocusEvent, prelude::*};

use super::icon::icon;
use crate::{
    browser::prefs::doors as w,
    dom::{El, button, el},
};

/// What kind of field it is: decides the input's type and what the browser may do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A sign-in name: nothing is capitalised or corrected.
    Name,
    /// A password, with an eye that shows it.
    Password,
    /// The set-up code.
    Code,
    /// A text of a few lines.
    Long,
}

/// What a field is made of.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The input's id, unique on the page.
    pub id: &'static str,
    /// Its label.
    pub label: &'static str,
    /// What kind it is.
    pub kind: Kind,
    /// The browser's `autocomplete` token.
    pub autocomplete: &'static str,
    /// Advice below the input.
    pub note: Option<&'static str>,
    /// Cannot be changed: the name of whoever is asked to sign in again.
    pub fixed: bool,
    /// May stay empty.
    pub optional: bool,
    /// The person has left the field.
    pub left: Option<Callback<()>>,
}

impl Field {
    /// A field without advice, of which nobody asks when it is left.
    #[must_use]
    pub fn new(id: &'static str, label: &'static str, kind: Kind, autocomplete: &'static str) -> Self {
        Self { id, label, kind, autocomplete, note: None, fixed: false, optional: false, left: None }
    }

    /// The field, which keeps `value` and what is typed equal. What is `wrong` replaces the advice and is read at once.
    #[must_use]
    pub fn draw(self, value: RwSignal<String>, wrong: Signal<Option<String>>) -> El {
        let bad = move || wrong.with(Option::is_some);
        let shown = RwSignal::new(false);
        let input = self.input(value, wrong, shown);
        let input = if self.kind == Kind::Password {
            let eye = button("tool")
                .attr("aria-label", w().in_show)
                .state_of("aria-pressed", move || shown.get())
                .child(icon("#eye"))
                .press(move || shown.update(|shown| *shown = !*shown));
            el("div").class("withtail").children([input, eye])
        } else {
            input
        };
        let below = move || {
            let below = el("small").id(&self.note_id());
            match wrong.get() {
                Some(wrong) => Some(below.class("why").attr("role", "alert").text(&wrong)),
                None => self.note.map(|note| below.text(note)),
            }
        };
        el("div")
            .class(if self.kind == Kind::Code { "field door__code" } else { "field" })
            .flag_of("data-bad", bad)
            .child(el("label").attr("for", self.id).text(self.label))
            .child(input)
            .swap(below)
    }

    fn note_id(self) -> String {
        [self.id, "-note"].concat()
    }

    fn input(self, value: RwSignal<String>, wrong: Signal<Option<String>>, shown: RwSignal<bool>) -> El {
        let Self { id, kind, .. } = self;
        let kind_of = move || Some(if kind == Kind::Password && !shown.get() { "password" } else { "text" });
        let described = move || (self.note.is_some() || wrong.with(Option::is_some)).then(|| self.note_id());
        let (tag, needed) = if kind == Kind::Long { ("textarea", false) } else { ("input", !self.optional) };
        let input = el(tag)
            .class("input")
            .id(id)
            .attr("name", id)
            .attr_of("type", move || if kind == Kind::Long { None } else { kind_of() })
            .attr("autocomplete", self.autocomplete)
            .attr("autocapitalize", matches!(kind, Kind::Name | Kind::Code).then_some("off"))
            .attr("spellcheck", (!matches!(kind, Kind::Text | Kind::Long)).then_some("false"))
            .flag("required", needed)
            .flag("readonly", self.fixed)
            .true_of("aria-invalid", move || wrong.with(Option::is_some))
            .attr_text_of("aria-describedby", described)
            .bind(value);
        match self.left {
            Some(left) => input.on("blur", move |_: FocusEvent| left.run(())),
            None => input,
        }
    }
}
