//! What time it is, for durations: a clock that only goes forward and does not stop while the device sleeps.
//!
//! `performance.now()` alone is not it: some platforms stop it while the device sleeps (W3C High Resolution Time,
//! "clock drift"), and a stream that died meanwhile would be trusted for another half minute.

use std::cell::Cell;

use super::page;
use crate::state::time::Moment;

/// The wall clock gains this much on the other one, in milliseconds, only by sleep or by being set.
const SLEPT_MS: f64 = 5_000.0;

/// Both clocks when they were read last, and the time slept so far.
#[derive(Clone, Copy, Default)]
struct Reading {
    steady_ms: f64,
    wall_ms: f64,
    slept_ms: f64,
}

thread_local! {
    static LAST: Cell<Option<Reading>> = const { Cell::new(None) };
}

/// Milliseconds since the page was opened, sleep included. A wall clock that is set forward looks like sleep.
#[must_use]
pub fn monotonic_ms() -> f64 {
    let steady_ms = page::window().performance().map_or_else(js_sys::Date::now, |performance| performance.now());
    let wall_ms = js_sys::Date::now();
    let slept_ms = LAST.get().map_or(0.0, |last| {
        let gained = (wall_ms - last.wall_ms) - (steady_ms - last.steady_ms);
        last.slept_ms + if gained > SLEPT_MS { gained } else { 0.0 }
    });
    LAST.set(Some(Reading { steady_ms, wall_ms, slept_ms }));
    steady_ms + slept_ms
}

/// Now, on both clocks.
#[must_use]
pub fn now() -> Moment {
    Moment { mono_ms: monotonic_ms() as u64, wall_ms: js_sys::Date::now() as i64 }
}
