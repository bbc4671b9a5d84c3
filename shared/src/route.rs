//! The addresses of the interface, written once for both sides.

use std::fmt::Display;

use crate::id::{MemberId, RoomId};

/// The stream.
pub const CHAT: &str = "/chat";
/// First-run set-up.
pub const SETUP: &str = "/api/setup";
/// The caller's own session.
pub const SESSION: &str = "/api/session";
/// Invitations.
pub const INVITES: &str = "/api/invites";
/// Everything a client shows first.
pub const SNAPSHOT: &str = "/api/snapshot";
/// Rooms.
pub const ROOMS: &str = "/api/rooms";

/// What is behind an invite code.
#[must_use]
pub fn invite(code: &str) -> String {
    format!("{INVITES}/{code}")
}

/// Joining by an invite code.
#[must_use]
pub fn join(code: &str) -> String {
    format!("/api/join/{code}")
}

/// The page that a person opens to join by an invite code.
#[must_use]
pub fn join_page(code: &str) -> String {
    format!("/join/{code}")
}

/// A person.
#[must_use]
pub fn person(member: MemberId) -> String {
    format!("/api/people/{member}")
}

/// A room, by id or slug.
#[must_use]
pub fn room(room: impl Display) -> String {
    format!("{ROOMS}/{room}")
}

/// A room's messages, by id or slug.
#[must_use]
pub fn messages(room: impl Display) -> String {
    format!("{ROOMS}/{room}/messages")
}

/// The caller's read position in a room.
#[must_use]
pub fn read(room: RoomId) -> String {
    format!("{ROOMS}/{room}/read")
}
