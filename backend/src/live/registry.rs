//! Who listens, what they may hear, and how far the fan-out has come: the one state that tail, ticker and streams share.
//!
//! All of it is under one lock, because the three belong together: a stream that registers learns a tail, and gets every
//! fact after exactly that tail. A critical section decides who hears a fact and does no IO; the writing is the shards'.
//! So that nothing is looked up per delivery, streams lie in lists by audience, kept up to date as people come, go and join.

use std::{collections::HashMap, sync::Arc, time::Duration};

use shared::{
    cursor::{Cursor, Epoch, Offset},
    id::{MemberId, RoomId, SessionId},
};
use tokio::time::Instant;

use super::{
    ending::Order,
    listeners::{Listeners, Snapshot},
    log::{About, AllRights, Bounds, RightsChange, Standing},
    mailbox::Mailbox,
    resume::cursor_at,
    rights::{Reader, Rights},
};
use crate::domain::audience::Audience;

/// Streams are spread over this many buckets, one for each step of the ticker between two heartbeats.
pub(super) const BUCKETS: usize = 60;

/// How long an ended session is remembered. A request that was authorised just before may register just after.
const ENDED_SESSION_MEMORY: Duration = Duration::from_secs(60);

/// A stream that is older than this ends, and comes back: then its session is looked at anew, whatever was lost of the
/// ways in which a stream is told that it may not go on (security.md R6).
const STREAM_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// Retry times of streams that end together are spread from here …
const RETRY_MIN_MS: u64 = 500;

/// … over this much: a node takes about a second to come back, and its readers come back over two.
const RETRY_SPREAD_MS: u64 = 2_000;

/// Every epoch and its first offset, oldest first.
pub(super) type Epochs = Arc<[(Epoch, Offset)]>;

/// See the module.
pub(super) struct Registry {
    /// Who is in which room, as of `tail`.
    pub(super) rights: Rights,
    bounds: Bounds,
    epochs: Epochs,
    tail: Offset,
    shards: Vec<Shard>,
    members: HashMap<MemberId, Vec<Arc<Mailbox>>>,
    ended_sessions: HashMap<SessionId, Instant>,
    /// Open streams of readers who do not hear everything that is for the workspace.
    guests: usize,
    last_stream: u64,
    is_closing: bool,
}

/// The streams that one task writes to.
#[derive(Default)]
struct Shard {
    buckets: Vec<Listeners>,
    rooms: HashMap<RoomId, Listeners>,
}

impl Registry {
    /// Nobody listens yet.
    pub(super) fn new(bounds: Bounds, rights: AllRights, shards: usize) -> Self {
        let shard = || Shard { buckets: vec![Listeners::default(); BUCKETS], rooms: HashMap::new() };
        Self {
            epochs: bounds.epochs.clone().into(),
            bounds,
            tail: rights.at,
            rights: Rights::new(rights),
            shards: std::iter::repeat_with(shard).take(shards).collect(),
            members: HashMap::new(),
            ended_sessions: HashMap::new(),
            guests: 0,
            last_stream: 0,
            is_closing: false,
        }
    }

    /// What the log spanned when it was last asked.
    pub(super) const fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    /// Takes note of what the log spans now.
    pub(super) fn learn(&mut self, bounds: Bounds) {
        self.epochs = bounds.epochs.clone().into();
        self.bounds = bounds;
    }

    /// The epochs, for whoever encodes places without this lock.
    pub(super) fn epochs(&self) -> Epochs {
        Arc::clone(&self.epochs)
    }

    /// Every fact up to here is on its way to its listeners, in the shards' queues at least.
    pub(super) fn tail(&self) -> Offset {
        self.tail
    }

    /// The place of an offset.
    pub(super) fn cursor(&self, offset: Offset) -> Cursor {
        cursor_at(&self.epochs, offset).expect("Hub::start refuses a log without an epoch")
    }

    /// Counts the fact after the tail as fanned out, with what it changes in the rights.
    pub(super) fn advance(&mut self, offset: Offset, change: Option<RightsChange>) {
        self.tail = offset;
        let Some(change) = change else { return };
        match change {
            RightsChange::Joined { member, room } => {
                if self.rights.join(offset, member, room) {
                    let count = self.shards.len();
                    for mailbox in self.members.get(&member).into_iter().flatten() {
                        self.shards[shard_of(mailbox, count)].rooms.entry(room).or_default().add(mailbox);
                    }
                }
            }
            RightsChange::Left { member, room } => {
                if self.rights.leave(member, room) {
                    self.narrow(member, room);
                }
            }
            RightsChange::Standing(standing) => self.stand(standing),
            RightsChange::Shares(_) => {} // no right: see Inner::follow
            RightsChange::Banned { member } => {
                self.streams_of(member).for_each(|mailbox| mailbox.end(Order::Banned));
            }
        }
    }

    /// Takes a member's streams out of a room; they go on without it.
    fn narrow(&mut self, member: MemberId, room: RoomId) {
        let count = self.shards.len();
        for mailbox in self.members.get(&member).into_iter().flatten() {
            let rooms = &mut self.shards[shard_of(mailbox, count)].rooms;
            if let Some(listeners) = rooms.get_mut(&room) {
                listeners.remove(mailbox);
                if listeners.is_empty() {
                    rooms.remove(&room);
                }
            }
        }
    }

