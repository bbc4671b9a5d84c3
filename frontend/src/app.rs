//! The application: providers, then the router.

use leptos::prelude::*;

use crate::browser::{page, prefs::Prefs};

/// Everything on screen.
#[component]
pub fn App() -> impl IntoView {
    Prefs::provide();
    page::remove_skeleton();
    view! { <p>"…"</p> }
}
