//! Who does what in the contract: a workspace with numbered people, and commands with everything filled in.

use std::net::IpAddr;

use shared::{
    cursor::{Epoch, Offset},
    id::{ClientId, InviteId, MemberId, MessageId, RoomId, SessionId},
    member::{Member, Role, Timestamp},
    message::Message,
    request,
    room::RoomKind,
    session::Access,
    text::{Label, Reason, RoomName, RoomTopic, SignInName, WorkspaceName},
};

use crate::{
    domain::member::name_key,
    store::{
        BanMember, By, ChangeMembership, ChangePerson, ChangeRoom, CreateRoom, DeleteMessage, JoinByInvite, NEVER_MS,
        NewInvite, NewMember, NewSession, NewToken, OpenWorkspace, Place, PostMessage, PurgeSince, RoomPlan, RoomRef,
        SecretHash, Store, StoreError,
    },
};

/// When the invites and sessions below expire.
pub(in crate::store) const EXPIRES_AT_MS: i64 = 1_000;
/// A moment before it.
pub(in crate::store) const NOW_MS: i64 = 500;
/// The code of the invite that [`people`] use.
pub(in crate::store) const INVITE: SecretHash = [9; 32];

/// Bytes out of which an id with this number is made: its base-36 digits.
pub(in crate::store) fn entropy<const N: usize>(mut number: u64) -> [u8; N] {
    std::array::from_fn(|_| {
        let digit = u8::try_from(number % 36).unwrap();
        number /= 36;
        digit
    })
}

pub(in crate::store) fn epoch(number: u64) -> Epoch {
    Epoch::from_entropy(entropy(number))
}

pub(in crate::store) fn member_id(number: u64) -> MemberId {
    MemberId::from_entropy(entropy(number))
}

pub(in crate::store) fn general() -> RoomRef {
    RoomRef::Slug("general".to_owned())
}

pub(in crate::store) fn general_id() -> RoomId {
    RoomId::from_entropy(entropy(1))
}

/// The moment `day` days into November 2026.
pub(in crate::store) fn day(day: u8) -> Timestamp {
    Timestamp(format!("2026-11-{day:02}T12:00:00.000Z"))
}

/// A secret hash that differs for each number and purpose.
pub(in crate::store) fn secret(purpose: u8, number: u64) -> SecretHash {
    let mut hash = [purpose; 32];
    hash[..8].copy_from_slice(&number.to_be_bytes());
    hash
}

pub(in crate::store) fn new_member(number: u64) -> NewMember {
    let name = format!("Person {number}");
    NewMember {
        id: member_id(number),
        name: SignInName::parse(name.as_str()).unwrap(),
        name_key: name_key(&name),
        password_hash: format!("$argon2id${number}"),
        at: day(1),
    }
}

/// The session with this number; its secret is `secret(1, number)`.
pub(in crate::store) fn new_session(number: u64) -> NewSession {
    NewSession {
        id: SessionId::from_entropy(entropy(number)),
        secret: secret(1, number),
        at: day(1),
        at_ms: 0,
        expires_at_ms: EXPIRES_AT_MS,
        idle_ms: None,
        place: Place { device: Some("Firefox on Linux".to_owned()), address: Some(address(number)) },
        token: None,
    }
}

/// Where the person with this number comes from.
pub(in crate::store) fn address(number: u64) -> IpAddr {
    IpAddr::from([203, 0, 113, u8::try_from(number % 256).unwrap()])
}

/// A token that does not end by itself.
pub(in crate::store) fn new_token(number: u64, label: &str, access: Access) -> NewSession {
    let token = Some(NewToken { label: Label::parse(label).unwrap(), access });
    NewSession { expires_at_ms: NEVER_MS, token, ..new_session(number) }
}

pub(in crate::store) fn setup(number: u64) -> OpenWorkspace {
    OpenWorkspace {
        workspace: WorkspaceName::parse("Longjing Works").unwrap(),
        owner: new_member(number),
        session: new_session(number),
        room: general_id(),
        guests: false,
    }
}

pub(in crate::store) fn new_invite(number: u64, maker: MemberId, secret: SecretHash) -> NewInvite {
    NewInvite {
        id: InviteId::from_entropy(entropy(number)),
        secret,
        by: by(maker),
        role: Role::Member,
        room: None,
        uses: None,
        expires_at: day(8),
        expires_at_ms: EXPIRES_AT_MS,
        now_ms: NOW_MS,
    }
}

pub(in crate::store) fn newcomer(number: u64) -> JoinByInvite {
    JoinByInvite { invite: INVITE, member: new_member(number), session: new_session(number), now_ms: NOW_MS }
}

/// A post with its own key: message, key and request are all of this number.
pub(in crate::store) fn new_post(number: u64, author: MemberId) -> PostMessage {
    PostMessage {
        id: MessageId::from_entropy(entropy(number)),
        author,
        room: general(),
        client_id: ClientId::from(u128::from(number).to_be_bytes()),
        request: secret(2, number),
        body: format!("message {number}"),
        html: Some(format!("<p>message {number}</p>")),
        at: day(2),
    }
}

