//! What a person is shown of the connection (`ux.md` §10), and when that changes by the mere passing of time.

use super::{Connection, Phase};
use crate::state::{time::earlier, view::Link};

/// The start of a break in which nothing is shown, in milliseconds: most breaks are over before anyone could read.
const SILENT_MS: u64 = 2_000;

/// A break this long, in milliseconds, is called what it is: offline.
const OFFLINE_MS: u64 = 30_000;

/// Fewer missed facts than this are read without a word.
const REPLAY_WORTH_SAYING: u32 = 10;

impl Connection {
    /// What to show at `now`. The round trip is not known here; the driver fills it in.
    #[must_use]
    pub fn link(&self, now: u64) -> Link {
        match self.phase {
            Phase::Replaying { seen, behind } if behind >= REPLAY_WORTH_SAYING => Link::Replaying { seen, behind },
            Phase::Live | Phase::Replaying { .. } => Link::Live { rtt_ms: None },
            _ => self.broken_at.map_or(Link::Opening, |since| self.broken_link(now, since)),
        }
    }

    fn broken_link(&self, now: u64, since: u64) -> Link {
        let broken_ms = now.saturating_sub(since);
        let seconds = self.seconds_left(now);
        if self.offline {
            Link::Offline
        } else if broken_ms < SILENT_MS {
            Link::Silent
        } else if broken_ms >= OFFLINE_MS {
            Link::Offline
        } else if self.restarting {
            Link::Restarting { seconds }
        } else {
            Link::Waiting { seconds }
        }
    }

    /// Seconds until the next try, rounded up; 0 while one is being made.
    fn seconds_left(&self, now: u64) -> u32 {
        let Phase::Waiting { until, .. } = self.phase else { return 0 };
        u32::try_from(until.saturating_sub(now).div_ceil(1_000)).unwrap_or(u32::MAX)
    }

    /// The next moment at which [`link`](Self::link) says something else although nothing happened.
    pub(super) fn link_changes_at(&self, now: u64) -> Option<u64> {
        if self.is_connected() {
            return None;
        }
        let since = self.broken_at?;
        let to_come = |at: u64| Some(at).filter(|&at| at > now);
        let milestone = to_come(since + SILENT_MS).or(to_come(since + OFFLINE_MS));
        let second = match self.phase {
            Phase::Waiting { until, .. } if until > now => Some(now + (until - now - 1) % 1_000 + 1),
            _ => None,
        };
        earlier(milestone, second)
    }
}
