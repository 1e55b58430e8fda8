//! The links of a graph laid out densely: which pins a node has, and where each of its ports leads.

use std::collections::HashMap;

use crate::dense::{IxMap, NodeIx, PinIx};
use crate::value::Path;

use super::grouped::Grouped;
use super::link::Wire;
use super::parts::Parts;
use super::{Link, Pin, ix};

/// Linked pins, those of a node together, in the order of their first links.
pub(super) struct Pins {
    pub(super) pins: Vec<Pin>,
    pub(super) paths: IxMap<PinIx, Path>,
    first: Vec<u32>,
    /// The pin of each wire, by the wire's position.
    pub(super) of_wire: Vec<PinIx>,
}

impl Pins {
    pub(super) fn new(parts: &Parts<'_, '_>) -> Self {
        let n = parts.nodes.len();
        let wires = &parts.wires.wires;
        let by_sink = Grouped::new(n, || {
            let flows = wires.iter().enumerate().filter(|(_, wire)| !wire.tool);
            flows.map(|(position, wire)| (wire.to(), ix(position)))
        });
        let mut out = Self {
            pins: Vec::with_capacity(wires.len()),
            paths: IxMap::default(),
            first: Vec::with_capacity(n + 1),
            of_wire: vec![PinIx(0); wires.len()],
        };
        for sink in 0..n {
            let list = by_sink.of(sink);
            out.first.push(ix(out.pins.len()));
            let mut known = Known::of(list.len());
            for &position in list {
                let Some(wire) = wires.get(position as usize) else {
                    continue;
                };
                let Some(link) = parts.graph.links.get(wire.link()) else {
                    continue;
                };
                let path = &link.to.path;
                let next = PinIx(ix(out.pins.len()));
                let pin = known.get(wire.slot(), path, next);
                if pin == next {
                    out.pins.push(new_pin(parts, sink, wire, path));
                    if !path.is_empty() {
                        out.paths.insert(pin, path.clone());
                    }
                }
                if let Some(pin) = out.pins.get_mut(pin.0 as usize) {
                    if wire.sticky && !pin.is(Pin::GATHER) {
                        pin.flags |= Pin::STICKY;
                    }
                    if !wire.proven {
                        pin.flags &= !Pin::PROVEN;
                    }
                }
                if let Some(place) = out.of_wire.get_mut(position as usize) {
                    *place = pin;
                }
            }
        }
        out.first.push(ix(out.pins.len()));
        out
    }

    pub(super) fn range(&self, node: usize) -> std::ops::Range<usize> {
        let at = |node: usize| self.first.get(node).copied().unwrap_or(0) as usize;
        at(node)..at(node + 1)
    }
}

/// The pins of one node, by slot and path.
enum Known<'p> {
    /// Most nodes have few.
    Few(Vec<(usize, &'p Path, PinIx)>),
    /// A fan-in by paths may be wide: keyed, not searched.
    Many(HashMap<(usize, String), PinIx>),
}

impl<'p> Known<'p> {
    /// Of a node with so many links into it.
    fn of(links: usize) -> Self {
        if links <= 16 {
            Self::Few(Vec::with_capacity(links))
        } else {
            Self::Many(HashMap::with_capacity(links))
        }
    }

    /// Returns the pin with this slot and path; a new one is `next`.
    fn get(&mut self, slot: usize, path: &'p Path, next: PinIx) -> PinIx {
        match self {
            Self::Few(pins) => {
                let found = pins.iter().find(|pin| pin.0 == slot && pin.1 == path);
                found.map(|pin| pin.2).unwrap_or_else(|| {
                    pins.push((slot, path, next));
                    next
                })
            }
            Self::Many(pins) => *pins.entry((slot, path.to_string())).or_insert(next),
        }
    }
}

fn new_pin(parts: &Parts<'_, '_>, sink: usize, wire: &Wire, path: &Path) -> Pin {
    let declared = parts
        .nodes
        .get(sink)
        .and_then(|node| node.shape.inputs.get(wire.slot()));
    let mut flags = Pin::PROVEN;
    if declared.is_some_and(|pin| pin.unwaited) {
        flags |= Pin::UNWAITED;
    }
    if declared.is_some_and(|pin| pin.together) {
        flags |= Pin::UNWAITED | Pin::TOGETHER;
    }
    if declared.is_some_and(|pin| pin.gather.is_some()) && path.is_empty() {
        flags |= Pin::GATHER;
    }
    if !path.is_empty() {
        flags |= Pin::PATH;
    }
    Pin {
        node: NodeIx(ix(sink)),
        slot: u16::try_from(wire.slot()).unwrap_or(u16::MAX),
        flags,
    }
}

/// Output ports and the links out of each, in the order of the graph.
pub(super) struct Ports {
    pub(super) first: Vec<u32>,
    pub(super) offsets: Vec<u32>,
    pub(super) links: Vec<Link>,
    pub(super) selections: IxMap<u32, Path>,
}

impl Ports {
    pub(super) fn new(parts: &Parts<'_, '_>, pins: &Pins) -> Self {
        let mut first = Vec::with_capacity(parts.nodes.len());
        let mut n_ports = 0_u32;
        for node in parts.nodes {
            first.push(n_ports);
            n_ports += ix(node.shape.outputs.len()) + 1;
        }
        let port =
            |wire: &Wire| first.get(wire.from()).copied().unwrap_or(0) as usize + wire.port();
        let wires = &parts.wires.wires;
        let by_port = Grouped::new(n_ports as usize, || {
            let flows = wires.iter().enumerate().filter(|(_, wire)| !wire.tool);
            flows.map(|(position, wire)| (port(wire), ix(position)))
        });
        let mut links = Vec::with_capacity(by_port.items().len());
        let mut selections = IxMap::default();
        for &position in by_port.items() {
            let position = position as usize;
            let Some(wire) = wires.get(position) else {
                continue;
            };
            let pin = pins.of_wire.get(position).copied().unwrap_or(PinIx(0));
            let mut bits = pin.0;
            if let Some(link) = parts.graph.links.get(wire.link())
                && !link.from.path.is_empty()
            {
                bits |= Link::SELECTS;
                selections.insert(ix(links.len()), link.from.path.clone());
            }
            if pins
                .pins
                .get(pin.0 as usize)
                .is_some_and(|pin| pin.is(Pin::UNWAITED) || pin.is(Pin::GATHER))
            {
                bits |= Link::SPECIAL;
            }
            links.push(Link {
                pin: bits,
                node: NodeIx(ix(wire.to())),
            });
        }
        Self {
            first,
            offsets: by_port.into_offsets(),
            links,
            selections,
        }
    }
}
