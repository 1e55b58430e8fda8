//! The end of building: the rules for documents hold for graphs made in code.

use std::collections::HashSet;

use crate::fault::{Code, Fault, Faults};
use crate::graph::{Graph, GraphLimits, read};
use crate::json::{Limits, Pointer};

/// Writes the graph and reads it back. One set of rules for both, so that what was built is what a reader of the
/// document has.
pub(super) fn finish(graph: &Graph, mut faults: Vec<Fault>) -> Result<Graph, Faults> {
    doubles(graph, &Pointer::root(), &mut faults);
    let reading = read(graph.to_json_pretty().as_bytes(), &limits());
    // There is no document yet in which a line would mean something.
    faults.extend(reading.faults.into_iter().map(|mut fault| {
        (fault.line, fault.column) = (None, None);
        fault
    }));
    match reading.graph {
        Some(read) if faults.is_empty() => Ok(read),
        _ => Err(Faults(faults)),
    }
}

/// Finds what a document cannot even say: nodes and sub-graphs are its keys.
fn doubles(graph: &Graph, base: &Pointer, faults: &mut Vec<Fault>) {
    let (mut nodes, mut graphs) = (HashSet::new(), HashSet::new());
    for node in graph.nodes.iter().filter(|node| !nodes.insert(&node.id)) {
        faults.push(two_nodes(node.id.as_str(), base));
    }
    for (name, inner) in &graph.graphs {
        let place = base.push("graphs").push(name);
        if !graphs.insert(name) {
            let message = format!("there are two graphs \"{name}\"");
            faults.push(Fault::new(Code::JsonDuplicateKey, place.clone(), message));
        }
        doubles(inner, &place, faults);
    }
}

pub(super) fn two_nodes(id: &str, base: &Pointer) -> Fault {
    let place = base.push("nodes").push(id);
    Fault::new(
        Code::GraphNodeDuplicate,
        place,
        format!("there are two nodes \"{id}\""),
    )
}

/// A program may build what it would not read from just anyone; only depth stays bounded, since it costs stack.
fn limits() -> GraphLimits {
    let json = Limits::default()
        .with_max_bytes(usize::MAX)
        .with_max_text_bytes(usize::MAX);
    GraphLimits::default()
        .with_json(json)
        .with_max_nodes(usize::MAX)
        .with_max_links(usize::MAX)
}

/// Returns where a place of a graph is in the graph around it.
pub(super) fn within(base: &Pointer, inner: &Pointer) -> Pointer {
    inner
        .segments()
        .fold(base.clone(), |place, segment| place.push(&segment))
}
