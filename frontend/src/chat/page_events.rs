//! What the browser says about the page and the device, as inputs of the connection.

use std::rc::Weak;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Event, PageTransitionEvent, StorageEvent};

use super::{driver::Driver, keeping};
use crate::live::connection::Input;

/// Listeners of the window; they are taken away when this is dropped.
pub(super) struct PageEvents(Vec<WindowListenerHandle>);

impl PageEvents {
    pub(super) fn listen(driver: &Weak<Driver>) -> Self {
        let on = |name: &str, told: fn(&Event) -> Option<Input>| {
            let driver = driver.clone();
            window_event_listener_untyped(name, move |event| {
                if let (Some(driver), Some(input)) = (driver.upgrade(), told(&event)) {
                    driver.tell(input);
                }
            })
        };
        let turned = {
            let driver = driver.clone();
            // It is the document's event, and bubbles.
            window_event_listener_untyped("visibilitychange", move |_| {
                if let Some(driver) = driver.upgrade() {
                    driver.page_turned();
                    driver.tell(if document().hidden() { Input::Hidden } else { Input::Visible });
                }
            })
        };
        Self(vec![
            turned,
            on("online", |_| Some(Input::Online)),
            on("offline", |_| Some(Input::Offline)),
            on("pageshow", |event| {
                let event: &PageTransitionEvent = event.unchecked_ref();
                event.persisted().then_some(Input::Shown)
            }),
            // Another tab signed in or out: the snapshot says who is there now.
            on("storage", |event| {
                let event: &StorageEvent = event.unchecked_ref();
                keeping::is_account_key(event.key().as_deref()).then_some(Input::Start)
            }),
        ])
    }
}

impl Drop for PageEvents {
    fn drop(&mut self) {
        for listener in self.0.drain(..) {
            listener.remove();
        }
    }
}
