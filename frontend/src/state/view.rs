//! View models: the plain values that components take as props.
//!
//! State code builds them, components draw them, and neither knows the other. They carry no behaviour beyond telling
//! equal from changed, because the timeline redraws exactly the rows that differ. Times are Unix milliseconds; turning
//! them into words is `browser::time`'s part, since only the browser knows the reader's zone and language.

mod room;

use std::sync::Arc;

use shared::{
    member::{Member, Settings, Workspace},
    policy::{self, WorkspaceAction},
};

pub use self::room::{Farewell, GoneRoom, Parting, Rights, RoomRow};

/// Where the person stands with this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Session {
    /// Nobody asked the server yet: the skeleton is on screen.
    Unknown,
    /// The server has no workspace yet; `/setup` is the only door.
    SetupNeeded,
    /// No session on this device.
    SignedOut,
    /// Signed in: `me` is known.
    In,
    /// The account was banned or deactivated while it was signed in here: one page says so, and nothing else is left.
    Barred,
}

/// Why an account that was signed in here cannot be used any more, and what it leaves to its person (`ux.md` §15).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Barred {
    /// Banned; otherwise deactivated.
    pub banned: bool,
    /// When this page heard of it, in Unix milliseconds.
    pub at_ms: i64,
    /// The workspace's name.
    pub place: String,
    /// Everything that was written and not sent, one text after the other. It ends with the page.
    pub kept: String,
}

/// The person at this screen as the server knows them: what they are, what they have set, and the place's rules. What they
/// may do follows from it by `shared::policy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// The person.
    pub member: Member,
    /// What only they see.
    pub settings: Settings,
    /// The place.
    pub workspace: Workspace,
}

impl Own {
    /// Whether the person may do this in the place.
    #[must_use]
    pub fn may(&self, action: WorkspaceAction) -> bool {
        policy::in_workspace(self.member.role, &self.workspace, action)
    }
}

/// A person as drawn beside a message or in the rail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The member's id; decides the glaze of the seal, so that it stays the same when the name changes.
    pub id: String,
    /// The display name.
    pub name: String,
}

/// The state of the live stream, as far as a person needs to know it (`ux.md` §10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Not connected yet since the page was opened; nothing is claimed.
    Opening,
    /// The stream is open. The round trip is `None` until one was measured.
    Live {
        /// The last measured round trip to the server, in milliseconds.
        rtt_ms: Option<u32>,
    },
    /// The first two seconds of a break: only the dot in the rail changes.
    Silent,
    /// Broken, and tried again by itself.
    Waiting {
        /// Seconds until the next try, rounded up; 0 while it is being tried.
        seconds: u32,
    },
    /// Open again and reading what was missed.
    Replaying {
        /// Facts received since the stream opened.
        seen: u32,
        /// Upper bound of what there is to read.
        behind: u32,
    },
    /// The device is offline, or half a minute of tries has failed.
    Offline,
    /// The server said that it is going away for a moment.
    Restarting {
        /// Seconds until it is expected back, rounded up.
        seconds: u32,
    },
}

/// What stops the whole page until the person acts (`ux.md` §15, Notices).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The session ended while the page was open; drafts and the outbox are kept.
    SignedOut,
    /// The server no longer understands this page.
    TooOld,
}

/// Everything between a room's header and its composer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimelineView {
    /// Rows in order, oldest first; at most 300 messages.
    pub rows: Vec<Arc<Row>>,
    /// The first page is on its way: a calm skeleton is shown, after 150 ms.
    pub loading: bool,
    /// What lies above the first row.
    pub older: Older,
    /// The last row is the room's last message (false after far pages were dropped).
    pub newest_loaded: bool,
    /// The key of the message that a link led to, once it is loaded; each jump has its own number.
    pub jump: Option<(u32, Arc<str>)>,
}

/// What there is above the first loaded row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Older {
    /// The room's first message is loaded.
    #[default]
    None,
    /// More can be asked for.
    More,
    /// A page is on its way.
    Loading,
    /// The last try failed; the person may ask again.
    Failed,
}

/// One row of the timeline.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// The beginning of the room, shown when its first message is loaded.
    Start,
    /// Before the first message of each calendar day in the reader's zone.
    Day {
        /// The moment of the day's first message, in milliseconds.
        at_ms: i64,
        /// Days since 1970-01-01 in the reader's zone; names the day uniquely.
        day: i32,
    },
    /// Above the first message that was new when the room was opened.
    NewLine {
        /// The moment after which everything is new: that of the last message seen.
        since_ms: i64,
    },
    /// A message, sent or on its way.
    Message(MessageRow),
}

/// One message as drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageRow {
    /// Stays the same from the optimistic row to the server's message: the client id if it has one, else the id.
    pub key: Arc<str>,
    /// Who wrote it.
    pub author: Arc<Person>,
    /// Written by the person at this screen.
    pub own: bool,
    /// First of its group: drawn with seal, name and time.
    pub head: bool,
    /// When it was posted (sent rows) or written (others), in milliseconds.
    pub at_ms: i64,
    /// The author's own text: drawn as text when there is no `html`, read out, and given back for editing.
    pub body: Arc<str>,
    /// The same, rendered and sanitised by the server. `None` for optimistic rows and very large messages.
    pub html: Option<Arc<str>>,
    /// The message was deleted; `body` and `html` are empty.
    pub gone: bool,
    /// It was deleted here and can still be brought back, for so many seconds.
    pub undo_s: Option<u32>,
    /// What the person may do to it that not everybody may.
    pub deletable: Deletable,
    /// The moment of the last edit, in milliseconds.
    pub edited_ms: Option<i64>,
    /// How far it is on its way.
    pub status: Status,
}

/// Whether the person may delete a message, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deletable {
    /// They may not.
    #[default]
    No,
    /// It is their own: at once, with a few seconds to undo it.
    Own,
    /// It is someone else's, and they moderate the room: they are asked first.
    Others,
}

/// How far a message is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Acknowledged: it has an offset.
    Sent,
    /// Asked for less than 400 ms ago: normal ink.
    Sending,
    /// Asked for more than 400 ms ago: quiet ink.
    Slow,
    /// Waits for the connection: quiet ink and a clock.
    Queued,
    /// Given up; the person decides.
    Failed(Failure),
}

/// Why a message was not sent. Each has a sentence that names the cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No answer, or only server errors, for 30 s while the stream was live.
    NoAnswer,
    /// The server refused the text: empty or over the limit.
    Refused,
    /// The room is gone for this person.
    NoRoom,
    /// Waited longer than 24 h: the person is asked before it is sent.
    Stale,
}
