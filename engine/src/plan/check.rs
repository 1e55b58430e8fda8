//! Pass 3: literals and what is missing. Does each node have what its block needs, of the right type?

use std::sync::Arc;

use crate::block::types::PinType;
use crate::block::{InputPin, Role};
use crate::fault::{Code, Fault};
use crate::graph::{Coercion, Graph, Node, Nulls, Part};
use crate::json::PatchOp;
use crate::value::Value;

use super::alike::same_slots;
use super::calls::{GRAPH, Reachable};
use super::compile::Compiler;
use super::link::Wires;
use super::loose::feed;
use super::order::Order;
use super::repair;
use super::resolve::Resolved;

/// A node's literals by slot, converted.
pub(super) struct Template {
    /// `None`: the node has none.
    pub(super) slots: Option<Arc<[Option<Value>]>>,
    /// One does not fit, which under an import's policy starves the firing.
    pub(super) misfit: bool,
}

pub(super) fn literals(
    compiler: &mut Compiler<'_>,
    graph: &Graph,
    nodes: &[Resolved<'_>],
    wires: &Wires,
    reachable: &Reachable,
) -> Vec<Template> {
    let mut templates = Vec::with_capacity(nodes.len());
    // Calls of one graph mostly say the same: then they share it, as they share their shape.
    let mut last_call: Arc<[Option<Value>]> = Arc::default();
    for (position, (node, resolved)) in graph.nodes.iter().zip(nodes).enumerate() {
        let mut template = Template {
            slots: None,
            misfit: false,
        };
        if resolved.entry.is_some() && !node.inputs.is_empty() {
            let mut slots = vec![None; resolved.shape.inputs.len()];
            for (key, value) in node.inputs.iter() {
                let Some(slot) = resolved.shape.input(resolved.pin(key.as_str())) else {
                    unknown(
                        compiler,
                        graph,
                        (position, resolved),
                        wires,
                        key.as_str(),
                        value,
                    );
                    continue;
                };
                let Some(pin) = resolved.shape.inputs.get(slot) else {
                    continue;
                };
                let start = !wires.is_touched(position) || resolved.role() == Role::Input;
                match literal(graph, position, pin, value, start) {
                    Ok(converted) => {
                        if let Some(place) = slots.get_mut(slot) {
                            *place = converted;
                        }
                    }
                    Err(Misfit::Starves(value)) => {
                        template.misfit = true;
                        if let Some(place) = slots.get_mut(slot) {
                            *place = Some(value);
                        }
                    }
                    Err(Misfit::Fault(mut fault)) => {
                        if resolved.role() == Role::Call && pin.name.as_str() == GRAPH {
                            fault.fix = call(graph, position, reachable);
                        }
                        compiler.faults.push(*fault);
                    }
                }
            }
            if resolved.role() == Role::Call {
                if !same_slots(&last_call, &slots) {
                    last_call = slots.into();
                }
                template.slots = Some(Arc::clone(&last_call));
            } else {
                template.slots = Some(slots.into());
            }
        }
        templates.push(template);
    }
    templates
}

enum Misfit {
    Starves(Value),
    Fault(Box<Fault>),
}

fn literal(
    graph: &Graph,
    position: usize,
    pin: &InputPin,
    value: &Value,
    start: bool,
) -> Result<Option<Value>, Misfit> {
    let import = graph.policy.nulls == Nulls::Drop;
    if value.is_null() && import {
        return Ok(None);
    }
    let converted = match graph.policy.coercion {
        Coercion::Strict => pin.ty.coerce_strict(value.clone()),
        Coercion::Lenient => {
            let converted = pin.ty.coerce_lenient(value.clone());
            pin.ty.check(&converted).map(|()| converted)
        }
    };
    let mismatch = match converted {
        Ok(converted) => return Ok(Some(converted)),
        // AutoGPT refuses a run whose start nodes do not fit, and starves the others while it runs.
        Err(_) if import && !start => return Err(Misfit::Starves(value.clone())),
        Err(mismatch) => mismatch,
    };
    let id = graph
        .nodes
        .get(position)
        .map_or("", |node| node.id.as_str());
    let enumerated = matches!(pin.ty, PinType::Enum(_));
    let code = if enumerated {
        Code::GraphInputEnum
    } else {
        Code::GraphInputType
    };
    let mut place = graph.pointer(Part::Input(position, pin.name.as_str()));
    for step in mismatch.path.steps() {
        place = match step {
            crate::value::Step::Key(key) => place.push(key.as_str()),
            crate::value::Step::Index(index) => place.push(&index.to_string()),
        };
    }
    let mut fault = Fault::new(
        code,
        place,
        format!(
            "node \"{id}\": input \"{}\" does not take this value",
            pin.name
        ),
    )
    .expected(mismatch.expected)
    .actual(mismatch.found);
    if let (PinType::Enum(words), Some(found)) = (&pin.ty, value.as_str()) {
        fault = fault.near(found, words.iter().filter_map(Value::as_str));
    }
    if let Some(meant) = repair::meant(&pin.ty, value) {
        fault = repair::set_input(fault, graph, position, pin.name.as_str(), meant);
    }
    Err(Misfit::Fault(Box::new(fault)))
}

fn unknown(
    compiler: &mut Compiler<'_>,
    graph: &Graph,
    (position, resolved): (usize, &Resolved<'_>),
    wires: &Wires,
    key: &str,
    value: &Value,
) {
    // An export may carry inputs that its block no longer has; AutoGPT ignores them.
    if graph.policy.nulls == Nulls::Drop {
        return;
    }
    let Some((node, entry)) = graph.nodes.get(position).zip(resolved.entry) else {
        return;
    };
    let meant = meant(node, resolved, (position, wires), key, value);
    if resolved.is_vague && meant.is_none() {
        return;
    }
    let known: Vec<&str> = repair::input_names(&resolved.shape).collect();
    let mut fault = Fault::new(
        Code::GraphUnknownInput,
        graph.pointer(Part::Input(position, key)),
        format!(
            "node \"{}\": block \"{}\" has no input \"{key}\"",
            node.id,
            entry.info().id
        ),
    )
    .expected(if known.is_empty() {
        "nothing: the block has no inputs".to_owned()
    } else {
        format!("one of {}", repair::list(known.iter().copied()))
    })
    .actual(format!("\"{key}\""));
    // A name that is taken cannot have been meant.
    fault = fault.near(
        key,
        known
            .iter()
            .copied()
            .filter(|name| !node.inputs.contains_key(name)),
    );
    fault.fix = match meant {
        Some(pin) if takes(pin, value) => graph.rename_input(position, key, pin.name.as_str()),
        Some(pin) => {
            let mut ops = graph.remove_input(position, key);
            let value = repair::meant(&pin.ty, value).unwrap_or_else(|| value.clone());
            ops.extend(graph.set_input(position, pin.name.as_str(), value));
            ops
        }
        None => graph.remove_input(position, key),
    };
    compiler.faults.push(fault);
}

fn takes(pin: &InputPin, value: &Value) -> bool {
    pin.ty.coerce_strict(value.clone()).is_ok()
}

/// Returns the input that a key which the block does not have was probably meant for: the nearest that takes the value,
/// else the only one that needs a value and gets none.
fn meant<'r>(
    node: &Node,
    resolved: &'r Resolved<'_>,
    (position, wires): (usize, &Wires),
    key: &str,
    value: &Value,
) -> Option<&'r InputPin> {
    let shape = &resolved.shape;
    let free = |pin: &&InputPin| {
        let mut keys = node.inputs.keys();
        !keys.any(|key| resolved.pin(key.as_str()) == pin.name.as_str())
    };
    let names = shape
        .inputs
        .iter()
        .filter(free)
        .map(|pin| pin.name.as_str());
    let near = crate::fault::nearest(key, names);
    let pin = |name: &String| shape.inputs.get(shape.input(name)?);
    let of_type = near.iter().filter_map(pin).find(|pin| takes(pin, value));
    // A plain value can be made to fit, but not a list to be a number.
    let scalar = !matches!(value, Value::List(_) | Value::Map(_));
    let best = of_type.or_else(|| near.first().and_then(pin).filter(|_| scalar));
    best.or_else(|| {
        let needs = |(slot, pin): &(usize, &InputPin)| {
            let fed = wires.feeds(position, *slot) > 0;
            pin.required && pin.default.is_none() && !fed && !resolved.is_vague && free(pin)
        };
        let mut needy = shape.inputs.iter().enumerate().filter(needs);
        match (needy.next(), needy.next()) {
            (Some((_, one)), None) if takes(one, value) => Some(one),
            _ => None,
        }
    })
}

