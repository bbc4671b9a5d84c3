//! What this device says of its person without being asked: that they do something, and that they type (`ux.md` §6).
//!
//! Both are leases on the server, so they are said again while they are true and not more often than needed. Somebody who
//! does nothing says nothing: the server's clock makes them away.

use shared::{
    id::RoomId,
    presence::{ACTIVE_LEASE_MS, PresenceLevel},
};

/// That the person does something is said at most this often, in milliseconds.
const ACTIVE_EVERY_MS: u64 = 60_000;

/// That the person types is said at most this often, in milliseconds: half of what the server keeps it for.
const TYPING_EVERY_MS: u64 = 3_000;

/// Who has changed nothing for this long has stopped, in milliseconds.
const TYPING_IDLE_MS: u64 = 5_000;

/// What is to be said to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// The person does something with this device.
    Active,
    /// The person types in a room, or has stopped.
    Typing(RoomId, bool),
}

/// See the module. Times are monotonic milliseconds.
#[derive(Debug, Clone, Default)]
pub struct Signs {
    active_at: Option<u64>,
    said_active_at: Option<u64>,
    typing: Option<TypingIn>,
}

#[derive(Debug, Clone, Copy)]
struct TypingIn {
    room: RoomId,
    changed_at: u64,
    said_at: u64,
}

impl Signs {
    /// The person did something. Who does not share that they are here says nothing of it, and says it when they share it again.
    pub fn pressed(&mut self, is_shared: bool, now: u64) -> Option<Sign> {
        self.active_at = Some(now);
        if !is_shared {
            self.said_active_at = None;
            return None;
        }
        let is_due = self.said_active_at.is_none_or(|said_at| now >= said_at + ACTIVE_EVERY_MS);
        is_due.then(|| {
            self.said_active_at = Some(now);
            Sign::Active
        })
    }

    /// What the person does with this device; nobody has touched a page that was just opened, but somebody opened it.
    #[must_use]
    pub fn level(&self, now: u64) -> PresenceLevel {
        let since = self.active_at.unwrap_or_default();
        if now < since + ACTIVE_LEASE_MS { PresenceLevel::Active } else { PresenceLevel::Away }
    }

    /// A new stream is open: the server takes this device for what the stream's address said.
    pub fn reopened(&mut self) {
        self.said_active_at = None;
        self.typing = None;
    }

    /// The text in a room's composer has changed. A command is not said to anybody.
    pub fn wrote(&mut self, room: RoomId, text: &str, now: u64) -> Option<Sign> {
        let is_text = !text.trim().is_empty() && !text.starts_with('/');
        if !is_text {
            return self.stop(room);
        }
        match &mut self.typing {
            Some(typing) if typing.room == room => {
                typing.changed_at = now;
                if now < typing.said_at + TYPING_EVERY_MS {
                    return None;
                }
                typing.said_at = now;
            }
            // What was said of another room lapses by itself.
            typing => *typing = Some(TypingIn { room, changed_at: now, said_at: now }),
        }
        Some(Sign::Typing(room, true))
    }

    fn stop(&mut self, room: RoomId) -> Option<Sign> {
        self.typing.take_if(|typing| typing.room == room).map(|_| Sign::Typing(room, false))
    }

    /// The person has sent what they wrote. The server knows: nothing is to be said.
    pub fn sent(&mut self, room: RoomId) {
        self.typing.take_if(|typing| typing.room == room);
    }

    /// Says that the person has stopped, if they have.
    pub fn wake(&mut self, now: u64) -> Option<Sign> {
        let idle = self.typing.filter(|typing| now >= typing.changed_at + TYPING_IDLE_MS)?;
        self.stop(idle.room)
    }

    /// When to [`wake`](Self::wake) it. `None`: never.
    #[must_use]
    pub fn next_wake(&self) -> Option<u64> {
        self.typing.map(|typing| typing.changed_at + TYPING_IDLE_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(number: u8) -> RoomId {
        RoomId::from_entropy([number; 12])
    }

    #[test]
    fn doing_something_is_said_once_a_minute() {
        let mut signs = Signs::default();
        assert_eq!(signs.level(0), PresenceLevel::Active, "somebody opened the page");
        assert_eq!(signs.pressed(true, 1_000), Some(Sign::Active));
        assert_eq!(signs.pressed(true, 60_999), None);
        assert_eq!(signs.pressed(true, 61_000), Some(Sign::Active));
        assert_eq!(signs.level(360_999), PresenceLevel::Active);
        assert_eq!(signs.level(361_000), PresenceLevel::Away);
        signs.reopened();
        assert_eq!(signs.pressed(true, 361_001), Some(Sign::Active), "the server takes it for away");
        assert_eq!(signs.pressed(false, 421_001), None, "it is not shared any more");
        assert_eq!(signs.pressed(false, 421_002), None);
        assert_eq!(signs.pressed(true, 421_003), Some(Sign::Active), "and is shared again");
    }

    #[test]
    fn typing_is_said_every_three_seconds_while_it_lasts() {
        let mut signs = Signs::default();
        let typing = |is_typing| Some(Sign::Typing(room(1), is_typing));
        assert_eq!(signs.wrote(room(1), " ", 0), None);
        assert_eq!(signs.wrote(room(1), "/away", 0), None);
        assert_eq!(signs.wrote(room(1), "a", 100), typing(true));
        assert_eq!(signs.wrote(room(1), "ab", 3_099), None);
        assert_eq!(signs.wrote(room(1), "abc", 3_100), typing(true));
        assert_eq!((signs.wake(8_099), signs.next_wake()), (None, Some(8_100)));
        assert_eq!(signs.wake(8_100), typing(false), "five seconds without a key");
        assert_eq!((signs.wake(9_000), signs.next_wake()), (None, None));
        assert_eq!(signs.wrote(room(1), "abcd", 9_000), typing(true));
        assert_eq!(signs.wrote(room(1), "", 9_100), typing(false));
        assert_eq!(signs.wrote(room(1), "", 9_200), None);
        assert_eq!(signs.wrote(room(1), "a", 9_300), typing(true));
        signs.sent(room(1));
        assert_eq!((signs.wrote(room(1), "", 9_400), signs.next_wake()), (None, None), "the server knows");
    }

    #[test]
    fn another_room_is_another_word() {
        let mut signs = Signs::default();
        signs.wrote(room(1), "a", 0);
        assert_eq!(signs.wrote(room(2), "b", 1_000), Some(Sign::Typing(room(2), true)));
        assert_eq!(signs.wrote(room(1), "", 1_100), None, "that lapses by itself");
        assert_eq!(signs.next_wake(), Some(6_000));
    }
}
