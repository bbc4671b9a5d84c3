//! The audit log: what was done with a right that not everyone has. Owner and admins read it; nobody can change it.

use serde::{Deserialize, Serialize};

use crate::{
    cursor::Offset,
    id::{MemberId, RoomId},
    member::Timestamp,
    text::Reason,
};

macro_rules! acts {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)+) => {
        /// What was done. A word of a later version is kept as an act that cannot be named.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum AuditAct {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)+
            /// Something that a later version can do.
            #[serde(other, rename = "unknown")]
            Unknown,
        }

        impl AuditAct {
            /// Every act this version can do.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word on the wire and in the store.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Unknown => "unknown",
                }
            }

            /// The act of a word.
            #[must_use]
            pub fn from_word(word: &str) -> Self {
                Self::ALL.iter().copied().find(|act| act.as_str() == word).unwrap_or(Self::Unknown)
            }
        }
    };
}

acts! {
    /// The workspace's name or rules were changed; `detail` says which and how.
    WorkspaceChanged = "workspace_changed",
    /// Someone's role was changed; `detail` is the new role.
    RoleChanged = "role_changed",
    /// An account was deactivated.
    Deactivated = "deactivated",
    /// An account was reactivated.
    Reactivated = "reactivated",
    /// An account was banned; `reason` says why, `count` how many messages were deleted with it.
    Banned = "banned",
    /// A ban was lifted.
    Unbanned = "unbanned",
    /// A link was made with which someone sets a new password.
    ResetLinkMade = "reset_link_made",
    /// An invite was made; `detail` is the role it gives.
    InviteMade = "invite_made",
    /// An invite was withdrawn; `detail` is the role it gave.
    InviteWithdrawn = "invite_withdrawn",
    /// A token was made; `detail` is its label.
    TokenMade = "token_made",
    /// A token was revoked; `detail` is its label.
    TokenRevoked = "token_revoked",
    /// An open room was closed, or a closed one opened; `detail` is the new kind.
    RoomConverted = "room_converted",
    /// A room was archived.
    RoomArchived = "room_archived",
    /// A room was taken out of the archive.
    RoomRestored = "room_restored",
    /// Someone was taken out of a room.
    MemberRemoved = "member_removed",
    /// Someone else's message was deleted.
    MessageDeleted = "message_deleted",
}

/// One line of the audit log. What an act does not concern is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its place in the log: entries are ordered and paged by it.
    pub offset: Offset,
    /// When it was done.
    pub at: Timestamp,
    /// Who did it.
    pub by: MemberId,
    /// What was done.
    pub act: AuditAct,
    /// To whom.
    pub member: Option<MemberId>,
    /// In or to which room. A closed room is named by id alone: who is not in it learns no more.
    pub room: Option<RoomId>,
    /// What else belongs to the act, see [`AuditAct`].
    pub detail: Option<String>,
    /// Why, in the words of who did it.
    pub reason: Option<Reason>,
    /// How many things it touched.
    pub count: Option<u64>,
    /// The network address it was done from.
    pub address: Option<String>,
}

/// `GET /api/audit`: a page of the audit log, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// Whether there are older ones: `?before=` the last one's offset.
    pub more: bool,
    /// How many entries the question finds in all.
    pub total: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_reads_what_it_prints() {
        for &act in AuditAct::ALL {
            assert_eq!(AuditAct::from_word(act.as_str()), act);
            assert_eq!(serde_json::to_string(&act).expect("a word"), format!("\"{}\"", act.as_str()));
        }
        assert_eq!(AuditAct::from_word("crowned"), AuditAct::Unknown);
    }
}
