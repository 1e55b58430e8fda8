//! Values that wait at input pins.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::dense::{IxMap, PinIx};
use crate::value::Value;

use super::wire::{maybe, pairs, sparse};

/// The values of all pins of a run: 16 bytes a pin for the oldest unused value; what few pins have stands apart.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Pins {
    #[serde(with = "sparse")]
    one: Vec<Option<Value>>,
    #[serde(with = "pairs")]
    more: IxMap<PinIx, More>,
    /// Values that wait behind the oldest of their pin.
    pub(super) queued: u64,
    /// Their size.
    pub(super) queued_bytes: u64,
    /// Pins above their soft limit.
    #[serde(skip)]
    pub(super) over: u32,
    /// How many values may wait at a pin before its producers are held back; a hint, never a reason to stop.
    #[serde(skip, default = "none")]
    pub(super) soft_limit: usize,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct More {
    queue: VecDeque<Value>,
    /// Of a sticky pin: the value of the last firing.
    #[serde(with = "maybe")]
    last: Option<Value>,
    #[serde(skip, default = "none")]
    limit: usize,
}

impl More {
    fn new(limit: usize) -> Self {
        Self {
            queue: VecDeque::new(),
            last: None,
            limit,
        }
    }
}

/// No soft limit: a state that is written down has none.
const fn none() -> usize {
    usize::MAX
}

/// Soft limits are the driver's: no event tells of them, so that they are not compared.
impl PartialEq for More {
    fn eq(&self, other: &Self) -> bool {
        self.queue == other.queue && self.last == other.last
    }
}

impl PartialEq for Pins {
    fn eq(&self, other: &Self) -> bool {
        self.one == other.one
            && self.more == other.more
            && self.queued == other.queued
            && self.queued_bytes == other.queued_bytes
    }
}

/// The sticky values that a firing displaced: what its pins had used last before.
pub(crate) type Displaced = Vec<(PinIx, Before)>;

/// What a pin had used last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Before(#[serde(with = "maybe")] pub(crate) Option<Value>);

impl Pins {
    pub(super) fn new(n: usize) -> Self {
        Self {
            one: vec![None; n],
            more: IxMap::default(),
            queued: 0,
            queued_bytes: 0,
            over: 0,
            soft_limit: usize::MAX,
        }
    }

