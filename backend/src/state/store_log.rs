//! The store's log, as the fan-out reads it.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use shared::{
    audit::AuditAct,
    cursor::Offset,
    event::{AuditLogged, Event, MemberChanged, MemberJoined, RoomGone, RoomJoined, SettingsChanged},
    id::MemberId,
    room::ReadPosition,
};

use crate::{
    domain::audience::Audience,
    live::log::{About, AllRights, Bounds, Log, LogError, Record, Right, RightsChange, Shares, Standing},
    store::{self, LogRow, Store, StoreError},
};

/// The kind of [`shared::event::MessagePosted`].
const MESSAGE_POSTED: &str = "message_posted";

/// Shows the log of a store to the fan-out.
pub struct StoreLog {
    store: Arc<dyn Store>,
    /// The newest row that was reported as unreadable: every replay meets it again, the log need not.
    reported: AtomicU64,
}

impl StoreLog {
    /// The log of this store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, reported: AtomicU64::new(0) }
    }

    /// One row as a record. A row that cannot be what it says goes to nobody and changes no right, but keeps its place:
    /// one poisoned row must not silence the others (security.md D21).
    fn record(&self, row: LogRow) -> Record {
        let LogRow { offset, audience, kind, payload, is_own } = row;
        if is_own && kind == MESSAGE_POSTED {
            // By far the most frequent fact, and one that changes no right.
            let (change, about) = (None, About::Audience);
            return Record { offset, audience, kind, payload, change, about, is_own };
        }
        let read = Event::read(&kind, &mut serde_json::Deserializer::from_slice(&payload));
        let (audience, change, about) = match (&read, audience) {
            (Err(error), _) => {
                if self.reported.fetch_max(offset.0, Ordering::Relaxed) < offset.0 {
                    tracing::error!(%offset, kind, %error, "a row of the log cannot be read; nobody hears of it");
                }
                (Audience::Nobody, None, About::Audience)
            }
            // A fact of a later version, written before this server was put back: passed on as it is.
            (Ok(None), audience) => (audience, None, About::Audience),
            (Ok(Some(event)), audience) => (audience, rights_change(event, audience), about(event)),
        };
        Record { offset, audience, kind, payload, change, about, is_own }
    }
}

impl From<StoreError> for LogError {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

#[async_trait]
impl Log for StoreLog {
    async fn bounds(&self) -> Result<Bounds, LogError> {
        let bounds = self.store.log_bounds().await?;
        let epochs = bounds.epochs.into_iter().map(|start| (start.epoch, start.first_offset)).collect();
        Ok(Bounds { oldest: bounds.oldest, head: bounds.head, epochs })
    }

    async fn read(&self, after: Offset, limit: usize) -> Result<Vec<Record>, LogError> {
        Ok(self.store.read_log(after, limit).await?.into_iter().map(|row| self.record(row)).collect())
    }

    async fn rights(&self) -> Result<AllRights, LogError> {
        let held = self.store.rights().await?;
        let right = |held: store::Membership| Right { member: held.member, room: held.room, since: held.since };
        let standing = |held: store::Standing| Standing { member: held.member, role: held.role, active: held.active };
        let shares = |held: store::Shares| Shares { member: held.member, presence: held.presence, typing: held.typing };
        Ok(AllRights {
            at: held.at,
            rights: held.memberships.into_iter().map(right).collect(),
            standings: held.people.into_iter().map(standing).collect(),
            shares: held.shares.into_iter().map(shares).collect(),
        })
    }

    async fn reads(&self, member: MemberId) -> Result<Vec<ReadPosition>, LogError> {
        Ok(self.store.reads(member).await?)
    }
}

/// How a fact changes who may hear what follows. A fact for another audience than its own changes nothing.
fn rights_change(event: &Event, audience: Audience) -> Option<RightsChange> {
    match (event, audience) {
        (Event::RoomJoined(RoomJoined { room }), Audience::Member(member)) => {
            Some(RightsChange::Joined { member, room: room.id })
        }
        (Event::RoomGone(RoomGone { room, .. }), Audience::Member(member)) => {
            Some(RightsChange::Left { member, room: *room })
        }
        (
            Event::MemberJoined(MemberJoined { member, .. }) | Event::MemberChanged(MemberChanged { member }),
            Audience::Workspace,
        ) => Some(RightsChange::Standing(Standing { member: member.id, role: member.role, active: member.active })),
        (Event::SettingsChanged(SettingsChanged { settings }), Audience::Member(member)) => {
            let (presence, typing) = (settings.shows_presence, settings.shows_typing);
            Some(RightsChange::Shares(Shares { member, presence, typing }))
        }
        (Event::AuditLogged(AuditLogged { entry }), Audience::Admins) if entry.act == AuditAct::Banned => {
            entry.member.map(|member| RightsChange::Banned { member })
        }
        _ => None,
    }
}

/// What a fact is about, as far as hearing it depends on that.
fn about(event: &Event) -> About {
    match event {
        Event::MemberChanged(fact) => About::Member(fact.member.id),
        Event::WorkspaceChanged(_) => About::Workspace,
        Event::RoomJoined(fact) => About::Room(fact.room.id),
        Event::InvolvementChanged(fact) => About::Room(fact.involvement.room),
        Event::AuditLogged(_)
        | Event::MemberJoined(_)
        | Event::MessageDeleted(_)
        | Event::MessagePosted(_)
        | Event::RoomChanged(_)
        | Event::RoomGone(_)
        | Event::RoomMemberJoined(_)
        | Event::RoomMemberLeft(_)
        | Event::SettingsChanged(_) => About::Audience,
    }
}
