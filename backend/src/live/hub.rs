//! The hub: where facts come in once and go out to everyone who may hear them.
//!
//! [`Hub::start`] begins the tail (reads the log, encodes, decides who hears it), the shards (write it) and the ticker
//! (heartbeats, reaping); all end with the shutdown token. [`Hub::subscribe`] opens a stream. Whoever commits something calls [`Hub::wake`]:
//! a hint that may be lost, since the tail also looks by itself.

use std::{
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde::Serialize;
use shared::{
    cursor::Offset,
    id::{MemberId, RoomId, SessionId},
    limits::MAILBOX_MAX_BYTES,
    member::Role,
    presence::{Presence as Here, PresenceLevel},
    stream::Resume,
};
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::{
    audience, encode,
    ending::EndReason,
    lock,
    log::{AllRights, Bounds, Log, LogError, RightsChange, Shares},
    mailbox::{Bound, Mailbox, Put},
    metrics::Metrics,
    pages::Pages,
    presence::{LEAVE_AFTER_BATCH_MS, LEAVE_AFTER_MS, Presence},
    registry::Registry,
    resume::{Decision, Start, decide},
    rights::Reader,
    shard,
    subscription::{Subscriber, Subscription},
    tail, ticker,
    typing::Typing,
};
use crate::clock::Clock;

/// Streams that read the log at the same time. The others wait their turn, so that a storm of returning readers neither
/// takes the store away from posts nor holds more than this many pages of rows in memory.
const LOG_READERS: usize = 8;

/// Streams that catch up at the same time, from their last values to the end of what is written in one go. Each is some
/// tenths of a millisecond of a thread's time; without turns, ten thousand that come back at once stand in that thread's
/// queue before every post.
const CATCHING_UP: usize = 32;

/// What can be set apart from its default, which is right outside of tests.
#[derive(Debug, Clone, Copy)]
pub struct Tuning {
    /// What waits at most for one reader, in bytes.
    pub mailbox_max_bytes: usize,
    /// Time between two ticks of a stream.
    pub heartbeat: Duration,
}

impl Default for Tuning {
    fn default() -> Self {
        let heartbeat = Duration::from_millis(shared::limits::HEARTBEAT_MS);
        Self { mailbox_max_bytes: MAILBOX_MAX_BYTES, heartbeat }
    }
}

/// The fan-out. A handle: cloning shares it.
#[derive(Clone)]
pub struct Hub {
    inner: Arc<Inner>,
}

/// What tail, ticker and streams share.
pub(super) struct Inner {
    pub(super) log: Arc<dyn Log>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) metrics: Metrics,
    pub(super) tuning: Tuning,
    pub(super) hint: Notify,
    pub(super) log_readers: Semaphore,
    catching_up: Arc<Semaphore>,
    pub(super) pages: Pages,
    /// Locked inside the registry's lock, or alone.
    pub(super) presence: Mutex<Presence>,
    /// As `presence`.
    pub(super) typing: Mutex<Typing>,
    fanned_out: AtomicU64,
    registry: Mutex<Registry>,
}

impl Hub {
    /// Learns who may hear what, and starts to tail the log there.
    ///
    /// # Errors
    /// The log cannot be read, or has no epoch.
    pub async fn start(
        log: Arc<dyn Log>,
        clock: Arc<dyn Clock>,
        shutdown: CancellationToken,
    ) -> Result<Self, LogError> {
        Self::start_tuned(log, clock, shutdown, Tuning::default()).await
    }

    /// [`Hub::start`] with other limits.
    ///
    /// # Errors
    /// The same.
    pub async fn start_tuned(
        log: Arc<dyn Log>,
        clock: Arc<dyn Clock>,
        shutdown: CancellationToken,
        tuning: Tuning,
    ) -> Result<Self, LogError> {
        let rights = log.rights().await?;
        let tail = rights.at;
        let bounds = log.bounds().await?;
        if bounds.epochs.first().is_none_or(|(_, start)| *start > Offset(1)) {
            return Err(LogError("no epoch begins at its first row".to_owned()));
        }
        let shards = tokio::runtime::Handle::current().metrics().num_workers();
        let (presence, typing) = whispers(&rights);
        let registry = Mutex::new(Registry::new(bounds, rights, shards));
        let inner = Arc::new(Inner {
            log,
            clock,
            metrics: Metrics::new(),
            tuning,
            hint: Notify::new(),
            log_readers: Semaphore::new(LOG_READERS),
            catching_up: Arc::new(Semaphore::new(CATCHING_UP)),
            pages: Pages::new(),
            presence: Mutex::new(presence),
            typing: Mutex::new(typing),
            fanned_out: AtomicU64::new(tail.0),
            registry,
        });
        let shards = shard::start(&inner, shards);
        tokio::spawn(tail::run(Arc::clone(&inner), shards.clone(), shutdown.clone()));
        tokio::spawn(ticker::run(Arc::clone(&inner), shards, shutdown));
        Ok(Self { inner })
    }

