//! Time, as the host tells it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::time::Timestamp;

use super::BoxFuture;

/// Tells the time of day and sleeps. Time limits are counted by [`Clock::elapsed`], which never goes backwards.
pub trait Clock: Send + Sync {
    /// Returns the time of day.
    fn now(&self) -> Timestamp;

    /// Returns the time of day in microseconds since 1970-01-01T00:00:00Z, without leap seconds: the same moment that
    /// [`Clock::now`] tells, as finely as the clock can.
    fn now_micros(&self) -> i64 {
        self.now().as_millis().saturating_mul(1_000)
    }

    /// Returns the time since some fixed moment; never less than before.
    fn elapsed(&self) -> Duration;

    /// Waits for this time. Cancel safe: dropping it is all.
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()>;
}

/// The clock of the machine, with tokio's timers.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    start: tokio::time::Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self {
            start: tokio::time::Instant::now(),
        }
    }
}

/// No timer is asked to wait longer than this (30 years); tokio's own limit is not far above.
const LONGEST: Duration = Duration::from_secs(30 * 365 * 86_400);

#[expect(
    clippy::disallowed_methods,
    reason = "this is the host's clock: the one place that asks the machine"
)]
fn since_1970() -> Duration {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default()
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp(i64::try_from(since_1970().as_millis()).unwrap_or(i64::MAX))
    }

    fn now_micros(&self) -> i64 {
        i64::try_from(since_1970().as_micros()).unwrap_or(i64::MAX)
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(time.min(LONGEST)))
    }
}

/// A clock that stands still until it is told to go on: for tests and simulations.
#[derive(Clone, Default)]
pub struct ManualClock {
    inner: Arc<Mutex<Manual>>,
}

#[derive(Default)]
struct Manual {
    now: Duration,
    sleepers: BTreeMap<(Duration, u64), oneshot::Sender<()>>,
    next: u64,
}

impl ManualClock {
    /// Returns a clock that shows 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets time pass and wakes who slept until then, the earliest first.
    pub fn advance(&self, time: Duration) {
        let mut inner = self.lock();
        inner.now = inner.now.saturating_add(time);
        let now = inner.now;
        let later = inner.sleepers.split_off(&(now, u64::MAX));
        let woken = std::mem::replace(&mut inner.sleepers, later);
        drop(inner);
        for sender in woken.into_values() {
            // Who no longer listens has stopped waiting.
            let _ = sender.send(());
        }
    }

    /// Lets time pass until the earliest sleeper wakes; says whether there was one.
    pub fn advance_to_next(&self) -> bool {
        let next = {
            let mut inner = self.lock();
            inner.sleepers.retain(|_, sender| !sender.is_closed());
            inner
                .sleepers
                .keys()
                .next()
                .map(|(at, _)| at.saturating_sub(inner.now))
        };
        next.inspect(|time| self.advance(*time)).is_some()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Manual> {
        // A panic elsewhere leaves the clock as it was: every change of it is one step.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ManualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManualClock")
            .field("now", &self.lock().now)
            .finish_non_exhaustive()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(i64::try_from(self.lock().now.as_millis()).unwrap_or(i64::MAX))
    }

    fn now_micros(&self) -> i64 {
        i64::try_from(self.lock().now.as_micros()).unwrap_or(i64::MAX)
    }

    fn elapsed(&self) -> Duration {
        self.lock().now
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        if time.is_zero() {
            return Box::pin(std::future::ready(()));
        }
        let (sender, woken) = oneshot::channel();
        let mut inner = self.lock();
        let key = (inner.now.saturating_add(time), inner.next);
        inner.next += 1;
        inner.sleepers.insert(key, sender);
        Box::pin(async move {
            // A dropped sender means that the clock is gone: nobody will wake us later than now.
            let _ = woken.await;
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sleepers_wake_when_time_passes() {
        let clock = ManualClock::new();
        let mut sleep = clock.sleep(Duration::from_secs(5));
        clock.advance(Duration::from_secs(4));
        assert!(futures_ready(&mut sleep).await.is_none());
        assert!(clock.advance_to_next());
        assert!(futures_ready(&mut sleep).await.is_some());
        assert_eq!(clock.now(), Timestamp(5_000));
        assert!(!clock.advance_to_next());
    }

    #[test]
    fn a_clock_tells_as_finely_as_it_can() {
        struct Coarse;
        impl Clock for Coarse {
            fn now(&self) -> Timestamp {
                Timestamp(7)
            }
            fn elapsed(&self) -> Duration {
                Duration::ZERO
            }
            fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
                Box::pin(std::future::ready(()))
            }
        }
        assert_eq!(Coarse.now_micros(), 7_000);
        let clock = ManualClock::new();
        clock.advance(Duration::from_micros(1_234_567));
        assert_eq!(
            (clock.now(), clock.now_micros()),
            (Timestamp(1_234), 1_234_567)
        );
        let system = SystemClock::default();
        assert!(system.now_micros() / 1_000 >= system.now().as_millis() - 1_000);
    }

    async fn futures_ready(future: &mut BoxFuture<'static, ()>) -> Option<()> {
        std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
            std::task::Poll::Ready(()) => std::task::Poll::Ready(Some(())),
            std::task::Poll::Pending => std::task::Poll::Ready(None),
        })
        .await
    }
}
