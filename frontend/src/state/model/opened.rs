//! What the view of a room adds to the replica: the new line, what is being loaded, how far reading was reported.

use shared::{cursor::Offset, replica::window::Window};

use crate::state::{timeline::Timeline, view::Older};

/// A kind of page of one room: at rest, under way, or to be asked for again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Ask {
    #[default]
    Idle,
    UnderWay {
        tries: u32,
    },
    Failed {
        /// Monotonic milliseconds; the maximum: not by itself.
        again_at: u64,
        tries: u32,
    },
}

impl Ask {
    pub(super) fn is_under_way(self) -> bool {
        matches!(self, Self::UnderWay { .. })
    }

    /// How often it was asked for without an answer, this time included.
    pub(super) fn tries(self) -> u32 {
        match self {
            Self::Idle => 0,
            Self::UnderWay { tries } | Self::Failed { tries, .. } => tries,
        }
    }

    pub(super) fn has_failed(self) -> bool {
        matches!(self, Self::Failed { .. })
    }
}

/// A room that was opened.
#[derive(Debug, Default)]
pub(super) struct Opened {
    pub(super) timeline: Timeline,
    /// What is around the rows as it was shown last: loading, above, whether the newest is loaded.
    pub(super) shown: Option<(bool, Older, bool)>,
    /// The message that a link led to, and the number of the jump.
    pub(super) jump: Option<(u32, Offset)>,
    /// Whether its key was told.
    pub(super) jump_shown: bool,
    /// Messages that arrived since the rows were drawn last.
    pub(super) undrawn: usize,
    /// The new line stands above the first message by others after this.
    pub(super) new_after: Option<Offset>,
    /// The person has marked something as unread: nothing is read by looking until the room is left.
    pub(super) suspended: bool,
    /// They came by a link: nothing is read by looking until the foot was reached.
    pub(super) jumped: bool,
    /// The first pages are on their way, until the new line is loaded.
    pub(super) opening: bool,
    /// The view is held at its foot.
    pub(super) at_foot: bool,
    /// Someone is looking at it: the window is on screen and has the focus.
    pub(super) attended: bool,
    pub(super) latest: Ask,
    pub(super) older: Ask,
    pub(super) newer: Ask,
    /// What an earlier replica had loaded, until this one has.
    pub(super) held_over: Option<Window>,
    pub(super) reading: Reading,
    /// Counts openings; the rooms opened last keep their messages.
    pub(super) opened_at: u64,
}

/// How far the server was told that the person has read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reading {
    pub(super) told: Offset,
    pub(super) under_way: bool,
    /// Monotonic milliseconds.
    pub(super) next_at: u64,
}

impl Opened {
    /// Whether what arrives is seen arriving.
    pub(super) fn is_watched(&self) -> bool {
        self.at_foot && self.attended && !self.suspended && !self.jumped
    }

    /// What to say above the first row.
    pub(super) fn older_state(&self, window: &Window) -> Older {
        if self.older.has_failed() || (!window.is_loaded() && self.latest.has_failed()) {
            Older::Failed
        } else if self.older.is_under_way() {
            Older::Loading
        } else if window.reaches_start() || !window.is_loaded() {
            Older::None
        } else {
            Older::More
        }
    }
}
