//! The table of [`shared::policy`] as refusals: what is not allowed has a reason, and what may not be known has none.

use shared::{
    policy::{self, Actor, RoomAction},
    room::Room,
};

use super::DomainError;

/// Whether someone may do this in a room.
///
/// # Errors
/// [`DomainError::NotFound`] when they may not know of the room, whatever they asked; [`DomainError::RoomArchived`] when
/// only that is in the way; [`DomainError::Forbidden`].
pub fn require_in_room(actor: Actor, room: &Room, joined: bool, action: RoomAction) -> Result<(), DomainError> {
    if !policy::in_room(actor, room, joined, RoomAction::See) {
        return Err(DomainError::NotFound);
    }
    if policy::in_room(actor, room, joined, action) {
        return Ok(());
    }
    let in_use = Room { archived: false, ..room.clone() };
    let is_only_archived = room.archived && policy::in_room(actor, &in_use, joined, action);
    Err(if is_only_archived { DomainError::RoomArchived } else { DomainError::Forbidden })
}

/// `true` as nothing, `false` as the plain refusal: for what is not about a room.
///
/// # Errors
/// [`DomainError::Forbidden`]
pub const fn require(allowed: bool) -> Result<(), DomainError> {
    if allowed { Ok(()) } else { Err(DomainError::Forbidden) }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use shared::{
        cursor::Offset,
        id::{MemberId, RoomId},
        member::{Circle, Role},
        room::RoomKind,
        text::{RoomName, RoomTopic},
    };

    use super::*;

    #[test]
    fn a_refusal_tells_no_more_than_may_be_known() {
        let actor = Actor { id: MemberId::from_entropy([1; 12]), role: Role::Member };
        let room = |kind, archived| Room {
            id: RoomId::from_entropy([1; 12]),
            slug: "tea".to_owned(),
            name: RoomName::parse("tea").unwrap(),
            kind,
            topic: RoomTopic::default(),
            archived,
            posting: Circle::Everyone,
            moderator: None,
            member_count: 2,
            people: vec![],
            last_offset: Offset::ZERO,
            rev: Offset::ZERO,
        };
        let check = |kind, archived, joined, action, expected: Result<(), DomainError>| {
            let room = room(kind, archived);
            assert_eq!(require_in_room(actor, &room, joined, action), expected, "{action:?} {joined} {room:?}");
        };
        check(RoomKind::Closed, false, true, RoomAction::Post, Ok(()));
        check(RoomKind::Closed, true, true, RoomAction::Post, Err(DomainError::RoomArchived));
        check(RoomKind::Closed, true, true, RoomAction::Change, Err(DomainError::Forbidden));
        check(RoomKind::Closed, true, false, RoomAction::Post, Err(DomainError::NotFound));
        check(RoomKind::Open, false, false, RoomAction::Post, Err(DomainError::Forbidden));
        check(RoomKind::Open, true, false, RoomAction::Join, Err(DomainError::RoomArchived));
        check(RoomKind::Direct, false, true, RoomAction::Leave, Err(DomainError::Forbidden));
        check(RoomKind::Direct, false, false, RoomAction::Leave, Err(DomainError::NotFound));
        assert_eq!((require(true), require(false)), (Ok(()), Err(DomainError::Forbidden)));
    }
}
