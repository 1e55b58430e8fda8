//! The state of a whole run as the fold of its events.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::dense::NodeIx;
use crate::event::{Caller, Event, Failure, Given, Record, Status};
use crate::fault::Code;
use crate::plan::{Node, Plan};
use crate::time::Timestamp;
use crate::value::{Text, Value};

use super::core::Core;
use super::flight::{AskedFor, Flights};
use super::fold::Taken;
use super::outcome::RunOutcome;
use super::state::RunState;
use super::totals::Totals;

/// The state of a run, rebuilt from its events.
///
/// Applying the events of a run one after the other gives, after each, the state that the run had then: nothing of a
/// run is anywhere else, and another process can go on from it.
#[derive(Debug, Clone)]
pub struct Machine {
    pub(super) plan: Arc<Plan>,
    pub(super) scopes: BTreeMap<u32, Folded>,
    /// How many graphs were opened.
    pub(super) opened: u32,
    pub(super) totals: Totals,
    pub(super) cancelled: bool,
    pub(super) times: Times,
    pub(super) next: u64,
    pub(super) status: Option<Status>,
    /// Why it failed.
    failure: Option<Arc<Failure>>,
    taken: Taken,
}

/// When a run was in motion.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Times {
    pub(super) last: Timestamp,
    /// When the process began to drive it that wrote the last event.
    since: Timestamp,
    /// How long those before it did.
    before: Duration,
}

impl Times {
    /// How long it was in motion, over all processes: times in which nobody drove it do not count.
    pub(super) fn spent(&self) -> Duration {
        let now = self.last.as_millis().saturating_sub(self.since.as_millis());
        self.before + Duration::from_millis(u64::try_from(now).unwrap_or(0))
    }

    fn note(&mut self, record: &Record) {
        if record.seq == 0 {
            self.since = record.at;
        } else if matches!(record.event, Event::Resumed { .. }) {
            self.before = self.spent();
            self.since = record.at;
        }
        self.last = record.at;
    }
}

/// The state of one open graph.
#[derive(Debug, Clone)]
pub(super) struct Folded {
    pub(super) plan: Arc<Plan>,
    pub(super) state: RunState,
    pub(super) flights: Flights,
    pub(super) parent: Option<Caller>,
    /// The name by which it was called; empty for the run's own graph.
    pub(super) graph: Text,
    pub(super) given: Arc<Given>,
    pub(super) depth: u32,
    /// Which attempt of its caller it is, from 1.
    pub(super) attempt: u32,
    /// How long the run had been in motion when it was opened.
    pub(super) opened: Duration,
    /// Of a call by a node: how many values it gave, by the caller's port.
    pub(super) gave: BTreeMap<u16, usize>,
}

impl Machine {
    /// Returns the state of a run of which nothing has happened yet.
    #[must_use]
    pub fn new(plan: &Arc<Plan>) -> Self {
        Self {
            plan: Arc::clone(plan),
            scopes: BTreeMap::new(),
            opened: 0,
            totals: Totals::default(),
            cancelled: false,
            times: Times::default(),
            next: 0,
            status: None,
            failure: None,
            taken: Taken::default(),
        }
    }

    /// Applies the next event.
    ///
    /// # Errors
    /// [`Code::RunReplay`] where the event cannot come next; the state is then not to be used any more.
    pub fn apply(&mut self, record: &Record) -> Result<(), Failure> {
        let refuse = |what: String| {
            Err(Failure::new(
                Code::RunReplay,
                format!("event {}: {what}", record.seq),
            ))
        };
        if record.seq != self.next {
            return refuse(format!("{} comes next", self.next));
        }
        if self.status.is_some() {
            return refuse("the run is over".to_owned());
        }
        self.next += 1;
        self.times.note(record);
        match &record.event {
            Event::Opened { .. } => self.open(record).or_else(refuse),
            Event::CancelRequested => {
                self.cancelled = true;
                for folded in self.scopes.values_mut() {
                    folded.state.cancel();
                }
                Ok(())
            }
            Event::Closed { failure } => {
                self.close(record.scope, failure.as_deref());
                Ok(())
            }
            Event::Ended { status, failure } => {
                if !status.is_terminal() {
                    return refuse(format!("a run does not end as {}", status.as_str()));
                }
                self.status = Some(*status);
                self.failure.clone_from(failure);
                Ok(())
            }
            Event::Charged { unit, amount, .. } => {
                self.totals.charged(unit, *amount);
                Ok(())
            }
            Event::Resumed { .. } => Ok(()),
            _ => self.step(record),
        }
    }

