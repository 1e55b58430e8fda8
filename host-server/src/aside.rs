//! Work that would keep the runtime from everything else: compiling a large document, folding the events of a long run.

use std::num::NonZero;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::problem::Problem;

/// Does such work on threads of its own, a few at a time. Clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct Aside(Arc<Semaphore>);

impl Aside {
    /// Returns one that does as much at a time as there are processors.
    pub(crate) fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self(Arc::new(Semaphore::new(processors)))
    }

    /// Does this, and waits for it. If nobody waits any more it is done all the same.
    ///
    /// # Errors
    /// `HTTP_INTERNAL` where the work panicked, or the runtime ends.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Problem> {
        let place = Arc::clone(&self.0).acquire_owned().await;
        let place = place.map_err(Problem::internal)?;
        let runtime = Handle::current();
        let done = tokio::task::spawn_blocking(move || {
            let done = runtime.block_on(work);
            drop(place);
            done
        });
        done.await.map_err(Problem::internal)
    }

    /// Does this, which waits more than it works, and takes nobody's place meanwhile. If nobody waits any more it is done all
    /// the same. A thread waits along: for what an administrator asks for.
    ///
    /// # Errors
    /// As [`Aside::run`].
    pub(crate) async fn to_the_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Problem> {
        let runtime = Handle::current();
        let done = tokio::task::spawn_blocking(move || runtime.block_on(work));
        done.await.map_err(Problem::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_panics_is_told_and_leaves_room() {
        let aside = Aside::new();
        for _ in 0..2 * std::thread::available_parallelism().map_or(1, NonZero::get) {
            let done = aside.run(async { assert!(std::hint::black_box(false), "it fails") });
            assert_eq!(done.await.err().map(|p| p.code()), Some("HTTP_INTERNAL"));
        }
        assert_eq!(aside.run(async { 1 }).await.ok(), Some(1));
    }
}
