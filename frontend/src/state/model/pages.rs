//! Which part of a room's history is loaded (`ux.md` §4, "Pages"): the newest first, older ones as they are scrolled
//! to, never more than 300 messages, dropped from the end that is far from the reader in whole pages.

use shared::{
    cursor::Offset,
    id::RoomId,
    limits::{PAGE_DEFAULT, PAGE_MAX, TIMELINE_MAX},
    message::MessagePage,
    replica::{
        Replica,
        window::{PageAt, Window},
    },
    room::ReadPosition,
};

use super::{
    Effect, Model, Moment, PageWish,
    opened::{Ask, Opened, Reading},
};
use crate::state::timeline::Timeline;

/// A room opens at its new line when at most so many messages are unread; further back nobody wants to land.
const OPEN_AT_LINE_MAX: u32 = 200;

/// Messages loaded above the new line, so that it can stand at a quarter of the height.
const ABOVE_LINE: u32 = 25;

/// Of messages that arrive faster than they are drawn, so many are kept where they are followed: the rest would be
/// pushed off the screen before anyone saw it, and drawing it in one frame takes long.
const UNDRAWN_MAX: usize = 100;

/// Rooms that keep their messages when others are opened.
const ROOMS_KEPT: usize = 3;

/// How long a page that failed waits for its next try, in milliseconds; doubled with each, at most 32 s.
const RETRY_MS: u64 = 1_000;

/// Why a page did not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageFailure {
    /// No answer, or a server's fault: later perhaps.
    Later,
    /// Nobody is signed in, or the room is not the reader's: asking again is of no use until something changes.
    Never,
}

impl Model {
    /// The person opens a room; with `at`, at the message that was posted there.
    pub fn open_room(&mut self, room: RoomId, at: Option<Offset>, now: Moment) {
        if self.open == Some(room) {
            return;
        }
        if let Some(left) = self.open {
            self.leave_room(left, now);
        }
        let Some(held) = self.replica.as_ref().and_then(|replica| replica.room(room)) else { return };
        (self.open, self.gone) = (Some(room), None);
        let (read, loaded, reaches_end) = (held.read, held.window.is_loaded(), held.window.reaches_end());
        let opened_at = self.opened.values().map(|opened| opened.opened_at + 1).max().unwrap_or_default();
        let opened = self.opened.get_or_insert_with(room, || Opened::at(read.offset));
        opened.opened_at = opened_at;
        opened.new_after = (read.unread > 0).then_some(read.offset);
        // Where the view will stand is not known before it is drawn: until then what arrives is followed.
        (opened.at_foot, opened.attended) = (true, false);
        if at.is_some() {
            opened.new_after = opened.new_after.filter(|_| loaded);
        } else if !loaded || (read.unread > 0 && !reaches_end) {
            opened.opening = read.unread > 0 && read.unread <= OPEN_AT_LINE_MAX;
            let wanted = if opened.opening { read.unread + ABOVE_LINE } else { PAGE_DEFAULT };
            self.ask(room, PageAt::Latest, wanted.clamp(PAGE_DEFAULT, PAGE_MAX));
        }
        self.drop_old_rooms();
        if let Some(at) = at {
            self.jump(room, at);
        }
    }

    /// A link leads to a message of the open room, which is loaded if it is not.
    pub fn jump(&mut self, room: RoomId, at: Offset) {
        let Some(opened) = self.opened.get_mut(&room) else { return };
        let number = opened.jump.map_or(0, |(number, _)| number + 1);
        (opened.jump, opened.jump_shown, opened.jumped) = (Some((number, at)), false, true);
        let loaded = self.window(room).is_some_and(|window| window.messages().iter().any(|held| held.offset == at));
        if !loaded {
            self.ask(room, PageAt::Around(at), PAGE_DEFAULT);
        }
    }

    /// The person leaves a room: its new line goes, and how far it was read is said at once.
    pub fn leave_room(&mut self, room: RoomId, now: Moment) {
        if self.open == Some(room) {
            self.open = None;
        }
        self.pending.seal(Some(room));
        if let Some(opened) = self.opened.get_mut(&room) {
            opened.new_after = None;
            (opened.attended, opened.suspended) = (false, false);
            (opened.jump, opened.jumped) = (None, false);
            opened.reading.next_at = now.mono_ms;
        }
    }

    /// The reader comes near the upper end.
    pub fn load_older(&mut self, room: RoomId) {
        let Some((first, reaches_start)) = self.window(room).map(|window| (window.first(), window.reaches_start()))
        else {
            return;
        };
        match first {
            Some(first) if !reaches_start => self.ask(room, PageAt::Before(first), PAGE_DEFAULT),
            Some(_) => {}
            None => self.ask(room, PageAt::Latest, PAGE_DEFAULT),
        }
    }

