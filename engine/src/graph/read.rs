//! Bytes to a graph: parses the document, tells its dialect, and collects every fault on the way.

use std::collections::HashSet;

use super::{
    Graph,
    at::{At, shown},
    autogpt,
    field::{Faulter, Mend},
    native,
    source::Source,
};
use crate::{
    fault::{Code, Fault},
    json::{self, Kind, Limits, Member, PatchOp, Pointer},
    value::Value,
};

/// How deep graphs may stand inside each other in one document.
const MAX_NESTING: u32 = 32;

/// How many items the lists may have that flattened keys build in one document.
const MAX_ITEMS: u64 = 4_000_000;

/// How large a graph may be.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GraphLimits {
    /// Limits of the document.
    pub json: Limits,
    /// How many nodes there may be, those of sub-graphs included. Default 10,000.
    pub max_nodes: usize,
    /// How many links there may be, those of sub-graphs included. Default 50,000.
    pub max_links: usize,
}

impl Default for GraphLimits {
    fn default() -> Self {
        Self {
            json: Limits::default(),
            max_nodes: 10_000,
            max_links: 50_000,
        }
    }
}

impl GraphLimits {
    /// Sets the limits of the document.
    #[must_use]
    pub fn with_json(mut self, json: Limits) -> Self {
        self.json = json;
        self
    }

    /// Sets how many nodes there may be.
    #[must_use]
    pub fn with_max_nodes(mut self, max_nodes: usize) -> Self {
        self.max_nodes = max_nodes;
        self
    }

    /// Sets how many links there may be.
    #[must_use]
    pub fn with_max_links(mut self, max_links: usize) -> Self {
        self.max_links = max_links;
        self
    }
}

/// What reading a document gave.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Reading {
    /// As much of the graph as could be told; complete only if there is no fault. `None` where the document is no
    /// graph at all, or one over the limits.
    pub graph: Option<Graph>,
    /// What is wrong, in the order of the document, with line and column.
    pub faults: Vec<Fault>,
    /// The document, to give later faults their line.
    pub source: Source,
}

/// Reads a graph in either dialect. Collects every fault and still gives what can be told of the graph, so that it can
/// be compiled for the faults that only then show.
#[must_use]
pub fn read(bytes: &[u8], limits: &GraphLimits) -> Reading {
    let parsed = json::parse(bytes, &limits.json);
    let mut reader = Reader::new(limits);
    let graph = match &parsed.tree {
        Some(tree) => reader.document(&tree.root).filter(|_| !reader.over_limit),
        None => None,
    };
    let mut faults = parsed.faults;
    // A document over the limit is not copied: nothing of it was read, and nothing in it has a place.
    let kept = if bytes.len() > limits.json.max_bytes {
        &[]
    } else {
        bytes
    };
    let source = Source::new(kept, parsed.tree);
    faults.extend(source.place(reader.faults.into_found()));
    source.locate(&mut faults);
    drop_followers(&mut faults);
    Reading {
        graph,
        faults,
        source,
    }
}

/// Drops what is said of a value that could not be read as it is written: another value stands in its place meanwhile.
pub(crate) fn drop_followers(faults: &mut Vec<Fault>) {
    let unread = |fault: &Fault| matches!(fault.code, Code::JsonNumber | Code::LimitTextBytes);
    if !faults.iter().any(unread) {
        return;
    }
    let places: HashSet<Pointer> = faults
        .iter()
        .filter(|fault| unread(fault))
        .map(|fault| fault.pointer.clone())
        .collect();
    faults.retain(|fault| unread(fault) || !places.contains(&fault.pointer));
}

/// What reading either dialect needs to know and to note.
#[derive(Debug)]
pub(super) struct Reader<'l> {
    pub(super) faults: Faulter,
    limits: &'l GraphLimits,
    nodes: usize,
    links: usize,
    items: u64,
    depth: u32,
    over_limit: bool,
}

impl<'l> Reader<'l> {
    fn new(limits: &'l GraphLimits) -> Self {
        Self {
            faults: Faulter::default(),
            limits,
            nodes: 0,
            links: 0,
            items: 0,
            depth: 0,
            over_limit: false,
        }
    }

    /// Counts nodes; false once there are too many, after noting so once.
    pub(super) fn count_nodes(&mut self, at: At<'_>, node: &json::Node, count: usize) -> bool {
        self.nodes = self.nodes.saturating_add(count);
        self.check_limit(
            Code::LimitNodes,
            at,
            node,
            "nodes",
            self.nodes,
            self.limits.max_nodes,
        )
    }

    /// Counts links, as nodes are counted.
    pub(super) fn count_links(&mut self, at: At<'_>, node: &json::Node, count: usize) -> bool {
        self.links = self.links.saturating_add(count);
        self.check_limit(
            Code::LimitLinks,
            at,
            node,
            "links",
            self.links,
            self.limits.max_links,
        )
    }

