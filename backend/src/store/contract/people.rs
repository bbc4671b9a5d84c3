//! People: who sees whom, who changes what of whom, and what ends with an account.

use shared::{
    audit::AuditAct,
    event::Event,
    id::{MemberId, RoomId},
    member::{Circle, Role, Settings},
    request,
    room::RoomKind,
    session::Access,
    text::{Bio, DisplayName, SignInName, WorkspaceName},
};

use super::fixture::*;
use crate::{
    clock,
    domain::{DomainError, audience::Audience},
    store::{
        AuditQuery, ChangePassword, ChangePerson, ChangeWorkspace, NewSession, PeopleQuery, PeopleShow, RoomRef,
        SessionUse, Store,
    },
};

/// Everyone's acts but the making of invites, the last first, as an admin reads them.
pub(in crate::store) async fn acts(store: &dyn Store, admin: MemberId) -> Vec<AuditAct> {
    let page = store.audit(admin, AuditQuery { limit: 100, ..AuditQuery::default() }).await.unwrap();
    page.entries.into_iter().map(|entry| entry.act).filter(|act| *act != AuditAct::InviteMade).collect()
}

/// The facts after an offset: their audience and name.
pub(in crate::store) async fn told(store: &dyn Store, after: shared::cursor::Offset) -> Vec<(Audience, String)> {
    let rows = store.read_log(after, usize::MAX).await.unwrap();
    rows.into_iter().map(|row| (row.audience, row.kind)).collect()
}

fn question(text: &str, limit: u32) -> PeopleQuery {
    PeopleQuery { text: text.to_owned(), after: None, limit }
}

async fn found(store: &dyn Store, viewer: MemberId, filter: PeopleShow, text: &str) -> Vec<String> {
    let page = store.people(viewer, filter, question(text, 100)).await.unwrap();
    assert_eq!((page.total as usize, page.next), (page.people.len(), None));
    page.people.into_iter().map(|person| person.member.display_name.to_string()).collect()
}

fn named(member: MemberId, name: &str) -> ChangePerson {
    let display_name = Some(DisplayName::parse(name).unwrap());
    ChangePerson { by: by(member), member, change: request::ChangePerson { display_name, ..Default::default() } }
}

pub(in crate::store) async fn the_list_of_people_comes_in_pages(store: &dyn Store) {
    let people = people(store, 6).await;
    let id = |number: usize| people[number - 1].id;
    store.change_person(named(id(3), "Ärmel Ana")).await.unwrap();
    store.change_person(given_role(id(1), id(4), Role::Admin)).await.unwrap();
    store.change_person(given_role(id(1), id(5), Role::Guest)).await.unwrap();
    store.change_person(set_active(id(1), id(6), false)).await.unwrap();
    let all = ["Person 1", "Person 2", "Person 4", "Person 5", "Person 6", "Ärmel Ana"];
    assert_eq!(found(store, id(2), PeopleShow::All, "").await, all);
    assert_eq!(found(store, id(2), PeopleShow::All, "ana").await, ["Ärmel Ana"]);
    assert_eq!(found(store, id(2), PeopleShow::All, "person 3").await, ["Ärmel Ana"], "the sign-in name");
    assert_eq!(found(store, id(2), PeopleShow::Admins, "").await, ["Person 1", "Person 4"]);
    assert_eq!(found(store, id(2), PeopleShow::Guests, "").await, ["Person 5"]);
    assert_eq!(found(store, id(2), PeopleShow::Inactive, "").await, ["Person 6"]);

    let (mut after, mut seen) = (None, vec![]);
    loop {
        let query = PeopleQuery { after, ..question("", 4) };
        let page = store.people(id(2), PeopleShow::All, query).await.unwrap();
        assert_eq!(page.total, 6);
        seen.extend(page.people.iter().map(|person| person.member.display_name.to_string()));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, all);
    // What only admins are told.
    let row =
        async |viewer| store.people(viewer, PeopleShow::All, question("person 2", 1)).await.unwrap().people.remove(0);
    let (admin, member) = (row(id(4)).await, row(id(3)).await);
    assert_eq!((admin.invited_by, admin.room_count, admin.banned), (Some(id(1)), Some(1), Some(false)));
    assert_eq!((member.invited_by, member.room_count, member.banned), (Some(id(1)), None, None));
    assert_refused(store.people(id(2), PeopleShow::Banned, question("", 1)).await, DomainError::Forbidden);
    assert_refused(store.people(id(6), PeopleShow::All, question("", 1)).await, DomainError::Forbidden);
}

