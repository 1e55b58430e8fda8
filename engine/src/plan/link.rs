//! Pass 2: links. From which output port to which input pin, and whether the value can ever fit.

use crate::block::Role;
use crate::block::types::{Fit, PinType, fit};
use crate::graph::{Coercion, Graph, Link};
use crate::value::Path;

use super::compile::Compiler;
use super::relink::Mender;
use super::resolve::Resolved;

/// A link between a port and a slot. 24 bytes: there are as many as anything, and they are gone through in several orders.
pub(super) struct Wire {
    link: u32,
    from: u32,
    to: u32,
    port: u32,
    slot: u32,
    pub(super) sticky: bool,
    /// It comes from the error pin.
    pub(super) error: bool,
    /// It names a tool and carries nothing by itself.
    pub(super) tool: bool,
    /// Every value that it can carry fits the pin as it is.
    pub(super) proven: bool,
}

impl Wire {
    /// Returns its position in the graph.
    pub(super) fn link(&self) -> usize {
        self.link as usize
    }

    pub(super) fn from(&self) -> usize {
        self.from as usize
    }

    pub(super) fn to(&self) -> usize {
        self.to as usize
    }

    pub(super) fn port(&self) -> usize {
        self.port as usize
    }

    pub(super) fn slot(&self) -> usize {
        self.slot as usize
    }
}

/// The links that hold, and what the others would have done, so that no fault follows from a fault.
#[derive(Default)]
pub(super) struct Wires {
    pub(super) wires: Vec<Wire>,
    /// How many links, faulty ones included, feed an input, by slot; those of a node together. By position, not by
    /// key: compiling takes time in proportion to the graph only as long as it does not jump about in memory.
    fed: Vec<u32>,
    /// Where those of each node begin.
    first: Vec<u32>,
    /// Nodes that some link ends at, a faulty one as it is once it is mended.
    touched: Vec<bool>,
    /// Of some link it cannot be told where it ends once it is mended.
    pub(super) is_unsure: bool,
    /// Faulty links that join two nodes once they are mended: link, from, to.
    pub(super) bent: Vec<(usize, usize, usize)>,
}

impl Wires {
    fn new(links: usize, nodes: &[Resolved<'_>]) -> Self {
        let mut sum = 0;
        let mut first = Vec::with_capacity(nodes.len() + 1);
        for node in nodes {
            first.push(sum);
            sum += super::ix(node.shape.inputs.len());
        }
        first.push(sum);
        Self {
            wires: Vec::with_capacity(links),
            fed: vec![0; sum as usize],
            first,
            touched: vec![false; nodes.len()],
            ..Self::default()
        }
    }

    fn place(&self, node: usize, slot: usize) -> Option<usize> {
        let place = *self.first.get(node)? as usize + slot;
        (place < *self.first.get(node + 1)? as usize).then_some(place)
    }

    pub(super) fn feeds(&self, node: usize, slot: usize) -> u32 {
        let place = self.place(node, slot);
        place
            .and_then(|place| self.fed.get(place).copied())
            .unwrap_or(0)
    }

    pub(super) fn feed(&mut self, node: usize, slot: usize) {
        if let Some(count) = self
            .place(node, slot)
            .and_then(|place| self.fed.get_mut(place))
        {
            *count += 1;
        }
    }

    pub(super) fn touch(&mut self, node: usize) {
        if let Some(touched) = self.touched.get_mut(node) {
            *touched = true;
        }
    }

    pub(super) fn is_touched(&self, node: usize) -> bool {
        self.touched.get(node).copied().unwrap_or(false)
    }
}

pub(super) fn resolve<'a>(
    compiler: &mut Compiler<'a>,
    graph: &Graph,
    nodes: &[Resolved<'a>],
) -> Wires {
    let index = graph.index();
    let mut found = Wires::new(graph.links.len(), nodes);
    let mut troubles = Vec::new();
    for (position, link) in graph.links.iter().enumerate() {
        let ends = Ends {
            position,
            link,
            from: index.get_id(&link.from.node),
            to: index.get_id(&link.to.node),
        };
        let (port, slot) = (ends.port(nodes), ends.slot(nodes));
        if let (Some(to), Some(slot)) = (ends.to, slot) {
            found.feed(to, slot);
        }
        match ends.wire(graph, nodes, port, slot) {
            Ok(wire) => {
                found.touch(wire.to());
                found.wires.push(wire);
            }
            Err(trouble) => troubles.push((ends, trouble)),
        }
    }
    if !troubles.is_empty() {
        let mut mender = Mender::new(graph, nodes, &mut found, compiler);
        for (ends, trouble) in troubles {
            mender.report(&ends, trouble);
        }
    }
    found
}

/// A link and the nodes at its ends, as far as they exist.
#[derive(Clone, Copy)]
pub(super) struct Ends<'g> {
    pub(super) position: usize,
    pub(super) link: &'g Link,
    pub(super) from: Option<usize>,
    pub(super) to: Option<usize>,
}