    /// Counts items of lists that a few bytes of the document make long; false once there are too many.
    pub(super) fn count_items(&mut self, items: u64) -> bool {
        self.items = self.items.saturating_add(items);
        self.items <= MAX_ITEMS
    }

    /// Goes into the graphs inside a graph; false where that is too deep, after noting so.
    pub(super) fn enter(&mut self, at: At<'_>, node: &json::Node) -> bool {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            let fault = Fault::new(
                Code::LimitSubgraphDepth,
                at.pointer(),
                "graphs stand inside each other too deep",
            )
            .expected(format!("at most {MAX_NESTING} levels"))
            .actual(format!("level {}", self.depth));
            self.faults.add(node.span.start, fault);
            self.over_limit = true;
        }
        !self.over_limit
    }

    /// Comes back from where [`enter`](Self::enter) went.
    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    fn check_limit(
        &mut self,
        code: Code,
        at: At<'_>,
        node: &json::Node,
        what: &str,
        count: usize,
        max: usize,
    ) -> bool {
        if count > max && !self.over_limit {
            let fault = Fault::new(code, at.pointer(), format!("the graph has too many {what}"))
                .expected(format!("at most {max}"))
                .actual(format!("{count} or more"));
            self.faults.add(node.span.start, fault);
            self.over_limit = true;
        }
        !self.over_limit
    }

    fn document(&mut self, root: &json::Node) -> Option<Graph> {
        let base = Pointer::root();
        let at = At::Base(&base);
        let Kind::Map(members) = &root.kind else {
            self.shape(at, root, "a graph is a map");
            return None;
        };
        match dialect(members) {
            Dialect::Native => {
                if !self.check_format(at, root, members, true) {
                    return None;
                }
                native::graph(self, at, root, members)
            }
            Dialect::AutoGpt => autogpt::graph(self, at, root, members),
            Dialect::Wrapped(key) => {
                self.shape(at.key(key), root, "the graph stands one level too deep");
                None
            }
            Dialect::Neither => {
                self.shape(at, root, "this map is not a graph");
                None
            }
        }
    }

    fn shape(&mut self, at: At<'_>, root: &json::Node, message: &str) {
        let fault = Fault::new(Code::GraphShape, at.pointer(), message)
            .expected("a map with \"format\": 1, \"nodes\" and \"links\", or an AutoGPT export")
            .actual(shown(root));
        self.faults.add(root.span.start, fault);
    }

    /// Checks the format number; false where this is a format that cannot be read.
    pub(super) fn check_format(
        &mut self,
        at: At<'_>,
        root: &json::Node,
        members: &[Member],
        required: bool,
    ) -> bool {
        let here = at.key("format");
        let Some(member) = members.iter().find(|m| m.key.as_str() == "format") else {
            if required {
                let fault = Fault::new(
                    Code::GraphFormatMissing,
                    here.pointer(),
                    "the format number is missing",
                )
                .expected("\"format\": 1")
                .actual("nothing")
                .fix(PatchOp::Add {
                    path: here.pointer(),
                    value: Value::Int(1),
                });
                self.faults.add(root.span.start, fault);
            }
            return true;
        };
        let node = &member.value;
        match &node.kind {
            Kind::Number(Value::Int(1)) => true,
            Kind::Number(Value::Int(_) | Value::Uint(_)) => {
                let fault = Fault::new(
                    Code::GraphFormat,
                    here.pointer(),
                    "this format of graphs is not known",
                )
                .expected("format 1")
                .actual(shown(node));
                self.faults.add(node.span.start, fault);
                false
            }
            _ => {
                // The value may be anything, but there is only one format that it can be put right to.
                self.faults
                    .wrong_type(here, node, "the integer 1", Mend::Replace(Value::Int(1)));
                true
            }
        }
    }
}

enum Dialect<'t> {
    Native,
    AutoGpt,
    Wrapped(&'t str),
    Neither,
}

/// Tells a dialect by the shape of its nodes: a map, or a list of maps with `block_id`.
fn dialect(members: &[Member]) -> Dialect<'_> {
    let get = |key: &str| {
        members
            .iter()
            .find(|m| m.key.as_str() == key)
            .map(|m| &m.value.kind)
    };
    match get("nodes") {
        _ if get("format").is_some() => Dialect::Native,
        Some(Kind::Map(_)) => Dialect::Native,
        Some(Kind::List(items)) if items.iter().any(|n| n.get("block_id").is_some()) => {
            Dialect::AutoGpt
        }
        Some(Kind::List(items)) if items.is_empty() && get("links").is_some() => Dialect::AutoGpt,
        // A list is the wrong shape for native nodes, but these can be nothing else.
        Some(Kind::List(items)) if items.iter().any(|n| n.get("block").is_some()) => {
            Dialect::Native
        }
        Some(_) => Dialect::Neither,
        None => {
            let inner = members.iter().find(|m| m.value.get("nodes").is_some());
            inner.map_or(Dialect::Neither, |m| Dialect::Wrapped(m.key.as_str()))
        }
    }
}
