//! Inviting people: one button makes a link, which is shown once and copied.

use leptos::{html, prelude::*, task::spawn_local};

use super::{dialog::Dialog, icon::Icon, phrase::Phrase};
use crate::browser::{
    clipboard,
    prefs::{t, text},
    time,
};
use crate::i18n::fill;

/// A link that was just made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The whole address.
    pub url: String,
    /// When it stops working, in Unix milliseconds.
    pub until_ms: Option<i64>,
}

/// The dialog. What was made is forgotten when it closes: the server keeps only a fingerprint of it.
#[component]
pub fn Invite(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// The workspace's name.
    place: Signal<String>,
    /// The link, once it was made.
    made: RwSignal<Option<Made>>,
    /// It is being made.
    busy: Signal<bool>,
    /// Why it could not be made.
    wrong: Signal<Option<String>>,
    /// "Make a link".
    on_make: Callback<()>,
) -> impl IntoView {
    let close = move |()| {
        open.set(false);
        made.set(None);
    };
    let values = Signal::derive(move || vec![("team", place.get())]);
    view! {
        <Dialog id="invite" title=t(|w| w.invite_t) open on_close=Callback::new(close)>
            <div class="form">
                {move || match made.get() {
                    Some(made) => view! { <MadeLink made/> }.into_any(),
                    None => view! {
                        <p><Phrase of=|w| w.invite_lead values/></p>
                        {move || wrong.get().map(|wrong| view! { <p class="form__bad" role="alert">{wrong}</p> })}
                        <div>
                            <button
                                type="button"
                                class="btn btn--main"
                                data-busy=move || busy.get().then_some("")
                                aria-busy=move || busy.get().then_some("true")
                                on:click=move |_| if !busy.get_untracked() { on_make.run(()) }
                            >
                                {t(|w| w.invite_make)}
                            </button>
                        </div>
                    }.into_any(),
                }}
            </div>
        </Dialog>
    }
}

/// The link, and the button that copies it.
#[component]
fn MadeLink(made: Made) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let Some(field) = field.get_untracked() else { return };
        copied.set(false);
        spawn_local(async move { copied.set(clipboard::copy_field(field).await) });
    };
    // Focus goes to what was asked for; the button that asked for it is gone.
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            request_animation_frame(move || field.select())
        }
    });
    let until = made.until_ms;
    view! {
        <div class="made">
            <b role="status">{t(|w| w.invite_made)}</b>
            <input class="input made__link" readonly=true aria-label=t(|w| w.invite_link) node_ref=field prop:value=made.url/>
            <div class="made__do">
                <button type="button" class="btn btn--main" on:click=copy><Icon of="#copy"/>{t(|w| w.invite_copy)}</button>
                <span role="status">{move || copied.get().then(|| t(|w| w.invite_copied))}</span>
            </div>
            {until.map(|at| {
                let words = text(move |lang| fill(lang.words().join_valid, &[("date", &time::date_words(lang, at))]));
                view! { <small class="quiet">{words}</small> }
            })}
            <small class="quiet">{t(|w| w.invite_once_note)}</small>
        </div>
    }
}
