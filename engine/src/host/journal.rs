//! Events in order, kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::event::Record;
use crate::value::Text;

use super::BoxFuture;

/// Why a journal refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Someone else has written meanwhile, or the caller has missed something.
    #[error("the journal of run {run} is at event {found}, not {expected}")]
    Sequence {
        /// The run.
        run: String,
        /// The sequence number that the caller wanted to write.
        expected: u64,
        /// The one that comes next.
        found: u64,
    },
    /// The store failed.
    #[error("the journal failed: {message}")]
    Store {
        /// What happened.
        message: String,
    },
}

/// Keeps the events of runs. Append is apart from read, and only ever adds.
pub trait Journal: Send + Sync {
    /// Adds events whose first has the sequence number `expected`; all of them or none.
    fn append<'a>(
        &'a self,
        run: &'a Text,
        expected: u64,
        records: Arc<Vec<Record>>,
    ) -> BoxFuture<'a, Result<(), JournalError>>;

    /// Returns the events of a run from a sequence number on, at most `limit`.
    fn read<'a>(
        &'a self,
        run: &'a Text,
        from: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Record>, JournalError>>;
}

/// A journal in memory.
#[derive(Debug, Default)]
pub struct MemoryJournal(Mutex<HashMap<Text, Vec<Record>>>);

impl Journal for MemoryJournal {
    fn append<'a>(
        &'a self,
        run: &'a Text,
        expected: u64,
        records: Arc<Vec<Record>>,
    ) -> BoxFuture<'a, Result<(), JournalError>> {
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = runs.entry(run.clone()).or_default();
        let found = kept.len() as u64;
        let result = if found == expected {
            kept.extend(records.iter().cloned());
            Ok(())
        } else {
            Err(JournalError::Sequence {
                run: run.to_string(),
                expected,
                found,
            })
        };
        Box::pin(std::future::ready(result))
    }

    fn read<'a>(
        &'a self,
        run: &'a Text,
        from: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Record>, JournalError>> {
        let runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = runs.get(run).map(Vec::as_slice).unwrap_or_default();
        let from = usize::try_from(from).unwrap_or(usize::MAX).min(kept.len());
        let found = kept.iter().skip(from).take(limit).cloned().collect();
        Box::pin(std::future::ready(Ok(found)))
    }
}
