//! Sessions and tokens after they were made: used, listed, ended.

use shared::{audit::AuditAct, limits::OWN_MAX, session::Access};

use super::{fixture::*, people::acts};
use crate::{
    domain::DomainError,
    store::{NEVER_MS, NewSession, SessionUse, Store},
};

fn used(number: u64, member: shared::id::MemberId, at_ms: i64) -> SessionUse {
    SessionUse { session: new_session(number).id, member, at_ms, address: Some(address(200 + number)) }
}

pub(in crate::store) async fn a_session_lives_on_by_being_used(store: &dyn Store) {
    let people = people(store, 1).await;
    let me = people[0].id;
    let lives = async |number, now_ms| store.session(secret(1, number), now_ms).await.unwrap().is_some();
    // Ten without a use, and 25 in all.
    let idle = NewSession { idle_ms: Some(10), expires_at_ms: 25, ..new_session(7) };
    store.create_session(me, idle).await.unwrap();
    assert_eq!((lives(7, 9).await, lives(7, 10).await), (true, false));
    assert_eq!(store.record_uses(vec![used(7, me, 9)]).await.unwrap(), [(new_session(7).id, 19)]);
    assert_eq!((lives(7, 18).await, lives(7, 19).await), (true, false));
    // A use that is told late, or of nobody, puts nothing back.
    assert_eq!(store.record_uses(vec![used(7, me, 3), used(99, me, 3)]).await.unwrap(), [(new_session(7).id, 19)]);
    assert_eq!(store.record_uses(vec![used(7, me, 18)]).await.unwrap(), [(new_session(7).id, 25)]);
    assert_eq!((lives(7, 24).await, lives(7, 25).await), (true, false));
    // One that has no such end lives as long as it was to.
    assert_eq!(store.record_uses(vec![used(1, me, 3)]).await.unwrap(), []);
    assert_eq!((lives(1, EXPIRES_AT_MS - 1).await, lives(1, EXPIRES_AT_MS).await), (true, false));
    assert_eq!(store.prune_expired(25, 0, 100).await.unwrap(), 1);
}

pub(in crate::store) async fn sessions_are_listed_and_revoked_by_their_owner(store: &dyn Store) {
    let people = people(store, 2).await;
    let (ana, bo) = (people[0].id, people[1].id);
    for number in [7, 8] {
        store.create_session(ana, new_session(number)).await.unwrap();
    }
    store.record_uses(vec![used(7, ana, 400)]).await.unwrap();
    let listed = async |member, current, now_ms| {
        let list = store.sessions(member, new_session(current).id, now_ms).await.unwrap();
        list.into_iter().map(|session| (session.id, session.current)).collect::<Vec<_>>()
    };
    let id = |number| new_session(number).id;
    assert_eq!(listed(ana, 8, NOW_MS).await, [(id(8), true), (id(7), false), (id(1), false)]);
    assert_eq!(listed(ana, 99, EXPIRES_AT_MS).await, []);
    let seven = store.sessions(ana, id(7), NOW_MS).await.unwrap().remove(0);
    assert_eq!(seven.device.as_deref(), Some("Firefox on Linux"));
    assert_eq!(seven.address.as_deref(), Some("203.0.113.207"));
    assert_eq!(seven.last_used_at.0, "1970-01-01T00:00:00.400Z");

    assert_not_found(store.revoke_session(bo, id(7)).await);
    assert_not_found(store.revoke_session(ana, id(99)).await);
    assert!(store.session(secret(1, 7), NOW_MS).await.unwrap().is_some());
    store.revoke_session(ana, id(7)).await.unwrap();
    assert_eq!(store.session(secret(1, 7), NOW_MS).await.unwrap(), None);
    assert_not_found(store.revoke_session(ana, id(7)).await);
    assert_eq!(listed(ana, 8, NOW_MS).await, [(id(8), true), (id(1), false)]);
    store.end_other_sessions(ana, id(8)).await.unwrap();
    assert_eq!(listed(ana, 8, NOW_MS).await, [(id(8), true)]);
    assert_eq!(listed(bo, 2, NOW_MS).await, [(id(2), true)]);
}

