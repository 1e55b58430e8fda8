//! What is said of a link that does not hold.

use crate::block::Role;
use crate::fault::{Code, Fault};
use crate::graph::{Part, PinRef};
use crate::json::PatchOp;

use super::super::link::{Ends, Problem};
use super::super::repair;
use super::super::resolve::Resolved;
use super::{Mender, Pin};

impl Mender<'_, '_, '_> {
    pub(super) fn direction(&self, ends: &Ends<'_>) -> Fault {
        let (from, to) = (&ends.link.from, &ends.link.to);
        let fault = Fault::new(
            Code::GraphLinkDirection,
            self.graph.pointer(Part::Link(ends.position)),
            format!("the link runs from the input {from} to the output {to}"),
        )
        .expected("a link from an output pin to an input pin")
        .actual(format!("{from} -> {to}"));
        let ops = [(false, to), (true, from)];
        let ops = ops.map(|(sink, end)| self.graph.move_end(ends.position, sink, end));
        ops.into_iter().flatten().fold(fault, Fault::fix)
    }

    pub(super) fn unknown_output(&self, ends: &Ends<'_>, from: usize, fix: Vec<PatchOp>) -> Fault {
        let end = &ends.link.from;
        let shape = self.nodes.get(from).map(|node| &node.shape);
        let known: Vec<&str> =
            shape.map_or_else(Vec::new, |shape| repair::output_names(shape).collect());
        let is_input = shape.is_some_and(|shape| shape.input(end.pin.as_str()).is_some());
        let hint = if is_input { " (it is an input)" } else { "" };
        let word = ("output", hint);
        let mut fault = self.unknown_pin(Code::GraphUnknownOutput, word, (from, end), &known);
        fault.pointer = self.graph.pointer(Part::LinkFrom(ends.position));
        fault.fix = fix;
        fault
    }

    pub(super) fn unknown_input(&self, ends: &Ends<'_>, to: usize, fix: Vec<PatchOp>) -> Fault {
        let end = &ends.link.to;
        let shape = self.nodes.get(to).map(|node| &node.shape);
        let known: Vec<&str> =
            shape.map_or_else(Vec::new, |shape| repair::input_names(shape).collect());
        let is_output = shape.is_some_and(|shape| shape.output(end.pin.as_str()).is_some());
        let hint = if is_output { " (it is an output)" } else { "" };
        let word = ("input", hint);
        let mut fault = self.unknown_pin(Code::GraphUnknownInput, word, (to, end), &known);
        fault.pointer = self.graph.pointer(Part::LinkTo(ends.position));
        fault.fix = fix;
        fault
    }

    fn unknown_pin(
        &self,
        code: Code,
        (word, hint): (&str, &str),
        (node, end): (usize, &PinRef),
        known: &[&str],
    ) -> Fault {
        let name = end.pin.as_str();
        let entry = self.nodes.get(node).and_then(|node| node.entry);
        let block = entry.map_or("", |entry| entry.info().id);
        let message = format!(
            "node \"{}\": block \"{block}\" has no {word} \"{name}\"{hint}",
            end.node
        );
        Fault::new(code, self.graph.pointer(Part::Graph), message)
            .expected(match known {
                [] => format!("no link: the block has no {word}s"),
                known => format!("one of {}", repair::list(known.iter().copied())),
            })
            .actual(format!("\"{name}\""))
            .near(name, known.iter().copied())
    }

    /// Tells what is wrong with a link whose pins do not go together.
    pub(super) fn ill_fault(
        &self,
        ends: &Ends<'_>,
        (from, port): Pin,
        (to, slot): Pin,
        problem: &Problem,
    ) -> Option<Fault> {
        let here = |part| self.graph.pointer(part);
        let (from_end, to_end) = (&ends.link.from, &ends.link.to);
        let input = self.input((to, slot))?;
        Some(match problem {
            Problem::Config => Fault::new(
                Code::GraphLinkConfig,
                here(Part::LinkTo(ends.position)),
                format!(
                    "node \"{}\": input \"{}\" decides what pins the node has, so it must be written in the graph",
                    to_end.node, input.name
                ),
            )
            .expected("a literal under \"inputs\"")
            .actual("a link"),
            Problem::NoInside { sink } => {
                let output = self.nodes.get(from).and_then(|node| node.shape.outputs.get(port));
                let (part, path, verb, ty) = match sink {
                    true => (Part::LinkTo(ends.position), &to_end.path, "builds", Some(&input.ty)),
                    false => {
                        let ty = output.map(|pin| &pin.ty);
                        (Part::LinkFrom(ends.position), &from_end.path, "selects", ty)
                    }
                };
                Fault::new(
                    Code::GraphLinkPath,
                    here(part),
                    format!("the path {path} {verb} inside a value that has no inside"),
                )
                .expected("a list or a map")
                .actual(ty.map_or_else(String::new, ToString::to_string))
            }
            Problem::Type(given) => Fault::new(
                Code::GraphLinkType,
                here(Part::LinkTo(ends.position)),
                format!("{from_end} gives what {to_end} can never take"),
            )
            .expected(input.ty.to_string())
            .actual(given.to_string()),
            Problem::ToolOwner => Fault::new(
                Code::GraphToolLink,
                here(Part::LinkFrom(ends.position)),
                "only a block may have tools",
            )
            .expected("a link from a block of its own")
            .actual(format!("a link from an {}", self.nodes.get(from).map_or(Role::Standard, Resolved::role))),
            Problem::ToolPath => Fault::new(
                Code::GraphToolLink,
                here(Part::Link(ends.position)),
                "a link from the tools pin carries nothing that a path could select in",
            )
            .expected("a link from the tools pin to an input pin")
            .actual(format!("{from_end} -> {to_end}")),
        })
    }
}
