//! The last pass: what the others proved, laid out densely.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::block::{Effect, Gathering, Resource, Role, Shape};
use crate::dense::{ComponentIx, Dense, IxMap, NodeIx, PinIx};
use crate::graph::{Coercion, Nulls};
use crate::value::{Text, Value};

use super::grouped::Grouped;
use super::parts::Parts;
use super::resolve::Resolved;
use super::wiring::{Pins, Ports};
use super::{
    Binding, Closing, Cold, GatherPlan, Node, Options, Pin, Plan, RetryPlan, ToolPlan, ix,
};

pub(super) fn build(parts: &Parts<'_, '_>) -> Plan {
    let pins = Pins::new(parts);
    let ports = Ports::new(parts, &pins);
    let closing = closing(parts, &pins);
    let options = options(parts);
    let levels = levels(parts);
    let mut blank: HashMap<*const Shape, Arc<[Option<Value>]>> = HashMap::new();
    let mut nodes = Vec::with_capacity(parts.nodes.len());
    let mut cold = Vec::with_capacity(parts.nodes.len());
    let mut missing = Vec::with_capacity(parts.nodes.len());
    let error_linked: BTreeSet<usize> = parts
        .wires
        .wires
        .iter()
        .filter(|wire| wire.error)
        .map(|wire| wire.from())
        .collect();
    let tools: BTreeSet<usize> = parts
        .wires
        .wires
        .iter()
        .filter(|wire| wire.tool)
        .map(|wire| wire.to())
        .collect();
    for (position, (written, resolved)) in parts.graph.nodes.iter().zip(parts.nodes).enumerate() {
        let Some(entry) = resolved.entry else {
            continue;
        };
        let template = parts.templates.get(position);
        let range = pins.range(position);
        let own = pins.pins.get(range.clone()).unwrap_or_default();
        let mut flags = flags(parts, position, own);
        let own_options = options.get(&NodeIx(ix(position)));
        for (set, flag) in [
            (
                template.is_some_and(|template| template.misfit),
                Node::LITERALS,
            ),
            (own_options.is_some(), Node::OPTIONS),
            (
                own_options.is_some_and(|options| options.retry.is_some()),
                Node::RETRY,
            ),
            (error_linked.contains(&position), Node::ERROR_LINKED),
            (
                Plan::fails_run(&parts.graph.policy, written.on_error),
                Node::FAILS_RUN,
            ),
            (own.is_empty() && tools.contains(&position), Node::PASSIVE),
        ] {
            if set {
                flags |= flag;
            }
        }
        let component = parts.order.component.get(position).copied().unwrap_or(0);
        let level = levels.get(component as usize).copied().unwrap_or(0);
        if level >= WEIGHED_FROM || flags & (Node::CYCLE | Node::CALL | Node::INPUT) != 0 {
            flags |= Node::WEIGHED;
        }
        if closing
            .as_ref()
            .is_some_and(|closing| *closing.counted.at(ComponentIx(component)))
        {
            flags |= Node::COUNTED;
        }
        let info = entry.info();
        let window = if info.serial {
            1
        } else {
            written.concurrency.unwrap_or(Plan::DEFAULT_WINDOW)
        };
        let mut node = Node {
            first_pin: ix(range.start),
            first_port: ports.first.get(position).copied().unwrap_or(0),
            window,
            n_pins: u16::try_from(range.len()).unwrap_or(u16::MAX),
            n_ports: u16::try_from(resolved.shape.outputs.len() + 1).unwrap_or(u16::MAX),
            flags,
        };
        node.finish(own, resolved.shape.inputs.len());
        nodes.push(node);
        missing.push(own.iter().filter(|pin| !pin.is(Pin::UNWAITED)).count() as u32);
        let template = template
            .and_then(|template| template.slots.clone())
            .unwrap_or_else(|| {
                let key = Arc::as_ptr(&resolved.shape);
                let slots = resolved.shape.inputs.len();
                Arc::clone(blank.entry(key).or_insert_with(|| vec![None; slots].into()))
            });
        cold.push(Cold {
            id: written.id.as_text().clone(),
            block: Arc::clone(entry.block()),
            shape: Arc::clone(&resolved.shape),
            template,
            component: ComponentIx(component),
        });
    }
    let passive = |position: &usize| {
        nodes
            .get(*position)
            .is_none_or(|node: &Node| node.is(Node::PASSIVE))
    };
    let starts = parts
        .order
        .starts
        .iter()
        .filter(|position| !passive(position))
        .map(|position| NodeIx(ix(*position)));
    let mut plan = Plan {
        inputs: Vec::new(),
        name: parts.graph.name.clone().unwrap_or_else(|| Text::from("")),
        doc: parts.graph.doc.clone(),
        hash: parts.graph.semantic_hash(),
        policy: parts.graph.policy.clone(),
        starts: starts.collect(),
        nodes: Dense::new(nodes),
        by_id: OnceLock::new(),
        cold: Dense::new(cold),
        missing,
        pins: Dense::new(pins.pins),
        paths: pins.paths,
        first_link: Dense::new(ports.offsets),
        links: ports.links,
        selections: ports.selections,
        options,
        closing,
        interface: Arc::clone(parts.interface),
        acts: acts(parts),
        layout: OnceLock::new(),
        origin: OnceLock::new(),
        nothing: OnceLock::new(),
        subgraphs: parts
            .reachable
            .compiled
            .iter()
            .filter_map(|(name, sub)| Some((name.clone(), sub.plan.clone()?)))
            .collect(),
    };
    let inputs = plan
        .node_positions()
        .filter(|node| plan.nodes.at(*node).is(Node::INPUT));
    plan.inputs = inputs
        .filter_map(|node| Some((plan.io_name(node)?.clone(), node)))
        .collect();
    plan
}