    #[inline(always)]
    fn slot(&mut self, pin: PinIx) -> &mut Option<Value> {
        #[expect(
            clippy::indexing_slicing,
            reason = "plan: a pin's position is below the number of pins"
        )]
        &mut self.one[pin.0 as usize]
    }

    /// Adds a value. Says whether the pin had none to offer before and has one now.
    #[inline(always)]
    pub(super) fn push(&mut self, pin: PinIx, value: Value) -> bool {
        let slot = self.slot(pin);
        if slot.is_none() {
            *slot = Some(value);
            return self.more.is_empty() || self.is_fresh(pin);
        }
        self.push_behind(pin, value)
    }

    #[cold]
    fn is_fresh(&self, pin: PinIx) -> bool {
        self.more.get(&pin).is_none_or(|more| more.last.is_none())
    }

    #[cold]
    fn push_behind(&mut self, pin: PinIx, value: Value) -> bool {
        self.queued += 1;
        self.queued_bytes += value.weight_bytes() as u64;
        let limit = self.soft_limit;
        let more = self.more.entry(pin).or_insert_with(|| More::new(limit));
        more.queue.push_back(value);
        if more.queue.len() == more.limit {
            self.over += 1;
        }
        false
    }

    /// Takes the oldest value of a plain pin. Says whether the pin is empty now.
    #[inline(always)]
    pub(super) fn take(&mut self, pin: PinIx) -> (Option<Value>, bool) {
        let value = self.slot(pin).take();
        debug_assert!(
            value.is_some(),
            "a firing starts only when its pins have values"
        );
        let empty = self.more.is_empty() || self.refill(pin);
        (value, empty)
    }

    #[cold]
    fn refill(&mut self, pin: PinIx) -> bool {
        let Some(more) = self.more.get_mut(&pin) else {
            return true;
        };
        let Some(next) = more.queue.pop_front() else {
            return true;
        };
        if more.queue.len() + 1 == more.limit {
            self.over -= 1;
        }
        self.queued -= 1;
        self.queued_bytes = self.queued_bytes.saturating_sub(next.weight_bytes() as u64);
        *self.slot(pin) = Some(next);
        false
    }

    /// Takes the oldest unused value of a sticky pin, or the last used one again.
    #[cold]
    pub(super) fn take_sticky(
        &mut self,
        pin: PinIx,
        displaced: Option<&mut Displaced>,
    ) -> Option<Value> {
        let Some(value) = self.slot(pin).take() else {
            return self.more.get(&pin).and_then(|more| more.last.clone());
        };
        let limit = self.soft_limit;
        let more = self.more.entry(pin).or_insert_with(|| More::new(limit));
        let before = more.last.replace(value.clone());
        if let Some(displaced) = displaced {
            displaced.push((pin, Before(before)));
        }
        self.refill(pin);
        Some(value)
    }

    /// Makes an older value the last used one again. Says whether the pin has nothing to offer now.
    #[cold]
    pub(super) fn restore(&mut self, pin: PinIx, before: Option<Value>) -> bool {
        let limit = self.soft_limit;
        let more = self.more.entry(pin).or_insert_with(|| More::new(limit));
        more.last = before;
        let gone = more.last.is_none();
        gone && self.slot(pin).is_none()
    }

    /// Returns how many unused values wait at a pin.
    pub(super) fn unused(&self, pin: PinIx) -> usize {
        let oldest = self.one.get(pin.0 as usize).is_some_and(Option::is_some);
        usize::from(oldest) + self.more.get(&pin).map_or(0, |more| more.queue.len())
    }

    /// Returns the unused values of a pin, the oldest first.
    pub(super) fn waiting(&self, pin: PinIx) -> impl Iterator<Item = &Value> {
        let oldest = self.one.get(pin.0 as usize).and_then(Option::as_ref);
        let more = self.more.get(&pin).into_iter();
        oldest.into_iter().chain(more.flat_map(|more| &more.queue))
    }

    /// Returns the value of a sticky pin that was used last.
    pub(super) fn stays(&self, pin: PinIx) -> Option<&Value> {
        self.more.get(&pin).and_then(|more| more.last.as_ref())
    }

    /// Says whether a pin has a value for a firing: an unused one, or one that stayed.
    pub(super) fn offers(&self, pin: PinIx) -> bool {
        self.unused(pin) > 0 || self.more.get(&pin).is_some_and(|more| more.last.is_some())
    }

    /// No pin has an unused value.
    pub(super) fn are_empty(&self) -> bool {
        self.queued == 0 && self.one.iter().all(Option::is_none)
    }

    pub(super) fn is_over(&self, pin: PinIx) -> bool {
        self.more
            .get(&pin)
            .is_some_and(|more| more.queue.len() >= more.limit)
    }

    /// Doubles the soft limit of the shortest pin that is above it.
    #[cold]
    pub(super) fn widen_shortest(&mut self) {
        let over = self
            .more
            .iter_mut()
            .filter(|(_, more)| more.queue.len() >= more.limit);
        if let Some((_, more)) = over.min_by_key(|(pin, more)| (more.queue.len(), **pin)) {
            more.limit = more.limit.saturating_mul(2);
            if more.queue.len() < more.limit {
                self.over -= 1;
            }
        }
    }

    /// Says whether all positions are those of a plan with so many pins.
    pub(super) fn fit(&self, n: usize) -> bool {
        self.one.len() == n && self.more.keys().all(|pin| (pin.0 as usize) < n)
    }

    /// Sets the soft limit of pins at which values may wait already.
    pub(super) fn limit_softly(&mut self, limit: usize) {
        self.soft_limit = limit;
        self.over = 0;
        for more in self.more.values_mut() {
            more.limit = limit;
            self.over += u32::from(more.queue.len() >= limit);
        }
    }

    /// The pin with the longest queue, and how long it is.
    pub(super) fn longest(&self) -> Option<(PinIx, usize)> {
        let queues = self.more.iter().map(|(pin, more)| (*pin, more.queue.len()));
        queues.max_by_key(|(pin, n)| (*n, std::cmp::Reverse(*pin)))
    }

    /// Forgets everything that waits, e.g. because the run is over.
    pub(super) fn clear(&mut self) {
        self.one.fill(None);
        self.more.clear();
        (self.queued, self.queued_bytes, self.over) = (0, 0, 0);
        self.soft_limit = usize::MAX;
    }
}
