//! Links that work once: whose they are, how they are used, what ends them.

use futures_util::future::join_all;
use shared::{audit::AuditAct, id::MemberId, member::Role};

use super::{fixture::*, people::acts};
use crate::{
    domain::DomainError,
    store::{ChangePassword, LinkKind, NewLink, NewSession, ResetByLink, SecretHash, SignInByLink, Store},
};

/// The code of the link with this number.
fn code(number: u64) -> SecretHash {
    secret(5, number)
}

fn link(number: u64, kind: LinkKind, maker: MemberId, member: MemberId) -> NewLink {
    NewLink { secret: code(number), kind, member, by: by(maker), expires_at_ms: EXPIRES_AT_MS }
}

fn device(number: u64, member: MemberId) -> NewLink {
    link(number, LinkKind::Device, member, member)
}

fn moves(link: u64, session: u64) -> SignInByLink {
    SignInByLink { link: code(link), session: new_session(session), now_ms: NOW_MS }
}

fn resets(link: u64, session: u64) -> ResetByLink {
    let password_hash = format!("$argon2id$reset{session}");
    ResetByLink { link: code(link), password_hash, session: new_session(session), now_ms: NOW_MS }
}

async fn lives(store: &dyn Store, session: u64) -> bool {
    store.session(secret(1, session), NOW_MS).await.unwrap().is_some()
}

/// Whether a code is refused everywhere, and in the same way.
async fn assert_dead(store: &dyn Store, number: u64) {
    for kind in [LinkKind::Device, LinkKind::Reset] {
        assert_refused(store.link(kind, code(number), NOW_MS).await, DomainError::LinkInvalid);
    }
    assert_refused(store.sign_in_by_link(moves(number, 90)).await, DomainError::LinkInvalid);
    assert_refused(store.reset_by_link(resets(number, 90)).await, DomainError::LinkInvalid);
    assert!(!lives(store, 90).await);
}