fn acts(parts: &Parts<'_, '_>) -> bool {
    let once = |node: &Resolved| {
        let info = node.entry.map(|entry| entry.info());
        info.is_some_and(|info| info.effect == Effect::AtMostOnce)
    };
    let mut called = parts.reachable.compiled.values();
    parts.nodes.iter().any(once)
        || called.any(|sub| sub.plan.as_ref().is_some_and(|plan| plan.acts))
}

/// From this level on, and in cycles and at the borders of graphs, values are looked at for how deep they are: each node
/// before may have wrapped them, by a path as often as a path has steps.
const WEIGHED_FROM: u32 = 16;

/// How many components lie before each, on the longest way to it.
fn levels(parts: &Parts<'_, '_>) -> Vec<u32> {
    let component = |node: usize| parts.order.component.get(node).copied().unwrap_or(0) as usize;
    let n = parts.order.n_components;
    // By the component that they come from. Not sorted, which would take more than time in proportion.
    let edges = Grouped::new(n, || {
        let wires = parts.wires.wires.iter();
        wires
            .map(|wire| (component(wire.from()), ix(component(wire.to()))))
            .filter(|(from, to)| ix(*from) != *to)
    });
    // Components are numbered after those that they feed: the high numbers come first.
    let mut levels = vec![0_u32; n];
    for from in (0..n).rev() {
        let next = levels.get(from).map_or(0, |level| level.saturating_add(1));
        for to in edges.of(from) {
            if let Some(level) = levels.get_mut(*to as usize) {
                *level = next.max(*level);
            }
        }
    }
    levels
}

fn flags(parts: &Parts<'_, '_>, position: usize, pins: &[Pin]) -> u32 {
    let Some(entry) = parts.nodes.get(position).and_then(|node| node.entry) else {
        return 0;
    };
    let info = entry.info();
    let policy = &parts.graph.policy;
    let waited_plain = pins
        .iter()
        .any(|pin| !pin.is(Pin::STICKY) && !pin.is(Pin::UNWAITED));
    let plain_values = policy.nulls == Nulls::Keep && policy.coercion == Coercion::Strict;
    let whole = pins.iter().all(|pin| !pin.is(Pin::PATH));
    let special = pins
        .iter()
        .any(|pin| pin.is(Pin::UNWAITED) || pin.is(Pin::GATHER));
    [
        (pins.iter().any(|pin| pin.is(Pin::STICKY)), Node::ANY_STICKY),
        (!pins.is_empty() && !waited_plain, Node::ANY_STARTS),
        (info.role == Role::Input, Node::INPUT),
        (info.role == Role::Output, Node::OUTPUT),
        (info.role == Role::Call, Node::CALL),
        (info.role == Role::Note, Node::PASSIVE),
        (
            parts.order.cyclic.get(position).copied().unwrap_or(false),
            Node::CYCLE,
        ),
        (plain_values && whole, Node::DIRECT),
        (info.resource == Resource::Cpu, Node::CPU),
        (special, Node::SPECIAL),
        (info.effect == Effect::AtMostOnce, Node::ACTS),
    ]
    .iter()
    .filter(|(set, _)| *set)
    .fold(0, |flags, (_, flag)| flags | flag)
}

