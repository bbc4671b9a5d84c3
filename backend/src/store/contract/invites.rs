//! Invites: how often and for how long they work, whose they are, what they give.

use futures_util::future::join_all;
use shared::{
    audit::AuditAct,
    event::Event,
    id::{InviteId, MemberId, RoomId},
    limits::OWN_MAX,
    member::Role,
    request::{ChangeRoom, ChangeWorkspace},
    room::RoomKind,
    session::InviteInfo,
};

use super::fixture::*;
use crate::{
    domain::DomainError,
    store::{EnterByInvite, JoinByInvite, LetInGuest, NewInvite, OpenWorkspace, RoomRef, SecretHash, Store},
};

/// The code of the invite with this number.
fn code(number: u64) -> SecretHash {
    secret(3, number)
}

fn id(number: u64) -> InviteId {
    InviteId::from_entropy(entropy(number))
}

fn invite_as(number: u64, maker: MemberId, role: Role, room: Option<RoomId>, uses: Option<u32>) -> NewInvite {
    NewInvite { role, room, uses, ..new_invite(number, maker, code(number)) }
}

/// The newcomer with this number, behind the invite with that one.
fn newcomer_by(invite: u64, number: u64) -> JoinByInvite {
    JoinByInvite { invite: code(invite), ..newcomer(number) }
}

fn enters(invite: u64, member: MemberId) -> EnterByInvite {
    EnterByInvite { invite: code(invite), by: by(member), now_ms: NOW_MS }
}

/// Whether a code is refused everywhere, and in the same way.
async fn assert_dead(store: &dyn Store, invite: u64, member: MemberId) {
    assert_refused(store.invite(code(invite), NOW_MS).await, DomainError::InviteInvalid);
    assert_refused(store.join(newcomer_by(invite, 90)).await, DomainError::InviteInvalid);
    assert_refused(store.enter(enters(invite, member)).await, DomainError::InviteInvalid);
}

async fn listed(store: &dyn Store, member: MemberId) -> Vec<InviteInfo> {
    store.invites(member, NOW_MS).await.unwrap().invites
}

pub(in crate::store) async fn an_invite_lets_in_as_often_as_it_says(store: &dyn Store) {
    let people = people(store, 1).await;
    store.create_invite(invite_as(1, people[0].id, Role::Member, None, Some(5))).await.unwrap();
    let answers = join_all((2..=40).map(|number| store.join(newcomer_by(1, number)))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 5);
    answers.into_iter().filter(Result::is_err).for_each(|answer| assert_refused(answer, DomainError::InviteInvalid));
    assert_eq!(store.snapshot(people[0].id).await.unwrap().people_count, 6);
    assert_dead(store, 1, people[0].id).await;
}

pub(in crate::store) async fn an_invite_gives_its_role_and_its_room(store: &dyn Store) {
    let people = people(store, 2).await;
    let owner = people[0].id;
    let plot = store.create_room(new_room(1, owner)).await.unwrap().answer.room.id;
    store.create_invite(invite_as(2, owner, Role::Admin, Some(plot), None)).await.unwrap();
    let preview = store.invite(code(2), NOW_MS).await.unwrap();
    assert_eq!((preview.role, preview.room.id, preview.room.kind), (Role::Admin, plot, RoomKind::Closed));
    assert_eq!(preview.messages, [], "a closed room shows none");
    let admin = store.join(newcomer_by(2, 3)).await.unwrap();
    assert_eq!(admin.role, Role::Admin);
    let rooms = store.rooms(admin.id).await.unwrap().rooms;
    assert_eq!(rooms.iter().map(|room| room.id).collect::<Vec<_>>(), [plot]);
}

