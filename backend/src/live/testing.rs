//! What the tests of the fan-out share: a log in memory that can be held up and made to fail, people, and a reader that
//! takes the raw bytes of a stream as `EventSource` does.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use shared::{
    cursor::{Cursor, Epoch, Offset},
    id::{MemberId, RoomId, SessionId},
    member::{Member, Role, Timestamp},
    presence::PresenceLevel,
    room::ReadPosition,
    text::{Bio, DisplayName, SignInName},
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{
    Hub, Start, Subscriber, Subscription,
    hub::Tuning,
    lock,
    log::{About, AllRights, Bounds, Log, LogError, Record, Right, RightsChange, Shares, Standing},
    resume::cursor_at,
};
use crate::{clock::ManualClock, domain::audience::Audience};

/// A moment; the clock of these tests stands there until it is moved.
pub(crate) const NOON_MS: i64 = 1_795_348_800_000;

/// A log in memory.
pub(crate) struct MemoryLog {
    state: Mutex<LogState>,
    /// One permit while reads may pass.
    gate: Semaphore,
    is_failing: AtomicBool,
    reads: AtomicUsize,
}

struct LogState {
    rows: Vec<Record>,
    oldest: Offset,
    epochs: Vec<(Epoch, Offset)>,
    rights: Vec<Right>,
    standings: Vec<Standing>,
    shares: Vec<Shares>,
}

impl MemoryLog {
    /// A log without rows, in its first epoch. Nobody shares whether they are here: what is told of that by the second
    /// would come between what a test looks at. Those of [`MemoryLog::with_people`] do.
    pub(crate) fn new() -> Arc<Self> {
        let epochs = vec![("epoch000".parse().unwrap(), Offset(1))];
        let state = LogState {
            rows: Vec::new(),
            oldest: Offset(1),
            epochs,
            rights: Vec::new(),
            standings: Vec::new(),
            shares: (0..36).map(|seed| Shares { member: member(seed), presence: false, typing: true }).collect(),
        };
        Arc::new(Self {
            state: Mutex::new(state),
            gate: Semaphore::new(1),
            is_failing: AtomicBool::new(false),
            reads: AtomicUsize::new(0),
        })
    }

    /// A log with so many people in it, at most 35, who share whether they are here.
    pub(crate) fn with_people(people: u8) -> Arc<Self> {
        let log = Self::new();
        for seed in 1..=people {
            log.stand(member(seed), Role::Member, true);
            log.share(member(seed), true, true);
        }
        log
    }

    /// Commits a fact, without a word to anybody.
    pub(crate) fn commit(&self, audience: Audience) -> Offset {
        self.commit_row(audience, "message_posted", None, "x")
    }

    /// Commits a fact of about this many bytes.
    pub(crate) fn commit_large(&self, audience: Audience, bytes: usize) -> Offset {
        self.commit_row(audience, "message_posted", None, &"x".repeat(bytes))
    }

    /// Makes someone a member of a room.
    pub(crate) fn join(&self, member: MemberId, room: RoomId) -> Offset {
        let change = RightsChange::Joined { member, room };
        let offset = self.commit_row(Audience::Member(member), "room_joined", Some(change), "x");
        lock(&self.state).rows.last_mut().expect("it was just committed").about = About::Room(room);
        offset
    }

    /// Takes someone out of a room.
    pub(crate) fn leave(&self, member: MemberId, room: RoomId) -> Offset {
        let change = RightsChange::Left { member, room };
        self.commit_row(Audience::Member(member), "room_gone", Some(change), "x")
    }

    /// Makes someone something else.
    pub(crate) fn stand(&self, member: MemberId, role: Role, active: bool) -> Offset {
        let change = RightsChange::Standing(Standing { member, role, active });
        self.commit_row(Audience::Workspace, "member_changed", Some(change), "x")
    }

    /// Someone chooses what others see of them.
    pub(crate) fn share(&self, member: MemberId, presence: bool, typing: bool) -> Offset {
        let change = RightsChange::Shares(Shares { member, presence, typing });
        self.commit_row(Audience::Member(member), "settings_changed", Some(change), "x")
    }

    /// Bans someone.
    pub(crate) fn ban(&self, member: MemberId) -> Offset {
        self.commit_row(Audience::Admins, "audit_logged", Some(RightsChange::Banned { member }), "x")
    }

