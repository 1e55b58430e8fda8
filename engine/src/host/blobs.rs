//! Bytes by content.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use crate::value::{BlobRef, Text};

use super::BoxFuture;

/// Why a blob could not be had or kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlobError {
    /// There is none with this hash.
    #[error("there is no blob {hash}")]
    Unknown {
        /// The hash asked for.
        hash: String,
    },
    /// The bytes are more than the store takes.
    #[error("a blob of {bytes} bytes is too large: at most {max} will do")]
    TooLarge {
        /// How many there are.
        bytes: u64,
        /// How many may be.
        max: u64,
    },
    /// What is kept under this hash are other bytes.
    #[error("blob {hash} is broken: {message}")]
    Broken {
        /// The hash asked for.
        hash: String,
        /// What is wrong.
        message: String,
    },
    /// The store failed.
    #[error("the blob store failed: {message}")]
    Store {
        /// What happened.
        message: String,
    },
}

/// Keeps bytes under the hash of their content. Every implementation passes `graphloom::conformance::blobs` (feature
/// `conformance`).
pub trait Blobs: Send + Sync {
    /// Keeps these bytes and returns the reference to them. Idempotent.
    ///
    /// # Errors
    /// [`BlobError::TooLarge`]; what the store failed with.
    fn put(
        &self,
        bytes: Vec<u8>,
        media_type: Option<Text>,
    ) -> BoxFuture<'_, Result<BlobRef, BlobError>>;

    /// Returns the bytes that a reference names. Its hash alone does: what else it says is not looked at.
    ///
    /// # Errors
    /// [`BlobError::Unknown`] where there are none, also for a name that is no hash; [`BlobError::Broken`] where others lie
    /// there; what the store failed with.
    fn get<'a>(&'a self, blob: &'a BlobRef) -> BoxFuture<'a, Result<Arc<[u8]>, BlobError>>;
}

/// Blobs held in memory.
#[derive(Debug, Default)]
pub struct MemoryBlobs(Mutex<HashMap<String, Arc<[u8]>>>);

impl MemoryBlobs {
    /// Forgets the bytes of a hash; says how many those were, or `None` where there were none.
    pub fn remove(&self, hash: &str) -> Option<u64> {
        let removed = self.lock().remove(hash);
        removed.map(|bytes| bytes.len() as u64)
    }

    /// Forgets all of them; gives how many bytes each had.
    pub fn clear(&self) -> impl Iterator<Item = u64> {
        let all = std::mem::take(&mut *self.lock());
        all.into_values().map(|bytes| bytes.len() as u64)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<[u8]>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Blobs for MemoryBlobs {
    fn put(
        &self,
        bytes: Vec<u8>,
        media_type: Option<Text>,
    ) -> BoxFuture<'_, Result<BlobRef, BlobError>> {
        let digest: String = Sha256::digest(&bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let hash = format!("sha256:{digest}");
        let blob = BlobRef {
            hash: Text::from(hash.as_str()),
            bytes: bytes.len() as u64,
            media_type,
        };
        self.lock().insert(hash, bytes.into());
        Box::pin(std::future::ready(Ok(blob)))
    }

    fn get<'a>(&'a self, blob: &'a BlobRef) -> BoxFuture<'a, Result<Arc<[u8]>, BlobError>> {
        let found = self.lock().get(blob.hash.as_str()).cloned();
        Box::pin(std::future::ready(found.ok_or_else(|| {
            BlobError::Unknown {
                hash: blob.hash.to_string(),
            }
        })))
    }
}
