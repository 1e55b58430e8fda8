//! Sub-graphs: which graphs a graph calls, compiled before it, and what is wrong with the calls.

use std::collections::HashMap;

use crate::block::Role;
use crate::fault::{Code, Fault, nearest};
use crate::graph::{Graph, Node, Part};
use crate::host::Capability;
use crate::json::PatchOp;
use crate::registry::Lookup;
use crate::value::{Text, Value};

use super::compile::{Compiled, Compiler};
use super::repair;

/// How deep sub-graph calls may be nested.
const MAX_SUBGRAPH_DEPTH: usize = 16;

/// The input that names the graph to call.
pub(super) const GRAPH: &str = "graph";

/// The graphs around a graph, whose sub-graphs it may call too.
pub(super) struct Chain<'g> {
    graph: &'g Graph,
    up: Option<&'g Chain<'g>>,
}

impl<'g> Chain<'g> {
    pub(super) fn top(graph: &'g Graph) -> Self {
        Self { graph, up: None }
    }

    fn find(&self, name: &str) -> Option<(&'g Graph, &Chain<'g>)> {
        match self.graph.subgraph(name) {
            Some(found) => Some((found, self)),
            None => self.up.and_then(|up| up.find(name)),
        }
    }

    fn names(&self) -> Vec<&'g str> {
        let mut names: Vec<&str> = self
            .graph
            .graphs
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        names.extend(self.up.map(Chain::names).unwrap_or_default());
        names
    }

    fn may_have_lost(&self, name: &str) -> bool {
        self.graph.suppressed.has_graph(name) || self.up.is_some_and(|up| up.may_have_lost(name))
    }
}

/// Sub-graphs that a graph may call, compiled.
#[derive(Default)]
pub(super) struct Reachable {
    /// By the name that a node calls them by.
    pub(super) compiled: HashMap<Text, Compiled>,
    /// Calls that failed in a way that was reported.
    pub(super) reported: Vec<Text>,
    /// Which graph a node probably means to call that names none, by the node's position.
    pub(super) meant: HashMap<usize, Text>,
}

