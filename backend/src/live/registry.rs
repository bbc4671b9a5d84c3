//! Who listens, what they may hear, and how far the fan-out has come: the one state that tail, ticker and streams share.
//!
//! All of it is under one lock, because the three belong together: a stream that registers learns a tail, and gets every
//! fact after exactly that tail. A critical section touches each listener of one event at most once and does no IO.

use std::{collections::HashMap, sync::Arc, time::Duration};

use shared::{
    cursor::{Cursor, Offset},
    id::{MemberId, SessionId},
};
use tokio::time::Instant;

use super::{
    ending::Order,
    log::{Bounds, Right, RightsChange},
    mailbox::{Item, Mailbox},
    resume::cursor_at,
    rights::{Reader, Rights},
};
use crate::domain::audience::Audience;

/// Streams are spread over this many buckets, one for each step of the ticker between two heartbeats.
pub(super) const BUCKETS: usize = 60;

/// How long an ended session is remembered. A request that was authorised just before may register just after.
const ENDED_SESSION_MEMORY: Duration = Duration::from_secs(60);

/// Retry times of a shutdown are spread from here …
const SHUTDOWN_RETRY_MIN_MS: u64 = 500;

/// … over this much: a node takes about a second to come back, and its readers come back over two.
const SHUTDOWN_RETRY_SPREAD_MS: u64 = 2_000;

/// See the module.
pub(super) struct Registry {
    /// What the log spanned when it was last asked.
    pub(super) bounds: Bounds,
    /// Who is in which room, as of `tail`.
    pub(super) rights: Rights,
    tail: Offset,
    buckets: Vec<HashMap<u64, Arc<Mailbox>>>,
    members: HashMap<MemberId, Vec<Arc<Mailbox>>>,
    ended_sessions: HashMap<SessionId, Instant>,
    last_stream: u64,
    is_closing: bool,
}

impl Registry {
    /// Nobody listens yet.
    pub(super) fn new(bounds: Bounds, tail: Offset, rights: Vec<Right>) -> Self {
        Self {
            bounds,
            rights: Rights::new(rights),
            tail,
            buckets: vec![HashMap::new(); BUCKETS],
            members: HashMap::new(),
            ended_sessions: HashMap::new(),
            last_stream: 0,
            is_closing: false,
        }
    }

    /// Every fact up to here has been put into the mailboxes of its listeners.
    pub(super) fn tail(&self) -> Offset {
        self.tail
    }

    /// The place of an offset.
    pub(super) fn cursor(&self, offset: Offset) -> Cursor {
        cursor_at(&self.bounds.epochs, offset).expect("Hub::start refuses a log without an epoch")
    }

    /// Counts the fact after the tail as fanned out, with what it changes in the rights.
    pub(super) fn advance(&mut self, offset: Offset, change: Option<RightsChange>) {
        self.tail = offset;
        if let Some(change) = change {
            self.rights.fold(offset, change);
        }
    }

    /// Registers a stream. From now on its mailbox gets what comes after the tail.
    pub(super) fn add(&mut self, reader: Reader, session: SessionId, expires_at_ms: i64) -> Arc<Mailbox> {
        self.last_stream += 1;
        let mailbox = Arc::new(Mailbox::new(self.last_stream, reader, session, expires_at_ms));
        if self.ended_sessions.contains_key(&session) {
            mailbox.end(Order::SessionEnded);
        } else if self.is_closing {
            mailbox.end(shutdown_order(mailbox.stream));
        }
        self.buckets[bucket_of(&mailbox)].insert(mailbox.stream, Arc::clone(&mailbox));
        self.members.entry(reader.member).or_default().push(Arc::clone(&mailbox));
        mailbox
    }

    /// Forgets a stream.
    pub(super) fn remove(&mut self, mailbox: &Mailbox) {
        self.buckets[bucket_of(mailbox)].remove(&mailbox.stream);
        if let Some(streams) = self.members.get_mut(&mailbox.reader.member) {
            streams.retain(|other| other.stream != mailbox.stream);
            if streams.is_empty() {
                self.members.remove(&mailbox.reader.member);
            }
        }
    }

