//! Sub-graphs that a block runs from inside: found when the graph is compiled, their outputs told apart.

use std::sync::Arc;

use graphloom::block::{Literals, Shape, ShapeEnv, ShapeError};
use graphloom::value::Map;
use graphloom::{Text, Value};

/// The input that names the sub-graph.
pub(super) const GRAPH: &str = "graph";

/// Returns the pins of the sub-graph that a node's literals name; `None` where the name is missing or no text, which is
/// a fault of its own.
pub(super) fn callee(
    literals: &Literals<'_>,
    env: &dyn ShapeEnv,
) -> Result<Option<Arc<Shape>>, ShapeError> {
    let Some(name) = literals.text(GRAPH) else {
        return Ok(None);
    };
    match env.graph(name) {
        Some(shape) => Ok(Some(shape)),
        None => Err(ShapeError::unknown_graph(GRAPH, name)),
    }
}

/// Complains unless one of these names is the one that a literal gives.
pub(super) fn known<'n>(
    literals: &Literals<'_>,
    input: &str,
    what: &str,
    names: impl Iterator<Item = &'n Text> + Clone,
) -> Result<(), ShapeError> {
    let Some(asked) = literals.text(input) else {
        return Ok(());
    };
    if names.clone().any(|name| name.as_str() == asked) {
        return Ok(());
    }
    let names: Vec<String> = names.map(|name| format!("\"{name}\"")).collect();
    let there = match names.as_slice() {
        [] => format!("it has no {what}"),
        _ => format!("it has {}", names.join(", ")),
    };
    let message = format!("the sub-graph has no {what} \"{asked}\": {there}");
    Err(ShapeError::new(input, message))
}

/// Returns the last value of each output.
pub(super) fn last(outputs: Vec<(Text, Value)>) -> Map {
    let mut last = Map::new();
    for (name, value) in outputs {
        last.insert(name, value);
    }
    last
}
