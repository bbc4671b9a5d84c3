//! The window's size: whether this is a phone, and how much of it an on-screen keyboard leaves.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{EventTarget, HtmlElement, MediaQueryList};

use super::page;
use crate::dom::{Listener, keep};

/// Below this width one pane is shown at a time. The same number stands in `layout.css`.
const PHONE_QUERY: &str = "(width < 45rem)";

/// Whether the page is as narrow as a phone; follows turning and resizing. Lives as long as the owner it is made in.
#[must_use]
pub fn use_phone() -> Signal<bool> {
    let Some(query) = page::window().match_media(PHONE_QUERY).ok().flatten() else { return Signal::from(false) };
    let phone = RwSignal::new(query.matches());
    let list: MediaQueryList = query.clone();
    let listener = Listener::passive(&query, "change", move |_| phone.set(list.matches()));
    keep(listener);
    phone.into()
}

/// Above this width a panel stands beside the room instead of over it. The same number stands in `layout.css`.
const WIDE_QUERY: &str = "(width >= 70rem)";

/// Whether a panel has room beside the open one.
#[must_use]
pub fn is_wide() -> bool {
    page::window().match_media(WIDE_QUERY).ok().flatten().is_some_and(|query| query.matches())
}

/// Whether the page is on screen and has the keyboard. Lives as long as the owner it is made in.
#[must_use]
pub fn use_attended() -> Signal<bool> {
    let attended = RwSignal::new(page::is_attended());
    let (window, document) = (page::window(), page::document());
    let on = |target: &EventTarget, event| Listener::passive(target, event, move |_| attended.set(page::is_attended()));
    keep([on(&window, "focus"), on(&window, "blur"), on(&document, "visibilitychange")]);
    attended.into()
}

/// Writes the height that the on-screen keyboard leaves to `--vvh`, for iOS, which does not resize the page. Chromium
/// and Firefox do it themselves (`interactive-widget` in `index.html`), and then the property equals the window's.
pub fn follow_keyboard() {
    let window = page::window();
    let Some(viewport) = window.visual_viewport() else { return };
    let seen = viewport.clone();
    let listener = Listener::passive(&viewport, "resize", move |_| {
        let Some(root) = page::document().document_element().and_then(|root| root.dyn_into::<HtmlElement>().ok())
        else {
            return;
        };
        // Zooming in also shrinks the visual viewport; only a keyboard leaves the scale at 1.
        let style = root.style();
        let _ = if seen.scale() == 1.0 {
            style.set_property("--vvh", &page::px(seen.height()))
        } else {
            style.remove_property("--vvh").map(drop)
        };
    });
    keep(listener);
}