pub(in crate::store) async fn a_guest_knows_who_shares_a_room(store: &dyn Store) {
    let people = people(store, 4).await;
    let id = |number: usize| people[number - 1].id;
    let tea = RoomRef::Id(room_id(1));
    store.create_room(shared_room(1, id(1), RoomKind::Closed, &[id(2), id(4)])).await.unwrap();
    store.remove_member(membership(id(4), general(), id(4))).await.unwrap();
    store.change_person(given_role(id(1), id(4), Role::Guest)).await.unwrap();
    assert_eq!(found(store, id(4), PeopleShow::All, "").await, ["Person 1", "Person 2", "Person 4"]);
    let row = store.people(id(4), PeopleShow::All, question("", 1)).await.unwrap().people.remove(0);
    assert_eq!((row.invited_by, row.room_count, row.banned), (None, None, None));
    store.person(id(4), id(2)).await.unwrap();
    assert_not_found(store.person(id(4), id(3)).await);
    assert_not_found(
        store
            .change_person(named(id(4), "x"))
            .await
            .map(drop)
            .and(store.change_person(ChangePerson { member: id(3), ..set_active(id(4), id(4), true) }).await),
    );
    assert_not_found(store.ban(ban(id(4), id(3))).await);
    // Out of the room, they know nobody, and themself.
    store.remove_member(membership(id(1), tea, id(4))).await.unwrap();
    assert_eq!(found(store, id(4), PeopleShow::All, "").await, Vec::<String>::new());
    assert_not_found(store.person(id(4), id(2)).await);
    store.person(id(4), id(4)).await.unwrap();
}

pub(in crate::store) async fn a_card_shows_what_its_owner_shares(store: &dyn Store) {
    let people = people(store, 3).await;
    let (owner, ana, bo) = (people[0].id, people[1].id, people[2].id);
    store.create_room(shared_room(1, ana, RoomKind::Closed, &[bo])).await.unwrap();
    let card = async || store.person(bo, ana).await.unwrap();
    assert_eq!(card().await.shared_rooms, [general_id(), room_id(1)]);
    assert_eq!((card().await.time_zone, card().await.banned), (None, None));
    assert_eq!(card().await.last_seen_at, Some(people[1].joined_at.clone()), "nobody was never here");
    store.note_last_seen(vec![(ana, NOW_MS + 60_000)]).await.unwrap();
    assert_eq!(card().await.last_seen_at, Some(clock::timestamp(NOW_MS + 60_000)));
    let change = request::ChangePerson { time_zone: Some("Asia/Shanghai".to_owned()), ..Default::default() };
    store.change_person(ChangePerson { by: by(ana), member: ana, change }).await.unwrap();
    assert_eq!(card().await.time_zone.as_deref(), Some("Asia/Shanghai"));
    let change = request::ChangePerson { shows_presence: Some(false), ..Default::default() };
    store.change_person(ChangePerson { by: by(ana), member: ana, change }).await.unwrap();
    assert_eq!(card().await.last_seen_at, None);
    assert_eq!(store.people(bo, PeopleShow::All, question("", 9)).await.unwrap().people[1].last_seen_at, None);
    let seen = store.person(owner, ana).await.unwrap();
    assert_eq!((seen.banned, seen.shared_rooms), (Some(false), vec![general_id()]));
    assert_not_found(store.person(owner, member_id(99)).await);
}

