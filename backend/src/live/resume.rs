//! Where a stream begins: what the client says it has, held against what the log spans (PROTOCOL §3). Pure.
//!
//! A cursor `epoch.offset` holds if its epoch is known and the offset lies before the next epoch's start. So a restart
//! changes nothing for a reader, and a database that went back to an older copy, by whatever means, is noticed: the
//! epochs begun after that copy are unknown, and what was counted beyond it lies behind the next epoch's start.

use std::time::Duration;

use shared::{
    cursor::{Cursor, Epoch, Offset},
    stream::Resume,
};

use super::log::Bounds;

/// How long an `EventSource` waits before it connects again, unless `bye` says otherwise: long enough for a restart, short
/// enough to be no outage.
pub const RETRY: Duration = Duration::from_secs(2);

/// What a client says about where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Nothing: it wants what happens from now on.
    Now,
    /// It has everything up to here.
    After(Cursor),
    /// Something that is no cursor. Answered with `reset`, never with an error status.
    Unreadable,
}

/// How a stream continues, and after which offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decision {
    /// What `hello` says.
    pub(super) resume: Resume,
    /// Everything up to here the reader has, or is told to load.
    pub(super) from: Offset,
}

/// Decides how a stream continues when everything up to `tail` has been fanned out.
///
/// The log itself may be a little ahead of the tail, and a client may know so (from a snapshot, or from its own post):
/// such a cursor is as good as live, what lies between is not sent again.
pub(super) fn decide(bounds: &Bounds, tail: Offset, start: Start) -> Decision {
    let reset = Decision { resume: Resume::Reset, from: tail };
    match start {
        Start::Now => Decision { resume: Resume::Live, from: tail },
        Start::Unreadable => reset,
        Start::After(cursor) if !is_valid(bounds, tail, cursor) => reset,
        Start::After(cursor) if cursor.offset < tail => Decision { resume: Resume::Replay, from: cursor.offset },
        Start::After(cursor) => Decision { resume: Resume::Live, from: cursor.offset },
    }
}

fn is_valid(bounds: &Bounds, tail: Offset, cursor: Cursor) -> bool {
    let Some(at) = bounds.epochs.iter().position(|(epoch, _)| *epoch == cursor.epoch) else {
        return false;
    };
    let before_next_epoch = bounds.epochs.get(at + 1).is_none_or(|(_, start)| cursor.offset < *start);
    let within_retention = cursor.offset.next() >= bounds.oldest;
    before_next_epoch && within_retention && cursor.offset <= bounds.head.max(tail)
}

/// The place of a fact: its offset in the epoch it belongs to, which need not be the one current when it is read. Offset
/// 0, before the first fact, belongs where fact 1 does.
///
/// The log begins an epoch before its first fact; without any, there is no place.
pub(super) fn cursor_at(epochs: &[(Epoch, Offset)], offset: Offset) -> Option<Cursor> {
    let begun = epochs.partition_point(|(_, start)| *start <= offset.max(Offset(1)));
    epochs[..begun].last().map(|(epoch, _)| Cursor { epoch: *epoch, offset })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    /// Epoch `a` from 1, `b` from 11, `c` owns nothing, `d` from 21; rows 5 to 30, of which 28 have been fanned out.
    fn bounds() -> Bounds {
        let epoch = |text: &str| text.parse::<Epoch>().unwrap();
        let epochs = [("aaaaaaaa", 1), ("bbbbbbbb", 11), ("cccccccc", 21), ("dddddddd", 21)];
        Bounds {
            oldest: Offset(5),
            head: Offset(30),
            epochs: epochs.map(|(name, start)| (epoch(name), Offset(start))).to_vec(),
        }
    }

    #[test]
    fn a_cursor_is_accepted_exactly_when_nothing_can_have_been_lost() {
        let check = |cursor: &str, resume, from| {
            let start = Start::After(cursor.parse().unwrap());
            assert_eq!(decide(&bounds(), Offset(28), start), Decision { resume, from: Offset(from) }, "{cursor}");
        };
        check("aaaaaaaa.3", Resume::Reset, 28); // row 4 is gone
        check("aaaaaaaa.4", Resume::Replay, 4); // row 5 is the next
        check("aaaaaaaa.10", Resume::Replay, 10); // the last of its epoch
        check("aaaaaaaa.11", Resume::Reset, 28); // counted by a log that went another way
        check("bbbbbbbb.11", Resume::Replay, 11);
        check("bbbbbbbb.20", Resume::Replay, 20);
        check("bbbbbbbb.21", Resume::Reset, 28);
        check("cccccccc.20", Resume::Replay, 20); // an epoch without facts adds nothing and loses nothing
        check("cccccccc.21", Resume::Reset, 28);
        check("dddddddd.27", Resume::Replay, 27);
        check("dddddddd.28", Resume::Live, 28);
        check("dddddddd.30", Resume::Live, 30); // committed, not fanned out yet, known from a snapshot
        check("dddddddd.31", Resume::Reset, 28); // ahead of everything
        check("zzzzzzzz.28", Resume::Reset, 28);
        check("dddddddd.0", Resume::Reset, 28);
        check("dddddddd.9007199254740991", Resume::Reset, 28);
    }

    #[test]
    fn no_cursor_means_now_and_nonsense_means_reset() {
        let decided = |start| decide(&bounds(), Offset(28), start);
        assert_eq!(decided(Start::Now), Decision { resume: Resume::Live, from: Offset(28) });
        assert_eq!(decided(Start::Unreadable), Decision { resume: Resume::Reset, from: Offset(28) });
    }

    #[test]
    fn the_head_of_an_old_epoch_is_live_after_a_restart() {
        let mut bounds = bounds();
        bounds.epochs.push(("eeeeeeee".parse().unwrap(), Offset(31)));
        let at_head = Start::After("dddddddd.30".parse().unwrap());
        assert_eq!(decide(&bounds, Offset(30), at_head), Decision { resume: Resume::Live, from: Offset(30) });
        assert_eq!(cursor_at(&bounds.epochs, Offset(30)).unwrap().to_string(), "dddddddd.30");
        assert_eq!(cursor_at(&bounds.epochs, Offset(31)).unwrap().to_string(), "eeeeeeee.31");
    }

    #[test]
    fn an_empty_log_has_a_place_too() {
        let epochs = vec![("aaaaaaaa".parse().unwrap(), Offset(1)), ("bbbbbbbb".parse().unwrap(), Offset(1))];
        let bounds = Bounds { oldest: Offset(1), head: Offset(0), epochs };
        assert_eq!(cursor_at(&bounds.epochs, Offset(0)).unwrap().to_string(), "bbbbbbbb.0");
        for before_the_first in ["aaaaaaaa.0", "bbbbbbbb.0"] {
            let start = Start::After(before_the_first.parse().unwrap());
            assert_eq!(decide(&bounds, Offset(0), start), Decision { resume: Resume::Live, from: Offset(0) });
        }
    }

    #[test]
    fn a_facts_epoch_is_that_of_its_offset() {
        let check = |offset, expected| {
            assert_eq!(cursor_at(&bounds().epochs, Offset(offset)).unwrap().to_string(), expected);
        };
        check(0, "aaaaaaaa.0");
        check(10, "aaaaaaaa.10");
        check(11, "bbbbbbbb.11");
        check(20, "bbbbbbbb.20");
        check(21, "dddddddd.21");
        assert_eq!(cursor_at(&[], Offset(1)), None);
    }
}
