//! Pass 1: blocks and shapes. What each node is, and what pins it has.

use std::collections::HashMap;
use std::sync::Arc;

use crate::block::types::PinType;
use crate::block::{Alias, InputPin, Literals, OutputPin, Role, Shape, ShapeEnv};
use crate::fault::{Code, Fault};
use crate::graph::{Graph, Node, Nulls, Part};
use crate::json::PatchOp;
use crate::registry::{Entry, Lookup};
use crate::value::{Map, Text, Value};

use super::alike::same_literals;
use super::calls::Reachable;
use super::compile::Compiler;
use super::{candidates, config, repair};

/// A node with its block and its pins. Without an entry something was wrong and was reported.
pub(super) struct Resolved<'a> {
    pub(super) entry: Option<&'a Entry>,
    pub(super) shape: Arc<Shape>,
    pub(super) alias: Option<Alias>,
    /// What decides its pins is not written: it may have more pins than these.
    pub(super) is_vague: bool,
}

impl Resolved<'_> {
    pub(super) fn role(&self) -> Role {
        self.entry.map_or(Role::Standard, |entry| entry.info().role)
    }

    /// Returns what a pin that the graph calls `name` is called here.
    pub(super) fn pin<'n>(&self, name: &'n str) -> &'n str {
        self.alias.map_or(name, |alias| alias.pin(name))
    }
}

struct Env<'r>(&'r Reachable);

impl ShapeEnv for Env<'_> {
    fn graph(&self, name: &str) -> Option<Arc<Shape>> {
        self.0
            .compiled
            .get(name)
            .map(|compiled| Arc::clone(&compiled.interface))
    }
}

pub(super) fn nodes<'a>(
    compiler: &mut Compiler<'a>,
    graph: &Graph,
    reachable: &Reachable,
) -> Vec<Resolved<'a>> {
    let registry = compiler.registry;
    let none = Arc::new(Shape::default());
    let unresolved = || Resolved {
        entry: None,
        shape: Arc::clone(&none),
        alias: None,
        is_vague: false,
    };
    let mut resolved = Vec::with_capacity(graph.nodes.len());
    // The last shape that each block has made of its literals: a thousand calls of one graph have one between them, and
    // not a thousand that a run has to fetch from memory one by one.
    let mut made: HashMap<&str, (Map, Arc<Shape>)> = HashMap::new();
    for (position, node) in graph.nodes.iter().enumerate() {
        if graph.suppressed.has_unknown_block(node.id.as_str()) {
            resolved.push(unresolved());
            continue;
        }
        let lookup = registry.find(node.block.as_str());
        let Lookup::Found(entry) = lookup else {
            let fault = not_found(compiler, graph, position, &lookup);
            compiler.faults.push(fault);
            resolved.push(unresolved());
            continue;
        };
        let info = entry.info();
        if !compiler.grants.allows_block(info.id) {
            compiler.faults.push(
                Fault::new(
                    Code::GrantBlock,
                    graph.pointer(Part::Block(position)),
                    format!(
                        "node \"{}\": block \"{}\" is not granted here",
                        node.id, info.id
                    ),
                )
                .expected("a block that the host grants")
                .actual(format!("\"{}\"", info.id)),
            );
        }
        for capability in info
            .capabilities
            .iter()
            .filter(|capability| !compiler.grants.allows(**capability))
        {
            compiler.faults.push(
                Fault::new(
                    Code::GrantCapability,
                    graph.pointer(Part::Block(position)),
                    format!(
                        "node \"{}\": block \"{}\" needs the capability \"{capability}\", which is not granted here",
                        node.id, info.id
                    ),
                )
                .expected(format!("a grant of \"{capability}\""))
                .actual("no such grant"),
            );
        }
        let alias = info.alias.filter(|alias| alias.uuid == node.block.as_str());
        let called = reachable.meant.get(&position);
        let base = entry.described();
        let config = base
            .as_ref()
            .ok()
            .and_then(|base| config::literals(base, node, alias, called));
        let literals = config.as_ref().unwrap_or(&node.inputs);
        let shape = base.and_then(|base| {
            if let Some((alike, shape)) = made.get(info.id)
                && same_literals(alike, literals)
            {
                return Ok(Arc::clone(shape));
            }
            let shape = entry
                .block
                .shape(base, &Literals::new(literals), &Env(reachable))?;
            if !Arc::ptr_eq(&shape, base) {
                made.insert(info.id, (literals.clone(), Arc::clone(&shape)));
            }
            Ok(shape)
        });
        match shape {
            Ok(shape) => resolved.push(Resolved {
                entry: Some(entry),
                is_vague: config::is_vague(&shape, literals),
                shape,
                alias,
            }),
            Err(error) => {
                let reported = error.unknown_graph.as_deref().is_some_and(|name| {
                    reachable
                        .reported
                        .iter()
                        .any(|known| known.as_str() == name)
                });
                if !reported {
                    let place = match error.input.as_str() {
                        "" => graph.pointer(Part::Node(position)),
                        input => graph.pointer(Part::Input(position, input)),
                    };
                    let message = format!("node \"{}\": {}", node.id, error.message);
                    let found = node.inputs.get(&error.input);
                    let fault = Fault::new(Code::GraphBlockConfig, place, message)
                        .expected("inputs that the block can make its pins of")
                        .actual(found.map_or_else(|| "nothing".to_owned(), repair::shown));
                    compiler.faults.push(fault);
                }
                resolved.push(unresolved());
            }
        }
    }
    resolved
}