pub(in crate::store) async fn a_profile_is_ones_own(store: &dyn Store) {
    let people = people(store, 3).await;
    let (owner, ana, bo) = (people[0].id, people[1].id, people[2].id);
    let wish = request::ChangePerson {
        display_name: Some(DisplayName::parse("Ana B").unwrap()),
        name: Some(SignInName::parse("anab").unwrap()),
        bio: Some(Bio::parse("Words").unwrap()),
        language: Some("zh-CN".to_owned()),
        shows_typing: Some(false),
        ..Default::default()
    };
    let change =
        |actor, change: &request::ChangePerson| ChangePerson { by: by(actor), member: ana, change: change.clone() };
    for other in [owner, bo] {
        assert_refused(store.change_person(change(other, &wish)).await, DomainError::Forbidden);
    }
    let before = head(store).await;
    let changed = store.change_person(change(ana, &wish)).await.unwrap();
    let expected = Settings { language: Some("zh-CN".to_owned()), shows_typing: false, ..Settings::default() };
    assert_eq!((changed.member.display_name.as_str(), changed.member.name.as_str()), ("Ana B", "anab"));
    assert_eq!((changed.settings.as_ref(), changed.cursor.offset), (Some(&expected), head(store).await));
    let own = (Audience::Member(ana), "settings_changed".to_owned());
    assert_eq!(told(store, before).await, [own, (Audience::Workspace, "member_changed".to_owned())]);
    assert_eq!(store.snapshot(ana).await.unwrap().my, expected);
    assert_eq!(store.credentials("anab").await.unwrap().unwrap().member, changed.member);
    assert!(store.credentials("person 2").await.unwrap().is_none());
    // Once more is no news; an empty text takes back what was chosen.
    let before = head(store).await;
    store.change_person(change(ana, &wish)).await.unwrap();
    assert_eq!(head(store).await, before);
    let back = request::ChangePerson { language: Some(String::new()), ..Default::default() };
    assert_eq!(store.change_person(change(ana, &back)).await.unwrap().settings.unwrap().language, None);
    // A name is one person's, in every spelling; one's own may be spelt anew.
    let named =
        |name: &str| request::ChangePerson { name: Some(SignInName::parse(name).unwrap()), ..Default::default() };
    assert_refused(store.change_person(change(ana, &named("PERSON 3"))).await, DomainError::NameTaken);
    assert_eq!(store.change_person(change(ana, &named("ANAB"))).await.unwrap().member.name.as_str(), "ANAB");
}

pub(in crate::store) async fn a_role_is_given_by_those_above(store: &dyn Store) {
    let people = people(store, 4).await;
    let id = |number: usize| people[number - 1].id;
    let before = head(store).await;
    let admin = store.change_person(given_role(id(1), id(2), Role::Admin)).await.unwrap();
    assert_eq!((admin.member.role, admin.settings), (Role::Admin, None));
    let expected = [(Audience::Admins, "audit_logged".to_owned()), (Audience::Workspace, "member_changed".to_owned())];
    assert_eq!(told(store, before).await, expected);
    let last = store.audit(id(2), AuditQuery { limit: 1, ..AuditQuery::default() }).await.unwrap().entries.remove(0);
    assert_eq!((last.by, last.member, last.detail.as_deref()), (id(1), Some(id(2)), Some("admin")));
    assert_eq!(last.address.as_deref(), Some("203.0.113.7"));

    for (actor, target, role) in [
        (id(3), id(4), Role::Guest),
        (id(3), id(3), Role::Admin),
        (id(2), id(1), Role::Member),
        (id(2), id(3), Role::Owner),
        (id(1), id(3), Role::Bot),
    ] {
        assert_refused(store.change_person(given_role(actor, target, role)).await, DomainError::Forbidden);
    }
    store.change_person(given_role(id(2), id(3), Role::Guest)).await.unwrap();
    store.change_person(given_role(id(2), id(2), Role::Member)).await.unwrap();
    assert_refused(store.change_person(given_role(id(2), id(3), Role::Member)).await, DomainError::Forbidden);
}

pub(in crate::store) async fn the_last_owner_stays(store: &dyn Store) {
    let people = people(store, 2).await;
    let (first, second) = (people[0].id, people[1].id);
    let before = head(store).await;
    assert_refused(store.change_person(given_role(first, first, Role::Member)).await, DomainError::LastOwner);
    assert_refused(store.change_person(set_active(first, first, false)).await, DomainError::LastOwner);
    assert_eq!(head(store).await, before);
    store.change_person(given_role(first, second, Role::Owner)).await.unwrap();
    // Both want to go at once: one of them stays.
    let (one, other) = futures_util::future::join(
        store.change_person(given_role(first, first, Role::Member)),
        store.change_person(set_active(second, second, false)),
    )
    .await;
    assert!(one.is_ok() != other.is_ok());
    assert_refused(if one.is_err() { one } else { other }, DomainError::LastOwner);
}

