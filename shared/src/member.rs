//! People: the members of a workspace, what they are and what others may see of them.

use serde::{Deserialize, Serialize};

use crate::{
    id::MemberId,
    text::{Bio, DisplayName, SignInName, WorkspaceName},
};

/// What a member is in the workspace. A word this version does not know reads as the least of them.
///
/// What each may do is in [`crate::policy`], and nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Answers for the workspace and may do everything in it.
    Owner,
    /// Runs it: everything but making or unmaking owners, and what is done to people above them.
    Admin,
    /// Reads and writes, makes rooms, invites.
    Member,
    /// A program: reads and writes where it has been let in.
    Bot,
    /// Sees the rooms it was let into and their people, nothing else.
    #[serde(other)]
    Guest,
}

impl Role {
    /// Every role, the highest first.
    pub const ALL: [Self; 5] = [Self::Owner, Self::Admin, Self::Member, Self::Bot, Self::Guest];

    /// Who is above whom. Members and bots are equals.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::Owner => 3,
            Self::Admin => 2,
            Self::Member | Self::Bot => 1,
            Self::Guest => 0,
        }
    }

    /// Whether this role administers the workspace.
    #[must_use]
    pub const fn is_admin(self) -> bool {
        matches!(self, Self::Owner | Self::Admin)
    }

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
            Self::Bot => "bot",
            Self::Guest => "guest",
        }
    }

    /// The role of a word; the least of them for a word of a later version.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|role| role.as_str() == word).unwrap_or(Self::Guest)
    }
}

/// A person as those may see them who share a workspace, or for a guest a room, with them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Never changes and is never given to another person.
    pub id: MemberId,
    /// The unique sign-in name.
    pub name: SignInName,
    /// The name shown beside messages.
    pub display_name: DisplayName,
    /// What the person may do.
    pub role: Role,
    /// When the account was made.
    pub joined_at: Timestamp,
    /// What the person says about themself; may be empty.
    pub bio: Bio,
    /// Whether the account is in use. A deactivated one keeps its name and its messages and can do nothing.
    pub active: bool,
}

/// Who may do something that a workspace leaves to its owner to decide. An unknown word reads as the narrower.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Circle {
    /// Everyone but guests and bots; of a room: everyone in it.
    #[default]
    Everyone,
    /// Owner and admins.
    #[serde(other)]
    Admins,
}

impl Circle {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Admins => "admins",
        }
    }

    /// The circle of a word; the narrower for a word of a later version.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        if word == Self::Everyone.as_str() { Self::Everyone } else { Self::Admins }
    }
}

/// The place itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    /// Its name, as the owner gave it.
    pub name: WorkspaceName,
    /// Who may make rooms.
    pub rooms_by: Circle,
    /// Who may invite people.
    pub invites_by: Circle,
    /// Whether people may be let in as guests, by a name alone.
    pub guests: bool,
}

/// How the hours are written for a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HourCycle {
    /// 0 to 23.
    H24,
    /// 1 to 12.
    H12,
    /// As the language does.
    #[default]
    #[serde(other)]
    Auto,
}

impl HourCycle {
    /// The word on the wire and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::H24 => "h24",
            Self::H12 => "h12",
            Self::Auto => "auto",
        }
    }

    /// The cycle of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word {
            "h24" => Self::H24,
            "h12" => Self::H12,
            _ => Self::Auto,
        }
    }
}

/// What a person has set for themself. Nobody else is ever sent it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The language of the interface, a BCP 47 tag; `None` follows the browser.
    pub language: Option<String>,
    /// The time zone, an IANA name, shown as local time on the person's card; `None` shows none.
    pub time_zone: Option<String>,
    /// How the hours are written.
    pub hours: HourCycle,
    /// Whether others see when the person is here, and was last.
    pub shows_presence: bool,
    /// Whether others see when the person is typing.
    pub shows_typing: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { language: None, time_zone: None, hours: HourCycle::Auto, shows_presence: true, shows_typing: true }
    }
}

/// A row of the list of people: the person, and what is known of their being here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The person.
    pub member: Member,
    /// Whose invite it was; nobody's for the first owner. Only for those who see the whole list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invited_by: Option<MemberId>,
    /// How many rooms the person is in. For admins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room_count: Option<u32>,
    /// When the person was last here, if they share that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Timestamp>,
    /// Whether the account is banned. For admins; to others it is inactive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub banned: Option<bool>,
}

/// `GET /api/people`: a page of the people, by the name shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeoplePage {
    /// The people.
    pub people: Vec<Person>,
    /// Where the next page begins: `?after=`. `None` at the end.
    pub next: Option<MemberId>,
    /// How many people the question finds in all.
    pub total: u32,
}

/// A moment as it crosses the wire: RFC 3339, UTC, milliseconds (`2026-11-22T12:00:00.000Z`).
///
/// For people to read. Nothing is ordered, resumed or made idempotent by it: clocks jump.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_a_later_version_gives_the_least_right() {
        for role in Role::ALL {
            assert_eq!(Role::from_word(role.as_str()), role);
            assert_eq!(serde_json::to_string(&role).expect("a word"), format!("\"{}\"", role.as_str()));
        }
        assert_eq!(Role::from_word("emperor"), Role::Guest);
        assert_eq!(serde_json::from_str::<Role>("\"emperor\"").expect("reads"), Role::Guest);
        assert_eq!(serde_json::from_str::<Circle>("\"friends\"").expect("reads"), Circle::Admins);
        assert_eq!(Circle::from_word("friends"), Circle::Admins);
        assert_eq!(Circle::from_word("everyone"), Circle::Everyone);
    }
}
