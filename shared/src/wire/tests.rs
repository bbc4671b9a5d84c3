//! What serde reads and writes, this reads and writes, and what serde refuses, this refuses.

use std::{any::type_name, collections::BTreeSet, fmt::Debug};

use proptest::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value as Json, json};

use super::{Read, Value, Write, to_json};
use crate::{
    audit::{AuditAct, AuditEntry, AuditPage},
    cursor::{Cursor, Offset},
    event::{
        AuditLogged, Event, InvolvementChanged, MemberChanged, MemberJoined, MessageDeleted, MessagePosted,
        RoomChanged, RoomGone, RoomJoined, RoomMemberJoined, RoomMemberLeft, SettingsChanged, WorkspaceChanged,
    },
    id::{ClientId, InviteId, MemberId, MessageId, RoomId, SessionId},
    member::{Circle, HourCycle, Member, PeoplePage, Person, Role, Settings, Timestamp, Workspace},
    message::{Message, MessagePage, MessageRemoved},
    presence::{Presence, PresenceLevel, PresenceList, Typing},
    problem::{Problem, ProblemCode},
    request::{
        self, Ban, BanPreview, ChangePassword, ChangePerson, ChangeRoom, ChangeWorkspace, CreateInvite, CreateRoom,
        CreateToken, EnterAsGuest, InvolvementSet, Join, MoveRead, PostMessage, Purge, ReadMoved, ResetPassword,
        SessionKind, SetInvolvement, SetPresence, SetTyping, Setup, SignIn,
    },
    room::{
        Directory, DirectoryEntry, GoneReason, Involvement, Level, ReadPosition, Room, RoomAnswer, RoomKind,
        RoomMembers,
    },
    session::{
        Access, InviteCreated, InviteInfo, InviteList, InvitePreview, LinkMade, LinkPreview, MemberView, RoomList,
        RoomView, SessionInfo, SessionList, SetupState, SignedIn, Snapshot, TokenInfo, TokenList, TokenMade,
    },
    stream::{Bye, ByeReason, Hello, Introduction, Resume, State, Tick},
    text::{Bio, DisplayName, Label, MessageBody, Password, Reason, RoomName, RoomTopic, SignInName, WorkspaceName},
};

impl Value for Json {
    fn member(&self, name: &str) -> Option<Self> {
        self.as_object()?.get(name).filter(|member| !member.is_null()).cloned()
    }

    fn items(&self) -> Option<Vec<Self>> {
        self.as_array().cloned()
    }

    fn text(&self) -> Option<String> {
        self.as_str().map(str::to_owned)
    }

    fn number(&self) -> Option<i64> {
        self.as_i64()
    }

    fn flag(&self) -> Option<bool> {
        self.as_bool()
    }
}

/// Compares the two ways, type by type, and notes the types.
#[derive(Default)]
struct Comparison {
    types: BTreeSet<&'static str>,
}

impl Comparison {
    fn note<T>(&mut self) {
        self.types.insert(type_name::<T>().rsplit("::").next().expect("a path has an end"));
    }

    /// Reads the sample in both ways, and everything that it becomes when one part of it is missing or something else.
    fn read<T: Read + Serialize + DeserializeOwned + PartialEq + Debug>(&mut self, sample: &T) {
        self.note::<T>();
        let json = serde_json::to_value(sample).expect("is JSON");
        assert_eq!(T::read(&json).as_ref(), Some(sample), "{json}");
        for other in variations(&json) {
            assert_eq!(T::read(&other), T::deserialize(&other).ok(), "{other}");
        }
    }

    /// Writes the sample in both ways.
    fn write<T: Write + Serialize>(&mut self, sample: &T) {
        self.note::<T>();
        let ours: Json = serde_json::from_str(&to_json(sample)).expect("is JSON");
        assert_eq!(ours, serde_json::to_value(sample).expect("is JSON"));
    }
}