    /// Commits a fact that is about this.
    pub(crate) fn commit_about(&self, audience: Audience, about: About) -> Offset {
        let offset = self.commit(audience);
        lock(&self.state).rows.last_mut().expect("it was just committed").about = about;
        offset
    }

    /// Commits any row; its payload repeats its offset.
    pub(crate) fn commit_row(
        &self,
        audience: Audience,
        kind: &str,
        change: Option<RightsChange>,
        text: &str,
    ) -> Offset {
        let mut state = lock(&self.state);
        let offset = state.head().next();
        let payload = Bytes::from(format!("{{\"n\":{offset},\"text\":\"{text}\"}}"));
        let (kind, about) = (kind.to_owned(), About::Audience);
        state.rows.push(Record { offset, audience, kind, payload, change, about, is_own: false });
        state.fold(offset, change);
        offset
    }

    /// Forgets the rows before `oldest`.
    pub(crate) fn prune(&self, oldest: Offset) {
        lock(&self.state).oldest = oldest;
    }

    /// Begins an epoch, as a start of the node does.
    pub(crate) fn begin_epoch(&self) {
        let mut state = lock(&self.state);
        let name = format!("epoch{:03}", state.epochs.len());
        let start = state.head().next();
        state.epochs.push((name.parse().unwrap(), start));
    }

    /// Replaces a row's payload.
    pub(crate) fn poison(&self, offset: Offset, payload: &'static [u8]) {
        let mut state = lock(&self.state);
        let row = state.rows.iter_mut().find(|row| row.offset == offset).unwrap();
        row.payload = Bytes::from_static(payload);
    }

    /// The place of an offset.
    pub(crate) fn cursor(&self, offset: Offset) -> Cursor {
        cursor_at(&lock(&self.state).epochs, offset).unwrap()
    }

    /// The newest offset.
    pub(crate) fn head(&self) -> Offset {
        lock(&self.state).head()
    }

    /// What a member may be sent of the rows after `after`.
    pub(crate) fn visible(&self, member: MemberId, after: Offset) -> Vec<Offset> {
        let state = lock(&self.state);
        let since = |room| state.rights.iter().find(|right| (right.member, right.room) == (member, room));
        let hears = |row: &&Record| match row.audience {
            Audience::Workspace => true,
            Audience::Admins | Audience::Nobody => false,
            Audience::Member(other) => other == member,
            Audience::Room(room) => since(room).is_some_and(|right| right.since < row.offset),
        };
        state.rows.iter().filter(|row| row.offset > after).filter(hears).map(|row| row.offset).collect()
    }

    /// Reads of rows so far.
    pub(crate) fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }

    /// Lets reads fail, or not any more.
    pub(crate) fn set_failing(&self, is_failing: bool) {
        self.is_failing.store(is_failing, Ordering::SeqCst);
    }

    /// Holds every read of last values until the guard is dropped.
    pub(crate) fn hold_last_values(&self) -> SemaphorePermit<'_> {
        self.gate.try_acquire().unwrap()
    }

    fn pass<T>(&self, value: T) -> Result<T, LogError> {
        if self.is_failing.load(Ordering::SeqCst) { Err(LogError("held down".to_owned())) } else { Ok(value) }
    }
}

impl LogState {
    fn fold(&mut self, offset: Offset, change: Option<RightsChange>) {
        match change {
            Some(RightsChange::Joined { member, room }) => {
                if !self.rights.iter().any(|right| (right.member, right.room) == (member, room)) {
                    self.rights.push(Right { member, room, since: offset });
                }
            }
            Some(RightsChange::Left { member, room }) => {
                self.rights.retain(|right| (right.member, right.room) != (member, room));
            }
            Some(RightsChange::Standing(standing)) => {
                self.standings.retain(|held| held.member != standing.member);
                self.standings.push(standing);
            }
            Some(RightsChange::Shares(shares)) => {
                self.shares.retain(|held| held.member != shares.member);
                self.shares.push(shares);
            }
            Some(RightsChange::Banned { .. }) | None => {}
        }
    }

    fn head(&self) -> Offset {
        self.rows.last().map_or(Offset::ZERO, |row| row.offset)
    }
}

