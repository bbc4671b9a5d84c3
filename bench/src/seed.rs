//! People and their sessions, put into a data directory through the server's own store.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, Result, anyhow};
use shared::{
    cursor::Epoch,
    id::{InviteId, MemberId, RoomId, SessionId},
    member::Role,
    text::{SignInName, WorkspaceName},
};
use teahouse::{
    clock::{Clock, SystemClock, timestamp},
    domain::member::name_key,
    service::{secret, sessions::SESSION_MS},
    store::{
        By, JoinByInvite, NewInvite, NewMember, NewSession, OpenWorkspace, Place, SecretHash, Store,
        sqlite::SqliteStore,
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

/// Opens a workspace in `directory` with `count` people in its first room.
///
/// # Errors
/// The store refuses.
pub async fn people(directory: &Path, count: usize) -> Result<People> {
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
    let mut tokens = vec![first];
    let mut joining = JoinSet::new();
    for number in 1..count {
        if joining.len() >= AT_ONCE {
            joining.join_next().await.context("some are joining")???;
        }
        let (token, session) = new_session();
        tokens.push(token);
        let command = JoinByInvite { invite, member: member(number)?, session, now_ms: SystemClock.now_ms() };
        let store = Arc::clone(&store);
        joining.spawn(async move { store.join(command).await.map(drop) });
    }
    while let Some(joined) = joining.join_next().await {
        joined??;
    }
    store.checkpoint().await?;
    Ok(People { tokens, room })
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
