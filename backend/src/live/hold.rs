//! How long a stream that ends after one batch waits for something to send (PROTOCOL §11).

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep};

/// How long a batch is held open when there is nothing to send: below the 30 s after which many proxies give up.
pub const BATCH_WAIT: Duration = Duration::from_secs(25);

/// Last values alone end the wait too, but not sooner than this after its beginning: who moves a read position moves it
/// again, and each batch is a request.
const LAST_VALUES_WAIT: Duration = Duration::from_millis(1_500);

/// See the module.
pub(super) struct Hold {
    begun: Instant,
    end: Pin<Box<Sleep>>,
}

impl Hold {
    /// A wait that begins now.
    pub(super) fn new(wait: Duration) -> Self {
        Self { begun: Instant::now(), end: Box::pin(sleep(wait)) }
    }

    /// Last values were sent: it is not waited much longer.
    pub(super) fn shorten(&mut self) {
        let soon = self.begun + LAST_VALUES_WAIT;
        if soon < self.end.deadline() {
            self.end.as_mut().reset(soon);
        }
    }

    /// Ready when it has been waited for long enough.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.end.as_mut().poll(cx)
    }
}
