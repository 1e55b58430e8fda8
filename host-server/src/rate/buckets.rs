//! Token buckets by key, in a bounded map.
//!
//! A bucket is one moment: when it will be full again (the generic cell rate algorithm, ITU-T I.371, with the burst as its
//! tolerance). So a bucket that is full is no entry at all.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use crate::locked::lock;

/// How much there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quota {
    /// What one costs.
    each: Duration,
    /// How many at once.
    pub(super) burst: u32,
}

impl Quota {
    /// Returns `n` in this time and `burst` at once; `None` for no limit.
    pub(super) fn new(n: u32, per: Duration, burst: u32) -> Option<Self> {
        let each = per.checked_div(n)?.max(Duration::from_nanos(1));
        let burst = burst.max(1);
        Some(Self { each, burst })
    }

    /// Returns how long an empty bucket takes to be full.
    pub(super) fn window(self) -> Duration {
        self.each.saturating_mul(self.burst)
    }

    /// Returns how many are left of a bucket that is full after this time.
    fn left(self, until_full: Duration) -> u32 {
        let left = self.window().saturating_sub(until_full);
        let left = left.as_nanos() / self.each.as_nanos().max(1);
        u32::try_from(left).unwrap_or(self.burst)
    }
}

/// How a bucket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Level {
    /// How many are left.
    pub(super) left: u32,
    /// How long until it is full.
    pub(super) until_full: Duration,
    /// How long until there is one, where there was none to be taken.
    pub(super) wait: Option<Duration>,
}

/// Buckets by key.
pub(super) struct Buckets<K> {
    quota: Quota,
    max: usize,
    full_at: Mutex<HashMap<K, Duration>>,
}

impl<K: Eq + Hash> Buckets<K> {
    pub(super) fn new(quota: Quota, max: usize) -> Self {
        Self {
            quota,
            max,
            full_at: Mutex::default(),
        }
    }

