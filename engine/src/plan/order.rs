//! Pass 4: cycles, components, starts.

use crate::block::Role;
use crate::fault::{Code, Fault};
use crate::graph::{Cycles, Graph, Part};

use super::grouped::Grouped;
use super::link::Wires;
use super::repair;
use super::resolve::Resolved;

/// The strongly connected components of the graph, and what starts.
pub(super) struct Order {
    /// The component of each node; numbered so that a component comes after those that it feeds.
    pub(super) component: Vec<u32>,
    pub(super) n_components: usize,
    /// Nodes inside a cycle.
    pub(super) cyclic: Vec<bool>,
    /// Nodes that fire once at the start.
    pub(super) starts: Vec<usize>,
}

pub(super) fn order(
    graph: &Graph,
    nodes: &[Resolved<'_>],
    wires: &Wires,
    faults: &mut Vec<Fault>,
) -> Order {
    let n = nodes.len();
    let edges = Edges::new(n, wires);
    let (component, n_components) = components(n, &edges);
    let mut size = vec![0_u32; n_components];
    for &c in &component {
        if let Some(size) = size.get_mut(c as usize) {
            *size += 1;
        }
    }
    let mut cyclic: Vec<bool> = component
        .iter()
        .map(|&c| size.get(c as usize).copied().unwrap_or(0) > 1)
        .collect();
    let loops = wires.wires.iter().map(|wire| (wire.from(), wire.to()));
    let loops = loops.chain(wires.bent.iter().map(|(_, from, to)| (*from, *to)));
    for (from, _) in loops.filter(|(from, to)| from == to) {
        if let Some(flag) = cyclic.get_mut(from) {
            *flag = true;
        }
    }
    if graph.policy.cycles == Cycles::Deny {
        report_cycles(graph, &edges, &component, &cyclic, faults);
    }
    report_gathers(graph, nodes, wires, &component, &cyclic, faults);
    let mut linked = vec![false; n];
    for wire in &wires.wires {
        if let Some(flag) = linked.get_mut(wire.to()) {
            *flag = true;
        }
    }
    // A node that a broken link would feed is not one that starts by itself.
    for (node, flag) in linked.iter_mut().enumerate() {
        *flag |= wires.is_touched(node);
    }
    let starts = nodes
        .iter()
        .zip(&linked)
        .enumerate()
        .filter(|(_, (node, linked))| {
            node.role() != Role::Note && (!**linked || node.role() == Role::Input)
        })
        .map(|(position, _)| position)
        .collect();
    Order {
        component,
        n_components,
        cyclic,
        starts,
    }
}

/// Outgoing links by node, each with the node at its end and its place in the graph; faulty ones as they are once they
/// are mended, so that a circle does not show only then.
struct Edges(Grouped<(u32, u32)>);

impl Edges {
    fn new(n: usize, wires: &Wires) -> Self {
        let sound = wires
            .wires
            .iter()
            .map(|wire| (wire.link(), wire.from(), wire.to()));
        let all = || sound.clone().chain(wires.bent.iter().copied());
        Self(Grouped::new(n, || {
            all().map(|(link, from, to)| (from, (super::ix(to), super::ix(link))))
        }))
    }

    fn range(&self, node: usize) -> std::ops::Range<usize> {
        self.0.range(node)
    }

    fn target(&self, edge: usize) -> usize {
        self.0.items().get(edge).map_or(0, |(to, _)| *to as usize)
    }

    fn link(&self, edge: usize) -> Option<usize> {
        self.0.items().get(edge).map(|(_, link)| *link as usize)
    }
}

/// Strongly connected components without recursion, since a chain may be longer than any stack.
///
/// Source: R. Tarjan, Depth-first search and linear graph algorithms, 1972. A component is numbered when it is left,
/// so that it comes after those that it feeds.
fn components(n: usize, edges: &Edges) -> (Vec<u32>, usize) {
    const NEW: u32 = u32::MAX;
    let mut order = vec![NEW; n];
    let mut low = vec![0_u32; n];
    let mut component = vec![NEW; n];
    let (mut next, mut count) = (0_u32, 0_u32);
    let mut open: Vec<usize> = Vec::new();
    let mut path: Vec<(usize, usize)> = Vec::new();
    let get = |of: &[u32], at: usize| of.get(at).copied().unwrap_or(NEW);
    let set = |of: &mut [u32], at: usize, value: u32| {
        if let Some(place) = of.get_mut(at) {
            *place = value;
        }
    };
    for root in 0..n {
        if get(&order, root) != NEW {
            continue;
        }
        path.push((root, edges.range(root).start));
        while let Some((node, edge)) = path.last().copied() {
            if get(&order, node) == NEW {
                set(&mut order, node, next);
                set(&mut low, node, next);
                next += 1;
                open.push(node);
            }
            if edge < edges.range(node).end {
                if let Some(top) = path.last_mut() {
                    top.1 += 1;
                }
                let target = edges.target(edge);
                if get(&order, target) == NEW {
                    path.push((target, edges.range(target).start));
                } else if get(&component, target) == NEW {
                    let lower = get(&low, node).min(get(&order, target));
                    set(&mut low, node, lower);
                }
                continue;
            }
            path.pop();
            if let Some((parent, _)) = path.last().copied() {
                let lower = get(&low, parent).min(get(&low, node));
                set(&mut low, parent, lower);
            }
            if get(&low, node) == get(&order, node) {
                while let Some(member) = open.pop() {
                    set(&mut component, member, count);
                    if member == node {
                        break;
                    }
                }
                count += 1;
            }
        }
    }
    (component, count as usize)
}

fn report_cycles(
    graph: &Graph,
    edges: &Edges,
    component: &[u32],
    cyclic: &[bool],
    faults: &mut Vec<Fault>,
) {
    let mut reported: Vec<u32> = Vec::new();
    for (start, _) in cyclic.iter().enumerate().filter(|(_, cyclic)| **cyclic) {
        let Some(&own) = component.get(start) else {
            continue;
        };
        if reported.contains(&own) {
            continue;
        }
        reported.push(own);
        let Some((path, closing)) = shortest_circle(start, edges, component) else {
            continue;
        };
        let id = |node: &usize| graph.nodes.get(*node).map_or("", |node| node.id.as_str());
        let names: Vec<&str> = path.iter().map(id).chain([id(&start)]).collect();
        let fault = Fault::new(
            Code::GraphCycle,
            graph.pointer(Part::Link(closing)),
            format!("nodes feed each other in a circle: {}", circle(&names)),
        )
        .expected("no circle, or the policy \"cycles\": \"allow\"")
        .actual(format!("a circle of {}", path.len()));
        faults.push(match graph.set_policy("cycles", "allow".into()) {
            Some(op) => fault.fix(op),
            None => fault,
        });
    }
}

/// Writes a circle as `a -> b -> a`; of a long one the beginning and the end.
fn circle(names: &[&str]) -> String {
    const SHOWN: usize = 16;
    if names.len() <= SHOWN {
        return names.join(" -> ");
    }
    let half = |part: &[&str]| part.join(" -> ");
    let (head, tail) = (
        names.split_at(SHOWN / 2).0,
        names.split_at(names.len() - SHOWN / 2).1,
    );
    let more = names.len() - SHOWN;
    format!("{} -> ({more} more) -> {}", half(head), half(tail))
}

/// Breadth first from a node back to itself, inside its component: the circle, and the link that closes it.
fn shortest_circle(start: usize, edges: &Edges, component: &[u32]) -> Option<(Vec<usize>, usize)> {
    let own = component.get(start)?;
    let mut from = std::collections::HashMap::new();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for edge in edges.range(node) {
            let target = edges.target(edge);
            if target == start {
                let mut path = vec![node];
                let mut at = node;
                while let Some(&before) = from.get(&at) {
                    path.push(before);
                    at = before;
                }
                path.reverse();
                return Some((path, edges.link(edge)?));
            }
            if component.get(target) == Some(own) && !from.contains_key(&target) {
                from.insert(target, node);
                queue.push_back(target);
            }
        }
    }
    None
}

fn report_gathers(
    graph: &Graph,
    nodes: &[Resolved<'_>],
    wires: &Wires,
    component: &[u32],
    cyclic: &[bool],
    faults: &mut Vec<Fault>,
) {
    for wire in &wires.wires {
        let gathers = nodes
            .get(wire.to())
            .and_then(|node| node.shape.inputs.get(wire.slot()))
            .is_some_and(|pin| pin.gather.is_some());
        let inside = component.get(wire.from()) == component.get(wire.to())
            && cyclic.get(wire.to()).copied().unwrap_or(false);
        if gathers && inside {
            let names: Vec<&str> = [wire.from(), wire.to()]
                .iter()
                .filter_map(|node| graph.nodes.get(*node).map(|node| node.id.as_str()))
                .collect();
            faults.push(
                Fault::new(
                    Code::GraphGatherCycle,
                    graph.pointer(Part::LinkTo(wire.link())),
                    format!(
                        "{} collects from its own circle, so it could never close",
                        repair::list(names.get(1).copied())
                    ),
                )
                .expected("a link from outside of the circle")
                .actual(format!(
                    "a link from {}",
                    repair::list(names.first().copied())
                )),
            );
        }
    }
}
