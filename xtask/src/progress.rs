//! What a command is doing and how far it is: numbered lines on standard error.

use std::fmt::Display;
use std::time::Instant;

/// Numbered steps: `[2/6] trunk 0.21.14: installing (about 6 minutes, once)`.
#[derive(Debug)]
pub(crate) struct Progress {
    step: usize,
    steps: usize,
    started: Instant,
}

impl Progress {
    /// A progress of `steps` steps, none of them begun.
    pub(crate) fn of(steps: usize) -> Self {
        Self { step: 0, steps, started: Instant::now() }
    }

    /// Begins the next step and says what it is.
    pub(crate) fn next(&mut self, what: impl Display) {
        self.step += 1;
        debug_assert!(self.step <= self.steps, "more steps than announced");
        eprintln!("[{}/{}] {what}", self.step, self.steps);
    }

    /// Whole seconds since the first step.
    pub(crate) fn seconds(&self) -> u64 {
        self.started.elapsed().as_secs()
    }
}
