//! Getting in: set-up, accounts, sessions, invites.

use futures_util::future::join_all;
use shared::{
    id::{MemberId, SessionId},
    member::Role,
    room::{FIRST_ROOM_SLUG, RoomKind},
};

use super::fixture::*;
use crate::{
    domain::{DomainError, address::network},
    store::{PREVIEW_MESSAGES, PREVIEW_PEOPLE, Store},
};

pub(in crate::store) async fn the_workspace_is_opened_once(store: &dyn Store) {
    assert_eq!(store.workspace().await.unwrap(), None);
    assert_not_found(store.snapshot(member_id(1)).await);

    let owner = store.open_workspace(setup(1)).await.unwrap();
    assert_eq!((owner.role, owner.name.as_str(), owner.display_name.as_str()), (Role::Owner, "Person 1", "Person 1"));
    assert_eq!(store.workspace().await.unwrap().unwrap().name.as_str(), "Longjing Works");
    assert_eq!(store.session(secret(1, 1), NOW_MS).await.unwrap().unwrap().member, owner);
    let rooms = store.rooms(owner.id).await.unwrap().rooms;
    assert_eq!(rooms.len(), 1);
    assert_eq!((rooms[0].slug.as_str(), rooms[0].kind, rooms[0].member_count), (FIRST_ROOM_SLUG, RoomKind::Open, 1));

    let before = store.log_bounds().await.unwrap();
    assert_refused(store.open_workspace(setup(2)).await, DomainError::SetupDone);
    assert_eq!(store.log_bounds().await.unwrap(), before);
}

pub(in crate::store) async fn of_racing_setups_one_wins(store: &dyn Store) {
    let answers = join_all((1..=16).map(|number| store.open_workspace(setup(number)))).await;
    let (winners, losers): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!(winners.len(), 1);
    losers.into_iter().for_each(|answer| assert_refused(answer, DomainError::SetupDone));
    let winner = winners.into_iter().next().unwrap().unwrap();
    assert_eq!(store.snapshot(winner.id).await.unwrap().members, [winner]);
    assert_eq!(head(store).await.0, 3);
}

pub(in crate::store) async fn accounts_are_found_by_their_key(store: &dyn Store) {
    let people = people(store, 2).await;
    let found = store.credentials("person 2").await.unwrap().unwrap();
    assert_eq!((&found.member, found.password_hash.as_str()), (&people[1], "$argon2id$2"));
    assert!(store.credentials("Person 2").await.unwrap().is_none(), "a name is folded by the caller");
    assert!(store.credentials("").await.unwrap().is_none());
    assert!(store.was_used_from("person 2", "203.0.113.2").await.unwrap(), "where the account was made");
    assert!(!store.was_used_from("person 2", "203.0.113.7").await.unwrap(), "nobody has come from there");
    let from = network(address(2));
    assert!(store.was_used_from("person 2", &from).await.unwrap());
    assert!(!store.was_used_from("person 1", &from).await.unwrap(), "another has");
    assert!(!store.was_used_from("person 99", &from).await.unwrap(), "and nobody is no one's");
    assert_eq!(store.person(people[0].id, people[1].id).await.unwrap().member, people[1]);
    assert_not_found(store.person(people[0].id, member_id(99)).await);
}

pub(in crate::store) async fn when_people_were_last_here_is_no_fact(store: &dyn Store) {
    let people = people(store, 2).await;
    store.create_session(people[0].id, new_session(9)).await.unwrap();
    let before = store.snapshot(people[0].id).await.unwrap();
    let nobody = MemberId::from_entropy([9; 12]);
    store.note_last_seen(vec![(people[0].id, NOW_MS), (nobody, NOW_MS), (people[1].id, NOW_MS)]).await.unwrap();
    assert_eq!(store.snapshot(people[0].id).await.unwrap(), before);
}

pub(in crate::store) async fn a_session_lives_until_it_expires(store: &dyn Store) {
    let people = people(store, 1).await;
    store.create_session(people[0].id, new_session(7)).await.unwrap();
    let owner = store.session(secret(1, 7), EXPIRES_AT_MS - 1).await.unwrap().unwrap();
    assert_eq!((owner.session, &owner.member), (new_session(7).id, &people[0]));
    assert_eq!(owner.expires_at_ms, EXPIRES_AT_MS);
    assert_eq!(store.session(secret(1, 7), EXPIRES_AT_MS).await.unwrap(), None);
    assert_eq!(store.session(secret(1, 8), NOW_MS).await.unwrap(), None);
    assert_not_found(store.create_session(member_id(99), new_session(8)).await);
    assert_eq!(store.session(secret(1, 8), NOW_MS).await.unwrap(), None);
}

pub(in crate::store) async fn a_session_ends_when_it_is_ended(store: &dyn Store) {
    let people = people(store, 1).await;
    store.create_session(people[0].id, new_session(7)).await.unwrap();
    for _ in 0..2 {
        store.end_session(new_session(7).id).await.unwrap();
        assert_eq!(store.session(secret(1, 7), NOW_MS).await.unwrap(), None);
    }
    store.end_session(SessionId::from_entropy(entropy(99))).await.unwrap();
    assert!(store.session(secret(1, 1), NOW_MS).await.unwrap().is_some(), "the other session lives");
}

