//! Runs that take results from an earlier one of their tenant.

use std::sync::Arc;

use graphloom::{Engine, Plan, Reuse, RunResults, Text};

use super::Runs;
use crate::ask::misfit_at;
use crate::graphs::Ready;
use crate::principal::Tenant;
use crate::problem::Problem;

/// What a run takes from an earlier one.
#[derive(Debug, Clone)]
pub(crate) struct Reusing {
    /// The earlier run.
    pub(crate) run: Text,
    /// The node at which the new run begins; without it what follows from inputs is taken wherever it is.
    pub(crate) from: Option<Text>,
}

impl Runs {
    /// Returns an engine whose runs of a graph take results from an earlier run, and the graph as it compiles it.
    ///
    /// # Errors
    /// `HTTP_NOT_FOUND`, also for another tenant's run; `HTTP_RUN_SIZE` for one that is too long; `RUN_CHANGED` for one whose
    /// events mean something else by now; `HTTP_BODY` for a node that is not there.
    pub(super) async fn reusing(
        &self,
        tenant: &Tenant,
        ready: &Ready,
        reuse: &Reusing,
    ) -> Result<(Engine, Arc<Plan>), Problem> {
        let entry = self.entry(tenant, &reuse.run).await?;
        super::look::not_too_long(&entry)?;
        let (engine, store) = (self.engine.clone(), Arc::clone(&self.store));
        let read = self.aside.run(async move {
            // Reading it takes folding all of it.
            RunResults::of(&*store, &entry.run, &engine).await
        });
        let mut taken = Reuse::new().run(read.await??);
        if let Some(node) = reuse.from.as_deref() {
            taken = taken.from_node(&ready.plan, node).map_err(|error| {
                let near = error.suggestions.join(" or ");
                let near = match near.as_str() {
                    "" => String::new(),
                    near => format!("; did you mean {near}?"),
                };
                misfit_at("/from", &format!("{error}{near}"))
            })?;
        }
        let engine = self.engine.reusing(&Arc::new(taken));
        let plan = engine.compile(&ready.graph)?;
        Ok((engine, plan))
    }
}