    /// Calls `deliver` for the mailbox of every stream that may hear a fact of this audience now.
    pub(super) fn each_listener(&self, audience: Audience, mut deliver: impl FnMut(&Mailbox)) {
        match audience {
            Audience::Workspace => self.all().for_each(deliver),
            Audience::Admins => self.all().filter(|mailbox| mailbox.reader.is_admin).for_each(deliver),
            Audience::Member(member) => self.streams_of(member).for_each(deliver),
            Audience::Nobody => {}
            Audience::Room(room) => {
                let Some(members) = self.rights.members(room) else { return };
                // A large room with few people here, or a small room with many people elsewhere: the shorter side leads.
                if members.len() <= self.members.len() {
                    members.keys().flat_map(|member| self.streams_of(*member)).for_each(deliver);
                } else {
                    let here = self.members.iter().filter(|(member, _)| members.contains_key(*member));
                    here.flat_map(|(_, streams)| streams).for_each(|mailbox| deliver(mailbox));
                }
            }
        }
    }

    /// Puts a tick into every mailbox of a bucket. The tail is read under the same lock that facts are put in under, so
    /// the tick comes after each of them.
    pub(super) fn tick(&self, bucket: usize, limit_bytes: usize, now: Instant) {
        for mailbox in self.buckets[bucket].values() {
            mailbox.push(Item::Tick { upto: self.tail }, limit_bytes, now);
        }
    }

    /// Ends the streams of a bucket whose session has expired or whose reader takes nothing.
    pub(super) fn reap(&self, bucket: usize, now: Instant, now_ms: i64, stall_limit: Duration) {
        for mailbox in self.buckets[bucket].values() {
            if now_ms >= mailbox.expires_at_ms {
                mailbox.end(Order::SessionEnded);
            } else if mailbox.is_stalled(now, stall_limit) {
                mailbox.end(Order::Stalled);
            }
        }
    }

    /// Ends every stream of a session, and those that are about to register.
    pub(super) fn end_session(&mut self, session: SessionId, now: Instant) {
        self.ended_sessions.retain(|_, ended_at| now.duration_since(*ended_at) < ENDED_SESSION_MEMORY);
        self.ended_sessions.insert(session, now);
        self.all().filter(|mailbox| mailbox.session == session).for_each(|mailbox| mailbox.end(Order::SessionEnded));
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

    fn all(&self) -> impl Iterator<Item = &Mailbox> {
        self.buckets.iter().flat_map(HashMap::values).map(Arc::as_ref)
    }

    pub(super) fn streams_of(&self, member: MemberId) -> impl Iterator<Item = &Mailbox> {
        self.members.get(&member).into_iter().flatten().map(Arc::as_ref)
    }
}

fn bucket_of(mailbox: &Mailbox) -> usize {
    usize::try_from(mailbox.stream % BUCKETS as u64).expect("less than BUCKETS")
}

/// Spreads retries evenly without randomness: multiples of the golden ratio never bunch up, whichever streams are left.
fn shutdown_order(stream: u64) -> Order {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let fraction = u128::from(stream.wrapping_mul(GOLDEN));
    let spread = u64::try_from((fraction * u128::from(SHUTDOWN_RETRY_SPREAD_MS)) >> 64).expect("below the spread");
    Order::Shutdown { retry: Duration::from_millis(SHUTDOWN_RETRY_MIN_MS + spread) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shutdown_retries_are_spread_evenly() {
        let retries: Vec<_> = (1..=1000)
            .map(|stream| match shutdown_order(stream) {
                Order::Shutdown { retry } => retry.as_millis(),
                order => panic!("{order:?}"),
            })
            .collect();
        for tenth in 0..10 {
            let from = 500 + tenth * 200;
            let count = retries.iter().filter(|retry| (from..from + 200).contains(*retry)).count();
            assert!((95..=105).contains(&count), "{count} of 1000 come back in the tenth from {from} ms");
        }
    }
}
