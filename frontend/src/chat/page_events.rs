//! What the browser says about the page and the device, as inputs of the connection.

use std::rc::Weak;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Event, PageTransitionEvent, StorageEvent};

use super::{driver::Driver, keeping};
use crate::live::{connection::Input, tabs::Input as Told};

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
                    driver.streams.tell(Told::Seen(!document().hidden()));
                    driver.tell(if document().hidden() { Input::Hidden } else { Input::Visible });
                }
            })
        };
        // Whoever presses something, scrolls or comes to the page is there.
        let pressed = |name: &str| {
            let driver = driver.clone();
            window_event_listener_untyped(name, move |_| {
                if let Some(driver) = driver.upgrade() {
                    driver.pressed();
                }
            })
        };
        // Another tab takes over what this one has for all.
        let leaves = |name: &str| {
            let driver = driver.clone();
            window_event_listener_untyped(name, move |_| {
                if let Some(driver) = driver.upgrade() {
                    driver.streams.tell(Told::Leave);
                }
            })
        };
        let changed = {
            let driver = driver.clone();
            window_event_listener_untyped("storage", move |event| {
                let event: &StorageEvent = event.unchecked_ref();
                let Some(driver) = driver.upgrade() else { return };
                match event.key() {
                    // Another tab signed out,
                    Some(key) if keeping::is_account_key(Some(&key)) && keeping::is_nobodys() => driver.forget_person(),
                    // or in: the snapshot says who is there now.
                    key if keeping::is_account_key(key.as_deref()) => driver.tell(Input::Start),
                    _ => {
                        driver.streams.wake();
                        driver.settle();
                    }
                }
            })
        };
        Self(vec![
            turned,
            pressed("keydown"),
            pressed("pointerdown"),
            pressed("wheel"),
            pressed("focus"),
            leaves("pagehide"),
            // Chromium's page lifecycle: it is put to sleep, and wakes up.
            leaves("freeze"),
            on("resume", |_| Some(Input::Shown)),
            on("online", |_| Some(Input::Online)),
            on("offline", |_| Some(Input::Offline)),
            on("pageshow", |event| {
                let event: &PageTransitionEvent = event.unchecked_ref();
                event.persisted().then_some(Input::Shown)
            }),
            changed,
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