pub(in crate::store) async fn a_link_to_another_device_works_once(store: &dyn Store) {
    let people = people(store, 2).await;
    let me = people[1].id;
    let before = head(store).await;
    store.create_link(device(1, me)).await.unwrap();
    let preview = store.link(LinkKind::Device, code(1), NOW_MS).await.unwrap();
    assert_eq!((&preview.member, preview.workspace.name.as_str()), (&people[1], "Longjing Works"));
    assert_refused(store.link(LinkKind::Reset, code(1), NOW_MS).await, DomainError::LinkInvalid);
    assert_refused(store.reset_by_link(resets(1, 90)).await, DomainError::LinkInvalid);
    assert_refused(store.link(LinkKind::Device, code(1), EXPIRES_AT_MS).await, DomainError::LinkInvalid);
    let late = SignInByLink { now_ms: EXPIRES_AT_MS, ..moves(1, 90) };
    assert_refused(store.sign_in_by_link(late).await, DomainError::LinkInvalid);

    let answers = join_all((20..40).map(|session| store.sign_in_by_link(moves(1, session)))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    answers.into_iter().filter(Result::is_err).for_each(|answer| assert_refused(answer, DomainError::LinkInvalid));
    let mut opened = 0;
    for session in 20..40 {
        opened += u32::from(lives(store, session).await);
    }
    assert_eq!((opened, lives(store, 2).await), (1, true), "the device that made it stays");
    assert_dead(store, 1).await;
    assert_eq!(head(store).await, before, "who is signed in where is no fact");

    // For oneself alone.
    let for_other = link(2, LinkKind::Device, me, people[0].id);
    assert_refused(store.create_link(for_other).await, DomainError::Forbidden);
    assert_not_found(store.create_link(device(2, member_id(99))).await);
    assert_dead(store, 2).await;
}

pub(in crate::store) async fn a_link_ends_with_what_it_stands_on(store: &dyn Store) {
    let people = people(store, 3).await;
    let (owner, ana, bo) = (people[0].id, people[1].id, people[2].id);
    // Another of its kind.
    store.create_link(device(1, ana)).await.unwrap();
    store.create_link(device(2, bo)).await.unwrap();
    store.create_link(device(3, ana)).await.unwrap();
    assert_dead(store, 1).await;
    store.link(LinkKind::Device, code(2), NOW_MS).await.unwrap();
    // Withdrawn.
    store.withdraw_device_link(ana).await.unwrap();
    store.withdraw_device_link(ana).await.unwrap();
    assert_dead(store, 3).await;
    // A session of the person's that ends: it may be the one that was lost.
    store.create_link(device(4, bo)).await.unwrap();
    store.create_session(bo, new_session(50)).await.unwrap();
    store.end_session(new_session(50).id).await.unwrap();
    assert_dead(store, 4).await;
    // Another password.
    store.create_link(device(5, ana)).await.unwrap();
    store.create_link(link(6, LinkKind::Reset, owner, ana)).await.unwrap();
    let (current_hash, new_hash) = ("$argon2id$2".to_owned(), "$argon2id$new".to_owned());
    let change = ChangePassword { member: ana, current_hash, new_hash, kept: new_session(2).id };
    store.change_password(change).await.unwrap();
    assert_dead(store, 5).await;
    assert_dead(store, 6).await;
    // The account, or the maker's right.
    store.create_link(device(7, ana)).await.unwrap();
    store.create_link(link(8, LinkKind::Reset, owner, ana)).await.unwrap();
    store.change_person(set_active(owner, ana, false)).await.unwrap();
    assert_dead(store, 7).await;
    assert_dead(store, 8).await;
    store.change_person(given_role(owner, bo, Role::Owner)).await.unwrap();
    store.create_link(link(9, LinkKind::Reset, bo, owner)).await.unwrap();
    store.change_person(given_role(owner, bo, Role::Admin)).await.unwrap();
    assert_dead(store, 9).await;
}

pub(in crate::store) async fn a_reset_link_sets_a_password_once(store: &dyn Store) {
    let people = people(store, 3).await;
    let (owner, ana) = (people[0].id, people[1].id);
    store.create_session(ana, new_session(50)).await.unwrap();
    store.create_link(device(1, ana)).await.unwrap();
    store.create_link(link(2, LinkKind::Reset, owner, ana)).await.unwrap();
    assert_eq!(acts(store, owner).await[0], AuditAct::ResetLinkMade);
    assert_eq!(store.link(LinkKind::Reset, code(2), NOW_MS).await.unwrap().member, people[1]);

    let answers = join_all((60..70).map(|session| store.reset_by_link(resets(2, session)))).await;
    let set: Vec<_> =
        answers.iter().zip(60..).filter(|(answer, _)| answer.is_ok()).map(|(_, session)| session).collect();
    let [session] = set[..] else { panic!("{set:?}") };
    assert_eq!(store.password_hash(ana).await.unwrap(), format!("$argon2id$reset{session}"));
    let all = [lives(store, 2).await, lives(store, 50).await, lives(store, session).await];
    assert_eq!(all, [false, false, true], "whoever had the old password is out");
    assert_dead(store, 1).await;
    assert_dead(store, 2).await;
}

pub(in crate::store) async fn a_reset_link_is_an_owners_to_make(store: &dyn Store) {
    let people = people(store, 4).await;
    let (owner, admin, ana, guest) = (people[0].id, people[1].id, people[2].id, people[3].id);
    store.change_person(given_role(owner, admin, Role::Admin)).await.unwrap();
    store.change_person(given_role(owner, guest, Role::Guest)).await.unwrap();
    let before = head(store).await;
    for (maker, member) in [(admin, ana), (ana, guest), (ana, ana), (owner, owner), (owner, guest)] {
        let answer = store.create_link(link(1, LinkKind::Reset, maker, member)).await;
        assert_refused(answer, DomainError::Forbidden);
    }
    assert_not_found(store.create_link(link(1, LinkKind::Reset, owner, member_id(99))).await);
    assert_eq!(head(store).await, before);
    store.change_person(set_active(owner, ana, false)).await.unwrap();
    assert_refused(store.create_link(link(1, LinkKind::Reset, owner, ana)).await, DomainError::Forbidden);
    assert_dead(store, 1).await;
    // What expired is forgotten.
    store.create_link(device(2, owner)).await.unwrap();
    let old = NewSession { expires_at_ms: EXPIRES_AT_MS + 1, ..new_session(70) };
    store.create_session(owner, old).await.unwrap();
    assert!(store.prune_expired(EXPIRES_AT_MS, 0, 100).await.unwrap() > 0);
    assert_refused(store.link(LinkKind::Device, code(2), i64::MIN).await, DomainError::LinkInvalid);
}