fn options(parts: &Parts<'_, '_>) -> IxMap<NodeIx, Options> {
    let mut all: IxMap<NodeIx, Options> = IxMap::default();
    let mut bindings = HashMap::new();
    for (position, (node, resolved)) in parts.graph.nodes.iter().zip(parts.nodes).enumerate() {
        let mut own = Options {
            timeout: node.timeout_ms.map(Duration::from_millis),
            retry: node
                .retry
                .filter(|retry| retry.max_attempts > 1)
                .map(|retry| RetryPlan {
                    max_attempts: retry.max_attempts,
                    backoff: Duration::from_millis(retry.backoff_ms),
                    max_backoff: Duration::from_millis(retry.max_backoff_ms),
                }),
            title: node.title.clone(),
            doc: node.doc.clone(),
            ..Options::default()
        };
        if resolved.role() == Role::Call {
            let name = node
                .inputs
                .get("graph")
                .and_then(Value::as_str)
                .unwrap_or_default();
            own.call = parts
                .reachable
                .compiled
                .get(name)
                .and_then(|sub| sub.plan.clone());
            let shape = &resolved.shape;
            own.binding = own.call.as_ref().map(|called| {
                let key = (Arc::as_ptr(shape), Arc::as_ptr(called));
                let binding = bindings.entry(key);
                Arc::clone(binding.or_insert_with(|| Arc::new(Binding::new(shape, called))))
            });
        }
        let plain = own.timeout.is_none()
            && own.retry.is_none()
            && own.call.is_none()
            && own.title.is_none()
            && own.doc.is_none();
        if !plain {
            all.insert(NodeIx(ix(position)), own);
        }
    }
    for wire in parts.wires.wires.iter().filter(|wire| wire.tool) {
        let tools = &mut all.entry(NodeIx(ix(wire.from()))).or_default().tools;
        let sink = NodeIx(ix(wire.to()));
        let slot = u16::try_from(wire.slot()).unwrap_or(u16::MAX);
        let link = parts.graph.links.get(wire.link());
        let path = link.map(|link| link.to.path.clone()).unwrap_or_default();
        match tools.iter_mut().find(|tool| tool.node == sink) {
            Some(tool) => tool.arguments.push((slot, path)),
            None => tools.push(ToolPlan {
                node: sink,
                arguments: vec![(slot, path)],
            }),
        }
    }
    all
}

fn closing(parts: &Parts<'_, '_>, pins: &Pins) -> Option<Closing> {
    if !pins.pins.iter().any(|pin| pin.is(Pin::GATHER)) {
        return None;
    }
    let n = parts.order.n_components;
    let component =
        |node: usize| ComponentIx(parts.order.component.get(node).copied().unwrap_or(0));
    let mut down: Vec<BTreeSet<ComponentIx>> = vec![BTreeSet::new(); n];
    let mut feeds: Vec<BTreeSet<PinIx>> = vec![BTreeSet::new(); n];
    let mut upstream = Dense::new(vec![0_u32; n]);
    let mut gathers: IxMap<PinIx, GatherPlan> = IxMap::default();
    let edges = parts.wires.wires.iter().enumerate();
    for (position, wire) in edges {
        let (from, to) = (component(wire.from()), component(wire.to()));
        if from != to
            && down
                .get_mut(from.0 as usize)
                .is_some_and(|set| set.insert(to))
        {
            *upstream.at_mut(to) += 1;
        }
        let pin = pins.of_wire.get(position).copied().filter(|_| !wire.tool);
        let Some(pin) = pin.filter(|pin| {
            pins.pins
                .get(pin.0 as usize)
                .is_some_and(|pin| pin.is(Pin::GATHER))
        }) else {
            continue;
        };
        if feeds
            .get_mut(from.0 as usize)
            .is_some_and(|set| set.insert(pin))
        {
            let declared = parts
                .nodes
                .get(wire.to())
                .and_then(|node| node.shape.inputs.get(wire.slot()));
            let every = match declared.and_then(|pin| pin.gather) {
                Some(Gathering::Every(n)) => Some(n),
                _ => None,
            };
            gathers
                .entry(pin)
                .or_insert(GatherPlan { every, feeders: 0 })
                .feeders += 1;
        }
    }
    // Components are numbered after those that they feed, so one pass from the low numbers up sees what is downstream
    // first.
    let mut counted = Dense::new(vec![false; n]);
    for (c, (down, feeds)) in down.iter().zip(&feeds).enumerate() {
        *counted.at_mut(ComponentIx(ix(c))) =
            !feeds.is_empty() || down.iter().any(|&next| *counted.at(next));
    }
    Some(Closing {
        upstream,
        downstream: Dense::new(
            down.into_iter()
                .map(|set| set.into_iter().collect())
                .collect(),
        ),
        feeds: Dense::new(
            feeds
                .into_iter()
                .map(|set| set.into_iter().collect())
                .collect(),
        ),
        gathers,
        counted,
    })
}