impl Compiler<'_> {
    /// Compiles the sub-graphs of a graph, and those of the graphs around it that it calls.
    pub(super) fn subgraphs(&mut self, graph: &Graph, chain: &Chain<'_>) -> Reachable {
        let mut reachable = Reachable::default();
        for (name, sub) in &graph.graphs {
            if !self.done.contains_key(&std::ptr::from_ref(sub)) {
                self.calls.push(name.to_string());
                if self.calls.len() <= MAX_SUBGRAPH_DEPTH {
                    let up = Some(chain);
                    self.graph(sub, &Chain { graph: sub, up });
                }
                self.calls.pop();
            }
        }
        for (position, node) in graph.nodes.iter().enumerate() {
            let Lookup::Found(entry) = self.registry.find(node.block.as_str()) else {
                continue;
            };
            let info = entry.info();
            let is_call = info.role == Role::Call;
            if !is_call && !info.capabilities.contains(&Capability::Graphs) {
                continue;
            }
            match node.inputs.get(GRAPH).and_then(Value::as_text) {
                Some(name) => self.called(graph, position, name, chain, &mut reachable),
                None if is_call => {
                    if let Some(name) = self.meant(node, chain)
                        && let Ok(compiled) = self.call(&name, chain)
                    {
                        reachable.compiled.entry(name.clone()).or_insert(compiled);
                        reachable.meant.insert(position, name);
                    }
                }
                None => {}
            }
        }
        reachable
    }

    /// Finds the graph that a node calls by this name, and tells what is wrong with the call.
    fn called(
        &mut self,
        graph: &Graph,
        position: usize,
        name: &Text,
        chain: &Chain<'_>,
        reachable: &mut Reachable,
    ) {
        if reachable.compiled.contains_key(name.as_str()) && chain.find(name.as_str()).is_some() {
            return;
        }
        let missing = match self.call(name, chain) {
            Ok(compiled) => {
                reachable.compiled.insert(name.clone(), compiled);
                return;
            }
            Err(missing) => missing,
        };
        reachable.reported.push(name.clone());
        let place = graph.pointer(Part::Input(position, GRAPH));
        let fault = match missing {
            Missing::Unknown if chain.may_have_lost(name.as_str()) => return,
            Missing::Unknown => {
                let best = self.best(name.as_str(), chain);
                // The pins of the graph that was meant keep the node's links from being faulty too.
                if let Some(Ok(compiled)) = best.as_ref().map(|best| self.call(best, chain)) {
                    reachable.compiled.insert(name.clone(), compiled);
                }
                unknown_graph(graph, position, name.as_str(), &chain.names(), best)
            }
            Missing::Circle => Fault::new(
                Code::GraphSubgraphCycle,
                place,
                format!(
                    "sub-graphs call each other in a circle: {}",
                    self.circle(name.as_str())
                ),
            )
            .expected("a sub-graph that does not lead back here")
            .actual(format!("\"{name}\"")),
            Missing::Deep => Fault::new(
                Code::LimitSubgraphDepth,
                place,
                "sub-graph calls are nested too deep",
            )
            .expected(format!("at most {MAX_SUBGRAPH_DEPTH} levels"))
            .actual(format!(
                "a call to \"{name}\" on level {}",
                MAX_SUBGRAPH_DEPTH + 1
            )),
        };
        self.faults.push(fault);
    }

    /// Returns the graph that a node probably means which names none: under a misspelt key, or the only one there is.
    fn meant(&self, node: &Node, chain: &Chain<'_>) -> Option<Text> {
        let misspelt = node.inputs.iter().filter_map(|(key, value)| {
            let is_near = !nearest(key.as_str(), [GRAPH]).is_empty();
            value.as_text().filter(|_| is_near)
        });
        let mut known = misspelt.filter(|name| chain.find(name.as_str()).is_some());
        known.next().cloned().or_else(|| self.only(chain))
    }

    /// Returns the graph that a name probably means.
    fn best(&self, name: &str, chain: &Chain<'_>) -> Option<Text> {
        let near = nearest(name, self.callable(chain));
        let near = near.first().map(|name| Text::from(name.as_str()));
        near.or_else(|| self.only(chain))
    }

    fn only(&self, chain: &Chain<'_>) -> Option<Text> {
        let mut names = self.callable(chain);
        match (names.next(), names.next()) {
            (Some(one), None) => Some(Text::from(one)),
            _ => None,
        }
    }

    /// Graphs that can be called from here without coming back.
    fn callable<'c>(&'c self, chain: &Chain<'c>) -> impl Iterator<Item = &'c str> {
        let names = chain.names().into_iter();
        names.filter(|name| !self.calls.iter().any(|call| call == name))
    }

    fn call(&mut self, name: &Text, chain: &Chain<'_>) -> Result<Compiled, Missing> {
        let (graph, home) = chain.find(name.as_str()).ok_or(Missing::Unknown)?;
        let compiled = match self.done.get(&std::ptr::from_ref(graph)) {
            Some(Some(compiled)) => compiled.clone(),
            Some(None) => return Err(Missing::Circle),
            None => {
                if self.calls.len() >= MAX_SUBGRAPH_DEPTH {
                    return Err(Missing::Deep);
                }
                self.calls.push(name.to_string());
                let compiled = self.graph(
                    graph,
                    &Chain {
                        graph,
                        up: Some(home),
                    },
                );
                self.calls.pop();
                compiled
            }
        };
        if self.calls.len() + compiled.depth > MAX_SUBGRAPH_DEPTH {
            Err(Missing::Deep)
        } else {
            Ok(compiled)
        }
    }

    fn circle(&self, name: &str) -> String {
        let from = self.calls.iter().position(|call| call == name).unwrap_or(0);
        let mut path: Vec<&str> = self.calls.iter().skip(from).map(String::as_str).collect();
        path.push(name);
        path.join(" -> ")
    }
}

enum Missing {
    Unknown,
    Circle,
    Deep,
}

fn unknown_graph(
    graph: &Graph,
    position: usize,
    name: &str,
    known: &[&str],
    best: Option<Text>,
) -> Fault {
    let place = graph.pointer(Part::Input(position, GRAPH));
    let mut fault = Fault::new(
        Code::GraphUnknownSubgraph,
        place.clone(),
        format!("there is no sub-graph \"{name}\""),
    )
    .expected(match known {
        [] => "the name of a graph under \"graphs\"; there is none".to_owned(),
        names => format!("one of {}", repair::list(names.iter().copied())),
    })
    .actual(format!("\"{name}\""))
    .near(name, known.iter().copied());
    if let Some(best) = best {
        let value = Value::Text(best);
        fault = fault.fix(PatchOp::Replace { path: place, value });
    }
    fault
}