    /// Someone is something else now. What their streams may carry is another set: they end, and come back as what they
    /// are, or not at all.
    fn stand(&mut self, standing: Standing) {
        self.rights.stand(standing);
        for mailbox in self.streams_of(standing.member) {
            if let Some(order) = unfit(mailbox.reader, standing) {
                mailbox.end(order);
            }
        }
    }

    /// Registers a stream whose reader has everything up to `cursor`. From now on its mailbox gets what comes after the
    /// tail.
    pub(super) fn add(
        &mut self,
        reader: Reader,
        session: SessionId,
        expires_at_ms: i64,
        cursor: Offset,
    ) -> Arc<Mailbox> {
        self.last_stream += 1;
        let mailbox = Arc::new(Mailbox::new(self.last_stream, reader, session, expires_at_ms, cursor));
        if self.ended_sessions.contains_key(&session) {
            mailbox.end(Order::SessionEnded);
        } else if self.is_closing {
            mailbox.end(shutdown_order(mailbox.stream));
        } else if let Some(order) = self.rights.standing(reader.member).and_then(|standing| unfit(reader, standing)) {
            // It was authorised a moment before the change, or a moment before the change came here.
            mailbox.end(order);
        }
        self.guests += usize::from(!reader.hears_workspace());
        let count = self.shards.len();
        let shard = &mut self.shards[shard_of(&mailbox, count)];
        shard.buckets[bucket_of(&mailbox)].add(&mailbox);
        for room in self.rights.rooms_of(reader.member) {
            shard.rooms.entry(room).or_default().add(&mailbox);
        }
        self.members.entry(reader.member).or_default().push(Arc::clone(&mailbox));
        mailbox
    }

    /// Forgets a stream, which is closed already.
    pub(super) fn remove(&mut self, mailbox: &Mailbox) {
        self.guests -= usize::from(!mailbox.reader.hears_workspace());
        let count = self.shards.len();
        let shard = &mut self.shards[shard_of(mailbox, count)];
        shard.buckets[bucket_of(mailbox)].note_ended();
        for room in self.rights.rooms_of(mailbox.reader.member) {
            if let Some(listeners) = shard.rooms.get_mut(&room) {
                listeners.note_ended();
                if listeners.is_empty() {
                    shard.rooms.remove(&room);
                }
            }
        }
        if let Some(streams) = self.members.get_mut(&mailbox.reader.member) {
            streams.retain(|other| other.stream != mailbox.stream);
            if streams.is_empty() {
                self.members.remove(&mailbox.reader.member);
            }
        }
    }

    /// Who may hear a fact of this audience, about this, now, for each shard.
    pub(super) fn listeners(&self, audience: Audience, about: About) -> Vec<Vec<Snapshot>> {
        let of_shards = |lists: &dyn Fn(usize, &Shard) -> Vec<Snapshot>| {
            self.shards.iter().enumerate().map(|(at, shard)| lists(at, shard)).collect()
        };
        match audience {
            Audience::Workspace if self.guests == 0 => {
                of_shards(&|_, shard| shard.buckets.iter().map(Listeners::snapshot).collect())
            }
            Audience::Workspace => self.those(|reader| self.rights.hears_of(reader, about)),
            Audience::Room(room) => {
                of_shards(&|_, shard| shard.rooms.get(&room).map(Listeners::snapshot).into_iter().collect())
            }
            Audience::Admins => self.those(|reader| reader.role.is_admin()),
            Audience::Member(member) => self.streams_of_each(&[member]),
            Audience::Nobody => of_shards(&|_, _| Vec::new()),
        }
    }

    /// The streams of readers for whom this holds, for each shard.
    pub(super) fn those(&self, hears: impl Fn(Reader) -> bool) -> Vec<Vec<Snapshot>> {
        let of_shard = |shard: &Shard| {
            let streams = shard.buckets.iter().flat_map(Listeners::iter).filter(|mailbox| hears(mailbox.reader));
            vec![Arc::new(streams.cloned().collect())]
        };
        self.shards.iter().map(of_shard).collect()
    }

    /// The streams of these people, for each shard.
    pub(super) fn streams_of_each(&self, members: &[MemberId]) -> Vec<Vec<Snapshot>> {
        let count = self.shards.len();
        let of_shard = |at| {
            let own = members.iter().flat_map(|member| self.streams_of(*member));
            vec![Arc::new(own.filter(|mailbox| shard_of(mailbox, count) == at).cloned().collect())]
        };
        (0..count).map(of_shard).collect()
    }

    /// Whether anybody listens who does not hear everything that is for the workspace.
    pub(super) const fn has_guests(&self) -> bool {
        self.guests > 0
    }

    /// The people who listen and do not hear everything that is for the workspace.
    pub(super) fn guests(&self) -> impl Iterator<Item = MemberId> {
        let is_guest = |streams: &Vec<Arc<Mailbox>>| streams.iter().any(|mailbox| !mailbox.reader.hears_workspace());
        self.members.iter().filter(move |(_, streams)| is_guest(streams)).map(|(member, _)| *member)
    }