    /// The reader comes near the lower end, and it is not the room's.
    pub fn load_newer(&mut self, room: RoomId) {
        let Some((last, reaches_end)) = self.window(room).map(|window| (window.last(), window.reaches_end())) else {
            return;
        };
        if let Some(last) = last.filter(|_| !reaches_end) {
            self.ask(room, PageAt::After(last), PAGE_DEFAULT);
        }
    }

    /// The reader jumps to the foot.
    pub fn load_newest(&mut self, room: RoomId) {
        if self.window(room).is_some_and(|window| !window.reaches_end()) {
            self.ask(room, PageAt::Latest, PAGE_DEFAULT);
        }
    }

    /// A page came, or will not come.
    pub fn page_answered(&mut self, wish: PageWish, answer: Result<MessagePage, PageFailure>, now: Moment) {
        if wish.era != self.era {
            return;
        }
        let Some(replica) = &mut self.replica else { return };
        let Some(opened) = self.opened.get_mut(&wish.room) else {
            return replica.abandon_page(wish.room);
        };
        match answer {
            Ok(page) => {
                for message in page.messages.iter().filter(|message| message.author == replica.me.id) {
                    self.outbox.arrived(message.client_id);
                }
                *opened.ask_mut(wish.at) = Ask::Idle;
                replica.merge_page(wish.room, wish.at, page);
                opened.held_over = None;
                self.recount(wish.room);
                self.finish_opening(wish.room);
                match wish.at {
                    PageAt::Before(_) => self.trim(wish.room, Far::Newest),
                    PageAt::After(_) | PageAt::Latest | PageAt::Around(_) => self.trim(wish.room, Far::Oldest),
                }
            }
            Err(failure) => {
                replica.abandon_page(wish.room);
                let ask = opened.ask_mut(wish.at);
                let tries = ask.tries();
                let again_at = match (failure, wish.at) {
                    (PageFailure::Later, PageAt::Latest | PageAt::Around(_)) => {
                        now.mono_ms + (RETRY_MS << tries.min(5))
                    }
                    _ => u64::MAX,
                };
                *ask = Ask::Failed { again_at, tries };
                opened.opening = false;
            }
        }
    }

    /// The first pages of a room with unread messages are loaded until its new line is.
    fn finish_opening(&mut self, room: RoomId) {
        let Some((first, reaches_start)) = self.window(room).map(|window| (window.first(), window.reaches_start()))
        else {
            return;
        };
        let Some(opened) = self.opened.get_mut(&room).filter(|opened| opened.opening) else { return };
        let line_loaded = opened.new_after.is_none_or(|after| first.is_some_and(|first| first <= after));
        opened.opening = !line_loaded && !reaches_start;
        if let Some(first) = first.filter(|_| opened.opening) {
            self.ask(room, PageAt::Before(first), PAGE_MAX);
        }
    }

    /// A new replica knows the rooms but none of their history: the open room is loaded again where the reader is,
    /// the others when they are opened.
    pub(super) fn reopen(&mut self, mut before: Option<Replica>, now: Moment) {
        let (Some(replica), open) = (&mut self.replica, self.open) else { return };
        for (&room, opened) in self.opened.iter_mut() {
            (opened.latest, opened.older, opened.newer) = (Ask::Idle, Ask::Idle, Ask::Idle);
            opened.held_over = None;
            let Some(server) = replica.room(room).map(|held| held.read) else { continue };
            opened.reading = Reading { told: server.offset, under_way: false, next_at: now.mono_ms };
            let Some(old) = before.as_ref().and_then(|before| before.room(room)) else { continue };
            if server.is_superseded_by(&old.read) {
                // What was read here and not told yet is still read.
                let read_here = old.window.count_of_others(replica.me.id, server.offset, old.read.offset);
                replica.move_read(ReadPosition { unread: server.unread.saturating_sub(read_here), ..old.read });
            }
        }
        let Some(room) = open else { return };
        let Some(opened) = self.opened.get_mut(&room) else { return };
        let window = before.as_mut().and_then(|before| before.window_mut(room)).map(std::mem::take);
        opened.held_over = window.filter(Window::is_loaded);
        let away = opened.held_over.as_ref().filter(|window| !opened.at_foot || !window.reaches_end());
        let at = away.and_then(middle).map_or(PageAt::Latest, PageAt::Around);
        self.ask(room, at, PAGE_MAX);
    }

