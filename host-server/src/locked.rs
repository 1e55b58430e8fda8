//! Locks that a panic has not spoiled: what they guard is changed in steps that leave it whole.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks. Whoever panicked while it was locked has left it whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