    /// Applies an event of a graph that is open.
    fn step(&mut self, record: &Record) -> Result<(), Failure> {
        let Some(folded) = self.scopes.get_mut(&record.scope) else {
            let what = format!("event {}: scope {} is not open", record.seq, record.scope);
            return Err(Failure::new(Code::RunReplay, what));
        };
        let Folded { plan, state, .. } = folded;
        let gives = match &record.event {
            Event::Emitted {
                node,
                firing,
                port: 0,
                value,
            }
            | Event::Done {
                node,
                firing,
                port: 0,
                value,
            } if folded.parent.is_some() => {
                let known = plan.nodes.get(*node);
                let output = known.is_some_and(|hot| hot.is(Node::OUTPUT));
                (output && state.is_oldest(*node, *firing)).then(|| (*node, value.clone()))
            }
            _ => None,
        };
        state.apply(plan, &record.event, &mut self.taken)?;
        folded.flights.note(plan, record, &mut self.taken);
        let passed = std::mem::take(&mut state.passed);
        if folded.parent.is_some() {
            for (node, value) in gives.into_iter().chain(passed) {
                self.gave(record.scope, node, value);
            }
        }
        if let Event::Finished { how, .. } = &record.event {
            let scopes = &self.scopes;
            self.totals.finished(how, || callers(scopes, record.scope));
        }
        Ok(())
    }

    fn open(&mut self, record: &Record) -> Result<(), String> {
        let Event::Opened {
            parent,
            graph,
            given,
        } = &record.event
        else {
            return Ok(());
        };
        if record.scope < self.opened {
            return Err(format!("scope {} was opened before", record.scope));
        }
        let Some(plan) = self.plan_of(*parent, graph) else {
            return Err(format!("there is no sub-graph \"{graph}\""));
        };
        let mut state = RunState::new(&plan);
        plan.place_into(given, &mut state.given);
        state.call = parent.is_some();
        state.open(&plan);
        let (mut depth, mut attempt) = (0, 1);
        if let Some(caller) = parent
            && let Some(up) = self.scopes.get_mut(&caller.scope)
        {
            depth = up.depth + 1;
            if let Some(flight) = up.flights.get_mut(caller.node, caller.firing) {
                attempt = flight.failed + 1;
                if caller.direct {
                    flight.heard_of();
                } else {
                    flight.asked(AskedFor::Graph {
                        graph: graph.clone(),
                        inputs: given.inputs.clone(),
                        scope: record.scope,
                    });
                }
            }
        }
        let folded = Folded {
            plan,
            state,
            flights: Flights::default(),
            parent: *parent,
            graph: graph.clone(),
            given: Arc::clone(given),
            depth,
            attempt,
            opened: self.times.spent(),
            gave: BTreeMap::new(),
        };
        self.scopes.insert(record.scope, folded);
        self.opened = record.scope.saturating_add(1);
        Ok(())
    }

    /// The plan of a graph that is opened by this firing, or of the run's own.
    pub(super) fn plan_of(&self, parent: Option<Caller>, graph: &Text) -> Option<Arc<Plan>> {
        let Some(caller) = parent else {
            return Some(Arc::clone(&self.plan));
        };
        let up = &self.scopes.get(&caller.scope)?.plan;
        up.called(caller, graph.as_str()).cloned()
    }

    /// A call gave an output.
    fn gave(&mut self, scope: u32, node: NodeIx, value: Value) {
        let Some(folded) = self.scopes.get(&scope) else {
            return;
        };
        let (Some(caller), Some(name)) = (folded.parent, folded.plan.io_name(node).cloned()) else {
            return;
        };
        let Some(up) = self.scopes.get_mut(&caller.scope) else {
            return;
        };
        if caller.direct {
            let port = up.plan.cold.get(caller.node);
            let port = port.and_then(|cold| cold.shape.output(name.as_str()));
            if let Some(port) = port.and_then(|port| u16::try_from(port).ok())
                && let Some(folded) = self.scopes.get_mut(&scope)
            {
                *folded.gave.entry(port).or_default() += 1;
            }
        } else if let Some(asked) = up.flights.asked_graph(caller, scope) {
            asked.outputs.push((name, value));
        }
    }