pub(in crate::store) fn by(member: MemberId) -> By {
    By { member, at: day(2), address: Some("203.0.113.7".parse().unwrap()) }
}

/// A change of a person that gives this role.
pub(in crate::store) fn given_role(actor: MemberId, member: MemberId, role: Role) -> ChangePerson {
    ChangePerson { by: by(actor), member, change: request::ChangePerson { role: Some(role), ..Default::default() } }
}

/// A change of a person that puts the account out of use, or into it again.
pub(in crate::store) fn set_active(actor: MemberId, member: MemberId, active: bool) -> ChangePerson {
    ChangePerson { by: by(actor), member, change: request::ChangePerson { active: Some(active), ..Default::default() } }
}

/// A ban that leaves addresses and messages as they are.
pub(in crate::store) fn ban(actor: MemberId, member: MemberId) -> BanMember {
    let (reason, purge) = (Reason::parse("spam").unwrap(), PurgeSince::Keep);
    BanMember { by: by(actor), member, reason, addresses: false, purge }
}

pub(in crate::store) fn room_id(number: u64) -> RoomId {
    RoomId::from_entropy(entropy(1_000 + number))
}

/// A closed room with nobody but its maker in it.
pub(in crate::store) fn new_room(number: u64, maker: MemberId) -> CreateRoom {
    shared_room(number, maker, RoomKind::Closed, &[])
}

pub(in crate::store) fn shared_room(number: u64, maker: MemberId, kind: RoomKind, members: &[MemberId]) -> CreateRoom {
    let plan = RoomPlan::Shared {
        name: RoomName::parse(format!("Room {number}")).unwrap(),
        slug: None,
        kind,
        topic: RoomTopic::default(),
        members: members.to_vec(),
    };
    CreateRoom { by: by(maker), id: room_id(number), plan }
}

/// The conversation of these people; the first wants it.
pub(in crate::store) fn direct_room(number: u64, people: &[MemberId]) -> CreateRoom {
    let mut sorted = people.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    CreateRoom { by: by(people[0]), id: room_id(number), plan: RoomPlan::Direct { people: sorted } }
}

pub(in crate::store) fn membership(actor: MemberId, room: RoomRef, member: MemberId) -> ChangeMembership {
    ChangeMembership { by: by(actor), room, member }
}

pub(in crate::store) fn changed(actor: MemberId, room: RoomRef, change: request::ChangeRoom) -> ChangeRoom {
    ChangeRoom { by: by(actor), room, change }
}

/// Gives a room another name and topic.
pub(in crate::store) fn renamed(number: u64, actor: MemberId, room: RoomRef) -> ChangeRoom {
    let change = request::ChangeRoom {
        name: Some(RoomName::parse(format!("Renamed {number}")).unwrap()),
        topic: Some(RoomTopic::parse(format!("topic {number}")).unwrap()),
        ..request::ChangeRoom::default()
    };
    changed(actor, room, change)
}

/// Deletes the message with this number.
pub(in crate::store) fn deletion(number: u64, actor: MemberId) -> DeleteMessage {
    DeleteMessage { by: by(actor), message: MessageId::from_entropy(entropy(number)) }
}

/// Opens the workspace with `count` people in it, numbered from 1; the first is the owner.
pub(in crate::store) async fn people(store: &dyn Store, count: u64) -> Vec<Member> {
    let mut people = vec![store.open_workspace(setup(1)).await.unwrap()];
    if count > 1 {
        invite(store, people[0].id).await;
    }
    for number in 2..=count {
        people.push(store.join(newcomer(number)).await.unwrap());
    }
    people
}

/// Makes the invite of [`newcomer`].
pub(in crate::store) async fn invite(store: &dyn Store, maker: MemberId) {
    store.create_invite(new_invite(1, maker, INVITE)).await.unwrap();
}

/// Posts and returns the message.
pub(in crate::store) async fn post(store: &dyn Store, number: u64, author: MemberId) -> Message {
    store.post_message(new_post(number, author)).await.unwrap().answer.message
}

/// Posts in a room and returns the message.
pub(in crate::store) async fn post_in(store: &dyn Store, number: u64, author: MemberId, room: RoomRef) -> Message {
    let command = PostMessage { room, ..new_post(number, author) };
    store.post_message(command).await.unwrap().answer.message
}

pub(in crate::store) async fn head(store: &dyn Store) -> Offset {
    store.log_bounds().await.unwrap().head
}

/// Whether an answer is the refusal expected.
#[track_caller]
pub(in crate::store) fn assert_refused<T: std::fmt::Debug>(
    answer: Result<T, StoreError>,
    expected: crate::domain::DomainError,
) {
    assert!(matches!(&answer, Err(StoreError::Refused(refusal)) if *refusal == expected), "{answer:?}");
}

/// Whether an answer is "not found".
#[track_caller]
pub(in crate::store) fn assert_not_found<T: std::fmt::Debug>(answer: Result<T, StoreError>) {
    assert!(matches!(&answer, Err(StoreError::NotFound)), "{answer:?}");
}
