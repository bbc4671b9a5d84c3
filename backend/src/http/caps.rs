//! How many may be held at once: streams and connections, in all, of one person, of one address.
//!
//! Who comes when a cap is reached is turned away; nobody who is in is put out for somebody new, or a flood would end the
//! streams of everyone else. A place is given back by dropping it, so none can be forgotten.

use std::{
    collections::HashMap,
    hash::Hash,
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use shared::{id::MemberId, problem::ProblemCode};

use super::peer::AddressBlock;
use crate::{config::Config, error::AppError};

/// At most so many at once for each key.
#[derive(Debug)]
pub struct Cap<K: Eq + Hash> {
    most: NonZeroU32,
    held: Mutex<HashMap<K, u32>>,
}

impl<K: Copy + Eq + Hash> Cap<K> {
    /// `most` for each key; `None` for 0, which means no limit.
    #[must_use]
    pub fn new(most: u32) -> Option<Arc<Self>> {
        let most = NonZeroU32::new(most)?;
        Some(Arc::new(Self { most, held: Mutex::default() }))
    }

    /// A place for the key, held until it is dropped; `None` when all are taken.
    #[must_use]
    pub fn enter(self: &Arc<Self>, key: K) -> Option<Place<K>> {
        let mut held = self.held();
        let count = held.entry(key).or_insert(0);
        // A key whose count is 0 was not there before, and any cap allows it one.
        (*count < self.most.get()).then(|| {
            *count += 1;
            Place { cap: Arc::clone(self), key }
        })
    }

    fn held(&self) -> MutexGuard<'_, HashMap<K, u32>> {
        // Every change is one whole step: a panic elsewhere leaves the counts right.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of the places of a [`Cap`].
#[derive(Debug)]
pub struct Place<K: Copy + Eq + Hash> {
    cap: Arc<Cap<K>>,
    key: K,
}

impl<K: Copy + Eq + Hash> Drop for Place<K> {
    fn drop(&mut self) {
        let mut held = self.cap.held();
        if let Some(count) = held.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.key);
            }
        }
    }
}

/// The key of a cap on all together.
pub type Everyone = ();

/// The caps on streams.
#[derive(Debug)]
pub struct StreamCaps {
    in_all: Option<Arc<Cap<Everyone>>>,
    of_member: Option<Arc<Cap<MemberId>>>,
    of_address: Option<Arc<Cap<AddressBlock>>>,
}

/// What an open stream holds until it is dropped. A pointer, since it lies in the task of every stream, more than once.
#[derive(Debug, Default)]
pub struct StreamPlace {
    _places: Option<Box<Places>>,
}

/// A place under each cap there is.
#[derive(Debug)]
struct Places {
    _in_all: Option<Place<Everyone>>,
    _of_member: Option<Place<MemberId>>,
    _of_address: Option<Place<AddressBlock>>,
}

impl StreamCaps {
    /// As the operator said.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            in_all: Cap::new(config.max_streams),
            of_member: Cap::new(config.max_streams_per_user),
            of_address: Cap::new(config.max_streams_per_address),
        }
    }

    /// A place for one more stream.
    ///
    /// # Errors
    /// [`ProblemCode::RateLimited`] when the person, or the address, has as many as they may; [`ProblemCode::Unavailable`]
    /// when the server has.
    pub fn enter(&self, member: MemberId, address: AddressBlock) -> Result<StreamPlace, AppError> {
        let places = Places {
            _of_member: enter(self.of_member.as_ref(), member, "user", ProblemCode::RateLimited)?,
            _of_address: enter(self.of_address.as_ref(), address, "address", ProblemCode::RateLimited)?,
            _in_all: enter(self.in_all.as_ref(), (), "all", ProblemCode::Unavailable)?,
        };
        Ok(StreamPlace { _places: Some(Box::new(places)) })
    }
}

fn enter<K>(
    cap: Option<&Arc<Cap<K>>>,
    key: K,
    of: &'static str,
    code: ProblemCode,
) -> Result<Option<Place<K>>, AppError>
where
    K: Copy + Eq + Hash,
{
    let Some(cap) = cap else { return Ok(None) };
    cap.enter(key).map(Some).ok_or_else(|| {
        tracing::info!(of, most = cap.most, "a stream was turned away");
        code.into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_last_is_turned_away_and_a_place_comes_back() {
        let cap = Cap::new(2).expect("a cap");
        let (first, second) = (cap.enter('a'), cap.enter('a'));
        assert!(first.is_some() && second.is_some() && cap.enter('a').is_none());
        assert!(cap.enter('b').is_some(), "another key has places of its own");
        drop(first);
        assert!(cap.enter('a').is_some());
        drop(second);
        assert!(cap.held().is_empty(), "a key that holds nothing costs nothing");
    }

    #[test]
    fn zero_is_no_limit() {
        assert!(Cap::<char>::new(0).is_none());
    }
}
