//! The loaded part of one room's history: a run of messages without holes, and how pages and live facts meet in it.
//!
//! The rules (design, "the log"): pages merge by the higher `rev`; a fact at or below a known `rev` is ignored; while a
//! page is under way the room's facts are kept, and those after its `as_of` are applied on top; a fact outside the
//! loaded run changes nothing here. Rows can be dropped from either end, which is then no longer "reached".

use crate::{
    cursor::Offset,
    id::{ClientId, MemberId},
    message::{Message, MessagePage},
};

/// Which page was asked for. The answer fits only while the window still ends where it did then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageAt {
    /// The newest messages.
    Latest,
    /// The messages right before this offset.
    Before(Offset),
    /// The messages right after this offset.
    After(Offset),
    /// The messages on both sides of this offset.
    Around(Offset),
}

/// The loaded run. Empty, reaching neither end, until the first page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Window {
    messages: Vec<Message>,
    reaches_start: bool,
    reaches_end: bool,
    pages_under_way: u32,
    kept: Vec<Change>,
}

/// What a live fact does to the history.
#[derive(Debug, Clone, PartialEq)]
enum Change {
    /// A message came.
    Posted(Message),
    /// The message at this place was deleted.
    Buried {
        /// The place of its posting.
        offset: Offset,
        /// The place of its deletion.
        rev: Offset,
    },
}

impl Change {
    const fn rev(&self) -> Offset {
        match self {
            Self::Posted(message) => message.rev,
            Self::Buried { rev, .. } => *rev,
        }
    }
}

impl Window {
    /// The messages, oldest first.
    #[must_use]
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// Whether the room has nothing older.
    #[must_use]
    pub fn reaches_start(&self) -> bool {
        self.reaches_start
    }

    /// Whether the newest message is loaded, so that live facts append.
    #[must_use]
    pub fn reaches_end(&self) -> bool {
        self.reaches_end
    }