/// A value with one part replaced, taken away, or added.
fn variations(json: &Json) -> Vec<Json> {
    let words = ["", "x", "\u{0}", "live", "replay", "reset", "shutdown", "session_ended", "overload"];
    let more_words = ["open", "closed", "owner", "member", "r_000000000000", "7kq2m9xa.7", "unknown"];
    let rights = ["direct", "admin", "bot", "guest", "everyone", "admins", "left", "removed", "everything", "mentions"];
    let states =
        ["nothing", "hidden", "h24", "h12", "auto", "active", "away", "offline", "role_changed", "banned", "renew"];
    let narrower = ["all", "post", "read", "keep", "day"];
    let more_words = more_words
        .into_iter()
        .chain(rights)
        .chain(states)
        .chain(narrower)
        .chain(AuditAct::ALL.iter().map(|act| act.as_str()));
    let codes = ProblemCode::ALL.iter().map(|code| code.as_str());
    let mut all: Vec<Json> = words.into_iter().chain(more_words).chain(codes).map(Json::from).collect();
    all.extend([json!(null), json!(true), json!(-1), json!(0), json!(7), json!(1.5), json!(1_u64 << 16)]);
    all.extend([json!(1_u64 << 32), json!((1_u64 << 53) - 1), json!([]), json!([1]), json!({}), json!({"live": 1})]);
    if let Json::Object(members) = json {
        let with = |change: &dyn Fn(&mut serde_json::Map<String, Json>)| {
            let mut members = members.clone();
            change(&mut members);
            Json::Object(members)
        };
        all.push(with(&|members| drop(members.insert("of_a_later_version".to_owned(), json!([1, {"x": null}])))));
        for (name, member) in members {
            all.push(with(&|members| drop(members.remove(name))));
            for other in variations(member) {
                all.push(with(&|members| drop(members.insert(name.clone(), other.clone()))));
            }
        }
    }
    if let Json::Array(items) = json {
        all.extend(items.iter().flat_map(variations).map(|other| json!([other])));
    }
    all
}

fn member() -> Member {
    Member {
        id: MemberId::from_entropy([3; 12]),
        name: SignInName::parse("lin").expect("a name"),
        display_name: DisplayName::parse("林美").expect("a name"),
        role: Role::Owner,
        joined_at: Timestamp("2026-11-22T12:00:00.000Z".to_owned()),
        bio: Bio::parse("Pours").expect("a text"),
        active: true,
    }
}

fn workspace() -> Workspace {
    let name = WorkspaceName::parse("Teahouse").expect("a name");
    Workspace { name, rooms_by: Circle::Everyone, invites_by: Circle::Admins, guests: true }
}

fn settings() -> Settings {
    Settings { language: Some("zh".to_owned()), time_zone: None, hours: HourCycle::H24, ..Settings::default() }
}

fn involvement() -> Involvement {
    Involvement { room: room().id, level: Level::Hidden }
}

fn entry() -> AuditEntry {
    AuditEntry {
        offset: Offset(44),
        at: member().joined_at,
        by: member().id,
        act: AuditAct::Banned,
        member: Some(member().id),
        room: None,
        detail: Some("x".to_owned()),
        reason: Some(Reason::parse("spam").expect("a text")),
        count: Some(3),
        address: None,
    }
}

fn room() -> Room {
    Room {
        id: RoomId::from_entropy([7; 12]),
        slug: "general".to_owned(),
        name: RoomName::parse("General").expect("a name"),
        kind: RoomKind::Open,
        topic: RoomTopic::parse("Tea").expect("a text"),
        archived: false,
        posting: Circle::Everyone,
        moderator: Some(member().id),
        member_count: 3,
        people: vec![member().id],
        last_offset: Offset(41),
        rev: Offset(7),
    }
}

fn read_position() -> ReadPosition {
    ReadPosition { room: room().id, offset: Offset(40), rev: 2, unread: 1, as_of: Offset(41) }
}

fn message() -> Message {
    Message {
        id: MessageId::from_entropy([9; 12]),
        room: room().id,
        author: member().id,
        client_id: ClientId::from_entropy([5; 16]),
        offset: Offset(41),
        rev: Offset(44),
        body: "*tea*".to_owned(),
        html: Some("<em>tea</em>".to_owned()),
        posted_at: member().joined_at,
        deleted: false,
    }
}

fn cursor() -> Cursor {
    "7kq2m9xa.44".parse().expect("a cursor")
}

