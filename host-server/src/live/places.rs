//! How many streams a principal has open.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use graphloom::Text;

use crate::locked::lock;
use crate::principal::Principal;
use crate::problem::{Problem, ServerCode};

/// The streams that there are, by tenant and subject.
pub(super) struct Places {
    max: usize,
    taken: Mutex<HashMap<(Text, Text), usize>>,
}

/// The right to have one stream; it ends when this is dropped.
pub(crate) struct Place {
    places: Arc<Places>,
    key: (Text, Text),
}

impl Places {
    pub(super) fn new(max: usize) -> Self {
        Self {
            max,
            taken: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(Text, Text), usize>> {
        lock(&self.taken)
    }

    /// Says how many streams there are.
    pub(super) fn count(&self) -> usize {
        self.lock().values().sum()
    }

    /// Takes a place.
    ///
    /// # Errors
    /// `HTTP_TOO_MANY` where the principal has as many as it may.
    pub(super) fn take(self: &Arc<Self>, who: &Principal) -> Result<Place, Problem> {
        let key = (who.tenant_name().clone(), who.subject.clone());
        let mut taken = self.lock();
        let count = taken.entry(key.clone()).or_default();
        if *count >= self.max {
            let detail = format!("you have {count} streams open, as many as may be");
            return Err(Problem::new(ServerCode::TooMany, detail).retry_after(1));
        }
        *count += 1;
        let places = Arc::clone(self);
        Ok(Place { places, key })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        if let Some(count) = taken.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.key);
            }
        }
    }
}
