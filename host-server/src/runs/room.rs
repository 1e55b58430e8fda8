//! How many runs of a tenant may be there that are not over.
//!
//! The store is asked seldom: a count that finds room is trusted for half of it, so that other processes over the same store
//! may use the other half, and the count is soon anew where there is little left.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use graphloom::host::Store;

use crate::locked::lock;
use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};

/// How many tenants are known at a time; of one that was forgotten the runs are counted again.
const KNOWN: usize = 4_096;
/// When to ask again, in seconds: it is not known when a run ends.
const RETRY_S: u64 = 5;

/// The room that tenants have for runs.
pub(super) struct Room {
    /// 0: as many as one likes.
    max: u64,
    tenants: Mutex<HashMap<Tenant, Starts>>,
}

/// The starts of a tenant.
#[derive(Debug, Default)]
struct Starts {
    /// So many are let through before the runs are counted again.
    left: u64,
    /// How many were let through.
    begun: u64,
    /// How many of them are done: the store has the run, or there is none.
    done: u64,
}

/// A start that was let through, until the store has its run.
pub(super) struct Place<'a> {
    room: &'a Room,
    tenant: Tenant,
}

impl Room {
    pub(super) fn new(max: u64) -> Self {
        Self {
            max,
            tenants: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Tenant, Starts>> {
        lock(&self.tenants)
    }

    /// Lets a run be started, if there is room for it; one that is there already by its key needs none.
    ///
    /// # Errors
    /// `HTTP_TOO_MANY`; what the store failed with.
    pub(super) async fn enter(
        &self,
        store: &dyn Store,
        tenant: &Tenant,
        key: Option<&str>,
    ) -> Result<Option<Place<'_>>, Problem> {
        if self.max == 0 {
            return Ok(None);
        }
        let place = || Place {
            room: self,
            tenant: tenant.clone(),
        };
        let done = {
            let mut tenants = self.lock();
            if !tenants.contains_key(tenant) && tenants.len() >= KNOWN {
                tenants.retain(|_, starts| starts.begun > starts.done);
            }
            let starts = tenants.entry(tenant.clone()).or_default();
            if starts.take() {
                return Ok(Some(place()));
            }
            starts.done
        };
        let going = store.going(Some(tenant.as_text().clone())).await?;
        let has_room = {
            let mut tenants = self.lock();
            let starts = tenants.entry(tenant.clone()).or_default();
            starts.counted(self.max, going, done)
        };
        if has_room {
            return Ok(Some(place()));
        }
        if let Some(key) = key
            && store.keyed(key).await?.is_some()
        {
            return Ok(None);
        }
        let detail = format!(
            "there are {} runs that are not over, which is as many as there may be: wait until some have ended, or cancel them",
            self.max
        );
        Err(Problem::new(ServerCode::TooMany, detail).retry_after(RETRY_S))
    }
}

impl Starts {
    /// Lets one through without a count, if that may be.
    fn take(&mut self) -> bool {
        let Some(left) = self.left.checked_sub(1) else {
            return false;
        };
        self.left = left;
        self.begun += 1;
        true
    }

    /// Lets one through if there is room by a count. `done` is what was done before it: whether it has the runs of those that
    /// were not done by then is not known, so that they count beside it.
    fn counted(&mut self, max: u64, going: u64, done: u64) -> bool {
        let beside = self.begun.saturating_sub(done);
        let room = max.saturating_sub(going.saturating_add(beside));
        self.left = room.div_ceil(2);
        self.take()
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if let Some(starts) = self.room.lock().get_mut(&self.tenant) {
            starts.done += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_trusted_for_half_of_the_room() {
        let mut starts = Starts::default();
        assert!(!starts.take(), "nothing is known yet");
        let mut counts = 0;
        let mut going = 0;
        while starts.take() || {
            counts += 1;
            starts.counted(10_000, going, starts.done)
        } {
            going += 1;
            starts.done += 1;
        }
        assert_eq!((going, starts.begun), (10_000, 10_000));
        assert!(counts < 20, "{counts}");
    }

    #[test]
    fn starts_that_a_count_may_have_missed_count_beside_it() {
        let mut starts = Starts::default();
        let (first, second) = (starts.done, starts.done);
        assert!(starts.counted(1, 0, first));
        // The store has its run by now, which the count of the second has not seen.
        starts.done += 1;
        assert!(!starts.counted(1, 0, second));
        assert!(!starts.counted(1, 1, starts.done));
        assert!(starts.counted(1, 0, starts.done));
        // There may be fewer by now than there are already.
        assert!(!starts.counted(1, 7, starts.done));
    }
}
