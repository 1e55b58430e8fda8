//! Who has runs, told by a store that has no better way.

use std::collections::BTreeSet;

use crate::value::Text;

use super::{RunQuery, Store, StoreError};

/// How many runs are looked at together.
const PAGE: usize = 1_000;

/// Looks at every run.
pub(super) async fn of_all<S: Store + ?Sized>(
    store: &S,
    after: Option<Text>,
    limit: usize,
) -> Result<Vec<Text>, StoreError> {
    // Nobody in particular has no name, and is before all that have one.
    let after = after.unwrap_or_default();
    let mut found = BTreeSet::new();
    let mut query = RunQuery::latest(PAGE);
    loop {
        let page = match store.entries(query.clone()).await {
            // The last one was deleted meanwhile.
            Err(StoreError::UnknownRun { .. }) if query.after.is_some() => {
                query.after = None;
                continue;
            }
            page => page?,
        };
        let tenants = page.iter().map(|entry| &entry.tenant);
        found.extend(tenants.filter(|tenant| **tenant > after).cloned());
        while found.len() > limit {
            found.pop_last();
        }
        match page.last() {
            Some(last) if page.len() == PAGE => query = query.after(last.run.clone()),
            _ => return Ok(found.into_iter().collect()),
        }
    }
}
