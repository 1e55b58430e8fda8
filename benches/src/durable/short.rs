//! Short runs, each answered when it is over: what a server that waits for them pays beside the run itself.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use graphloom::{RunOptions, Status, Submitted};

use super::Taken;
use super::blocks::chain;
use super::ours::{Bench, runtime};

#[derive(Clone, Copy)]
enum How {
    /// Accepted, then claimed, then begun.
    Apart,
    /// By one write.
    AtOnce,
    /// By one write that nobody waits for the disk with.
    Unsynced,
}

impl Bench {
    async fn short(&self, how: How) {
        let options = RunOptions::new().tenant("ada").source("flow-1");
        let options = match how {
            How::Apart => {
                self.to_end(options).await;
                return;
            }
            How::AtOnce => options,
            How::Unsynced => options.accept_unsynced(),
        };
        let submitted = self.worker.submit(&self.graph, &self.plan, options, None);
        let Ok(Submitted::Begun(handle)) = submitted.await else {
            panic!("it was not accepted")
        };
        let outcome = handle.outcome().await;
        assert_eq!(outcome.status, Status::Completed, "{:?}", outcome.failure);
    }
}

/// So many clients, each with so many runs one after the other.
fn measure(folder: &Path, how: How, clients: u64, each: u64) -> Taken {
    runtime().block_on(async {
        let bench = Arc::new(Bench::new(folder, &chain(3)));
        let since = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..clients {
            let bench = Arc::clone(&bench);
            tasks.spawn(async move {
                for _ in 0..each {
                    bench.short(how).await;
                }
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap();
        }
        Taken {
            n: clients * each,
            time: since.elapsed(),
        }
    })
}

pub(crate) fn apart_64(folder: &Path) -> Taken {
    measure(folder, How::Apart, 64, 40)
}

pub(crate) fn at_once_64(folder: &Path) -> Taken {
    measure(folder, How::AtOnce, 64, 40)
}

pub(crate) fn unsynced_64(folder: &Path) -> Taken {
    measure(folder, How::Unsynced, 64, 40)
}

pub(crate) fn apart_1(folder: &Path) -> Taken {
    measure(folder, How::Apart, 1, 200)
}

pub(crate) fn at_once_1(folder: &Path) -> Taken {
    measure(folder, How::AtOnce, 1, 200)
}

pub(crate) fn unsynced_1(folder: &Path) -> Taken {
    measure(folder, How::Unsynced, 1, 200)
}