    /// Whether any page has been merged.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.reaches_end || !self.messages.is_empty()
    }

    /// Whether a page is under way.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.pages_under_way > 0
    }

    /// The place of the oldest loaded message.
    #[must_use]
    pub fn first(&self) -> Option<Offset> {
        self.messages.first().map(|message| message.offset)
    }

    /// The place of the newest loaded message.
    #[must_use]
    pub fn last(&self) -> Option<Offset> {
        self.messages.last().map(|message| message.offset)
    }

    /// Whether the sender's own message of this name has arrived, so that its optimistic row is not needed any more.
    #[must_use]
    pub fn contains(&self, client_id: ClientId) -> bool {
        self.messages.iter().rev().any(|message| message.client_id == client_id)
    }

    /// How many loaded messages by others than `me` lie after `from`, up to `to`. Tombstones do not count.
    #[must_use]
    pub fn count_of_others(&self, me: MemberId, from: Offset, to: Offset) -> u32 {
        self.count(|m| m.author != me && !m.deleted && m.offset > from && m.offset <= to)
    }

    /// How many loaded messages by others than `me` after `from`, up to `to`, were deleted after `to`.
    #[must_use]
    pub fn count_of_buried_since(&self, me: MemberId, from: Offset, to: Offset) -> u32 {
        self.count(|m| m.author != me && m.deleted && m.rev > to && m.offset > from && m.offset <= to)
    }

    fn count(&self, is_meant: impl Fn(&Message) -> bool) -> u32 {
        u32::try_from(self.messages.iter().filter(|message| is_meant(message)).count()).unwrap_or(u32::MAX)
    }

    /// Drops the oldest `count` messages.
    pub fn drop_oldest(&mut self, count: usize) {
        let count = count.min(self.messages.len());
        self.messages.drain(..count);
        self.reaches_start &= count == 0;
    }

    /// Drops the newest `count` messages.
    pub fn drop_newest(&mut self, count: usize) {
        let keep = self.messages.len().saturating_sub(count);
        self.reaches_end &= keep == self.messages.len();
        self.messages.truncate(keep);
    }

    pub(super) fn begin_page(&mut self) {
        self.pages_under_way += 1;
    }

    pub(super) fn abandon_page(&mut self) {
        self.pages_under_way = self.pages_under_way.saturating_sub(1);
        if self.pages_under_way == 0 {
            self.kept.clear();
        }
    }

    /// Applies a message of a live fact. Returns whether anything changed.
    pub(super) fn apply(&mut self, message: &Message) -> bool {
        if self.is_loading() {
            self.kept.push(Change::Posted(message.clone()));
        }
        self.place(message)
    }

    /// Turns the message at a place into a tombstone, because a live fact says so. Returns whether anything changed.
    pub(super) fn bury(&mut self, offset: Offset, rev: Offset) -> bool {
        if self.is_loading() {
            self.kept.push(Change::Buried { offset, rev });
        }
        self.entomb(offset, rev)
    }

    /// Merges a page; `false` when the window no longer ends where the page was asked for.
    pub(super) fn merge(&mut self, at: PageAt, page: MessagePage) -> bool {
        let fits = match at {
            PageAt::Latest | PageAt::Around(_) => {
                if !self.overlaps(&page) {
                    self.messages.clear();
                    (self.reaches_start, self.reaches_end) = (false, false);
                }
                true
            }
            // The page begins or ends right beside this message, so it fits wherever the message still is.
            PageAt::Before(offset) | PageAt::After(offset) => {
                self.first() <= Some(offset) && Some(offset) <= self.last()
            }
        };
        if fits {
            self.take(at, page);
        }
        self.abandon_page();
        fits
    }

    fn take(&mut self, at: PageAt, page: MessagePage) {
        let (first, last) = (self.first(), self.last());
        let page_first = page.messages.first().map(|message| message.offset);
        let page_last = page.messages.last().map(|message| message.offset);
        // An end of the page speaks for the window where the page is the outermost.
        let outer_start =
            !matches!(at, PageAt::After(_)) && (first.is_none() || page_first.is_none() || page_first <= first);
        let outer_end =
            !matches!(at, PageAt::Before(_)) && (last.is_none() || page_last.is_none() || page_last >= last);
        if outer_start {
            self.reaches_start = !page.more_before;
        }
        if outer_end {
            self.reaches_end = !page.more_after;
        }
        for message in page.messages {
            self.insert(message);
        }
        let kept = std::mem::take(&mut self.kept);
        for change in kept.iter().filter(|change| change.rev() > page.as_of.offset) {
            match change {
                Change::Posted(message) => self.place(message),
                Change::Buried { offset, rev } => self.entomb(*offset, *rev),
            };
        }
        // Another page may be under way still, and need them too.
        self.kept = kept;
    }

    /// Whether `page` and the loaded run share a message or leave no room for one between them.
    fn overlaps(&self, page: &MessagePage) -> bool {
        let (Some(first), Some(last)) = (self.first(), self.last()) else { return false };
        let page_first = page.messages.first().map(|message| message.offset);
        let page_last = page.messages.last().map(|message| message.offset);
        match (page_first, page_last) {
            (Some(page_first), Some(page_last)) => page_first <= last && page_last >= first,
            _ => false,
        }
    }

    /// Puts a live message where it belongs, if that is inside the loaded run.
    fn place(&mut self, message: &Message) -> bool {
        let inside = self.last().is_some_and(|last| message.offset <= last)
            && (self.reaches_start || self.first().is_some_and(|first| message.offset >= first));
        let at_the_end = self.reaches_end && self.last().is_none_or(|last| message.offset > last);
        (inside || at_the_end) && self.insert(message.clone())
    }

    fn entomb(&mut self, offset: Offset, rev: Offset) -> bool {
        let Ok(index) = self.messages.binary_search_by_key(&offset, |held| held.offset) else { return false };
        let held = &mut self.messages[index];
        let is_newer = held.rev < rev;
        if is_newer {
            held.bury(rev);
        }
        is_newer
    }

    /// Inserts by offset; of two copies the one with the higher `rev` stays. Returns whether anything changed.
    fn insert(&mut self, message: Message) -> bool {
        match self.messages.binary_search_by_key(&message.offset, |held| held.offset) {
            Ok(index) if self.messages[index].rev >= message.rev => false,
            Ok(index) => {
                self.messages[index] = message;
                true
            }
            Err(index) => {
                self.messages.insert(index, message);
                true
            }
        }
    }
}
