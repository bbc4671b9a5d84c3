//! The page itself: its title, its root's attributes, this device's storage, whether anyone is looking.

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, Element, Storage, Window};

use crate::dom::{Listener, keep};

/// The window.
pub(super) fn window() -> Window {
    web_sys::window().expect("this program runs only in a page")
}

/// The document.
pub(super) fn document() -> Document {
    window().document().expect("a page has a document")
}

/// Names the page in tabs and history.
pub fn set_title(title: &str) {
    document().set_title(title);
}

/// Sets or removes an attribute of `<html>`.
pub fn set_root_attribute(name: &str, value: Option<&str>) {
    let Some(root) = document().document_element() else { return };
    set_attribute(&root, name, value);
}

/// Sets or removes an attribute; a name that is no name is a fault of ours and changes nothing.
pub(super) fn set_attribute(element: &Element, name: &str, value: Option<&str>) {
    let _ = match value {
        Some(value) => element.set_attribute(name, value),
        None => element.remove_attribute(name),
    };
}

/// A length in whole CSS pixels, rounded down. (Printing fractions would bring 8 KB of code.)
pub(super) fn px(length: f64) -> String {
    [&*(length as i64).to_string(), "px"].concat()
}

/// Whether a file of the program is not there any more (`frontend/assets/later.js`): the server has a new version.
#[must_use]
pub fn is_outdated() -> bool {
    document().document_element().is_some_and(|root| root.has_attribute("data-outdated"))
}

/// Whether the skeleton of `index.html` is still there.
#[must_use]
pub fn has_skeleton() -> bool {
    document().document_element().is_some_and(|root| root.has_attribute("data-wait"))
}

/// Takes the skeleton of `index.html` away, once the application stands in its place.
pub fn remove_skeleton() {
    set_root_attribute("data-wait", None);
    if let Ok(nodes) = document().query_selector_all(".wait, .boot-failed, #loading") {
        for element in (0..nodes.length()).filter_map(|at| nodes.item(at)) {
            if let Some(parent) = element.parent_node() {
                let _ = parent.remove_child(&element);
            }
        }
    }
}

/// The languages the browser asks for, most wanted first.
#[must_use]
pub fn languages() -> Vec<String> {
    window().navigator().languages().iter().filter_map(|tag| tag.as_string()).collect()
}

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// What this device keeps under a key. `None` also when storage is forbidden.
#[must_use]
pub fn stored(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Keeps a value under a key, or forgets it. Where storage is forbidden or full the choice lasts until the page closes.
pub fn store(key: &str, value: Option<&str>) {
    let Some(storage) = storage() else { return };
    let _ = match value {
        Some(value) => storage.set_item(key, value),
        None => storage.remove_item(key),
    };
}

/// What this tab keeps under a key over reloads; empty if nothing. `None`: storage is forbidden.
#[must_use]
pub fn kept_in_tab(key: &str) -> Option<String> {
    Some(window().session_storage().ok()??.get_item(key).ok()?.unwrap_or_default())
}

/// Keeps a value in this tab over reloads, if it can.
pub fn keep_in_tab(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().session_storage() {
        let _ = storage.set_item(key, value);
    }
}

/// The protocol of the page's requests, as the browser names it (RFC 7301): `http/1.1`, `h2`, `h3`. Empty if it does not
/// say.
#[must_use]
pub fn http_protocol() -> String {
    let Some(performance) = window().performance() else { return String::new() };
    let named = |entry: JsValue| Reflect::get(&entry, &"nextHopProtocol".into()).ok()?.as_string();
    let entries = performance.get_entries_by_type("resource");
    entries.iter().filter_map(named).find(|protocol| !protocol.is_empty()).unwrap_or_default()
}

/// Whether the page is on screen.
#[must_use]
pub fn is_seen() -> bool {
    !document().hidden()
}

/// Whether the page is on screen and has the keyboard.
#[must_use]
pub fn is_attended() -> bool {
    let document = document();
    !document.hidden() && document.has_focus().unwrap_or(false)
}

/// Hears that the page is hidden or goes away, as long as the owner lives that this is called under.
pub fn on_hiding(hidden: impl Fn() + Clone + 'static) {
    let again = hidden.clone();
    keep([
        Listener::passive(&window(), "pagehide", move |_| hidden()),
        // It is the document's event, and bubbles.
        Listener::passive(&window(), "visibilitychange", move |_| again()),
    ]);
}

/// The server's address, as links begin.
#[must_use]
pub fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// A text as a part of an address: percent-encoded.
#[must_use]
pub fn escaped(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

/// Whether the system can pass a link on.
#[must_use]
pub fn can_share() -> bool {
    Reflect::get(&window().navigator(), &"share".into()).is_ok_and(|share| share.is_function())
}

/// Passes a link on by the system's own means, which ask the person where to.
pub fn share(url: &str) {
    let navigator = window().navigator();
    let Some(share) =
        Reflect::get(&navigator, &"share".into()).ok().and_then(|share| share.dyn_into::<Function>().ok())
    else {
        return;
    };
    let what = js_sys::Object::new();
    let _ = Reflect::set(&what, &"url".into(), &url.into());
    if let Ok(promise) = share.call1(&navigator, &what) {
        // It is refused when the person thinks better of it, which is nothing to say.
        leptos::task::spawn_local(async move { drop(JsFuture::from(js_sys::Promise::from(promise)).await) });
    }
}

/// Prints what lies over the page.
pub fn print() {
    let _ = window().print();
}

/// The time zone of this device (IANA), as the browser knows it; empty if it does not.
#[must_use]
pub fn time_zone() -> String {
    let options = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new()).resolved_options();
    Reflect::get(&options, &"timeZone".into()).ok().and_then(|zone| zone.as_string()).unwrap_or_default()
}

/// All time zones that the browser knows (ECMA-402 §8.3.2); none where it does not tell.
#[must_use]
pub fn time_zones() -> Vec<String> {
    let ask = || {
        let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
        let values: Function = Reflect::get(&intl, &"supportedValuesOf".into()).ok()?.dyn_into().ok()?;
        values.call1(&intl, &"timeZone".into()).ok()?.dyn_into::<js_sys::Array>().ok()
    };
    ask().map(|zones| zones.iter().filter_map(|zone| zone.as_string()).collect()).unwrap_or_default()
}

/// Loads the page anew.
pub fn reload() {
    let _ = window().location().reload();
}
