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

use std::path::Path;
use std::sync::Arc;

use graphloom::Text;
use graphloom::host::{BlobError, Blobs, BoxFuture};
use graphloom::value::BlobRef;
use tokio::runtime::Handle;

use folder::Folder;

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

    /// Does something on a thread that may wait.
    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Folder) -> Result<T, BlobError> + Send + 'static,
    ) -> Result<T, BlobError> {
        let Ok(runtime) = Handle::try_current() else {
            return work(&self.0);
        };
        let folder = Arc::clone(&self.0);
        let done = runtime.spawn_blocking(move || work(&folder)).await;
        done.unwrap_or_else(|error| {
            Err(BlobError::Store {
                message: error.to_string(),
            })
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
