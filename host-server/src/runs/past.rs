//! What happened in a run: how it ended, where it stood, why, and how another one differs. All of it follows from the
//! events, which takes time where there are many; so it is done aside.

use std::sync::Arc;

use graphloom::host::RunEntry;
use graphloom::journal::Export;
use graphloom::value::to_value;
use graphloom::{Plan, Record, RunOutcome, Value};

use super::look::{End, Kept, not_too_long};
use super::{Runs, Tenant, Text};
use crate::files::artifacts::{self, Artifact};
use crate::problem::{Problem, ServerCode};

impl Runs {
    /// Returns how a run ended, as whoever waited for it was told; what it asks, where it waits; `None` while it goes on.
    ///
    /// # Errors
    /// `RUN_CHANGED` where its blocks have changed.
    pub(crate) async fn result(&self, entry: &RunEntry) -> Result<Option<Value>, Problem> {
        let over = entry.status.is_terminal();
        if !over && entry.status != graphloom::Status::Waiting {
            return Ok(None);
        }
        if over && let Some(outcome) = self.results.get(&entry.run) {
            return told(&outcome).map(Some);
        }
        let end = self.aside(entry, |kept| async move { kept.end().await });
        match end.await? {
            End::Over(outcome) => {
                self.results.note(&outcome);
                told(&outcome).map(Some)
            }
            End::Waits(result) => Ok(Some(result)),
            End::GoesOn => Ok(None),
        }
    }

    /// Returns where a run stood after so many events, in the names that its graph has.
    ///
    /// # Errors
    /// `HTTP_PARAMETER` where there are not so many.
    pub(crate) async fn picture(&self, entry: &RunEntry, at: u64) -> Result<Value, Problem> {
        if at > entry.events {
            let detail = format!("at: the run has {} events, not {at}", entry.events);
            return Err(Problem::new(ServerCode::Parameter, detail));
        }
        let picture = self.aside(entry, move |kept| async move {
            let state = kept.state(Some(at)).await?;
            to_value(&state.picture()).map_err(Problem::internal)
        });
        picture.await
    }

    /// Returns why something happened in a run, or did not: `of` is `node`, `node.pin` or `node:firing`.
    ///
    /// # Errors
    /// `GRAPH_UNKNOWN_NODE` and its kin where there is nothing of that name; `GRAPH_REFERENCE` for what is no name; `HTTP_RUN_SIZE`.
    pub(crate) async fn why(&self, entry: &RunEntry, of: String) -> Result<Value, Problem> {
        not_too_long(entry)?;
        let why = self.aside(entry, move |kept| async move {
            let (plan, records) = all(&kept).await?;
            let why = graphloom::why(&plan, &records, &of)
                .map_err(|error| Problem::of_code(error.code(), error.to_string()))?;
            to_value(&why).map_err(Problem::internal)
        });
        why.await
    }

    /// Returns how another run of the same tenant differs from one.
    ///
    /// # Errors
    /// `HTTP_NOT_FOUND` for the other one; `HTTP_RUN_SIZE`.
    pub(crate) async fn diff(
        &self,
        tenant: &Tenant,
        entry: &RunEntry,
        other: &Text,
    ) -> Result<Value, Problem> {
        let other = self.entry(tenant, other).await?;
        not_too_long(entry)?;
        not_too_long(&other)?;
        let (engine, store) = (self.engine.clone(), Arc::clone(&self.store));
        let diff = self.aside(entry, move |kept| async move {
            let other = Kept::read(&engine, &store, other).await?;
            let (plan, records) = all(&kept).await?;
            let (others, again) = all(&other).await?;
            let diff = graphloom::diff(&plan, &records, &others, &again)
                .map_err(|failure| Problem::of_code(failure.code, failure.message.to_string()))?;
            to_value(&diff).map_err(Problem::internal)
        });
        diff.await
    }

    /// Returns the blobs that a run names, by their hash.
    ///
    /// # Errors
    /// `HTTP_RUN_SIZE`; `RUN_CHANGED` where its blocks have changed.
    pub(crate) async fn artifacts(&self, entry: &RunEntry) -> Result<Vec<Artifact>, Problem> {
        not_too_long(entry)?;
        let found = self.aside(entry, |kept| async move {
            let (plan, records) = all(&kept).await?;
            let picture = kept.state(None).await?.picture();
            let outputs = picture.outputs.iter();
            let outputs = outputs.flat_map(|(name, values)| values.iter().map(move |v| (name, v)));
            Ok(artifacts::of(&plan, &records, outputs))
        });
        found.await
    }

    /// Returns the next lines of an export; `None` behind the last one.
    ///
    /// # Errors
    /// What the store failed with.
    pub(crate) async fn lines(&self, export: &mut Export) -> Result<Option<String>, Problem> {
        Ok(export.next(&*self.store).await?)
    }

    /// Looks into a run on a thread where that keeps nobody waiting.
    pub(super) async fn aside<T, F>(
        &self,
        entry: &RunEntry,
        work: impl FnOnce(Kept) -> F + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Problem>> + Send,
    {
        let (engine, store) = (self.engine.clone(), Arc::clone(&self.store));
        let entry = entry.clone();
        let done = self.aside.run(async move {
            let kept = Kept::read(&engine, &store, entry).await?;
            work(kept).await
        });
        done.await?
    }
}

fn told(outcome: &RunOutcome) -> Result<Value, Problem> {
    to_value(outcome).map_err(Problem::internal)
}

/// Returns the graph and all events of a run.
async fn all(kept: &Kept) -> Result<(Arc<Plan>, Vec<Record>), Problem> {
    let records = kept.records().await?;
    Ok((Arc::clone(&kept.plan), records))
}
