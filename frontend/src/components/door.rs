//! The frame of the doors: the mark, one form, and beside it what waits inside.

use leptos::{ev::SubmitEvent, prelude::*};

use super::icon::Icon;
use crate::{
    browser::prefs::{t, use_prefs},
    i18n::Lang,
};

/// A door.
#[component]
pub fn Door(
    /// The name beside the mark; the product's own while there is none.
    #[prop(into)]
    place: Signal<String>,
    /// What is seen through the door.
    #[prop(optional_no_strip)]
    side: Option<AnyView>,
    /// The form and its words.
    children: Children,
) -> impl IntoView {
    let name =
        move || place.with(|place| if place.is_empty() { t(|w| w.app_name).get().to_owned() } else { place.clone() });
    let one_column = side.is_none();
    view! {
        <main class="door" class:door--one=one_column>
            <div class="door__form">
                <div class="door__brand"><Icon of="#mark" class="icon mark"/><bdi>{name}</bdi></div>
                {children()}
                <LanguageSwitch/>
            </div>
            {side}
        </main>
    }
}

/// The other language, in its own words: whoever needs it can read it.
#[component]
fn LanguageSwitch() -> impl IntoView {
    let prefs = use_prefs();
    let other = move || if prefs.lang() == Lang::En { Lang::Zh } else { Lang::En };
    view! {
        <p class="door__foot">
            <button
                type="button"
                class="btn btn--small btn--text"
                lang=move || other().tag()
                on:click=move |_| prefs.set_lang(other())
            >
                {move || if other() == Lang::Zh { "中文" } else { "English" }}
            </button>
        </p>
    }
}

/// A form that is sent once at a time, with one wide button and room for what concerns no field.
#[component]
pub fn DoorForm(
    /// The button's word.
    go: Signal<&'static str>,
    /// On its way: pressing again does nothing.
    busy: Signal<bool>,
    /// What went wrong with the whole, if it is no field's fault.
    wrong: Signal<Option<String>>,
    /// Sent.
    on_send: Callback<()>,
    /// The fields.
    children: Children,
    /// What stands below the button.
    #[prop(optional)]
    after: Option<AnyView>,
) -> impl IntoView {
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if !busy.get_untracked() {
            on_send.run(());
        }
    };
    view! {
        <form novalidate on:submit=send>
            {children()}
            {move || wrong.get().map(|wrong| view! { <p class="form__bad" role="alert">{wrong}</p> })}
            <button
                class="btn btn--main btn--wide"
                aria-busy=move || busy.get().then_some("true")
                data-busy=move || busy.get().then_some("")
            >
                {go}
            </button>
            {after}
        </form>
    }
}
