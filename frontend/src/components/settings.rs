//! The settings, as far as there are any: language, theme, and leaving this device.

use leptos::prelude::*;

use super::{
    dialog::Dialog,
    icon::Icon,
    segments::{Segment, Segments},
};
use crate::{
    browser::prefs::{Theme, t, use_prefs},
    i18n::Lang,
};

/// The settings dialog.
#[component]
pub fn Settings(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Signing out did not reach the server.
    #[prop(into)]
    failed: Signal<bool>,
    /// "Sign out" was pressed.
    on_sign_out: Callback<()>,
) -> impl IntoView {
    view! {
        <Dialog id="settings" title=t(|w| w.set_title) open on_close=Callback::new(move |()| open.set(false))>
            <div class="dialog__page">
                <div class="set"><span>{t(|w| w.set_theme)}</span><ThemeChoice/></div>
                <div class="set"><span>{t(|w| w.set_language)}</span><LanguageChoice/></div>
                <div class="set">
                    <span>{t(|w| w.dev_here)}</span>
                    <button type="button" class="btn" on:click=move |_| on_sign_out.run(())><Icon of="#leave"/>{t(|w| w.dev_out)}</button>
                </div>
                {move || failed.get().then(|| view! { <p class="form__bad" role="alert">{t(|w| w.dev_out_failed)}</p> })}
            </div>
            <p class="dialog__foot">{t(|w| w.set_saved)}</p>
        </Dialog>
    }
}

#[component]
fn ThemeChoice() -> impl IntoView {
    let prefs = use_prefs();
    let segment = |value, label, icon| Segment { value, label, icon: Some(icon), lang: None };
    let segments = vec![
        segment(Theme::System, t(|w| w.set_system), "#screen"),
        segment(Theme::Light, t(|w| w.set_light), "#sun"),
        segment(Theme::Dark, t(|w| w.set_dark), "#moon"),
    ];
    view! {
        <Segments
            name="theme"
            label=t(|w| w.set_theme)
            segments
            chosen=Signal::derive(move || prefs.theme())
            on_choose=Callback::new(move |theme| prefs.set_theme(theme))
        />
    }
}

#[component]
fn LanguageChoice() -> impl IntoView {
    let prefs = use_prefs();
    let segment =
        |value: Lang, label| Segment { value, label: Signal::stored(label), icon: None, lang: Some(value.tag()) };
    let segments = vec![segment(Lang::En, "English"), segment(Lang::Zh, "简体中文")];
    view! {
        <Segments
            name="lang"
            label=t(|w| w.set_language)
            segments
            chosen=Signal::derive(move || prefs.lang())
            on_choose=Callback::new(move |lang| prefs.set_lang(lang))
        />
    }
}
