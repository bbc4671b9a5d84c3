//! Messages on their way: written here, not known to be in the log yet (`ux.md` §5).
//!
//! The rules, as plain data: in each room one message is in flight at a time, in the order they were written; a try
//! that failed is repeated with the same client id, so that it cannot become two messages; nothing is sent before it is
//! kept on this device. What is to be kept, forgotten and sent comes out as [`Step`]s, which the driver carries out.
//! One outbox is one account's: another account gets another outbox.

mod kept;

use std::sync::Arc;

use shared::{
    cursor::Offset,
    id::{ClientId, RoomId},
};

pub use self::kept::{Account, Kept};
use super::{
    time::{Moment, earlier},
    view::{Failure, Status},
};

/// Waits between tries in milliseconds; the last one repeats.
const RETRY_MS: [u64; 4] = [1_000, 2_000, 4_000, 8_000];

/// Without success for this long while the stream is live, a message is given up, in milliseconds.
const GIVE_UP_MS: u64 = 30_000;

/// An answer that takes longer than this, in milliseconds, is shown by quiet ink.
const SLOW_MS: u64 = 400;

/// A message that waited longer than this, in milliseconds, is not sent without asking.
const STALE_MS: i64 = 24 * 60 * 60 * 1_000;

/// What the driver has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Keep this on the device, then say [`Outbox::stored`].
    Keep(Kept),
    /// Forget what was kept under this name.
    Forget(ClientId),
    /// Post this, then say [`Outbox::answered`].
    Post {
        /// Where to.
        room: RoomId,
        /// The idempotency key.
        client_id: ClientId,
        /// The text.
        body: Arc<str>,
    },
}

/// How a post ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the log, at this offset.
    Posted(Offset),
    /// No answer, a time-out, or the server's own fault: perhaps it is in the log, perhaps not.
    Unknown {
        /// The server's wish for the next try, in milliseconds.
        wait_ms: Option<u64>,
    },
    /// Too many at once. Counts as no try.
    Limited {
        /// How long to wait, in milliseconds.
        wait_ms: u64,
    },
    /// Nobody is signed in. It stays, for the same person.
    SignedOut,
    /// It will never be accepted like this.
    Refused(Failure),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Being kept on the device; not sent before.
    Storing,
    /// Will be sent at this time at the earliest.
    Waiting { from: u64 },
    /// Asked for, not answered.
    InFlight,
    /// In the log; the row stays until the fact has come by the stream.
    Posted(Offset),
    /// Given up; the person decides.
    Failed(Failure),
}

/// A message on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The idempotency key, and the row's name on screen.
    pub client_id: ClientId,
    /// Where to.
    pub room: RoomId,
    /// The text.
    pub body: Arc<str>,
    /// When it was written, in Unix milliseconds.
    pub written_ms: i64,
    order: u64,
    stage: Stage,
    tries: usize,
    /// When it was first asked for on the stream that is live now.
    trying_since: Option<u64>,
    /// When it was written or tried again, on the monotonic clock.
    begun_at: u64,
}

impl Item {
    /// What the row shows. `live`: the stream is open.
    #[must_use]
    pub fn status(&self, now: Moment, live: bool) -> Status {
        match self.stage {
            Stage::Posted(_) => Status::Sent,
            Stage::Failed(failure) => Status::Failed(failure),
            // Without a stream a first try may still succeed; after it failed, the message waits.
            Stage::Waiting { .. } if !live => Status::Queued,
            Stage::InFlight if !live && self.tries > 0 => Status::Queued,
            _ if now.mono_ms.saturating_sub(self.begun_at) < SLOW_MS => Status::Sending,
            _ => Status::Slow,
        }
    }

    fn kept(&self) -> Kept {
        let failed = if let Stage::Failed(failure) = self.stage { Some(failure) } else { None };
        Kept {
            client_id: self.client_id,
            room: self.room,
            body: self.body.to_string(),
            written_ms: self.written_ms,
            order: self.order,
            failed,
        }
    }
}

/// All messages on their way, in the order they were written.
#[derive(Debug, Clone, Default)]
pub struct Outbox {
    items: Vec<Item>,
    steps: Vec<Step>,
    live: bool,
    /// Nobody is signed in: nothing is sent.
    paused: bool,
    /// The server asked for patience until then.
    limited_until: u64,
}

