//! People: the list, the card of one, and what is changed of them.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use shared::{
    audit::AuditAct,
    event::{MemberChanged, SettingsChanged},
    id::{MemberId, RoomId},
    member::{Member, PeoplePage, Person, Role, Settings, Timestamp},
    policy::{Actor, PersonAction, to_person},
    request::{self, PersonChanged},
    session::MemberView,
};

use super::{
    SqliteStore, accounts, audit, bans, memberships,
    rows::{self, MEMBER, collect, parsed},
    sessions, snapshot,
    transaction::Tx,
};
use crate::{
    clock,
    domain::{DomainError, audience::Audience, member::name_key, policy},
    store::{self, By, ChangePassword, ChangePerson, PeopleQuery, PeopleShow, StoreError},
};

#[async_trait]
impl store::People for SqliteStore {
    async fn people(&self, viewer: MemberId, show: PeopleShow, query: PeopleQuery) -> Result<PeoplePage, StoreError> {
        self.readers.read(move |tx| page(tx, viewer, show, &query)).await
    }

    async fn person(&self, viewer: MemberId, member: MemberId) -> Result<MemberView, StoreError> {
        self.readers.read(move |tx| card(tx, viewer, member)).await
    }

    async fn change_person(&self, command: ChangePerson) -> Result<PersonChanged, StoreError> {
        self.writer.run(move |tx| change(tx, &command)).await
    }

    async fn password_hash(&self, member: MemberId) -> Result<String, StoreError> {
        self.readers.read(move |tx| password_hash(tx, member)).await
    }

    async fn change_password(&self, command: ChangePassword) -> Result<(), StoreError> {
        self.writer.run(move |tx| change_password(tx, &command)).await
    }
}

/// Whom a guest may know of: who shares a room with them. `p` is the person, :viewer the guest.
pub(super) const KNOWN_TO_GUEST: &str = "p.id IN (SELECT other.member FROM memberships AS mine
    JOIN memberships AS other ON other.room = mine.room WHERE mine.member = :viewer)";

/// What one may know of people besides [`MEMBER`]. `p` is the person.
const KNOWN: &str = "p.invited_by, p.time_zone, p.shows_presence, p.last_seen_ms,
    (SELECT count(*) FROM memberships AS s WHERE s.member = p.id) AS room_count,
    EXISTS (SELECT 1 FROM bans AS b WHERE b.member = p.id) AS banned";

/// A page of the people, by the name shown.
fn page(
    connection: &Connection,
    viewer: MemberId,
    show: PeopleShow,
    query: &PeopleQuery,
) -> Result<PeoplePage, StoreError> {
    let actor = accounts::actor(connection, viewer)?;
    let admin = actor.role.is_admin();
    let known = if actor.role == Role::Guest { KNOWN_TO_GUEST } else { "(:viewer IS NOT NULL)" };
    let filtered = match show {
        PeopleShow::All => "1",
        PeopleShow::Admins => "p.role IN ('owner', 'admin')",
        PeopleShow::Guests => "p.role = 'guest'",
        PeopleShow::Inactive if admin => "NOT p.active AND p.id NOT IN (SELECT member FROM bans)",
        PeopleShow::Inactive => "NOT p.active",
        PeopleShow::Banned => {
            policy::require(admin)?;
            "p.id IN (SELECT member FROM bans)"
        }
    };
    let named = memberships::NAMED.replace("?3", ":text");
    let found = format!("FROM members AS p WHERE {known} AND {filtered} AND {named}");
    let viewer = viewer.to_string();
    let total = connection
        .prepare_cached(&format!("SELECT count(*) {found}"))?
        .query_row(named_params! { ":viewer": viewer, ":text": query.text }, |row| row.get(0))?;
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {MEMBER}, {KNOWN} {found}
           AND (:after IS NULL
                OR (p.display_key, p.id) > (SELECT q.display_key, q.id FROM members AS q WHERE q.id = :after))
         ORDER BY p.display_key, p.id LIMIT :limit"
    ))?;
    let after = query.after.map(|after| after.to_string());
    let limit = u64::from(query.limit) + 1;
    let params = named_params! { ":viewer": viewer, ":text": query.text, ":after": after, ":limit": limit };
    let mut people: Vec<Person> = collect(statement.query_map(params, |row| person(row, actor.role))?, "members")?;
    let more = people.len() > query.limit as usize;
    people.truncate(query.limit as usize);
    let next = people.last().filter(|_| more).map(|person| person.member.id);
    Ok(PeoplePage { people, next, total })
}

