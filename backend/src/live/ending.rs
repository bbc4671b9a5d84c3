//! Why a stream ends: on our side as an order to the stream, in the log and the metrics as a word.

use std::time::Duration;

use shared::stream::ByeReason;

use super::resume::RETRY;

/// What the hub tells a stream that it wants to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The server stops. What already waits in the mailbox is still sent.
    Shutdown {
        /// How long this client should wait, so that not all come back at once.
        retry: Duration,
    },
    /// The stream has lived for long enough. What already waits in the mailbox is still sent.
    Renew {
        /// As above: those who came together shall not come back together.
        retry: Duration,
    },
    /// The session is over: nothing more may be heard.
    SessionEnded,
    /// The reader is something else now: what the stream may carry is another set.
    RoleChanged,
    /// The account was deactivated: nothing more may be heard.
    Deactivated,
    /// The account was banned: nothing more may be heard.
    Banned,
    /// What waits has waited too long; nobody takes it.
    Stalled,
    /// The log lost rows that were never fanned out. Coming back with the cursor gives `reset`.
    LogLost,
}

impl Order {
    /// Whether what waits in the mailbox is dropped.
    pub(super) const fn is_immediate(self) -> bool {
        !matches!(self, Self::Shutdown { .. } | Self::Renew { .. })
    }

    /// What the reader is told, and how long to wait before it comes back; nothing if it would not be read or not help.
    pub(super) const fn farewell(self) -> Option<(ByeReason, Duration)> {
        match self {
            Self::Shutdown { retry } => Some((ByeReason::Shutdown, retry)),
            Self::Renew { retry } => Some((ByeReason::Renew, retry)),
            Self::SessionEnded => Some((ByeReason::SessionEnded, RETRY)),
            Self::RoleChanged => Some((ByeReason::RoleChanged, RETRY)),
            Self::Deactivated => Some((ByeReason::Deactivated, RETRY)),
            Self::Banned => Some((ByeReason::Banned, RETRY)),
            Self::Stalled | Self::LogLost => None,
        }
    }

    /// The word for it.
    pub(super) const fn reason(self) -> EndReason {
        match self {
            Self::Shutdown { .. } => EndReason::Shutdown,
            Self::Renew { .. } => EndReason::Renewed,
            Self::SessionEnded => EndReason::SessionEnded,
            Self::RoleChanged => EndReason::RoleChanged,
            Self::Deactivated => EndReason::Deactivated,
            Self::Banned => EndReason::Banned,
            Self::Stalled => EndReason::WriteStalled,
            Self::LogLost => EndReason::LogLost,
        }
    }
}

/// Why a stream ended, as the log line and the counter say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EndReason {
    /// The client closed the connection, or the network did.
    ClientGone,
    /// The client took nothing for too long.
    WriteStalled,
    /// The server stops.
    Shutdown,
    /// It had lived for a day.
    Renewed,
    /// The session was signed out, or has expired.
    SessionEnded,
    /// The person's role changed.
    RoleChanged,
    /// The account was deactivated.
    Deactivated,
    /// The account was banned.
    Banned,
    /// The log no longer has what this stream still had to be sent.
    LogLost,
    /// It was to be one batch, and that was sent.
    BatchSent,
    /// The stream's task panicked: a bug.
    Panicked,
}

impl EndReason {
    /// Every reason.
    pub const ALL: &[Self] = &[
        Self::ClientGone,
        Self::WriteStalled,
        Self::Shutdown,
        Self::Renewed,
        Self::SessionEnded,
        Self::RoleChanged,
        Self::Deactivated,
        Self::Banned,
        Self::LogLost,
        Self::BatchSent,
        Self::Panicked,
    ];

    /// The word in the log and in the metric's label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientGone => "client_gone",
            Self::WriteStalled => "write_stalled",
            Self::Shutdown => "shutdown",
            Self::Renewed => "renewed",
            Self::SessionEnded => "session_ended",
            Self::RoleChanged => "role_changed",
            Self::Deactivated => "deactivated",
            Self::Banned => "banned",
            Self::LogLost => "log_lost",
            Self::BatchSent => "batch_sent",
            Self::Panicked => "panicked",
        }
    }
}