    pub(super) fn quota(&self) -> Quota {
        self.quota
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Duration>> {
        lock(&self.full_at)
    }

    /// Returns how long a bucket takes to be full. A clock that has gone back must not lock anyone out: it is never longer than
    /// an empty one takes, nor than twice that for one that was overdrawn.
    fn until_full(&self, full_at: Option<&Duration>, now: Duration) -> Duration {
        let most = self.quota.window().saturating_mul(2);
        full_at.map_or(Duration::ZERO, |at| at.saturating_sub(now).min(most))
    }

    /// Takes one, if there is one.
    pub(super) fn take(&self, key: K, now: Duration) -> Level {
        let window = self.quota.window();
        let mut all = self.lock();
        let before = self.until_full(all.get(&key), now).min(window);
        let after = before + self.quota.each;
        if let Some(wait) = after.checked_sub(window).filter(|wait| !wait.is_zero()) {
            return Level {
                left: 0,
                until_full: before,
                wait: Some(wait),
            };
        }
        self.keep(&mut all, key, now + after, now);
        Level {
            left: self.quota.left(after),
            until_full: after,
            wait: None,
        }
    }

    /// Says whether there is one, and takes none.
    ///
    /// # Errors
    /// How long until there is one.
    pub(super) fn peek(&self, key: &K, now: Duration) -> Result<(), Duration> {
        let after = self.until_full(self.lock().get(key), now) + self.quota.each;
        match after.checked_sub(self.quota.window()) {
            Some(wait) if !wait.is_zero() => Err(wait),
            _ => Ok(()),
        }
    }

    /// Takes one, whether there is one or not.
    pub(super) fn spend(&self, key: K, now: Duration) {
        let mut all = self.lock();
        let after = self.until_full(all.get(&key), now) + self.quota.each;
        self.keep(&mut all, key, now + after, now);
    }

    fn keep(&self, all: &mut HashMap<K, Duration>, key: K, full_at: Duration, now: Duration) {
        if all.len() >= self.max && !all.contains_key(&key) {
            all.retain(|_, at| *at > now);
            if all.len() >= self.max {
                forget_half(all);
            }
        }
        all.insert(key, full_at);
    }
}

/// Forgets the half that has taken least: whoever makes so many keys gains least by it.
fn forget_half<K>(all: &mut HashMap<K, Duration>) {
    let mut moments: Vec<Duration> = all.values().copied().collect();
    let middle = moments.len() / 2;
    let (_, middle, _) = moments.select_nth_unstable(middle);
    let middle = *middle;
    let mut over = all.len() / 2;
    all.retain(|_, at| {
        let goes = over > 0 && *at <= middle;
        over -= usize::from(goes);
        !goes
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets(n: u32, burst: u32, max: usize) -> Buckets<u32> {
        Buckets::new(
            Quota::new(n, Duration::from_secs(1), burst).expect("a quota"),
            max,
        )
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_burst_and_then_one_at_a_time() {
        let buckets = buckets(10, 3, 100);
        let take = |now| {
            let level = buckets.take(1, ms(now));
            (level.left, level.wait)
        };
        assert_eq!(take(0), (2, None));
        assert_eq!(take(0), (1, None));
        assert_eq!(take(0), (0, None));
        assert_eq!(take(0), (0, Some(ms(100))));
        assert_eq!(take(99), (0, Some(ms(1))));
        assert_eq!(take(100), (0, None));
        assert_eq!(take(150), (0, Some(ms(50))));
        assert_eq!(take(10_000), (2, None), "it is never more than full");
        assert_eq!(buckets.take(2, ms(10_000)).left, 2, "another has its own");
        assert_eq!(buckets.take(2, ms(10_000)).until_full, ms(200));
    }

    #[test]
    fn no_limit_is_none() {
        assert_eq!(Quota::new(0, ms(1_000), 5), None);
    }

    /// 74. A clock that jumps locks nobody out for longer than an empty bucket does.
    #[test]
    fn a_clock_that_goes_back_locks_nobody_out() {
        let buckets = buckets(10, 3, 100);
        let late = Duration::from_secs(1_000_000);
        for _ in 0..4 {
            buckets.take(1, late);
        }
        let level = buckets.take(1, Duration::ZERO);
        assert_eq!(level.wait, Some(ms(100)));
        buckets.spend(2, late);
        for _ in 0..1_000 {
            buckets.spend(2, Duration::ZERO);
        }
        assert!(buckets.peek(&2, Duration::ZERO).expect_err("overdrawn") <= ms(500));
        assert_eq!(buckets.peek(&2, ms(500)), Ok(()));
    }

    #[test]
    fn what_is_spent_beyond_what_there_is_counts() {
        let buckets = buckets(10, 2, 100);
        for _ in 0..2 {
            assert_eq!(buckets.peek(&1, ms(0)), Ok(()));
            buckets.spend(1, ms(0));
        }
        assert_eq!(buckets.peek(&1, ms(0)), Err(ms(100)));
        buckets.spend(1, ms(0));
        assert_eq!(buckets.peek(&1, ms(0)), Err(ms(200)));
        assert_eq!(buckets.peek(&1, ms(200)), Ok(()));
    }

    #[test]
    fn there_is_a_bound_and_who_has_taken_most_is_remembered() {
        let buckets = buckets(1, 1_000, 100);
        for _ in 0..900 {
            buckets.take(0, ms(0));
        }
        for key in 1..10_000 {
            buckets.take(key, ms(0));
            assert!(buckets.lock().len() <= 100);
        }
        assert!(buckets.take(0, ms(0)).left < 100);
        // Those that are full again go first, and all of them.
        buckets.take(10_001, Duration::from_secs(10_000));
        let all = buckets.lock().len();
        assert!(all <= 100, "{all}");
    }

    #[test]
    fn those_who_ask_together_get_no_more_than_there_is() {
        let buckets = buckets(10, 50, 100);
        let taken = std::sync::atomic::AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        if buckets.take(1, ms(0)).wait.is_none() {
                            taken.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        assert_eq!(taken.into_inner(), 50);
    }
}