pub(in crate::store) async fn tokens_are_made_listed_and_revoked(store: &dyn Store) {
    let people = people(store, 2).await;
    let (ana, bo) = (people[0].id, people[1].id);
    let made = store.create_token(by(ana), new_token(7, "Kiln sensor", Access::Post)).await.unwrap();
    assert_eq!(
        (made.label.as_str(), made.access, &made.last_used_at, &made.expires_at),
        ("Kiln sensor", Access::Post, &None, &None)
    );
    let owner = store.session(secret(1, 7), NEVER_MS - 1).await.unwrap().unwrap();
    assert_eq!((owner.member, owner.access), (people[0].clone(), Access::Post));
    assert_eq!(store.record_uses(vec![used(7, ana, 400)]).await.unwrap(), []);
    let listed = store.tokens(ana, NOW_MS).await.unwrap();
    assert_eq!(listed[0].last_used_at.as_ref().unwrap().0, "1970-01-01T00:00:00.400Z");
    // Neither is the other.
    assert_eq!(store.sessions(ana, made.id, NOW_MS).await.unwrap().len(), 1);
    assert_not_found(store.revoke_session(ana, made.id).await);
    assert_not_found(store.revoke_token(by(ana), new_session(1).id).await);
    assert_not_found(store.revoke_token(by(bo), made.id).await);
    assert_eq!(store.tokens(bo, NOW_MS).await.unwrap(), []);
    store.revoke_token(by(ana), made.id).await.unwrap();
    assert_eq!(store.tokens(ana, NOW_MS).await.unwrap(), []);
    assert_eq!(store.session(secret(1, 7), NOW_MS).await.unwrap(), None);
    assert_eq!(acts(store, ana).await, [AuditAct::TokenRevoked, AuditAct::TokenMade]);
}

pub(in crate::store) async fn one_more_session_ends_the_least_used(store: &dyn Store) {
    let people = people(store, 1).await;
    let me = people[0].id;
    let most = u64::from(OWN_MAX);
    for number in 2..=most {
        store.create_session(me, new_session(number)).await.unwrap();
    }
    store.record_uses(vec![used(1, me, 400)]).await.unwrap();
    store.create_session(me, new_session(most + 1)).await.unwrap();
    let list = store.sessions(me, new_session(1).id, NOW_MS).await.unwrap();
    assert_eq!(list.len() as u64, most);
    assert!(list[0].current, "it was used lately");
    assert!(list.iter().any(|session| session.id == new_session(most + 1).id));
    // Tokens are counted apart; who makes one too many has to choose, and none made for a program goes by itself.
    for number in 1..=most {
        store.create_token(by(me), new_token(1_000 + number, "x", Access::All)).await.unwrap();
    }
    let more = new_token(2_000, "x", Access::All);
    assert_refused(store.create_token(by(me), more.clone()).await, DomainError::LimitReached);
    assert_refused(store.create_session(me, more.clone()).await, DomainError::LimitReached);
    store.revoke_token(by(me), new_session(1_001).id).await.unwrap();
    let passing = NewSession { expires_at_ms: EXPIRES_AT_MS, ..more };
    store.create_session(me, passing).await.unwrap();
    store
        .create_session(me, NewSession { expires_at_ms: EXPIRES_AT_MS, ..new_token(2_001, "x", Access::All) })
        .await
        .unwrap();
    assert_eq!(store.session(secret(1, 2_000), NOW_MS).await.unwrap(), None);
    assert!(store.session(secret(1, 2_001), NOW_MS).await.unwrap().is_some());
}

pub(in crate::store) async fn where_people_came_from_is_kept_for_a_while(store: &dyn Store) {
    let people = people(store, 2).await;
    let (owner, bo) = (people[0].id, people[1].id);
    let from = async || store.ban_preview(owner, bo, day(1)).await.unwrap().addresses;
    assert_eq!(from().await, ["203.0.113.2"], "where the account was made");
    let v6 = |text: &str| SessionUse { address: Some(text.parse().unwrap()), ..used(2, bo, 500) };
    store.record_uses(vec![used(2, bo, 400), v6("2001:db8::1"), v6("2001:db8::2")]).await.unwrap();
    assert_eq!(from().await, ["2001:db8::/64", "203.0.113.202", "203.0.113.2"]);
    assert_eq!(store.prune_expired(0, 400, 100).await.unwrap(), 2, "one of each person's joining");
    assert_eq!(from().await, ["2001:db8::/64", "203.0.113.202"]);
    // Somebody who roams through a large network does not fill the database.
    for number in 0..250_u8 {
        let address = Some([198, 51, 100, number].into());
        store.record_uses(vec![SessionUse { address, ..used(2, bo, 600 + i64::from(number)) }]).await.unwrap();
    }
    let kept = from().await;
    assert_eq!((kept.len(), kept[0].as_str()), (200, "198.51.100.249"));
}