/// One fact of each kind. A new variant has no sample yet: the test below says so.
fn facts() -> Vec<Event> {
    vec![
        MemberJoined { member: member(), invited_by: Some(member().id) }.into(),
        MessagePosted { room: room().id, message: message() }.into(),
        RoomJoined { room: room() }.into(),
        RoomMemberJoined { room: room().id, member: member().id, member_count: 3 }.into(),
        RoomMemberLeft { room: room().id, member: member().id, member_count: 2 }.into(),
        RoomChanged { room: room() }.into(),
        RoomGone { room: room().id, reason: GoneReason::Left }.into(),
        InvolvementChanged { involvement: involvement() }.into(),
        MemberChanged { member: member() }.into(),
        SettingsChanged { settings: settings() }.into(),
        WorkspaceChanged { workspace: workspace() }.into(),
        MessageDeleted { room: room().id, message: message().id, author: member().id, offset: Offset(41) }.into(),
        AuditLogged { entry: entry() }.into(),
    ]
}

fn compare_facts(comparison: &mut Comparison) {
    for fact in facts() {
        match &fact {
            Event::MemberJoined(fact) => comparison.read(fact),
            Event::MessagePosted(fact) => comparison.read(fact),
            Event::RoomJoined(fact) => comparison.read(fact),
            Event::RoomMemberJoined(fact) => comparison.read(fact),
            Event::RoomMemberLeft(fact) => comparison.read(fact),
            Event::RoomChanged(fact) => comparison.read(fact),
            Event::RoomGone(fact) => comparison.read(fact),
            Event::InvolvementChanged(fact) => comparison.read(fact),
            Event::MemberChanged(fact) => comparison.read(fact),
            Event::SettingsChanged(fact) => comparison.read(fact),
            Event::WorkspaceChanged(fact) => comparison.read(fact),
            Event::MessageDeleted(fact) => comparison.read(fact),
            Event::AuditLogged(fact) => comparison.read(fact),
        }
    }
}

fn compare_stream(comparison: &mut Comparison) {
    let events = Event::KINDS.iter().map(|&kind| kind.to_owned()).collect();
    let (version, you) = ("0.1.0".to_owned(), member());
    comparison.read(&Introduction { protocol: 2, version: Some(version.clone()) });
    comparison.read(&Hello {
        protocol: 1,
        version,
        you,
        resume: Resume::Live,
        behind: 2,
        heartbeat_ms: 15_000,
        events,
    });
    let presence = vec![Presence { member: member().id, level: PresenceLevel::Away }];
    comparison.read(&State { reads: vec![read_position()], presence: None });
    comparison.read(&State { reads: vec![read_position()], presence: Some(presence.clone()) });
    comparison.read(&presence[0]);
    comparison.read(&PresenceList { presence });
    comparison.read(&Typing { room: room().id, members: vec![member().id] });
    comparison.read(&Tick { sent: 3, now: member().joined_at });
    comparison.read(&Bye { reason: ByeReason::Shutdown, retry_ms: 2_000 });
    comparison.read(&read_position());
}

fn compare_answers(comparison: &mut Comparison) {
    comparison.read(&member());
    comparison.read(&workspace());
    comparison.read(&room());
    comparison.read(&message());
    let (messages, as_of) = (vec![message()], cursor());
    comparison.read(&MessagePage { messages: messages.clone(), as_of, more_before: true, more_after: false });
    let (rooms, members, reads) = (vec![room()], vec![member()], vec![read_position()]);
    comparison.read(&RoomList { rooms: rooms.clone(), as_of });
    comparison.read(&RoomView { room: room(), joined: true, as_of });
    comparison.read(&Snapshot {
        cursor: as_of,
        me: member(),
        workspace: workspace(),
        rooms,
        members,
        people_count: 7,
        reads,
        involvements: vec![involvement()],
        my: settings(),
    });
    comparison.read(&MemberView {
        member: member(),
        time_zone: Some("Asia/Shanghai".to_owned()),
        last_seen_at: Some(member().joined_at),
        shared_rooms: vec![room().id],
        banned: Some(false),
    });
    compare_rooms(comparison);
    compare_people(comparison);
    comparison.read(&SetupState { needed: true, code_needed: false, guests: true });
    comparison.read(&SignedIn { me: member(), workspace: workspace() });
    let expires_at = member().joined_at;
    comparison.read(&InviteCreated {
        id: InviteId::from_entropy([3; 12]),
        code: "c".to_owned(),
        url: "u".to_owned(),
        qr: "<svg/>".to_owned(),
        expires_at: expires_at.clone(),
    });
    let (people, authors) = (vec![member()], vec![member()]);
    let (workspace, room, inviter) = (workspace(), room(), member());
    comparison.read(&InvitePreview {
        workspace,
        role: Role::Guest,
        room,
        inviter,
        people,
        people_count: 4,
        messages,
        authors,
        expires_at,
    });
    comparison.read(&ReadMoved { read: read_position() });
    comparison.read(&request::MessagePosted { message: message(), cursor: as_of });
    let problem = Problem::new(ProblemCode::TooLong, "q");
    comparison.read(&Problem { field: Some("body".to_owned()), ..problem.clone() });
    comparison.read(&problem);
}