pub(in crate::store) async fn who_is_deactivated_opens_no_door(store: &dyn Store) {
    let people = people(store, 3).await;
    let (owner, ana) = (people[0].id, people[1].id);
    store.create_token(by(ana), new_token(20, "x", Access::All)).await.unwrap();
    store.create_invite(new_invite(20, ana, secret(4, 1))).await.unwrap();
    let before = head(store).await;
    assert_refused(store.change_person(set_active(people[2].id, ana, false)).await, DomainError::Forbidden);
    assert!(!store.change_person(set_active(owner, ana, false)).await.unwrap().member.active);
    let expected = [(Audience::Admins, "audit_logged".to_owned()), (Audience::Workspace, "member_changed".to_owned())];
    assert_eq!(told(store, before).await, expected);
    for number in [2, 20] {
        assert_eq!(store.session(secret(1, number), NOW_MS).await.unwrap(), None);
    }
    assert_refused(store.invite(secret(4, 1), NOW_MS).await, DomainError::InviteInvalid);
    assert_refused(store.create_session(ana, new_session(21)).await, DomainError::Forbidden);
    assert_refused(store.create_token(by(ana), new_token(22, "x", Access::All)).await, DomainError::Forbidden);
    assert_refused(store.post_message(new_post(1, ana)).await, DomainError::Forbidden);
    let found = store.credentials("person 2").await.unwrap().unwrap();
    assert_eq!((found.member.active, found.banned), (false, false));
    assert!(!store.rights().await.unwrap().people.iter().find(|standing| standing.member == ana).unwrap().active);

    assert!(store.change_person(set_active(owner, ana, true)).await.unwrap().member.active);
    store.create_session(ana, new_session(21)).await.unwrap();
    assert_eq!(store.session(secret(1, 2), NOW_MS).await.unwrap(), None, "what has ended stays so");
    assert_eq!(acts(store, owner).await, [AuditAct::Reactivated, AuditAct::Deactivated, AuditAct::TokenMade]);
}

pub(in crate::store) async fn a_new_password_ends_what_the_old_one_opened(store: &dyn Store) {
    let people = people(store, 2).await;
    let (owner, ana) = (people[0].id, people[1].id);
    store.create_session(ana, new_session(20)).await.unwrap();
    let signed_in = NewSession { expires_at_ms: EXPIRES_AT_MS, ..new_token(21, "x", Access::All) };
    store.create_session(ana, signed_in).await.unwrap();
    store.create_token(by(ana), new_token(22, "x", Access::Read)).await.unwrap();
    let change = |current: &str| ChangePassword {
        member: ana,
        current_hash: current.to_owned(),
        new_hash: "$argon2id$new".to_owned(),
        kept: new_session(20).id,
    };
    assert_refused(store.change_password(change("$argon2id$1")).await, DomainError::WrongPassword);
    assert_eq!(store.password_hash(ana).await.unwrap(), "$argon2id$2");
    store.change_password(change("$argon2id$2")).await.unwrap();
    assert_eq!(store.password_hash(ana).await.unwrap(), "$argon2id$new");
    let lives = async |number| store.session(secret(1, number), NOW_MS).await.unwrap().is_some();
    assert_eq!((lives(2).await, lives(20).await, lives(21).await, lives(22).await), (false, true, false, true));
    assert!(lives(1).await, "another's");
    assert_not_found(store.password_hash(member_id(99)).await);
    assert_eq!(store.password_hash(owner).await.unwrap(), "$argon2id$1");
    let seen = SessionUse { session: new_session(20).id, member: ana, at_ms: 1, address: None };
    store.record_uses(vec![seen]).await.unwrap();
}

