//! When and from where sessions are used: gathered in memory by each request, written down together now and then.
//!
//! A session lives on by being used, but an open stream is no use of it: an abandoned tab must not keep it for ever
//! (security.md AU6). So what opens a stream does not come here.

use std::{
    collections::HashMap,
    mem,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use shared::id::SessionId;

use crate::{
    state::App,
    store::{SessionOwner, SessionUse, StoreError},
};

/// A use that is younger than this changes nothing that anybody would see, in milliseconds.
const FINE_MS: i64 = 5_000;
/// Uses written in one transaction: a few milliseconds of the writer's time.
const BATCH: usize = 200;
/// Pairs of session and address kept at most until they are written. Above it somebody changes address with every
/// request; what is lost is where from.
const KEPT_MAX: usize = 50_000;

/// Uses that are not written down yet: of each session and address the last.
#[derive(Debug, Default)]
pub struct Uses(Mutex<HashMap<(SessionId, Option<IpAddr>), SessionUse>>);

impl Uses {
    /// Takes note of one.
    pub fn note(&self, owner: &SessionOwner, address: Option<IpAddr>, at_ms: i64) {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = uses.len() >= KEPT_MAX;
        let address = address.filter(|_| !is_full);
        let (session, member) = (owner.session, owner.member.id);
        let noted = uses.entry((session, address)).or_insert(SessionUse { session, member, at_ms, address });
        if at_ms - noted.at_ms >= FINE_MS {
            noted.at_ms = at_ms;
        }
    }

    fn take(&self) -> Vec<SessionUse> {
        let taken = mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut taken: Vec<_> = taken.into_values().collect();
        taken.sort_unstable_by_key(|one| one.at_ms);
        taken
    }
}

/// Writes down what was noted, and puts off the end of open streams accordingly. To be called every half minute.
///
/// # Errors
/// The store's; what was not written is lost, and the next use is noted as ever.
pub async fn record(app: &App) -> Result<(), StoreError> {
    for batch in app.uses.take().chunks(BATCH) {
        app.hub.renew_sessions(app.store.record_uses(batch.to_vec()).await?);
    }
    Ok(())
}
