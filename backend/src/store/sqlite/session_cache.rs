//! Sessions looked up before, so that a request need not ask the database who makes it.
//!
//! The cache is exact (see [`changes`](super::changes)): the writer forgets everything after a commit that changed sessions
//! or people, and before anybody is told of it. Such changes are rare beside requests.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use shared::id::SessionId;

use super::changes::Changes;
use crate::store::{SecretHash, SessionOwner};

/// Sessions kept; a quarter of a kilobyte each. When it is full it begins anew.
const KEPT_MAX: usize = 4096;

/// See the module. Clones are the same cache.
#[derive(Debug, Clone, Default)]
pub(super) struct SessionCache {
    changes: Changes,
    known: Arc<Mutex<Known>>,
}

#[derive(Debug, Default)]
struct Known {
    owners: HashMap<SecretHash, SessionOwner>,
    generation: Generation,
}

/// Which commits a read may have missed: what was read in an earlier generation is not kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Generation(u64);

impl SessionCache {
    /// Nothing is known yet; `changes` tells when that is so again.
    pub(super) fn new(changes: Changes) -> Self {
        Self { changes, known: Arc::default() }
    }

    /// Runs what changes a table, but nothing that is kept here of it: when a session was last used, for instance. For the
    /// thread that writes.
    pub(super) fn undisturbed<T>(&self, change: impl FnOnce() -> T) -> T {
        self.changes.unnoticed(change)
    }

    /// Forgets everything if the transaction changed anything that is kept here. Called by the writer after each commit,
    /// before it is answered.
    pub(super) fn committed(&self) {
        if self.changes.take_owners() {
            let mut known = self.known();
            known.owners.clear();
            known.generation.0 += 1;
        }
    }

    /// The owner of a session that has not expired at `now_ms`; else the generation to read in.
    pub(super) fn get(&self, secret: &SecretHash, now_ms: i64) -> Result<SessionOwner, Generation> {
        let known = self.known();
        match known.owners.get(secret) {
            Some(owner) if owner.expires_at_ms > now_ms => Ok(owner.clone()),
            _ => Err(known.generation),
        }
    }

    /// Keeps what was read, unless something has changed since `generation`.
    pub(super) fn keep(&self, secret: SecretHash, owner: &SessionOwner, generation: Generation) {
        let mut known = self.known();
        if known.generation != generation {
            return;
        }
        if known.owners.len() >= KEPT_MAX {
            known.owners.clear();
        }
        known.owners.insert(secret, owner.clone());
    }

    /// Takes note that sessions end later than was kept. What is being read meanwhile may not know it, and is not kept.
    pub(super) fn renew(&self, renewed: &[(SessionId, i64)]) {
        let renewed: HashMap<_, _> = renewed.iter().copied().collect();
        let mut known = self.known();
        known.generation.0 += 1;
        for owner in known.owners.values_mut() {
            if let Some(&expires_at_ms) = renewed.get(&owner.session) {
                owner.expires_at_ms = expires_at_ms;
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use rusqlite::Connection;
    use shared::{
        id::MemberId,
        member::{Member, Role, Timestamp},
        session::Access,
        text::{Bio, DisplayName, SignInName},
    };

    use super::*;

    fn owner(expires_at_ms: i64) -> SessionOwner {
        let member = Member {
            id: MemberId::from_entropy([1; 12]),
            name: SignInName::parse("ana").unwrap(),
            display_name: DisplayName::parse("ana").unwrap(),
            role: Role::Member,
            joined_at: Timestamp("2026-11-22T12:00:00.000Z".to_owned()),
            bio: Bio::default(),
            active: true,
        };
        SessionOwner { session: SessionId::from_entropy([1; 12]), member, access: Access::All, expires_at_ms }
    }

    #[test]
    fn a_change_forgets_everything_and_what_was_read_before_it() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE sessions (a INT); CREATE TABLE rooms (a INT)").unwrap();
        let changes = Changes::default();
        changes.watch(&connection).unwrap();
        let cache = SessionCache::new(changes);

        let before = cache.get(&[1; 32], 0).unwrap_err();
        cache.keep([1; 32], &owner(10), before);
        connection.execute("INSERT INTO rooms VALUES (1)", []).unwrap();
        cache.committed();
        assert_eq!(cache.get(&[1; 32], 9), Ok(owner(10)), "rooms are no part of it");
        cache.undisturbed(|| connection.execute("INSERT INTO sessions VALUES (0)", []).unwrap());
        cache.committed();
        assert_eq!(cache.get(&[1; 32], 9), Ok(owner(10)), "nor is when it was used");
        assert!(cache.get(&[1; 32], 10).is_err(), "expired");
        connection.execute("INSERT INTO sessions VALUES (1)", []).unwrap();
        assert!(cache.get(&[1; 32], 9).is_ok(), "until the commit it is true");
        cache.committed();
        let after = cache.get(&[1; 32], 9).unwrap_err();
        cache.keep([1; 32], &owner(10), before);
        assert_eq!(cache.get(&[1; 32], 9), Err(after), "it was read before the commit");
        cache.keep([1; 32], &owner(10), after);
        assert!(cache.get(&[1; 32], 9).is_ok());
        cache.renew(&[(owner(10).session, 20), (SessionId::from_entropy([2; 12]), 30)]);
        assert_eq!(cache.get(&[1; 32], 19), Ok(owner(20)));
        cache.keep([1; 32], &owner(10), after);
        assert_eq!(cache.get(&[1; 32], 19), Ok(owner(20)), "it was read before");
    }

    #[test]
    fn it_is_bounded() {
        let cache = SessionCache::default();
        let generation = cache.get(&[0; 32], 0).unwrap_err();
        for number in 0..=KEPT_MAX {
            let mut secret = [0; 32];
            secret[..8].copy_from_slice(&number.to_be_bytes());
            cache.keep(secret, &owner(10), generation);
        }
        assert_eq!(cache.known().owners.len(), 1);
    }
}