pub(in crate::store) async fn the_workspace_is_changed_by_its_admins(store: &dyn Store) {
    let people = people(store, 2).await;
    let (owner, ana) = (people[0].id, people[1].id);
    let change = request::ChangeWorkspace {
        name: Some(WorkspaceName::parse("Oolong Works").unwrap()),
        rooms_by: Some(Circle::Admins),
        invites_by: Some(Circle::Everyone),
        guests: Some(true),
    };
    let command = |actor| ChangeWorkspace { by: by(actor), change: change.clone() };
    assert_refused(store.change_workspace(command(ana)).await, DomainError::Forbidden);
    let before = head(store).await;
    let changed = store.change_workspace(command(owner)).await.unwrap();
    assert_eq!((changed.workspace.name.as_str(), changed.workspace.guests), ("Oolong Works", true));
    assert_eq!(store.workspace().await.unwrap(), Some(changed.workspace));
    let told = told(store, before).await;
    assert_eq!((told[0].clone(), told.len()), ((Audience::Workspace, "workspace_changed".to_owned()), 4));
    let entries = store.audit(owner, AuditQuery { limit: 3, ..AuditQuery::default() }).await.unwrap().entries;
    let details: Vec<_> = entries.iter().map(|entry| entry.detail.as_deref().unwrap()).collect();
    assert_eq!(details, ["guests=true", "rooms_by=admins", "name=Oolong Works"]);
    let before = head(store).await;
    store.change_workspace(command(owner)).await.unwrap();
    assert_eq!(head(store).await, before);
    assert_refused(store.create_room(shared_room(1, ana, RoomKind::Open, &[])).await, DomainError::Forbidden);
}

pub(in crate::store) async fn the_audit_log_is_read_by_admins_page_by_page(store: &dyn Store) {
    let people = people(store, 3).await;
    let (owner, ana, bo) = (people[0].id, people[1].id, people[2].id);
    store.change_person(given_role(owner, ana, Role::Admin)).await.unwrap();
    for number in 1..=4 {
        post(store, number, bo).await;
        store.delete_message(deletion(number, ana)).await.unwrap();
    }
    store.remove_member(membership(owner, general(), bo)).await.unwrap();
    let ask = async |query: AuditQuery| store.audit(ana, query).await.unwrap();
    let all = ask(AuditQuery { limit: 100, ..AuditQuery::default() }).await;
    assert_eq!((all.entries.len(), all.more, all.total), (7, false, 7));
    assert!(all.entries.is_sorted_by(|newer, older| newer.offset > older.offset));
    // Every entry is the fact that told of it.
    for entry in &all.entries {
        let row = store.read_log(shared::cursor::Offset(entry.offset.0 - 1), 1).await.unwrap().remove(0);
        let read = Event::read(&row.kind, &mut serde_json::Deserializer::from_slice(&row.payload)).unwrap();
        assert!(matches!(read, Some(Event::AuditLogged(fact)) if fact.entry == *entry));
    }
    let first = ask(AuditQuery { limit: 4, ..AuditQuery::default() }).await;
    let before = Some(first.entries[3].offset);
    let second = ask(AuditQuery { limit: 4, before, ..AuditQuery::default() }).await;
    assert_eq!((first.more, second.more, second.total), (true, false, 7));
    assert_eq!([first.entries, second.entries].concat(), all.entries);
    let count = async |query: AuditQuery| ask(AuditQuery { limit: 1, ..query }).await.total;
    assert_eq!(count(AuditQuery { act: Some(AuditAct::MessageDeleted), ..AuditQuery::default() }).await, 4);
    assert_eq!(count(AuditQuery { by: Some(owner), ..AuditQuery::default() }).await, 3);
    assert_eq!(count(AuditQuery { member: Some(bo), by: Some(owner), ..AuditQuery::default() }).await, 1);
    assert_eq!(count(AuditQuery { room: Some(general_id()), ..AuditQuery::default() }).await, 6);
    assert_eq!(count(AuditQuery { room: Some(RoomId::from_entropy(entropy(77))), ..AuditQuery::default() }).await, 0);
    assert_refused(store.audit(bo, AuditQuery { limit: 1, ..AuditQuery::default() }).await, DomainError::Forbidden);
}
