//! What goes into the machine and what comes out of it.

use shared::stream::{Bye, Resume};

/// Names one request of the machine's, so that an answer to an older one is recognised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ticket(u32);

impl Ticket {
    /// The one after this.
    pub(super) fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Input {
    /// Someone may be signed in: begin.
    Start,
    /// Nobody is signed in any more, by the person's own wish: end.
    Stop,
    /// A request of the page was answered with 401.
    Unauthorized,
    /// A request of the page was answered with 403: the account cannot be used any more.
    Barred {
        /// Banned; otherwise deactivated.
        banned: bool,
    },
    /// The snapshot was asked for.
    Snapshot(Ticket, Answer),
    /// `GET /api/session` was asked for.
    Probed(Ticket, Answer),
    /// The stream's first event.
    Hello {
        /// The server's protocol.
        protocol: u32,
        /// How it continues.
        resume: Resume,
        /// Upper bound of what follows.
        behind: u64,
        /// Time between two ticks.
        heartbeat_ms: u64,
    },
    /// A fact, known or not.
    Fact,
    /// A heartbeat, with the number of facts the server has sent since `hello`.
    Tick {
        /// That number.
        sent: u64,
    },
    /// Anything else the stream said.
    Heard,
    /// An event that does not have the shape its name promises.
    Malformed,
    /// The stream ends on purpose.
    Bye(Bye),
    /// The source reported an error.
    Broken {
        /// The browser has given up (`readyState` CLOSED).
        closed: bool,
    },
    /// The device says that it has a network.
    Online,
    /// The device says that it has none.
    Offline,
    /// The page came on screen.
    Visible,
    /// The page went off screen.
    Hidden,
    /// The page came back from the back/forward cache, where its source was closed.
    Shown,
    /// The time of [`Connection::next_wake`](super::Connection::next_wake) has come.
    Wake,
    /// The person does not want to wait.
    TryNow,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// As hoped.
    Good,
    /// 401, or there is nothing to sign in to yet.
    SignedOut,
    /// 403: the account cannot be used any more.
    Barred {
        /// Banned; otherwise deactivated.
        banned: bool,
    },
    /// No answer, or one that says nothing about the session.
    None,
}

/// What the driver has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Load the snapshot and answer with [`Input::Snapshot`].
    LoadSnapshot(Ticket),
    /// Ask `GET /api/session` and answer with [`Input::Probed`].
    Probe(Ticket),
    /// Open a source at the replica's cursor.
    Open,
    /// Close the source.
    Close,
    /// The stream is open: send what waits.
    Connected,
    /// The stream is gone.
    Disconnected,
    /// Nobody is signed in.
    SignedOut,
    /// The account cannot be used any more.
    Barred {
        /// Banned; otherwise deactivated.
        banned: bool,
    },
    /// The server speaks another protocol than this page.
    TooOld,
}
