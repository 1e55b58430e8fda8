//! What is wrong with the links that do not hold, and what they were probably meant to be.
//!
//! A repair is offered only if the mended link would hold. It never takes a node away; a link is taken away only where
//! nothing tells what it was meant to be, and where its input does without.

mod say;
mod seek;

use std::collections::HashSet;

use crate::block::types::Fit;
use crate::fault::{Code, Fault, nearest};
use crate::graph::{Graph, Part, PinRef};
use crate::json::PatchOp;
use crate::value::Path;

use super::compile::Compiler;
use super::link::{Ends, Problem, Trouble, Wires};
use super::repair;
use super::resolve::Resolved;
use seek::part_of;

/// Finds faults and repairs of links.
pub(super) struct Mender<'m, 'g, 'a> {
    graph: &'g Graph,
    nodes: &'m [Resolved<'a>],
    found: &'m mut Wires,
    compiler: &'m mut Compiler<'a>,
    /// The links as they are, so that a repair makes none twice.
    ends: HashSet<(&'g PinRef, &'g PinRef)>,
    /// Nodes that a link that holds begins or ends at.
    linked: HashSet<usize>,
}

/// A pin of a node.
type Pin = (usize, usize);

impl<'m, 'g, 'a> Mender<'m, 'g, 'a> {
    pub(super) fn new(
        graph: &'g Graph,
        nodes: &'m [Resolved<'a>],
        found: &'m mut Wires,
        compiler: &'m mut Compiler<'a>,
    ) -> Self {
        let linked = found.wires.iter().flat_map(|wire| [wire.from(), wire.to()]);
        Self {
            linked: linked.collect(),
            ends: graph
                .links
                .iter()
                .map(|link| (&link.from, &link.to))
                .collect(),
            graph,
            nodes,
            found,
            compiler,
        }
    }

    /// Reports what is wrong with a link.
    pub(super) fn report(&mut self, ends: &Ends<'_>, trouble: Trouble) {
        let bent = self.found.bent.len();
        match trouble {
            Trouble::Unknown => {}
            Trouble::Node => self.lost(ends),
            Trouble::Pin { port, slot } => self.pinless(ends, port, slot),
            Trouble::Join {
                port,
                slot,
                problem,
            } => self.ill_joined(ends, port, slot, &problem),
        }
        match self.found.bent.get(bent) {
            Some((_, _, to)) => self.found.touch(*to),
            None => {
                if let Some(to) = ends.to {
                    self.found.touch(to);
                }
                self.found.is_unsure = true;
            }
        }
    }

    /// Takes note of what the link does once it is mended.
    fn mended(&mut self, ends: &Ends<'_>, from: usize, (to, slot): Pin, is_fed: bool) {
        if !is_fed {
            self.found.feed(to, slot);
        }
        self.found.bent.push((ends.position, from, to));
    }

    fn remove(&self, ends: &Ends<'_>) -> PatchOp {
        PatchOp::Remove {
            path: self.graph.pointer(Part::Link(ends.position)),
        }
    }

    /// Takes the link away, and where its input needs a value, puts one there that will do for the time being.
    fn give_up(&self, ends: &Ends<'_>, sink: Option<Pin>) -> Vec<PatchOp> {
        let Some(at) = sink.filter(|at| !self.is_spare(*at)) else {
            return vec![self.remove(ends)];
        };
        let pin = self.input(at);
        let entry = self.nodes.get(at.0).and_then(|node| node.entry);
        let value = pin.zip(entry).and_then(|(pin, entry)| {
            let value = repair::stand_in(pin, entry.info().examples)?;
            (!pin.config).then_some((pin, value))
        });
        match value {
            Some((pin, value)) => {
                let mut ops = vec![self.remove(ends)];
                ops.extend(self.graph.set_input(at.0, pin.name.as_str(), value));
                ops
            }
            None => Vec::new(),
        }
    }

    /// Reports an end whose node is not there.
    fn lost(&mut self, ends: &Ends<'_>) {
        for sink in [false, true] {
            let (end, node) = match sink {
                true => (&ends.link.to, ends.to),
                false => (&ends.link.from, ends.from),
            };
            let id = end.node.as_str();
            if node.is_some() || self.graph.suppressed.may_exist(id) {
                continue;
            }
            let known = || self.graph.nodes.iter().map(|node| node.id.as_str());
            let mut fault = Fault::new(
                Code::GraphUnknownNode,
                self.graph.end_node_pointer(ends.position, sink),
                format!(
                    "the link {} node \"{id}\", which is not there",
                    if sink { "ends at" } else { "starts at" }
                ),
            )
            .expected(match self.graph.nodes.len() {
                0..=12 => format!("one of {}", repair::list(known())),
                n => format!("the id of one of the {n} nodes"),
            })
            .actual(format!("\"{id}\""));
            // Past the bound the fault still stands, without a suggestion.
            if self.compiler.may_look(self.graph.nodes.len()) {
                fault.suggestions = nearest(id, known());
            }
            let near = fault.suggestions.clone();
            fault.fix = match self.found_again(ends, sink, &near) {
                Some(ops) => ops,
                None => self.give_up(ends, ends.to.zip(ends.slot(self.nodes))),
            };
            self.compiler.faults.push(fault);
        }
    }

    /// Moves an end whose node is not there to the node that was probably meant.
    fn found_again(
        &mut self,
        ends: &Ends<'_>,
        sink: bool,
        near: &[String],
    ) -> Option<Vec<PatchOp>> {
        let candidates: Vec<usize> = near
            .iter()
            .filter_map(|id| self.graph.node_index(id))
            .collect();
        // A near node without such a pin is left for one that has it.
        let with_pin = |exact: bool| {
            let mut all = candidates.iter();
            all.find_map(|node| Some((*node, self.pin_of(ends, sink, *node, exact)?)))
        };
        let found = with_pin(true).or_else(|| with_pin(false));
        let (node, pin) = found.or_else(|| self.only_node(ends, sink))?;
        let Some(pin) = pin else {
            return Some(vec![self.graph.rename_end_node(
                ends.position,
                sink,
                self.graph.nodes.get(node)?.id.as_str(),
            )]);
        };
        let end = match sink {
            true => self.sink_end((node, pin), &ends.link.to.path)?,
            false => self.source_end((node, pin), &ends.link.from.path)?,
        };
        let other = match sink {
            true => ends.from,
            false => ends.to.zip(ends.slot(self.nodes)).map(|(to, _)| to),
        };
        match (sink, other) {
            (true, Some(from)) => self.mended(ends, from, (node, pin), false),
            (true, None) => self.found.feed(node, pin),
            (false, Some(to)) => self.found.bent.push((ends.position, node, to)),
            (false, None) => {}
        }
        Some(self.graph.move_end(ends.position, sink, &end))
    }

    /// Reports a link of which a pin is not there.
    fn pinless(&mut self, ends: &Ends<'_>, port: Option<usize>, slot: Option<usize>) {
        let (Some(from), Some(to)) = (ends.from, ends.to) else {
            return;
        };
        if let Some(swapped) = self.swapped(ends, from, to, port.is_none() && slot.is_none()) {
            let fault = self.direction(ends);
            self.compiler.faults.push(fault);
            self.mended(ends, to, swapped, false);
            return;
        }
        let (select, build) = (&ends.link.from.path, &ends.link.to.path);
        let (mut port, mut slot) = (port, slot);
        if port.is_none() {
            let sink = slot.map(|slot| ((to, slot), build));
            let best = self.best_port(from, ends.link.from.pin.as_str(), select, sink);
            let fix = match best {
                Some(best) => self.source_end((from, best), select).map(|end| {
                    vec![
                        self.graph
                            .rename_end(ends.position, false, end.pin.as_str()),
                    ]
                }),
                None => Some(self.give_up(ends, slot.map(|slot| (to, slot)))),
            };
            let fault = self.unknown_output(ends, from, fix.unwrap_or_default());
            self.compiler.faults.push(fault);
            port = best;
        }
        if slot.is_none() {
            let source = port.map(|port| ((from, port), select));
            let best = self.best_slot(source, to, ends.link.to.pin.as_str(), build);
            let fix = match best {
                Some(best) => self.input((to, best)).map(|pin| {
                    self.graph
                        .rename_end(ends.position, true, pin.name.as_str())
                }),
                None => Some(self.remove(ends)),
            };
            let fault = self.unknown_input(ends, to, fix.into_iter().collect());
            self.compiler.faults.push(fault);
            slot = best;
            if let Some(slot) = slot {
                self.found.feed(to, slot);
            }
        }
        if let (Some(_), Some(slot)) = (port, slot) {
            self.mended(ends, from, (to, slot), true);
        }
    }

    /// Reports a link whose pins do not go together.
    fn ill_joined(&mut self, ends: &Ends<'_>, port: usize, slot: usize, problem: &Problem) {
        let (Some(from), Some(to)) = (ends.from, ends.to) else {
            return;
        };
        let Some(mut fault) = self.ill_fault(ends, (from, port), (to, slot), problem) else {
            return;
        };
        fault.fix = self.rejoined(ends, (from, port), (to, slot), problem);
        self.compiler.faults.push(fault);
    }

    /// Makes a link hold whose pins are there and do not go together.
    fn rejoined(
        &mut self,
        ends: &Ends<'_>,
        source: Pin,
        sink: Pin,
        problem: &Problem,
    ) -> Vec<PatchOp> {
        let (select, build) = (&ends.link.from.path, &ends.link.to.path);
        let whole = Path::new();
        let bare = match problem {
            Problem::NoInside { sink: true } => Some((select, &whole)),
            Problem::NoInside { sink: false } => Some((&whole, build)),
            Problem::ToolPath => Some((&whole, build)),
            _ => None,
        };
        if let Some((select, build)) = bare
            && self.holds((source, select), (sink, build)).is_some()
        {
            self.found.bent.push((ends.position, source.0, sink.0));
            return self.moved(ends, (source, select), (sink, build));
        }
        let is_spare = self.is_spare(sink);
        if matches!(
            problem,
            Problem::Type(_) | Problem::Config | Problem::NoInside { .. }
        ) && is_spare
        {
            let wanting = self.wanting(sink.0).find(|slot| {
                *slot != sink.1
                    && self
                        .holds((source, select), ((sink.0, *slot), build))
                        .is_some()
            });
            let other = wanting.or_else(|| self.free_slot((source, select), sink.0, build));
            if let Some(slot) = other {
                self.mended(ends, source.0, (sink.0, slot), false);
                return self.moved(ends, (source, select), ((sink.0, slot), build));
            }
        }
        if let Problem::Type(given) = problem {
            let shape = self
                .nodes
                .get(source.0)
                .map_or(0, |node| node.shape.outputs.len());
            let other = (0..shape).find(|port| {
                let fit = self.holds(((source.0, *port), select), (sink, build));
                fit == Some(Fit::Always) && !self.offers_tools(source.0, *port)
            });
            if let Some(port) = other {
                self.found.bent.push((ends.position, source.0, sink.0));
                return self.moved(ends, ((source.0, port), select), (sink, build));
            }
            let taken = self.input(sink).map(|pin| pin.ty.clone());
            if let Some((select, build)) = taken.and_then(|taken| part_of(given, &taken))
                && self.holds((source, &select), (sink, &build)).is_some()
            {
                self.found.bent.push((ends.position, source.0, sink.0));
                return self.moved(ends, (source, &select), (sink, &build));
            }
        }
        match problem {
            Problem::ToolOwner | Problem::ToolPath => Vec::new(),
            _ => self.give_up(ends, Some(sink)),
        }
    }

    /// Returns the changes that make a link join these pins; only its ends that differ are touched.
    fn moved(&self, ends: &Ends<'_>, source: (Pin, &Path), sink: (Pin, &Path)) -> Vec<PatchOp> {
        let from = self.source_end(source.0, source.1);
        let to = self.sink_end(sink.0, sink.1);
        let ends_of = [(false, from, &ends.link.from), (true, to, &ends.link.to)];
        ends_of
            .into_iter()
            .filter_map(|(sink, end, old)| Some((sink, end.filter(|end| end != old)?)))
            .flat_map(|(sink, end)| self.graph.move_end(ends.position, sink, &end))
            .collect()
    }
}
