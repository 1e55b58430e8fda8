//! What happens in a run: facts, in the order in which they were decided.
//!
//! The state of a run is the fold of its events: `run::Machine::apply` goes the same way as the run itself. Events
//! name nodes and pins by their position in the plan; a reader resolves them with the plan ([`crate::Plan`]).

mod row;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::dense::NodeIx;
use crate::fault::Code;
use crate::time::Timestamp;
use crate::value::{Map, Text, Value};

pub use row::{
    JOURNAL_FORMAT, Row, RowError, kind_name, kind_of, read_line, read_row, write_line, write_row,
};
pub(crate) use row::{read_failure, read_how, write_failure, write_how};

/// One event with its place in the run.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// Position in the run, from 0, without gaps.
    pub seq: u64,
    /// When, by the host's clock. Events that were decided together share a time.
    pub at: Timestamp,
    /// The graph itself (0) or the sub-graph call that the event belongs to.
    pub scope: u32,
    /// What happened.
    pub event: Event,
}

/// A fact that changes the state of a run.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A graph began: the run's own, or a sub-graph call.
    Opened {
        /// Who called it; `None` for the run's own graph.
        parent: Option<Caller>,
        /// The name of the sub-graph; empty for the run's own graph.
        graph: Text,
        /// What it was given.
        given: Arc<Given>,
    },
    /// A firing took the oldest values of its pins and the node's next number.
    Started {
        /// The node.
        node: NodeIx,
        /// Its number.
        firing: u32,
    },
    /// A block fired one of its tools with these arguments; the firing has the tool node's next number.
    ToolStarted {
        /// The firing whose block asked for it.
        caller: Caller,
        /// The tool node.
        node: NodeIx,
        /// Its number.
        firing: u32,
        /// The arguments.
        arguments: Map,
    },
    /// A firing emitted a value.
    Emitted {
        /// The node.
        node: NodeIx,
        /// Its firing.
        firing: u32,
        /// The output port, by position among the node's ports.
        port: u16,
        /// What.
        value: Value,
    },
    /// A firing emitted its last value and ended well: two facts in one record, since most firings end so.
    Done {
        /// The node.
        node: NodeIx,
        /// Its firing.
        firing: u32,
        /// The output port.
        port: u16,
        /// What.
        value: Value,
    },
    /// A firing ended.
    Finished {
        /// The node.
        node: NodeIx,
        /// Its firing.
        firing: u32,
        /// How.
        how: How,
    },
    /// An attempt failed and another one follows.
    Retrying {
        /// The node.
        node: NodeIx,
        /// Its firing.
        firing: u32,
        /// The attempt that failed, from 1.
        attempt: u32,
        /// How long the next one waits.
        delay_ms: u64,
        /// Why it failed.
        failure: Arc<Failure>,
    },
    /// A paid sub-step of a firing is done; it is not done again.
    Paid {
        /// The node.
        node: NodeIx,
        /// Its firing.
        firing: u32,
        /// Which sub-step.
        key: Text,
        /// Its result.
        value: Value,
    },
    /// A firing waits for an answer from outside.
    Waiting {
        /// The node.
        node: NodeIx,
        /// Its firing.
        firing: u32,
        /// Which of the attempt's waits, from 0.
        ask: u32,
        /// What it waits for.
        signal: Text,
        /// What whoever answers is asked.
        question: Value,
    },
    /// The answer came.
    Answered {
        /// The node.
        node: NodeIx,
        /// Its firing.
        firing: u32,
        /// Which of the attempt's waits, from 0.
        ask: u32,
        /// What it waited for.
        signal: Text,
        /// The answer.
        value: Value,
    },
    /// A firing told what it cost. It holds even if the firing is over by now.
    Charged {
        /// The node.
        node: NodeIx,
        /// Its firing.
        firing: u32,
        /// Of what: `usd`, `tokens`.
        unit: Text,
        /// How much.
        amount: f64,
    },
    /// Someone asked the run to stop. No firing starts after it.
    CancelRequested,
    /// A sub-graph call is over.
    Closed {
        /// Why, if it failed; the node as the sub-graph calls it, none where its time was up.
        failure: Option<Arc<Failure>>,
    },
    /// Another process, or another worker, went on with the run from here. Changes no state.
    Resumed {
        /// The number of the lease under which it goes on.
        epoch: u64,
    },
    /// The run is over: the last event.
    Ended {
        /// How.
        status: Status,
        /// Why it failed.
        failure: Option<Arc<Failure>>,
    },
}

