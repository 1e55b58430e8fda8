//! Where the bytes of a tenant lie: in a folder or in memory.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use graphloom::Text;
use graphloom::host::{BlobError, Blobs, MemoryBlobs};
use graphloom::value::BlobRef;
use graphloom_backends::blobs::{BlobDraft, FolderBlobs, FolderBlobsOptions};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use super::Content;
use super::content::hash_of;
use crate::problem::Problem;

/// What bytes take on a disk beside themselves, so that many empty ones are not free.
pub(super) const EACH: u64 = 4_096;

/// Bytes that nobody has and that are younger may be about to be had.
const YOUNG: Duration = Duration::from_hours(1);

/// Where bytes lie.
pub(super) enum Place {
    Folder(FolderBlobs),
    Memory {
        blobs: MemoryBlobs,
        /// Held while bytes get their name, so that of those that come twice at once one is the first.
        one: Mutex<()>,
    },
}

/// Where bytes go that are on their way in.
pub(super) enum To {
    Folder(BlobDraft),
    Memory(Vec<u8>),
}

/// What lies in a folder that was opened.
#[derive(Default)]
pub(super) struct There {
    pub(super) bytes: u64,
    /// The hashes of what is not young.
    pub(super) old: HashSet<Text>,
}

impl Place {
    pub(super) fn in_memory() -> Self {
        Self::Memory {
            blobs: MemoryBlobs::default(),
            one: Mutex::new(()),
        }
    }

    /// Opens a folder and looks what is there, without asking whose it is.
    pub(super) async fn open(path: &Path, max_bytes: u64) -> Result<(Self, There), Problem> {
        let (path, options) = (
            path.to_owned(),
            FolderBlobsOptions::new().max_bytes(max_bytes),
        );
        let opened = tokio::task::spawn_blocking(move || FolderBlobs::open(path, options));
        let blobs = opened.await.map_err(Problem::internal)?;
        let blobs = blobs.map_err(Problem::internal)?;
        let mut there = There::default();
        for kept in blobs.all().await.map_err(Problem::internal)? {
            there.bytes += kept.bytes + EACH;
            if kept.age > YOUNG {
                there.old.insert(kept.hash);
            }
        }
        Ok((Self::Folder(blobs), there))
    }

    pub(super) async fn begin(&self) -> Result<To, Problem> {
        match self {
            Self::Folder(blobs) => {
                let draft = blobs.begin().await.map_err(Problem::internal)?;
                Ok(To::Folder(draft))
            }
            Self::Memory { .. } => Ok(To::Memory(Vec::new())),
        }
    }

    /// Gives bytes their name. Says too, whatever failed, whether there is more now than before.
    pub(super) async fn publish(
        &self,
        to: To,
        media_type: Option<Text>,
    ) -> (Result<BlobRef, Problem>, bool) {
        let (blob, is_new) = match (to, self) {
            (To::Folder(draft), Self::Folder(_)) => {
                let finished = draft.publish(media_type).await;
                (finished.blob, finished.is_new)
            }
            (To::Memory(bytes), Self::Memory { blobs, one }) => {
                let _one = one.lock().await;
                let hash = BlobRef::new(hash_of(Sha256::new_with_prefix(&bytes)), 0);
                let is_new = blobs.get(&hash).await.is_err();
                (blobs.put(bytes, media_type).await, is_new)
            }
            _ => {
                let problem = Problem::internal("bytes came to a place that is not theirs");
                return (Err(problem), false);
            }
        };
        (blob.map_err(Problem::internal), is_new)
    }

    /// Forgets bytes; says how much less there is.
    pub(super) async fn remove(&self, hash: &str) -> Result<u64, Problem> {
        let gone = match self {
            Self::Folder(blobs) => blobs.remove(hash).await.map_err(Problem::internal)?,
            Self::Memory { blobs, .. } => blobs.remove(hash),
        };
        Ok(gone.map_or(0, |bytes| bytes + EACH))
    }

    pub(super) async fn get(&self, blob: &BlobRef) -> Result<Arc<[u8]>, BlobError> {
        match self {
            Self::Folder(blobs) => blobs.get(blob).await,
            Self::Memory { blobs, .. } => blobs.get(blob).await,
        }
    }

    /// Opens the bytes of a hash; `None`: there are none.
    pub(super) async fn content(&self, hash: &str) -> Result<Option<Content>, Problem> {
        let found = match self {
            Self::Folder(blobs) => blobs.open_file(hash).await.map(Content::of_file),
            Self::Memory { blobs, .. } => {
                let blob = BlobRef::new(hash, 0);
                blobs.get(&blob).await.map(Content::Memory)
            }
        };
        match found {
            Ok(content) => Ok(Some(content)),
            Err(BlobError::Unknown { .. }) => Ok(None),
            Err(error) => Err(Problem::internal(error)),
        }
    }
}

impl To {
    /// Returns what the bytes so far are called.
    pub(super) fn hash(&self) -> String {
        match self {
            Self::Folder(draft) => draft.hash(),
            Self::Memory(bytes) => hash_of(Sha256::new_with_prefix(bytes)),
        }
    }

    pub(super) async fn write(self, bytes: Vec<u8>) -> Result<Self, Problem> {
        Ok(match self {
            Self::Folder(draft) => {
                let written = draft.write(bytes).await.map_err(Problem::internal)?;
                Self::Folder(written)
            }
            Self::Memory(mut all) => {
                all.extend_from_slice(&bytes);
                Self::Memory(all)
            }
        })
    }
}
