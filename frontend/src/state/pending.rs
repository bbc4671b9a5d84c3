//! What was done here and can still be undone: it shows at once, and the server hears of it when six seconds have passed or
//! the room is left (`ux.md` §5 "Deleting", §15 "Rooms").
//!
//! An act that the server has not heard of yet is no fact: it changes what is drawn, never the replica. When the server does
//! not answer it is told again with the next connection, since each of these acts may be told twice.

use shared::id::{MessageId, RoomId};

use super::time::Moment;

/// How long an act can be undone, in milliseconds.
pub const UNDO_MS: u64 = 6_000;

/// How long an act whose answer did not come waits before it is told again, in milliseconds.
const AGAIN_MS: u64 = 5_000;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// A message of one's own was deleted.
    Delete {
        /// Where it stands.
        room: RoomId,
        /// The message.
        message: MessageId,
    },
    /// The room was left.
    Leave(RoomId),
    /// The room was archived.
    Archive(RoomId),
}

impl Act {
    /// The room it was done in.
    #[must_use]
    pub fn room(self) -> RoomId {
        match self {
            Self::Delete { room, .. } | Self::Leave(room) | Self::Archive(room) => room,
        }
    }
}

/// What became of an act that the server was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It is done.
    Done,
    /// No answer, or a fault of the server's: again later.
    Later,
    /// Refused: it never happened.
    Refused,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Can be undone until then (monotonic ms).
    Open(u64),
    /// The server is being told.
    Telling,
    /// The server is to be told again then (monotonic ms).
    Again(u64),
    /// It is done; the fact that says so is on its way.
    Told,
}

/// The acts of which the server has not confirmed that they are done, in the order they were done in.
#[derive(Debug, Default)]
pub struct Pending(Vec<(Act, Stage)>);

impl Pending {
    /// Something was done. Done twice, it is done once.
    pub fn begin(&mut self, act: Act, now: Moment) {
        if self.stage(act).is_none() {
            self.0.push((act, Stage::Open(now.mono_ms + UNDO_MS)));
        }
    }

    /// The seconds for which an act can still be undone, rounded up. `None`: it was not done. `Some(None)`: not any more.
    #[must_use]
    pub fn undo_s(&self, act: Act, now: Moment) -> Option<Option<u32>> {
        let stage = self.stage(act)?;
        Some(match stage {
            Stage::Open(until) if until > now.mono_ms => u32::try_from((until - now.mono_ms).div_ceil(1_000)).ok(),
            _ => None,
        })
    }

    /// Takes back what was done last in a room, if it still can be. Returns what it was.
    pub fn undo_last(&mut self, room: RoomId) -> Option<Act> {
        let open = |(act, stage): &(Act, Stage)| act.room() == room && matches!(stage, Stage::Open(_));
        let at = self.0.iter().rposition(open)?;
        Some(self.0.remove(at).0)
    }

    /// Takes back one act, if it still can be.
    pub fn undo(&mut self, act: Act) {
        self.0.retain(|(done, stage)| *done != act || !matches!(stage, Stage::Open(_)));
    }

    /// The room is left, or the page goes away: nothing in it can be undone any more.
    pub fn seal(&mut self, room: Option<RoomId>) {
        for (act, stage) in &mut self.0 {
            if room.is_none_or(|room| act.room() == room)
                && let Stage::Open(until) = stage
            {
                *until = 0;
            }
        }
    }

    /// A connection is there: what was not answered is told again.
    pub fn retry(&mut self) {
        for (_, stage) in &mut self.0 {
            if let Stage::Again(at) = stage {
                *at = 0;
            }
        }
    }

    /// The acts that the server is to be told now.
    pub fn take_due(&mut self, now: Moment) -> Vec<Act> {
        let mut due = Vec::new();
        for (act, stage) in &mut self.0 {
            if let Stage::Open(at) | Stage::Again(at) = *stage
                && at <= now.mono_ms
            {
                *stage = Stage::Telling;
                due.push(*act);
            }
        }
        due
    }

    /// The server was told.
    pub fn answered(&mut self, act: Act, told: Told, now: Moment) {
        let next = match told {
            // What is drawn stays until the fact is here.
            Told::Done => Stage::Told,
            Told::Later => Stage::Again(now.mono_ms + AGAIN_MS),
            Told::Refused => return self.forget(act),
        };
        for (done, stage) in &mut self.0 {
            if *done == act {
                *stage = next;
            }
        }
    }

