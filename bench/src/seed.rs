//! People and their sessions, put into a data directory through the server's own store.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, Result, anyhow};
use shared::{
    cursor::Epoch,
    id::{ClientId, InviteId, MemberId, MessageId, RoomId, SessionId},
    member::Role,
    room::RoomKind,
    text::{RoomName, RoomTopic, SignInName, WorkspaceName},
};
use teahouse::{
    clock::{Clock, SystemClock, timestamp},
    domain::member::name_key,
    service::{secret, sessions::SESSION_MS},
    store::{
        By, CreateRoom, JoinByInvite, NewInvite, NewMember, NewSession, OpenWorkspace, Place, PostMessage, RoomPlan,
        RoomRef, SecretHash, Store, sqlite::SqliteStore,
    },
};
use tokio::task::JoinSet;

/// Commands that wait for the writer at once: it commits them in groups.
const AT_ONCE: usize = 512;

/// Who is in a seeded workspace.
#[derive(Debug, Clone)]
pub struct People {
    /// A session secret of each.
    pub tokens: Vec<String>,
    /// The room that all are in: clients name it by its id.
    pub room: RoomId,
}

/// Rooms beside the first.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rooms {
    /// How many. The second person makes them all.
    pub count: usize,
    /// In how many of them the first person is, who has not read what was said there.
    pub of_first: usize,
}

/// People in each of these rooms, beside the one who made it and the first.
const OTHERS_IN_ROOM: usize = 20;

/// What was said in each room of the first person's.
const SAID: usize = 30;

/// Opens a workspace in `directory` with `count` people in its first room, and with more rooms.
///
/// # Errors
/// The store refuses.
pub async fn people(directory: &Path, count: usize, rooms: Rooms) -> Result<People> {
    let epoch = Epoch::from_entropy(secret::entropy());
    let path = directory.to_owned();
    let store = tokio::task::spawn_blocking(move || SqliteStore::open(&path, Box::new(()), epoch)).await??;
    let store: Arc<dyn Store> = Arc::new(store);
    let (first, session) = new_session();
    let room = RoomId::from_entropy(secret::entropy());
    let opening = OpenWorkspace {
        workspace: WorkspaceName::parse("Bench").map_err(|error| anyhow!("{error:?}"))?,
        owner: member(0)?,
        session,
        room,
        guests: false,
    };
    let owner = store.open_workspace(opening).await?;
    let invite = secret::hash("bench");
    store.create_invite(new_invite(owner.id, invite)).await?;
    let (mut tokens, mut members) = (vec![first], vec![owner.id]);
    let mut joining = JoinSet::new();
    for number in 1..count {
        if joining.len() >= AT_ONCE {
            joining.join_next().await.context("some are joining")???;
        }
        let (token, session) = new_session();
        tokens.push(token);
        let member = member(number)?;
        members.push(member.id);
        let command = JoinByInvite { invite, member, session, now_ms: SystemClock.now_ms() };
        let store = Arc::clone(&store);
        joining.spawn(async move { store.join(command).await.map(drop) });
    }
    while let Some(joined) = joining.join_next().await {
        joined??;
    }
    for number in 0..rooms.count {
        make_room(store.as_ref(), &members, number, number < rooms.of_first).await?;
    }
    store.checkpoint().await?;
    Ok(People { tokens, room })
}

/// Makes a room, and lets its maker say something there if the first person is to hear it.
async fn make_room(store: &dyn Store, members: &[MemberId], number: usize, is_of_first: bool) -> Result<()> {
    let maker = members[1];
    let others = members[2..].iter().cycle().skip(number * OTHERS_IN_ROOM).take(OTHERS_IN_ROOM.min(members.len() - 2));
    let text = |error| anyhow!("{error:?}");
    let plan = RoomPlan::Shared {
        name: RoomName::parse(format!("Room {number}")).map_err(text)?,
        slug: None,
        kind: RoomKind::Open,
        topic: RoomTopic::parse(format!("What has to do with number {number}")).map_err(text)?,
        members: members[..1].iter().filter(|_| is_of_first).chain(others).copied().collect(),
    };
    let by = By { member: maker, at: SystemClock.timestamp(), address: None };
    let made = store.create_room(CreateRoom { by, id: RoomId::from_entropy(secret::entropy()), plan }).await?;
    let said = if is_of_first { SAID } else { 0 };
    for line in 0..said {
        let command = PostMessage {
            id: MessageId::from_entropy(secret::entropy()),
            author: maker,
            room: RoomRef::Id(made.answer.room.id),
            client_id: ClientId::from_entropy(secret::entropy()),
            request: secret::hash("bench"),
            body: format!("Line {line}"),
            html: Some(format!("<p>Line {line}</p>\n")),
            at: SystemClock.timestamp(),
        };
        store.post_message(command).await?;
    }
    Ok(())
}

fn member(number: usize) -> Result<NewMember> {
    let name = format!("Guest {number}");
    Ok(NewMember {
        id: MemberId::from_entropy(secret::entropy()),
        name: SignInName::parse(name.as_str()).map_err(|error| anyhow!("{error:?}"))?,
        name_key: name_key(&name),
        // Nobody signs in with a password here.
        password_hash: "$argon2id$none".to_owned(),
        at: SystemClock.timestamp(),
    })
}

fn new_session() -> (String, NewSession) {
    let token = secret::draw(secret::TOKEN_DIGITS);
    let session = NewSession {
        id: SessionId::from_entropy(secret::entropy()),
        secret: secret::hash(&token),
        at: SystemClock.timestamp(),
        at_ms: SystemClock.now_ms(),
        expires_at_ms: SystemClock.now_ms() + SESSION_MS,
        idle_ms: None,
        place: Place::default(),
        token: None,
    };
    (token, session)
}

fn new_invite(by: MemberId, secret: SecretHash) -> NewInvite {
    let expires_at_ms = SystemClock.now_ms() + SESSION_MS;
    NewInvite {
        id: InviteId::from_entropy(secret::entropy()),
        secret,
        by: By { member: by, at: SystemClock.timestamp(), address: None },
        role: Role::Member,
        room: None,
        uses: None,
        expires_at: timestamp(expires_at_ms),
        expires_at_ms,
        now_ms: SystemClock.now_ms(),
    }
}
