//! The bytes of one tenant: in a folder or in memory, up to a limit, for as long as somebody has them.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use graphloom::Text;
use graphloom::host::{BlobError, Blobs, Clock, MemoryBlobs, Store};
use graphloom::value::BlobRef;
use graphloom_backends::blobs::{BlobDraft, FolderBlobs, FolderBlobsOptions};
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, OnceCell, RwLock, RwLockReadGuard};

use super::content::hash_of;
use super::{Content, FileLimits, Files, held};
use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};
use crate::records::Records;

/// What bytes take on a disk beside themselves, so that many empty ones are not free.
const EACH: u64 = 4_096;

/// Bytes that nobody has and that are younger may be about to be had.
const YOUNG: Duration = Duration::from_hours(1);

/// The bytes of one tenant.
pub(crate) struct Space {
    pub(super) tenant: Tenant,
    pub(super) records: Arc<dyn Records>,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) limits: FileLimits,
    folder: Option<PathBuf>,
    kept: OnceCell<Place>,
    /// How much there is. Counted once the space is open.
    used: AtomicU64,
    /// Held for reading while bytes come to be somebody's, and for writing while it is seen that nobody has them.
    turn: RwLock<()>,
    /// Held while bytes get their name, so that those that come twice at once are counted once.
    counting: Mutex<()>,
}

/// Where bytes lie.
enum Place {
    Folder(FolderBlobs),
    Memory(MemoryBlobs),
}

/// Bytes on their way in. What is dropped is gone.
pub(crate) struct Draft {
    space: Arc<Space>,
    to: Option<To>,
    /// So many bytes are counted for it.
    taken: u64,
}

enum To {
    Folder(BlobDraft),
    Memory(Vec<u8>),
}

impl Space {
    pub(super) fn new(tenant: Tenant, folder: Option<PathBuf>, files: &Files) -> Self {
        Self {
            tenant,
            records: Arc::clone(&files.records),
            store: Arc::clone(&files.store),
            clock: Arc::clone(&files.clock),
            limits: files.limits().clone(),
            folder,
            kept: OnceCell::new(),
            used: AtomicU64::new(0),
            turn: RwLock::new(()),
            counting: Mutex::new(()),
        }
    }

    /// Opens it. What lies there and nobody has, since the process was killed between two writes, goes.
    async fn place(&self) -> Result<&Place, Problem> {
        let open = async || {
            let Some(path) = self.folder.clone() else {
                return Ok(Place::Memory(MemoryBlobs::default()));
            };
            let options = FolderBlobsOptions::new().max_bytes(self.limits.max_file_bytes);
            let opened = tokio::task::spawn_blocking(move || FolderBlobs::open(path, options));
            let blobs = opened.await.map_err(Problem::internal)?;
            let blobs = blobs.map_err(Problem::internal)?;
            held::sweep(self).await?;
            let mut used = 0;
            for kept in blobs.all().await.map_err(Problem::internal)? {
                if kept.age > YOUNG && !held::by_any(self, &kept.hash).await? {
                    blobs.remove(&kept.hash).await.map_err(Problem::internal)?;
                } else {
                    used += kept.bytes + EACH;
                }
            }
            self.used.fetch_add(used, Ordering::Relaxed);
            Ok(Place::Folder(blobs))
        };
        self.kept.get_or_try_init(open).await
    }

    /// Begins bytes that are to be kept.
    ///
    /// # Errors
    /// What the disk failed with.
    pub(crate) async fn begin(self: &Arc<Self>) -> Result<Draft, Problem> {
        let to = match self.place().await? {
            Place::Folder(blobs) => To::Folder(blobs.begin().await.map_err(Problem::internal)?),
            Place::Memory(_) => To::Memory(Vec::new()),
        };
        let mut draft = Draft {
            space: Arc::clone(self),
            to: Some(to),
            taken: 0,
        };
        draft.take(EACH)?;
        Ok(draft)
    }

    /// Keeps bytes for whom `have` notes, before anybody can see that nobody has them.
    ///
    /// # Errors
    /// What `have` refuses, with which they are gone again unless somebody else has them; what the disk failed with.
    pub(crate) async fn keep(
        &self,
        mut draft: Draft,
        media_type: Option<Text>,
        have: impl AsyncFnOnce(&BlobRef) -> Result<(), Problem>,
    ) -> Result<BlobRef, Problem> {
        let turn = self.turn.read().await;
        let place = self.place().await?;
        let one = self.counting.lock().await;
        let (blob, was_there) = match (draft.to.take(), place) {
            (Some(To::Folder(to)), Place::Folder(blobs)) => {
                let was_there = blobs.find(&to.hash()).await.is_ok();
                (to.finish(media_type).await, was_there)
            }
            (Some(To::Memory(bytes)), Place::Memory(blobs)) => {
                let hash = BlobRef::new(hash_of(Sha256::new_with_prefix(&bytes)), 0);
                let was_there = blobs.get(&hash).await.is_ok();
                (blobs.put(bytes, media_type).await, was_there)
            }
            _ => {
                return Err(Problem::internal(
                    "bytes came to a place that is not theirs",
                ));
            }
        };
        let blob = blob.map_err(Problem::internal)?;
        if !was_there {
            // Counted for as long as they are there.
            draft.taken = 0;
        }
        drop(one);
        let had = have(&blob).await;
        drop(turn);
        if let Err(problem) = had {
            self.forget(&blob.hash).await?;
            return Err(problem);
        }
        Ok(blob)
    }