    /// Everything is read anew: what the server has done is in it.
    pub fn forget_told(&mut self) {
        self.0.retain(|(_, stage)| *stage != Stage::Told);
    }

    /// A fact says that it has happened.
    pub fn forget(&mut self, act: Act) {
        self.0.retain(|(done, _)| *done != act);
    }

    /// The room is not the person's any more.
    pub fn forget_room(&mut self, room: RoomId) {
        self.0.retain(|(done, _)| done.room() != room);
    }

    /// When something changes by the mere passing of time (monotonic ms): an act is due, or a second less is left.
    #[must_use]
    pub fn next_wake(&self, now: Moment) -> Option<u64> {
        let at = |(_, stage): &(Act, Stage)| match *stage {
            Stage::Open(until) if until > now.mono_ms => Some(until - (until - now.mono_ms - 1) / 1_000 * 1_000),
            Stage::Open(until) | Stage::Again(until) => Some(until),
            Stage::Telling | Stage::Told => None,
        };
        self.0.iter().filter_map(at).min()
    }

    fn stage(&self, act: Act) -> Option<Stage> {
        self.0.iter().find(|(done, _)| *done == act).map(|(_, stage)| *stage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(number: u8) -> RoomId {
        RoomId::from_entropy([number; 12])
    }

    fn delete(number: u8) -> Act {
        Act::Delete { room: room(1), message: MessageId::from_entropy([number; 12]) }
    }

    fn at(mono_ms: u64) -> Moment {
        Moment { mono_ms, wall_ms: 0 }
    }

    #[test]
    fn the_server_hears_after_six_seconds() {
        let mut pending = Pending::default();
        pending.begin(delete(1), at(100));
        pending.begin(delete(1), at(3_000));
        assert_eq!(pending.undo_s(delete(1), at(100)), Some(Some(6)));
        assert_eq!(pending.next_wake(at(100)), Some(1_100));
        assert_eq!(pending.undo_s(delete(1), at(1_100)), Some(Some(5)));
        assert_eq!(pending.undo_s(delete(1), at(6_099)), Some(Some(1)));
        assert_eq!(pending.next_wake(at(6_099)), Some(6_100));
        assert!(pending.take_due(at(6_099)).is_empty());
        assert_eq!(pending.take_due(at(6_100)), [delete(1)]);
        assert_eq!(pending.undo_s(delete(1), at(6_100)), Some(None));
        assert_eq!((pending.undo_last(room(1)), pending.next_wake(at(6_100))), (None, None));
        pending.answered(delete(1), Told::Done, at(6_200));
        assert_eq!(pending.undo_s(delete(1), at(6_200)), Some(None), "until the fact is here");
        pending.forget(delete(1));
        assert_eq!(pending.undo_s(delete(1), at(6_300)), None);
    }

    #[test]
    fn undoing_takes_the_last_one_back_and_the_server_never_hears() {
        let mut pending = Pending::default();
        pending.begin(delete(1), at(0));
        pending.begin(delete(2), at(10));
        pending.begin(Act::Leave(room(2)), at(20));
        assert_eq!(pending.undo_last(room(1)), Some(delete(2)));
        pending.undo(Act::Leave(room(2)));
        assert_eq!(pending.take_due(at(60_000)), [delete(1)]);
    }

    #[test]
    fn leaving_the_room_ends_the_time_to_undo() {
        let mut pending = Pending::default();
        pending.begin(delete(1), at(0));
        pending.begin(Act::Archive(room(2)), at(0));
        pending.seal(Some(room(1)));
        assert_eq!(pending.take_due(at(1)), [delete(1)]);
        pending.seal(None);
        assert_eq!(pending.take_due(at(1)), [Act::Archive(room(2))]);
    }

    #[test]
    fn without_an_answer_it_is_told_again() {
        let mut pending = Pending::default();
        pending.begin(delete(1), at(0));
        assert_eq!(pending.take_due(at(6_000)), [delete(1)]);
        pending.answered(delete(1), Told::Later, at(6_500));
        assert_eq!(pending.next_wake(at(6_500)), Some(11_500));
        assert!(pending.take_due(at(7_000)).is_empty());
        pending.retry();
        assert_eq!(pending.take_due(at(7_000)), [delete(1)]);
        pending.answered(delete(1), Told::Refused, at(8_000));
        assert_eq!(pending.undo_s(delete(1), at(8_000)), None);
    }
}
