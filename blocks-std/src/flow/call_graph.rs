//! `graph.call`: a graph inside a graph.

use std::sync::Arc;

use graphloom::block::types::PinType;
use graphloom::block::{BoxFuture, InputPin, Inputs, Literals, Role, Shape, ShapeEnv, ShapeError};
use graphloom::prelude::*;
use graphloom::{Category, DynBlock, DynEmitter};

/// Runs a sub-graph; the node has the pins of the sub-graph.
pub(super) struct CallGraph;

/// The input that names the sub-graph.
const GRAPH: &str = "graph";

const INFO: BlockInfo = BlockInfo::new("graph.call", 1, "Runs a sub-graph and emits its outputs.")
    .details(
        "The node has the pins of the sub-graph: its inputs and outputs, by their names. The sub-graph is one of \
         `graphs` in the same document.",
    )
    .category(Category::Flow)
    .role(Role::Call)
        .autogpt("e189baac-8c20-45a1-94a7-55177ea42565", "AgentExecutorBlock")
    .config(&[GRAPH]);

impl DynBlock for CallGraph {
    fn info(&self) -> &BlockInfo {
        &INFO
    }

    fn describe(&self) -> Result<Shape, ShapeError> {
        Ok(Shape::new(vec![graph_pin()], Vec::new()))
    }

    fn shape(
        &self,
        base: &Arc<Shape>,
        literals: &Literals<'_>,
        env: &dyn ShapeEnv,
    ) -> Result<Arc<Shape>, ShapeError> {
        // A name that is missing or no text is a fault of its own: the pin is required and a text.
        let Some(name) = literals.text(GRAPH) else {
            return Ok(Arc::clone(base));
        };
        let Some(child) = env.graph(name) else {
            return Err(ShapeError::unknown_graph(GRAPH, name));
        };
        // An input of the child that is called as ours is hidden by it.
        let theirs = child.inputs.iter().filter(|pin| pin.name.as_str() != GRAPH);
        let inputs = std::iter::once(graph_pin()).chain(theirs.cloned());
        Ok(Arc::new(Shape::new(
            inputs.collect(),
            child.outputs.clone(),
        )))
    }

    fn run<'a>(
        &'a self,
        _: &'a Context,
        _: Inputs<'a>,
        _: DynEmitter<'a>,
    ) -> BoxFuture<'a, Result<(), BlockError>> {
        Box::pin(std::future::ready(Err(BlockError::Bug {
            message: "a graph is called by the engine, not by this block".to_owned(),
        })))
    }
}

fn graph_pin() -> InputPin {
    InputPin::new(GRAPH, PinType::Text)
        .required()
        .config()
        .doc("The name of the sub-graph to run.")
}

#[cfg(test)]
mod tests {
    use graphloom::value::Map;
    use graphloom::{Value, block::OutputPin};

    use super::*;

    struct One;

    impl ShapeEnv for One {
        fn graph(&self, name: &str) -> Option<Arc<Shape>> {
            let inputs = vec![
                InputPin::new("x", PinType::Text),
                InputPin::new(GRAPH, PinType::Any),
            ];
            let outputs = vec![OutputPin::new("y", PinType::Integer)];
            (name == "child").then(|| Arc::new(Shape::new(inputs, outputs)))
        }
    }

    #[test]
    fn the_node_has_the_pins_of_the_graph() {
        let base = Arc::new(CallGraph.describe().unwrap());
        let literals = Map::from_iter([(GRAPH, Value::from("child"))]);
        let shape = CallGraph
            .shape(&base, &Literals::new(&literals), &One)
            .unwrap();
        let names: Vec<_> = shape.inputs.iter().map(|pin| pin.name.as_str()).collect();
        assert_eq!(names, [GRAPH, "x"]);
        assert_eq!(shape.output("y"), Some(0));
        let literals = Map::from_iter([(GRAPH, Value::from("other"))]);
        let error = CallGraph
            .shape(&base, &Literals::new(&literals), &One)
            .unwrap_err();
        assert_eq!(error.unknown_graph.as_deref(), Some("other"));
    }
}