/// A row of the list, as someone of this role may see it.
fn person(row: &Row<'_>, viewer: Role) -> rusqlite::Result<Person> {
    let invited_by: Option<String> = row.get("invited_by")?;
    let admin = viewer.is_admin();
    Ok(Person {
        member: rows::member(row)?,
        invited_by: if viewer == Role::Guest { None } else { invited_by.and_then(|by| by.parse().ok()) },
        room_count: if admin { Some(row.get("room_count")?) } else { None },
        last_seen_at: last_seen(row)?,
        banned: if admin { Some(row.get("banned")?) } else { None },
    })
}

/// When somebody was here last, if they share it. Whoever has not opened the place since was here when they came in.
fn last_seen(row: &Row<'_>) -> rusqlite::Result<Option<Timestamp>> {
    if !row.get("shows_presence")? {
        return Ok(None);
    }
    let noted: Option<i64> = row.get("last_seen_ms")?;
    Ok(Some(noted.map_or_else(|| row.get("joined_at").map(Timestamp), |at_ms| Ok(clock::timestamp(at_ms)))?))
}

/// Whether a guest may know of someone; everyone else may know of everyone.
pub(super) fn require_known(connection: &Connection, viewer: Actor, member: MemberId) -> Result<(), StoreError> {
    if viewer.role != Role::Guest || viewer.id == member {
        return Ok(());
    }
    let query = format!("SELECT 1 FROM members AS p WHERE p.id = :member AND {KNOWN_TO_GUEST}");
    let params = named_params! { ":member": member.to_string(), ":viewer": viewer.id.to_string() };
    if connection.prepare_cached(&query)?.exists(params)? { Ok(()) } else { Err(StoreError::NotFound) }
}

/// The card of a person.
fn card(connection: &Connection, viewer: MemberId, member: MemberId) -> Result<MemberView, StoreError> {
    let actor = accounts::actor(connection, viewer)?;
    require_known(connection, actor, member)?;
    let query = format!("SELECT {MEMBER}, {KNOWN} FROM members AS p WHERE p.id = ?1");
    let found = connection.prepare_cached(&query)?.query_row([member.to_string()], |row| {
        Ok(MemberView {
            member: rows::member(row)?,
            time_zone: row.get("time_zone")?,
            last_seen_at: last_seen(row)?,
            shared_rooms: Vec::new(),
            banned: if actor.role.is_admin() { Some(row.get("banned")?) } else { None },
        })
    });
    let view = found.optional()?.ok_or(StoreError::NotFound)?;
    let mut statement = connection.prepare_cached(
        "SELECT mine.room FROM memberships AS mine
         JOIN memberships AS theirs ON theirs.member = ?2 AND theirs.room = mine.room
         WHERE mine.member = ?1 ORDER BY mine.since",
    )?;
    let rows = statement.query_map(params![viewer.to_string(), member.to_string()], |row| parsed(row, "room"))?;
    let shared_rooms: Vec<RoomId> = collect(rows, "memberships")?;
    Ok(MemberView { shared_rooms, ..view })
}