fn not_found(
    compiler: &mut Compiler<'_>,
    graph: &Graph,
    position: usize,
    lookup: &Lookup<'_>,
) -> Fault {
    let Some(node) = graph.nodes.get(position) else {
        return Fault::new(Code::GraphShape, graph.pointer(Part::Graph), "");
    };
    let place = graph.pointer(Part::Block(position));
    let (id, block) = (&node.id, node.block.as_str());
    match lookup {
        Lookup::Disabled(reason) => {
            let fault = Fault::new(
                Code::GraphBlockDisabled,
                place,
                format!("node \"{id}\": block \"{block}\" is switched off: {reason}"),
            )
            .expected("a block that is switched on")
            .actual(format!("\"{block}\""));
            suggest(
                fault,
                compiler
                    .registry
                    .absent(block)
                    .and_then(|known| compiler.registry.stand_in(known)),
            )
        }
        Lookup::Version { entry, asked } => {
            let info = entry.info();
            Fault::new(
                Code::GraphBlockVersion,
                place.clone(),
                format!(
                    "node \"{id}\": block \"{}\" has no version {asked}",
                    info.id
                ),
            )
            .expected(format!("version {}", info.version))
            .actual(format!("version {asked}"))
            .fix(PatchOp::Replace {
                path: place,
                value: Value::from(format!("{}@{}", info.id, info.version)),
            })
        }
        Lookup::Known(known) => {
            let stand_in = compiler.registry.stand_in(known);
            let ours = stand_in.map_or_else(String::new, |entry| {
                format!(
                    "block \"{}\", which serves in its place with pins of its own, or ",
                    entry.info().id
                )
            });
            let fault = Fault::new(Code::GraphUnknownBlock, place, format!("node \"{id}\": {}", known.absence()))
                .expected(format!("{ours}a block that stands in for {}: register one with this UUID as its alias, or replace the node", known.name))
                .actual(known.name);
            suggest(fault, stand_in)
        }
        _ => {
            let fault = Fault::new(
                Code::GraphUnknownBlock,
                place.clone(),
                format!("node \"{id}\": there is no block \"{block}\""),
            )
            .expected("the id of a registered block")
            .actual(format!("\"{block}\""));
            let (near, best) = candidates::blocks(compiler, graph, position);
            let mut fault = fault;
            fault.suggestions = near;
            match best {
                Some(best) => fault.fix(PatchOp::Replace {
                    path: place,
                    value: Value::from(best),
                }),
                None => fault,
            }
        }
    }
}

