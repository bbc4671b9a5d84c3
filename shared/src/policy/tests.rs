//! The whole table, written out: a change of a right is a change of a line here.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::{
    cursor::Offset,
    id::RoomId,
    text::{RoomName, RoomTopic, WorkspaceName},
};

const ME: [u8; 12] = [1; 12];

fn room(kind: RoomKind, archived: bool, posting: Circle, mine: bool) -> Room {
    let maker = if mine { ME } else { [2; 12] };
    Room {
        id: RoomId::from_entropy([1; 12]),
        slug: "tea".to_owned(),
        name: RoomName::parse("tea").unwrap(),
        kind,
        topic: RoomTopic::default(),
        archived,
        posting,
        moderator: (kind != RoomKind::Direct).then(|| MemberId::from_entropy(maker)),
        member_count: 3,
        people: vec![],
        last_offset: Offset::ZERO,
        rev: Offset::ZERO,
    }
}

/// One letter for each action, in the order of [`RoomAction::ALL`]; a dot where it is not allowed.
const LETTERS: &str = "srpdDjlaXcvAufi";

fn allowed(role: Role, room: &Room, joined: bool) -> String {
    let actor = Actor { id: MemberId::from_entropy(ME), role };
    let letter = |(&action, letter)| if in_room(actor, room, joined, action) { letter } else { '.' };
    RoomAction::ALL.iter().zip(LETTERS.chars()).map(letter).collect()
}

