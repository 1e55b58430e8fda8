//! The search for the pins that a faulty link was probably meant to join.

use crate::block::types::{Fit, PinType, fit};
use crate::block::{ERROR_PIN, InputPin, Role};
use crate::fault::nearest;
use crate::graph::PinRef;
use crate::id::{NodeId, PinName};
use crate::value::{Path, Step};

use super::super::link::{Ends, Join};
use super::super::repair;
use super::{Mender, Pin};

impl<'m, 'g, 'a> Mender<'m, 'g, 'a> {
    pub(super) fn input(&self, (node, slot): Pin) -> Option<&'m InputPin> {
        self.nodes.get(node)?.shape.inputs.get(slot)
    }

    fn has_literal(&self, node: usize, pin: &InputPin) -> bool {
        let Some((written, resolved)) = self.graph.nodes.get(node).zip(self.nodes.get(node)) else {
            return false;
        };
        let same = |key: &str| resolved.pin(key) == pin.name.as_str();
        written.inputs.keys().any(|key| same(key.as_str()))
    }

    /// Says whether an input does without one of the links that feed it now.
    pub(super) fn is_spare(&self, (node, slot): Pin) -> bool {
        self.input((node, slot)).is_none_or(|pin| {
            !pin.required
                || pin.default.is_some()
                || self.has_literal(node, pin)
                || self.found.feeds(node, slot) > 1
        })
    }

    /// Says whether nothing feeds an input so far.
    fn is_free(&self, (node, slot): Pin) -> bool {
        let free = |pin: &InputPin| !pin.config && !self.has_literal(node, pin);
        self.found.feeds(node, slot) == 0 && self.input((node, slot)).is_some_and(free)
    }

    /// Says whether a node cannot fire as long as nothing feeds this input.
    fn is_wanting(&self, at: Pin) -> bool {
        let wants = |pin: &InputPin| pin.required && pin.default.is_none();
        self.is_free(at) && self.input(at).is_some_and(wants)
    }

    fn reference(&self, node: usize, name: &str, path: &Path) -> Option<PinRef> {
        let node = self.graph.nodes.get(node)?;
        let mut end = PinRef::new(
            NodeId::parse(node.id.as_str()).ok()?,
            PinName::parse(name).ok()?,
        );
        end.path = path.clone();
        Some(end)
    }

    pub(super) fn source_end(&self, (node, port): Pin, path: &Path) -> Option<PinRef> {
        let shape = &self.nodes.get(node)?.shape;
        let name = shape
            .outputs
            .get(port)
            .map_or(ERROR_PIN, |pin| pin.name.as_str());
        self.reference(node, name, path)
    }

    pub(super) fn sink_end(&self, at: Pin, path: &Path) -> Option<PinRef> {
        self.reference(at.0, self.input(at)?.name.as_str(), path)
    }

    /// Says how well a link between two pins would hold; `None`: it would not, or it is there already.
    pub(super) fn holds(&self, source: (Pin, &Path), sink: (Pin, &Path)) -> Option<Fit> {
        let join = Join {
            from: source.0.0,
            port: source.0.1,
            select: source.1,
            to: sink.0.0,
            slot: sink.0.1,
            build: sink.1,
        };
        let carried = join.judge(self.graph, self.nodes).ok()?;
        let ends = (
            self.source_end(source.0, source.1)?,
            self.sink_end(sink.0, sink.1)?,
        );
        let is_new = self.graph.is_import() || !self.ends.contains(&(&ends.0, &ends.1));
        is_new.then_some(carried.fit)
    }

    /// Says how well an output goes with the link's input, as far as that is known.
    fn gives(&self, source: (Pin, &Path), sink: Option<(Pin, &Path)>) -> Option<Fit> {
        match sink {
            Some(sink) => self.holds(source, sink),
            None => {
                let pin = self.nodes.get(source.0.0)?.shape.outputs.get(source.0.1);
                let inside = pin.is_none_or(|pin| pin.ty.has_inside());
                (source.1.is_empty() || inside).then_some(Fit::Maybe)
            }
        }
    }

    /// Says how well an input goes with the link's output, as far as that is known.
    fn takes(&self, source: Option<(Pin, &Path)>, sink: (Pin, &Path)) -> Option<Fit> {
        match source {
            Some(source) => self.holds(source, sink),
            None => {
                let pin = self.input(sink.0)?;
                let inside = sink.1.is_empty() || pin.ty.has_inside();
                (inside && !pin.config).then_some(Fit::Maybe)
            }
        }
    }

    /// Returns the output of a node that a name probably means: the nearest name that fits, else the first output that
    /// does.
    pub(super) fn best_port(
        &self,
        from: usize,
        name: &str,
        select: &Path,
        sink: Option<(Pin, &Path)>,
    ) -> Option<usize> {
        let shape = &self.nodes.get(from)?.shape;
        let fit = |port: usize| self.gives(((from, port), select), sink);
        let near = nearest(name, repair::output_names(shape));
        if let Some(port) = near
            .iter()
            .filter_map(|name| shape.output(name))
            .find(|port| fit(*port).is_some())
        {
            return Some(port);
        }
        let ports = || (0..shape.outputs.len()).filter(|port| !self.offers_tools(from, *port));
        ports()
            .find(|port| fit(*port) == Some(Fit::Always))
            .or_else(|| ports().find(|port| fit(*port).is_some()))
    }

    pub(super) fn offers_tools(&self, node: usize, port: usize) -> bool {
        let pin = self
            .nodes
            .get(node)
            .and_then(|node| node.shape.outputs.get(port));
        pin.is_some_and(|pin| pin.tools)
    }

    /// Returns the input of a node that a name probably means: the nearest name that fits, else one that needs a value,
    /// else one that takes this value and no other kind.
    pub(super) fn best_slot(
        &self,
        source: Option<(Pin, &Path)>,
        to: usize,
        name: &str,
        build: &Path,
    ) -> Option<usize> {
        let shape = &self.nodes.get(to)?.shape;
        let fit = |slot: usize| self.takes(source, ((to, slot), build));
        let near = nearest(name, repair::input_names(shape));
        let near = near.iter().filter_map(|name| shape.input(name));
        if let Some(slot) = near.into_iter().find(|slot| fit(*slot).is_some()) {
            return Some(slot);
        }
        let mut linkable = (0..shape.inputs.len())
            .filter(|slot| self.input((to, *slot)).is_some_and(|pin| !pin.config));
        let only = linkable.next().filter(|_| linkable.next().is_none());
        self.wanting(to)
            .chain(only)
            .find(|slot| fit(*slot).is_some())
            .or_else(|| self.free_slot(source?, to, build))
    }

    /// Inputs of a node that need a value: those without which it cannot fire, and that of an output.
    pub(super) fn wanting(&self, to: usize) -> impl Iterator<Item = usize> + use<'_, 'm, 'g, 'a> {
        let node = self.nodes.get(to);
        let slots = 0..node.map_or(0, |node| node.shape.inputs.len());
        let is_output = node.is_some_and(|node| node.role() == Role::Output);
        slots.filter(move |slot| {
            let is_value = || {
                self.input((to, *slot))
                    .is_some_and(|pin| pin.name.as_str() == "value")
            };
            self.is_wanting((to, *slot)) || is_output && is_value() && self.is_free((to, *slot))
        })
    }

    /// Returns an input that nothing feeds and that is made for this type.
    pub(super) fn free_slot(&self, source: (Pin, &Path), to: usize, build: &Path) -> Option<usize> {
        let shape = &self.nodes.get(to)?.shape;
        (0..shape.inputs.len()).find(|slot| {
            let exact = || self.holds(source, ((to, *slot), build)) == Some(Fit::Always);
            let plain = self.input((to, *slot)).is_some_and(|pin| !pin.ty.is_any());
            plain && self.is_free((to, *slot)) && exact()
        })
    }

    /// Returns the pin of a node that the link's end would have there: of the same name with `exact`. `Some(None)`:
    /// what pins the node has is not known.
    pub(super) fn pin_of(
        &self,
        ends: &Ends<'_>,
        sink: bool,
        node: usize,
        exact: bool,
    ) -> Option<Option<usize>> {
        let resolved = self.nodes.get(node)?;
        if resolved.entry.is_none() {
            return Some(None);
        }
        let (from, to) = (&ends.link.from, &ends.link.to);
        let source = ends
            .from
            .zip(ends.port(self.nodes))
            .map(|pin| (pin, &from.path));
        let target = ends
            .to
            .zip(ends.slot(self.nodes))
            .map(|pin| (pin, &to.path));
        let pin = match (sink, exact) {
            (true, true) => resolved
                .shape
                .input(resolved.pin(to.pin.as_str()))
                .filter(|slot| self.takes(source, ((node, *slot), &to.path)).is_some()),
            (true, false) => self.best_slot(source, node, to.pin.as_str(), &to.path),
            (false, true) => resolved
                .shape
                .output(resolved.pin(from.pin.as_str()))
                .filter(|port| self.gives(((node, *port), &from.path), target).is_some()),
            (false, false) => self.best_port(node, from.pin.as_str(), &from.path, target),
        };
        pin.map(Some)
    }

    /// Returns the only node that has such a pin; among several the only one that no other link joins.
    pub(super) fn only_node(
        &mut self,
        ends: &Ends<'_>,
        sink: bool,
    ) -> Option<(usize, Option<usize>)> {
        if !self.compiler.may_look(self.nodes.len()) {
            return None;
        }
        let other = if sink { ends.from } else { ends.to };
        let fits = |node: &usize| {
            let known = self
                .nodes
                .get(*node)
                .is_some_and(|node| node.entry.is_some());
            let free = |pin: usize| !sink || self.is_free((*node, pin));
            let pin = self.pin_of(ends, sink, *node, true).flatten();
            known && Some(*node) != other && pin.is_some_and(free)
        };
        let all: Vec<usize> = (0..self.nodes.len()).filter(fits).collect();
        let mut alone = all.iter().filter(|node| !self.linked.contains(node));
        let node = match (all.as_slice(), alone.next(), alone.next()) {
            ([one], ..) => *one,
            (_, Some(one), None) => *one,
            _ => return None,
        };
        Some((node, self.pin_of(ends, sink, node, true)?))
    }

    /// Returns the input that the link ends at once it is turned round, if that makes it hold.
    pub(super) fn swapped(
        &self,
        ends: &Ends<'_>,
        from: usize,
        to: usize,
        certain: bool,
    ) -> Option<Pin> {
        let (source, sink) = self.nodes.get(from).zip(self.nodes.get(to))?;
        let slot = source
            .shape
            .input(source.pin(ends.link.from.pin.as_str()))?;
        let port = sink.shape.output(sink.pin(ends.link.to.pin.as_str()))?;
        // A pin that has its value already was not meant to be fed: only one end is wrong then.
        let meant = certain || self.is_free((from, slot));
        let turned = (
            ((to, port), &ends.link.to.path),
            ((from, slot), &ends.link.from.path),
        );
        (meant && self.holds(turned.0, turned.1).is_some()).then_some((from, slot))
    }
}

/// Returns the paths by which a part of one type goes into the other: the first item of a list, the one fitting field of
/// an object; or a single value as the first item of a list.
pub(super) fn part_of(given: &PinType, taken: &PinType) -> Option<(Path, Path)> {
    let path = |step: Step| {
        let mut path = Path::new();
        path.push(step);
        path
    };
    let first = || path(Step::Index(0));
    match given {
        PinType::List(item) if fit(item, taken, false) != Fit::Never => {
            return Some((first(), Path::new()));
        }
        PinType::Object(object) => {
            let mut fields = object
                .fields
                .iter()
                .filter(|field| fit(&field.ty, taken, false) == Fit::Always);
            if let (Some(field), None) = (fields.next(), fields.next()) {
                return Some((path(Step::Key(field.name.clone())), Path::new()));
            }
        }
        _ => {}
    }
    let members = match taken {
        PinType::Union(members) => members.as_ref(),
        one => std::slice::from_ref(one),
    };
    let is_list =
        |ty: &PinType| matches!(ty, PinType::List(item) if fit(given, item, false) != Fit::Never);
    members.iter().any(is_list).then(|| (Path::new(), first()))
}