    fn close(&mut self, scope: u32, failure: Option<&Failure>) {
        let callers = callers(&self.scopes, scope);
        let Some(folded) = self.scopes.remove(&scope) else {
            return;
        };
        // What was given up because its caller ended is not over, and is not told of.
        let well = failure.is_none() && folded.state.is_over() && !self.cancelled;
        self.totals
            .closed(&folded.plan, &folded.state, well.then_some(callers));
        if let Some(caller) = folded.parent
            && let Some(up) = self.scopes.get_mut(&caller.scope)
            && let Some(asked) = up.flights.asked_graph(caller, scope)
        {
            asked.done = Some(match failure {
                Some(failure) => Err(Text::from(failure.to_string())),
                None => Ok(()),
            });
        }
    }

    /// Returns how the run ended; `None` while it has not.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.status
    }

    /// Returns the outcome of a run that is over, as it was told when it ended, but for what became of each firing that was
    /// at work when it was told to stop; `None` while it is not over.
    #[must_use]
    pub fn outcome(&self, run: impl Into<Text>) -> Option<RunOutcome> {
        let mut outcome = RunOutcome::new(run.into(), self.status?);
        let spent = self.times.spent().as_millis();
        outcome.duration_ms = u64::try_from(spent).unwrap_or(u64::MAX);
        outcome.failure = self.failure.as_deref().cloned();
        outcome.add_up(self.totals.clone());
        if let Some(root) = self.scopes.get(&0) {
            outcome.give_outputs(&self.plan, &root.state, root.state.outputs.clone());
        }
        Some(outcome)
    }

    /// Returns the sequence number of the next event.
    #[must_use]
    pub fn next_seq(&self) -> u64 {
        self.next
    }

    /// Returns how many firings are in flight, over all scopes.
    #[must_use]
    pub fn in_flight(&self) -> u32 {
        self.scopes
            .values()
            .map(|folded| folded.state.in_flight)
            .sum()
    }

    /// Says what differs between this state and that of a run in motion, if anything does.
    pub(super) fn differs(&self, core: &Core) -> Option<String> {
        for scope in core.scopes.iter() {
            let id = scope.id;
            let Some(Folded { state: folded, .. }) = self.scopes.get(&id) else {
                return Some(format!("scope {id} is open in the run and not in the fold"));
            };
            // A run that fails stops by a decision that is recorded with its end only.
            if scope.state.fatal.is_none() && !core.stopped && *folded != scope.state {
                let (run, fold) = (format!("{:?}", scope.state), format!("{folded:?}"));
                let same = run.bytes().zip(fold.bytes()).take_while(|(a, b)| a == b);
                let from = same.count().saturating_sub(80);
                let part = |text: &str| text.chars().skip(from).take(240).collect::<String>();
                let (run, fold) = (part(&run), part(&fold));
                return Some(format!(
                    "scope {id} differs: the run has …{run}…, the fold …{fold}…"
                ));
            }
        }
        let failed = core.failure.is_some() || core.stopped;
        (!failed && self.totals != core.totals).then(|| {
            format!(
                "the run adds up to {:?}, the fold to {:?}",
                core.totals, self.totals
            )
        })
    }
}

/// Returns the nodes that called a graph, each with a `/` after it; empty for the run's own graph.
pub(super) fn callers(scopes: &BTreeMap<u32, Folded>, scope: u32) -> String {
    let mut path = String::new();
    let mut caller = scopes.get(&scope).and_then(|folded| folded.parent);
    while let Some(at) = caller {
        let Some(up) = scopes.get(&at.scope) else {
            break;
        };
        path.insert(0, '/');
        path.insert_str(0, up.plan.node_id(at.node));
        caller = up.parent;
    }
    path
}
