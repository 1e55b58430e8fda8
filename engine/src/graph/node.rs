//! A node and a link of a graph as written.

use super::{PinRef, PinRefError, origin::Place, policy::OnError};
use crate::{
    id::{IdError, NodeId},
    value::{Map, Text, Value},
};

/// A block placed in a graph, with the inputs and settings that are written beside it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Node {
    /// The id, unlike every other in the graph.
    pub id: NodeId,
    /// The block as written: an id (`text.split`), one with a version (`text.split@1`), or an AutoGPT UUID.
    pub block: Text,
    /// Literal inputs by pin name.
    pub inputs: Map,
    /// How long one attempt may take, in milliseconds.
    pub timeout_ms: Option<u64>,
    /// Whether and how a failed attempt is repeated.
    pub retry: Option<Retry>,
    /// What an unlinked error does, where it differs from the graph's policy.
    pub on_error: Option<OnError>,
    /// How many firings of this node may be at work at once.
    pub concurrency: Option<u32>,
    /// What people and language models call this node; the name of its tool, if it is one.
    pub title: Option<Text>,
    /// What it is for, as free text.
    pub doc: Option<Text>,
    /// What an editor keeps here; means nothing to the engine.
    pub ui: Option<Value>,
    /// Keys that begin with `x-`; mean nothing to the engine.
    pub extra: Map,
    /// Where it stood in the document.
    pub(super) place: Place,
}

impl Node {
    /// Returns a node without inputs and settings.
    #[must_use]
    pub fn new(id: NodeId, block: impl Into<Text>) -> Self {
        Self {
            id,
            block: block.into(),
            inputs: Map::default(),
            timeout_ms: None,
            retry: None,
            on_error: None,
            concurrency: None,
            title: None,
            doc: None,
            ui: None,
            extra: Map::default(),
            place: Place::default(),
        }
    }

    /// Returns a node without inputs and settings, for an id that is still a text.
    ///
    /// # Errors
    /// [`IdError`] where the text is not a node id.
    pub fn parse(id: &str, block: impl Into<Text>) -> Result<Self, IdError> {
        Ok(Self::new(NodeId::parse(id)?, block))
    }

    /// Adds a literal input.
    #[must_use]
    pub fn input(mut self, pin: impl Into<Text>, value: impl Into<Value>) -> Self {
        self.inputs.insert(pin, value.into());
        self
    }
}

/// How a failed attempt is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Retry {
    /// How many attempts there may be in all, 1 to 100.
    pub max_attempts: u32,
    /// How long to wait before the second attempt, in milliseconds; at most an hour. It doubles with each attempt.
    pub backoff_ms: u64,
    /// The longest wait, in milliseconds; at most an hour.
    pub max_backoff_ms: u64,
}

impl Retry {
    /// How long to wait before the second attempt where nothing is written, in milliseconds.
    pub const BACKOFF_MS: u64 = 200;
    /// The longest wait where nothing is written, in milliseconds.
    pub const MAX_BACKOFF_MS: u64 = 30_000;

    /// Returns a number of attempts with the default waits.
    #[must_use]
    pub const fn new(max_attempts: u32) -> Self {
        Self {
            max_attempts,
            backoff_ms: Self::BACKOFF_MS,
            max_backoff_ms: Self::MAX_BACKOFF_MS,
        }
    }
}

/// A way for values from an output pin to an input pin.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Link {
    /// The output pin, and where only a part of its value is meant, the path to it.
    pub from: PinRef,
    /// The input pin, and where only a part of it is fed, the path to it.
    pub to: PinRef,
    /// The value stays for later firings.
    pub sticky: bool,
    /// What it is for, as free text.
    pub doc: Option<Text>,
    /// What an editor keeps here; means nothing to the engine.
    pub ui: Option<Value>,
    /// Keys that begin with `x-`; mean nothing to the engine.
    pub extra: Map,
    /// Where it stood in the document.
    pub(super) place: Place,
}

impl Link {
    /// Returns a link that is not sticky.
    #[must_use]
    pub fn new(from: PinRef, to: PinRef) -> Self {
        Self {
            from,
            to,
            sticky: false,
            doc: None,
            ui: None,
            extra: Map::default(),
            place: Place::default(),
        }
    }

    /// Returns a link between two references that are still texts: `Link::parse("who.result", "fill.values.name")`.
    ///
    /// # Errors
    /// [`PinRefError`] where one of them cannot be read.
    pub fn parse(from: &str, to: &str) -> Result<Self, PinRefError> {
        Ok(Self::new(PinRef::parse(from)?, PinRef::parse(to)?))
    }

    /// Makes the value stay for later firings.
    #[must_use]
    pub fn sticky(mut self) -> Self {
        self.sticky = true;
        self
    }
}
