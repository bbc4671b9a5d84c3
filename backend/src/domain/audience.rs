//! Who may hear a fact. Every fact names exactly one audience; there is no default.

use std::{fmt, str::FromStr};

use shared::id::{InvalidId, MemberId, RoomId};

/// The one group of people a fact is for. Stored with the fact, as text (`Display` and `FromStr` agree).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Everyone signed in to the workspace.
    Workspace,
    /// Those who administer it.
    Admins,
    /// The members of one room.
    Room(RoomId),
    /// One person, on all their streams.
    Member(MemberId),
    /// No one: what a stored fact is read as whose audience cannot be read. Nothing is ever written for it.
    Nobody,
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Workspace => f.write_str("workspace"),
            Self::Admins => f.write_str("admins"),
            Self::Room(room) => room.fmt(f),
            Self::Member(member) => member.fmt(f),
            Self::Nobody => f.write_str("nobody"),
        }
    }
}

impl FromStr for Audience {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text {
            "workspace" => Ok(Self::Workspace),
            "admins" => Ok(Self::Admins),
            "nobody" => Ok(Self::Nobody),
            _ if text.starts_with(RoomId::PREFIX) => text.parse().map(Self::Room),
            _ => text.parse().map(Self::Member),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_reads_what_it_prints() {
        let (room, member) = (RoomId::from_entropy([1; 12]), MemberId::from_entropy([2; 12]));
        let all =
            [Audience::Workspace, Audience::Admins, Audience::Room(room), Audience::Member(member), Audience::Nobody];
        for audience in all {
            assert_eq!(audience.to_string().parse(), Ok(audience));
        }
        for wrong in ["", "everyone", "Workspace", "r_", "m_111111111111", "u_111111111111 "] {
            assert_eq!(wrong.parse::<Audience>(), Err(InvalidId), "{wrong:?}");
        }
    }
}
