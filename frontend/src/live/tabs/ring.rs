//! What a leader keeps of its stream, so that a tab that comes later continues from its own snapshot.

use std::collections::VecDeque;

use shared::cursor::{Cursor, Offset};

/// Facts kept. A snapshot is seconds old when its tab asks; this many facts are minutes of the busiest place.
pub(super) const FACTS_MAX: usize = 1_000;

/// Single values kept since the last full state. More than these, and the oldest is dropped: they repeat.
const VALUES_MAX: usize = 200;

/// The kept part of one stream, continued over reconnects.
#[derive(Debug)]
pub(super) struct Ring<Block> {
    /// All facts after this place are here.
    floor: Offset,
    facts: VecDeque<(Offset, Block)>,
    values: VecDeque<Block>,
    /// The epochs met, oldest first, each with the last place met in it.
    reached: Vec<Cursor>,
}

impl<Block: Clone> Ring<Block> {
    pub(super) fn new() -> Self {
        Self { floor: Offset::MAX, facts: VecDeque::new(), values: VecDeque::new(), reached: Vec::new() }
    }

    /// A stream is opened after this place. What is kept stays if the stream continues it.
    pub(super) fn begin(&mut self, after: Cursor) {
        if self.end() != Some(after) {
            *self = Self::new();
            self.floor = after.offset;
            self.reached.push(after);
        }
    }

    /// The stream does not continue anything.
    pub(super) fn clear(&mut self) {
        *self = Self::new();
    }

    /// How far the stream is.
    pub(super) fn end(&self) -> Option<Cursor> {
        self.reached.last().copied()
    }

    /// The stream is here now.
    pub(super) fn reach(&mut self, at: Cursor) {
        match self.reached.last_mut() {
            Some(last) if last.epoch == at.epoch => last.offset = last.offset.max(at.offset),
            _ => self.reached.push(at),
        }
    }

    pub(super) fn push_fact(&mut self, at: Cursor, fact: Block) {
        self.reach(at);
        self.facts.push_back((at.offset, fact));
        if self.facts.len() > FACTS_MAX
            && let Some((dropped, _)) = self.facts.pop_front()
        {
            self.floor = dropped;
        }
    }

    /// `whole`: it replaces all values before it.
    pub(super) fn push_value(&mut self, value: Block, whole: bool) {
        if whole {
            self.values.clear();
        }
        self.values.push_back(value);
        if self.values.len() > VALUES_MAX {
            self.values.pop_front();
        }
    }

    pub(super) fn values(&self) -> Vec<Block> {
        self.values.iter().cloned().collect()
    }

    /// The facts after a place. `None`: not all of them are here, or the place may be in another history.
    ///
    /// Offsets alone do not tell histories apart: a database that was rolled back counts them anew in a new epoch
    /// (PROTOCOL §3). So the place's epoch must have been met by this stream; and within an epoch that has ended, only
    /// what this stream has met is known to have come before the end.
    pub(super) fn after(&self, place: Cursor) -> Option<Vec<Block>> {
        let met = self.reached.iter().find(|reached| reached.epoch == place.epoch)?;
        let ended = self.end().map(|end| end.epoch) != Some(met.epoch);
        if place.offset < self.floor || (ended && place.offset > met.offset) {
            return None;
        }
        Some(self.facts.iter().filter(|(at, _)| *at > place.offset).map(|(_, fact)| fact.clone()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Cursor {
        text.parse().expect("a cursor")
    }

    #[test]
    fn only_a_place_in_this_history_is_served() {
        let mut ring = Ring::new();
        ring.begin(at("aaaaaaaa.10"));
        for offset in [12, 15] {
            ring.push_fact(at(&format!("aaaaaaaa.{offset}")), offset);
        }
        ring.reach(at("aaaaaaaa.18"));
        ring.begin(at("aaaaaaaa.18"));
        ring.push_fact(at("bbbbbbbb.25"), 25);
        ring.reach(at("bbbbbbbb.30"));
        for (place, expected) in [
            ("aaaaaaaa.9", None),
            ("aaaaaaaa.10", Some(vec![12, 15, 25])),
            ("aaaaaaaa.13", Some(vec![15, 25])),
            ("aaaaaaaa.18", Some(vec![25])),
            // The epoch may have ended before this place: then it is of a history that was rolled back.
            ("aaaaaaaa.19", None),
            ("bbbbbbbb.20", Some(vec![25])),
            ("bbbbbbbb.40", Some(vec![])),
            ("cccccccc.20", None),
        ] {
            assert_eq!(ring.after(at(place)), expected, "{place}");
        }
        ring.begin(at("bbbbbbbb.31"));
        assert_eq!(ring.after(at("bbbbbbbb.30")), None, "a stream that begins elsewhere continues nothing");
    }

    #[test]
    fn the_oldest_facts_go_first() {
        let mut ring = Ring::new();
        ring.begin(at("aaaaaaaa.0"));
        for offset in 1..=1_002_u64 {
            ring.push_fact(at(&format!("aaaaaaaa.{offset}")), offset);
        }
        assert_eq!(ring.after(at("aaaaaaaa.1")), None);
        assert_eq!(ring.after(at("aaaaaaaa.2")).map(|facts| (facts.len(), facts[0])), Some((1_000, 3)));
    }

    #[test]
    fn a_full_state_replaces_single_values() {
        let mut ring = Ring::new();
        ring.push_value(1, true);
        (2..=3).for_each(|value| ring.push_value(value, false));
        assert_eq!(ring.values(), [1, 2, 3]);
        ring.push_value(4, true);
        assert_eq!(ring.values(), [4]);
        (0..500).for_each(|value| ring.push_value(value, false));
        assert_eq!(ring.values().len(), VALUES_MAX);
    }
}
