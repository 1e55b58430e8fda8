//! Handles of nodes, and what can be set at a node that is in a graph already.

use std::fmt;
use std::time::Duration;

use crate::graph::{Node, OnError, Retry};
use crate::value::{Text, Value};

use super::build::extra_key;
use super::{In, Out, Pins};

/// A node whose block is known: `node.input.name` and `node.output.name` are its pins.
pub struct Placed<P: Pins> {
    /// The input pins.
    pub input: P::Inputs,
    /// The output pins.
    pub output: P::Outputs,
    id: Text,
}

impl<P: Pins> Placed<P> {
    pub(super) fn new(id: Text) -> Self {
        let (input, output) = (P::inputs(&id), P::outputs(&id));
        Self { input, output, id }
    }

    /// Returns the id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.id.as_str()
    }

    /// Returns the pin that errors leave by, which every node has.
    #[must_use]
    pub fn error(&self) -> Out<Value> {
        Out::new(&self.id, crate::block::ERROR_PIN)
    }
}

impl<P: Pins> AsRef<str> for Placed<P> {
    fn as_ref(&self) -> &str {
        self.id()
    }
}

impl<P: Pins> fmt::Debug for Placed<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Placed({}: {})", self.id, P::BLOCK)
    }
}

/// A node whose block is known by name only: its pins are asked for by name, and have no type.
#[derive(Debug, Clone)]
pub struct NamedNode {
    id: Text,
}

impl NamedNode {
    pub(super) fn new(id: Text) -> Self {
        Self { id }
    }

    /// Returns the id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.id.as_str()
    }

    /// Returns an input pin, which takes what its block takes; compiling the graph finds one that is not there.
    #[must_use]
    pub fn input(&self, name: impl Into<String>) -> In<Value> {
        In::new(&self.id, name.into())
    }

    /// Returns an output pin; [`Out::typed`] tells what it gives.
    #[must_use]
    pub fn output(&self, name: impl Into<String>) -> Out<Value> {
        Out::new(&self.id, name.into())
    }

    /// Returns the pin that errors leave by, which every node has.
    #[must_use]
    pub fn error(&self) -> Out<Value> {
        Out::new(&self.id, crate::block::ERROR_PIN)
    }
}

impl AsRef<str> for NamedNode {
    fn as_ref(&self) -> &str {
        self.id()
    }
}

/// Sets what a node has beside its inputs. What is out of range is a fault of
/// [`finish`](super::GraphBuilder::finish).
#[derive(Debug)]
pub struct NodeEdit<'g>(pub(super) Option<&'g mut Node>);

macro_rules! setters {
    ($($(#[doc = $doc:literal])+ $name:ident($arg:ident: $ty:ty) $field:ident = $value:expr;)+) => {
        impl NodeEdit<'_> {
            $($(#[doc = $doc])+
            pub fn $name(mut self, $arg: $ty) -> Self {
                if let Some(node) = self.0.as_mut() {
                    node.$field = Some($value);
                }
                self
            })+
        }
    };
}

setters! {
    /// Sets how long one attempt may take, to the millisecond.
    timeout(time: Duration) timeout_ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    /// Repeats failed attempts.
    retry(retry: Retry) retry = retry;
    /// Sets what an error does that no link takes, in place of the graph's policy.
    on_error(on_error: OnError) on_error = on_error;
    /// Sets how many firings may be at work at once.
    concurrency(firings: u32) concurrency = firings;
    /// Sets what people and language models call the node.
    title(title: impl Into<Text>) title = title.into();
    /// Sets what the node is for, as free text.
    doc(doc: impl Into<Text>) doc = doc.into();
    /// Sets what an editor keeps here.
    ui(ui: impl Into<Value>) ui = ui.into();
}

impl NodeEdit<'_> {
    /// Asks for a version of the block: the graph is refused where another one is installed.
    pub fn version(mut self, version: u32) -> Self {
        if let Some(node) = self.0.as_mut() {
            let id = node.block.split('@').next().unwrap_or_default();
            node.block = Text::from(format!("{id}@{version}"));
        }
        self
    }

    /// Keeps something under a key that means nothing to the engine; `x-` is put before it where it is not there.
    pub fn extra(mut self, key: impl Into<Text>, value: impl Into<Value>) -> Self {
        if let Some(node) = self.0.as_mut() {
            node.extra.insert(extra_key(key.into()), value);
        }
        self
    }
}
