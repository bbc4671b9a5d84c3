//! The streams of one HTTP/2 connection: how many there are, and whether each one moves.
//!
//! A client can hold a single stream still with its flow-control window while the connection lives, and hyper waits for
//! it without end. So each response body says when it hands bytes out ([`Watched`]), the bytes say when they leave
//! ([`Leaving`]), and a stream on which nothing leaves for [`STALL_MAX`] is dropped, which resets it. A socket that takes
//! nothing is not the stream's fault: that is for the socket's own deadline.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Body;
use bytes::{Buf, Bytes};
use http_body::{Frame, SizeHint};
use hyper::rt::Executor;
use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};

/// How long a stream may stand still that has something to send.
const STALL_MAX: Duration = Duration::from_secs(10);

/// How often that is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long a new connection may be without a request.
const FIRST_REQUEST_MAX: Duration = Duration::from_secs(10);

/// How long it may be without one later: a browser keeps it for the next click.
const IDLE_MAX: Duration = Duration::from_secs(60);

tokio::task_local! {
    /// How the stream of this task moves.
    static MOTION: Arc<Motion>;
}

/// All streams of a connection. A handle; hyper runs each stream on it.
#[derive(Clone)]
pub(super) struct Streams(Arc<Inner>);

struct Inner {
    open: AtomicUsize,
    opened: AtomicUsize,
    changed: Notify,
    /// An answer that hyper has done with stands still: nothing is left that could be reset.
    stuck: Notify,
    is_write_waiting: Arc<AtomicBool>,
}

impl Streams {
    /// None yet. The flag is set while the socket takes nothing.
    pub(super) fn new(is_write_waiting: Arc<AtomicBool>) -> Self {
        Self(Arc::new(Inner {
            open: AtomicUsize::new(0),
            opened: AtomicUsize::new(0),
            changed: Notify::new(),
            stuck: Notify::new(),
            is_write_waiting,
        }))
    }

    /// Ready when there has been no stream for too long.
    pub(super) async fn idle(&self) {
        loop {
            let opened = self.0.opened.load(Ordering::Relaxed);
            if self.0.open.load(Ordering::Relaxed) > 0 {
                self.0.changed.notified().await;
                continue;
            }
            sleep(if opened == 0 { FIRST_REQUEST_MAX } else { IDLE_MAX }).await;
            if self.0.opened.load(Ordering::Relaxed) == opened {
                return;
            }
        }
    }

    /// Ready when the connection must end, because its client leaves an answer standing that cannot be taken back.
    pub(super) async fn stuck(&self) {
        self.0.stuck.notified().await;
    }

    /// Runs a stream until it is done or stands still.
    async fn run(self, stream: impl Future<Output = ()>) {
        let motion = Arc::new(Motion::default());
        tokio::select! {
            () = MOTION.scope(Arc::clone(&motion), stream) => {}
            () = self.stands_still(&motion) => {
                tracing::debug!("a stream of HTTP/2 is reset: its client takes nothing");
                return;
            }
        }
        tokio::select! {
            () = motion.all_left() => {}
            () = self.stands_still(&motion) => self.0.stuck.notify_one(),
        }
    }

    /// Ready when nothing has left for too long, though the socket takes bytes.
    async fn stands_still(&self, motion: &Motion) {
        loop {
            sleep(LOOK_EVERY).await;
            if motion.is_still_since(STALL_MAX) && !self.0.is_write_waiting.load(Ordering::Relaxed) {
                return;
            }
        }
    }
}

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Streams {
    fn execute(&self, stream: F) {
        self.0.open.fetch_add(1, Ordering::Relaxed);
        self.0.opened.fetch_add(1, Ordering::Relaxed);
        let open = Open(self.clone());
        tokio::spawn(async move { open.0.clone().run(stream).await });
    }
}

/// Counts a stream as open.
struct Open(Streams);

impl Drop for Open {
    fn drop(&mut self) {
        let inner = &self.0.0;
        inner.open.fetch_sub(1, Ordering::Relaxed);
        inner.changed.notify_one();
    }
}

/// Whether what one stream has to send leaves.
#[derive(Debug, Default)]
struct Motion {
    state: Mutex<State>,
    left: Notify,
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

    fn is_still_since(&self, limit: Duration) -> bool {
        self.state().since.is_some_and(|since| since.elapsed() > limit)
    }

    /// Ready when nothing waits.
    async fn all_left(&self) {
        while self.state().since.is_some() {
            self.left.notified().await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A response body whose bytes are followed until they leave.
pub(super) struct Watched {
    body: Body,
    motion: Arc<Motion>,
}

impl Watched {
    /// Follows a body. Must be called on the task of its stream.
    pub(super) fn new(body: Body) -> Self {
        let motion = MOTION.try_with(Arc::clone).unwrap_or_default();
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