pub(in crate::store) async fn an_invite_works_until_it_expires(store: &dyn Store) {
    let people = people(store, 3).await;
    assert_eq!(people[2].role, Role::Member);
    assert_eq!(store.rooms(people[2].id).await.unwrap().rooms[0].member_count, 3);
    assert!(store.session(secret(1, 3), NOW_MS).await.unwrap().is_some(), "who joins is signed in");

    let before = head(store).await;
    let mut late = newcomer(4);
    late.now_ms = EXPIRES_AT_MS;
    assert_refused(store.join(late).await, DomainError::InviteInvalid);
    let mut wrong = newcomer(4);
    wrong.invite = [1; 32];
    assert_refused(store.join(wrong).await, DomainError::InviteInvalid);
    assert_refused(store.invite(INVITE, EXPIRES_AT_MS).await, DomainError::InviteInvalid);
    assert_refused(store.invite([1; 32], NOW_MS).await, DomainError::InviteInvalid);
    assert_eq!(head(store).await, before);
    store.invite(INVITE, NOW_MS).await.unwrap();
    store.join(newcomer(4)).await.unwrap();
}

pub(in crate::store) async fn an_invite_is_made_by_a_member(store: &dyn Store) {
    assert_not_found(store.create_invite(new_invite(1, member_id(1), secret(3, 1))).await);
    let people = people(store, 2).await;
    store.create_invite(new_invite(2, people[1].id, secret(3, 2))).await.unwrap();
    assert_eq!(store.invite(secret(3, 2), NOW_MS).await.unwrap().inviter, people[1]);
    assert_not_found(store.create_invite(new_invite(3, member_id(99), secret(3, 3))).await);
    assert_refused(store.invite(secret(3, 3), NOW_MS).await, DomainError::InviteInvalid);
}

pub(in crate::store) async fn a_preview_shows_what_the_link_may(store: &dyn Store) {
    let people = people(store, 10).await;
    for (number, author) in (1..).zip([0, 9, 9, 1, 0]) {
        post(store, number, people[author].id).await;
    }
    let preview = store.invite(INVITE, NOW_MS).await.unwrap();
    assert_eq!(preview.workspace.name.as_str(), "Longjing Works");
    assert_eq!((&preview.inviter, preview.people_count), (&people[0], 10));
    assert_eq!(preview.people, people[1..=PREVIEW_PEOPLE as usize]);
    assert_eq!(preview.expires_at, day(8));
    assert_eq!(preview.room, store.room(people[0].id, &general()).await.unwrap().room);
    let bodies: Vec<_> = preview.messages.iter().map(|message| message.body.as_str()).collect();
    assert_eq!(bodies, ["message 2", "message 3", "message 4", "message 5"]);
    assert_eq!(bodies.len(), PREVIEW_MESSAGES as usize);
    assert_eq!(preview.authors, [people[9].clone()], "once, and nobody who is shown already");
}

pub(in crate::store) async fn a_taken_name_changes_nothing(store: &dyn Store) {
    let people = people(store, 2).await;
    let before = (head(store).await, store.rights().await.unwrap());
    let mut twin = newcomer(3);
    twin.member.name_key = "person 2".to_owned();
    assert_refused(store.join(twin).await, DomainError::NameTaken);
    assert_eq!((head(store).await, store.rights().await.unwrap()), before);
    assert_not_found(store.person(people[0].id, member_id(3)).await);
    assert_eq!(store.session(secret(1, 3), NOW_MS).await.unwrap(), None);
    store.join(newcomer(3)).await.unwrap();
}

pub(in crate::store) async fn of_racing_newcomers_one_gets_the_name(store: &dyn Store) {
    let people = people(store, 1).await;
    invite(store, people[0].id).await;
    let answers = join_all((2..=17).map(|number| {
        let mut command = newcomer(number);
        command.member.name_key = "the name".to_owned();
        store.join(command)
    }))
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    answers.into_iter().filter(Result::is_err).for_each(|answer| assert_refused(answer, DomainError::NameTaken));
    let memberships = store.rights().await.unwrap().memberships;
    assert_eq!(memberships.len(), 2);
    assert_eq!(head(store).await.0, 7);
}

pub(in crate::store) async fn what_has_expired_is_forgotten(store: &dyn Store) {
    let people = people(store, 2).await;
    let mut young = new_session(7);
    young.expires_at_ms = EXPIRES_AT_MS + 1;
    store.create_session(people[0].id, young).await.unwrap();
    assert_eq!(store.prune_expired(EXPIRES_AT_MS - 1, 0, 100).await.unwrap(), 0);
    // Two sessions and one invite; one of each at a time, then what is left.
    assert_eq!(store.prune_expired(EXPIRES_AT_MS, 0, 1).await.unwrap(), 2);
    assert_eq!(store.prune_expired(EXPIRES_AT_MS, 0, 100).await.unwrap(), 1);
    assert_eq!(store.prune_expired(EXPIRES_AT_MS, 0, 100).await.unwrap(), 0);
    assert_eq!(store.session(secret(1, 1), i64::MIN).await.unwrap(), None);
    assert_refused(store.invite(INVITE, i64::MIN).await, DomainError::InviteInvalid);
    assert!(store.session(secret(1, 7), EXPIRES_AT_MS).await.unwrap().is_some());
}
