//! Blobs kept in a folder: one file a blob, called by the SHA-256 of its bytes, with its media type in a file beside it.
//!
//! A blob is written under another name, synced and then renamed, so that it is there as a whole or not at all; several processes
//! may share a folder. The files lie in the folder itself, and links in it are never followed. Whoever knows a hash gets the
//! bytes: each tenant is to have a folder of its own.
//!
//! ```
//! # use graphloom_backends::blobs::{FolderBlobs, FolderBlobsOptions};
//! # use graphloom::host::Blobs;
//! # let folder = std::env::temp_dir().join(format!("graphloom-doc-{}", std::process::id()));
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let blobs = FolderBlobs::open(&folder, FolderBlobsOptions::new())?;
//! let blob = blobs.put(b"abc".to_vec(), Some("text/plain".into())).await?;
//! assert_eq!(*blobs.get(&blob).await?, *b"abc");
//! # std::fs::remove_dir_all(&folder).unwrap();
//! # Ok::<(), graphloom::host::BlobError>(())
//! # }).unwrap();
//! ```

mod folder;
mod name;
mod options;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use graphloom::Text;
use graphloom::host::{BlobError, Blobs, BoxFuture};
use graphloom::value::BlobRef;
use tokio::runtime::Handle;

use folder::{Draft, Folder};

pub use folder::{Finished, Kept};
pub use options::FolderBlobsOptions;

/// Blobs kept in a folder. Clones are the same.
#[derive(Debug, Clone)]
pub struct FolderBlobs(Arc<Folder>);

impl FolderBlobs {
    /// Opens a folder, which is made if it is not there.
    ///
    /// # Errors
    /// [`BlobError::Store`] where it cannot be made or read.
    pub fn open(folder: impl AsRef<Path>, options: FolderBlobsOptions) -> Result<Self, BlobError> {
        Ok(Self(Arc::new(Folder::open(folder.as_ref(), options)?)))
    }

    /// Returns the reference to a blob by its hash: how large it is, and the media type with which it was put last. Its bytes are
    /// not read.
    ///
    /// # Errors
    /// [`BlobError::Unknown`], also for what is no hash; [`BlobError::Broken`] where no file lies there; what the folder
    /// failed with.
    pub async fn find(&self, hash: &str) -> Result<BlobRef, BlobError> {
        let hash = hash.to_owned();
        self.apart(move |folder| folder.find(&hash)).await
    }

    /// Begins a blob that is too large to be held in memory: its bytes are written one after the other, and the size is whoever
    /// writes them to limit.
    ///
    /// # Errors
    /// What the folder failed with.
    pub async fn begin(&self) -> Result<BlobDraft, BlobError> {
        let draft = self.apart(|folder| folder.begin()).await?;
        Ok(BlobDraft {
            blobs: self.clone(),
            draft,
        })
    }

    /// Opens the file of a blob, and says how large it is. That its bytes are those of the hash is for whoever reads all of
    /// them to see.
    ///
    /// # Errors
    /// [`BlobError::Unknown`], also for what is no hash; [`BlobError::Broken`] where no file lies there; what the folder
    /// failed with.
    pub async fn open_file(&self, hash: &str) -> Result<(std::fs::File, u64), BlobError> {
        let hash = hash.to_owned();
        self.apart(move |folder| folder.open_file(&hash)).await
    }

    /// Forgets a blob. Says how many bytes it had; `None`: there was none. Who has it open reads on.
    ///
    /// # Errors
    /// What the folder failed with.
    pub async fn remove(&self, hash: &str) -> Result<Option<u64>, BlobError> {
        let hash = hash.to_owned();
        self.apart(move |folder| folder.remove(&hash)).await
    }

    /// Returns every blob that there is, in no order.
    ///
    /// # Errors
    /// What the folder failed with.
    pub async fn all(&self) -> Result<Vec<Kept>, BlobError> {
        self.apart(|folder| folder.all()).await
    }

    /// Removes a folder with all that lies in it, drafts too; one that is not there is no error. Nobody is to keep anything in it
    /// meanwhile.
    ///
    /// # Errors
    /// What the folder failed with.
    pub async fn erase(folder: impl Into<PathBuf>) -> Result<(), BlobError> {
        let path = folder.into();
        apart(move || folder::erase(&path)).await
    }

    /// Does something on a thread that may wait.
    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Folder) -> Result<T, BlobError> + Send + 'static,
    ) -> Result<T, BlobError> {
        let folder = Arc::clone(&self.0);
        apart(move || work(&folder)).await
    }
}

async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlobError> + Send + 'static,
) -> Result<T, BlobError> {
    let Ok(runtime) = Handle::try_current() else {
        return work();
    };
    let done = runtime.spawn_blocking(work).await;
    done.unwrap_or_else(|error| {
        Err(BlobError::Store {
            message: error.to_string(),
        })
    })
}

/// A blob whose bytes come one after the other. Nothing of it is there before [`BlobDraft::finish`], and nothing is left of one
/// that is dropped.
#[derive(Debug)]
#[must_use]
pub struct BlobDraft {
    blobs: FolderBlobs,
    draft: Draft,
}

impl BlobDraft {
    /// Adds bytes.
    ///
    /// # Errors
    /// What the folder failed with; the draft is lost then.
    pub async fn write(self, bytes: Vec<u8>) -> Result<Self, BlobError> {
        let Self { blobs, mut draft } = self;
        let write = move |_: &Folder| draft.write(&bytes).map(|()| draft);
        let draft = blobs.apart(write).await?;
        Ok(Self { blobs, draft })
    }

    /// Returns the hash of what was written so far.
    #[must_use]
    pub fn hash(&self) -> String {
        self.draft.hash()
    }

    /// Keeps what was written; it outlives a power cut when this returns.
    ///
    /// # Errors
    /// What the folder failed with.
    pub async fn finish(self, media_type: Option<Text>) -> Result<BlobRef, BlobError> {
        self.publish(media_type).await.blob
    }

    /// Does as [`finish`](Self::finish), for whoever counts what lies in the folder: says, also where something failed, whether
    /// there is more now.
    pub async fn publish(self, media_type: Option<Text>) -> Finished {
        let Self { blobs, draft } = self;
        let finish = move |folder: &Folder| Ok(folder.finish(draft, media_type));
        let finished = blobs.apart(finish).await;
        finished.unwrap_or_else(|error| Finished {
            blob: Err(error),
            is_new: false,
        })
    }
}

impl Blobs for FolderBlobs {
    fn put(
        &self,
        bytes: Vec<u8>,
        media_type: Option<Text>,
    ) -> BoxFuture<'_, Result<BlobRef, BlobError>> {
        Box::pin(async move {
            self.0.check_size(bytes.len() as u64)?;
            self.apart(move |folder| folder.put(&bytes, media_type))
                .await
        })
    }

    fn get<'a>(&'a self, blob: &'a BlobRef) -> BoxFuture<'a, Result<Arc<[u8]>, BlobError>> {
        Box::pin(async move {
            let hash = blob.hash.to_string();
            let bytes = self.apart(move |folder| folder.get(&hash)).await?;
            Ok(bytes.into())
        })
    }
}
