//! What is done to its end in a space, whoever stops waiting for it: a request that is gone in the middle of it would leave
//! bytes that nobody has, or that are not counted.

use std::sync::Mutex;

use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tracing::Instrument;

use crate::locked::lock;
use crate::problem::Problem;

/// The work of all spaces that is under way. It ends with the runtime.
#[derive(Debug, Default)]
pub(super) struct Tasks(Mutex<JoinSet<()>>);

impl Tasks {
    /// Begins this.
    pub(super) fn begin(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = lock(&self.0);
        // Nobody else asks for those that are over.
        while tasks.try_join_next().is_some() {}
        tasks.spawn(work.in_current_span());
    }

    /// Does this, and waits for it. If nobody waits any more it is done all the same.
    ///
    /// # Errors
    /// What the work fails with; `HTTP_INTERNAL` where it panicked, or the runtime ends.
    pub(super) async fn to_the_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Problem>> + Send + 'static,
    ) -> Result<T, Problem> {
        let (tell, told) = oneshot::channel();
        self.begin(async move {
            // Perhaps nobody waits.
            let _ = tell.send(work.await);
        });
        told.await
            .map_err(|_| Problem::internal("work on files was cut off"))?
    }

    /// Waits until nothing is under way.
    #[cfg(test)]
    pub(super) async fn over(&self) {
        loop {
            let mut tasks = std::mem::take(&mut *lock(&self.0));
            if tasks.is_empty() {
                return;
            }
            while let Some(done) = tasks.join_next().await {
                done.expect("it does not panic");
            }
        }
    }
}
