//! The store's log, as the fan-out reads it.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use shared::{
    cursor::Offset,
    event::{Event, RoomJoined},
    id::MemberId,
    room::ReadPosition,
};

use crate::{
    domain::audience::Audience,
    live::log::{Bounds, Log, LogError, Record, Right, RightsChange},
    store::{LogRow, Store, StoreError},
};

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
        let LogRow { offset, audience, kind, payload } = row;
        let read = Event::read(&kind, &mut serde_json::Deserializer::from_slice(&payload));
        let (audience, change) = match (&read, audience) {
            (Err(error), _) => {
                if self.reported.fetch_max(offset.0, Ordering::Relaxed) < offset.0 {
                    tracing::error!(%offset, kind, %error, "a row of the log cannot be read; nobody hears of it");
                }
                (Audience::Nobody, None)
            }
            // A fact of a later version, written before this server was put back: passed on as it is.
            (Ok(None), audience) => (audience, None),
            (Ok(Some(event)), audience) => (audience, rights_change(event, audience)),
        };
        Record { offset, audience, kind, payload, change }
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

    async fn rights(&self) -> Result<(Offset, Vec<Right>), LogError> {
        let (at, memberships) = self.store.memberships().await?;
        let right = |held: crate::store::Membership| Right { member: held.member, room: held.room, since: held.since };
        Ok((at, memberships.into_iter().map(right).collect()))
    }

    async fn reads(&self, member: MemberId) -> Result<Vec<ReadPosition>, LogError> {
        Ok(self.store.reads(member).await?)
    }
}

/// How a fact changes who may hear what follows.
fn rights_change(event: &Event, audience: Audience) -> Option<RightsChange> {
    match (event, audience) {
        (Event::RoomJoined(RoomJoined { room }), Audience::Member(member)) => {
            Some(RightsChange::Joined { member, room: room.id })
        }
        _ => None,
    }
}