impl Outbox {
    /// Takes in what was kept on the device by an earlier page.
    pub fn restore(&mut self, kept: Vec<Kept>, now: Moment) {
        for kept in kept {
            if self.items.iter().any(|item| item.client_id == kept.client_id) {
                continue;
            }
            let stage = kept.failed.map_or(Stage::Waiting { from: now.mono_ms }, Stage::Failed);
            // Something may have been written while the device was being read.
            let place = (kept.order, kept.client_id);
            let at = self.items.partition_point(|item| (item.order, item.client_id) < place);
            let item = Item {
                client_id: kept.client_id,
                room: kept.room,
                body: kept.body.into(),
                written_ms: kept.written_ms,
                order: kept.order,
                stage,
                tries: 0,
                trying_since: None,
                begun_at: now.mono_ms,
            };
            self.items.insert(at, item);
        }
    }

    /// Takes in a message that was just written.
    pub fn write(&mut self, room: RoomId, client_id: ClientId, body: &str, now: Moment) {
        // By the clock, so that what two pages of this account keep can be put in order; never backwards.
        let after_last = self.items.iter().map(|item| item.order + 1).max().unwrap_or_default();
        let order = after_last.max(u64::try_from(now.wall_ms).unwrap_or_default());
        let item = Item {
            client_id,
            room,
            body: body.into(),
            written_ms: now.wall_ms,
            order,
            stage: Stage::Storing,
            tries: 0,
            trying_since: None,
            begun_at: now.mono_ms,
        };
        self.steps.push(Step::Keep(item.kept()));
        self.items.push(item);
    }

