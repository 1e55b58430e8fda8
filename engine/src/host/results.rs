//! Results of firings, kept by content: what a later run may take in place of calling a block again.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::value::{ContentHash, Text, Value};

use super::BoxFuture;

/// What a firing gave that ended well.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CachedResult {
    /// The block.
    pub block: Text,
    /// Its version.
    pub version: u32,
    /// What it emitted, in order: the output pin and the value.
    pub outputs: Vec<(Text, Value)>,
}

impl CachedResult {
    /// Returns the result of a firing of this block.
    #[must_use]
    pub fn new(block: impl Into<Text>, version: u32, outputs: Vec<(Text, Value)>) -> Self {
        Self {
            block: block.into(),
            version,
            outputs,
        }
    }

    /// Returns about how much memory it holds, in bytes.
    #[must_use]
    pub fn weight_bytes(&self) -> usize {
        let outputs = self.outputs.iter();
        outputs.fold(size_of::<Self>(), |sum, (pin, value)| {
            sum.saturating_add(size_of::<Text>() + pin.len() + value.weight_bytes())
        })
    }
}

/// Why a cache did not give or keep a result. None of it fails a run: the block is called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CacheError {
    /// What stands there is not what was put there.
    #[error("the entry is damaged: {message}")]
    Damaged {
        /// What is wrong with it.
        message: String,
    },
    /// The result is larger than the cache takes.
    #[error("the result is larger than {max_bytes} bytes")]
    TooLarge {
        /// How much it takes.
        max_bytes: usize,
    },
    /// The cache failed.
    #[error("the cache failed: {message}")]
    Failed {
        /// What happened.
        message: String,
    },
}

/// Keeps results under keys that follow from the block and its inputs: one key, one result. It may forget any of them at
/// any time, and be shared by any number of runs and processes: whoever puts a key that is there puts an equal result.
///
/// It holds what flowed through graphs, so it is as confidential as they are; secrets never come to it.
pub trait ResultCache: Send + Sync {
    /// Returns the result under a key, unless there is none.
    ///
    /// # Errors
    /// [`CacheError::Damaged`] for an entry that is not as it was put: a cache that can be damaged checks what it reads;
    /// what the cache failed with.
    fn get(&self, key: ContentHash) -> BoxFuture<'_, Result<Option<CachedResult>, CacheError>>;

    /// Keeps a result, in place of what stands under the key.
    ///
    /// # Errors
    /// [`CacheError::TooLarge`]; what the cache failed with.
    ///
    /// # Cancellation
    /// Dropping the future leaves it open whether the result is kept, but never keeps a part of it.
    fn put(&self, key: ContentHash, result: CachedResult) -> BoxFuture<'_, Result<(), CacheError>>;
}

/// Results held in memory, up to a size: the oldest make room. Clones are the same cache.
#[derive(Clone)]
pub struct MemoryResults(Arc<Mutex<Held>>);

struct Held {
    max_bytes: usize,
    bytes: usize,
    results: HashMap<ContentHash, CachedResult>,
    /// The keys in the order in which they came.
    order: VecDeque<ContentHash>,
}

impl MemoryResults {
    /// How much a cache holds that nobody gave another limit: 64 MiB.
    pub const DEFAULT_MAX_BYTES: usize = 64 << 20;

    /// Returns an empty cache that holds so many bytes.
    #[must_use]
    pub fn with_max_bytes(max_bytes: usize) -> Self {
        Self(Arc::new(Mutex::new(Held {
            max_bytes,
            bytes: 0,
            results: HashMap::new(),
            order: VecDeque::new(),
        })))
    }

    /// Returns how many results it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held().results.len()
    }

    /// Says whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryResults {
    fn default() -> Self {
        Self::with_max_bytes(Self::DEFAULT_MAX_BYTES)
    }
}

impl fmt::Debug for MemoryResults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = self.held();
        f.debug_struct("MemoryResults")
            .field("results", &held.results.len())
            .field("bytes", &held.bytes)
            .finish_non_exhaustive()
    }
}

impl Held {
    fn put(&mut self, key: ContentHash, result: CachedResult) -> Result<(), CacheError> {
        let bytes = result.weight_bytes();
        if bytes > self.max_bytes {
            return Err(CacheError::TooLarge {
                max_bytes: self.max_bytes,
            });
        }
        match self.results.insert(key, result) {
            Some(before) => self.bytes -= before.weight_bytes(),
            None => self.order.push_back(key),
        }
        self.bytes += bytes;
        while self.bytes > self.max_bytes
            && let Some(oldest) = self.order.pop_front()
        {
            if let Some(gone) = self.results.remove(&oldest) {
                self.bytes -= gone.weight_bytes();
            }
        }
        Ok(())
    }
}

impl ResultCache for MemoryResults {
    fn get(&self, key: ContentHash) -> BoxFuture<'_, Result<Option<CachedResult>, CacheError>> {
        let found = self.held().results.get(&key).cloned();
        Box::pin(std::future::ready(Ok(found)))
    }

    fn put(&self, key: ContentHash, result: CachedResult) -> BoxFuture<'_, Result<(), CacheError>> {
        let put = self.held().put(key, result);
        Box::pin(std::future::ready(put))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u8) -> ContentHash {
        ContentHash::from_bytes([n; 32])
    }

    fn result(text: &str) -> CachedResult {
        CachedResult::new("t.a", 1, vec![(Text::from("out"), Value::from(text))])
    }

    #[test]
    fn the_oldest_make_room() {
        let one = result("12345678").weight_bytes();
        let cache = MemoryResults::with_max_bytes(2 * one + 8);
        let mut held = cache.held();
        for n in 1..=3 {
            held.put(key(n), result("12345678")).unwrap();
        }
        let keys = |held: &Held| -> Vec<ContentHash> { held.order.iter().copied().collect() };
        assert_eq!(keys(&held), [key(2), key(3)]);
        assert_eq!((held.results.len(), held.bytes), (2, 2 * one));
        // What is put again is no second one.
        held.put(key(2), result("1234")).unwrap();
        assert_eq!(keys(&held), [key(2), key(3)]);
        assert!(held.bytes < 2 * one);
        let large = result(&"x".repeat(4 * one));
        let refused = held.put(key(2), large);
        assert!(matches!(refused, Err(CacheError::TooLarge { .. })));
        assert_eq!(held.results.get(&key(2)), Some(&result("1234")));
    }
}
