//! Requests to `/api`, typed by `shared`: the only user of gloo-net.
//!
//! Every call ends: with an answer, or after its time-out with [`ApiError::Network`]. JSON is parsed by the browser and
//! read by `shared::wire`, which spares the bundle a second parser and what serde generates. Dropping a future does not
//! take a request back that has left; calls that change something are idempotent on the server or are made by a person's
//! press. Calls are in [`mod@session`] (who am I), [`mod@rooms`] (what is said), `people` (who is here, and what
//! admins do) and `account` (what is one's own).

mod account;
mod call;
pub mod json;
mod people;
mod presence;
mod rooms;
mod session;

pub use self::{
    account::{
        change_password, end_other_sessions, end_session, make_device_link, make_token, revoke_token, sessions, tokens,
    },
    call::round_trip_ms,
    people::{
        audit, ban, ban_preview, change_person, change_workspace, invites, lift_ban, make_invite, make_reset_link,
        people, withdraw_invite,
    },
    presence::{give_sign, presence},
    rooms::{
        add_member, card, change_room, delete_message, directory, join_room, leave_room, make_room, members,
        message_page, move_read, person, post_message, remove_member, room, room_by_slug, rooms, set_involvement,
        set_read, snapshot,
    },
    session::{
        device_link, enter, enter_as_guest, invite, join, reset_link, reset_password, session, set_up, setup_state,
        sign_in, sign_in_by_link, sign_out,
    },
};

use shared::problem::{Problem, ProblemCode};

/// Why a call has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// No answer: no network, no server, or not in time.
    Network,
    /// The server said no, and why.
    Problem {
        /// What it said.
        problem: Box<Problem>,
        /// Its `Retry-After`, in seconds (RFC 9110 §10.2.3).
        retry_after_s: Option<u32>,
    },
    /// An answer that is not of this interface: a proxy's page, or a newer server's.
    Malformed {
        /// The HTTP status it came with.
        status: u16,
    },
}

impl ApiError {
    /// What the server said, for programs. `None`: it said nothing.
    #[must_use]
    pub fn code(&self) -> Option<ProblemCode> {
        if let Self::Problem { problem, .. } = self { Some(problem.code) } else { None }
    }

    /// The field at fault.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        if let Self::Problem { problem, .. } = self { problem.field.as_deref() } else { None }
    }

    /// How long the server asks to wait, in seconds.
    #[must_use]
    pub fn retry_after_s(&self) -> Option<u32> {
        if let Self::Problem { retry_after_s, .. } = self { *retry_after_s } else { None }
    }

    /// The HTTP status. `None`: there was no answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Network => None,
            Self::Problem { problem, .. } => Some(problem.status),
            Self::Malformed { status } => Some(*status),
        }
    }

    /// Whether the same request may have another answer later: no answer, a time-out, too many at once, or a fault of
    /// the server's.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        // A 200 that cannot be read is a page of a proxy or of a hotel's network, not of the server.
        self.status().is_none_or(|status| matches!(status, 200..=299 | 408 | 425 | 429 | 500..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_definite_no_is_final() {
        let problem = |code| ApiError::Problem { problem: Box::new(Problem::new(code, "q")), retry_after_s: None };
        for (error, may_pass) in [
            (ApiError::Network, true),
            (ApiError::Malformed { status: 502 }, true),
            (ApiError::Malformed { status: 200 }, true),
            (ApiError::Malformed { status: 404 }, false),
            (problem(ProblemCode::Unavailable), true),
            (problem(ProblemCode::RateLimited), true),
            (problem(ProblemCode::StorageFull), true),
            (problem(ProblemCode::NotFound), false),
            (problem(ProblemCode::TooLong), false),
        ] {
            assert_eq!(error.may_pass(), may_pass, "{error:?}");
        }
    }
}
