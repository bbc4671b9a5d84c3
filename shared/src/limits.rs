//! Every limit that both sides must know, with its unit and its reason.
//!
//! docs/API.md lists them; `cargo xtask tidy` keeps the two together.

/// Longest message body, in bytes of UTF-8: several printed pages; with `html` beside it an event stays below
/// [`EVENT_MAX_BYTES`].
pub const BODY_MAX_BYTES: usize = 16 * 1024;

/// Longest name of a person, room or workspace, in characters: fits a rail row twice over.
pub const NAME_MAX_CHARS: usize = 64;

/// Longest name in bytes, whatever its characters are made of (combining marks count towards nothing else).
pub const NAME_MAX_BYTES: usize = 256;

/// Shortest password, in characters (NIST SP 800-63B §5.1.1.2).
pub const PASSWORD_MIN_CHARS: usize = 8;

/// Longest password, in bytes: far above any passphrase, far below what would cost time to hash.
pub const PASSWORD_MAX_BYTES: usize = 1024;

/// Largest JSON request body, in bytes: a full message body in which every byte had to be written as `\u00xx`.
pub const REQUEST_MAX_BYTES: usize = 6 * BODY_MAX_BYTES + 4096;

/// Messages on a page of history when the request does not say.
pub const PAGE_DEFAULT: u32 = 50;

/// Most messages on a page of history; a larger wish is cut to this.
pub const PAGE_MAX: u32 = 100;

/// Largest encoded event on the stream, in bytes: one event always fits the mailbox of [`MAILBOX_MAX_BYTES`].
pub const EVENT_MAX_BYTES: usize = 56 * 1024;

/// What waits at most for one slow reader, in bytes; above it the mailbox is dropped and the log is read instead.
pub const MAILBOX_MAX_BYTES: usize = 64 * 1024;

/// Time between two `tick` events, in milliseconds: below the 60 s after which home routers forget a connection.
pub const HEARTBEAT_MS: u64 = 15_000;

/// A reader that has heard nothing for this many heartbeats gives the connection up.
pub const HEARTBEATS_UNTIL_DEAD: f64 = 2.5;

/// Largest request head, in bytes; hyper answers 431 above it (RFC 6585 §5).
pub const HEAD_MAX_BYTES: usize = 16 * 1024;

/// Largest `Cookie` header, in bytes; 431 above it.
pub const COOKIE_MAX_BYTES: usize = 8 * 1024;

/// How long an invite link works, in days, when the request does not say.
pub const INVITE_DAYS: i64 = 7;

/// Longest time an invite link may work, in days.
pub const INVITE_DAYS_MAX: i64 = 30;

/// Most uses that an invite link may be limited to; above it one makes a link without a limit.
pub const INVITE_USES_MAX: u32 = 1_000;

/// Most invites in the list that an admin sees; the newest ones.
pub const INVITES_LISTED_MAX: u32 = 500;

/// How long the link works that moves a session to another device, in seconds: long enough to find the other device.
pub const DEVICE_LINK_S: i64 = 300;

/// How long a link works that sets a new password, in seconds (security.md AU12).
pub const RESET_LINK_S: i64 = 3_600;

/// Longest topic of a room, in characters: two lines of the header.
pub const TOPIC_MAX_CHARS: usize = 250;

/// Longest text that people write about themselves, in characters.
pub const BIO_MAX_CHARS: usize = 160;

/// Longest reason that an administrator gives, in characters.
pub const REASON_MAX_CHARS: usize = 500;

/// Most people of a direct room, its maker among them: more is a room.
pub const DIRECT_PEOPLE_MAX: usize = 9;

/// Most people named at once when a room is made.
pub const ROOM_PEOPLE_NAMED_MAX: usize = 100;

/// Most members of a room.
pub const ROOM_MEMBERS_MAX: u32 = 20_000;

/// Most rooms of one person: all of them are in the snapshot.
pub const MEMBER_ROOMS_MAX: u32 = 1_000;

/// Most rooms of a workspace.
pub const ROOMS_MAX: u32 = 20_000;

/// Where the counting of unread messages stops: what is shown is "999+", and nobody's count costs more than this.
pub const UNREAD_MAX: u32 = 1_000;

/// Up to this many people a client is sent all of them at the start; above it, those it needs.
pub const SNAPSHOT_PEOPLE_MAX: u32 = 200;

/// People or rooms on a page of a list when the request does not say.
pub const LIST_DEFAULT: u32 = 50;

/// Most people or rooms on a page of a list, and most people asked for by id at once.
pub const LIST_MAX: u32 = 100;

/// Sessions, tokens and open invites that one person may have, each.
pub const OWN_MAX: u32 = 100;

/// Most messages that a client keeps of one room: bounded memory and a bounded DOM.
pub const TIMELINE_MAX: usize = 300;
