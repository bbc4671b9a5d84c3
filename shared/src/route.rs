//! The addresses of the interface, written once for both sides.

use std::fmt::Display;

use crate::id::{InviteId, MemberId, MessageId, RoomId, SessionId};

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
/// The rooms that the caller is in or could join.
pub const DIRECTORY: &str = "/api/directory";
/// People.
pub const PEOPLE: &str = "/api/people";
/// Who is here.
pub const PRESENCE: &str = "/api/presence";
/// The caller's own sessions.
pub const SESSIONS: &str = "/api/sessions";
/// The caller's own tokens.
pub const TOKENS: &str = "/api/tokens";
/// The caller's own password.
pub const PASSWORD: &str = "/api/password";
/// Links that move a session to another device.
pub const DEVICE_LINKS: &str = "/api/device-links";
/// Coming in as a guest without an invite, where the workspace allows it.
pub const GUESTS: &str = "/api/guests";
/// The workspace's name and rules.
pub const WORKSPACE: &str = "/api/workspace";
/// The audit log.
pub const AUDIT: &str = "/api/audit";

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

/// One of the invitations in the list.
#[must_use]
pub fn invite_by_id(invite: InviteId) -> String {
    format!("{INVITES}/{invite}")
}

/// The members of a room, by id or slug.
#[must_use]
pub fn members(room: impl Display) -> String {
    format!("{ROOMS}/{room}/members")
}

/// One member of a room; `me` for the caller.
#[must_use]
pub fn room_member(room: impl Display, member: impl Display) -> String {
    format!("{ROOMS}/{room}/members/{member}")
}

/// What the caller hears of a room.
#[must_use]
pub fn involvement(room: RoomId) -> String {
    format!("{ROOMS}/{room}/involvement")
}

/// That the caller is typing in a room.
#[must_use]
pub fn typing(room: RoomId) -> String {
    format!("{ROOMS}/{room}/typing")
}

/// A message.
#[must_use]
pub fn message(message: MessageId) -> String {
    format!("/api/messages/{message}")
}

/// The ban of a person.
#[must_use]
pub fn ban(member: MemberId) -> String {
    format!("{PEOPLE}/{member}/ban")
}

/// Making a link with which a person sets a new password.
#[must_use]
pub fn reset_link(member: MemberId) -> String {
    format!("{PEOPLE}/{member}/reset-link")
}

/// One of the caller's sessions.
#[must_use]
pub fn own_session(session: SessionId) -> String {
    format!("{SESSIONS}/{session}")
}

/// One of the caller's tokens.
#[must_use]
pub fn token(token: SessionId) -> String {
    format!("{TOKENS}/{token}")
}

/// What is behind a device link, and signing in by it.
#[must_use]
pub fn device_link(code: &str) -> String {
    format!("{DEVICE_LINKS}/{code}")
}

/// The page that a person opens to sign in on another device.
#[must_use]
pub fn device_page(code: &str) -> String {
    format!("/move/{code}")
}

/// What is behind a reset link, and setting the password by it.
#[must_use]
pub fn reset(code: &str) -> String {
    format!("/api/reset/{code}")
}

/// The page that a person opens to set a new password.
#[must_use]
pub fn reset_page(code: &str) -> String {
    format!("/reset/{code}")
}
