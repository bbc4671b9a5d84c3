//! A list of streams that a pass walks through while others come and go.
//!
//! A pass takes the list as it is ([`Listeners::snapshot`] costs one count) and walks it without any lock; who changes the
//! list meanwhile copies it first, once. Streams that are over are skipped, and swept out when there are enough of them: a
//! storm of ten thousand endings does not search ten thousand lists.

use std::sync::Arc;

use super::mailbox::Mailbox;

/// A list as it was at one moment.
pub(super) type Snapshot = Arc<Vec<Arc<Mailbox>>>;

/// Endings that are always left in a list.
const ENDED_MIN: usize = 16;

/// Beyond [`ENDED_MIN`], the list is swept when this part of it has ended: each sweep is paid for by as many endings.
const ENDED_SHARE: usize = 8;

/// See the module.
#[derive(Debug, Clone, Default)]
pub(super) struct Listeners {
    streams: Snapshot,
    ended: usize,
}

impl Listeners {
    /// The list as it is now.
    pub(super) fn snapshot(&self) -> Snapshot {
        Arc::clone(&self.streams)
    }

    /// The streams that are not over.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Mailbox>> {
        self.streams.iter().filter(|mailbox| !mailbox.is_closed())
    }

    /// Adds a stream.
    pub(super) fn add(&mut self, mailbox: &Arc<Mailbox>) {
        Arc::make_mut(&mut self.streams).push(Arc::clone(mailbox));
    }

    /// Takes out a stream that goes on elsewhere.
    pub(super) fn remove(&mut self, mailbox: &Arc<Mailbox>) {
        Arc::make_mut(&mut self.streams).retain(|other| !Arc::ptr_eq(other, mailbox));
    }

    /// One of the streams is over.
    pub(super) fn note_ended(&mut self) {
        self.ended += 1;
        if self.ended > ENDED_MIN.max(self.streams.len() / ENDED_SHARE) || self.ended == self.streams.len() {
            Arc::make_mut(&mut self.streams).retain(|mailbox| !mailbox.is_closed());
            self.ended = 0;
        }
    }

    /// How many streams there are, about: some may be over.
    pub(super) fn len(&self) -> usize {
        self.streams.len()
    }

    /// Whether no stream is left.
    pub(super) fn is_empty(&self) -> bool {
        self.streams.is_empty()
    }
}
