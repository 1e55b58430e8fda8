//! How often one may ask.
//!
//! Who has shown a token is counted by what the token gives: tenant, subject, key. Who has not is counted by address, and so
//! are tokens that were not taken. The clock is the application's, which only goes forward; what it tells of the time of
//! day plays no part.
//!
//! A crate (`governor`) would count as well. It brings `dashmap` and a clock of its own, forgets idle keys only when it is
//! told to, has no bound, and tells a waiting time but not what is left: what is ours here is 150 lines in `buckets`.

mod buckets;
mod layer;
mod standing;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use graphloom::Text;
use graphloom::host::Clock;

use self::buckets::{Buckets, Quota};
use crate::address::{Address, Place};
use crate::config::Rate;
use crate::principal::Principal;
use crate::problem::{Problem, ServerCode};

pub(crate) use layer::layer;
pub(crate) use standing::Standing;

/// Who is counted: tenant, subject, and the key that was shown.
type Counted = (Text, Text, Option<Text>);

/// Counts requests.
pub(crate) struct RateLimits {
    clock: Arc<dyn Clock>,
    principals: Option<Buckets<Counted>>,
    addresses: Option<Buckets<Place>>,
    failures: Option<Buckets<Place>>,
    hooks: Option<Buckets<Text>>,
    settings: Option<Rate>,
}

impl RateLimits {
    /// Returns what counts as the settings say; without settings nothing is counted.
    pub(crate) fn new(settings: Option<&Rate>, clock: &Arc<dyn Clock>) -> Self {
        let second = Duration::from_secs(1);
        let of = |n: u32, per: Duration, burst: u32| {
            let quota = Quota::new(n, per, burst)?;
            Some((quota, settings?.max_counted))
        };
        let failures = |s: &Rate| {
            let n = s.failures_per_minute;
            of(n, Duration::from_mins(1), n)
        };
        let principals = |s: &Rate| of(s.requests_per_second, second, s.burst);
        let addresses = |s: &Rate| of(s.address_requests_per_second, second, s.address_burst);
        let hooks = |s: &Rate| of(s.hook_requests_per_second, second, s.hook_burst);
        Self {
            clock: Arc::clone(clock),
            hooks: settings
                .and_then(hooks)
                .map(|(q, max)| Buckets::new(q, max)),
            principals: settings
                .and_then(principals)
                .map(|(q, max)| Buckets::new(q, max)),
            addresses: settings
                .and_then(addresses)
                .map(|(q, max)| Buckets::new(q, max)),
            failures: settings
                .and_then(failures)
                .map(|(q, max)| Buckets::new(q, max)),
            settings: settings.cloned(),
        }
    }

    /// Returns what holds; `None`: nothing is counted.
    pub(crate) fn settings(&self) -> Option<&Rate> {
        self.settings.as_ref()
    }

    /// Counts a request of a principal.
    ///
    /// # Errors
    /// `HTTP_RATE_LIMIT`, with the headers.
    pub(crate) fn principal(&self, who: &Principal) -> Result<Option<Standing>, Problem> {
        let Some(buckets) = &self.principals else {
            return Ok(None);
        };
        let key = (
            who.tenant_name().clone(),
            who.subject.clone(),
            who.key.clone(),
        );
        let taken = buckets.take(key, self.clock.elapsed());
        standing::of("principal", buckets.quota(), taken).map(Some)
    }

    /// Counts a request of an address that has shown no token. Where the address is not known nothing is counted: one
    /// count for all would let each lock out the others.
    ///
    /// # Errors
    /// `HTTP_RATE_LIMIT`, with the headers.
    pub(crate) fn address(&self, address: Address) -> Result<Option<Standing>, Problem> {
        let (Some(buckets), Some(address)) = (&self.addresses, address.0) else {
            return Ok(None);
        };
        let taken = buckets.take(Place::of(address), self.clock.elapsed());
        standing::of("address", buckets.quota(), taken).map(Some)
    }

    /// Counts a request of a webhook that was proven to be of its sender: nobody else is to use up what it may.
    ///
    /// # Errors
    /// `HTTP_RATE_LIMIT`, with the headers.
    pub(crate) fn hook(&self, id: &Text) -> Result<Option<Standing>, Problem> {
        let Some(buckets) = &self.hooks else {
            return Ok(None);
        };
        let taken = buckets.take(id.clone(), self.clock.elapsed());
        standing::of("webhook", buckets.quota(), taken).map(Some)
    }

    /// Says whether a token of this address may be looked at.
    ///
    /// # Errors
    /// `HTTP_RATE_LIMIT` where too many were not taken.
    pub(crate) fn may_fail(&self, address: Address) -> Result<(), Problem> {
        let Some((buckets, place)) = self.failing(address.0) else {
            return Ok(());
        };
        buckets.peek(&place, self.clock.elapsed()).map_err(|wait| {
            let detail = "too many tokens of this address were not taken";
            Problem::new(ServerCode::RateLimit, detail).retry_after(seconds(wait))
        })
    }

    /// Counts a token of this address that was not taken. Those that were looked at together all count.
    pub(crate) fn failed(&self, address: Address) {
        if let Some((buckets, place)) = self.failing(address.0) {
            buckets.spend(place, self.clock.elapsed());
        }
    }

    fn failing(&self, address: Option<IpAddr>) -> Option<(&Buckets<Place>, Place)> {
        Some((self.failures.as_ref()?, Place::of(address?)))
    }
}

/// Returns a time in whole seconds, rounded up.
fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}