/// Why a link does not hold.
pub(super) enum Trouble {
    /// A node is not there.
    Node,
    /// A pin is not there; the other one may be.
    Pin {
        port: Option<usize>,
        slot: Option<usize>,
    },
    /// Both pins are there and do not go together.
    Join {
        port: usize,
        slot: usize,
        problem: Problem,
    },
    /// A node whose block is not known may have any pin.
    Unknown,
}

/// Why two pins do not go together.
pub(super) enum Problem {
    /// The input must be written in the graph.
    Config,
    /// A path goes into a value that has no inside: at the input with `sink`, else at the output.
    NoInside { sink: bool },
    /// No value of this type fits.
    Type(PinType),
    /// A node that is not a block of its own has tools.
    ToolOwner,
    /// A tool link selects inside of a value that it does not carry.
    ToolPath,
}

impl<'g> Ends<'g> {
    pub(super) fn port(&self, nodes: &[Resolved<'_>]) -> Option<usize> {
        let source = nodes.get(self.from?)?;
        source.entry?;
        source.shape.output(source.pin(self.link.from.pin.as_str()))
    }

    pub(super) fn slot(&self, nodes: &[Resolved<'_>]) -> Option<usize> {
        let sink = nodes.get(self.to?)?;
        sink.entry?;
        sink.shape.input(sink.pin(self.link.to.pin.as_str()))
    }

    fn wire(
        &self,
        graph: &Graph,
        nodes: &[Resolved<'_>],
        port: Option<usize>,
        slot: Option<usize>,
    ) -> Result<Wire, Trouble> {
        let (Some(from), Some(to)) = (self.from, self.to) else {
            return Err(Trouble::Node);
        };
        let known = |node: usize| nodes.get(node).is_some_and(|node| node.entry.is_some());
        if !known(from) || !known(to) {
            return Err(Trouble::Unknown);
        }
        let is_vague = |node: usize| nodes.get(node).is_some_and(|node| node.is_vague);
        let (Some(port), Some(slot)) = (port, slot) else {
            let hidden = port.is_none() && is_vague(from) || slot.is_none() && is_vague(to);
            return Err(match hidden {
                true => Trouble::Unknown,
                false => Trouble::Pin { port, slot },
            });
        };
        let join = Join {
            from,
            port,
            select: &self.link.from.path,
            to,
            slot,
            build: &self.link.to.path,
        };
        let carried = join.judge(graph, nodes).map_err(|problem| Trouble::Join {
            port,
            slot,
            problem,
        })?;
        Ok(Wire {
            link: super::ix(self.position),
            from: super::ix(from),
            port: super::ix(port),
            to: super::ix(to),
            slot: super::ix(slot),
            sticky: self.link.sticky || carried.sticky,
            error: carried.error,
            tool: carried.tool,
            proven: carried.fit == Fit::Always,
        })
    }
}

/// An output and an input pin that a link joins, or could join.
#[derive(Clone, Copy)]
pub(super) struct Join<'p> {
    pub(super) from: usize,
    pub(super) port: usize,
    pub(super) select: &'p Path,
    pub(super) to: usize,
    pub(super) slot: usize,
    pub(super) build: &'p Path,
}

/// What a link between two pins comes to.
pub(super) struct Carried {
    pub(super) fit: Fit,
    error: bool,
    tool: bool,
    sticky: bool,
}

impl Join<'_> {
    /// Says whether a link between the two would hold.
    pub(super) fn judge(&self, graph: &Graph, nodes: &[Resolved<'_>]) -> Result<Carried, Problem> {
        let nothing = || Problem::Type(PinType::Null);
        let (source, sink) = nodes
            .get(self.from)
            .zip(nodes.get(self.to))
            .ok_or_else(nothing)?;
        let input = sink.shape.inputs.get(self.slot).ok_or_else(nothing)?;
        let output = source.shape.outputs.get(self.port);
        if input.config {
            return Err(Problem::Config);
        }
        let lenient = graph.policy.coercion == Coercion::Lenient;
        let error = || match lenient {
            true => PinType::Text,
            false => PinType::Any,
        };
        let given = output.map_or_else(error, |pin| pin.ty.clone());
        if !lenient {
            let no_inside = |path: &Path, ty: &PinType| !path.is_empty() && !ty.has_inside();
            if no_inside(self.select, &given) {
                return Err(Problem::NoInside { sink: false });
            }
            if no_inside(self.build, &input.ty) {
                return Err(Problem::NoInside { sink: true });
            }
        }
        let whole = self.select.is_empty() && self.build.is_empty();
        let tool = output.is_some_and(|pin| pin.tools);
        let carries = match (whole, input.gather.is_some(), &input.ty) {
            (true, false, ty) => fit(&given, ty, lenient),
            // A collecting pin checks its list as a whole.
            (true, true, PinType::List(item)) => fit(&given, item, lenient).min(Fit::Maybe),
            _ => Fit::Maybe,
        };
        if carries == Fit::Never && !tool && !lenient {
            return Err(Problem::Type(given));
        }
        if tool && source.role() != Role::Standard {
            return Err(Problem::ToolOwner);
        }
        if tool && !self.select.is_empty() {
            return Err(Problem::ToolPath);
        }
        Ok(Carried {
            fit: carries,
            error: output.is_none(),
            tool,
            sticky: output.is_some_and(|pin| pin.sticky),
        })
    }
}
