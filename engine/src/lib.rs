//! Graphloom runs graphs of typed blocks: written in JSON or in Rust, compiled once, run many times, inside any
//! program.
//!
//! The journey of a value: JSON bytes are parsed into a [`graph::Graph`] (as written), compiled with a [`Registry`]
//! into a [`Plan`] (proven, dense), started by an [`Engine`] as a run (in motion), which ends in a [`RunOutcome`].

mod cancel;
mod dense;
mod event;
mod id;
#[cfg(feature = "inventory")]
mod linked;
mod registry;
mod reuse;
mod run;
mod time;
mod words;

pub mod block;
pub mod builder;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
pub mod fault;
pub mod graph;
pub mod host;
pub mod journal;
pub mod json;
pub mod plan;
pub mod value;

pub use block::Category;
pub use block::{
    Alias, Block, BlockError, BlockInfo, CallInfo, Context, DynBlock, DynEmitter, Effect,
    EmitError, Emitter, Example, Gather, Inputs, Level, Resource, Retry, Role, Said, Tool,
    ToolArgument,
};
pub use builder::{CallError, GraphBuilder, GraphFn};
pub use cancel::CancelToken;
pub use dense::NodeIx;
pub use event::{Caller, Event, Failure, Given, How, Record, Status};
pub use fault::{Code, Fault, Faults};
pub use graph::Graph;
pub use host::{Capability, Grants};
pub use id::{BlockId, IdError, NodeId, PinName};
#[cfg(feature = "inventory")]
#[doc(hidden)]
pub use inventory;
#[cfg(feature = "inventory")]
pub use linked::LinkedBlock;
pub use plan::{Advice, AdviceKind, Plan};
pub use registry::{Entry, KnownBlock, KnownPin, Lookup, Registry, RegistryError};
pub use reuse::{Explanation, Explanations, MissReason, Reuse, RunResults, Verdict};
#[doc(hidden)]
pub use run::check_trail;
pub use run::{
    Accepted, Batch, BlockRun, Both, CancelReceipt, Cause, CauseKind, Change, CostDiff, Durability,
    Engine, EngineBuilder, EventStream, ExampleMismatch, FiringDiff, KeepError, LimitsHead,
    Machine, NodeChange, NodeDiff, NodePicture, Note, Observed, Observer, OutputDiff, Picture,
    PinPicture, Question, Replayed, RunDiff, RunHandle, RunHead, RunLimits, RunOptions, RunOutcome,
    ScopePicture, SerialOptions, Snapshot, Stalled, Submitted, Trace, Unused, Waits, Why, WhyError,
    Worker, WorkerOptions, Working, diff, fresh_id, observe, observe_notes, why,
};
pub use time::Timestamp;
pub use value::{Text, Value};

/// What a block author needs, and nothing else.
pub mod prelude {
    pub use crate::block::{Block, BlockError, BlockInfo, Context, Emitter};
}