/// Changes a person, each part by its own right.
fn change(tx: &mut Tx<'_>, command: &ChangePerson) -> Result<PersonChanged, StoreError> {
    let actor = accounts::actor(tx.connection(), command.by.member)?;
    require_known(tx.connection(), actor, command.member)?;
    let held = accounts::by_id(tx.connection(), command.member)?;
    let mut member = held.clone();
    let settings = change_own(tx, actor, &mut member, &command.change)?;
    let acts = change_standing(tx, actor, &mut member, &command.change)?;
    if let Some(settings) = &settings {
        update_settings(tx, member.id, settings)?;
        let fact = SettingsChanged { settings: settings.clone() };
        tx.append(Audience::Member(member.id), &fact.into(), &command.by.at)?;
    }
    for act in acts {
        let detail = (act == AuditAct::RoleChanged).then(|| member.role.as_str().to_owned());
        let subject = audit::Subject { member: Some(member.id), detail, ..Default::default() };
        audit::record(tx, &command.by, act, subject)?;
    }
    if member != held {
        update(tx, &held, &member, &command.by)?;
    }
    let own = (actor.id == member.id).then(|| snapshot::settings(tx.connection(), member.id)).transpose()?;
    Ok(PersonChanged { member, settings: own, cursor: tx.cursor(tx.head()) })
}

/// What only the person may change: the profile, and the settings, which are returned if they are others now.
fn change_own(
    tx: &Tx<'_>,
    actor: Actor,
    member: &mut Member,
    change: &request::ChangePerson,
) -> Result<Option<Settings>, StoreError> {
    let held = snapshot::settings(tx.connection(), member.id)?;
    let chosen = |wish: &Option<String>, held: &Option<String>| match wish.as_deref() {
        None => held.clone(),
        Some("") => None,
        Some(chosen) => Some(chosen.to_owned()),
    };
    let settings = Settings {
        language: chosen(&change.language, &held.language),
        time_zone: chosen(&change.time_zone, &held.time_zone),
        hours: change.hours.unwrap_or(held.hours),
        shows_presence: change.shows_presence.unwrap_or(held.shows_presence),
        shows_typing: change.shows_typing.unwrap_or(held.shows_typing),
    };
    if change.is_about_profile() {
        let is_self = actor.id == member.id;
        policy::require(to_person(actor.role, member.role, is_self, PersonAction::ChangeProfile))?;
    }
    if let Some(name) = change.name.as_ref().filter(|name| **name != member.name) {
        let holder = accounts::credentials(tx.connection(), &name_key(name.as_str()))?;
        if holder.is_some_and(|holder| holder.member.id != member.id) {
            return Err(DomainError::NameTaken.into());
        }
        member.name = name.clone();
    }
    member.display_name = change.display_name.clone().unwrap_or_else(|| member.display_name.clone());
    member.bio = change.bio.clone().unwrap_or_else(|| member.bio.clone());
    Ok((settings != held).then_some(settings))
}

/// What those above a person may change: role and whether the account is in use. Returns the acts that it takes.
fn change_standing(
    tx: &Tx<'_>,
    actor: Actor,
    member: &mut Member,
    change: &request::ChangePerson,
) -> Result<Vec<AuditAct>, StoreError> {
    let (held, is_self) = (member.clone(), actor.id == member.id);
    let require = |action| policy::require(to_person(actor.role, held.role, is_self, action));
    let mut acts = Vec::new();
    if let Some(role) = change.role.filter(|role| *role != held.role) {
        require(PersonAction::ChangeRole(role))?;
        member.role = role;
        acts.push(AuditAct::RoleChanged);
    }
    if let Some(active) = change.active.filter(|active| *active != held.active) {
        require(if active { PersonAction::Reactivate } else { PersonAction::Deactivate })?;
        // A ban is lifted, not passed by.
        policy::require(!active || !bans::is_banned(tx.connection(), member.id)?)?;
        member.active = active;
        acts.push(if active { AuditAct::Reactivated } else { AuditAct::Deactivated });
    }
    let answers = |member: &Member| member.active && member.role == Role::Owner;
    if answers(&held) && !answers(member) && owners(tx)? <= 1 {
        return Err(DomainError::LastOwner.into());
    }
    Ok(acts)
}

