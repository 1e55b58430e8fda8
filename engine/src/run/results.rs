//! The results of a kept run: what its events tell of each firing, once it has ended.

use std::collections::{HashMap, HashSet};

use crate::block::Role;
use crate::dense::NodeIx;
use crate::event::{Event, How, Record};
use crate::host::{Store, StoreError};
use crate::json::to_json;
use crate::reuse::{At, Digest, Past, PastEnd, PastInputs, RunResults};
use crate::value::{Text, Value};

use super::core::By;
use super::engine::Engine;
use super::flight::Flight;
use super::head::RunHead;
use super::keep::{KeepError, fold_seen};
use super::machine::{Folded, Machine};

impl RunResults {
    /// Reads a kept run again, to take its results in another one. It may still be in motion, or have failed: what had
    /// ended well by then counts.
    ///
    /// # Errors
    /// [`KeepError::Changed`] where blocks have other pins by now, so that its events mean something else here; what is
    /// wrong with its graph here; what the store failed with.
    pub async fn of(store: &dyn Store, run: &Text, engine: &Engine) -> Result<Self, KeepError> {
        let head = store.head(run).await?;
        let head = RunHead::from_json(head.as_str()).map_err(|what| StoreError::Broken {
            run: run.to_string(),
            seq: 0,
            message: format!("its head cannot be read: {what}"),
        })?;
        let plan = engine.load(to_json(&head.graph).as_bytes());
        let plan = plan.map_err(KeepError::Faults)?;
        // Other versions of blocks are no hindrance: only the meaning of numbers in events counts, and a result is known
        // by the version that gave it.
        if plan.layout().to_string() != head.layout.as_str() {
            let what = head.changed(&plan);
            return Err(KeepError::Changed {
                run: run.to_string(),
                what: what.unwrap_or_default(),
            });
        }
        let mut reader = Reader {
            head,
            results: Self::new(run.clone()),
            addresses: HashMap::new(),
            opened: HashSet::new(),
            fired_tools: HashSet::new(),
        };
        let end = fold_seen(store, run, &plan, |machine, record| {
            reader.see(machine, record);
        });
        let end = end.await?;
        for scope in end.scopes.keys() {
            reader.cut_off(&end, *scope);
        }
        Ok(reader.results)
    }
}

/// Follows the fold of a run, and notes each firing when it ends.
struct Reader {
    head: RunHead,
    results: RunResults,
    /// Of graphs in which something has started.
    addresses: HashMap<u32, Text>,
    /// The addresses, without numbers, of graphs whose nodes are known.
    opened: HashSet<Text>,
    /// Firings whose blocks fired tools.
    fired_tools: HashSet<By>,
}

impl Reader {
    /// Sees an event that is about to be applied.
    fn see(&mut self, machine: &Machine, record: &Record) {
        let scope = record.scope;
        match &record.event {
            Event::Started { .. } => drop(self.enter(machine, scope)),
            Event::ToolStarted { caller, .. } => {
                let by = (caller.scope, caller.node, caller.firing);
                self.fired_tools.insert(by);
            }
            Event::Done {
                node,
                firing,
                port,
                value,
            } => {
                let last = Some((*port, value));
                self.ended(machine, (scope, *node, *firing), Some(&How::Ok), last);
            }
            Event::Finished { node, firing, how } => {
                self.ended(machine, (scope, *node, *firing), Some(how), None);
            }
            // What was at work in a graph that failed, or was given up, is not heard of again.
            Event::Closed { .. } => self.cut_off(machine, scope),
            _ => {}
        }
    }

    /// Returns the address of a graph, and notes its nodes when it is first met.
    fn enter(&mut self, machine: &Machine, scope: u32) -> Option<Text> {
        if let Some(known) = self.addresses.get(&scope) {
            return Some(known.clone());
        }
        let folded = machine.scopes.get(&scope)?;
        let address = match folded.parent {
            None => Text::default(),
            Some(caller) => {
                let up = self.enter(machine, caller.scope)?;
                let plan = &machine.scopes.get(&caller.scope)?.plan;
                At::inside(&up, plan.node_id(caller.node)).callee(caller.firing)
            }
        };
        self.addresses.insert(scope, address.clone());
        let plan = &folded.plan;
        if self.opened.insert(At::inside(&address, "").path) {
            for node in plan.node_positions() {
                let at = At::inside(&address, plan.node_id(node));
                let (block, version) = self.block_then(folded, node);
                self.results.add_node(at.path, block, version);
            }
        }
        Some(address)
    }

    /// The block of a node, in the version that it had.
    fn block_then(&self, folded: &Folded, node: NodeIx) -> (Text, u32) {
        let info = folded.plan.cold.at(node).block.info();
        let then = self.head.blocks.get(info.id).copied();
        (Text::from(info.id), then.unwrap_or(info.version))
    }

    /// Notes what is still at work in a graph.
    fn cut_off(&mut self, machine: &Machine, scope: u32) {
        let Some(folded) = machine.scopes.get(&scope) else {
            return;
        };
        let mut left: Vec<(NodeIx, u32)> = folded.flights.iter().map(|(by, _)| *by).collect();
        left.sort_unstable();
        for (node, firing) in left {
            self.ended(machine, (scope, node, firing), None, None);
        }
    }

    /// Notes a firing that is about to end; `None`: it does not.
    fn ended(
        &mut self,
        machine: &Machine,
        by: By,
        how: Option<&How>,
        last: Option<(u16, &Value)>,
    ) -> Option<()> {
        let (scope, node, firing) = by;
        let fired_tools = self.fired_tools.remove(&by);
        let folded = machine.scopes.get(&scope)?;
        let block = &folded.plan.cold.get(node)?.block;
        if block.info().role != Role::Standard {
            return None;
        }
        let flight = folded.flights.get(node, firing)?;
        let address = self.enter(machine, scope)?;
        let (block, version) = self.block_then(folded, node);
        let end = match how {
            Some(How::Ok) => {
                let emitted = flight.emitted.iter().map(|(port, value)| (*port, value));
                let named = emitted.chain(last).map(|(port, value)| {
                    let pin = folded.plan.port_name(node, port);
                    (Text::from(pin), value.clone())
                });
                PastEnd::Well {
                    outputs: named.collect(),
                    fired_tools,
                }
            }
            Some(How::Failed(_)) => PastEnd::Failed,
            Some(How::Starved(_)) => PastEnd::Starved,
            Some(How::Aborted) | None => PastEnd::CutOff,
        };
        self.results.add(Past {
            at: At::inside(&address, folded.plan.node_id(node)),
            firing,
            given: given(folded, node, flight, (&block, version)),
            end,
        });
        Some(())
    }
}

/// Merges the inputs of a firing again, as they were when it started.
fn given(
    folded: &Folded,
    node: NodeIx,
    flight: &Flight,
    (block, version): (&Text, u32),
) -> PastInputs {
    let plan = &folded.plan;
    let mut again = Flight {
        start: flight.start,
        taken: flight.taken.clone(),
        tool: flight.tool.clone(),
        ..Flight::default()
    };
    let Some(slots) = again.slots(plan, node, &folded.state.given) else {
        return PastInputs::Unfit;
    };
    let pins = plan.cold.at(node).shape.inputs.iter();
    let named = pins.zip(&slots);
    let inputs = named.filter_map(|(pin, slot)| Some((&pin.name, slot.as_ref()?)));
    Digest::of(block.as_str(), version, inputs).map_or(PastInputs::Secret, PastInputs::Digest)
}
