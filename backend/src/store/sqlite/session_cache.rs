//! Sessions looked up before, so that a request need not ask the database who makes it.
//!
//! The cache is exact (see [`changes`](super::changes)): the writer forgets everything after a commit that changed sessions
//! or people, and before anybody is told of it. Such changes are rare beside requests.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::store::{SecretHash, SessionOwner};

/// Sessions kept; a quarter of a kilobyte each. When it is full it begins anew.
const KEPT_MAX: usize = 4096;

/// See the module. Clones are the same cache.
#[derive(Debug, Clone, Default)]
pub(super) struct SessionCache(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    owners: HashMap<SecretHash, SessionOwner>,
    generation: Generation,
}

/// Which commits a read may have missed: what was read in an earlier generation is not kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Generation(u64);

impl SessionCache {
    /// Forgets everything: sessions or people have changed. Called by the writer after the commit, before it is answered.
    pub(super) fn forget(&self) {
        let mut known = self.known();
        known.owners.clear();
        known.generation.0 += 1;
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

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use shared::{
        id::{MemberId, SessionId},
        member::{Member, Role, Timestamp},
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
        SessionOwner { session: SessionId::from_entropy([1; 12]), member, expires_at_ms }
    }

    #[test]
    fn a_change_forgets_everything_and_what_was_read_before_it() {
        let cache = SessionCache::default();
        let before = cache.get(&[1; 32], 0).unwrap_err();
        cache.keep([1; 32], &owner(10), before);
        assert_eq!(cache.get(&[1; 32], 9), Ok(owner(10)));
        assert!(cache.get(&[1; 32], 10).is_err(), "expired");
        cache.forget();
        let after = cache.get(&[1; 32], 9).unwrap_err();
        cache.keep([1; 32], &owner(10), before);
        assert_eq!(cache.get(&[1; 32], 9), Err(after), "it was read before the commit");
        cache.keep([1; 32], &owner(10), after);
        assert!(cache.get(&[1; 32], 9).is_ok());
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
