//! Spares a host that fails again and again.

use std::time::Duration;

use super::options::HttpLimits;

/// How soon to ask again while someone else tries whether a host is back.
const SOON: Duration = Duration::from_secs(1);

/// Counts the failures of one origin in a row. After so many nothing goes there for a while; then one request tries, and
/// tells by how it fares for all.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    failed: u32,
    open_until: Option<Duration>,
    is_tried: bool,
}

/// What a request that was let through is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    Usual,
    /// The one that tries.
    Trial,
}

impl Breaker {
    /// Lets a request through, or tells when to ask again.
    pub(super) fn enter(&mut self, now: Duration) -> Result<Pass, Duration> {
        let Some(until) = self.open_until else {
            return Ok(Pass::Usual);
        };
        if now < until {
            return Err(until - now);
        }
        if self.is_tried {
            return Err(SOON);
        }
        self.is_tried = true;
        Ok(Pass::Trial)
    }

    /// The host answered.
    pub(super) fn worked(&mut self) {
        *self = Self::default();
    }

    /// The host did not answer, or took too long.
    pub(super) fn failed(&mut self, pass: Pass, now: Duration, limits: &HttpLimits) {
        self.failed = self.failed.saturating_add(1);
        let most = limits.breaker_failures;
        if most > 0 && (pass == Pass::Trial || self.failed >= most) {
            self.open_until = Some(now.saturating_add(limits.breaker_pause));
            self.is_tried = false;
        }
    }

    /// A request was given up before it told anything.
    pub(super) fn given_up(&mut self, pass: Pass) {
        if pass == Pass::Trial {
            self.is_tried = false;
        }
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.failed == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_host_that_fails_is_spared_and_tried_again() {
        let limits = HttpLimits::default();
        let mut breaker = Breaker::default();
        for _ in 0..4 {
            assert_eq!(breaker.enter(s(1)), Ok(Pass::Usual));
            breaker.failed(Pass::Usual, s(1), &limits);
        }
        // An answer in between, and the count begins anew.
        breaker.worked();
        for _ in 0..5 {
            assert_eq!(breaker.enter(s(1)), Ok(Pass::Usual));
            breaker.failed(Pass::Usual, s(1), &limits);
        }
        assert_eq!(breaker.enter(s(11)), Err(s(20)));
        // One tries; the others wait for what it tells.
        assert_eq!(breaker.enter(s(31)), Ok(Pass::Trial));
        assert_eq!(breaker.enter(s(31)), Err(SOON));
        breaker.given_up(Pass::Trial);
        assert_eq!(breaker.enter(s(31)), Ok(Pass::Trial));
        breaker.failed(Pass::Trial, s(32), &limits);
        assert_eq!(breaker.enter(s(33)), Err(s(29)));
        assert_eq!(breaker.enter(s(62)), Ok(Pass::Trial));
        breaker.worked();
        assert_eq!(breaker.enter(s(62)), Ok(Pass::Usual));
        assert!(breaker.is_quiet());
    }

    #[test]
    fn without_a_limit_it_never_opens() {
        let limits = HttpLimits::default().breaker_failures(0);
        let mut breaker = Breaker::default();
        for _ in 0..100 {
            breaker.failed(Pass::Usual, s(1), &limits);
        }
        assert_eq!(breaker.enter(s(1)), Ok(Pass::Usual));
    }
}
