//! One block, run by itself.

use std::sync::Arc;

use crate::event::{Event, Failure, How};
use crate::fault::Faults;
use crate::graph::{Coercion, Graph, Node, OnError, Policy};
use crate::id::NodeId;
use crate::json::{PatchOp, Pointer};
use crate::plan::compile;
use crate::registry::Registry;
use crate::value::{Map, Text, Value};

use super::engine::Engine;
use super::options::RunOptions;

/// What the only node is called.
const NODE: &str = "block";

/// What one firing of a block gave.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BlockRun {
    /// What it emitted, in order: pin and value.
    pub outputs: Vec<(Text, Value)>,
    /// Why it failed.
    pub error: Option<Failure>,
}

impl Engine {
    /// Runs one block once, with these inputs, by the same way as a node of a graph: converted, checked, granted.
    /// `coercion` decides which policy holds: the native one, or that of AutoGPT's graphs.
    ///
    /// # Errors
    /// An unknown block, and inputs that it does not take: places are `/block` and `/inputs/NAME`.
    pub async fn run_block(
        &self,
        id: &str,
        inputs: Map,
        coercion: Coercion,
        options: RunOptions,
    ) -> Result<BlockRun, Faults> {
        let mut graph = Graph::new();
        graph.policy = match coercion {
            Coercion::Lenient => Policy::import(),
            Coercion::Strict => Policy {
                on_error: OnError::Continue,
                ..Policy::default()
            },
        };
        // Disabled and unknown blocks are left to compile, which says it best.
        let alone = self
            .registry()
            .get(id)
            .map(|entry| (entry.info().id, Registry::alone(entry)));
        let (id, registry) = match &alone {
            Some((id, alone)) => (*id, alone),
            None => (id, self.registry()),
        };
        let node = NodeId::parse(NODE).map_err(|_| Faults(Vec::new()))?;
        let mut node = Node::new(node, id);
        node.inputs = inputs;
        graph.add_node(node);
        let plan = compile(&graph, registry, self.grants()).map_err(placed)?;
        let outcome = self.run(&plan, options.record()).await?;
        let mut run = BlockRun {
            outputs: Vec::new(),
            error: outcome.failure,
        };
        for record in outcome.records {
            match record.event {
                Event::Emitted {
                    node, port, value, ..
                }
                | Event::Done {
                    node, port, value, ..
                } => {
                    run.outputs
                        .push((Text::from(plan.port_name(node, port)), value));
                }
                Event::Finished {
                    how: How::Failed(failure),
                    ..
                } => run.error = Some(Arc::unwrap_or_clone(failure)),
                _ => {}
            }
        }
        Ok(run)
    }
}

/// Gives faults the places that they have in the node, since nobody has written the graph around it.
fn placed(mut faults: Faults) -> Faults {
    let within = |place: &mut Pointer| {
        let mut segments = place.segments();
        if segments.next().as_deref() == Some("nodes") && segments.next().as_deref() == Some(NODE) {
            let rest = segments.fold(Pointer::root(), |to, segment| to.push(&segment));
            *place = rest;
        }
    };
    for fault in &mut faults.0 {
        within(&mut fault.pointer);
        fault.fix.iter_mut().for_each(|op| match op {
            PatchOp::Move { from, path } | PatchOp::Copy { from, path } => {
                within(from);
                within(path);
            }
            PatchOp::Add { path, .. }
            | PatchOp::Remove { path }
            | PatchOp::Replace { path, .. }
            | PatchOp::Test { path, .. } => within(path),
        });
    }
    faults
}
