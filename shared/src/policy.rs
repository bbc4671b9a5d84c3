//! Who may do what: one pure table for the server, which refuses by it, and the client, which leaves absent what would be
//! refused (ARCHITECTURE, "rights").
//!
//! Three questions, by what is acted on: [`in_room`], [`in_workspace`], [`to_person`]. They know roles and facts, no
//! database. Counts that only the server has (the last owner, the caps) are its own rules, in its `domain`.
//! A room that [`RoomAction::See`] does not allow must be answered as if it did not exist, whatever else was asked.

use crate::{
    id::MemberId,
    member::{Circle, Role, Workspace},
    room::{Room, RoomKind},
};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// The person.
    pub id: MemberId,
    /// What they are.
    pub role: Role,
}

/// What can be done in or to a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RoomAction {
    /// Know that it exists, and what it is.
    See,
    /// Read its history, its members, its events.
    Read,
    /// Post, and be seen typing.
    Post,
    /// Delete a message of one's own.
    DeleteOwn,
    /// Delete a message of someone else's.
    DeleteOthers,
    /// Come in by oneself.
    Join,
    /// Go.
    Leave,
    /// Bring someone in.
    Add,
    /// Take someone out, see [`may_remove`] for whom.
    Remove,
    /// Change name, address, topic, who may post.
    Change,
    /// Open it or close it.
    Convert,
    /// Archive it.
    Archive,
    /// Take it out of the archive.
    Restore,
    /// Choose what one hears of it, and how far one has read.
    Follow,
    /// Make an invite into it.
    InviteTo,
}

impl RoomAction {
    /// Every action.
    pub const ALL: &[Self] = &[
        Self::See,
        Self::Read,
        Self::Post,
        Self::DeleteOwn,
        Self::DeleteOthers,
        Self::Join,
        Self::Leave,
        Self::Add,
        Self::Remove,
        Self::Change,
        Self::Convert,
        Self::Archive,
        Self::Restore,
        Self::Follow,
        Self::InviteTo,
    ];
}

/// Whether `actor`, who is in the room or not, may do this in it.
#[must_use]
pub fn in_room(actor: Actor, room: &Room, joined: bool, action: RoomAction) -> bool {
    let (kind, archived) = (room.kind, room.archived);
    let sees = joined || (kind == RoomKind::Open && actor.role != Role::Guest);
    // The people of a direct room are its condition: nobody comes, goes or rules.
    let shared = kind != RoomKind::Direct;
    let moderates = sees && shared && (actor.role.is_admin() || (joined && room.moderator == Some(actor.id)));
    // A program does as it is told, a guest is one: neither runs rooms nor brings people.
    let settled = !matches!(actor.role, Role::Guest | Role::Bot);
    match action {
        RoomAction::See => sees,
        RoomAction::Read | RoomAction::Follow => joined,
        RoomAction::Post => joined && !archived && (room.posting == Circle::Everyone || actor.role.is_admin()),
        RoomAction::DeleteOwn => joined && !archived,
        RoomAction::DeleteOthers | RoomAction::Remove | RoomAction::Change => moderates && !archived,
        RoomAction::Join => sees && !joined && kind == RoomKind::Open && !archived,
        RoomAction::Leave => joined && shared,
        RoomAction::Add | RoomAction::InviteTo => joined && shared && !archived && settled,
        // Who opens a room gives it to everyone, who closes it takes it away: both need the right on either side, and it
        // is the same one (security.md A6).
        RoomAction::Convert | RoomAction::Archive => moderates && !archived && settled,
        RoomAction::Restore => moderates && archived && settled,
    }
}

/// Whether someone who may take people out of a room may take out this one: nobody above themself.
#[must_use]
pub const fn may_remove(actor: Role, target: Role) -> bool {
    actor.rank() >= target.rank()
}

/// Whether someone with this role can be added to a room. A guest is where they were let in, and nowhere else.
#[must_use]
pub fn can_be_added(target: Role, active: bool) -> bool {
    active && target != Role::Guest
}

/// What can be done in or to the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WorkspaceAction {
    /// See the directory of open rooms and the list of people.
    Browse,
    /// Make an open or closed room.
    MakeRoom,
    /// Begin a direct conversation.
    MakeDirect,
    /// Make an invite that gives this role.
    Invite(Role),
    /// See and withdraw everyone's invites.
    ManageInvites,
    /// Change its name and rules.
    Change,
    /// Read the audit log.
    Audit,
}

/// Whether a role may do this in a workspace with these rules.
#[must_use]
pub fn in_workspace(role: Role, workspace: &Workspace, action: WorkspaceAction) -> bool {
    let among = |circle| role.is_admin() || (circle == Circle::Everyone && role == Role::Member);
    match action {
        WorkspaceAction::Browse => role != Role::Guest,
        WorkspaceAction::MakeRoom => among(workspace.rooms_by),
        WorkspaceAction::MakeDirect => among(Circle::Everyone),
        WorkspaceAction::Invite(given) => among(workspace.invites_by) && may_give(role, given, workspace.guests),
        WorkspaceAction::ManageInvites | WorkspaceAction::Change | WorkspaceAction::Audit => role.is_admin(),
    }
}

/// Nobody is made an owner by a link, nobody gives more than they have, and a program is not invited.
fn may_give(role: Role, given: Role, guests: bool) -> bool {
    match given {
        Role::Owner | Role::Bot => false,
        Role::Guest => guests,
        Role::Admin | Role::Member => given.rank() <= role.rank(),
    }
}

/// What can be done to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PersonAction {
    /// Change profile and settings.
    ChangeProfile,
    /// Give another role.
    ChangeRole(Role),
    /// Deactivate the account.
    Deactivate,
    /// Reactivate it.
    Reactivate,
    /// Ban the person, or lift the ban.
    Ban,
    /// Make a link with which the person sets a new password.
    MakeResetLink,
}

/// Whether someone of this role may do this to a person of that role. `is_self` says that both are the same person.
#[must_use]
pub fn to_person(role: Role, target: Role, is_self: bool, action: PersonAction) -> bool {
    let above = role == Role::Owner || (role == Role::Admin && role.rank() > target.rank());
    match action {
        PersonAction::ChangeProfile => is_self,
        PersonAction::ChangeRole(to) => {
            // A program stays one, and nobody becomes one.
            let person = to != target && target != Role::Bot && to != Role::Bot;
            let below = is_self && role.is_admin() && to.rank() < role.rank();
            person && (below || (above && to.rank() <= role.rank()))
        }
        PersonAction::Deactivate => above || (is_self && role != Role::Bot),
        PersonAction::Reactivate => above && !is_self,
        PersonAction::Ban => above && !is_self && target != Role::Owner,
        PersonAction::MakeResetLink => role == Role::Owner && !is_self && !matches!(target, Role::Bot | Role::Guest),
    }
}

#[cfg(test)]
mod tests;