#[async_trait]
impl Log for MemoryLog {
    async fn bounds(&self) -> Result<Bounds, LogError> {
        let state = lock(&self.state);
        self.pass(Bounds { oldest: state.oldest, head: state.head(), epochs: state.epochs.clone() })
    }

    async fn read(&self, after: Offset, limit: usize) -> Result<Vec<Record>, LogError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let state = lock(&self.state);
        let kept = state.rows.iter().filter(|row| row.offset > after && row.offset >= state.oldest);
        self.pass(kept.take(limit).cloned().collect())
    }

    async fn rights(&self) -> Result<AllRights, LogError> {
        let state = lock(&self.state);
        let (rights, standings, shares) = (state.rights.clone(), state.standings.clone(), state.shares.clone());
        self.pass(AllRights { at: state.head(), rights, standings, shares })
    }

    async fn reads(&self, _: MemberId) -> Result<Vec<ReadPosition>, LogError> {
        let _passing = self.gate.acquire().await.unwrap();
        self.pass(Vec::new())
    }
}

/// A running hub on a log in memory.
pub(crate) struct Scene {
    pub(crate) log: Arc<MemoryLog>,
    pub(crate) hub: Hub,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) shutdown: CancellationToken,
}

impl Scene {
    /// With the limits of production.
    pub(crate) async fn start() -> Self {
        Self::on(MemoryLog::new(), Tuning::default()).await
    }

    /// With a mailbox of this many bytes.
    pub(crate) async fn with_mailbox(mailbox_max_bytes: usize) -> Self {
        Self::on(MemoryLog::new(), Tuning { mailbox_max_bytes, ..Tuning::default() }).await
    }

    /// On a log that is there already.
    pub(crate) async fn on(log: Arc<MemoryLog>, tuning: Tuning) -> Self {
        let (clock, shutdown) = (Arc::new(ManualClock::at(NOON_MS)), CancellationToken::new());
        let hub = Hub::start_tuned(Arc::clone(&log) as _, Arc::clone(&clock) as _, shutdown.clone(), tuning).await;
        Self { log, hub: hub.unwrap(), clock, shutdown }
    }

    /// Stops the hub and starts another on the same log, in a new epoch.
    pub(crate) async fn restart(&mut self, tuning: Tuning) {
        self.shutdown.cancel();
        self.log.begin_epoch();
        *self = Self::on(Arc::clone(&self.log), tuning).await;
    }

    /// Commits a fact and wakes the hub.
    pub(crate) fn post(&self, audience: Audience) -> Offset {
        let offset = self.log.commit(audience);
        self.hub.wake(offset);
        offset
    }

    /// Posts that many facts.
    pub(crate) fn post_many(&self, count: usize, audience: Audience) -> Vec<Offset> {
        (0..count).map(|_| self.post(audience)).collect()
    }

    /// Opens a stream of someone.
    pub(crate) async fn open(&self, seed: u8, start: Start) -> Reader {
        Reader::of(self.hub.subscribe(subscriber(seed), start).await)
    }

    /// Opens a stream after an offset.
    pub(crate) async fn open_after(&self, seed: u8, offset: Offset) -> Reader {
        self.open(seed, Start::After(self.log.cursor(offset))).await
    }

    /// Waits until everything that was committed has been fanned out.
    pub(crate) async fn settle(&self) {
        self.hub.wake(self.log.head());
        while self.hub.tail() < self.log.head() {
            tokio::task::yield_now().await;
        }
    }
}

/// A person; the same seed, below 36, is the same person.
pub(crate) fn member(seed: u8) -> MemberId {
    MemberId::from_entropy([seed; 12])
}

/// A room.
pub(crate) fn room(seed: u8) -> RoomId {
    RoomId::from_entropy([seed; 12])
}

/// A session of a person, the same each time, that ends an hour after noon.
pub(crate) fn subscriber(seed: u8) -> Subscriber {
    let member = Member {
        id: member(seed),
        name: SignInName::parse(format!("person{seed}")).unwrap(),
        display_name: DisplayName::parse(format!("Person {seed}")).unwrap(),
        role: Role::Member,
        joined_at: Timestamp("2026-11-22T12:00:00.000Z".to_owned()),
        bio: Bio::default(),
        active: true,
    };
    Subscriber { session: session(seed), member, expires_at_ms: NOON_MS + 3_600_000, level: PresenceLevel::Active }
}