    /// Says that the log has grown, at least to here. Cheap, and only a hint.
    pub fn wake(&self, committed: Offset) {
        if committed > self.tail() {
            self.inner.hint.notify_one();
        }
    }

    /// Everything up to here has been fanned out.
    #[must_use]
    pub fn tail(&self) -> Offset {
        self.inner.fanned_out_upto()
    }

    /// Opens a stream. Its place in the fan-out is taken before this returns: nothing committed later is missed.
    ///
    /// Never fails: a log that does not answer is waited for in the stream, after `hello`.
    ///
    /// **Cancel-safety.** Dropping the future opens nothing.
    pub async fn subscribe(&self, subscriber: Subscriber, start: Start) -> Subscription {
        self.look_again_before_reset(start).await;
        let reader = Reader { member: subscriber.member.id, role: subscriber.member.role };
        let (mailbox, decision, tail) = {
            let mut registry = self.inner.registry();
            let tail = registry.tail();
            let decision = decide(registry.bounds(), tail, start);
            let mailbox = registry.add(reader, subscriber.session, subscriber.expires_at_ms, decision.from);
            (mailbox, decision, tail)
        };
        let now_ms = self.inner.clock.now_ms();
        lock(&self.inner.presence).enter(reader.member, subscriber.session, subscriber.level, now_ms);
        Subscription::open(Arc::clone(&self.inner), mailbox, subscriber.member, decision, tail)
    }

    /// Sends an event without a place to every stream of a member: last values, which a later one replaces.
    pub fn send_to_member(&self, member: MemberId, kind: &'static str, payload: &impl Serialize) {
        let frame = encode::note(kind, payload);
        let bound = Bound { limit_bytes: self.inner.tuning.mailbox_max_bytes, now: Instant::now() };
        let streams: Vec<_> = self.inner.registry().streams_of(member).cloned().collect();
        for mailbox in streams {
            self.inner.count(mailbox.note(&frame, bound));
        }
    }

    /// A person has done something with the device of this session, or says that they do not: active, or away. Without an
    /// open stream it says nothing.
    pub fn set_level(&self, member: MemberId, session: SessionId, level: PresenceLevel) {
        lock(&self.inner.presence).set_level(member, session, level, self.inner.clock.now_ms());
    }

    /// Whether these people are here; those whom the caller may not know of are left out.
    #[must_use]
    pub fn levels(&self, member: MemberId, role: Role, of: &[MemberId]) -> Vec<Here> {
        audience::levels_for(&self.inner, Reader { member, role }, of)
    }

    /// Someone types in a room, in which they may post, or does not any more.
    pub fn set_typing(&self, member: MemberId, room: RoomId, is_typing: bool) {
        let mut typing = lock(&self.inner.typing);
        if is_typing {
            typing.begin(member, room, self.inner.clock.now_ms());
        } else {
            typing.end(member, room);
        }
    }

    /// When those who have gone were last here, in milliseconds since 1970: to be kept, and then [forgotten].
    ///
    /// [forgotten]: Hub::forget_last_seen
    #[must_use]
    pub fn last_seen(&self) -> Vec<(MemberId, i64)> {
        lock(&self.inner.presence).last_seen()
    }

    /// These are kept.
    pub fn forget_last_seen(&self, kept: &[(MemberId, i64)]) {
        lock(&self.inner.presence).forget_last_seen(kept);
    }

    /// Everyone goes, since the server stops: from now on [`Hub::last_seen`] names those too who were here.
    pub fn everyone_leaves(&self) {
        lock(&self.inner.presence).close(self.inner.clock.now_ms());
    }

    /// Ends every stream of these sessions, now; call it once they are gone from the store.
    pub fn end_sessions(&self, sessions: &[SessionId]) {
        self.inner.registry().end_sessions(sessions, Instant::now());
    }

