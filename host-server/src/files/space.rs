//! The bytes of one tenant: in a folder or in memory, up to a limit, for as long as somebody has them.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use graphloom::Text;
use graphloom::host::{BlobError, BoxFuture, Clock, Store};
use graphloom::value::BlobRef;
use graphloom_backends::blobs::FolderBlobs;
use tokio::sync::{Mutex, OwnedRwLockReadGuard, RwLock};

use super::place::{Place, There};
use super::tasks::Tasks;
use super::{Content, Draft, FileLimits, Files, held, sweep};
use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};
use crate::records::{Change, Records};

/// The bytes of one tenant.
pub(crate) struct Space {
    pub(super) tenant: Tenant,
    pub(super) records: Arc<dyn Records>,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) limits: FileLimits,
    pub(super) tasks: Arc<Tasks>,
    folder: Option<PathBuf>,
    place: OnceLock<Place>,
    /// Held while the place is opened.
    opening: Mutex<()>,
    /// Everything of the tenant was forgotten: whoever still has this keeps nothing any more.
    has_ended: AtomicBool,
    /// How much there is. Counted once the place is open.
    used: AtomicU64,
    /// Held for reading while bytes come to be somebody's, and for writing while it is seen that nobody has them.
    turn: Arc<RwLock<()>>,
}

impl Space {
    pub(super) fn new(tenant: Tenant, folder: Option<PathBuf>, files: &Files) -> Self {
        Self {
            tenant,
            records: Arc::clone(&files.records),
            store: Arc::clone(&files.store),
            clock: Arc::clone(&files.clock),
            limits: files.limits().clone(),
            tasks: Arc::clone(&files.tasks),
            folder,
            place: OnceLock::new(),
            opening: Mutex::new(()),
            has_ended: AtomicBool::new(false),
            used: AtomicU64::new(0),
            turn: Arc::default(),
        }
    }

    /// Returns where the bytes lie, which is opened the first time.
    ///
    /// # Errors
    /// `HTTP_UNAVAILABLE` where everything of the tenant was forgotten; what the disk failed with.
    pub(super) async fn place(self: &Arc<Self>) -> Result<&Place, Problem> {
        if self.place.get().is_none() {
            // To its end, so that it is not begun anew with each request that waits for it in vain.
            let work = Arc::clone(self).open_place();
            self.tasks.to_the_end(work).await?;
        }
        let place = self.place.get().filter(|_| !self.has_ended());
        place.ok_or_else(|| {
            let detail = "everything of the tenant is being forgotten: ask again";
            Problem::new(ServerCode::Unavailable, detail).retry_after(1)
        })
    }

    /// Boxed, since what is swept then asks for the place, too.
    fn open_place(self: Arc<Self>) -> BoxFuture<'static, Result<(), Problem>> {
        Box::pin(async move {
            let _one = self.opening.lock().await;
            if self.place.get().is_some() || self.has_ended() {
                return Ok(());
            }
            let Some(folder) = &self.folder else {
                self.place.get_or_init(Place::in_memory);
                return Ok(());
            };
            let opened = Place::open(folder, self.limits.max_file_bytes).await?;
            let (place, There { bytes, old }) = opened;
            self.used.store(bytes, Ordering::Relaxed);
            self.place.get_or_init(|| place);
            self.tasks.begin(sweep::sweep(Arc::clone(&self), old));
            Ok(())
        })
    }

    /// Begins bytes that are to be kept.
    ///
    /// # Errors
    /// `HTTP_TOO_MANY`; as [`Space::place`].
    pub(crate) async fn begin(self: &Arc<Self>) -> Result<Draft, Problem> {
        let (turn, space) = (self.hold().await, Arc::clone(self));
        // Whoever has the folder removed waits until nothing is being made in it.
        let work = async move {
            let to = space.place().await?.begin().await?;
            drop(turn);
            Draft::of(&space, to)
        };
        self.tasks.to_the_end(work).await
    }

    /// Has a record gone, and with it the bytes unless somebody else has them.
    ///
    /// # Errors
    /// What the records or the disk failed with.
    pub(super) async fn lose(self: &Arc<Self>, record: Change, hash: Text) -> Result<(), Problem> {
        let space = Arc::clone(self);
        let work = async move {
            space.records.write(vec![record], space.clock.now()).await?;
            space.forget(&hash).await
        };
        self.tasks.to_the_end(work).await
    }

    /// Forgets bytes unless somebody has them. A part of what is done to its end: what is dropped in between leaves bytes that
    /// are gone and counted.
    ///
    /// # Errors
    /// What the records or the disk failed with.
    pub(super) async fn forget(self: &Arc<Self>, hash: &str) -> Result<(), Problem> {
        let _turn = self.turn.write().await;
        // The folder may be that of another space by now.
        if self.has_ended() || held::by_any(self, hash).await? {
            return Ok(());
        }
        let gone = self.place().await?.remove(hash).await?;
        self.give(gone);
        Ok(())
    }

    /// Forgets all bytes, whoever has them, with those on their way in; nothing is kept here any more.
    ///
    /// # Errors
    /// What the disk failed with.
    pub(super) async fn end(&self) -> Result<(), Problem> {
        self.has_ended.store(true, Ordering::SeqCst);
        // Whoever opens the place now is through, and nobody else does so any more.
        drop(self.opening.lock().await);
        let _turn = self.turn.write().await;
        if let Some(folder) = &self.folder {
            let gone = FolderBlobs::erase(folder).await;
            gone.map_err(Problem::internal)?;
        }
        if let Some(Place::Memory { blobs, .. }) = self.place.get() {
            drop(blobs.clear());
        }
        Ok(())
    }

    fn has_ended(&self) -> bool {
        self.has_ended.load(Ordering::SeqCst)
    }

    /// Holds off that bytes are forgotten, for as long as what is returned lives.
    pub(super) async fn hold(&self) -> OwnedRwLockReadGuard<()> {
        Arc::clone(&self.turn).read_owned().await
    }

    /// Waits until what is being noted is noted.
    pub(super) async fn settle(&self) {
        drop(self.turn.write().await);
    }

    /// Returns all bytes of a hash.
    ///
    /// # Errors
    /// As [`Blobs::get`](graphloom::host::Blobs::get).
    pub(super) async fn get(self: &Arc<Self>, blob: &BlobRef) -> Result<Arc<[u8]>, BlobError> {
        let place = self.place().await.map_err(|problem| BlobError::Store {
            message: problem.detail().to_owned(),
        })?;
        place.get(blob).await
    }

    /// Opens the bytes of a hash; `None`: there are none.
    ///
    /// # Errors
    /// As [`Space::place`].
    pub(crate) async fn open(self: &Arc<Self>, hash: &str) -> Result<Option<Content>, Problem> {
        self.place().await?.content(hash).await
    }

    /// Counts bytes that come.
    ///
    /// # Errors
    /// `HTTP_TOO_MANY`.
    pub(super) fn take(&self, bytes: u64) -> Result<(), Problem> {
        let limit = self.limits.max_bytes;
        let more = |used: u64| Some(used.saturating_add(bytes)).filter(|used| *used <= limit);
        let taken = self
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        taken.map(drop).map_err(|_| {
            let detail = format!("files and what runs keep may have {limit} bytes in all");
            Problem::new(ServerCode::TooMany, detail)
        })
    }

    /// Counts bytes that have gone.
    pub(super) fn give(&self, bytes: u64) {
        let less = |used: u64| Some(used.saturating_sub(bytes));
        let _ = self
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}

#[cfg(test)]
mod tests;
