//! What is seen beside a door: the place as its guests will find it.

use leptos::prelude::*;

use super::{icon::Icon, phrase::Phrase};
use crate::browser::prefs::{t, text};

/// The first room of a place whose name is still being typed.
#[component]
pub fn PlacePreview(
    /// The name as typed so far.
    name: Signal<String>,
) -> impl IntoView {
    let shown = move || {
        name.with(|name| if name.trim().is_empty() { t(|w| w.app_name).get().to_owned() } else { name.clone() })
    };
    let room = || vec![("room", "# general".to_owned())];
    view! {
        <aside class="door__side" aria-label=t(|w| w.setup_preview)>
            <figure class="sheet sheet--app">
                <div class="rail">
                    <div class="rail__head"><Icon of="#mark" class="icon mark"/><bdi class="rail__name clip">{shown}</bdi></div>
                    <ul><li><span class="row" aria-current="true"><Icon of="#hash"/><span class="row__name">"general"</span></span></li></ul>
                </div>
                <div class="sheet__room">
                    <div class="bar"><span class="bar__title"><Icon of="#hash"/>"general"</span></div>
                    <div class="start">
                        <h2><Phrase of=|w| w.empty_room_t values=Signal::derive(room)/></h2>
                        <p>{t(|w| w.empty_room_b)}</p>
                    </div>
                    <div class="compose" aria-hidden="true">
                        <div class="compose__box">
                            <span class="quiet sheet__compose">
                                {text(|lang| crate::i18n::fill(lang.words().comp_label, &[("room", "# general")]))}
                            </span>
                            <span class="tool"><Icon of="#up"/></span>
                        </div>
                    </div>
                </div>
                <figcaption><Icon of="#eye"/>{t(|w| w.setup_preview)}</figcaption>
            </figure>
        </aside>
    }
}
