//! What was looked up a moment ago, so that a client that asks often is looked up seldom.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use crate::locked::lock;

/// Values that are known for a short time. Bounded; what was read before something was forgotten is not kept after it.
pub(crate) struct Brief<K, V> {
    held: Mutex<Held<K, V>>,
    lasts: Duration,
    room: usize,
}

struct Held<K, V> {
    known: HashMap<K, (Duration, V)>,
    /// Counts what was forgotten.
    era: u64,
}

/// When something was asked for that was not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Era(u64);

impl<K: Eq + Hash, V: Clone> Brief<K, V> {
    /// Returns one that knows at most so many values, each for this long.
    pub(crate) fn new(lasts: Duration, room: usize) -> Self {
        let known = HashMap::new();
        Self {
            held: Mutex::new(Held { known, era: 0 }),
            lasts,
            room,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Held<K, V>> {
        lock(&self.held)
    }

    /// Returns what is known; else when it was asked for.
    pub(crate) fn get(&self, key: &K, now: Duration) -> Result<V, Era> {
        let held = self.lock();
        match held.known.get(key) {
            Some((since, value)) if now.saturating_sub(*since) < self.lasts => Ok(value.clone()),
            _ => Err(Era(held.era)),
        }
    }

    /// Keeps what was found, unless something was forgotten since it was asked for.
    pub(crate) fn keep(&self, key: K, value: V, asked: Era, now: Duration) {
        let mut held = self.lock();
        if held.era != asked.0 {
            return;
        }
        if held.known.len() >= self.room {
            let lasts = self.lasts;
            held.known
                .retain(|_, (since, _)| now.saturating_sub(*since) < lasts);
        }
        if held.known.len() >= self.room {
            held.known.clear();
        }
        held.known.insert(key, (now, value));
    }

    /// Keeps a value that needs no looking up.
    pub(crate) fn renew(&self, key: K, value: V, now: Duration) {
        let era = Era(self.lock().era);
        self.keep(key, value, era, now);
    }

    /// Forgets all values.
    pub(crate) fn forget_all(&self) {
        let mut held = self.lock();
        held.era += 1;
        held.known.clear();
    }

    /// Forgets a value.
    pub(crate) fn forget(&self, key: &K) {
        let mut held = self.lock();
        held.era += 1;
        held.known.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LASTS: Duration = Duration::from_secs(5);

    #[test]
    fn what_is_known_is_known_for_a_while() {
        let brief = Brief::new(LASTS, 10);
        let at = Duration::from_secs;
        let era = brief.get(&1, at(0)).expect_err("nothing yet");
        brief.keep(1, "one", era, at(1));
        assert_eq!(brief.get(&1, at(5)), Ok("one"));
        assert!(brief.get(&1, at(6)).is_err());
        // A clock that goes back makes nothing last longer than it would have.
        assert_eq!(brief.get(&1, at(0)), Ok("one"));
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept_after_it() {
        let brief = Brief::new(LASTS, 10);
        let now = Duration::ZERO;
        let era = brief.get(&1, now).expect_err("nothing yet");
        brief.forget(&1);
        brief.keep(1, "old", era, now);
        assert!(brief.get(&1, now).is_err());
    }

    #[test]
    fn there_is_a_bound() {
        let brief = Brief::new(LASTS, 10);
        let now = Duration::ZERO;
        for key in 0..1_000 {
            let era = brief.get(&key, now).expect_err("nothing yet");
            brief.keep(key, (), era, now);
            assert!(brief.lock().known.len() <= 10);
        }
    }
}