pub(in crate::store) async fn an_invite_is_made_within_ones_own_rights(store: &dyn Store) {
    let people = people(store, 2).await;
    let (owner, member) = (people[0].id, people[1].id);
    let make = async |number, maker, role, room| store.create_invite(invite_as(number, maker, role, room, None)).await;
    let before = head(store).await;
    for role in [Role::Owner, Role::Bot] {
        assert_refused(make(1, owner, role, None).await, DomainError::Forbidden);
    }
    assert_refused(make(1, member, Role::Admin, None).await, DomainError::Forbidden);
    assert_refused(make(1, owner, Role::Guest, None).await, DomainError::Forbidden);
    assert_not_found(make(1, owner, Role::Member, Some(room_id(9))).await);
    assert_eq!(head(store).await, before, "a refusal is no fact");

    store.create_room(new_room(1, owner)).await.unwrap();
    store.create_room(shared_room(2, owner, RoomKind::Open, &[])).await.unwrap();
    store.create_room(direct_room(3, &[owner, member])).await.unwrap();
    assert_not_found(make(1, member, Role::Member, Some(room_id(1))).await);
    assert_refused(make(1, member, Role::Member, Some(room_id(2))).await, DomainError::Forbidden);
    assert_refused(make(1, member, Role::Member, Some(room_id(3))).await, DomainError::Forbidden);

    // Each has as many open ones as there may be, and no more.
    for number in 100..100 + u64::from(OWN_MAX) {
        make(number, member, Role::Member, None).await.unwrap();
    }
    assert_refused(make(1, member, Role::Member, None).await, DomainError::LimitReached);
    make(2, owner, Role::Member, None).await.unwrap();
    store.withdraw_invite(by(member), id(100)).await.unwrap();
    make(100, member, Role::Member, None).await.unwrap();
}

pub(in crate::store) async fn an_invite_stands_with_its_maker(store: &dyn Store) {
    let people = people(store, 2).await;
    let (owner, member) = (people[0].id, people[1].id);
    let tea = RoomRef::Id(room_id(1));
    store.create_room(shared_room(1, owner, RoomKind::Closed, &[member])).await.unwrap();
    store.create_invite(invite_as(2, member, Role::Member, Some(room_id(1)), None)).await.unwrap();
    store.invite(code(2), NOW_MS).await.unwrap();

    let archive = |archived| {
        let change = ChangeRoom { archived: Some(archived), ..ChangeRoom::default() };
        store.change_room(changed(owner, tea.clone(), change))
    };
    archive(true).await.unwrap();
    assert_dead(store, 2, owner).await;
    archive(false).await.unwrap();
    store.invite(code(2), NOW_MS).await.unwrap();

    store.remove_member(membership(owner, tea.clone(), member)).await.unwrap();
    assert_dead(store, 2, owner).await;
    assert_eq!(listed(store, member).await, []);
    assert_eq!(listed(store, owner).await.iter().map(|invite| invite.id).collect::<Vec<_>>(), [id(1)]);

    // Who is less than when they made it, or out of use, invites nobody by it; who is more, does.
    let give = |role| store.change_person(given_role(owner, member, role));
    for (number, role) in [(3, Role::Admin), (4, Role::Member)] {
        give(Role::Admin).await.unwrap();
        store.create_invite(invite_as(number, member, role, None, None)).await.unwrap();
        give(Role::Member).await.unwrap();
        assert_dead(store, number, owner).await;
    }
    store.create_invite(invite_as(5, member, Role::Member, None, None)).await.unwrap();
    give(Role::Admin).await.unwrap();
    store.invite(code(5), NOW_MS).await.unwrap();
    store.change_person(set_active(owner, member, false)).await.unwrap();
    assert_dead(store, 5, owner).await;
    store.change_person(set_active(owner, member, true)).await.unwrap();
    assert_dead(store, 5, owner).await;
}

pub(in crate::store) async fn a_withdrawn_invite_is_like_none(store: &dyn Store) {
    let people = people(store, 3).await;
    let (owner, member, other) = (people[0].id, people[1].id, people[2].id);
    for number in [2, 3] {
        store.create_invite(new_invite(number, member, code(number))).await.unwrap();
    }
    assert_not_found(store.withdraw_invite(by(other), id(2)).await);
    assert_not_found(store.withdraw_invite(by(member), id(1)).await);
    assert_not_found(store.withdraw_invite(by(member), id(99)).await);
    store.invite(code(2), NOW_MS).await.unwrap();

    let before = head(store).await;
    store.withdraw_invite(by(member), id(2)).await.unwrap();
    store.withdraw_invite(by(owner), id(3)).await.unwrap();
    for number in [2, 3] {
        assert_dead(store, number, other).await;
        assert_not_found(store.withdraw_invite(by(owner), id(number)).await);
    }
    let rows = store.read_log(before, 10).await.unwrap();
    let acts =
        rows.iter().map(|row| match Event::read(&row.kind, &mut serde_json::Deserializer::from_slice(&row.payload)) {
            Ok(Some(Event::AuditLogged(fact))) => (fact.entry.act, fact.entry.by, fact.entry.room, fact.entry.detail),
            other => panic!("{other:?}"),
        });
    let withdrawn = |by| (AuditAct::InviteWithdrawn, by, Some(general_id()), Some("member".to_owned()));
    assert_eq!(acts.collect::<Vec<_>>(), [withdrawn(member), withdrawn(owner)]);
}