    /// The texts that are not in the log yet.
    pub fn texts(&self) -> impl Iterator<Item = String> + '_ {
        let waits = |item: &&Item| !matches!(item.stage, Stage::Posted(_));
        self.items.iter().filter(waits).map(|item| item.body.to_string())
    }

    /// A message is kept on the device (or cannot be, and lives in this page alone): it may be sent.
    pub fn stored(&mut self, client_id: ClientId, now: Moment) {
        if let Some(item) = self.find(client_id)
            && item.stage == Stage::Storing
        {
            item.stage = Stage::Waiting { from: now.mono_ms };
        }
    }

    /// A post was answered, or will not be.
    pub fn answered(&mut self, client_id: ClientId, outcome: Outcome, now: Moment) {
        let limited = &mut self.limited_until;
        let Some(item) = self.items.iter_mut().find(|item| item.client_id == client_id) else { return };
        if item.stage != Stage::InFlight {
            return;
        }
        match outcome {
            Outcome::Posted(offset) => {
                item.stage = Stage::Posted(offset);
                self.steps.push(Step::Forget(client_id));
            }
            Outcome::Unknown { wait_ms } => {
                let step = RETRY_MS[item.tries.min(RETRY_MS.len() - 1)];
                item.tries += 1;
                item.stage = Stage::Waiting { from: now.mono_ms + wait_ms.unwrap_or(0).max(step) };
            }
            Outcome::Limited { wait_ms } => {
                *limited = now.mono_ms + wait_ms;
                item.trying_since = None;
                item.stage = Stage::Waiting { from: *limited };
            }
            Outcome::SignedOut => {
                item.trying_since = None;
                item.stage = Stage::Waiting { from: now.mono_ms };
                self.paused = true;
            }
            Outcome::Refused(failure) => self.fail(client_id, failure),
        }
    }

    /// The fact of a message came by the stream or with a page: it is the reader's own from here on.
    pub fn arrived(&mut self, client_id: ClientId) {
        if let Some(at) = self.items.iter().position(|item| item.client_id == client_id) {
            let item = self.items.remove(at);
            if !matches!(item.stage, Stage::Posted(_)) {
                self.steps.push(Step::Forget(client_id));
            }
        }
    }

    /// Every fact up to `cursor` has been received: messages posted before it need no row here any more.
    pub fn caught_up(&mut self, cursor: Offset) {
        self.items.retain(|item| !matches!(item.stage, Stage::Posted(offset) if offset <= cursor));
    }

    /// The stream is open: everything that waits is tried now, with a new half minute.
    pub fn connected(&mut self, now: Moment) {
        (self.live, self.paused) = (true, false);
        for item in &mut self.items {
            item.trying_since = None;
            if let Stage::Waiting { from } = &mut item.stage {
                *from = self.limited_until.max(now.mono_ms);
                item.tries = 0;
            }
        }
    }

    /// The stream is gone: nothing is given up meanwhile.
    pub fn disconnected(&mut self) {
        self.live = false;
        for item in &mut self.items {
            item.trying_since = None;
        }
    }

    /// Sends nothing until [`connected`](Self::connected): the session has ended.
    pub fn pause(&mut self) {
        self.live = false;
        self.paused = true;
    }

    /// The person wants a message that was given up to be tried again.
    pub fn retry(&mut self, client_id: ClientId, now: Moment) {
        let Some(item) = self.find(client_id) else { return };
        if !matches!(item.stage, Stage::Failed(_)) {
            return;
        }
        item.stage = Stage::Storing;
        // Asked for anew: the clock of a message that waited too long begins again.
        item.written_ms = now.wall_ms;
        item.begun_at = now.mono_ms;
        item.tries = 0;
        item.trying_since = None;
        let kept = item.kept();
        self.steps.push(Step::Keep(kept));
    }

    /// The person does not want a message any more. Returns its text.
    pub fn take_back(&mut self, client_id: ClientId) -> Option<Arc<str>> {
        let at = self.items.iter().position(|item| item.client_id == client_id)?;
        let item = self.items.remove(at);
        self.steps.push(Step::Forget(client_id));
        Some(item.body)
    }

    /// Whether a message that was given up lies in this room.
    #[must_use]
    pub fn has_failed(&self, room: RoomId) -> bool {
        self.items.iter().any(|item| item.room == room && matches!(item.stage, Stage::Failed(_)))
    }

    /// How many messages wait to be sent, those that were given up included.
    #[must_use]
    pub fn unsent(&self) -> usize {
        self.items.len()
    }

    /// The messages on their way to a room, in the order they were written.
    pub fn of_room(&self, room: RoomId) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(move |item| item.room == room)
    }

    /// Everything that is to be done at `now`, in order.
    pub fn take_steps(&mut self, now: Moment) -> Vec<Step> {
        self.give_up(now);
        if !self.paused {
            self.start_posts(now);
        }
        std::mem::take(&mut self.steps)
    }

    /// When [`take_steps`](Self::take_steps) or a row's status changes by the mere passing of time.
    #[must_use]
    pub fn next_wake(&self, now: Moment) -> Option<u64> {
        let of_item = |item: &Item| {
            let slow_at = Some(item.begun_at + SLOW_MS).filter(|&at| at > now.mono_ms);
            let (send_at, give_up_at) = match item.stage {
                Stage::Waiting { from } if !self.paused && self.is_first(item) => {
                    (Some(from.max(self.limited_until)), item.trying_since.map(|since| since + GIVE_UP_MS))
                }
                Stage::Waiting { .. } | Stage::InFlight | Stage::Storing => (None, None),
                Stage::Posted(_) | Stage::Failed(_) => return None,
            };
            let soon = earlier(send_at, give_up_at).map(|at| at.max(now.mono_ms));
            earlier(soon, slow_at)
        };
        self.items.iter().filter_map(of_item).min()
    }

    fn find(&mut self, client_id: ClientId) -> Option<&mut Item> {
        self.items.iter_mut().find(|item| item.client_id == client_id)
    }

    fn fail(&mut self, client_id: ClientId, failure: Failure) {
        if let Some(item) = self.find(client_id) {
            item.stage = Stage::Failed(failure);
            let kept = item.kept();
            self.steps.push(Step::Keep(kept));
        }
    }

    fn give_up(&mut self, now: Moment) {
        let overdue = |item: &&Item| {
            self.live
                && matches!(item.stage, Stage::Waiting { .. })
                && item.trying_since.is_some_and(|since| now.mono_ms >= since + GIVE_UP_MS)
        };
        let given_up: Vec<ClientId> = self.items.iter().filter(overdue).map(|item| item.client_id).collect();
        for client_id in given_up {
            self.fail(client_id, Failure::NoAnswer);
        }
    }

    fn start_posts(&mut self, now: Moment) {
        let due = |item: &&Item| {
            matches!(item.stage, Stage::Waiting { from } if from.max(self.limited_until) <= now.mono_ms)
                && self.is_first(item)
        };
        let starting: Vec<ClientId> = self.items.iter().filter(due).map(|item| item.client_id).collect();
        for client_id in starting {
            let live = self.live;
            let Some(item) = self.find(client_id) else { continue };
            if now.wall_ms.saturating_sub(item.written_ms) > STALE_MS {
                self.fail(client_id, Failure::Stale);
                continue;
            }
            item.stage = Stage::InFlight;
            if live {
                item.trying_since.get_or_insert(now.mono_ms);
            }
            let step = Step::Post { room: item.room, client_id, body: item.body.clone() };
            self.steps.push(step);
        }
    }

    /// Whether nothing written earlier to the same room is still to be answered.
    fn is_first(&self, item: &Item) -> bool {
        let undone = |other: &&Item| !matches!(other.stage, Stage::Posted(_) | Stage::Failed(_));
        self.of_room(item.room).find(undone).is_none_or(|first| first.client_id == item.client_id)
    }
}

#[cfg(test)]
mod tests;