    /// What arrives in a full room pushes out the oldest messages if it is followed. Otherwise the reader is somewhere
    /// above, and it is what arrives that is not kept.
    pub(super) fn trim_arrivals(&mut self, room: RoomId) {
        let Some(opened) = self.opened.get_mut(&room) else { return self.trim(room, Far::Oldest) };
        opened.undrawn += 1;
        let (followed, undrawn) = (opened.at_foot, opened.undrawn);
        self.trim(room, if followed { Far::Oldest } else { Far::Newest });
        if followed && undrawn > UNDRAWN_MAX {
            self.keep_newest(room, UNDRAWN_MAX);
        }
    }

    fn keep_newest(&mut self, room: RoomId, count: usize) {
        if let Some(window) = self.replica.as_mut().and_then(|replica| replica.window_mut(room)) {
            window.drop_oldest(window.messages().len().saturating_sub(count));
        }
    }

    /// Keeps a room within its bound, dropping what is far from the reader.
    fn trim(&mut self, room: RoomId, far: Far) {
        let Some(window) = self.replica.as_mut().and_then(|replica| replica.window_mut(room)) else { return };
        let over = window.messages().len().saturating_sub(TIMELINE_MAX);
        match far {
            _ if over == 0 => {}
            Far::Oldest => window.drop_oldest(over.next_multiple_of(PAGE_DEFAULT as usize)),
            Far::Newest => window.drop_newest(over),
        }
    }

    pub(super) fn retry_pages(&mut self, now: Moment) {
        for opened in self.opened.values_mut() {
            if let Ask::Failed { again_at, .. } = &mut opened.latest {
                *again_at = now.mono_ms;
            }
        }
    }

    pub(super) fn ask_overdue_pages(&mut self, now: Moment) {
        let overdue =
            |opened: &Opened| matches!(opened.latest, Ask::Failed { again_at, .. } if again_at <= now.mono_ms);
        if let Some(room) = self.open.filter(|room| self.opened.get(room).is_some_and(overdue)) {
            self.ask(room, PageAt::Latest, PAGE_DEFAULT);
        }
    }

    pub(super) fn next_page_at(&self) -> Option<u64> {
        match self.opened.get(&self.open?)?.latest {
            Ask::Failed { again_at, .. } => Some(again_at).filter(|&at| at < u64::MAX),
            _ => None,
        }
    }

    fn ask(&mut self, room: RoomId, at: PageAt, limit: u32) {
        let (Some(opened), Some(replica)) = (self.opened.get_mut(&room), &mut self.replica) else { return };
        let ask = opened.ask_mut(at);
        if ask.is_under_way() {
            return;
        }
        *ask = Ask::UnderWay { tries: ask.tries() + 1 };
        replica.begin_page(room);
        self.effects.push(Effect::LoadPage(PageWish { room, at, limit, era: self.era }));
    }

    fn window(&self, room: RoomId) -> Option<&Window> {
        self.replica.as_ref()?.room(room).map(|held| &held.window)
    }

    /// Of the rooms that were left, only those opened last keep their messages.
    fn drop_old_rooms(&mut self) {
        let mut left: Vec<(u64, RoomId)> = self
            .opened
            .iter()
            .filter(|(room, opened)| self.open != Some(**room) && !opened.is_loading())
            .map(|(room, opened)| (opened.opened_at, *room))
            .collect();
        while left.len() >= ROOMS_KEPT
            && let Some(oldest) = left.iter().copied().min()
        {
            left.retain(|room| *room != oldest);
            let (_, room) = oldest;
            if let Some(opened) = self.opened.get_mut(&room) {
                (opened.timeline, opened.shown) = (Timeline::default(), None);
            }
            if let Some(window) = self.replica.as_mut().and_then(|replica| replica.window_mut(room)) {
                window.drop_newest(usize::MAX);
            }
        }
    }
}

/// The end of a room's loaded run that is far from the reader.
#[derive(Debug, Clone, Copy)]
enum Far {
    Oldest,
    Newest,
}

impl Opened {
    /// A room that has been read up to `told`, as the server knows.
    fn at(told: Offset) -> Self {
        Self { reading: Reading { told, ..Reading::default() }, ..Self::default() }
    }

    fn ask_mut(&mut self, at: PageAt) -> &mut Ask {
        match at {
            PageAt::Latest | PageAt::Around(_) => &mut self.latest,
            PageAt::Before(_) => &mut self.older,
            PageAt::After(_) => &mut self.newer,
        }
    }

    /// Whether a page is under way, so that what is loaded cannot be dropped yet.
    fn is_loading(&self) -> bool {
        [self.latest, self.older, self.newer].into_iter().any(Ask::is_under_way)
    }
}

fn middle(window: &Window) -> Option<Offset> {
    window.messages().get(window.messages().len() / 2).map(|message| message.offset)
}