/// How many people answer for the workspace.
fn owners(tx: &Tx<'_>) -> Result<u32, StoreError> {
    Ok(tx.prepare("SELECT count(*) FROM members WHERE role = 'owner' AND active")?.query_row([], |row| row.get(0))?)
}

/// Writes what a person is now, and tells of it. Whoever becomes something else loses what was lent to what they were.
pub(super) fn update(tx: &mut Tx<'_>, held: &Member, member: &Member, by: &By) -> Result<(), StoreError> {
    tx.prepare(
        "UPDATE members SET name = ?2, name_key = ?3, display_name = ?4, display_key = ?5, bio = ?6, role = ?7,
                            active = ?8 WHERE id = ?1",
    )?
    .execute(params![
        member.id.to_string(),
        member.name.as_str(),
        name_key(member.name.as_str()),
        member.display_name.as_str(),
        name_key(member.display_name.as_str()),
        member.bio.as_str(),
        member.role.as_str(),
        member.active
    ])?;
    if held.active && !member.active {
        retire(tx, member.id)?;
    }
    if held.role != member.role {
        // A link to a new password is an owner's to make.
        tx.prepare("DELETE FROM links WHERE made_by = ?1 AND member <> ?1")?.execute([member.id.to_string()])?;
    }
    tx.append(Audience::Workspace, &MemberChanged { member: member.clone() }.into(), &by.at)?;
    Ok(())
}

/// Ends everything that opens a door in the name of a person: sessions, tokens, links and invites.
pub(super) fn retire(tx: &Tx<'_>, member: MemberId) -> Result<(), StoreError> {
    sessions::drop_all(tx, member)?;
    let member = member.to_string();
    tx.prepare("DELETE FROM links WHERE member = ?1 OR made_by = ?1")?.execute([&member])?;
    tx.prepare("DELETE FROM invites WHERE made_by = ?1")?.execute([&member])?;
    Ok(())
}

fn update_settings(tx: &Tx<'_>, member: MemberId, settings: &Settings) -> Result<(), StoreError> {
    tx.prepare(
        "UPDATE members SET language = ?2, time_zone = ?3, hours = ?4, shows_presence = ?5, shows_typing = ?6
         WHERE id = ?1",
    )?
    .execute(params![
        member.to_string(),
        settings.language,
        settings.time_zone,
        settings.hours.as_str(),
        settings.shows_presence,
        settings.shows_typing
    ])?;
    Ok(())
}

fn password_hash(connection: &Connection, member: MemberId) -> Result<String, StoreError> {
    let mut statement = connection.prepare_cached("SELECT password_hash FROM members WHERE id = ?1")?;
    statement.query_row([member.to_string()], |row| row.get(0)).optional()?.ok_or(StoreError::NotFound)
}

/// Sets a password, and ends whatever the old one has opened but the session that asks.
fn change_password(tx: &mut Tx<'_>, command: &ChangePassword) -> Result<(), StoreError> {
    accounts::actor(tx.connection(), command.member)?;
    if password_hash(tx.connection(), command.member)? != command.current_hash {
        return Err(DomainError::WrongPassword.into());
    }
    set_password(tx, command.member, &command.new_hash)?;
    sessions::end_all(tx, command.member, Some(command.kept))
}

/// Writes a new password. No link made before it sets another, or signs another device in.
pub(super) fn set_password(tx: &Tx<'_>, member: MemberId, hash: &str) -> Result<(), StoreError> {
    let member = member.to_string();
    tx.prepare("UPDATE members SET password_hash = ?2 WHERE id = ?1")?.execute([member.as_str(), hash])?;
    tx.prepare("DELETE FROM links WHERE member = ?1")?.execute([&member])?;
    Ok(())
}