/// Kind, archived, posting, whether the actor made it, whether they are in it: then owner, admin, member, bot, guest.
type Row = (RoomKind, bool, Circle, bool, bool, [&'static str; 5]);

#[rustfmt::skip]
const ROOMS: &[Row] = {
    use Circle::{Admins, Everyone};
    use RoomKind::{Closed, Direct, Open};
    &[
        // See Read Post DeleteOwn DeleteOthers Join Leave Add Remove Change Convert Archive Restore Follow InviteTo
        (Open,   false, Everyone, false, true,  ["srpdD.laXcvA.fi", "srpdD.laXcvA.fi", "srpd..la.....fi", "srpd..l......f.", "srpd..l......f."]),
        (Open,   false, Everyone, true,  true,  ["srpdD.laXcvA.fi", "srpdD.laXcvA.fi", "srpdD.laXcvA.fi", "srpdD.l.Xc...f.", "srpdD.l.Xc...f."]),
        (Open,   false, Admins,   false, true,  ["srpdD.laXcvA.fi", "srpdD.laXcvA.fi", "sr.d..la.....fi", "sr.d..l......f.", "sr.d..l......f."]),
        (Open,   true,  Everyone, true,  true,  ["sr....l.....uf.", "sr....l.....uf.", "sr....l.....uf.", "sr....l......f.", "sr....l......f."]),
        (Open,   false, Everyone, false, false, ["s...Dj..XcvA...", "s...Dj..XcvA...", "s....j.........", "s....j.........", "..............."]),
        (Open,   false, Everyone, true,  false, ["s...Dj..XcvA...", "s...Dj..XcvA...", "s....j.........", "s....j.........", "..............."]),
        (Open,   true,  Everyone, false, false, ["s...........u..", "s...........u..", "s..............", "s..............", "..............."]),
        (Closed, false, Everyone, false, true,  ["srpdD.laXcvA.fi", "srpdD.laXcvA.fi", "srpd..la.....fi", "srpd..l......f.", "srpd..l......f."]),
        (Closed, false, Admins,   true,  true,  ["srpdD.laXcvA.fi", "srpdD.laXcvA.fi", "sr.dD.laXcvA.fi", "sr.dD.l.Xc...f.", "sr.dD.l.Xc...f."]),
        (Closed, true,  Everyone, false, true,  ["sr....l.....uf.", "sr....l.....uf.", "sr....l......f.", "sr....l......f.", "sr....l......f."]),
        (Closed, false, Everyone, true,  false, ["...............", "...............", "...............", "...............", "..............."]),
        (Closed, true,  Everyone, true,  false, ["...............", "...............", "...............", "...............", "..............."]),
        (Direct, false, Everyone, false, true,  ["srpd.........f.", "srpd.........f.", "srpd.........f.", "srpd.........f.", "srpd.........f."]),
        (Direct, false, Everyone, false, false, ["...............", "...............", "...............", "...............", "..............."]),
    ]
};

#[test]
fn rooms_are_open_to_those_who_may() {
    assert_eq!(LETTERS.len(), RoomAction::ALL.len());
    for (kind, archived, posting, mine, joined, expected) in ROOMS {
        let room = room(*kind, *archived, *posting, *mine);
        for (role, expected) in Role::ALL.into_iter().zip(expected) {
            assert_eq!(allowed(role, &room, *joined), *expected, "{role:?} joined={joined} {room:?}");
        }
    }
}

#[test]
fn what_cannot_be_seen_allows_nothing() {
    let circles = [Circle::Everyone, Circle::Admins];
    for kind in [RoomKind::Open, RoomKind::Closed, RoomKind::Direct] {
        for (archived, mine, joined) in [0, 1, 2, 3, 4, 5, 6, 7].map(|n| (n & 1 > 0, n & 2 > 0, n & 4 > 0)) {
            for (role, posting) in Role::ALL.into_iter().flat_map(|role| circles.map(|circle| (role, circle))) {
                let letters = allowed(role, &room(kind, archived, posting, mine), joined);
                assert!(letters.starts_with('s') || letters.chars().all(|letter| letter == '.'), "{letters}");
            }
        }
    }
}

#[test]
fn nobody_takes_out_those_above() {
    use Role::{Admin, Bot, Guest, Member, Owner};
    for (actor, below) in [
        (Owner, &[Owner, Admin, Member, Bot, Guest][..]),
        (Admin, &[Admin, Member, Bot, Guest]),
        (Member, &[Member, Bot, Guest]),
        (Bot, &[Member, Bot, Guest]),
        (Guest, &[Guest]),
    ] {
        for target in Role::ALL {
            assert_eq!(may_remove(actor, target), below.contains(&target), "{actor:?} {target:?}");
        }
    }
    assert!(can_be_added(Member, true) && can_be_added(Bot, true));
    assert!(!can_be_added(Guest, true) && !can_be_added(Member, false));
}

#[test]
fn the_workspace_is_run_by_its_rules() {
    use Role::{Admin, Bot, Guest, Member, Owner};
    use WorkspaceAction::{Audit, Browse, Change, Invite, MakeDirect, MakeRoom, ManageInvites};
    let workspace = |rooms_by, invites_by, guests| Workspace {
        name: WorkspaceName::parse("Longjing Works").unwrap(),
        rooms_by,
        invites_by,
        guests,
    };
    let free = workspace(Circle::Everyone, Circle::Everyone, true);
    let strict = workspace(Circle::Admins, Circle::Admins, false);
    let check = |action, in_free: &[Role], in_strict: &[Role]| {
        for role in Role::ALL {
            assert_eq!(in_workspace(role, &free, action), in_free.contains(&role), "{role:?} {action:?}");
            assert_eq!(in_workspace(role, &strict, action), in_strict.contains(&role), "{role:?} {action:?}, strictly");
        }
    };
    let (admins, people) = (&[Owner, Admin][..], &[Owner, Admin, Member][..]);
    check(Browse, &[Owner, Admin, Member, Bot], &[Owner, Admin, Member, Bot]);
    check(MakeRoom, people, admins);
    check(MakeDirect, people, people);
    check(Invite(Owner), &[], &[]);
    check(Invite(Admin), admins, admins);
    check(Invite(Member), people, admins);
    check(Invite(Bot), &[], &[]);
    check(Invite(Guest), people, &[]);
    for action in [ManageInvites, Change, Audit] {
        check(action, admins, admins);
    }
}

#[test]
fn people_are_changed_by_those_above_them() {
    use PersonAction::{Ban, ChangeProfile, ChangeRole, Deactivate, MakeResetLink, Reactivate};
    use Role::{Admin, Bot, Guest, Member, Owner};
    let check = |action, by_owner: &[Role], by_admin: &[Role], on_self: &[Role]| {
        for target in Role::ALL {
            let others = |role| to_person(role, target, false, action);
            assert_eq!(others(Owner), by_owner.contains(&target), "owner {action:?} {target:?}");
            assert_eq!(others(Admin), by_admin.contains(&target), "admin {action:?} {target:?}");
            for role in [Member, Bot, Guest] {
                assert!(!others(role), "{role:?} {action:?} {target:?}");
            }
            assert_eq!(
                to_person(target, target, true, action),
                on_self.contains(&target),
                "self {action:?} {target:?}"
            );
        }
    };
    check(ChangeProfile, &[], &[], &Role::ALL);
    check(ChangeRole(Owner), &[Admin, Member, Guest], &[], &[]);
    check(ChangeRole(Admin), &[Owner, Member, Guest], &[Member, Guest], &[Owner]);
    check(ChangeRole(Member), &[Owner, Admin, Guest], &[Guest], &[Owner, Admin]);
    check(ChangeRole(Guest), &[Owner, Admin, Member], &[Member], &[Owner, Admin]);
    check(ChangeRole(Bot), &[], &[], &[]);
    check(Deactivate, &[Owner, Admin, Member, Bot, Guest], &[Member, Bot, Guest], &[Owner, Admin, Member, Guest]);
    check(Reactivate, &[Owner, Admin, Member, Bot, Guest], &[Member, Bot, Guest], &[]);
    check(Ban, &[Admin, Member, Bot, Guest], &[Member, Bot, Guest], &[]);
    check(MakeResetLink, &[Owner, Admin, Member], &[], &[]);
}
