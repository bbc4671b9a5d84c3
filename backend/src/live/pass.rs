//! One pass of the fan-out: facts in the order of the log, and for each run of them who hears it.

use bytes::Bytes;
use shared::cursor::Offset;

use super::{batch::joined_chunks, encode::Frame};

/// A fact, encoded. Cloning shares the bytes.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    /// Its place.
    pub(super) offset: Offset,
    /// Its bytes.
    pub(super) frame: Frame,
}

/// Facts that follow each other and go to the same readers. Never empty.
#[derive(Debug)]
pub(super) struct Run {
    facts: Vec<Fact>,
    chunks: Bytes,
    event_bytes: u64,
}

impl Run {
    /// Joins the bytes of these facts, of which there is at least one, once for all readers.
    pub(super) fn new(facts: Vec<Fact>) -> Self {
        let chunks = joined_chunks(facts.iter().map(|fact| &fact.frame));
        let event_bytes = facts.iter().map(|fact| fact.frame.event_len() as u64).sum();
        Self { facts, chunks, event_bytes }
    }

    /// The facts, in order.
    pub(super) fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// Their chunks, one after the other.
    pub(super) const fn chunks(&self) -> &Bytes {
        &self.chunks
    }

    /// Bytes of the events, without their framing.
    pub(super) const fn event_bytes(&self) -> u64 {
        self.event_bytes
    }

    /// The last offset.
    pub(super) fn upto(&self) -> Offset {
        self.facts.last().map_or(Offset::ZERO, |fact| fact.offset)
    }
}
