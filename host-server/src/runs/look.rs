//! Looking into kept runs.

use std::sync::Arc;

use graphloom::host::{RunEntry, Store};
use graphloom::json::to_json;
use graphloom::value::{List, Map, to_value};
use graphloom::{
    Capability, Engine, Machine, Plan, Record, Role, RunHead, RunOutcome, Status, Text, Value,
};

use crate::problem::{Problem, ServerCode};

/// How many events a run may have that is looked at with all of them at once.
const MAX_EVENTS: u64 = 250_000;

/// Refuses a run that takes too much memory to be looked at with all of its events at once.
///
/// # Errors
/// `HTTP_RUN_SIZE`.
pub(super) fn not_too_long(entry: &RunEntry) -> Result<(), Problem> {
    if entry.events <= MAX_EVENTS {
        return Ok(());
    }
    let (run, events) = (&entry.run, entry.events);
    let detail = format!("run {run} has {events} events; this is done for at most {MAX_EVENTS}");
    Err(Problem::new(ServerCode::RunSize, detail))
}

/// What became of a run.
pub(super) enum End {
    /// It ended so.
    Over(Arc<RunOutcome>),
    /// It asks, and has this result so far.
    Waits(Value),
    /// Neither.
    GoesOn,
}

/// A kept run as it was accepted.
pub(crate) struct Kept {
    pub(crate) entry: RunEntry,
    pub(crate) plan: Arc<Plan>,
    engine: Engine,
    store: Arc<dyn Store>,
}

impl Kept {
    /// Reads the head of a run and compiles its graph.
    pub(super) async fn read(
        engine: &Engine,
        store: &Arc<dyn Store>,
        entry: RunEntry,
    ) -> Result<Self, Problem> {
        let head = store.head(&entry.run).await?;
        let head = RunHead::from_json(head.as_str()).map_err(|what| {
            Problem::internal(format!(
                "the head of run {} cannot be read: {what}",
                entry.run
            ))
        })?;
        let plan = engine.load(to_json(&head.graph).as_bytes())?;
        Ok(Self {
            entry,
            plan,
            engine: engine.clone(),
            store: Arc::clone(store),
        })
    }

    /// Returns the run's id.
    pub(crate) fn run(&self) -> &Text {
        &self.entry.run
    }

    /// Returns where it stood after so many events, or stands.
    pub(crate) async fn state(&self, at: Option<u64>) -> Result<Machine, Problem> {
        let state = self.engine.state(&*self.store, self.run(), &self.plan, at);
        Ok(state.await?)
    }

    /// Returns how it ended, or what it asks.
    pub(super) async fn end(&self) -> Result<End, Problem> {
        let state = self.state(None).await?;
        if let Some(outcome) = state.outcome(self.run().clone()) {
            return Ok(End::Over(Arc::new(outcome)));
        }
        let picture = state.picture();
        if picture.questions.is_empty() {
            return Ok(End::GoesOn);
        }
        let picture = to_value(&picture).map_err(Problem::internal)?;
        Ok(End::Waits(self.waits(&picture)))
    }

    /// Returns the result so far, in the form that one has of a run that is over: whoever waited for a run that then waits
    /// for someone is told the same.
    fn waits(&self, picture: &Value) -> Value {
        let entry = &self.entry;
        let mut result = Map::new();
        result.insert("run_id", entry.run.clone());
        result.insert("status", Status::Waiting.as_str());
        let took = entry.updated.as_millis() - entry.created.as_millis();
        for (key, part) in [
            ("outputs", None),
            ("node_errors", None),
            ("stalled", Some(Value::List(List::default()))),
            ("duration_ms", Some(Value::from(took.max(0)))),
            ("errors", None),
            ("questions", None),
            ("costs", None),
        ] {
            if let Some(part) = part.or_else(|| picture.get(key).cloned()) {
                result.insert(key, part);
            }
        }
        result.into()
    }

    /// Returns all of its events.
    pub(super) async fn records(&self) -> Result<Vec<Record>, Problem> {
        Ok(self.store.read(self.run(), 0, usize::MAX).await?)
    }

    /// Says whether no event of it can open another graph: no node calls one, or has a block that may.
    pub(crate) fn is_flat(&self) -> bool {
        let registry = self.engine.registry();
        self.plan.node_positions().all(|node| {
            let entry = registry.get(self.plan.block_id(node));
            entry.is_some_and(|entry| {
                let info = entry.info();
                info.role != Role::Call && !info.capabilities.contains(&Capability::Graphs)
            })
        })
    }
}
