//! The shape of a node: its input and output pins, for the literal values that it has.

use std::sync::Arc;

use crate::value::{Map, Text, Value};

use super::types::PinType;

/// The pins of one node. Most blocks have one shape for all their nodes, which is shared.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Shape {
    /// Input pins, in the order in which they are declared: a slot of a firing's inputs is an index into this.
    pub inputs: Vec<InputPin>,
    /// Output pins, in the order in which they are declared. The implicit `error` pin is not among them.
    pub outputs: Vec<OutputPin>,
    /// The names of `inputs`, for decoding.
    pub(crate) names: Vec<Text>,
}

impl Shape {
    /// Returns a shape with these pins.
    #[must_use]
    pub fn new(inputs: Vec<InputPin>, outputs: Vec<OutputPin>) -> Self {
        let names = inputs.iter().map(|pin| pin.name.clone()).collect();
        Self {
            inputs,
            outputs,
            names,
        }
    }

    /// Returns the slot of an input pin.
    #[must_use]
    pub fn input(&self, name: &str) -> Option<usize> {
        self.inputs.iter().position(|pin| pin.name.as_str() == name)
    }

    /// Returns the index of an output pin; the implicit `error` pin comes after the last declared one.
    #[must_use]
    pub fn output(&self, name: &str) -> Option<usize> {
        let declared = self
            .outputs
            .iter()
            .position(|pin| pin.name.as_str() == name);
        declared.or_else(|| (name == ERROR_PIN).then_some(self.outputs.len()))
    }
}

/// The output pin that every block has without declaring it.
pub const ERROR_PIN: &str = "error";

/// An input pin.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct InputPin {
    /// Its name.
    pub name: Text,
    /// What it takes.
    pub ty: PinType,
    /// A firing needs a value here.
    pub required: bool,
    /// What the block takes when there is neither a literal nor a link.
    pub default: Option<Value>,
    /// For the graph's author: meaning, unit, an example.
    pub doc: Text,
    /// Must be a literal.
    pub config: bool,
    /// Not waited for when linked.
    pub unwaited: bool,
    /// Not waited for either: a firing takes a value of each pin that is so marked, or of none. They are linked all or none.
    pub together: bool,
    /// Collects what arrives into a list.
    pub gather: Option<Gathering>,
}

impl InputPin {
    /// Returns an optional pin without documentation.
    #[must_use]
    pub fn new(name: impl Into<Text>, ty: PinType) -> Self {
        Self {
            name: name.into(),
            ty,
            required: false,
            default: None,
            doc: Text::from(""),
            config: false,
            unwaited: false,
            together: false,
            gather: None,
        }
    }

    /// Makes it required.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Sets what it says to the graph's author.
    #[must_use]
    pub fn doc(mut self, doc: impl Into<Text>) -> Self {
        self.doc = doc.into();
        self
    }

    /// Makes it a literal-only pin.
    #[must_use]
    pub fn config(mut self) -> Self {
        self.config = true;
        self
    }
}

/// How an input pin collects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Gathering {
    /// One list with everything, when nothing more can arrive.
    UntilClosed,
    /// A list each time there are this many, and one with the rest when nothing more can arrive.
    Every(u32),
}

/// An output pin.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OutputPin {
    /// Its name.
    pub name: Text,
    /// What it gives.
    pub ty: PinType,
    /// Its values stay for later firings of what it feeds.
    pub sticky: bool,
    /// Links out of it name the nodes that the block may fire as tools.
    pub tools: bool,
    /// For the graph's author.
    pub doc: Text,
}

impl OutputPin {
    /// Returns a pin without documentation.
    #[must_use]
    pub fn new(name: impl Into<Text>, ty: PinType) -> Self {
        Self {
            name: name.into(),
            ty,
            sticky: false,
            tools: false,
            doc: Text::from(""),
        }
    }

    /// Lets its values stay for later firings.
    #[must_use]
    pub fn sticky(mut self) -> Self {
        self.sticky = true;
        self
    }

    /// Makes it the pin whose links name tools.
    #[must_use]
    pub fn tools(mut self) -> Self {
        self.tools = true;
        self
    }

    /// Sets what it says to the graph's author.
    #[must_use]
    pub fn doc(mut self, doc: impl Into<Text>) -> Self {
        self.doc = doc.into();
        self
    }
}

/// The values written in the graph for one node.
#[derive(Debug, Clone, Copy)]
pub struct Literals<'a>(pub(crate) &'a Map);

impl<'a> Literals<'a> {
    /// Wraps a node's inputs.
    #[must_use]
    pub fn new(inputs: &'a Map) -> Self {
        Self(inputs)
    }

    /// Returns the literal of an input.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name)
    }

    /// Returns the literal of an input if it is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.get(name).and_then(Value::as_str)
    }
}

/// What a block may know of the graph around its node when it tells its shape.
pub trait ShapeEnv {
    /// Returns the pins of a sub-graph, by the name that the node's literals give; `None` if there is none.
    fn graph(&self, name: &str) -> Option<Arc<Shape>>;
}

/// Why a block refuses a node's literals: the message, and the input that it is about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct ShapeError {
    /// The input that will not do; empty: the node as a whole.
    pub input: String,
    /// What is wrong and what would do.
    pub message: String,
    /// The sub-graph asked for does not exist.
    pub unknown_graph: Option<String>,
}

impl ShapeError {
    /// Returns a complaint about one input.
    #[must_use]
    pub fn new(input: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            input: input.into(),
            message: message.into(),
            unknown_graph: None,
        }
    }

    /// Returns the complaint that a sub-graph does not exist.
    #[must_use]
    pub fn unknown_graph(input: impl Into<String>, graph: impl Into<String>) -> Self {
        let graph = graph.into();
        Self {
            input: input.into(),
            message: format!("there is no sub-graph \"{graph}\""),
            unknown_graph: Some(graph),
        }
    }
}
