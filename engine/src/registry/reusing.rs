//! Incremental runs: a registry whose blocks take their results from earlier where they can.

use std::any::Any;
use std::future::poll_fn;
use std::sync::Arc;

use crate::block::{
    BlockError, BlockInfo, BoxFuture, Context, DynBlock, DynEmitter, Inputs, Literals, Needs, Role,
    Shape, ShapeEnv, ShapeError,
};
use crate::reuse::{Found, Reuse};
use crate::value::ContentHash;

use super::Registry;
use super::mock::Mock;

impl Registry {
    /// Returns the same blocks, those that take inputs and give outputs being wrapped: each asks at every firing whether
    /// there is a result already.
    ///
    /// Left alone is what has a part of its own in a graph ([`Role`]), and what answers from its declaration
    /// ([`Registry::mocked`]): an answer that was made up must not be found later as one that was worked out.
    pub(crate) fn reusing(&self, reuse: &Arc<Reuse>) -> Self {
        let mut reusing = self.clone();
        for entry in reusing.blocks.values_mut() {
            let block: &dyn Any = &*entry.block;
            if entry.info().role == Role::Standard && !block.is::<Mock>() {
                entry.block = Arc::new(Reusing {
                    real: Arc::clone(&entry.block),
                    reuse: Arc::clone(reuse),
                });
            }
        }
        reusing
    }
}

/// A block that is called only where there is no result.
struct Reusing {
    real: Arc<dyn DynBlock>,
    reuse: Arc<Reuse>,
}

impl Reusing {
    /// Calls the block and keeps what it gives, if that ends well.
    async fn call(
        &self,
        key: ContentHash,
        cx: &Context,
        inputs: Inputs<'_>,
        out: DynEmitter<'_>,
    ) -> Result<(), BlockError> {
        let mut emissions = self.reuse.emissions();
        let mut work = self.real.run(cx, inputs, out);
        // What a poll has emitted lies with the driver until the poll is over: it is looked at there, so that emitters,
        // which every block has, need not know of it.
        let done = poll_fn(|task| {
            let polled = work.as_mut().poll(task);
            out.each_of_this_poll(|port, value| emissions.add(port, value));
            polled
        })
        .await;
        if done.is_ok() && !cx.is_cancelled() {
            self.reuse.keep(key, cx, self.info(), emissions).await;
        }
        done
    }
}

impl DynBlock for Reusing {
    fn info(&self) -> &BlockInfo {
        self.real.info()
    }

    fn describe(&self) -> Result<Shape, ShapeError> {
        self.real.describe()
    }

    fn shape(
        &self,
        base: &Arc<Shape>,
        literals: &Literals<'_>,
        env: &dyn ShapeEnv,
    ) -> Result<Arc<Shape>, ShapeError> {
        self.real.shape(base, literals, env)
    }

    fn needs(&self, literals: &Literals<'_>) -> Needs {
        self.real.needs(literals)
    }

    fn run<'a>(
        &'a self,
        cx: &'a Context,
        inputs: Inputs<'a>,
        out: DynEmitter<'a>,
    ) -> BoxFuture<'a, Result<(), BlockError>> {
        Box::pin(async move {
            let found = tokio::select! {
                biased;
                found = self.reuse.look(cx, self.info(), inputs) => found,
                // A cache may take long.
                () = cx.cancelled() => return Err(BlockError::Cancelled),
            };
            match found {
                Found::Outputs(outputs) => {
                    for (port, value) in outputs {
                        out.emit_at(port, value).await?;
                    }
                    Ok(())
                }
                Found::Nothing(Some(key)) => self.call(key, cx, inputs, out).await,
                Found::Nothing(None) => self.real.run(cx, inputs, out).await,
            }
        })
    }
}