    /// Forgets bytes unless somebody has them.
    ///
    /// # Errors
    /// What the records or the disk failed with.
    pub(super) async fn forget(&self, hash: &str) -> Result<(), Problem> {
        let _turn = self.turn.write().await;
        if held::by_any(self, hash).await? {
            return Ok(());
        }
        let gone = match self.place().await? {
            Place::Folder(blobs) => blobs.remove(hash).await.map_err(Problem::internal)?,
            Place::Memory(blobs) => blobs.remove(hash),
        };
        self.give(gone.map_or(0, |bytes| bytes + EACH));
        Ok(())
    }

    /// Forgets all bytes, whoever has them.
    ///
    /// # Errors
    /// What the disk failed with.
    pub(super) async fn clear(&self) -> Result<(), Problem> {
        let _turn = self.turn.write().await;
        match self.place().await? {
            Place::Folder(blobs) => {
                for kept in blobs.all().await.map_err(Problem::internal)? {
                    let gone = blobs.remove(&kept.hash).await.map_err(Problem::internal)?;
                    self.give(gone.map_or(0, |bytes| bytes + EACH));
                }
            }
            Place::Memory(blobs) => self.give(blobs.clear().map(|bytes| bytes + EACH).sum()),
        }
        Ok(())
    }

    /// Holds off that bytes are forgotten, for as long as what is returned lives.
    pub(super) async fn hold(&self) -> RwLockReadGuard<'_, ()> {
        self.turn.read().await
    }

    /// Returns all bytes of a hash.
    ///
    /// # Errors
    /// As [`Blobs::get`].
    pub(super) async fn get(&self, blob: &BlobRef) -> Result<Arc<[u8]>, BlobError> {
        let place = self.place().await.map_err(|problem| BlobError::Store {
            message: problem.detail().to_owned(),
        })?;
        match place {
            Place::Folder(blobs) => blobs.get(blob).await,
            Place::Memory(blobs) => blobs.get(blob).await,
        }
    }

    /// Opens the bytes of a hash; `None`: there are none.
    ///
    /// # Errors
    /// What the disk failed with.
    pub(crate) async fn open(&self, hash: &str) -> Result<Option<Content>, Problem> {
        let found = match self.place().await? {
            Place::Folder(blobs) => blobs.open_file(hash).await.map(Content::of_file),
            Place::Memory(blobs) => {
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

    fn give(&self, bytes: u64) {
        let less = |used: u64| Some(used.saturating_sub(bytes));
        let _ = self
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}

impl Draft {
    /// Returns what the bytes so far are called.
    pub(crate) fn hash(&self) -> String {
        match &self.to {
            Some(To::Folder(draft)) => draft.hash(),
            Some(To::Memory(bytes)) => hash_of(Sha256::new_with_prefix(bytes)),
            None => String::new(),
        }
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// `HTTP_BODY_SIZE` for more than one may have; `HTTP_TOO_MANY` for more than the tenant may have; what the disk failed
    /// with.
    pub(crate) async fn write(&mut self, bytes: Vec<u8>) -> Result<(), Problem> {
        let (length, limit) = (bytes.len() as u64, self.space.limits.max_file_bytes);
        if self.taken - EACH + length > limit {
            let detail = format!("a file may have {limit} bytes and this one has more");
            return Err(Problem::new(ServerCode::BodySize, detail));
        }
        self.take(length)?;
        self.to = match self.to.take() {
            Some(To::Folder(draft)) => {
                let written = draft.write(bytes).await.map_err(Problem::internal)?;
                Some(To::Folder(written))
            }
            Some(To::Memory(mut all)) => {
                all.extend_from_slice(&bytes);
                Some(To::Memory(all))
            }
            None => return Err(Problem::internal("bytes came behind a failed write")),
        };
        Ok(())
    }

    fn take(&mut self, bytes: u64) -> Result<(), Problem> {
        let limit = self.space.limits.max_bytes;
        let more = |used: u64| Some(used.saturating_add(bytes)).filter(|used| *used <= limit);
        let used = &self.space.used;
        if used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more)
            .is_err()
        {
            let detail = format!("files and what runs keep may have {limit} bytes in all");
            return Err(Problem::new(ServerCode::TooMany, detail));
        }
        self.taken += bytes;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        self.space.give(self.taken);
    }
}