/// Returns the changes that make a node call the graph that it probably means to.
fn call(graph: &Graph, position: usize, reachable: &Reachable) -> Vec<PatchOp> {
    let meant = reachable.meant.get(&position);
    meant.map_or_else(Vec::new, |name| {
        graph.set_input(position, GRAPH, Value::Text(name.clone()))
    })
}

/// Reports required inputs that have neither a literal nor a link.
pub(super) fn required(
    compiler: &mut Compiler<'_>,
    graph: &Graph,
    nodes: &[Resolved<'_>],
    wires: &Wires,
    reachable: &Reachable,
) {
    for (position, (node, resolved)) in graph.nodes.iter().zip(nodes).enumerate() {
        let Some(entry) = resolved.entry else {
            continue;
        };
        let role = resolved.role();
        if role == Role::Note {
            continue;
        }
        for (slot, pin) in resolved.shape.inputs.iter().enumerate() {
            let named = matches!(role, Role::Input | Role::Output) && pin.name.as_str() == "name";
            let brings = role == Role::Input && pin.name.as_str() == "value";
            if !pin.required
                || pin.default.is_some()
                || named
                || brings
                || wires.feeds(position, slot) > 0
            {
                continue;
            }
            let literal = node.inputs.iter().any(|(key, value)| {
                resolved.pin(key.as_str()) == pin.name.as_str()
                    && !(value.is_null() && graph.policy.nulls == Nulls::Drop)
            });
            // A misspelt key is one fault, not two: the repair of the one brings the other.
            let misspelt = graph.policy.nulls == Nulls::Keep
                && node.inputs.iter().any(|(key, value)| {
                    let known = resolved.shape.input(resolved.pin(key.as_str())).is_some();
                    let place = (position, wires);
                    !known
                        && meant(node, resolved, place, key.as_str(), value)
                            .is_some_and(|meant| meant.name == pin.name)
                });
            if literal || misspelt || graph.suppressed.is_fed(node.id.as_str(), pin.name.as_str()) {
                continue;
            }
            let mut fault = Fault::new(
                Code::GraphInputMissing,
                graph.pointer(Part::Input(position, pin.name.as_str())),
                format!(
                    "node \"{}\": block \"{}\" needs the input \"{}\"",
                    node.id,
                    entry.info().id,
                    pin.name
                ),
            )
            .expected(format!("{}, as a literal or over a link", pin.ty))
            .actual("nothing");
            if role == Role::Call && pin.name.as_str() == GRAPH {
                fault.fix = call(graph, position, reachable);
            } else if let Some(op) = feed(compiler, graph, nodes, wires, (position, slot)) {
                fault = fault.fix(op);
            } else if let Some(value) = repair::stand_in(pin, entry.info().examples) {
                fault = repair::set_input(fault, graph, position, pin.name.as_str(), value);
            }
            compiler.faults.push(fault);
        }
    }
}

/// Reports pins that are taken together and are not linked together: a firing would wait for the others for ever.
pub(super) fn together(
    compiler: &mut Compiler<'_>,
    graph: &Graph,
    nodes: &[Resolved<'_>],
    wires: &Wires,
) {
    for (position, (node, resolved)) in graph.nodes.iter().zip(nodes).enumerate() {
        let pins = resolved.shape.inputs.iter().enumerate();
        let pins: Vec<(usize, &InputPin)> = pins.filter(|(_, pin)| pin.together).collect();
        if pins.is_empty() || graph.suppressed.may_be_linked(node.id.as_str()) {
            continue;
        }
        let names = || repair::list(pins.iter().map(|(_, pin)| pin.name.as_str()));
        let mut wires_in = wires.wires.iter().filter(|wire| wire.to() == position);
        let sticks =
            |slot: usize| move |wire: &super::link::Wire| wire.sticky && wire.slot() == slot;
        let stays = pins
            .iter()
            .find(|(slot, _)| wires_in.clone().any(sticks(*slot)));
        let wanting = pins
            .iter()
            .find(|(slot, _)| wires.feeds(position, *slot) == 0);
        let linked = pins
            .iter()
            .find(|(slot, _)| wires.feeds(position, *slot) > 0);
        let fault = |pin: &InputPin, message: String, actual: String| {
            let place = graph.pointer(Part::Input(position, pin.name.as_str()));
            let expected = format!("plain links to each of {}, or to none of them", names());
            Fault::new(Code::GraphLinkTogether, place, message)
                .expected(expected)
                .actual(actual)
        };
        if let (Some((_, wanting)), Some((_, linked))) = (wanting, linked) {
            compiler.faults.push(fault(
                wanting,
                format!(
                    "node \"{}\": input \"{}\" is linked and \"{}\" is not: a firing takes a value of each",
                    node.id, linked.name, wanting.name
                ),
                format!("no link to \"{}\"", wanting.name),
            ));
        } else if let Some((slot, pin)) = stays {
            let link = wires_in.find(|wire| sticks(*slot)(wire));
            let source = link.and_then(|wire| graph.links.get(wire.link()));
            compiler.faults.push(fault(
                pin,
                format!(
                    "node \"{}\": input \"{}\" keeps its value, so that nobody could tell a new one from the last",
                    node.id, pin.name
                ),
                source.map_or_else(String::new, |link| format!("a sticky link from {}", link.from)),
            ));
        }
    }
}

/// Reports a graph in which nothing can start.
pub(super) fn starts(
    compiler: &mut Compiler<'_>,
    graph: &Graph,
    nodes: &[Resolved<'_>],
    wires: &Wires,
    order: &Order,
) {
    let unsure = wires.is_unsure
        || graph.suppressed.lost_nodes()
        || nodes.iter().any(|node| node.entry.is_none())
        || graph
            .nodes
            .iter()
            .any(|node| graph.suppressed.may_be_linked(node.id.as_str()));
    if !order.starts.is_empty() || unsure {
        return;
    }
    let message = if graph.nodes.is_empty() {
        "the graph has no nodes"
    } else {
        "no node can start: each waits for another one"
    };
    compiler.faults.push(
        Fault::new(
            Code::GraphNoStart,
            graph.pointer(Part::Graph).push("nodes"),
            message,
        )
        .expected("a node without incoming links, or an input")
        .actual(format!("{} nodes", graph.nodes.len())),
    );
}