pub(in crate::store) async fn a_list_names_what_works(store: &dyn Store) {
    let people = people(store, 2).await;
    let (owner, member) = (people[0].id, people[1].id);
    store.create_invite(invite_as(2, member, Role::Member, None, Some(2))).await.unwrap();
    store.join(newcomer_by(2, 3)).await.unwrap();
    let mine = InviteInfo {
        id: id(2),
        role: Role::Member,
        room: general_id(),
        used: 1,
        uses: Some(2),
        by: member,
        made_at: day(2),
        expires_at: day(8),
    };
    assert_eq!(listed(store, member).await, [mine]);
    assert_eq!(
        listed(store, owner).await.iter().map(|invite| (invite.id, invite.used)).collect::<Vec<_>>(),
        [(id(1), 1), (id(2), 1)]
    );
    store.join(newcomer_by(2, 4)).await.unwrap();
    assert_eq!(listed(store, member).await, [], "used up");
    assert_eq!(store.invites(owner, EXPIRES_AT_MS).await.unwrap().invites, [], "expired");
    assert_not_found(store.invites(member_id(99), NOW_MS).await);
}

pub(in crate::store) async fn who_is_in_comes_in_too(store: &dyn Store) {
    let people = people(store, 3).await;
    let (owner, member) = (people[0].id, people[1].id);
    let plot = store.create_room(new_room(1, owner)).await.unwrap().answer.room.id;
    store.create_invite(invite_as(2, owner, Role::Admin, Some(plot), Some(1))).await.unwrap();

    // Who is in it already uses nothing, and nothing is a fact.
    let before = head(store).await;
    assert_eq!(store.enter(enters(2, owner)).await.unwrap().cursor.offset, before);
    assert_eq!(head(store).await, before);
    let answer = store.enter(enters(2, member)).await.unwrap();
    assert_eq!((answer.room.id, answer.room.member_count), (plot, 2));
    assert_eq!(answer.cursor.offset, head(store).await);
    let kinds: Vec<_> = store.read_log(before, 10).await.unwrap().into_iter().map(|row| row.kind).collect();
    assert_eq!(kinds, ["room_joined", "room_member_joined"]);
    assert_eq!(
        store.person(owner, member).await.unwrap().member.role,
        Role::Member,
        "a link for newcomers raises nobody"
    );
    assert_dead(store, 2, people[2].id).await;
}

pub(in crate::store) async fn the_open_door_is_for_guests_of_an_open_room(store: &dyn Store) {
    let comes = |number| store.let_in_guest(LetInGuest { member: new_member(number), session: new_session(number) });
    assert_not_found(comes(2).await);
    let owner = store.open_workspace(OpenWorkspace { guests: true, ..setup(1) }).await.unwrap().id;
    let before = head(store).await;
    let guest = comes(2).await.unwrap();
    assert_eq!(guest.role, Role::Guest);
    let kinds: Vec<_> = store.read_log(before, 10).await.unwrap().into_iter().map(|row| row.kind).collect();
    assert_eq!(kinds, ["member_joined", "room_joined", "room_member_joined"]);
    assert!(store.session(secret(1, 2), NOW_MS).await.unwrap().is_some(), "who comes in is signed in");
    let rooms = store.rooms(guest.id).await.unwrap().rooms;
    assert_eq!(rooms.iter().map(|room| room.id).collect::<Vec<_>>(), [general_id()]);
    let twin = LetInGuest { member: new_member(2), session: new_session(9) };
    assert_refused(store.let_in_guest(twin).await, DomainError::NameTaken);

    let shut = [
        ChangeRoom { kind: Some(RoomKind::Closed), ..ChangeRoom::default() },
        ChangeRoom { kind: Some(RoomKind::Open), archived: Some(true), ..ChangeRoom::default() },
    ];
    for change in shut {
        store.change_room(changed(owner, general(), change)).await.unwrap();
        assert_refused(comes(3).await, DomainError::Forbidden);
    }
    let open = ChangeRoom { archived: Some(false), ..ChangeRoom::default() };
    store.change_room(changed(owner, general(), open)).await.unwrap();
    comes(3).await.unwrap();
    let change = ChangeWorkspace { guests: Some(false), ..ChangeWorkspace::default() };
    store.change_workspace(crate::store::ChangeWorkspace { by: by(owner), change }).await.unwrap();
    assert_refused(comes(4).await, DomainError::Forbidden);
}
