//! Whether what one stream has to send leaves: a response body that says when it hands bytes out, and bytes that say when
//! they are gone. [`streams`](super::streams) acts on it.

use std::{
    fmt,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Body;
use bytes::{Buf, Bytes};
use http_body::{Frame, SizeHint};
use tokio::{sync::Notify, time::Instant};

tokio::task_local! {
    /// How the stream of this task moves.
    static MOTION: Arc<Motion>;
}

/// Whether what one stream has to send leaves.
#[derive(Default)]
pub(super) struct Motion {
    state: Mutex<State>,
    left: Notify,
    is_given_up: AtomicBool,
    /// Whether what is sent is to end, whatever waits.
    is_cut: OnceLock<Box<dyn Fn() -> bool + Send + Sync>>,
}

#[derive(Debug, Default)]
struct State {
    /// Pieces of the body that have not left as a whole.
    waiting: usize,
    /// hyper has not come back for more of the body.
    is_owed: bool,
    /// When something last left, or when there began to be something, while anything is waiting or owed.
    since: Option<Instant>,
}

impl Motion {
    /// Runs a stream whose motion this is.
    pub(super) fn of<F: Future>(self: &Arc<Self>, stream: F) -> impl Future<Output = F::Output> + use<F> {
        MOTION.scope(Arc::clone(self), stream)
    }

    /// Says that the stream is dropped because it stands still.
    pub(super) fn give_up(&self) {
        self.is_given_up.store(true, Ordering::Relaxed);
    }

    /// Changes what there is to send.
    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        if !state.is_owed && state.waiting == 0 {
            state.since = None;
            self.left.notify_one();
        } else {
            state.since.get_or_insert_with(Instant::now);
        }
    }

    /// Bytes have left.
    fn moved(&self, change: impl FnOnce(&mut State)) {
        self.change(|state| {
            change(state);
            state.since = None;
        });
    }

    /// Whether nothing has left for so long, though something is to.
    pub(super) fn is_still_since(&self, limit: Duration) -> bool {
        self.state().since.is_some_and(|since| since.elapsed() > limit)
    }

    /// Whether what is sent is to end, whatever waits.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut.get().is_some_and(|is_cut| is_cut())
    }

    /// Ready when nothing waits.
    pub(super) async fn all_left(&self) {
        while self.state().since.is_some() {
            self.left.notified().await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Motion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Motion").field("state", &self.state).field("is_cut", &self.is_cut()).finish_non_exhaustive()
    }
}

/// How a stream of HTTP/2 stands; among the extensions of its request.
#[derive(Debug, Clone)]
pub struct Standing(Arc<Motion>);

impl Standing {
    /// Must be called on the stream's own task.
    pub(super) fn of_this_stream() -> Self {
        Self(MOTION.try_with(Arc::clone).unwrap_or_default())
    }

    /// The stream is to end when this holds, also if its client takes nothing.
    pub fn end_when(&self, is_cut: impl Fn() -> bool + Send + Sync + 'static) {
        // One request is one stream: it is said once.
        drop(self.0.is_cut.set(Box::new(is_cut)));
    }

    /// Whether it is reset because nothing has left for too long.
    #[must_use]
    pub fn is_given_up(&self) -> bool {
        self.0.is_given_up.load(Ordering::Relaxed)
    }
}

/// A response body whose bytes are followed until they leave.
pub(super) struct Watched {
    body: Body,
    motion: Arc<Motion>,
}

impl Watched {
    /// Follows a body.
    pub(super) fn new(body: Body, Standing(motion): Standing) -> Self {
        motion.change(|state| state.is_owed = true);
        Self { body, motion }
    }
}

impl http_body::Body for Watched {
    type Data = Leaving;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Leaving>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        self.motion.change(|state| state.is_owed = matches!(polled, Poll::Ready(Some(_))));
        let leaving = |frame: Frame<Bytes>| frame.map_data(|bytes| Leaving::new(bytes, Arc::clone(&self.motion)));
        polled.map(|frame| frame.map(|frame| frame.map(leaving)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.motion.change(|state| state.is_owed = false);
    }
}

/// Bytes on their way out.
pub(super) struct Leaving {
    bytes: Bytes,
    motion: Arc<Motion>,
}

impl Leaving {
    fn new(bytes: Bytes, motion: Arc<Motion>) -> Self {
        motion.change(|state| state.waiting += 1);
        Self { bytes, motion }
    }
}

impl Buf for Leaving {
    fn remaining(&self) -> usize {
        self.bytes.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.bytes.chunk()
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
        self.motion.moved(|_| {});
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.motion.moved(|state| state.waiting -= 1);
    }
}
