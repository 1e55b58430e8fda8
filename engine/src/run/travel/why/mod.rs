//! Why a run gave a value, or did not: the chain of causes back to inputs, literals, answers and paid steps, or down to
//! what kept the value away.

mod absent;
mod asker;
mod cause;
mod ends;
mod feeds;
mod given;
mod helped;
mod target;
mod value;
mod without;
mod work;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::event::{Failure, Record};
use crate::fault::{Code, nearest};
use crate::plan::Plan;
use crate::value::Text;

use asker::Asker;
pub use cause::{Cause, CauseKind};

/// Why something happened in a run, or did not.
///
/// Its `Display` is an indented tree, one cause a line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Why {
    /// What was asked about, as it was asked.
    pub target: Text,
    /// After how many events.
    pub events: u64,
    /// What can be said of it; what led to each is below it.
    pub answer: Vec<Cause>,
}

impl Why {
    /// So deep a tree is.
    pub const MAX_DEPTH: usize = 32;
    /// So many causes stand below one. What is left out is counted.
    pub const MAX_WIDTH: usize = 6;
    /// So many causes there are in all.
    pub const MAX_CAUSES: usize = 400;
}

/// Why a question about a run has no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WhyError {
    /// What was asked about is not written as it should be.
    #[error(
        "\"{target}\" is not node, node.pin or node:firing, with calls before them as in call/node"
    )]
    Target {
        /// What was asked about.
        target: String,
    },
    /// There is no such node.
    #[error("there is no node \"{node}\"{}", meant(near))]
    UnknownNode {
        /// The node, with the calls before it.
        node: String,
        /// Nodes with names like it.
        near: Vec<String>,
    },
    /// A node has no such pin.
    #[error("node \"{node}\" has no pin \"{pin}\"{}", meant(near))]
    UnknownPin {
        /// The node.
        node: String,
        /// The pin.
        pin: String,
        /// Pins with names like it.
        near: Vec<String>,
    },
    /// Nodes are asked about inside of one that has not called a graph, and does not by itself.
    #[error("node \"{node}\" calls no graph")]
    NoCall {
        /// The node.
        node: String,
    },
    /// The events are not those of a run of this plan.
    #[error("{0}")]
    Events(Failure),
}

fn meant(near: &[String]) -> String {
    match near {
        [] => String::new(),
        [first, ..] => format!("; did you mean \"{first}\"?"),
    }
}

impl WhyError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Target { .. } => Code::GraphReference,
            Self::UnknownNode { .. } => Code::GraphUnknownNode,
            Self::UnknownPin { .. } => Code::GraphUnknownOutput,
            Self::NoCall { .. } => Code::GraphUnknownSubgraph,
            Self::Events(failure) => failure.code,
        }
    }

    fn node<'a>(node: String, known: impl Iterator<Item = &'a str>) -> Self {
        let last = node.rsplit('/').next().unwrap_or_default();
        let near = nearest(last, known);
        Self::UnknownNode { node, near }
    }

    fn pin(node: String, pin: &str, known: &[Text]) -> Self {
        let near = nearest(pin, known.iter().map(Text::as_str));
        let pin = pin.to_owned();
        Self::UnknownPin { node, pin, near }
    }
}

/// Tells why something happened in a run, or did not, as far as these events go: all of a run from the first on, or only
/// those up to some moment.
///
/// `target` is `node` (why it fired last, and why it does not fire again where values wait for that), `node.pin` (where the
/// last value there came from, or what keeps one away), or `node:firing`; `call/node` for a node inside of the last
/// sub-graph that a node called, `call:3/node` inside of the one that its firing 3 called.
///
/// # Errors
/// [`WhyError`] where there is nothing of that name, and where the events are not those of a run of this plan.
pub fn why(plan: &Arc<Plan>, records: &[Record], target: &str) -> Result<Why, WhyError> {
    let mut asker = Asker::new(plan, records).map_err(WhyError::Events)?;
    let answer = asker.answer(target)?;
    Ok(Why {
        target: Text::from(target),
        events: records.len() as u64,
        answer,
    })
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for cause in &self.answer {
            cause.write(f, 0)?;
        }
        Ok(())
    }
}
