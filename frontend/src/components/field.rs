//! One field of a form: label, input, and below it advice or what is wrong.

use leptos::prelude::*;

use super::icon::Icon;
use crate::browser::prefs::t;

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
}

/// A labelled field.
#[component]
pub fn Field(
    /// The input's id, unique on the page.
    id: &'static str,
    /// Its label.
    label: Signal<&'static str>,
    /// What is typed.
    value: RwSignal<String>,
    /// What kind it is.
    kind: Kind,
    /// The browser's `autocomplete` token.
    autocomplete: &'static str,
    /// Advice below the input.
    #[prop(optional)]
    note: Option<Signal<&'static str>>,
    /// What is wrong with the value; replaces the advice and is read at once.
    #[prop(into)]
    wrong: Signal<Option<String>>,
    /// Cannot be changed: the name of whoever is asked to sign in again.
    #[prop(optional)]
    fixed: bool,
    /// The person has left the field.
    #[prop(optional, into)]
    on_leave: Option<Callback<()>>,
) -> impl IntoView {
    let shown = RwSignal::new(false);
    let note_id = [id, "-note"].concat();
    let described = note_id.clone();
    let wrong_words = move || {
        wrong
            .get()
            .map(|wrong| view! { <small class="why" id=note_id.clone() role="alert">{wrong}</small> }.into_any())
            .or_else(|| note.map(|note| view! { <small id=note_id.clone()>{note}</small> }.into_any()))
    };
    let input = view! {
        <input
            class="input"
            id=id
            name=id
            type=move || if kind == Kind::Password && !shown.get() { "password" } else { "text" }
            autocomplete=autocomplete
            autocapitalize=matches!(kind, Kind::Name | Kind::Code).then_some("off")
            spellcheck=(kind != Kind::Text).then_some("false")
            required=true
            readonly=fixed
            aria-invalid=move || wrong.with(Option::is_some).then_some("true")
            aria-describedby=move || (note.is_some() || wrong.with(Option::is_some)).then(|| described.clone())
            prop:value=value
            on:input=move |event| value.set(event_target_value(&event))
            on:blur=move |_| if let Some(on_leave) = on_leave { on_leave.run(()) }
        />
    };
    let input = if kind == Kind::Password {
        view! {
            <div class="withtail">
                {input}
                <button
                    type="button"
                    class="tool"
                    aria-label=t(|w| w.in_show)
                    aria-pressed=move || if shown.get() { "true" } else { "false" }
                    on:click=move |_| shown.update(|shown| *shown = !*shown)
                >
                    <Icon of="#eye"/>
                </button>
            </div>
        }
        .into_any()
    } else {
        input.into_any()
    };
    view! {
        <div class="field" class:door__code=(kind == Kind::Code) data-bad=move || wrong.with(Option::is_some).then_some("")>
            <label for=id>{label}</label>
            {input}
            {wrong_words}
        </div>
    }
}
