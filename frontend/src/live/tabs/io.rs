//! What goes into the machine of the tabs, what comes out of it, and what tabs say to one another.
//!
//! `Block` is one event of the stream as it came, opaque here: name, `id` and data in the browser, a number in tests.

use shared::cursor::Cursor;

/// Names a tab to the others: random, drawn when the page is opened.
pub type TabId = u32;

/// One leadership. Of two the later holds; of two that began in the same millisecond, that of the higher tab.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reign {
    /// When it began, in Unix milliseconds; at least one more than the last reign known to whoever began it.
    pub began_ms: u64,
    /// Whose it is.
    pub tab: TabId,
}

/// Names what a tab's copy was continued from without a gap: a snapshot that a leader loaded. 0: the tab's own, no older
/// than the question.
pub type Lineage = u64;

/// What an event of the stream is to the tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The greeting of a stream that continues where it was asked to.
    Hello,
    /// The greeting of a stream that could not: the connection loads its snapshot and asks again.
    Reset,
    /// A fact, with its place.
    Fact(Cursor),
    /// A heartbeat, with the place reached.
    Tick(Cursor),
    /// All last values at once: what was said of them before is out of date.
    State,
    /// One last value, or a change of some, that stays true until the next one (a read position, presence): kept for tabs
    /// that come later.
    Read,
    /// True only now (typing): handed on, not kept.
    Passing,
}

/// What one tab says to all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Say<Block> {
    /// The leader's word: a stream is open and caught up, or not. Also the answer to [`Attach`](Self::Attach) while
    /// it is not.
    Lead(Reign, bool),
    /// A leader steps down.
    Gone(Reign),
    /// A follower has everything up to here and wants what comes after.
    Attach {
        /// Who asks.
        tab: TabId,
        /// What it has,
        after: Cursor,
        /// and from where: a leader that began anew, because its stream had lost something, refuses older copies.
        lineage: Lineage,
        /// When its snapshot was asked for, in Unix milliseconds.
        taken_ms: u64,
        /// Somebody looks at it: do not let it wait.
        seen: bool,
    },
    /// The leader's answer to [`Attach`](Self::Attach).
    Answer(Box<Answer<Block>>),
    /// What the stream said, numbered within the reign.
    Block {
        /// Whose stream.
        reign: Reign,
        /// Its number.
        number: u64,
        /// What it is.
        kind: Kind,
        /// Itself.
        block: Block,
    },
    /// Somebody does not want to wait for the next try.
    Urge,
    /// The person signed out: forget everything of theirs.
    SignedOut,
    /// The same person is back after the session had ended.
    SignedIn,
    /// Who is there? Each tab answers with [`Here`](Self::Here).
    RollCall,
    /// One tab's answer.
    Here(TabId),
}

/// What a follower needs to continue as if it had the stream itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<Block> {
    /// Whose stream.
    pub reign: Reign,
    /// Who asked.
    pub to: TabId,
    /// What for: an answer to an earlier question is none to this one.
    pub after: Cursor,
    /// `None`: the leader does not have all of it, so the snapshot is to be loaded again.
    pub found: Option<Found<Block>>,
}

/// The leader had what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<Block> {
    /// The number that the next [`Say::Block`] will have.
    pub next: u64,
    /// What the asker's copy belongs to from now on.
    pub lineage: Lineage,
    /// How far the leader's stream is.
    pub reached: Cursor,
    /// The greeting of the leader's stream.
    pub hello: Block,
    /// The last values, oldest first.
    pub values: Vec<Block>,
    /// The facts after `after`.
    pub facts: Vec<Block>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input<Block> {
    /// The connection wants the stream.
    Open {
        /// After this place,
        after: Cursor,
        /// which is that of a snapshot asked for at this Unix time in milliseconds. `None`: the place that this tab has
        /// come to since.
        taken_ms: Option<u64>,
    },
    /// The connection has closed what it had.
    Close,
    /// This tab's own stream said something.
    Heard(Kind, Block),
    /// Another tab said something.
    Said(Say<Block>),
    /// The lock, or the lease, is this tab's.
    Granted,
    /// It is not any more: another tab took it.
    Deprived,
    /// There is nothing to elect a leader with: every tab has a stream of its own.
    Unshared,
    /// The page ends, is put aside for "back", or is frozen.
    Leave,
    /// The page came on screen (`true`) or went off it.
    Seen(bool),
    /// The person, or the device, wants the stream now.
    Urge,
    /// The time of [`Tabs::next_wake`](super::Tabs::next_wake) has come.
    Wake,
}

/// What the driver has to do, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output<Block> {
    /// Open a stream of this tab's own.
    OpenStream(Cursor),
    /// Close it.
    CloseStream,
    /// Say it to the other tabs.
    Say(Say<Block>),
    /// Ask for the lock, or the lease; `true`: take it from whoever has it. Asking twice is asking once.
    Ask(bool),
    /// Give it back, or stop asking.
    Release,
    /// Hand it to this tab's connection, as if its own stream had said it.
    Deliver(Delivery<Block>),
    /// The connection should close what it has and open anew, at once.
    Reopen,
    /// The person signed out in another tab.
    Forget,
    /// The person is signed in in another tab: begin, if this one has stopped.
    Begin,
    /// Another tab answered the roll call.
    Counted(TabId),
}

/// What a follower's connection hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery<Block> {
    /// The greeting, to be read as one that resumes after the place that was asked for.
    Hello {
        /// The leader's own greeting.
        block: Block,
        /// Where this tab was.
        after: Cursor,
        /// How many facts follow until the first tick.
        facts: u64,
    },
    /// A fact, or a value.
    Block(Block),
    /// A heartbeat.
    Tick {
        /// Everything up to here was delivered.
        at: Cursor,
        /// The number of facts delivered since the greeting.
        sent: u64,
    },
    /// It cannot be continued: load the snapshot.
    Reset,
    /// What was there is gone.
    Broken,
}