/// Returns the pins of the graph itself: its input nodes and its output nodes, by their names.
pub(super) fn interface(
    compiler: &mut Compiler<'_>,
    graph: &Graph,
    resolved: &[Resolved<'_>],
) -> Shape {
    let mut inputs: Vec<InputPin> = Vec::new();
    let mut outputs: Vec<OutputPin> = Vec::new();
    let mut seen: HashMap<Text, usize> = HashMap::new();
    for (position, (node, found)) in graph.nodes.iter().zip(resolved).enumerate() {
        let role = found.role();
        if !matches!(role, Role::Input | Role::Output) {
            continue;
        }
        let name = match node.inputs.get("name") {
            Some(Value::Text(name)) if !name.as_str().trim().is_empty() => name.clone(),
            other => {
                if !graph.suppressed.is_fed(node.id.as_str(), "name") {
                    compiler.faults.push(unnamed(graph, position, role, other));
                }
                continue;
            }
        };
        let value = found
            .shape
            .input("value")
            .and_then(|slot| found.shape.inputs.get(slot));
        let ty = value.map_or(PinType::Any, |pin| pin.ty.clone());
        let doc = node.doc.clone().or_else(|| {
            node.inputs
                .get("description")
                .and_then(Value::as_text)
                .cloned()
        });
        if role == Role::Output {
            if !outputs.iter().any(|pin| pin.name == name) {
                outputs.push(OutputPin::new(name, ty).doc(doc.unwrap_or_else(|| Text::from(""))));
            }
            continue;
        }
        let literal = node
            .inputs
            .get("value")
            .filter(|value| !value.is_null())
            .cloned();
        let default = literal.or_else(|| value.and_then(|pin| pin.default.clone()));
        if let Some(&first) = seen.get(&name) {
            conflict(compiler, graph, position, &name, inputs.get(first), &ty);
            continue;
        }
        seen.insert(name.clone(), inputs.len());
        let mut pin = InputPin::new(name, ty).doc(doc.unwrap_or_else(|| Text::from("")));
        // Under AutoGPT's policy an input that nobody gives is null, and emits nothing.
        pin.required = default.is_none() && graph.policy.nulls == Nulls::Keep;
        pin.default = default;
        inputs.push(pin);
    }
    Shape::new(inputs, outputs)
}

fn conflict(
    compiler: &mut Compiler<'_>,
    graph: &Graph,
    position: usize,
    name: &Text,
    first: Option<&InputPin>,
    ty: &PinType,
) {
    let Some(first) = first.filter(|first| first.ty != *ty && graph.policy.nulls == Nulls::Keep)
    else {
        return;
    };
    let fault = Fault::new(
        Code::GraphIoConflict,
        graph.pointer(Part::Input(position, "name")),
        format!("two input nodes are called \"{name}\" and ask for different types"),
    )
    .expected(first.ty.to_string())
    .actual(ty.to_string());
    let fault = repair::set_input(fault, graph, position, "name", free_name(graph, position));
    compiler.faults.push(fault);
}

fn unnamed(graph: &Graph, position: usize, role: Role, found: Option<&Value>) -> Fault {
    let id = graph
        .nodes
        .get(position)
        .map_or("", |node| node.id.as_str());
    let fault = Fault::new(
        Code::GraphIoName,
        graph.pointer(Part::Input(position, "name")),
        format!("node \"{id}\": an {role} needs a name"),
    )
    .expected("a text that is not empty")
    .actual(found.map_or_else(|| "nothing".to_owned(), ToString::to_string));
    repair::set_input(fault, graph, position, "name", free_name(graph, position))
}

/// Returns a name that no other input or output has: the node's id, with a number where that is taken.
fn free_name(graph: &Graph, position: usize) -> Value {
    let id = graph
        .nodes
        .get(position)
        .map_or("", |node| node.id.as_str());
    let taken = |name: &str| {
        let named = |node: &Node| node.inputs.get("name").and_then(Value::as_str) == Some(name);
        graph.nodes.iter().any(named)
    };
    let numbered = (2..).map(|number| format!("{id}_{number}"));
    let mut names = std::iter::once(id.to_owned()).chain(numbered);
    Value::from(names.find(|name| !taken(name)).unwrap_or_default())
}

fn suggest(mut fault: Fault, stand_in: Option<&Entry>) -> Fault {
    fault
        .suggestions
        .extend(stand_in.map(|entry| entry.info().id.to_owned()));
    fault
}
