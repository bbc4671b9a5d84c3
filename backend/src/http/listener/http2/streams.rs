//! The streams of one HTTP/2 connection: how many there are, and whether each one moves.
//!
//! A client can hold a single stream still with its flow-control window while the connection lives, and hyper waits for
//! it without end. So [`Motion`] knows of each stream whether what it has to send leaves, and one on which nothing leaves
//! for [`STALL_MAX`] is dropped, which resets it (decision 0007). A socket that takes nothing is not the stream's fault:
//! that is for the socket's own deadline.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use hyper::rt::Executor;
use tokio::{sync::Notify, time::sleep};

use super::motion::Motion;

/// How long a stream may stand still that has something to send.
const STALL_MAX: Duration = Duration::from_secs(10);

/// How often that is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long a new connection may be without a request.
const FIRST_REQUEST_MAX: Duration = Duration::from_secs(10);

/// How long it may be without one later: a browser keeps it for the next click.
const IDLE_MAX: Duration = Duration::from_secs(60);

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
            let limit = if opened == 0 { FIRST_REQUEST_MAX } else { IDLE_MAX };
            tokio::select! {
                () = sleep(limit) => return,
                () = self.0.changed.notified() => {}
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
            () = motion.of(stream) => {}
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

    /// Ready when nothing has left for too long, though the socket takes bytes; or when the stream was to end at the last
    /// look already: what it still had to say has had its time.
    async fn stands_still(&self, motion: &Motion) {
        let mut was_cut = false;
        loop {
            sleep(LOOK_EVERY).await;
            let is_cut = motion.is_cut();
            if is_cut && was_cut {
                return;
            }
            was_cut = is_cut;
            if motion.is_still_since(STALL_MAX) && !self.0.is_write_waiting.load(Ordering::Relaxed) {
                motion.give_up();
                return;
            }
        }
    }
}

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Streams {
    fn execute(&self, stream: F) {
        self.0.open.fetch_add(1, Ordering::Relaxed);
        self.0.opened.fetch_add(1, Ordering::Relaxed);
        self.0.changed.notify_one();
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use std::sync::Mutex;

    use axum::body::Body;
    use bytes::{Buf, Bytes};
    use http_body::Body as _;
    use http_body_util::BodyExt;
    use tokio::time::{Instant, timeout};

    use super::{
        super::motion::{Leaving, Standing, Watched},
        *,
    };

    /// A stream that sends one body of a kilobyte, and takes this long between two pieces of ten bytes.
    async fn send_slowly(pause: Duration) {
        let mut body = Watched::new(Body::from(vec![0; 1024]), Standing::of_this_stream());
        let mut bytes = body.frame().await.unwrap().unwrap().into_data().ok().unwrap();
        assert!(body.is_end_stream());
        drop(body);
        while bytes.has_remaining() {
            sleep(pause).await;
            bytes.advance(bytes.remaining().min(10));
        }
    }

    async fn is_cut_at(pause: Duration, is_write_waiting: bool) -> bool {
        let streams = Streams::new(Arc::new(AtomicBool::new(is_write_waiting)));
        let is_done = AtomicBool::new(false);
        let sending = async {
            send_slowly(pause).await;
            is_done.store(true, Ordering::Relaxed);
        };
        streams.run(sending).await;
        !is_done.into_inner()
    }

    #[tokio::test(start_paused = true)]
    async fn slow_is_not_still() {
        assert!(!is_cut_at(Duration::from_secs(9), false).await);
        assert!(is_cut_at(Duration::from_secs(12), false).await);
        // A socket that takes nothing is judged by its own deadline.
        assert!(!is_cut_at(Duration::from_secs(12), true).await);
    }

    #[tokio::test(start_paused = true)]
    async fn what_hyper_has_done_with_is_followed_until_it_has_left() {
        let streams = Streams::new(Arc::default());
        let kept = Arc::new(Mutex::new(None));
        let send = |kept: Arc<Mutex<Option<Leaving>>>| async move {
            let mut body = Watched::new(Body::from("all at once"), Standing::of_this_stream());
            let bytes = body.frame().await.unwrap().unwrap().into_data().ok().unwrap();
            *kept.lock().unwrap() = Some(bytes);
        };
        let began = Instant::now();
        streams.execute(send(Arc::clone(&kept)));
        timeout(Duration::from_secs(60), streams.stuck()).await.expect("nothing is left that could be reset");
        assert!((10..13).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());

        streams.execute(send(Arc::clone(&kept)));
        sleep(Duration::from_secs(5)).await;
        kept.lock().unwrap().take();
        assert!(timeout(Duration::from_secs(60), streams.stuck()).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_has_nothing_to_send_is_not_still() {
        let streams = Streams::new(Arc::default());
        let quiet = async {
            let mut body = Watched::new(
                Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>()),
                Standing::of_this_stream(),
            );
            let _ = timeout(Duration::from_secs(100), body.frame()).await;
        };
        let began = Instant::now();
        streams.run(quiet).await;
        assert_eq!(began.elapsed(), Duration::from_secs(100));
    }
}
