//! Places in a run from which its events can be told: which sub-graph calls are open there.

use std::collections::BTreeMap;

use graphloom::Trace;

/// How far apart they are at first.
const EVERY: u64 = 1_024;
/// There are no more than so many; then every second one goes.
const MAX: usize = 1_024;
/// Nor do they name more open graphs than so many, all together.
const MAX_OPEN: usize = 16_384;

/// Traces, each by the event that it can go on with. The further apart they are, the longer it takes to make an old page
/// again; how far that is follows from the length of the run and from what is open at a time.
pub(super) struct Marks {
    every: u64,
    open: usize,
    at: BTreeMap<u64, Trace>,
}

impl Default for Marks {
    fn default() -> Self {
        Self {
            every: EVERY,
            open: 0,
            at: BTreeMap::new(),
        }
    }
}

impl Marks {
    /// Says whether this may be a place.
    pub(super) fn is_place(seq: u64) -> bool {
        seq.is_multiple_of(EVERY)
    }

    /// Returns the last one at or before this event.
    pub(super) fn before(&self, seq: u64) -> Option<(u64, Trace)> {
        let last = self.at.range(..=seq).next_back();
        last.map(|(at, trace)| (*at, trace.clone()))
    }

    /// Adds one, unless they are further apart by now.
    pub(super) fn set(&mut self, seq: u64, trace: &Trace) {
        if !seq.is_multiple_of(self.every) || self.at.contains_key(&seq) {
            return;
        }
        self.open += trace.n_open();
        self.at.insert(seq, trace.clone());
        while self.at.len() > MAX || self.open > MAX_OPEN && self.at.len() > 1 {
            self.every *= 2;
            let every = self.every;
            self.at.retain(|seq, _| seq.is_multiple_of(every));
            self.open = self.at.values().map(Trace::n_open).sum();
        }
    }
}
