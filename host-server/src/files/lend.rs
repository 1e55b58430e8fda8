//! The space of a tenant as a run sees it: what it puts and gets is the run's, too.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use graphloom::Text;
use graphloom::host::{BlobError, Blobs, BoxFuture};
use graphloom::value::BlobRef;

use super::{Space, held, keep};
use crate::locked::lock;
use crate::problem::{Problem, ServerCode};

/// Whose what is put is.
#[derive(Debug, Clone)]
pub(crate) enum Owner {
    /// A run that is kept.
    Run(Text),
    /// Nobody who stays: what is put becomes a file of this name.
    File(Text),
}

/// A space, lent. Clones are the same.
#[derive(Clone)]
pub(super) struct Lent {
    space: Arc<Space>,
    owner: Owner,
    /// What is noted already.
    noted: Arc<Mutex<HashSet<Text>>>,
}

impl Lent {
    pub(super) fn new(space: Arc<Space>, owner: Owner) -> Self {
        Self {
            space,
            owner,
            noted: Arc::default(),
        }
    }

    fn is_noted(&self, hash: &Text) -> bool {
        let noted = lock(&self.noted);
        noted.contains(hash)
    }

    async fn note(&self, blob: &BlobRef) -> Result<(), Problem> {
        if self.is_noted(&blob.hash) {
            return Ok(());
        }
        match &self.owner {
            Owner::Run(run) => held::note(&self.space, run, blob).await?,
            Owner::File(name) => drop(keep::write(&self.space, name.clone(), blob, None).await?),
        }
        let mut noted = lock(&self.noted);
        noted.insert(blob.hash.clone());
        Ok(())
    }

    async fn keep(&self, bytes: Vec<u8>, media_type: Option<Text>) -> Result<BlobRef, BlobError> {
        let (length, max) = (bytes.len() as u64, self.space.limits.max_file_bytes);
        let kept = async {
            let mut draft = self.space.begin().await?;
            draft.write(bytes).await?;
            let own = self.clone();
            let have = |blob: BlobRef| async move {
                own.note(&blob).await?;
                Ok((blob, true))
            };
            draft.keep(media_type, have).await
        };
        kept.await.map_err(|problem| {
            if problem.code() == ServerCode::BodySize.as_str() {
                let bytes = length;
                return BlobError::TooLarge { bytes, max };
            }
            failed(&problem)
        })
    }
}

fn failed(problem: &Problem) -> BlobError {
    BlobError::Store {
        message: problem.detail().to_owned(),
    }
}

impl Blobs for Lent {
    fn put(
        &self,
        bytes: Vec<u8>,
        media_type: Option<Text>,
    ) -> BoxFuture<'_, Result<BlobRef, BlobError>> {
        Box::pin(self.keep(bytes, media_type))
    }

    fn get<'a>(&'a self, blob: &'a BlobRef) -> BoxFuture<'a, Result<Arc<[u8]>, BlobError>> {
        Box::pin(async move {
            // A run that looks into bytes has them: whoever gave them may forget them now.
            let hold = self.space.hold().await;
            let bytes = self.space.get(blob).await?;
            if let Owner::Run(_) = self.owner
                && !self.is_noted(&blob.hash)
            {
                let (lent, mut own) = (self.clone(), blob.clone());
                own.bytes = bytes.len() as u64;
                // Whoever forgets the run waits for what is noted of it, also where its block is gone.
                let work = async move {
                    let noted = lent.note(&own).await;
                    drop(hold);
                    noted
                };
                let noted = self.space.tasks.to_the_end(work).await;
                noted.map_err(|problem| failed(&problem))?;
            }
            Ok(bytes)
        })
    }
}
