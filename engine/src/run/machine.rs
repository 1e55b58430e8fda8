//! The state of a whole run as the fold of its events.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::event::{Event, Failure, Record, Status};
use crate::fault::Code;
use crate::plan::Plan;

use super::core::Core;
use super::state::RunState;

/// The state of a run, rebuilt from its events.
///
/// Applying the events of a run one after the other gives, after each, the state that the run had then: nothing of a
/// run is anywhere else.
#[derive(Debug, Clone)]
pub struct Machine {
    plan: Arc<Plan>,
    scopes: BTreeMap<u32, (Arc<Plan>, RunState)>,
    next: u64,
    status: Option<Status>,
    cancelled: bool,
}

impl Machine {
    /// Returns the state of a run of which nothing has happened yet.
    #[must_use]
    pub fn new(plan: &Arc<Plan>) -> Self {
        Self {
            plan: Arc::clone(plan),
            scopes: BTreeMap::new(),
            next: 0,
            status: None,
            cancelled: false,
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
        match &record.event {
            Event::Opened {
                parent,
                graph,
                given,
            } => {
                if self.scopes.contains_key(&record.scope) {
                    return refuse("the scope is open already".to_owned());
                }
                let plan = match parent {
                    None => Some(&self.plan),
                    Some(caller) => self.scopes.get(&caller.scope).and_then(|(plan, _)| {
                        let known = plan.nodes.get(caller.node);
                        let own = known.and_then(|_| plan.options(caller.node));
                        let direct = own.and_then(|options| options.call.as_ref());
                        direct
                            .filter(|_| caller.direct)
                            .or_else(|| plan.subgraph(graph.as_str()))
                    }),
                };
                let Some(plan) = plan.cloned() else {
                    return refuse(format!("there is no sub-graph \"{graph}\""));
                };
                let mut state = RunState::new(&plan);
                plan.place_into(given, &mut state.given);
                state.call = parent.is_some();
                state.apply(&plan, &record.event)?;
                self.scopes.insert(record.scope, (plan, state));
            }
            Event::CancelRequested => {
                self.cancelled = true;
                for (_, state) in self.scopes.values_mut() {
                    state.cancel();
                }
            }
            Event::Closed { .. } => {
                self.scopes.remove(&record.scope);
            }
            Event::Ended { status, .. } => {
                if !status.is_terminal() {
                    return refuse(format!("a run does not end as {}", status.as_str()));
                }
                self.status = Some(*status);
            }
            event => {
                let Some((plan, state)) = self.scopes.get_mut(&record.scope) else {
                    return refuse(format!("scope {} is not open", record.scope));
                };
                state.apply(plan, event)?;
                // Where it goes is an event of its own.
                state.passed.clear();
            }
        }
        Ok(())
    }

    /// Returns how the run ended; `None` while it has not.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.status
    }

    /// Returns the sequence number of the next event.
    #[must_use]
    pub fn next_seq(&self) -> u64 {
        self.next
    }

    /// Returns how many firings are in flight, over all scopes.
    #[must_use]
    pub fn in_flight(&self) -> u32 {
        self.scopes.values().map(|(_, state)| state.in_flight).sum()
    }

    /// Says what differs between this state and that of a run in motion, if anything does.
    pub(super) fn differs(&self, core: &Core) -> Option<String> {
        for scope in core.scopes.iter() {
            let id = scope.id;
            let Some((_, folded)) = self.scopes.get(&id) else {
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
        None
    }
}