fn compare_rooms(comparison: &mut Comparison) {
    let as_of = cursor();
    comparison.read(&settings());
    comparison.read(&involvement());
    comparison.read(&entry());
    comparison.read(&RoomAnswer { room: room(), cursor: as_of });
    comparison.read(&RoomMembers { members: vec![member()], next: Some(member().id), as_of });
    let entry = DirectoryEntry { room: room(), joined: false, last_posted_at: Some(member().joined_at) };
    comparison.read(&entry);
    comparison.read(&Directory { rooms: vec![entry], total: 9, next: Some(1), as_of });
    comparison.read(&InvolvementSet { involvement: involvement(), cursor: as_of });
    comparison.read(&MessageRemoved { message: message(), cursor: as_of });
}

fn compare_people(comparison: &mut Comparison) {
    let at = || member().joined_at;
    let person = Person {
        member: member(),
        invited_by: Some(member().id),
        room_count: Some(3),
        last_seen_at: Some(at()),
        banned: Some(false),
    };
    comparison.read(&person);
    comparison.read(&PeoplePage { people: vec![person], next: Some(member().id), total: 9 });
    comparison.read(&BanPreview {
        banned: false,
        addresses: vec!["203.0.113.24".to_owned()],
        messages_day: 14,
        messages_all: 1_208,
    });
    comparison.read(&AuditPage { entries: vec![entry()], more: true, total: 1_284 });
    let invite = InviteInfo {
        id: InviteId::from_entropy([2; 12]),
        role: Role::Guest,
        room: room().id,
        used: 1,
        uses: Some(10),
        by: member().id,
        made_at: at(),
        expires_at: at(),
    };
    comparison.read(&invite);
    comparison.read(&InviteList { invites: vec![invite] });
    let (code, url, qr) = ("c".to_owned(), "u".to_owned(), "<svg/>".to_owned());
    comparison.read(&LinkMade { code, url, qr, expires_at: at() });
    comparison.read(&LinkPreview { workspace: workspace(), member: member() });
    let id = SessionId::from_entropy([6; 12]);
    let session = SessionInfo {
        id,
        current: true,
        device: Some("Firefox on Linux".to_owned()),
        address: Some("203.0.113.24".to_owned()),
        created_at: at(),
        last_used_at: at(),
        expires_at: at(),
    };
    comparison.read(&session);
    comparison.read(&SessionList { sessions: vec![session] });
    let label = Label::parse("Kiln sensor").expect("a label");
    let token = TokenInfo {
        id,
        label,
        access: Access::Post,
        created_at: at(),
        last_used_at: Some(at()),
        expires_at: Some(at()),
    };
    comparison.read(&token);
    comparison.read(&TokenList { tokens: vec![token.clone()] });
    comparison.read(&TokenMade { token: "t".to_owned(), info: token });
}

