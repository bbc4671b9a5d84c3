//! The timeline's place: held at the foot, or held at a message (`ux.md` §4, "Anchor model").
//!
//! [`anchor`] decides (pure, tested); this file measures and writes. It is the only code that writes `scrollTop`. Sizes
//! are watched by one `ResizeObserver` on list and view, whose callback runs after layout and before paint, so a
//! correction is on screen in the frame of its cause. The browser's own scroll anchoring stays on: the correction is
//! measured against where the row is now, and is zero where the browser has already moved.

pub mod anchor;
mod rows;

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use leptos::prelude::{TimeoutHandle, request_animation_frame, set_timeout_with_handle};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventTarget, HtmlElement, ResizeObserver, ScrollBehavior, ScrollToOptions};

use super::{page, time};
use crate::dom::Listener;
use anchor::{Cause, Held, Metrics, Mode, Place};
use rows::Rows;

/// A row counts as read after being visible for this long.
const SEEN_AFTER_MS: u64 = 700;
/// Nobody reads in a window that nobody has touched for this long.
const INTERACTION_MS: f64 = 5.0 * 60_000.0;
/// How long after wheel, key or touch a scroll still is the person's.
const INPUT_MS: f64 = 250.0;
/// How long after a change of size, or a write of ours, a scroll event is its echo.
const ECHO_MS: f64 = 150.0;
/// How long a smooth scroll may take.
const SMOOTH_MS: f64 = 700.0;

/// What the timeline hears from its scroller.
pub struct Heard {
    /// Where the view is now. Called at most once a frame, and only when it differs.
    pub place: Box<dyn Fn(Place)>,
    /// The key of the last row that was looked at for 0.7 s.
    pub seen: Box<dyn Fn(String)>,
}

/// Keeps a timeline in its place. Dropping it takes all listeners away.
pub struct Scroller {
    inner: Rc<Inner>,
    _listeners: Vec<Listener>,
    observer: ResizeObserver,
    _resized: Closure<dyn FnMut()>,
}

struct Inner {
    view: HtmlElement,
    rows: Rows,
    heard: Heard,
    mode: RefCell<Mode>,
    place: Cell<Option<Place>>,
    frame_asked: Cell<bool>,
    pointer_down: Cell<bool>,
    input_until: Cell<f64>,
    echo_until: Cell<f64>,
    touched_at: Cell<f64>,
    looking: RefCell<Option<(String, TimeoutHandle)>>,
}

impl Scroller {
    /// Watches a view and the list inside it, beginning at the foot or where the room was left.
    #[must_use]
    pub fn new(view: HtmlElement, list: HtmlElement, left: Option<Held>, heard: Heard) -> Self {
        let inner = Rc::new(Inner {
            rows: Rows::new(list.clone()),
            view: view.clone(),
            heard,
            mode: RefCell::new(left.map_or(Mode::Foot, Mode::Held)),
            place: Cell::new(None),
            frame_asked: Cell::new(false),
            pointer_down: Cell::new(false),
            input_until: Cell::new(0.0),
            echo_until: Cell::new(0.0),
            touched_at: Cell::new(time::now()),
            looking: RefCell::new(None),
        });
        let weak = Rc::downgrade(&inner);
        let resized = Closure::<dyn FnMut()>::new(move || {
            if let Some(inner) = weak.upgrade() {
                inner.settle();
            }
        });
        let observer = ResizeObserver::new(resized.as_ref().unchecked_ref())
            .unwrap_or_else(|_| unreachable!("every browser with WASM has it"));
        observer.observe(&view);
        observer.observe(&list);
        let listeners = listen(&Rc::downgrade(&inner), &view);
        Self { inner, _listeners: listeners, observer, _resized: resized }
    }

    /// Corrects the place after rows were changed. Sizes are watched anyway; this is for changes that leave them equal.
    pub fn settle(&self) {
        self.inner.settle();
    }

    /// Goes to the true end: smoothly when it is near, and the person does not mind motion.
    pub fn to_foot(&self) {
        let metrics = self.inner.metrics();
        *self.inner.mode.borrow_mut() = Mode::Foot;
        let smooth = metrics.distance() < 2.0 * metrics.view && !prefers_less_motion();
        self.inner.echo_until.set(time::now() + if smooth { SMOOTH_MS } else { ECHO_MS });
        let options = ScrollToOptions::new();
        options.set_top(metrics.total);
        options.set_behavior(if smooth { ScrollBehavior::Smooth } else { ScrollBehavior::Instant });
        self.inner.view.scroll_to_with_scroll_to_options(&options);
        self.inner.tell(metrics);
    }

    /// Holds the view at a row, so that its top lies at a share of the height (0 is the top edge).
    pub fn to_row(&self, key: &str, share: f64) {
        let offset = (self.inner.metrics().view * share).round();
        *self.inner.mode.borrow_mut() = Mode::Held(Held { key: key.to_owned(), offset });
        self.inner.settle();
        // Too little below it to go there: then the end is in view, and stays.
        if anchor::is_foot(self.inner.metrics()) {
            *self.inner.mode.borrow_mut() = Mode::Foot;
            self.inner.settle();
        }
    }