/// The firing that called a sub-graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Caller {
    /// Its scope.
    pub scope: u32,
    /// Its node.
    pub node: NodeIx,
    /// Its number.
    pub firing: u32,
    /// The node itself is the call (`graph.call`): outputs of the sub-graph are its emissions. Else a block asked for
    /// it and gets the outputs as an answer.
    pub direct: bool,
}

/// What a graph was given when it began.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Given {
    /// Run inputs, by name.
    pub inputs: Map,
    /// Values that replace what a pin has or receives: node, pin, value.
    pub overrides: Vec<(NodeIx, Text, Value)>,
}

/// How a firing ended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum How {
    /// Well.
    Ok,
    /// Its merged input did not fit, under a policy that drops it: the block was not called.
    Starved(Text),
    /// With an error.
    Failed(Arc<Failure>),
    /// It was stopped.
    Aborted,
}

/// An error as data: what is kept of it in events and outcomes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Failure {
    /// The stable code.
    #[serde(serialize_with = "code", deserialize_with = "known_code")]
    pub code: Code,
    /// What happened, one line.
    pub message: Text,
    /// The node that failed, as the graph calls it; with `/` between a call and what failed inside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<Text>,
    /// Which attempt, from 1; 0 where it was none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attempt: u32,
    /// Another attempt may do better, and does no harm.
    #[serde(skip)]
    pub transient: bool,
}

fn code<S: serde::Serializer>(code: &Code, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(code.as_str())
}

fn known_code<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Code, D::Error> {
    let name = Text::deserialize(deserializer)?;
    name.parse().map_err(|()| {
        serde::de::Error::custom(format_args!("\"{name}\" is no code that is known here"))
    })
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_zero(attempt: &u32) -> bool {
    *attempt == 0
}

impl Failure {
    /// Returns a failure without a place.
    #[must_use]
    pub fn new(code: Code, message: impl Into<Text>) -> Self {
        Self {
            code,
            message: message.into(),
            node: None,
            attempt: 0,
            transient: false,
        }
    }

    /// Sets the node.
    #[must_use]
    pub fn at(mut self, node: impl Into<Text>) -> Self {
        self.node = Some(node.into());
        self
    }

    /// Sets the attempt.
    #[must_use]
    pub fn attempt(mut self, attempt: u32) -> Self {
        self.attempt = attempt;
        self
    }

    /// Sets whether another attempt may do better.
    #[must_use]
    pub fn transient(mut self, transient: bool) -> Self {
        self.transient = transient;
        self
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: ", self.code)?;
        if let Some(node) = &self.node {
            write!(f, "node \"{node}\": ")?;
        }
        f.write_str(self.message.as_str())
    }
}

impl std::error::Error for Failure {}

crate::words::words! {
    /// Where a run stands.
    Status {
        /// Accepted, not begun.
        Queued = "queued",
        /// In motion.
        Running = "running",
        /// Nothing moves until something outside happens.
        Waiting = "waiting",
        /// Ended: nothing was left that could fire.
        Completed = "completed",
        /// Ended by a failure.
        Failed = "failed",
        /// Ended because someone asked it to.
        Cancelled = "cancelled",
    }
}

impl Status {
    /// Says whether a run with this status is over; such a status is written once.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}