    /// Lets the streams of these sessions live until then, in milliseconds since 1970: they were used.
    pub fn renew_sessions(&self, renewed: impl IntoIterator<Item = (SessionId, i64)>) {
        self.inner.registry().renew_sessions(&renewed.into_iter().collect());
    }

    /// Forgets what is kept of these rows, whose payloads were rewritten: call it once that is committed. From then on a
    /// stream that reads the log gets what it says now.
    pub fn forget(&self, rewritten: &[Offset]) {
        self.inner.pages.evict(rewritten.iter().copied());
    }

    /// What the fan-out counts.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    /// What is known of the log may be a moment old; a reader is told to start over only after a fresh look.
    async fn look_again_before_reset(&self, start: Start) {
        let decided = |inner: &Inner| {
            let registry = inner.registry();
            decide(registry.bounds(), registry.tail(), start)
        };
        if matches!(start, Start::After(_)) && matches!(decided(&self.inner), Decision { resume: Resume::Reset, .. }) {
            self.inner.refresh_bounds().await;
        }
    }
}

impl Inner {
    /// The registry, locked. Never held across an await.
    pub(super) fn registry(&self) -> MutexGuard<'_, Registry> {
        lock(&self.registry)
    }

    /// Follows a change of rights where it is no right that changes: who is told of whom. The registry, which has made the
    /// change, is locked.
    pub(super) fn follow(&self, registry: &Registry, change: RightsChange) {
        match change {
            RightsChange::Joined { member, .. } if registry.has_guests() => {
                // Guests know of people they did not know of; the one who came in, if a guest, of everyone there.
                lock(&self.presence).tell_again(member);
                registry.renew_last_values(|reader| reader.member == member && !reader.hears_workspace());
            }
            RightsChange::Left { member, room } => lock(&self.typing).end(member, room),
            RightsChange::Standing(_) => {
                if lock(&self.presence).count_people(registry.rights.people()) {
                    // Whoever was told of all shall know that they are not any more.
                    registry.renew_last_values(|_| true);
                }
            }
            RightsChange::Shares(Shares { member, presence, typing }) => {
                lock(&self.presence).hide(member, !presence);
                lock(&self.typing).hide(member, !typing);
            }
            RightsChange::Joined { .. } | RightsChange::Banned { .. } => {}
        }
    }

    /// A stream is over.
    pub(super) fn leave(&self, mailbox: &Mailbox, reason: EndReason) {
        let stays_ms = if reason == EndReason::BatchSent { LEAVE_AFTER_BATCH_MS } else { LEAVE_AFTER_MS };
        let now_ms = self.clock.now_ms();
        lock(&self.presence).leave(mailbox.reader.member, mailbox.session, stays_ms, now_ms);
    }

    /// Waits for a turn to catch up, held until it is dropped. First come, first served.
    pub(super) async fn turn_to_catch_up(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.catching_up).acquire_owned().await.expect("nobody closes it")
    }

    /// Counts what became of something that was put into a mailbox.
    pub(super) fn count(&self, put: Put) {
        if put == Put::Overflowed {
            self.metrics.mailbox_overflowed();
        }
    }

    /// Everything up to here has been handed to those who may hear it.
    pub(super) fn fanned_out(&self, upto: Offset) {
        self.fanned_out.store(upto.0, Ordering::Release);
    }

    /// Up to where everything has been handed to those who may hear it.
    pub(super) fn fanned_out_upto(&self) -> Offset {
        Offset(self.fanned_out.load(Ordering::Acquire))
    }

    /// Asks the log again what it spans; keeps what was known if it does not answer.
    pub(super) async fn refresh_bounds(&self) {
        match self.log.bounds().await {
            Ok(bounds) => self.learn(bounds),
            Err(error) => {
                self.metrics.log_failed();
                tracing::debug!(%error, "what the log spans is not known anew");
            }
        }
    }

    fn learn(&self, bounds: Bounds) {
        if !bounds.epochs.is_empty() {
            self.registry().learn(bounds);
        }
    }
}

/// Nobody is here and nobody types, but it is known who shares neither.
fn whispers(rights: &AllRights) -> (Presence, Typing) {
    let without =
        |shares: fn(&Shares) -> bool| rights.shares.iter().filter(move |held| !shares(held)).map(|held| held.member);
    let mut presence = Presence::new(without(|held| held.presence));
    presence.count_people(rights.standings.len());
    (presence, Typing::new(without(|held| held.typing)))
}
