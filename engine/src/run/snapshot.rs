//! The state of a run written down, so that its first events need not be folded again. It is an aid and no truth: it is
//! made from the events, and one that cannot be read is made anew.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::event::{Caller, Given};
use crate::json::{Limits, read_value, to_json};
use crate::plan::Plan;
use crate::value::{Text, from_value, to_value};

use super::flight::Flights;
use super::machine::{Folded, Machine, Times};
use super::state::RunState;
use super::totals::Totals;

/// A snapshot with another number is of another version, and not read.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Shot {
    format: u32,
    next: u64,
    opened: u32,
    cancelled: bool,
    totals: Totals,
    times: Times,
    scopes: Vec<(u32, ScopeShot)>,
}

#[derive(Serialize, Deserialize)]
struct ScopeShot {
    parent: Option<Caller>,
    graph: Text,
    given: Given,
    state: RunState,
    flights: Flights,
    depth: u32,
    attempt: u32,
    opened_us: u64,
    gave: Vec<(u16, usize)>,
}

impl Machine {
    /// Writes the state down; `None` for a run that is over, of which nothing goes on.
    pub(super) fn to_snapshot(&self) -> Option<Text> {
        if self.status.is_some() {
            return None;
        }
        let scope = |folded: &Folded| ScopeShot {
            parent: folded.parent,
            graph: folded.graph.clone(),
            given: (*folded.given).clone(),
            state: folded.state.clone(),
            flights: folded.flights.clone(),
            depth: folded.depth,
            attempt: folded.attempt,
            opened_us: u64::try_from(folded.opened.as_micros()).unwrap_or(u64::MAX),
            gave: folded.gave.iter().map(|(port, n)| (*port, *n)).collect(),
        };
        let shot = Shot {
            format: FORMAT,
            next: self.next,
            opened: self.opened,
            cancelled: self.cancelled,
            totals: self.totals.clone(),
            times: self.times,
            scopes: self.scopes.iter().map(|(id, f)| (*id, scope(f))).collect(),
        };
        let value = to_value(&shot).ok()?;
        let shot = Text::from(to_json(&value));
        debug_assert_eq!(
            Self::from_snapshot(&self.plan, shot.as_str()).map(|read| read.sizes()),
            Some(self.sizes()),
            "what is written can be read"
        );
        Some(shot)
    }

    /// How much there is of everything.
    fn sizes(&self) -> [usize; 5] {
        let scopes = self.scopes.values();
        let sum = |n: fn(&Folded) -> usize| scopes.clone().map(n).sum();
        [
            self.scopes.len(),
            sum(|folded| folded.flights.iter().count()),
            sum(|folded| folded.state.ready.len()),
            sum(|folded| folded.state.outputs.len()),
            sum(|folded| folded.state.in_flight as usize),
        ]
    }

    /// Reads a state of a run of this plan; `None` where it is of another version or cannot be read.
    pub(super) fn from_snapshot(plan: &Arc<Plan>, shot: &str) -> Option<Self> {
        let value = read_value(shot.as_bytes(), &Limits::unlimited()).ok()?;
        if value.get("format")?.as_u64()? != u64::from(FORMAT) {
            return None;
        }
        let shot: Shot = from_value(&value).ok()?;
        let mut machine = Self::new(plan);
        machine.next = shot.next;
        machine.opened = shot.opened;
        machine.cancelled = shot.cancelled;
        machine.totals = shot.totals;
        machine.times = shot.times;
        // In order of their numbers: who called is there before what was called.
        let scopes: BTreeMap<u32, ScopeShot> = shot.scopes.into_iter().collect();
        for (id, scope) in scopes {
            let plan = machine.plan_of(scope.parent, &scope.graph)?;
            let mut state = scope.state;
            if !state.fits(&plan) || !scope.flights.fit(plan.n_nodes()) {
                return None;
            }
            plan.place_into(&scope.given, &mut state.given);
            let folded = Folded {
                plan,
                state,
                flights: scope.flights,
                parent: scope.parent,
                graph: scope.graph,
                given: Arc::new(scope.given),
                depth: scope.depth,
                attempt: scope.attempt,
                opened: Duration::from_micros(scope.opened_us),
                gave: scope.gave.into_iter().collect(),
            };
            machine.scopes.insert(id, folded);
        }
        Some(machine)
    }
}
