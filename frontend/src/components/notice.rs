//! When the ground moves: signed out, or a page too old for the server. What happened, what was kept, what to do.

use leptos::prelude::*;

use super::{
    dialog::Dialog,
    field::{Field, Kind},
};
use crate::browser::prefs::t;

/// The session ended elsewhere: the same person signs in again over the page that was open. Nothing was lost, and
/// another person cannot come in here: the drafts behind this dialog are not theirs.
#[component]
pub fn SignedOutNotice(
    /// Whether it is shown.
    #[prop(into)]
    open: Signal<bool>,
    /// The sign-in name of whoever was signed in.
    name: RwSignal<String>,
    /// The password as typed.
    password: RwSignal<String>,
    /// On its way.
    busy: Signal<bool>,
    /// Why it failed.
    wrong: Signal<Option<String>>,
    /// Sent.
    on_send: Callback<()>,
) -> impl IntoView {
    view! {
        <Dialog id="signed-out" title=t(|w| w.out_t) open>
            <form
                class="form"
                novalidate
                on:submit=move |event| { event.prevent_default(); if !busy.get_untracked() { on_send.run(()) } }
            >
                <p>{t(|w| w.out_b_else)}</p>
                <Field id="out-name" label=t(|w| w.in_name) value=name kind=Kind::Name autocomplete="username" wrong=Signal::stored(None::<String>) fixed=true/>
                <Field id="out-password" label=t(|w| w.in_password) value=password kind=Kind::Password autocomplete="current-password" wrong=wrong/>
                <button class="btn btn--main btn--wide" data-busy=move || busy.get().then_some("")>{t(|w| w.in_go)}</button>
            </form>
        </Dialog>
    }
}

/// The server speaks a newer language than this page.
#[component]
pub fn TooOldNotice(
    /// Whether it is shown.
    #[prop(into)]
    open: Signal<bool>,
    /// "Reload".
    on_reload: Callback<()>,
) -> impl IntoView {
    view! {
        <Dialog id="too-old" title=t(|w| w.ver_old_t) open>
            <div class="form">
                <p>{t(|w| w.ver_old_b)}</p>
                <div><button type="button" class="btn btn--main" on:click=move |_| on_reload.run(())>{t(|w| w.ver_old_go)}</button></div>
            </div>
        </Dialog>
    }
}
