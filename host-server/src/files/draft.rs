//! Bytes on their way into a space.

use std::sync::Arc;

use graphloom::Text;
use graphloom::value::BlobRef;

use super::Space;
use super::place::{EACH, To};
use crate::problem::{Problem, ServerCode};

/// Bytes on their way in. What is dropped is gone.
pub(crate) struct Draft {
    pub(super) space: Arc<Space>,
    to: Option<To>,
    /// So many bytes are counted for it.
    taken: u64,
}

impl Draft {
    /// Begins one in this space.
    ///
    /// # Errors
    /// `HTTP_TOO_MANY`.
    pub(super) fn of(space: &Arc<Space>, to: To) -> Result<Self, Problem> {
        let mut draft = Self {
            space: Arc::clone(space),
            to: Some(to),
            taken: 0,
        };
        draft.take(EACH)?;
        Ok(draft)
    }

    /// Returns what the bytes so far are called.
    pub(crate) fn hash(&self) -> String {
        self.to.as_ref().map_or_else(String::new, To::hash)
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
        let to = self.to.take();
        let to = to.ok_or_else(|| Problem::internal("bytes came behind a failed write"))?;
        self.to = Some(to.write(bytes).await?);
        Ok(())
    }

    /// Keeps the bytes for whom `have` notes, before anybody can see that nobody has them. `have` says beside its own whether
    /// anything was noted. What is begun here is done to its end, whoever waits for it.
    ///
    /// # Errors
    /// What `have` refuses. Then, and where nothing was noted, the bytes are gone again unless somebody else has them.
    /// `HTTP_UNAVAILABLE` where everything of the tenant is gone meanwhile; what the disk failed with.
    pub(crate) async fn keep<T, F>(
        mut self,
        media_type: Option<Text>,
        have: impl FnOnce(BlobRef) -> F + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: Future<Output = Result<(T, bool), Problem>> + Send + 'static,
    {
        let space = Arc::clone(&self.space);
        // From here on, and not only once the work has begun: whoever waits for the turn waits for what will be noted, too.
        let turn = space.hold().await;
        let work = async move {
            let hash = self.hash();
            let had = match self.publish(media_type).await {
                Ok(blob) => have(blob).await,
                Err(problem) => Err(problem),
            };
            drop(turn);
            let forgotten = match &had {
                Ok((_, true)) => Ok(()),
                _ => self.space.forget(&hash).await,
            };
            let (made, _) = had?;
            forgotten?;
            Ok(made)
        };
        space.tasks.to_the_end(work).await
    }

    async fn publish(&mut self, media_type: Option<Text>) -> Result<BlobRef, Problem> {
        let place = self.space.place().await?;
        let to = self.to.take();
        let to = to.ok_or_else(|| Problem::internal("bytes are kept behind a failed write"))?;
        let (blob, is_new) = place.publish(to, media_type).await;
        if is_new {
            // Counted for as long as they are there.
            self.taken = 0;
        }
        blob
    }

    fn take(&mut self, bytes: u64) -> Result<(), Problem> {
        self.space.take(bytes)?;
        self.taken += bytes;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        self.space.give(self.taken);
    }
}
