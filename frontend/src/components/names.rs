//! A field that holds people: the names chosen, what is typed, and who is offered (`ux.md` §15, "Names field"). Focus stays in
//! the text; the list is told to the reader by `aria-activedescendant` (ARIA APG, combobox).

use leptos::{
    ev::{CompositionEvent, Event, KeyboardEvent, PointerEvent},
    prelude::*,
};

use super::{
    icon::{icon, icon_in},
    seal::seal,
};
use crate::{
    browser::{focus, keys::Hands, prefs::w},
    dom::{El, button, effect, el},
    i18n::fill,
    state::{
        names::{Choice, Key, Names},
        view::Person,
    },
};

/// What the field is.
#[derive(Clone, Copy, Debug)]
pub struct NamesField {
    /// The input's id, unique on the page; the list's is `{id}-list`.
    pub id: &'static str,
    /// Its label.
    pub label: &'static str,
    /// What stands in it while it is empty.
    pub hint: &'static str,
    /// The label is drawn above it; otherwise it is only read out.
    pub labelled: bool,
    /// The list is there also while nothing is typed.
    pub listed: bool,
    /// What it holds.
    pub names: RwSignal<Names>,
    /// Offers anew, after something was typed or chosen.
    pub offer: Callback<RwSignal<Names>>,
}

/// The field and its list.
#[must_use]
pub fn names_field(field: NamesField) -> Vec<El> {
    let NamesField { id, label, names, offer, .. } = field;
    // Whom it offers may be known only later: the first time it is drawn is late enough.
    effect(move || offer.run(names));
    let tokens = el("div").class("tokens").each(
        move || names.with(|names| names.chosen.iter().map(|choice| choice.id.to_string().into()).collect()),
        move |person| token(person, names, id),
    );
    let list = [id, "-list"].concat();
    let expanded = move || field.listed || names.with(|names| !names.typed.is_empty() && !names.offered.is_empty());
    let box_ = tokens.child(input(field, &list, expanded));
    let box_ = if field.labelled {
        el("div").class("field").child(el("label").attr("for", id).text(label)).child(box_)
    } else {
        box_
    };
    let options = el("div").class("choose").attr("role", "listbox").id(&list).attr("aria-label", label);
    let options = options.attr("aria-multiselectable", "true").flag_of("hidden", move || !expanded()).each(
        move || names.with(|names| names.offered.iter().map(|choice| choice.id.to_string().into()).collect()),
        move |person| option(person, field),
    );
    vec![box_, options]
}

fn input(field: NamesField, list: &str, expanded: impl Fn() -> bool + Copy + 'static) -> El {
    let NamesField { id, label, hint, names, offer, .. } = field;
    let hands = StoredValue::new(Hands::default());
    let typed = RwSignal::new(names.with_untracked(|names| names.typed.clone()));
    // A name that was taken leaves nothing typed.
    effect(move || {
        let text = names.with(|names| names.typed.clone());
        if typed.with_untracked(|typed| *typed != text) {
            typed.set(text);
        }
    });
    let active = move || {
        let at = names.with(|names| names.offered.get(names.at).map(|choice| option_id(id, &choice.id.to_string())));
        at.filter(|_| expanded())
    };
    let pressed = move |event: KeyboardEvent| {
        if hands.get_value().is_composing(&event) {
            return;
        }
        let key = match event.key().as_str() {
            "ArrowDown" => Key::Down,
            "ArrowUp" => Key::Up,
            "Enter" if expanded() => Key::Take,
            "Backspace" => Key::Erase,
            // The dialog around it stays open while there is a list to close.
            "Escape" if names.with_untracked(|names| !names.typed.is_empty()) => {
                names.update(|names| names.type_in(""));
                offer.run(names);
                return event.prevent_default();
            }
            _ => return,
        };
        if names.try_update(|names| names.press(key)) == Some(true) {
            event.prevent_default();
            offer.run(names);
        }
    };
    el("input")
        .id(id)
        .attr("role", "combobox")
        .attr("aria-autocomplete", "list")
        .attr("aria-controls", list)
        .state_of("aria-expanded", expanded)
        .attr_text_of("aria-activedescendant", active)
        .attr("aria-label", (!field.labelled).then_some(label))
        .attr("placeholder", hint)
        .attr("autocomplete", "off")
        .attr("autocapitalize", "off")
        .attr("spellcheck", "false")
        .bind(typed)
        .on("input", move |_: Event| {
            names.update(|names| typed.with_untracked(|typed| names.type_in(typed)));
            offer.run(names);
        })
        .on("compositionend", move |_: CompositionEvent| hands.update_value(Hands::composition_ended))
        .on("keydown", pressed)
}

fn option_id(field: &str, person: &str) -> String {
    [field, "-", person].concat()
}

fn found(list: &[Choice], person: &str) -> Option<Choice> {
    list.iter().find(|choice| *choice.id.to_string() == *person).cloned()
}

/// A name that was chosen, with the button that puts it back.
fn token(person: &str, names: RwSignal<Names>, field: &'static str) -> El {
    let Some(choice) = names.with_untracked(|names| found(&names.chosen, person)) else { return el("span") };
    let last = move || names.with(|names| names.armed && names.chosen.last().is_some_and(|last| last.id == choice.id));
    let drop = button("token__drop")
        .attr("aria-label", &*fill(w().room_who_drop, &[("a", &choice.name)]))
        .child(icon("#x"))
        .press(move || {
            names.update(|names| names.remove(choice.id));
            focus::focus(field);
        });
    let drawn = Person { id: person.to_owned(), name: choice.name.clone() };
    el("span").class("token").flag_of("data-armed", last).children([
        seal(&drawn, Some("s")),
        el("bdi").text(&choice.name),
        drop,
    ])
}

/// A person who is offered.
fn option(person: &str, field: NamesField) -> El {
    let NamesField { id, names, offer, .. } = field;
    let Some(choice) = names.with_untracked(|names| found(&names.offered, person)) else { return el("div") };
    let (who, drawn) = (choice.id, Person { id: person.to_owned(), name: choice.name.clone() });
    let selected = move || names.with(|names| names.offered.get(names.at).is_some_and(|at| at.id == who));
    el("div")
        .class("opt")
        .attr("role", "option")
        .id(&option_id(id, person))
        .state_of("aria-selected", move || names.with(|names| names.has(who)))
        .flag_of("data-at", selected)
        .children([
            seal(&drawn, Some("s")),
            el("span").class("clip").child(el("bdi").text(&choice.name)),
            el("small").class("clip").text(&choice.sign_in_name),
            el("span").class("end").child(icon_in("icon tick", "#check")),
        ])
        // Before the press takes the focus from the field.
        .on("pointerdown", |event: PointerEvent| event.prevent_default())
        .press(move || {
            names.update(|names| names.take(who));
            offer.run(names);
            focus::focus(id);
        })
}