    /// Where the view is, to come back to later. `None` at the foot.
    #[must_use]
    pub fn left(&self) -> Option<Held> {
        match &*self.inner.mode.borrow() {
            Mode::Foot => None,
            Mode::Held(held) => Some(held.clone()),
        }
    }
}

impl Drop for Scroller {
    fn drop(&mut self) {
        self.observer.disconnect();
        if let Some((_, timer)) = self.inner.looking.take() {
            timer.clear();
        }
    }
}

fn listen(inner: &Weak<Inner>, view: &HtmlElement) -> Vec<Listener> {
    let window: EventTarget = page::window().into();
    let on = |target: &EventTarget, event: &'static str, act: fn(&Rc<Inner>)| {
        let inner = inner.clone();
        Listener::passive(target, event, move |_| {
            if let Some(inner) = inner.upgrade() {
                act(&inner);
            }
        })
    };
    let touched: fn(&Rc<Inner>) = |inner| inner.touched_at.set(time::now());
    vec![
        on(view, "scroll", Inner::scrolled),
        on(view, "wheel", Inner::input),
        on(view, "touchmove", Inner::input),
        on(view, "keydown", Inner::input),
        on(view, "pointerdown", |inner| inner.pointer_down.set(true)),
        on(&window, "pointerup", |inner| inner.pointer_down.set(false)),
        on(&window, "pointercancel", |inner| inner.pointer_down.set(false)),
        on(&window, "pointermove", touched),
        on(&window, "pointerdown", touched),
        on(&window, "keydown", touched),
        on(&window, "focus", |inner| {
            inner.touched_at.set(time::now());
            inner.look();
        }),
    ]
}

impl Inner {
    fn metrics(&self) -> Metrics {
        Metrics {
            top: f64::from(self.view.scroll_top()),
            view: f64::from(self.view.client_height()),
            total: f64::from(self.view.scroll_height()),
        }
    }

    fn input(self: &Rc<Self>) {
        self.input_until.set(time::now() + INPUT_MS);
    }

    fn scrolled(self: &Rc<Self>) {
        if self.frame_asked.replace(true) {
            return;
        }
        let inner = Rc::downgrade(self);
        request_animation_frame(move || {
            if let Some(inner) = inner.upgrade() {
                inner.frame_asked.set(false);
                inner.after_scroll();
            }
        });
    }

    fn after_scroll(self: &Rc<Self>) {
        let (now, metrics) = (time::now(), self.metrics());
        let input = self.pointer_down.get() || now < self.input_until.get();
        if input {
            // A flick goes on after the finger has left: each frame of it keeps the next one the person's own.
            self.input_until.set(self.input_until.get().max(now + ECHO_MS));
        }
        let cause = if input || now > self.echo_until.get() { Cause::Person } else { Cause::Layout };
        let next = anchor::after_scroll(&self.mode.borrow(), metrics, cause, || self.rows.first_below(metrics.top));
        if let Some(next) = next {
            *self.mode.borrow_mut() = next;
        }
        self.tell(metrics);
    }

    fn settle(self: &Rc<Self>) {
        self.echo_until.set(self.echo_until.get().max(time::now() + ECHO_MS));
        let metrics = self.metrics();
        let top = match &*self.mode.borrow() {
            Mode::Foot => Some(metrics.total - metrics.view),
            Mode::Held(held) => self.rows.top_of(&held.key).map(|row| row - held.offset),
        };
        match top {
            Some(top) if (top - metrics.top).abs() >= 1.0 => self.view.set_scroll_top(top.round() as i32),
            Some(_) => {}
            // The row is gone (dropped with its page): what is there now is held instead.
            None => {
                if let Some(held) = self.rows.first_below(metrics.top) {
                    *self.mode.borrow_mut() = Mode::Held(held);
                }
            }
        }
        self.tell(self.metrics());
    }

    fn tell(self: &Rc<Self>, metrics: Metrics) {
        let last = self.rows.last_visible(metrics.top + metrics.view);
        let place = Place::of(&self.mode.borrow(), metrics, last.as_ref().map_or(0, |(at, _)| *at));
        if self.place.replace(Some(place)) != Some(place) {
            (self.heard.place)(place);
        }
        self.look();
    }

    /// Starts the clock for the last visible row, unless it is running for that row already.
    fn look(self: &Rc<Self>) {
        let metrics = self.metrics();
        let Some((_, key)) = self.rows.last_visible(metrics.top + metrics.view) else { return };
        if !page::is_attended() || self.looking.borrow().as_ref().is_some_and(|(seen, _)| *seen == key) {
            return;
        }
        let (inner, seen) = (Rc::downgrade(self), key.clone());
        let ring = move || {
            if let Some(inner) = inner.upgrade() {
                if page::is_attended() && time::now() - inner.touched_at.get() < INTERACTION_MS {
                    (inner.heard.seen)(seen);
                } else {
                    inner.looking.take();
                }
            }
        };
        if let Ok(timer) = set_timeout_with_handle(ring, std::time::Duration::from_millis(SEEN_AFTER_MS))
            && let Some((_, old)) = self.looking.replace(Some((key, timer)))
        {
            old.clear();
        }
    }
}

fn prefers_less_motion() -> bool {
    let query = page::window().match_media("(prefers-reduced-motion: reduce)");
    query.ok().flatten().is_some_and(|query| query.matches())
}