/// What people change about themselves, about others and about the place.
fn compare_changes(comparison: &mut Comparison) {
    let (member, workspace) = (member(), workspace());
    let (name, password) = (member.name, Password::parse("correct horse").expect("a password"));
    let named = ChangePerson {
        display_name: Some(member.display_name),
        name: Some(name.clone()),
        bio: Some(member.bio),
        ..ChangePerson::default()
    };
    comparison.write(&named);
    for role in Role::ALL {
        comparison.write(&ChangePerson { role: Some(role), active: Some(false), ..ChangePerson::default() });
        comparison.write(&CreateInvite { role: Some(role), ..CreateInvite::default() });
    }
    for hours in [HourCycle::H24, HourCycle::H12, HourCycle::Auto] {
        comparison.write(&ChangePerson {
            language: Some(String::new()),
            time_zone: Some("Asia/Shanghai".to_owned()),
            hours: Some(hours),
            shows_presence: Some(false),
            shows_typing: Some(true),
            ..ChangePerson::default()
        });
    }
    let circles = (Some(workspace.rooms_by), Some(workspace.invites_by));
    comparison.write(&ChangeWorkspace {
        name: Some(workspace.name),
        rooms_by: circles.0,
        invites_by: circles.1,
        guests: Some(false),
    });
    let reason = Reason::parse("spam").expect("a text");
    for purge in [Purge::Keep, Purge::Day, Purge::All] {
        comparison.write(&Ban { reason: reason.clone(), addresses: true, purge });
    }
    comparison.write(&CreateInvite {
        room: Some(room().id),
        expires_in_s: Some(86_400),
        uses: Some(10),
        ..CreateInvite::default()
    });
    comparison.write(&EnterAsGuest { name });
    for access in [Access::All, Access::Post, Access::Read] {
        comparison.write(&CreateToken { label: Label::parse("Kiln sensor").expect("a label"), access });
    }
    comparison.write(&ChangePassword { current: "x".to_owned(), new: password.clone() });
    comparison.write(&ResetPassword { password });
}

fn compare_requests(comparison: &mut Comparison) {
    compare_changes(comparison);
    let (name, password) =
        (SignInName::parse("lin").expect("a name"), Password::parse("correct horse").expect("a password"));
    for code in [None, Some("7kq2".to_owned())] {
        let (workspace, name, password) = (workspace().name, name.clone(), password.clone());
        comparison.write(&Setup { workspace, name, password, code });
    }
    for kind in [SessionKind::Cookie, SessionKind::Token] {
        comparison.write(&SignIn { name: "lin".to_owned(), password: "x".to_owned(), kind });
    }
    comparison.write(&Join::default());
    comparison.write(&Join { name: Some(name.clone()), password: None });
    comparison.write(&Join { name: Some(name), password: Some(password) });
    let (name, topic) = (Some(room().name), room().topic);
    let members = vec![member().id, MemberId::from_entropy([4; 12])];
    let (kind, slug) = (RoomKind::Direct, None);
    comparison.write(&CreateRoom { name: name.clone(), kind, slug, topic: topic.clone(), members });
    comparison.write(&ChangeRoom { name, topic: Some(topic), archived: Some(true), ..ChangeRoom::default() });
    let posting = Some(Circle::Admins);
    comparison.write(&ChangeRoom { kind: Some(kind), posting, slug: Some("tea".to_owned()), ..ChangeRoom::default() });
    comparison.write(&SetInvolvement { level: Level::Nothing });
    comparison.write(&SetPresence { level: PresenceLevel::Away });
    comparison.write(&SetTyping { typing: true });
    let body = MessageBody::parse("a \"b\"\n\t\\ \u{85}\u{2028} 茶🍵").expect("a body");
    comparison.write(&PostMessage { client_id: message().client_id, body });
    comparison.write(&MoveRead { offset: Offset::MAX, rev: 0, set: true });
}

#[test]
fn every_type_is_what_serde_makes_of_it() {
    let mut comparison = Comparison::default();
    compare_facts(&mut comparison);
    compare_stream(&mut comparison);
    compare_answers(&mut comparison);
    compare_requests(&mut comparison);
    let is_object = |line: &&str| {
        line.starts_with("    ") && line.contains(" { ") && line.ends_with(" };") && !line.contains(" = ")
    };
    for line in include_str!("types.rs").lines().filter(is_object) {
        let name = line.trim_start().trim_start_matches("request::").split(' ').next().expect("a line has a start");
        assert!(comparison.types.contains(name), "{name} has no sample");
    }
}

#[test]
fn every_fact_is_read_by_its_name() {
    let facts = facts();
    assert!(Event::KINDS.iter().all(|kind| facts.iter().any(|fact| fact.kind() == *kind)), "a kind has no sample");
    for fact in facts {
        let payload = serde_json::to_value(&fact).expect("is JSON");
        assert_eq!(Event::of(fact.kind(), &payload), Some(fact));
        assert_eq!(Event::of("of_a_later_version", &payload), None);
    }
}

proptest! {
    #[test]
    fn any_text_is_written_so_that_it_is_read_again(text in ".*") {
        prop_assert_eq!(serde_json::from_str::<String>(&to_json(&text)).ok(), Some(text));
    }
}