    /// How many streams hear a room.
    pub(super) fn streams_in(&self, room: RoomId) -> usize {
        self.shards.iter().filter_map(|shard| shard.rooms.get(&room)).map(Listeners::len).sum()
    }

    /// Says the last values again to the streams of readers for whom this holds.
    pub(super) fn renew_last_values(&self, of: impl Fn(Reader) -> bool) {
        self.all().filter(|mailbox| of(mailbox.reader)).for_each(|mailbox| mailbox.renew_last_values());
    }

    /// The streams of a bucket, for each shard.
    pub(super) fn bucket(&self, bucket: usize) -> impl Iterator<Item = Snapshot> {
        self.shards.iter().map(move |shard| shard.buckets[bucket].snapshot())
    }

    /// Ends the streams of a bucket whose session has expired, whose reader takes nothing, or that have lived for long.
    pub(super) fn reap(&self, bucket: usize, now: Instant, now_ms: i64, stall_limit: Duration) {
        for mailbox in self.shards.iter().flat_map(|shard| shard.buckets[bucket].iter()) {
            if now_ms >= mailbox.expires_at_ms() {
                mailbox.end(Order::SessionEnded);
            } else if mailbox.is_stalled(now, stall_limit) {
                mailbox.end(Order::Stalled);
            } else if now.duration_since(mailbox.opened_at) >= STREAM_LIFE {
                mailbox.end(Order::Renew { retry: spread_retry(mailbox.stream) });
            }
        }
    }

    /// Ends every stream of these sessions, and those that are about to register.
    pub(super) fn end_sessions(&mut self, sessions: &[SessionId], now: Instant) {
        self.ended_sessions.retain(|_, ended_at| now.duration_since(*ended_at) < ENDED_SESSION_MEMORY);
        self.ended_sessions.extend(sessions.iter().map(|session| (*session, now)));
        let ends = |mailbox: &&Arc<Mailbox>| sessions.contains(&mailbox.session);
        self.all().filter(ends).for_each(|mailbox| mailbox.end(Order::SessionEnded));
    }

    /// Puts off the end of the streams of these sessions.
    pub(super) fn renew_sessions(&self, renewed: &HashMap<SessionId, i64>) {
        if renewed.is_empty() {
            return;
        }
        for mailbox in self.all() {
            if let Some(&expires_at_ms) = renewed.get(&mailbox.session) {
                mailbox.renew(expires_at_ms);
            }
        }
    }

    /// Ends every stream, with retry times apart from each other, and those that are about to register.
    pub(super) fn close(&mut self) {
        self.is_closing = true;
        self.all().for_each(|mailbox| mailbox.end(shutdown_order(mailbox.stream)));
    }

    /// Ends every stream, because the log has lost rows that were not fanned out.
    pub(super) fn end_all_for_lost_rows(&self) {
        self.all().for_each(|mailbox| mailbox.end(Order::LogLost));
    }

    fn all(&self) -> impl Iterator<Item = &Arc<Mailbox>> {
        self.shards.iter().flat_map(|shard| &shard.buckets).flat_map(Listeners::iter)
    }

    /// The streams of a member.
    pub(super) fn streams_of(&self, member: MemberId) -> impl Iterator<Item = &Arc<Mailbox>> {
        self.members.get(&member).into_iter().flatten()
    }
}

/// Why a stream that was opened as `reader` cannot go on, if that is not what they are.
fn unfit(reader: Reader, standing: Standing) -> Option<Order> {
    if standing.active {
        (reader.role != standing.role).then_some(Order::RoleChanged)
    } else {
        Some(Order::Deactivated)
    }
}

/// Streams that follow each other tick one after the other, and only then come to the next shard.
fn bucket_of(mailbox: &Mailbox) -> usize {
    usize::try_from(mailbox.stream % BUCKETS as u64).expect("less than BUCKETS")
}

fn shard_of(mailbox: &Mailbox, count: usize) -> usize {
    usize::try_from(mailbox.stream / BUCKETS as u64 % count as u64).expect("less than the number of shards")
}

fn shutdown_order(stream: u64) -> Order {
    Order::Shutdown { retry: spread_retry(stream) }
}

/// Spreads retries evenly without randomness: multiples of the golden ratio never bunch up, whichever streams are left.
fn spread_retry(stream: u64) -> Duration {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let fraction = u128::from(stream.wrapping_mul(GOLDEN));
    let spread = u64::try_from((fraction * u128::from(RETRY_SPREAD_MS)) >> 64).expect("below the spread");
    Duration::from_millis(RETRY_MIN_MS + spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shutdown_retries_are_spread_evenly() {
        let retries: Vec<_> = (1..=1000).map(|stream| spread_retry(stream).as_millis()).collect();
        for tenth in 0..10 {
            let from = 500 + tenth * 200;
            let count = retries.iter().filter(|retry| (from..from + 200).contains(*retry)).count();
            assert!((95..=105).contains(&count), "{count} of 1000 come back in the tenth from {from} ms");
        }
    }
}