/// The session of a person.
pub(crate) fn session(seed: u8) -> SessionId {
    SessionId::from_entropy([seed; 12])
}

/// One event, as a client gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sse {
    pub(crate) event: String,
    pub(crate) id: Option<String>,
    pub(crate) data: String,
    pub(crate) retry: Option<u64>,
}

impl Sse {
    /// The offset in the id.
    pub(crate) fn offset(&self) -> Offset {
        self.cursor().offset
    }

    /// The id.
    pub(crate) fn cursor(&self) -> Cursor {
        self.id.as_deref().unwrap_or_else(|| panic!("{self:?} has no id")).parse().unwrap()
    }

    /// The data.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.data).unwrap()
    }

    /// Whether it is a fact, as a client tells: by what `hello` listed.
    pub(crate) fn is_fact(&self) -> bool {
        shared::event::Event::KINDS.contains(&self.event.as_str())
    }
}

/// Takes complete events out of the beginning of `bytes`; what is cut in half stays (WHATWG HTML §9.2.6).
pub(crate) fn take_events(bytes: &mut Vec<u8>) -> Vec<Sse> {
    let mut events = Vec::new();
    while let Some(end) = bytes.windows(2).position(|pair| pair == b"\n\n") {
        let block = String::from_utf8(bytes.drain(..end + 2).collect()).unwrap();
        let mut event = Sse { event: String::new(), id: None, data: String::new(), retry: None };
        for line in block.trim_end().split('\n') {
            let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("{line:?}"));
            match name {
                "event" => value.clone_into(&mut event.event),
                "id" => event.id = Some(value.to_owned()),
                "data" => event.data.push_str(value),
                "retry" => event.retry = Some(value.parse().unwrap()),
                _ => panic!("{line:?}"),
            }
        }
        events.push(event);
    }
    events
}

/// Reads a subscription event by event.
pub(crate) struct Reader {
    pub(crate) subscription: Subscription,
    events: std::collections::VecDeque<Sse>,
}

impl Reader {
    /// Reads this one.
    pub(crate) fn of(subscription: Subscription) -> Self {
        Self { subscription, events: std::collections::VecDeque::new() }
    }

    /// The next event.
    pub(crate) async fn next(&mut self) -> Sse {
        self.next_or_end().await.expect("the stream goes on")
    }

    /// The next event, or the end.
    pub(crate) async fn next_or_end(&mut self) -> Option<Sse> {
        while self.events.is_empty() {
            let batch = timeout(Duration::from_secs(60), self.subscription.next()).await.expect("something comes");
            self.events.extend(take_events(&mut batch?.into_events().to_vec()));
        }
        self.events.pop_front()
    }

    /// The next event of a kind; others are passed over.
    pub(crate) async fn next_of(&mut self, kind: &str) -> Sse {
        loop {
            let event = self.next().await;
            if event.event == kind {
                return event;
            }
        }
    }

    /// Everything up to and with the next tick.
    pub(crate) async fn until_tick(&mut self) -> Vec<Sse> {
        let mut events = Vec::new();
        while events.last().is_none_or(|event: &Sse| event.event != "tick") {
            events.push(self.next().await);
        }
        events
    }

    /// The offsets of the next so many facts.
    pub(crate) async fn facts(&mut self, count: usize) -> Vec<Offset> {
        let mut offsets = Vec::new();
        while offsets.len() < count {
            let event = self.next().await;
            if event.is_fact() {
                offsets.push(event.offset());
            }
        }
        offsets
    }

    /// Everything there is now.
    pub(crate) async fn drain(&mut self) -> Vec<Sse> {
        while let Ok(batch) = timeout(Duration::from_millis(1), self.subscription.next()).await {
            self.events.extend(take_events(&mut batch.expect("the stream goes on").into_events().to_vec()));
        }
        self.events.drain(..).collect()
    }

    /// Whether nothing comes. On a paused clock a millisecond passes only when nobody has anything left to do.
    pub(crate) async fn is_silent(&mut self) -> bool {
        self.events.is_empty() && timeout(Duration::from_millis(1), self.subscription.next()).await.is_err()
    }
}

/// The offsets of the facts among these.
pub(crate) fn offsets(events: &[Sse]) -> Vec<Offset> {
    events.iter().filter(|event| event.is_fact()).map(Sse::offset).collect()
}
