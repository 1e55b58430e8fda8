//! Graph and registry in, plan or faults out: runs the passes and collects every fault that they find.

use std::collections::HashMap;
use std::sync::Arc;

use crate::block::Shape;
use crate::fault::{Fault, Faults};
use crate::graph::{Graph, GraphLimits, Reading, drop_followers, read};
use crate::host::Grants;
use crate::registry::Registry;

use super::calls::Chain;
use super::parts::Parts;
use super::{Plan, build, check, link, order, resolve};

/// Compiles a graph into a plan.
///
/// # Errors
/// Every fault that could be found, in the order of the document's places.
pub fn compile(graph: &Graph, registry: &Registry, grants: &Grants) -> Result<Arc<Plan>, Faults> {
    let mut compiler = Compiler {
        registry,
        grants,
        faults: Vec::new(),
        done: HashMap::new(),
        calls: Vec::new(),
        looked: 0,
    };
    let compiled = compiler.graph(graph, &Chain::top(graph));
    let mut faults = compiler.faults;
    faults.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    match compiled.plan {
        Some(plan) if faults.is_empty() => Ok(plan),
        _ => Err(Faults(faults)),
    }
}

/// What is right and wrong with a document.
#[derive(Debug)]
#[non_exhaustive]
pub struct Diagnosis {
    /// The graph, as much of it as could be read.
    pub graph: Option<Graph>,
    /// The plan, if there is no fault.
    pub plan: Option<Arc<Plan>>,
    /// Every fault of reading and compiling, with line and column, in the order of their places.
    pub faults: Vec<Fault>,
}

/// Reads and compiles a document in one pass, and finds every fault of both.
#[must_use]
pub fn diagnose(
    bytes: &[u8],
    registry: &Registry,
    grants: &Grants,
    limits: &GraphLimits,
) -> Diagnosis {
    let Reading {
        graph,
        mut faults,
        source,
    } = read(bytes, limits);
    let mut plan = None;
    if let Some(graph) = &graph {
        match compile(graph, registry, grants) {
            Ok(compiled) => plan = Some(compiled).filter(|_| faults.is_empty()),
            Err(Faults(more)) => faults.extend(more),
        }
    }
    source.locate(&mut faults);
    drop_followers(&mut faults);
    faults.sort_by(|a, b| (a.line, a.column, &a.pointer).cmp(&(b.line, b.column, &b.pointer)));
    Diagnosis {
        graph,
        plan,
        faults,
    }
}

#[derive(Clone)]
pub(super) struct Compiled {
    pub(super) plan: Option<Arc<Plan>>,
    pub(super) interface: Arc<Shape>,
    pub(super) depth: usize,
}

pub(super) struct Compiler<'a> {
    pub(super) registry: &'a Registry,
    pub(super) grants: &'a Grants,
    pub(super) faults: Vec<Fault>,
    /// By the graph's address: a graph called from many places is compiled once. `None`: being compiled.
    pub(super) done: HashMap<*const Graph, Option<Compiled>>,
    /// The calls that led to the graph being compiled.
    pub(super) calls: Vec<String>,
    /// Names looked through for suggestions so far.
    looked: usize,
}

/// How many names are looked through for suggestions in one compilation: a large graph with many unknown nodes would
/// otherwise cost nodes times faults.
const MAX_LOOKED: usize = 1_000_000;

impl<'a> Compiler<'a> {
    /// Says whether so many more names may be looked through for a suggestion.
    pub(super) fn may_look(&mut self, names: usize) -> bool {
        self.looked = self.looked.saturating_add(names);
        self.looked <= MAX_LOOKED
    }

    pub(super) fn graph(&mut self, graph: &Graph, chain: &Chain<'_>) -> Compiled {
        self.done.insert(std::ptr::from_ref(graph), None);
        let reachable = self.subgraphs(graph, chain);
        let faults_before = self.faults.len();
        let resolved = resolve::nodes(self, graph, &reachable);
        let links = link::resolve(self, graph, &resolved);
        let templates = check::literals(self, graph, &resolved, &links, &reachable);
        check::required(self, graph, &resolved, &links, &reachable);
        check::together(self, graph, &resolved, &links);
        let order = order::order(graph, &resolved, &links, &mut self.faults);
        check::starts(self, graph, &resolved, &links, &order);
        let interface = Arc::new(resolve::interface(self, graph, &resolved));
        let whole =
            self.faults.len() == faults_before && resolved.iter().all(|node| node.entry.is_some());
        let depth = 1 + reachable
            .compiled
            .values()
            .map(|sub| sub.depth)
            .max()
            .unwrap_or(0);
        let plan = whole
            .then(|| {
                Arc::new(build::build(&Parts {
                    graph,
                    nodes: &resolved,
                    templates,
                    wires: &links,
                    order,
                    interface: &interface,
                    reachable: &reachable,
                }))
            })
            .filter(|_| reachable.reported.is_empty());
        let compiled = Compiled {
            plan,
            interface,
            depth,
        };
        self.done
            .insert(std::ptr::from_ref(graph), Some(compiled.clone()));
        compiled
    }
}

/// Kept for callers that have bytes and want a plan with the default limits.
impl Plan {
    /// Reads and compiles a document with the default limits and every grant.
    ///
    /// # Errors
    /// Every fault of reading and compiling, with line and column.
    pub fn from_json(bytes: &[u8], registry: &Registry) -> Result<Arc<Self>, Faults> {
        let diagnosis = diagnose(bytes, registry, &Grants::all(), &GraphLimits::default());
        diagnosis.plan.ok_or(Faults(diagnosis.faults))
    }
}
